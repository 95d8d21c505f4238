#include "actors/stages/criteria.hpp"

#include "actors/stages/text.hpp"

#include <algorithm>
#include <set>
#include <sstream>

namespace troupe::stages {

namespace {

/// 1 inside [low, high], falling towards 0 with the relative distance outside.
verdict within(std::size_t count, std::int64_t low, std::int64_t high, std::string_view unit) {
  auto n = static_cast<double>(count);
  std::string have = std::to_string(count) + " " + std::string(unit);
  if (n < static_cast<double>(low))
    return {n / static_cast<double>(low), have + ", at least " + std::to_string(low) + " wanted"};
  if (n > static_cast<double>(high))
    return {static_cast<double>(high) / n, have + ", at most " + std::to_string(high) + " wanted"};
  return {};
}

verdict judge_length(const draft& d, const draft_limits& limits) {
  return within(count_words(d.text), limits.min_words, limits.max_words, "words");
}

verdict judge_sections(const draft& d, const draft_limits& limits) {
  return within(d.sections.size(), limits.min_sections, limits.max_sections, "sections");
}

verdict judge_duplicates(const draft& d, const draft_limits&) {
  if (d.sections.empty()) return {};
  std::set<std::string> distinct;
  std::string repeated;
  for (const auto& section : d.sections)
    if (!distinct.insert(folded(section)).second && repeated.empty()) repeated = section;
  if (repeated.empty()) return {};
  return {static_cast<double>(distinct.size()) / static_cast<double>(d.sections.size()),
          "`" + repeated + "` is there more than once"};
}

bool is_ascii(std::string_view word) {
  return std::ranges::all_of(word, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

/// What a brief is about: its words but the commonest; Chinese in overlapping pairs of characters.
std::vector<std::string> key_terms(std::string_view brief) {
  static const std::set<std::string_view> common = {
      "a",  "an", "the", "and", "or", "of", "to",    "in",    "on",   "for",  "with",
      "is", "be", "it",  "by",  "at", "as", "about", "write", "from", "that", "this",
      "我", "的", "了",  "和",  "是", "在", "关于",  "一篇",  "请",   "写"};
  std::set<std::string> terms;
  std::istringstream words(folded(brief));
  for (std::string word; words >> word;) {
    if (is_ascii(word)) {
      if (word.size() > 1 && !common.contains(word)) terms.insert(word);
      continue;
    }
    std::vector<std::string> characters;
    for (std::size_t i = 0; i < word.size();) {
      std::size_t n = 1;
      while (i + n < word.size() && (static_cast<unsigned char>(word[i + n]) & 0xC0) == 0x80) ++n;
      characters.push_back(word.substr(i, n));
      i += n;
    }
    if (characters.size() == 1 && !common.contains(word)) terms.insert(word);
    for (std::size_t i = 0; i + 1 < characters.size(); ++i)
      if (auto pair = characters[i] + characters[i + 1]; !common.contains(pair) &&
                                                         !common.contains(characters[i]) &&
                                                         !common.contains(characters[i + 1]))
        terms.insert(pair);
  }
  return {terms.begin(), terms.end()};
}

verdict judge_topic(const draft& d, const draft_limits&) {
  auto terms = key_terms(d.brief);
  if (terms.empty()) return {};
  auto text = folded(d.text);
  std::size_t covered = 0;
  std::string missing;
  for (const auto& term : terms) {
    if (text.find(term) != std::string::npos)
      ++covered;
    else
      missing += (missing.empty() ? "`" : ", `") + term + "`";
  }
  if (missing.empty()) return {};
  return {static_cast<double>(covered) / static_cast<double>(terms.size()),
          "nothing about " + missing};
}

verdict judge_banned(const draft& d, const draft_limits& limits) {
  auto text = " " + folded(d.text) + " ";
  std::string used;
  for (const auto& word : limits.banned) {
    auto term = folded(word);
    if (term.empty()) continue;
    if (is_ascii(term)) term = " " + term + " ";
    if (text.find(term) != std::string::npos) used += (used.empty() ? "`" : ", `") + word + "`";
  }
  if (used.empty()) return {};
  return {0, "must not say " + used};
}

}  // namespace

const std::vector<criterion>& all_criteria() {
  static const std::vector<criterion> all = {{"length", judge_length},
                                             {"sections", judge_sections},
                                             {"no_duplicates", judge_duplicates},
                                             {"covers_topic", judge_topic},
                                             {"banned_words", judge_banned}};
  return all;
}

}  // namespace troupe::stages
