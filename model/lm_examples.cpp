#include "model/lm_training.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <fstream>

namespace troupe {

namespace {

result<lm_example> parse_example(const std::string& line) {
  boost::system::error_code failed;
  const auto root = boost::json::parse(line, failed);
  const auto* o = failed ? nullptr : root.if_object();
  lm_example out;
  auto read = [&](const char* key, std::string& text) {
    const auto* v = o->if_contains(key);
    if (v && v->is_string()) text = std::string(v->get_string());
  };
  if (o) {
    read("prompt", out.prompt);
    read("answer", out.answer);
    read("fact", out.fact);
  }
  if (out.prompt.empty() || out.answer.empty())
    return error{errc::invalid_request,
                 "no object with the texts `prompt` and `answer`, both of them not empty"};
  return out;
}

}  // namespace

result<std::vector<lm_example>> read_lm_examples(const std::vector<std::filesystem::path>& data) {
  std::vector<std::filesystem::path> files;
  for (const auto& path : data) {
    std::error_code failed;
    if (!std::filesystem::is_directory(path, failed)) {
      files.push_back(path);
      continue;
    }
    std::vector<std::filesystem::path> inside;
    for (const auto& entry : std::filesystem::directory_iterator(path, failed))
      if (entry.path().extension() == ".jsonl") inside.push_back(entry.path());
    std::ranges::sort(inside);
    files.insert(files.end(), inside.begin(), inside.end());
  }
  std::vector<lm_example> out;
  for (const auto& file : files) {
    std::ifstream in(file);
    if (!in) return error{errc::not_found, "cannot read `" + file.string() + "`"};
    std::string line;
    for (std::int64_t number = 1; std::getline(in, line); ++number) {
      if (line.find_first_not_of(" \t\r") == line.npos) continue;
      auto example = parse_example(line);
      if (!example)
        return error{errc::invalid_request, "`" + file.string() + "`, line " +
                                                std::to_string(number) + ": " +
                                                example.error().message};
      out.push_back(*std::move(example));
    }
  }
  if (out.empty()) return error{errc::invalid_request, "the data hold no examples"};
  return out;
}

}  // namespace troupe
