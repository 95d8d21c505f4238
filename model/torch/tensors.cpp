#include "model/torch/tensors.hpp"

#include "model/torch/rows.hpp"

#include <array>

namespace troupe {

namespace {

constexpr std::array scalars = {torch::kFloat64, torch::kFloat32, torch::kFloat16, torch::kBFloat16,
                                torch::kInt64,   torch::kInt32,   torch::kInt16,   torch::kInt8,
                                torch::kUInt8,   torch::kBool};

std::string text_of(const std::vector<std::int64_t>& shape) {
  std::string out = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) out += (i ? ", " : "") + std::to_string(shape[i]);
  return out + "]";
}

}  // namespace

torch::Tensor tensor_loader::operator()(const std::string& name,
                                        const std::vector<std::int64_t>& shape) {
  if (failure_) return {};
  const auto [file, entry] = files_.find(name);
  if (!entry) {
    failure_ = error{errc::invalid_request, "the model's weights lack the tensor `" + name + "`"};
    return {};
  }
  if (entry->shape != shape) {
    failure_ = error{errc::invalid_request, "tensor `" + name + "` in `" + file->path().string() +
                                                "` is " + text_of(entry->shape) +
                                                ", but config.json says " + text_of(shape)};
    return {};
  }
  const at::ScalarType stored = scalars[static_cast<std::size_t>(entry->type)];
  if (!at::isFloatingType(stored)) {
    failure_ = error{errc::invalid_request, "tensor `" + name + "` has the type `" +
                                                std::string(name_of(entry->type)) +
                                                "`, which is no weight's"};
    return {};
  }
  // Copied, not viewed: a file's tensors need not be aligned, and the file may be replaced.
  auto raw = torch::empty(shape, stored);
  const auto bytes = file->data(*entry);
  std::memcpy(raw.data_ptr(), bytes.data(), bytes.size());
  return placed(raw);
}

torch::Tensor tensor_loader::placed(const torch::Tensor& t) const {
  if (!device_.is_cpu()) return t.to(device_, type_);
  auto out = roomy_tensor(t.sizes(), type_);
  out.copy_(t);
  return out;
}

torch::Tensor tensor_loader::stacked(const std::vector<wanted>& parts) {
  std::vector<torch::Tensor> tensors;
  for (const wanted& w : parts) tensors.push_back((*this)(w.name, w.shape));
  if (failure_) return {};
  return tensors.size() == 1 ? tensors.front() : placed(torch::cat(tensors, 0));
}

}  // namespace troupe
