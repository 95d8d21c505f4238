#pragma once
// The tensors of a model folder: one model.safetensors, or the files that
// model.safetensors.index.json names.

#include "model/safetensors.hpp"

namespace troupe {

class weight_files {
 public:
  static result<weight_files> open(const std::filesystem::path& folder);

  struct found {
    const safetensors_file* file = nullptr;
    const tensor_entry* entry = nullptr;
  };
  /// Null pointers if there is no such tensor.
  found find(std::string_view name) const noexcept;

 private:
  std::vector<std::shared_ptr<const safetensors_file>> files_;
};

}  // namespace troupe
