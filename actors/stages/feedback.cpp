// `feedback`: sums up how a run ended, for those who learn from it later. The users' own ratings
// arrive apart, after the reply, and are recorded under the same run.
//
// Reads `reply?` (text), `label?` (text: the intent), `passages?` (list: what the reply rests on).
// Writes `outcome`, a table: `answered` (bool: there was a reply), `label` (text, if there was one)
// and `sources` (list: the ids of the passages).
//
//   [stage.feedback]
//   use = "feedback"
//   in  = { label = "intent" }

#include "actors/stages/builtin.hpp"
#include "actors/stages/text.hpp"

namespace troupe::stages {

namespace {

struct feedback {
  static constexpr std::string_view name = "feedback";
  static constexpr std::string_view summary = "sums up how the run ended";
  struct input {
    std::optional<std::string> reply, label;
    std::optional<value::list> passages;
  };
  struct output {
    value::table outcome;
  };

  static void describe(describer<feedback>& d) {
    d.in("reply", &input::reply, "what the user was told");
    d.in("label", &input::label, "the intent of the user's text");
    d.in("passages", &input::passages, "the passages that the reply rests on");
    d.out("outcome", &output::outcome, "answered (bool), label (text), sources (list of ids)");
  }

  result<output> run(const input& in, run_context&) {
    value::table outcome;
    outcome.emplace_back("answered", in.reply && !is_blank(*in.reply));
    if (in.label) outcome.emplace_back("label", *in.label);
    value::list sources;
    if (in.passages)
      for (const value& passage : *in.passages)
        if (const value* id = passage.find("id")) sources.push_back(*id);
    outcome.emplace_back("sources", std::move(sources));
    return output{std::move(outcome)};
  }
};

}  // namespace

void add_feedback(registry& r) { r.add<feedback>(); }

}  // namespace troupe::stages
