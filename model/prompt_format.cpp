#include "model/prompt_format.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace troupe {

namespace {

constexpr std::array<std::string_view, 5> role_names = {"plain", "whole", "named", "asks",
                                                        "sentences"};

}  // namespace

result<prompt_format> parse_prompt_format(std::string_view text, const std::string& name) try {
  const auto root = boost::json::parse(text);
  if (root.at("format").as_string() != "delexicalised")
    throw std::invalid_argument("`format` is not `delexicalised`");
  prompt_format out;
  if (const auto* tells = root.as_object().if_contains("tells_language"))
    out.tells_language = tells->as_bool();
  for (const auto& item : root.at("parts").as_array()) {
    prompt_part part{.name = boost::json::value_to<std::string>(item.at("name"))};
    const std::string role = boost::json::value_to<std::string>(item.at("role"));
    const auto found = std::ranges::find(role_names, role);
    if (found == role_names.end())
      throw std::invalid_argument("the role `" + role +
                                  "` is none of plain, whole, named, asks, sentences");
    part.role = static_cast<part_role>(found - role_names.begin());
    part.labels = boost::json::value_to<std::vector<std::string>>(item.at("labels"));
    out.parts.push_back(std::move(part));
  }
  if (std::ranges::none_of(out.parts, [](auto& p) { return p.role == part_role::sentences; }))
    throw std::invalid_argument("no part has the role `sentences`");
  return out;
} catch (const std::exception& e) {
  return error{errc::invalid_request, "cannot use the prompt format `" + name + "`: " + e.what()};
}

result<std::optional<prompt_format>> read_prompt_format(const std::filesystem::path& folder) {
  const auto file = folder / "prompt_format.json";
  std::ifstream in(file);
  if (!in) return std::optional<prompt_format>();
  auto format =
      parse_prompt_format(std::string(std::istreambuf_iterator<char>(in), {}), file.string());
  if (!format) return format.error();
  return std::optional<prompt_format>(*std::move(format));
}

}  // namespace troupe
