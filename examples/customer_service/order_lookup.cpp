// order_lookup: finds the order a customer speaks of in the shop's order file.
//
//   reads   entities (table; its `order_id` is looked up)
//   writes  order_found (bool), order_id (text), order (table; empty if not found)
//   with    file: a JSON file of orders by id
//
//   [stage.order]
//   use  = "order_lookup"
//   with = { file = "data/orders.json" }

#include <troupe/stage.hpp>

struct order_lookup {
  static constexpr std::string_view name = "order_lookup";
  static constexpr std::string_view summary = "finds the customer's order in a file";
  struct params { std::string file; };
  struct input { troupe::value::table entities; };
  struct output { bool found = false; std::string id; troupe::value::table order; };

  static void describe(troupe::describer<order_lookup>& d) {
    d.param("file", &params::file, "a JSON file of orders by id").file().not_empty();
    d.in("entities", &input::entities, "what the conversation is about");
    d.out("order_found", &output::found, "whether the order exists");
    d.out("order_id", &output::id, "the id that was looked for");
    d.out("order", &output::order, "its fields");
  }

  troupe::result<void> open(const troupe::stage_services& services) {
    auto read = troupe::read_json_file(services.resolve(p.file));
    if (!read) return std::move(read).error();
    orders = std::move(*read);
    return {};
  }

  troupe::result<output> run(const input& in, troupe::run_context&) {
    const troupe::value entities(in.entities);
    const auto* id = entities.find("order_id");
    if (!id) return output{};
    const auto* order = orders.find(id->to_text());
    return output{order != nullptr, id->to_text(), order ? order->as_table() : troupe::value::table{}};
  }

  params p;
  troupe::value orders;
};

TROUPE_PLUGIN(registry) { registry.add<order_lookup>(); }
