#include "model/training.hpp"

#include <fstream>
#include <set>

namespace troupe {

namespace {

std::string_view trim(std::string_view s) {
  constexpr std::string_view blank = " \t\r\n";
  auto first = s.find_first_not_of(blank);
  if (first == s.npos) return {};
  return s.substr(first, s.find_last_not_of(blank) - first + 1);
}

}  // namespace

result<std::vector<labelled_text>> read_labelled(const std::vector<std::filesystem::path>& files) {
  std::vector<labelled_text> out;
  std::set<std::pair<std::string, std::string>> seen;
  for (auto& file : files) {
    std::ifstream in(file);
    if (!in)
      return error{errc::not_found, "cannot read `" + file.string() +
                                        "`: give the path of a TSV "
                                        "file with a label, a tab and a text on each line"};
    std::string line;
    for (std::size_t number = 1; std::getline(in, line); ++number) {
      if (trim(line).empty() || line.front() == '#') continue;
      const auto tab = line.find('\t');
      const auto label = trim(std::string_view(line).substr(0, tab));
      const auto text =
          tab == line.npos ? std::string_view() : trim(std::string_view(line).substr(tab + 1));
      if (label.empty() || text.empty())
        return error{errc::invalid_request, "`" + file.string() + "`:" + std::to_string(number) +
                                                ": expected a label, a tab and a text"};
      if (seen.emplace(label, text).second) out.push_back({std::string(label), std::string(text)});
    }
  }
  if (out.empty())
    return error{errc::invalid_request,
                 "no examples in " + (files.empty() ? "an empty list of files"
                                                    : "`" + files.front().string() + "`")};
  return out;
}

}  // namespace troupe
