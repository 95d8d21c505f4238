#include "actors/stages/fact_check.hpp"

#include "actors/stages/text.hpp"
#include "model/facts.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <set>

namespace troupe::stages {

namespace {

struct spelled {
  std::string_view word;
  int value;
};

constexpr spelled english_numbers[] = {
    {"two", 2},      {"three", 3},    {"four", 4},      {"five", 5},      {"six", 6},
    {"seven", 7},    {"eight", 8},    {"nine", 9},      {"ten", 10},      {"eleven", 11},
    {"twelve", 12},  {"fifteen", 15}, {"twenty", 20},   {"thirty", 30},   {"forty", 40},
    {"fifty", 50},   {"sixty", 60},   {"ninety", 90},   {"hundred", 100}, {"january", 1},
    {"february", 2}, {"march", 3},    {"april", 4},     {"may", 5},       {"june", 6},
    {"july", 7},     {"august", 8},   {"september", 9}, {"october", 10},  {"november", 11},
    {"december", 12}};

constexpr std::array<std::string_view, 11> chinese_digits = {"零", "一", "二", "三", "四", "五",
                                                             "六", "七", "八", "九", "十"};

/// What a Chinese number counts; without it `一` and its like are part of ordinary words.
constexpr std::string_view counters[] = {"天", "日", "周", "月", "个月", "年", "小时", "分钟",
                                         "元", "块", "点", "折", "岁",   "次", "公里", "米",
                                         "成", "倍", "件", "名", "位",   "万", "百",   "千"};

/// `text` in one width and case, without spaces and commas between digits.
std::string plain(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (text.substr(i).starts_with("\xEF\xBC") && i + 2 < text.size()) {
      const auto low = static_cast<unsigned char>(text[i + 2]);
      if (low >= 0x81 && low <= 0xBF) {  // U+FF01 to U+FF3F are ASCII from `!` on
        c = static_cast<char>(low - 0x81 + '!');
        i += 2;
      }
    }
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    if (c == ' ' || c == '\n' || c == '\t') continue;
    out += c;
  }
  return out;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// `1,250.00` → 1250; a comma counts as a separator of thousands when three digits follow.
void read_numbers(std::string_view text, std::set<std::string>& out) {
  for (std::size_t i = 0; i < text.size();) {
    if (!is_digit(text[i])) {
      ++i;
      continue;
    }
    std::string number;
    bool point = false;
    for (; i < text.size(); ++i) {
      if (is_digit(text[i])) {
        number += text[i];
      } else if (i + 1 < text.size() && is_digit(text[i + 1]) && text[i] == '.' && !point) {
        number += '.';
        point = true;
      } else if (!(text[i] == ',' && i + 3 < text.size() && is_digit(text[i + 1]) &&
                   is_digit(text[i + 2]) && is_digit(text[i + 3]) &&
                   (i + 4 == text.size() || !is_digit(text[i + 4])))) {
        break;
      }
    }
    if (point) {
      number.erase(number.find_last_not_of('0') + 1);
      if (number.back() == '.') number.pop_back();
    }
    number.erase(0, std::min(number.find_first_not_of('0'), number.size() - 1));
    out.insert(std::move(number));
  }
}

/// The numbers of a fact. The points of `26.11.2026` part numbers, that of `26.5` does not.
std::set<std::string> numbers_of(const fact& f, std::string_view written) {
  std::set<std::string> out;
  std::string text = plain(written);
  if (f.kind == fact_kind::date || f.kind == fact_kind::time)
    for (char& c : text)
      if (!is_digit(c)) c = ' ';
  read_numbers(text, out);
  return out;
}

struct written_number {
  std::string text;
  int value;
};

/// Numbers written as words: up to 99 in Chinese, before what they count.
std::vector<written_number> spelled_numbers(std::string_view text) {
  std::vector<written_number> out;
  for (std::size_t i = 0; i < text.size();) {
    std::size_t at = i;
    int value = 0, digit = 0;
    for (bool more = true; more;) {
      more = false;
      for (std::size_t d = 0; d < chinese_digits.size(); ++d) {
        if (!text.substr(at).starts_with(chinese_digits[d])) continue;
        if (d == 10) {
          value += (digit ? digit : 1) * 10;
          digit = 0;
        } else {
          digit = static_cast<int>(d);
        }
        at += chinese_digits[d].size();
        more = true;
        break;
      }
      if (at == i && text.substr(i).starts_with("两")) {
        digit = 2;
        at += std::string_view("两").size();
      }
    }
    value += digit;
    const auto counted = [&](auto word) { return text.substr(at).starts_with(word); };
    // `一` alone is often no number (`一天`, `一次`).
    if (at > i && value > 1 && std::ranges::any_of(counters, counted))
      out.push_back({std::string(text.substr(i, at - i)), value});
    i = std::max(at, i + 1);
  }
  return out;
}

void read_words(std::string_view text, std::set<std::string>& out) {
  for (const auto& unit : units_of(folded(text)))
    for (const auto& [word, value] : english_numbers)
      if (unit == word) out.insert(std::to_string(value));
  for (const auto& n : spelled_numbers(text)) out.insert(std::to_string(n.value));
}

/// As a whole: `ord-2093` is not in `ord-20931`.
bool holds(const std::vector<std::string>& sources, std::string_view text) {
  return std::ranges::any_of(sources, [&](const std::string& s) {
    for (auto at = s.find(text); at != s.npos; at = s.find(text, at + 1)) {
      const auto end = at + text.size();
      const bool before = at > 0 && is_digit(s[at - 1]) && is_digit(text.front());
      const bool after = end < s.size() && is_digit(s[end]) && is_digit(text.back());
      if (!before && !after) return true;
    }
    return false;
  });
}

}  // namespace

std::vector<std::string> unfounded_facts(std::string_view text,
                                         std::span<const std::string> sources) {
  std::set<std::string> numbers;
  std::vector<std::string> plain_sources;
  for (const auto& s : sources) {
    plain_sources.push_back(plain(s));
    // Spaces part numbers, so they are read before those are taken out.
    read_numbers(s, numbers);
    read_numbers(plain_sources.back(), numbers);
    read_words(s, numbers);
    for (const fact& f : find_facts(s))
      numbers.merge(numbers_of(f, std::string_view(s).substr(f.begin, f.end - f.begin)));
  }
  std::vector<std::string> out;
  auto add = [&](std::string_view fact) {
    if (std::ranges::find(out, fact) == out.end()) out.emplace_back(fact);
  };
  for (const fact& f : find_facts(text)) {
    const auto written = text.substr(f.begin, f.end - f.begin);
    const auto own = numbers_of(f, written);
    const bool known = std::ranges::all_of(own, [&](auto& n) { return numbers.contains(n); });
    const bool word_for_word =
        f.kind == fact_kind::code || f.kind == fact_kind::name || own.empty();
    if (!known || (word_for_word && !holds(plain_sources, plain(written)))) add(written);
  }
  for (const auto& n : spelled_numbers(text))
    if (!numbers.contains(std::to_string(n.value))) add(n.text);
  return out;
}

}  // namespace troupe::stages
