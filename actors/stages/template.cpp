// `template`: a text with slots put in.
//
// Reads the slots named in the template; `{name?}` reads one that may be missing.
// Writes `text`.
// Parameters: `template`, see prompt.hpp for what may stand in it.
//
//   [stage.answer]
//   use  = "template"
//   with = { template = "Order {order.id} arrives on {order.eta}." }
//   out  = { text = "reply" }

#include "actors/stages/builtin.hpp"
#include "actors/stages/prompt.hpp"

namespace troupe::stages {

namespace {

struct fill_template {
  static constexpr std::string_view name = "template";
  static constexpr std::string_view summary = "writes a text with slots put in";
  struct params {
    std::string pattern;
  };
  struct input {
    value::table slots;
  };
  struct output {
    std::string text;
  };

  static void describe(describer<fill_template>& d) {
    d.param("template", &params::pattern, "the text; `{slot}` stands for a slot, `{{` for a brace")
        .required()
        .prompt();
    d.more_in(&input::slots);
    d.out("text", &output::text, "the text with all slots put in");
  }

  static result<port_set> more_ports(const params& p) {
    auto parsed = prompt::parse(p.pattern);
    if (!parsed) return std::move(parsed).error();
    return port_set{parsed->ports(), {}};
  }

  result<void> open(const stage_services&) {
    auto parsed = prompt::parse(p.pattern);
    if (!parsed) return std::move(parsed).error();
    prompt_ = std::move(*parsed);
    return {};
  }

  result<output> run(const input& in, run_context&) {
    auto text = prompt_.render(in.slots);
    if (!text) return std::move(text).error();
    return output{std::move(*text)};
  }

  params p;
  prompt prompt_;
};

}  // namespace

void add_template(registry& r) { r.add<fill_template>(); }

}  // namespace troupe::stages
