// `satisfaction`: how well a draft meets measurable criteria.
//
// Reads `draft` (text, or a list such as an outline) and `brief?` (text: what it should be about;
// `covers_topic` needs it). A text's sections are its non-empty lines.
// Writes `score` (float in [0, 1]: the mean over the criteria) and `reasons` (list of texts: one
// for each criterion that is not fully met). Parameters: `criteria`, some of length (`min_words`,
// `max_words`; a Chinese character is a word),
//   sections (`min_sections`, `max_sections`), no_duplicates, covers_topic, banned_words (`banned`;
//   one of them makes the whole score 0).
//
//   [stage.check]
//   use  = "satisfaction"
//   with = { criteria = ["covers_topic", "no_duplicates", "sections"], min_sections = 3 }
//   in   = { draft = "outline", brief = "topic" }
//   out  = { score = "outline_score" }

#include "actors/stages/builtin.hpp"
#include "actors/stages/criteria.hpp"
#include "actors/stages/text.hpp"

#include <algorithm>
#include <sstream>

namespace troupe::stages {

namespace {

std::vector<std::string> criterion_names() {
  std::vector<std::string> names;
  for (const auto& c : all_criteria()) names.emplace_back(c.name);
  return names;
}

struct satisfaction {
  static constexpr std::string_view name = "satisfaction";
  static constexpr std::string_view summary = "scores a draft against criteria";
  struct params {
    std::vector<std::string> criteria;
    std::int64_t min_words = 1, max_words = 100'000;
    std::int64_t min_sections = 1, max_sections = 1000;
    std::vector<std::string> banned;
  };
  struct input {
    value draft;
    std::optional<std::string> brief;
  };
  struct output {
    double score = 0;
    value::list reasons;
  };

  static void describe(describer<satisfaction>& d) {
    d.param("criteria", &params::criteria, "what is measured")
        .not_empty()
        .one_of(criterion_names());
    d.param("min_words", &params::min_words, "for `length`").min(0);
    d.param("max_words", &params::max_words, "for `length`").min(1);
    d.param("min_sections", &params::min_sections, "for `sections`").min(0);
    d.param("max_sections", &params::max_sections, "for `sections`").min(1);
    d.param("banned", &params::banned, "for `banned_words`: words that must not occur");
    d.in("draft", &input::draft, "a text, or a list of sections");
    d.in("brief", &input::brief, "what the draft should be about");
    d.out("score", &output::score, "from 0 to 1, fully met");
    d.out("reasons", &output::reasons, "what keeps the score below 1");
  }

  result<output> run(const input& in, run_context&) {
    bool needs_brief = std::ranges::find(p.criteria, "covers_topic") != p.criteria.end();
    if (needs_brief && !in.brief)
      return error{
          errc::failed,
          "`brief` is missing; the criterion `covers_topic` of stage `satisfaction` needs it"};
    draft judged{{}, {}, in.brief.value_or("")};
    read(in.draft, judged);
    const draft_limits limits{p.min_words, p.max_words, p.min_sections, p.max_sections, p.banned};
    output out;
    bool forbidden = false;
    for (const auto& wanted : p.criteria) {
      auto c = std::ranges::find(all_criteria(), wanted, &criterion::name);
      if (c == all_criteria().end())
        return error{errc::invalid_request, "there is no criterion `" + wanted + "`"};
      auto found = c->judge(judged, limits);
      out.score += found.score / static_cast<double>(p.criteria.size());
      if (!found.reason.empty()) out.reasons.push_back(wanted + ": " + found.reason);
      forbidden = forbidden || (wanted == "banned_words" && found.score < 1);
    }
    out.score = forbidden ? 0 : std::clamp(out.score, 0.0, 1.0);
    return out;
  }

  params p;

 private:
  static void read(const value& from, draft& to) {
    if (from.type() == slot_type::list) {
      for (const value& item : from.as_list()) {
        to.sections.push_back(clean_utf8(item.to_text()));
        to.text += to.sections.back() + "\n";
      }
      return;
    }
    to.text = clean_utf8(from.to_text());
    std::istringstream lines(to.text);
    for (std::string line; std::getline(lines, line);)
      if (!is_blank(line)) to.sections.push_back(line);
  }
};

}  // namespace

void add_satisfaction(registry& r) { r.add<satisfaction>(); }

}  // namespace troupe::stages
