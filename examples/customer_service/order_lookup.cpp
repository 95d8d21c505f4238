// order_lookup: finds the order a customer speaks of in the shop's order file.
//
//   reads   entities (table; its `order_id` is looked up), language (text, "en" or "zh")
//   writes  order_found (bool), order_id (text), order (table; empty if not found)
//   with    file: a TOML file of [[order]] tables
//
//   [stage.order]
//   use  = "order_lookup"
//   with = { file = "data/orders.toml" }

#include <troupe/stage.hpp>

#include <toml++/toml.h>

#include <map>

struct order_lookup {
  static constexpr std::string_view name = "order_lookup";
  static constexpr std::string_view summary = "finds the customer's order in a file";
  struct params { std::string file; };
  struct input { troupe::value::table entities; std::string language; };
  struct output { bool found = false; std::string id; troupe::value::table order; };

  static void describe(troupe::describer<order_lookup>& d) {
    d.param("file", &params::file, "a TOML file of [[order]] tables").file().not_empty();
    d.in("entities", &input::entities, "what the conversation is about");
    d.in("language", &input::language, "picks item_en or item_zh as `item`");
    d.out("order_found", &output::found, "whether the order exists");
    d.out("order_id", &output::id, "the id that was looked for");
    d.out("order", &output::order, "its fields");
  }

  troupe::result<void> open(const troupe::stage_services& services) {
    try {
      const auto file = toml::parse_file(services.resolve(p.file).string());
      for (const auto& row : *file["order"].as_array())
        for (const auto& [key, field] : *row.as_table())
          orders[row.at_path("id").value_or(std::string())].emplace_back(
              std::string(key.str()), field.is_number() ? troupe::value(*field.value<double>())
                                                        : troupe::value(*field.value<std::string>()));
    } catch (const std::exception& e) {
      return troupe::error{troupe::errc::not_found, "`" + p.file + "`: " + e.what()};
    }
    return {};
  }

  troupe::result<output> run(const input& in, troupe::run_context&) {
    output out;
    const troupe::value entities(in.entities);
    if (const auto* id = entities.find("order_id")) out.id = id->to_text();
    const auto row = orders.find(out.id);
    if (row == orders.end()) return out;
    out.found = true;
    out.order = row->second;
    for (const char* field : {"item", "city"})
      if (const auto* v = troupe::value(row->second).find(field + ("_" + in.language)))
        out.order.emplace_back(field, *v);
    return out;
  }

  params p;
  std::map<std::string, troupe::value::table> orders;
};

TROUPE_PLUGIN(registry) { registry.add<order_lookup>(); }
