#pragma once
// Encoders on disk (see network_file.hpp) and in use: the bags of the classifiers, whose embedding
// is a direction by itself. Their network has no outputs.

#include "model/torch/network_file.hpp"
#include "pipeline/services.hpp"

namespace troupe {

/// [bags, dimensions], each row of length 1.
torch::Tensor directions(const torch::Tensor& embedded);

result<std::int64_t> save_encoder(const std::filesystem::path& folder, const network_file& content);
result<std::shared_ptr<const text_encoder>> open_encoder(const std::filesystem::path& folder);

}  // namespace troupe
