#include "actors/stages/word_list.hpp"

#include "actors/stages/data_file.hpp"
#include "actors/stages/text.hpp"
#include "actors/stages/word_patterns.hpp"

namespace troupe::stages {

namespace {

std::string_view trimmed(std::string_view line) {
  constexpr std::string_view blank = " \t\r";
  const auto first = line.find_first_not_of(blank);
  if (first == line.npos) return {};
  return line.substr(first, line.find_last_not_of(blank) - first + 1);
}

/// The line up to a `#` that begins it or follows white space.
std::string_view without_comment(std::string_view line) {
  for (auto at = line.find('#'); at != line.npos; at = line.find('#', at + 1))
    if (at == 0 || line[at - 1] == ' ' || line[at - 1] == '\t') return line.substr(0, at);
  return line;
}

}  // namespace

result<std::vector<listed_word>> parse_word_list(std::string_view text, std::string_view file) {
  std::vector<listed_word> words;
  std::string category;
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = trimmed(without_comment(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty()) continue;
    auto wrong = [&](const std::string& why) {
      return error{errc::invalid_request, std::string(file) + ":" + std::to_string(number) + ": `" +
                                              clean_utf8(line) + "` " + why};
    };
    if (clean_utf8(line) != line) return wrong("is not UTF-8; save the list as UTF-8");
    if (line.front() == '[') {
      if (line.back() != ']') return wrong("begins a category and lacks the `]`");
      category = trimmed(line.substr(1, line.size() - 2));
      continue;
    }
    if (!word_pattern::compile(line))
      return wrong("has no letter or digit to look for; remove the line");
    words.push_back({std::string(line), category});
  }
  return words;
}

result<std::vector<listed_word>> read_word_lists(std::span<const std::filesystem::path> files) {
  std::vector<listed_word> all;
  for (const auto& file : files) {
    auto text = read_data_file(file);
    if (!text) return std::move(text).error();
    auto words = parse_word_list(*text, file.string());
    if (!words) return std::move(words).error();
    all.insert(all.end(), words->begin(), words->end());
  }
  return all;
}

}  // namespace troupe::stages
