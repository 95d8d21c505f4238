#include "actors/stages/key_terms.hpp"

#include "actors/stages/text.hpp"

#include <algorithm>
#include <array>

namespace troupe::stages {

namespace {

/// Words that say nothing of what a text is about.
constexpr std::string_view common_words[] = {
    "a",    "an",   "the", "and",  "or",   "of",   "to",    "in",  "on",    "for",   "with", "is",
    "are",  "was",  "be",  "it",   "its",  "by",   "at",    "as",  "about", "write", "from", "that",
    "this", "how",  "why", "what", "your", "our",  "you",   "we",  "i",     "my",    "can",  "will",
    "do",   "does", "has", "have", "than", "into", "every", "all", "more",  "their", "they"};
constexpr std::string_view about = "关于";
constexpr std::string_view common_characters[] = {
    "的", "了", "和", "是", "在", "与", "及", "我", "你", "们", "为", "被", "把", "有", "会", "将",
    "这", "那", "个", "请", "写", "篇", "其", "对", "从", "由", "让", "给", "也", "就", "都", "一"};

bool is_ascii(std::string_view word) {
  return std::ranges::all_of(word, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

constexpr std::string_view endings[] = {"ing", "ies", "es", "ed", "ly", "s", "y", "e"};

/// The beginning that the forms of an English word share.
std::string_view stem(std::string_view word) {
  for (auto ending : endings)
    if (word.size() >= ending.size() + 3 && word.ends_with(ending))
      return word.substr(0, word.size() - ending.size());
  return word;
}

struct counter {
  double found = 0, all = 0;
  void add(bool is_there, double weight) {
    all += weight;
    if (is_there) found += weight;
  }
};

/// A run of characters written without spaces: each counts half a word, and is there if a pair that
/// it is part of is there.
void look_for(const std::vector<std::string>& run, std::string_view text, counter& count,
              std::vector<std::string>& missing) {
  std::vector<bool> there(run.size());
  for (std::size_t i = 0; i < run.size(); ++i) {
    const bool alone = run.size() == 1;
    if (!alone && i + 1 == run.size()) break;
    if (text.find(alone ? run[i] : run[i] + run[i + 1]) == text.npos) continue;
    there[i] = true;
    if (!alone) there[i + 1] = true;
  }
  for (std::size_t i = 0; i < run.size(); ++i) {
    count.add(there[i], 0.5);
    if (there[i]) continue;
    if (i == 0 || there[i - 1]) missing.emplace_back();
    missing.back() += run[i];
  }
}

}  // namespace

mentions::mentions(std::string_view text) : text_(" " + folded(text) + " ") {}

bool mentions::has_word(const std::string& word) const {
  auto letter = [&](std::size_t at) {
    const char c = text_[at];
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
  };
  const auto beginning = stem(word);
  for (auto at = text_.find(beginning); at != text_.npos; at = text_.find(beginning, at + 1)) {
    if (letter(at - 1)) continue;
    auto end = at + beginning.size();
    while (letter(end)) ++end;
    const auto rest = std::string_view(text_).substr(at, end - at).substr(beginning.size());
    if (rest.empty() || is_one_of(endings, rest)) return true;
  }
  return false;
}

bool mentions::has_number(const std::string& number) const {
  auto digit = [&](std::size_t at) { return text_[at] >= '0' && text_[at] <= '9'; };
  for (auto at = text_.find(number); at != text_.npos; at = text_.find(number, at + 1))
    if (!digit(at - 1) && !digit(at + number.size())) return true;
  return false;
}

mentions::share mentions::of(std::string_view what) const {
  counter count;
  share out;
  std::vector<std::string> run;
  auto end_run = [&] {
    look_for(run, text_, count, out.missing);
    run.clear();
  };
  auto text = folded(what);
  for (auto at = text.find(about); at != text.npos; at = text.find(about))
    text.erase(at, about.size());
  for (const auto& unit : units_of(text)) {
    if (!is_ascii(unit) && count_words(unit) == 1 && language_of(unit) == "zh") {
      if (is_one_of(common_characters, unit))
        end_run();
      else
        run.push_back(unit);
      continue;
    }
    end_run();
    if (is_one_of(common_words, unit) || (unit.size() == 1 && !has_digit(unit))) continue;
    const bool number = has_digit(unit);
    const bool there = number ? has_number(unit) : has_word(unit);
    count.add(there, 1);
    out.numbers = out.numbers && (there || !number);
    if (!there) out.missing.push_back(unit);
  }
  end_run();
  if (count.all > 0) out.found = count.found / count.all;
  return out;
}

}  // namespace troupe::stages
