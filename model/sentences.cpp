#include "model/sentences.hpp"

#include <string>

namespace troupe {

namespace {

constexpr std::string_view abbreviations =
    " dr mr mrs ms prof st no vs etc e.g i.e approx inc ltd co ca jan feb mar apr jun jul aug sep "
    "sept oct nov dec ";

bool is_abbreviation(std::string_view before) {
  const auto space = before.find_last_of(" \n(");
  const auto word = space == before.npos ? before : before.substr(space + 1);
  if (word.size() == 1 && word[0] >= 'A' && word[0] <= 'Z') return true;  // an initial
  std::string padded = " ";
  for (char c : word) padded += static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  padded += ' ';
  return abbreviations.find(padded) != abbreviations.npos;
}

/// Bytes of the mark at `at` that ends a sentence, closing quotes included; 0 if none does.
std::size_t end_mark(std::string_view text, std::size_t at) {
  std::size_t n = 0;
  bool wide = false;
  for (std::string_view mark : {"。", "！", "？", "；"})
    if (text.substr(at).starts_with(mark)) {
      n = mark.size();
      wide = true;
    }
  if (n == 0 && std::string_view(".!?").find(text[at]) != std::string_view::npos) n = 1;
  if (n == 0) return 0;
  for (bool more = true; more;) {
    more = false;
    for (std::string_view close : {"”", "’", "」", "』", "）", ")", "\"", "!", "?", "！", "？"})
      if (text.substr(at + n).starts_with(close)) {
        n += close.size();
        more = true;
      }
  }
  if (wide || at + n == text.size() || text[at + n] == '\n') return n;
  if (text[at + n] != ' ') return 0;
  if (text[at] == '.' && is_abbreviation(text.substr(0, at))) return 0;
  return n;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view space = " \t\r\n";
  while (!text.empty() && space.find(text.front()) != space.npos) text.remove_prefix(1);
  for (std::string_view mark : {"- ", "* ", "• ", "·"})
    if (text.starts_with(mark)) {
      text.remove_prefix(mark.size());
      return trimmed(text);
    }
  while (!text.empty() && space.find(text.back()) != space.npos) text.remove_suffix(1);
  return text == "-" ? std::string_view() : text;
}

}  // namespace

std::vector<std::string_view> split_sentences(std::string_view text) {
  std::vector<std::string_view> out;
  std::size_t begin = 0;
  auto close = [&](std::size_t end) {
    if (auto s = trimmed(text.substr(begin, end - begin)); !s.empty()) out.push_back(s);
    begin = end;
  };
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == '\n') {
      close(at);
      ++at;
    } else if (const auto n = end_mark(text, at)) {
      close(at + n);
      at += n;
    } else {
      ++at;
    }
  }
  close(text.size());
  return out;
}

}  // namespace troupe
