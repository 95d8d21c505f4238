#pragma once
// The tensors of a model folder: one model.safetensors, or the shards that
// model.safetensors.index.json names.

#include "model/safetensors.hpp"

#include <optional>
#include <unordered_map>

namespace troupe {

class weight_files {
 public:
  /// Errors: a shard that is missing; a tensor that two shards hold, or that is not in the shard
  /// that the index names for it.
  static result<weight_files> open(const std::filesystem::path& folder);

  struct found {
    const safetensors_file* file = nullptr;
    const tensor_entry* entry = nullptr;
  };
  /// Null pointers if there is no such tensor.
  found find(std::string_view name) const noexcept;

 private:
  std::optional<error> add(const std::filesystem::path& path);

  std::vector<std::shared_ptr<const safetensors_file>> files_;
  std::unordered_map<std::string_view, found> tensors_;  ///< the names are the files' own
};

}  // namespace troupe
