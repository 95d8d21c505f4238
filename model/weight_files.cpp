#include "model/weight_files.hpp"

#include <boost/json.hpp>

#include <fstream>
#include <iterator>
#include <set>

namespace troupe {

namespace {

namespace json = boost::json;
namespace fs = std::filesystem;

/// The names of the shards; each is a plain file name, so that an index cannot reach elsewhere.
result<std::set<std::string>> shards_of(const fs::path& index) {
  std::ifstream in(index);
  const std::string text(std::istreambuf_iterator<char>(in), {});
  boost::system::error_code failed;
  const json::value root = json::parse(text, failed);
  const auto* o = failed ? nullptr : root.if_object();
  const auto* map = o ? o->if_contains("weight_map") : nullptr;
  if (!map || !map->is_object())
    return error{errc::invalid_request, "`" + index.string() + "` has no `weight_map`"};
  std::set<std::string> names;
  for (auto& [tensor, file] : map->get_object()) {
    if (!file.is_string())
      return error{errc::invalid_request,
                   "`" + index.string() + "`: tensor `" + std::string(tensor) + "` names no file"};
    const std::string name(file.get_string());
    if (name.empty() || name == ".." || name.find('/') != std::string::npos)
      return error{errc::invalid_request,
                   "`" + index.string() + "` names `" + name + "`, which is no plain file name"};
    names.insert(name);
  }
  return names;
}

}  // namespace

result<weight_files> weight_files::open(const fs::path& folder) {
  weight_files out;
  std::set<std::string> names{"model.safetensors"};
  const auto index = folder / "model.safetensors.index.json";
  std::error_code failed;
  if (!fs::exists(folder / "model.safetensors", failed) && fs::exists(index, failed)) {
    auto shards = shards_of(index);
    if (!shards) return shards.error();
    names = *std::move(shards);
  }
  for (auto& name : names) {
    auto file = safetensors_file::open(folder / name);
    if (!file) return file.error();
    out.files_.push_back(*std::move(file));
  }
  return out;
}

weight_files::found weight_files::find(std::string_view name) const noexcept {
  for (auto& file : files_)
    if (auto* entry = file->find(name)) return {file.get(), entry};
  return {};
}

}  // namespace troupe
