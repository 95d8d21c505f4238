// `grounding`: a text goes on only if its facts stand in the sources; otherwise a quotation does.
//
// Reads `text`, `quote` (the text that takes its place, usually the passage) and the slots that
// `sources` names. Writes `text` (the text itself, or the quotation), `grounded` (bool) and
// `unfounded` (list of texts: the facts that are in no source).
// Parameters: `sources`, the slots that facts may come from, besides `quote`; of a table or list,
//   all that is in it counts.
// Which facts there are and when two are the same is in fact_check.hpp. An empty text is not
// grounded. Nothing streamed can be taken back: `troupe check` refuses a text that is streamed
// before it comes here.
//
//   [stage.ground]
//   use  = "grounding"
//   with = { sources = ["question"] }
//   in   = { text = "answer", quote = "passage" }
//   out  = { text = "reply" }
//
//   [[stage.ground.next]]
//   when = "grounded"
//   to   = "feedback"
//
//   [[stage.ground.next]]          # one more attempt; after that the quotation stands
//   to        = "answer"
//   max       = 1
//   exhausted = "feedback"

#include "actors/stages/builtin.hpp"
#include "actors/stages/fact_check.hpp"
#include "actors/stages/text.hpp"

namespace troupe::stages {

namespace {

struct grounding {
  static constexpr std::string_view name = "grounding";
  static constexpr std::string_view summary = "lets only facts pass that stand in the sources";
  static constexpr bool moderates = true;
  struct params {
    std::vector<std::string> sources;
  };
  struct input {
    std::string text, quote;
    value::table slots;
  };
  struct output {
    std::string text;
    bool grounded = false;
    std::vector<std::string> unfounded;
  };

  static void describe(describer<grounding>& d) {
    d.param("sources", &params::sources, "slots that facts may come from, besides `quote`");
    d.in("text", &input::text, "what may hold invented facts");
    d.in("quote", &input::quote, "a source, and what takes the text's place");
    d.more_in(&input::slots);
    d.out("text", &output::text, "the text if all of its facts are in the sources, else `quote`");
    d.out("grounded", &output::grounded, "whether the text passed");
    d.out("unfounded", &output::unfounded, "its facts that are in no source");
  }

  static result<port_set> more_ports(const params& p) {
    port_set ports;
    for (const auto& source : p.sources)
      ports.in.push_back({source, slot_type::any, false, "facts may come from it"});
    return ports;
  }

  result<output> run(const input& in, run_context&) {
    std::vector<std::string> sources{in.quote};
    const value slots(in.slots);
    for (const auto& source : p.sources)
      if (const value* found = slots.find(source)) sources.push_back(found->to_text());
    output out;
    out.unfounded = unfounded_facts(clean_utf8(in.text), sources);
    out.grounded = out.unfounded.empty() && !is_blank(in.text);
    out.text = out.grounded ? in.text : in.quote;
    return out;
  }

  params p;
};

}  // namespace

void add_grounding(registry& r) { r.add<grounding>(); }

}  // namespace troupe::stages
