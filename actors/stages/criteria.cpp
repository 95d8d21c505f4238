#include "actors/stages/criteria.hpp"

#include "actors/stages/key_terms.hpp"
#include "actors/stages/moderation_filter.hpp"
#include "actors/stages/overlap.hpp"
#include "actors/stages/text.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <iterator>

namespace troupe::stages {

namespace {

/// A fact is covered by a text that has this share of its words, and all its numbers.
constexpr double covered_share = 0.6;
/// More things than this are not listed in one reason.
constexpr std::size_t most_listed = 5;

std::string say(const draft& d, std::string_view english, std::string_view chinese) {
  return std::string(d.language == "zh" ? chinese : english);
}

std::string listed(const draft& d, const std::vector<std::string>& things) {
  std::string out;
  for (std::size_t i = 0; i < std::min(things.size(), most_listed); ++i)
    out += (i == 0 ? "" : say(d, ", ", "、")) + say(d, "`", "“") + things[i] + say(d, "`", "”");
  if (things.size() > most_listed) out += say(d, " and more", "等");
  return out;
}

double share(std::size_t part, std::size_t whole) {
  return whole == 0 ? 1 : static_cast<double>(part) / static_cast<double>(whole);
}

struct unit_words {
  std::string_view english, chinese;
};

/// 1 inside [low, high], falling towards 0 with the relative distance outside.
judgement within(const draft& d, std::size_t count, std::int64_t low, std::int64_t high,
                 const unit_words& unit) {
  const auto n = static_cast<double>(count);
  auto reason = [&](std::int64_t limit, std::string_view english, std::string_view chinese) {
    return say(d,
               "it has " + std::to_string(count) + " " + std::string(unit.english) + ", " +
                   std::string(english) + " " + std::to_string(limit) + " are wanted",
               "现有" + std::to_string(count) + std::string(unit.chinese) + "，" +
                   std::string(chinese) + "需要" + std::to_string(limit) +
                   std::string(unit.chinese));
  };
  if (n < static_cast<double>(low))
    return {n / static_cast<double>(low), reason(low, "at least", "至少")};
  if (n > static_cast<double>(high))
    return {static_cast<double>(high) / n, reason(high, "at most", "最多")};
  return {};
}

judgement judge_length(const draft& d, const draft_limits& limits) {
  return within(d, count_words(d.text), limits.min_words, limits.max_words, {"words", "字"});
}

judgement judge_sections(const draft& d, const draft_limits& limits) {
  return within(d, d.sections.size(), limits.min_sections, limits.max_sections,
                {"sections", "个部分"});
}

/// The number of `#` that make a line a heading; 0 for any other line.
std::size_t heading_level(std::string_view line) {
  line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
  const auto marks = std::min(line.find_first_not_of('#'), line.size());
  return marks < line.size() && line[marks] == ' ' ? marks : 0;
}

struct section_words {
  std::size_t level = 0;
  std::vector<std::size_t> all, own;  ///< n-grams, and those that the topic does not have

  /// That two sections name the topic is no repetition, nor is a title that is in a heading.
  bool repeats(const section_words& other, double limit) const {
    return level == other.level && overlap(all, other.all) > limit &&
           overlap(own, other.own) > limit;
  }
};

judgement judge_duplicates(const draft& d, const draft_limits& limits) {
  const auto topic = ngrams_of(d.topic);
  std::vector<section_words> distinct;
  std::vector<std::string> repeated;
  for (const auto& section : d.sections) {
    section_words words{heading_level(section), ngrams_of(section), {}};
    std::ranges::set_difference(words.all, topic, std::back_inserter(words.own));
    if (std::ranges::any_of(
            distinct, [&](const auto& other) { return words.repeats(other, limits.max_overlap); }))
      repeated.push_back(section);
    else
      distinct.push_back(std::move(words));
  }
  if (repeated.empty()) return {};
  return {share(distinct.size(), d.sections.size()),
          say(d, "it repeats itself: ", "有重复的内容：") + listed(d, repeated)};
}

judgement judge_topic(const draft& d, const draft_limits&) {
  const auto found = mentions(d.text).of(d.topic);
  if (found.missing.empty()) return {};
  return {found.found, say(d, "it says nothing about ", "没有提到") + listed(d, found.missing)};
}

judgement judge_brief(const draft& d, const draft_limits&) {
  const mentions text(d.text);
  std::vector<std::string> missing;
  for (const auto& fact : d.facts) {
    const auto found = text.of(fact);
    if (found.found < covered_share || !found.numbers) missing.push_back(fact);
  }
  if (missing.empty()) return {};
  return {1 - share(missing.size(), d.facts.size()),
          say(d, "it lacks what the brief says: ", "缺少要点：") + listed(d, missing)};
}

judgement judge_language(const draft& d, const draft_limits&) {
  auto wanted = language_of(d.topic);
  if (!wanted && !d.facts.empty()) wanted = language_of(d.facts.front());
  if (!wanted) return {};
  std::size_t all = 0;
  std::vector<std::string> foreign;
  for (const auto& section : d.sections) {
    const auto language = language_of(section);
    if (!language) continue;
    ++all;
    if (language != wanted) foreign.push_back(section);
  }
  if (foreign.empty()) return {};
  return {1 - share(foreign.size(), all),
          say(d, *wanted == "zh" ? "it should be in Chinese: " : "it should be in English: ",
              *wanted == "zh" ? "应当用中文：" : "应当用英文：") +
              listed(d, foreign)};
}

bool is_listed(std::string_view line) {
  const auto plain = plain_lines(line);
  const auto first = std::min(line.find_first_not_of(" \t"), line.size());
  const auto last = line.find_last_not_of(" \t\r");
  return plain.empty() || plain.front() != line.substr(first, last - first + 1);
}

judgement judge_format(const draft& d, const draft_limits& limits) {
  if (limits.format == draft_format::any) return {};
  if (limits.format == draft_format::json) {
    boost::json::error_code failed;
    boost::json::parse(d.text, failed);
    if (!failed) return {};
    return {0, say(d, "it is not JSON", "不是有效的JSON")};
  }
  const bool list = limits.format == draft_format::list;
  const auto right = std::ranges::count_if(
      d.sections, [&](const std::string& line) { return is_listed(line) == list; });
  if (static_cast<std::size_t>(right) == d.sections.size()) return {};
  return {share(static_cast<std::size_t>(right), d.sections.size()),
          list ? say(d, "every line should begin with a number or a bullet",
                     "每一行都应当以编号或项目符号开头")
               : say(d, "it should have no headings, numbers and bullets",
                     "不应当有标题、编号和项目符号")};
}

judgement judge_banned(const draft& d, const draft_limits& limits) {
  if (!limits.banned) return {};
  moderation_filter filter(limits.banned);
  std::string ignored;
  filter.push(d.text, ignored);
  filter.finish(ignored);
  std::vector<std::string> used;
  for (const auto& found : filter.found()) {
    const auto& word = limits.banned->words()[found.word].text;
    if (std::ranges::find(used, word) == used.end()) used.push_back(word);
  }
  if (used.empty()) return {};
  return {0, say(d, "it must not say ", "不得出现") + listed(d, used)};
}

/// What a line of a brief says, without its bullet.
std::vector<std::string> facts_of(const value& brief) {
  if (brief.is_none()) return {};
  if (brief.type() != slot_type::list) return plain_lines(clean_utf8(brief.to_text()));
  std::vector<std::string> facts;
  for (const value& item : brief.as_list())
    if (auto fact = clean_utf8(item.to_text()); !is_blank(fact)) facts.push_back(std::move(fact));
  return facts;
}

}  // namespace

const std::vector<criterion>& all_criteria() {
  static const std::vector<criterion> all = {{"length", false, judge_length},
                                             {"sections", false, judge_sections},
                                             {"no_duplicates", false, judge_duplicates},
                                             {"covers_topic", true, judge_topic},
                                             {"covers_brief", true, judge_brief},
                                             {"language", true, judge_language},
                                             {"format", false, judge_format},
                                             {"banned_words", false, judge_banned}};
  return all;
}

const criterion* find_criterion(std::string_view name) {
  const auto found = std::ranges::find(all_criteria(), name, &criterion::name);
  return found == all_criteria().end() ? nullptr : &*found;
}

draft read_draft(const value& written, std::string topic, const value& brief) {
  draft d;
  d.facts = facts_of(brief);
  d.topic = std::move(topic);
  if (is_blank(d.topic))
    for (const auto& fact : d.facts) d.topic += fact + "\n";
  if (written.type() == slot_type::list) {
    for (const value& item : written.as_list()) {
      d.sections.push_back(clean_utf8(item.to_text()));
      d.text += d.sections.back() + "\n";
    }
  } else {
    d.text = clean_utf8(written.to_text());
    std::string_view rest = d.text;
    while (!rest.empty()) {
      const auto end = std::min(rest.find('\n'), rest.size());
      if (!is_blank(rest.substr(0, end))) d.sections.emplace_back(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  d.language = language_of(d.text).value_or(language_of(d.topic).value_or("en"));
  return d;
}

}  // namespace troupe::stages
