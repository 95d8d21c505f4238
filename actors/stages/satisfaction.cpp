// `satisfaction`: how well a draft meets criteria that can be measured, and if wanted how well a
// language model thinks of it.
//
// Reads `draft` (text, or a list such as an outline), `topic?` (text) and `brief` (text or list of
// facts; optional unless a criterion needs it; without a topic it is the topic too). A text's
// sections are its non-empty lines.
// Writes `score` (float in [0, 1]: the weighted mean, but no more than `no_duplicates` has: one
// section in eight that is there twice makes it 0.875 at most), `reasons` (list of texts in the
// draft's language: what keeps the score below 1) and `scores` (table: criterion, its score).
// Parameters: `criteria`, some of
//   length (`min_words`, `max_words`; a Chinese character is a word), sections (`min_sections`,
//   `max_sections`), no_duplicates (`max_overlap` of two sections, without the words of the topic;
//   headings are compared with those of their level only), covers_topic, covers_brief (all facts),
//   language (that of the topic), format (`format`: list, prose, json), banned_words (`banned`;
//   written in any way, see word_patterns.hpp; one of them makes the whole score 0);
// `weights`, a table of criteria, 1 where nothing is said, 0 for no say at all; `judge`, a
//   [model.NAME] that gives a score of its own, with `weights.judge` and `max_tokens`. An answer
//   without a score has no say.
//
//   [stage.check]
//   use  = "satisfaction"
//   with = { criteria = ["covers_topic", "no_duplicates", "sections"], min_sections = 3 }
//   in   = { draft = "outline", brief = "topic" }
//   out  = { score = "outline_score" }

#include "actors/stages/builtin.hpp"
#include "actors/stages/criteria.hpp"
#include "actors/stages/judge.hpp"
#include "actors/stages/text.hpp"
#include "model/resilient_engine.hpp"

#include <algorithm>

namespace troupe::stages {

namespace {

std::vector<std::string> criterion_names() {
  std::vector<std::string> names;
  for (const auto& c : all_criteria()) names.emplace_back(c.name);
  return names;
}

constexpr std::pair<std::string_view, draft_format> formats[] = {{"any", draft_format::any},
                                                                 {"list", draft_format::list},
                                                                 {"prose", draft_format::prose},
                                                                 {"json", draft_format::json}};

struct satisfaction {
  static constexpr std::string_view name = "satisfaction";
  static constexpr std::string_view summary = "scores a draft against criteria";
  static constexpr placement where = placement::own_thread;
  struct params {
    std::vector<std::string> criteria;
    value::table weights;
    std::int64_t min_words = 1, max_words = 100'000;
    std::int64_t min_sections = 1, max_sections = 1000;
    double max_overlap = 0.8;
    std::string format = "any";
    std::vector<std::string> banned;
    std::string judge;
    std::int64_t max_tokens = 256;
  };
  struct input {
    value draft;
    std::optional<std::string> topic;
    value::table wanted;
  };
  struct output {
    double score = 0;
    value::list reasons;
    value::table scores;
  };

  static void describe(describer<satisfaction>& d) {
    d.param("criteria", &params::criteria,
            "what is measured; covers_topic, covers_brief and language need `brief`")
        .not_empty()
        .one_of(criterion_names());
    d.param("weights", &params::weights, "how much a criterion counts, or `judge`; 1 if not said");
    d.param("min_words", &params::min_words, "for `length`").min(0);
    d.param("max_words", &params::max_words, "for `length`").min(1);
    d.param("min_sections", &params::min_sections, "for `sections`").min(0);
    d.param("max_sections", &params::max_sections, "for `sections`").min(1);
    d.param("max_overlap", &params::max_overlap, "for `no_duplicates`: what two sections may share")
        .min(0)
        .max(1);
    d.param("format", &params::format, "for `format`").one_of({"any", "list", "prose", "json"});
    d.param("banned", &params::banned, "for `banned_words`: words that must not occur");
    d.param("judge", &params::judge, "a [model.NAME] that judges too; none if left out").engine();
    d.param("max_tokens", &params::max_tokens, "most tokens of the judge's answer").min(8);
    d.in("draft", &input::draft, "a text, or a list of sections");
    d.in("topic", &input::topic, "what the draft should be about");
    d.more_in(&input::wanted);
    d.out("score", &output::score, "from 0 to 1, fully met");
    d.out("reasons", &output::reasons, "what keeps the score below 1");
    d.out("scores", &output::scores, "the score of each criterion");
  }

  static result<port_set> more_ports(const params& p) {
    bool needed = false;
    for (const auto& wanted : p.criteria) {
      const auto* c = find_criterion(wanted);
      needed = needed || (c && c->needs_brief);
    }
    for (const auto& [name_of_weight, weight] : p.weights) {
      if (name_of_weight != "judge" &&
          std::ranges::find(p.criteria, name_of_weight) == p.criteria.end())
        return error{errc::invalid_request,
                     "`weights` has `" + name_of_weight + "`, which is not among the criteria"};
      if (!weight.is_number() || weight.as_number() < 0)
        return error{errc::invalid_request,
                     "the weight of `" + name_of_weight + "` must be a number from 0"};
    }
    return port_set{{{"brief", slot_type::any, !needed, "what the draft should say"}}, {}};
  }

  static call_cost cost(const params& p) {
    if (p.judge.empty()) return {};
    return {.model_calls = 1, .model = p.judge, .output_tokens = p.max_tokens};
  }

  result<void> open(const stage_services& services) {
    limits_ = {p.min_words, p.max_words, p.min_sections, p.max_sections, p.max_overlap, {}, {}};
    for (const auto& [word, format] : formats)
      if (word == p.format) limits_.format = format;
    if (!p.banned.empty()) {
      std::vector<listed_word> words;
      for (const auto& word : p.banned) words.push_back({word, ""});
      limits_.banned = std::make_shared<const word_patterns>(std::move(words));
    }
    if (p.judge.empty()) return {};
    auto found = services.find_engine(p.judge);
    if (!found) return std::move(found).error();
    judge_ = std::move(*found);
    return {};
  }

  result<output> run(const input& in, run_context& ctx) {
    const auto written = read_draft(in.draft, in.topic.value_or(""), brief_of(in));
    output out;
    double sum = 0, all = 0, most = 1;
    bool forbidden = false;
    auto add = [&](const std::string& what, double score) {
      const auto* given = weight_of(what);
      const double weight = given ? given->as_number() : 1;
      sum += weight * score;
      all += weight;
      if (what == "no_duplicates" && weight > 0) most = score;
      out.scores.emplace_back(what, score);
    };
    for (const auto& wanted : p.criteria) {
      const auto* c = find_criterion(wanted);
      if (!c) return error{errc::invalid_request, "there is no criterion `" + wanted + "`"};
      auto found = c->judge(written, limits_);
      add(wanted, found.score);
      if (!found.reason.empty()) out.reasons.emplace_back(std::move(found.reason));
      forbidden = forbidden || (wanted == "banned_words" && found.score < 1);
    }
    if (judge_) {
      auto said = ask_judge(written, ctx);
      if (!said) return std::move(said).error();
      if (*said) {
        add("judge", (*said)->score);
        for (auto& reason : (*said)->reasons) out.reasons.emplace_back(std::move(reason));
      }
    }
    out.score = forbidden ? 0 : all > 0 ? std::clamp(sum / all, 0.0, most) : 1;
    return out;
  }

  params p;
  draft_limits limits_;
  std::shared_ptr<engine> judge_;  ///< null without `judge`

 private:
  static value brief_of(const input& in) {
    for (const auto& [name_of_port, v] : in.wanted)
      if (name_of_port == "brief") return v;
    return {};
  }

  const value* weight_of(const std::string& what) const {
    const auto found = std::ranges::find(p.weights, what, &value::entry::first);
    return found == p.weights.end() ? nullptr : &found->second;
  }

  /// Nothing if the answer has no score in it.
  result<std::optional<opinion>> ask_judge(const draft& written, run_context& ctx) {
    const auto left = ctx.info().tokens_left;
    if (left == 0)
      return error{errc::budget, "stage `" + ctx.info().stage.str() +
                                     "` has no tokens left for its judge; raise `budget` of the "
                                     "graph"};
    generation_request request;
    request.messages = judge_messages(written.text, written.topic, written.facts, written.language);
    request.max_tokens = left < 0 ? p.max_tokens : std::min(p.max_tokens, left);
    request.seed = ctx.seed();
    request.cancel = ctx.stop();
    request.deadline = ctx.deadline();
    if (left >= 0) request.total_tokens = left;
    // Nobody sees the answer, so it can always begin anew.
    auto answered = ask(*judge_, {.request = request,
                                  .on_text = [](std::string_view) {},
                                  .rewind = [] {},
                                  .wasted = [&](usage u) { ctx.count(u); },
                                  .again = ctx.info().attempt > 1});
    if (!answered) {
      ctx.count({.model_calls = 1});
      return std::move(answered).error();
    }
    const generation* answer = &answered->made;
    ctx.count({.model_calls = 1, .tokens = answer->prompt_tokens + answer->output_tokens});
    if (answer->reason == finish_reason::cancelled)
      return error{errc::cancelled, "stage `" + ctx.info().stage.str() + "` was cancelled"};
    if (answer->reason == finish_reason::deadline)
      return error{errc::timeout,
                   "the judge of stage `" + ctx.info().stage.str() + "` ran out of time"};
    auto found = read_opinion(answer->text);
    if (!found) ctx.log("the judge gave no score and has no say: " + answer->text.substr(0, 80));
    return found;
  }
};

}  // namespace

void add_satisfaction(registry& r) { r.add<satisfaction>(); }

}  // namespace troupe::stages
