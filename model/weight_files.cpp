#include "model/weight_files.hpp"

#include <boost/json.hpp>

#include <fstream>
#include <iterator>
#include <map>
#include <set>

namespace troupe {

namespace {

namespace json = boost::json;
namespace fs = std::filesystem;

/// The shard of each tensor; each is a plain file name, so that an index cannot reach elsewhere.
result<std::map<std::string, std::string>> shards_of(const fs::path& index) {
  std::ifstream in(index);
  const std::string text(std::istreambuf_iterator<char>(in), {});
  boost::system::error_code failed;
  const json::value root = json::parse(text, failed);
  const auto* o = failed ? nullptr : root.if_object();
  const auto* map = o ? o->if_contains("weight_map") : nullptr;
  if (!map || !map->is_object())
    return error{errc::invalid_request, "`" + index.string() + "` has no `weight_map`"};
  std::map<std::string, std::string> shards;
  for (auto& [tensor, file] : map->get_object()) {
    if (!file.is_string())
      return error{errc::invalid_request,
                   "`" + index.string() + "`: tensor `" + std::string(tensor) + "` names no file"};
    const std::string name(file.get_string());
    if (name.empty() || name == ".." || name.find('/') != std::string::npos)
      return error{errc::invalid_request,
                   "`" + index.string() + "` names `" + name + "`, which is no plain file name"};
    shards.emplace(tensor, name);
  }
  return shards;
}

}  // namespace

std::optional<error> weight_files::add(const fs::path& path) {
  auto file = safetensors_file::open(path);
  if (!file) return file.error();
  for (const tensor_entry& t : (*file)->header().tensors) {
    const auto [it, fresh] = tensors_.try_emplace(t.name, found{file->get(), &t});
    if (!fresh)
      return error{errc::invalid_request, "tensor `" + t.name + "` is in `" +
                                              it->second.file->path().string() + "` and in `" +
                                              path.string() + "`: one of them is a stray shard"};
  }
  files_.push_back(*std::move(file));
  return std::nullopt;
}

result<weight_files> weight_files::open(const fs::path& folder) {
  weight_files out;
  const auto single = folder / "model.safetensors";
  const auto index = folder / "model.safetensors.index.json";
  std::error_code failed;
  if (fs::exists(single, failed) || !fs::exists(index, failed)) {
    if (auto wrong = out.add(single)) return *std::move(wrong);
    return out;
  }
  const auto shards = shards_of(index);
  if (!shards) return shards.error();
  std::set<std::string> names, missing;
  for (auto& [tensor, name] : *shards)
    (fs::exists(folder / name, failed) ? names : missing).insert(name);
  if (!missing.empty())
    return error{
        errc::not_found,
        "`" + index.string() + "` names the shard `" + *missing.begin() + "`" +
            (missing.size() == 1 ? std::string()
                                 : " and " + std::to_string(missing.size() - 1) + " more") +
            ", which the folder lacks: download the model again"};
  for (auto& name : names)
    if (auto wrong = out.add(folder / name)) return *std::move(wrong);
  for (auto& [tensor, name] : *shards) {
    const auto [file, entry] = out.find(tensor);
    if (!entry || file->path() != folder / name)
      return error{errc::invalid_request,
                   "`" + index.string() + "` says that tensor `" + tensor + "` is in `" + name +
                       "`, but it is " +
                       (entry ? "in `" + file->path().string() + "`" : std::string("in no shard"))};
  }
  return out;
}

weight_files::found weight_files::find(std::string_view name) const noexcept {
  const auto it = tensors_.find(name);
  return it == tensors_.end() ? found{} : it->second;
}

}  // namespace troupe
