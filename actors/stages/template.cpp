// `template`: a text with slots put in.
//
// Reads the slots named in the templates and in `by`; `{name?}` reads one that may be missing.
// Writes `text`.
// Parameters: `template`, see prompt.hpp for what may stand in it; `variants`, a table of
// templates of which the values of the slots in `by`, joined with dots, choose one. Where no
// variant fits, `template` is taken.
//
//   [stage.answer]
//   use  = "template"
//   out  = { text = "reply" }
//   [stage.answer.with]
//   by       = ["language", "order.status"]
//   variants = { "en.shipped" = "It arrives on {order.eta}.", "zh.shipped" = "{order.eta}送达。" }
//   template = "Order {order.id}: {order.status}."

#include "actors/stages/builtin.hpp"
#include "actors/stages/prompt.hpp"

namespace troupe::stages {

namespace {

struct fill_template {
  static constexpr std::string_view name = "template";
  static constexpr std::string_view summary = "writes a text with slots put in";
  struct params {
    std::string pattern;
    std::vector<std::string> by;
    value::table variants;
  };
  struct input {
    value::table slots;
  };
  struct output {
    std::string text;
  };

  static void describe(describer<fill_template>& d) {
    d.param("template", &params::pattern, "the text; `{slot}` stands for a slot, `{{` for a brace")
        .prompt();
    d.param("by", &params::by, "slots whose values choose a variant");
    d.param("variants", &params::variants, "templates by those values, joined with dots");
    d.more_in(&input::slots);
    d.out("text", &output::text, "the text with all slots put in");
  }

  struct parsed_templates {
    std::optional<prompt> otherwise;
    prompt key;
    std::vector<std::pair<std::string, prompt>> variants;
  };

  static result<parsed_templates> parse(const params& p) {
    parsed_templates out;
    if (p.pattern.empty() && p.variants.empty())
      return error{errc::invalid_request, "`template` or `variants` must say what to write"};
    if (p.variants.empty() != p.by.empty())
      return error{errc::invalid_request, "`by` and `variants` go together"};
    if (!p.pattern.empty()) {
      auto one = prompt::parse(p.pattern);
      if (!one) return std::move(one).error();
      out.otherwise = std::move(*one);
    }
    std::string key;
    for (const std::string& slot : p.by) key += (key.empty() ? "{" : ".{") + slot + "}";
    auto parsed_key = prompt::parse(key);
    if (!parsed_key) return std::move(parsed_key).error();
    out.key = std::move(*parsed_key);
    for (const auto& [name_of_variant, text] : p.variants) {
      if (text.type() != slot_type::text)
        return error{errc::invalid_request, "variant `" + name_of_variant + "` must be text"};
      auto one = prompt::parse(text.as_text());
      if (!one)
        return error{errc::invalid_request,
                     "variant `" + name_of_variant + "`: " + one.error().message};
      out.variants.emplace_back(name_of_variant, std::move(*one));
    }
    return out;
  }

  static result<port_set> more_ports(const params& p) {
    auto parsed = parse(p);
    if (!parsed) return std::move(parsed).error();
    port_set all;
    merge_ports(all.in, parsed->key.ports());
    if (parsed->otherwise) merge_ports(all.in, parsed->otherwise->ports());
    for (const auto& [key, variant] : parsed->variants) merge_ports(all.in, variant.ports());
    return all;
  }

  result<void> open(const stage_services&) {
    auto parsed = parse(p);
    if (!parsed) return std::move(parsed).error();
    templates = std::move(*parsed);
    return {};
  }

  result<output> run(const input& in, run_context&) {
    const prompt* chosen = templates.otherwise ? &*templates.otherwise : nullptr;
    if (!templates.variants.empty()) {
      auto key = templates.key.render(in.slots);
      if (!key) return std::move(key).error();
      for (const auto& [known, variant] : templates.variants)
        if (known == *key) chosen = &variant;
      if (!chosen)
        return error{errc::failed,
                     "no variant is named `" + *key + "`, and there is no `template`"};
    }
    auto text = chosen->render(in.slots);
    if (!text) return std::move(text).error();
    return output{std::move(*text)};
  }

  params p;
  parsed_templates templates;
};

}  // namespace

void add_template(registry& r) { r.add<fill_template>(); }

}  // namespace troupe::stages
