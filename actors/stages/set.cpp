// `set`: puts fixed values into slots.
//
// Reads nothing. Writes the slots named in `values`.
// Parameters: `values`, a table of slots and what they become.
//
//   [stage.handoff]
//   use  = "set"
//   with = { values = { reply = "A colleague will answer you soon.", handoff = true } }

#include "actors/stages/builtin.hpp"

namespace troupe::stages {

namespace {

struct set {
  static constexpr std::string_view name = "set";
  static constexpr std::string_view summary = "puts fixed values into slots";
  struct params {
    value::table values;
  };
  struct input {};
  struct output {
    value::table values;
  };

  static void describe(describer<set>& d) {
    d.param("values", &params::values, "the slots to write and their values").not_empty();
    d.more_out(&output::values);
  }

  static result<port_set> more_ports(const params& p) {
    port_set ports;
    for (const auto& [slot, v] : p.values)
      ports.out.push_back({slot, v.type(), false, "set to " + v.to_text()});
    return ports;
  }

  result<output> run(const input&, run_context&) { return output{p.values}; }

  params p;
};

}  // namespace

void add_set(registry& r) { r.add<set>(); }

}  // namespace troupe::stages
