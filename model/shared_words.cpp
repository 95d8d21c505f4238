#include "model/shared_words.hpp"

#include <utf8proc.h>

#include <algorithm>

namespace troupe {

namespace {

constexpr std::string_view common_english =
    " the and for are was were you your our can could will would shall should may might must how "
    "what when where which who whom whose why much many long does did done doing has have had get "
    "got gets need want wants please tell give know about there here this that these those any "
    "some with from into onto than then them they their its his her she him but not yes out off "
    "all one two per too very just also only more most much let say says like kind sort each "
    "every been being between ";

constexpr std::string_view common_chinese[] = {
    "什么时候", "什么", "多少", "怎么样", "怎么", "如何", "哪里", "哪儿", "哪些", "哪个", "哪",
    "为什么",   "可以", "我们", "你们",   "他们", "是否", "请问", "一下", "多久", "多长", "几",
    "的",       "了",   "吗",   "呢",     "吧",   "啊",   "是",   "我",   "你",   "您",   "在",
    "有",       "和",   "与",   "或",     "就",   "都",   "也",   "把",   "被",   "请",   "谁"};

bool is_word_byte(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '\''; }

bool is_han(std::int32_t c) { return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF); }

bool drop_ending(std::string& word, std::string_view ending, std::size_t least) {
  if (!word.ends_with(ending) || word.size() < ending.size() + least) return false;
  word.resize(word.size() - ending.size());
  return true;
}

/// Rougher than Porter's: what is left only has to be equal for the forms of one word.
std::string stem_of(std::string_view text) {
  std::string word;
  for (char c : text)
    if (c != '\'') word += static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  if (drop_ending(word, "ies", 2)) word += 'y';
  for (std::string_view ending : {"ing", "ed", "es", "s"})
    if (drop_ending(word, ending, 3)) break;
  if (word.size() > 4 && word.back() == word[word.size() - 2]) word.pop_back();
  if (word.size() > 3 && word.back() == 'e') word.pop_back();
  return word;
}

/// Forms of one word: the same, or the same but for endings of up to two letters.
bool same_stem(std::string_view a, std::string_view b) {
  const auto shorter = std::min(a.size(), b.size());
  std::size_t common = 0;
  while (common < shorter && a[common] == b[common]) ++common;
  return common >= 4 ? a.size() - common <= 2 && b.size() - common <= 2
                     : a.size() == common && b.size() == common;
}

std::vector<word_span> english_words(std::string_view text) {
  std::vector<word_span> out;
  for (std::size_t i = 0; i < text.size();) {
    if (!is_word_byte(text[i])) {
      ++i;
      continue;
    }
    std::size_t end = i;
    while (end < text.size() && is_word_byte(text[end])) ++end;
    const bool glued = (i > 0 && text[i - 1] >= '0' && text[i - 1] <= '9');
    if (end - i >= 3 && !glued) out.push_back({i, end, 0});
    i = end;
  }
  return out;
}

bool is_common_english(std::string_view word) {
  std::string padded = " ";
  for (char c : word) padded += static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  padded += ' ';
  return common_english.find(padded) != common_english.npos;
}

/// The runs of Han characters, cut where a common word stands; each as its characters' borders.
std::vector<std::vector<std::size_t>> chinese_runs(std::string_view text) {
  std::vector<std::vector<std::size_t>> out;
  std::vector<std::size_t> run;
  auto close = [&](std::size_t end) {
    if (run.size() >= 2) {
      run.push_back(end);
      out.push_back(run);
    }
    run.clear();
  };
  for (std::size_t at = 0; at < text.size();) {
    const auto rest = text.substr(at);
    const auto common =
        std::ranges::find_if(common_chinese, [&](auto word) { return rest.starts_with(word); });
    if (common != std::end(common_chinese)) {
      close(at);
      at += common->size();
      continue;
    }
    utf8proc_int32_t c = -1;
    const auto n = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(rest.data()),
                                    static_cast<utf8proc_ssize_t>(rest.size()), &c);
    if (n > 0 && is_han(c))
      run.push_back(at);
    else
      close(at);
    at += n > 0 ? static_cast<std::size_t>(n) : 1;
  }
  close(text.size());
  return out;
}

}  // namespace

shared_words::shared_words(std::string_view question,
                           const std::vector<std::string_view>& sentences, std::size_t limit) {
  std::vector<std::string> theirs;
  for (auto s : sentences)
    for (const auto& w : english_words(s))
      theirs.push_back(stem_of(s.substr(w.begin, w.end - w.begin)));
  struct candidate {
    std::size_t at;
    std::string text;
    bool english;
  };
  std::vector<candidate> found;
  for (const auto& w : english_words(question)) {
    const auto word = question.substr(w.begin, w.end - w.begin);
    if (is_common_english(word)) continue;
    auto stem = stem_of(word);
    if (std::ranges::any_of(theirs, [&](auto& t) { return same_stem(stem, t); }))
      found.push_back({w.begin, std::move(stem), true});
  }
  for (const auto& run : chinese_runs(question)) {
    for (std::size_t i = 0; i + 2 < run.size();) {
      std::size_t best = 0;
      for (std::size_t j = i + 2; j < run.size(); ++j) {
        const auto part = question.substr(run[i], run[j] - run[i]);
        if (!std::ranges::any_of(sentences, [&](auto s) { return s.find(part) != s.npos; })) break;
        best = j;
      }
      if (best != 0)
        found.push_back({run[i], std::string(question.substr(run[i], run[best] - run[i])), false});
      i = best != 0 ? best : i + 1;
    }
  }
  std::ranges::stable_sort(found, {}, &candidate::at);
  std::size_t next = 0;
  for (auto& c : found) {
    auto& list = c.english ? stems_ : runs_;
    auto& ids = c.english ? stem_ids_ : run_ids_;
    const bool known = std::ranges::any_of(
        list, [&](auto& t) { return c.english ? same_stem(t, c.text) : t == c.text; });
    if (known || next == limit) continue;
    list.push_back(std::move(c.text));
    ids.push_back(next++);
  }
}

std::vector<word_span> shared_words::find(std::string_view text) const {
  std::vector<word_span> out;
  for (auto w : english_words(text)) {
    const auto stem = stem_of(text.substr(w.begin, w.end - w.begin));
    for (std::size_t i = 0; i < stems_.size(); ++i) {
      if (!same_stem(stems_[i], stem)) continue;
      w.word = stem_ids_[i];
      out.push_back(w);
      break;
    }
  }
  for (std::size_t at = 0; at < text.size();) {
    std::size_t best = 0, word = 0;
    for (std::size_t i = 0; i < runs_.size(); ++i) {
      if (runs_[i].size() > best && text.substr(at).starts_with(runs_[i])) {
        best = runs_[i].size();
        word = run_ids_[i];
      }
    }
    if (best != 0) out.push_back({at, at + best, word});
    at += best != 0 ? best : 1;
  }
  std::ranges::sort(out, {}, &word_span::begin);
  return out;
}

}  // namespace troupe
