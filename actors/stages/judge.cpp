#include "actors/stages/judge.hpp"

#include "actors/stages/text.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <charconv>

namespace troupe::stages {

namespace {

namespace json = boost::json;

constexpr std::string_view system_en =
    "You judge drafts. Answer with a first line `Score: N`, N from 0 (useless) to 100 (nothing to "
    "improve). Then give the reasons for every point taken off, one a line, each beginning with "
    "`- `. Judge only by the topic and the facts given.";
constexpr std::string_view system_zh =
    "你负责评审草稿。第一行写“评分：N”，N从0（毫无用处）到100（无需改进）。"
    "然后逐行写出扣分的理由，每行以“- ”开头。只根据给出的主题和要点评判。";

/// A number at `text[at]`, as a share of `out_of`; `at` moves behind it.
std::optional<double> number_at(std::string_view text, std::size_t& at) {
  double n = 0;
  const auto [end, failed] =
      std::from_chars(text.data() + at, text.data() + text.size(), n, std::chars_format::fixed);
  if (failed != std::errc()) return std::nullopt;
  at = static_cast<std::size_t>(end - text.data());
  return n;
}

std::string_view skip_spaces(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  return text;
}

/// A score as people write it; out of 1, 10 or 100 as the number and what follows tell.
std::optional<double> score_in(std::string_view line) {
  for (std::size_t at = 0; at < line.size(); ++at) {
    if (line[at] < '0' || line[at] > '9') continue;
    const bool negative = at > 0 && line[at - 1] == '-';
    auto n = number_at(line, at);
    if (!n || negative) return std::nullopt;
    const auto rest = skip_spaces(line.substr(at));
    double out_of = *n <= 1 && line.substr(0, at).find('.') != line.npos ? 1 : 100;
    for (std::string_view of : {"/", "out of", "／"}) {
      if (!rest.starts_with(of)) continue;
      const auto tail = skip_spaces(rest.substr(of.size()));
      std::size_t behind = 0;
      if (auto whole = number_at(tail, behind); whole && *whole > 0) out_of = *whole;
    }
    if (*n > out_of) return std::nullopt;
    return *n / out_of;
  }
  return std::nullopt;
}

bool names_score(std::string_view folded_line) {
  for (std::string_view name : {"score", "rating", "评分", "得分", "分数", "打分", "总分"})
    if (folded_line.find(name) != folded_line.npos) return true;
  return false;
}

std::optional<opinion> from_json(std::string_view answer) {
  const auto begin = answer.find('{'), end = answer.rfind('}');
  if (begin == answer.npos || end == answer.npos || end < begin) return std::nullopt;
  json::error_code failed;
  const auto parsed = json::parse(answer.substr(begin, end - begin + 1), failed);
  const auto* object = failed ? nullptr : parsed.if_object();
  const auto* score = object ? object->if_contains("score") : nullptr;
  if (!score) return std::nullopt;
  opinion out;
  std::optional<double> share;
  if (const auto* text = score->if_string()) share = score_in(std::string_view(*text));
  if (const auto* n = score->if_double()) share = *n <= 1 ? *n : *n / 100;
  if (score->is_int64() || score->is_uint64()) share = score->to_number<double>() / 100;
  if (!share || *share < 0 || *share > 1) return std::nullopt;
  out.score = *share;
  if (const auto* reasons = object->if_contains("reasons")) {
    if (const auto* all = reasons->if_array())
      for (const auto& reason : *all)
        if (const auto* text = reason.if_string()) out.reasons.emplace_back(*text);
    if (const auto* text = reasons->if_string()) out.reasons = plain_lines(*text);
  }
  return out;
}

/// Behind the thoughts that reasoning models put first.
std::string_view without_thoughts(std::string_view answer) {
  constexpr std::string_view end = "</think>";
  const auto at = answer.rfind(end);
  return at == answer.npos ? answer : answer.substr(at + end.size());
}

}  // namespace

std::vector<chat_message> judge_messages(std::string_view draft, std::string_view topic,
                                         const std::vector<std::string>& facts,
                                         std::string_view language) {
  const bool zh = language == "zh";
  std::string question = std::string(zh ? "主题：" : "Topic: ") + std::string(topic) + "\n";
  question += zh ? "要点：\n" : "Facts:\n";
  for (const auto& fact : facts) question += "- " + fact + "\n";
  question += std::string(zh ? "草稿：\n" : "Draft:\n") + std::string(draft);
  using role = chat_message::role_type;
  return {{role::system, std::string(zh ? system_zh : system_en)}, {role::user, question}};
}

std::optional<opinion> read_opinion(std::string_view answer) {
  answer = without_thoughts(answer);
  if (auto found = from_json(answer)) return found;
  const auto lines = plain_lines(answer);
  auto at = std::ranges::find_if(lines, [](const std::string& line) {
    return names_score(folded(line)) && score_in(line).has_value();
  });
  if (at == lines.end())
    at = std::ranges::find_if(lines,
                              [](const std::string& line) { return score_in(line).has_value(); });
  if (at == lines.end()) return std::nullopt;
  opinion out{*score_in(*at), {}};
  for (auto line = at + 1; line != lines.end(); ++line) out.reasons.push_back(*line);
  return out;
}

}  // namespace troupe::stages
