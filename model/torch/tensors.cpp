#include "model/torch/tensors.hpp"

#include "model/cpu_team.hpp"
#include "model/float8.hpp"
#include "model/torch/rows.hpp"

#include <array>

namespace troupe {

namespace {

/// In the order of tensor_type; eight-bit floats are bytes here.
constexpr std::array scalars = {torch::kFloat64, torch::kFloat32, torch::kFloat16, torch::kBFloat16,
                                torch::kInt64,   torch::kInt32,   torch::kInt16,   torch::kInt8,
                                torch::kUInt8,   torch::kBool,    torch::kUInt8};

std::string text_of(const std::vector<std::int64_t>& shape) {
  std::string out = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) out += (i ? ", " : "") + std::to_string(shape[i]);
  return out + "]";
}

}  // namespace

void tensor_loader::refuse(const std::string& why) { failure_ = error{errc::invalid_request, why}; }

torch::Tensor tensor_loader::raw(const std::string& name, const std::vector<std::int64_t>& shape) {
  if (failure_) return {};
  const auto [file, entry] = files_.find(name);
  if (!entry) {
    refuse("the model's weights lack the tensor `" + name + "`");
    return {};
  }
  const std::string which = "tensor `" + name + "` ";
  if (entry->shape != shape) {
    refuse(which + "in `" + file->path().string() + "` is " + text_of(entry->shape) +
           ", but config.json says " + text_of(shape));
    return {};
  }
  const at::ScalarType stored = scalars[static_cast<std::size_t>(entry->type)];
  if (!at::isFloatingType(stored) && entry->type != tensor_type::f8_e4m3) {
    refuse(which + "has the type `" + std::string(name_of(entry->type)) +
           "`, which is no weight's");
    return {};
  }
  if (entry->type == tensor_type::f8_e4m3 && shape.size() != 2) {
    refuse(which + "has the type `F8_E4M3`, which is for matrices");
    return {};
  }
  // Copied, not viewed: a file's tensors need not be aligned, and the file may be replaced.
  auto out = torch::empty(shape, stored);
  const auto bytes = file->data(*entry);
  std::memcpy(out.data_ptr(), bytes.data(), bytes.size());
  return out;
}

torch::Tensor tensor_loader::widened(const std::string& name, const torch::Tensor& bits) {
  const auto rows = bits.size(0), columns = bits.size(1);
  const auto [height, width] = scale_block_;
  const auto across = (columns + width - 1) / width;
  const auto stored = raw(name + "_scale_inv", {(rows + height - 1) / height, across});
  if (failure_) return {};
  const auto scales = stored.to(torch::kFloat32);
  auto out = torch::empty({rows, columns}, torch::kFloat32);
  const auto* from = bits.data_ptr<std::uint8_t>();
  const auto* by = scales.data_ptr<float>();
  auto* to = out.data_ptr<float>();
  all_cores().share(rows, [&, height = height, width = width](std::int64_t r) {
    for (std::int64_t c = 0; c < columns; ++c)
      to[r * columns + c] =
          from_float8(from[r * columns + c]) * by[r / height * across + c / width];
  });
  return out;
}

torch::Tensor tensor_loader::read(const std::string& name, const std::vector<std::int64_t>& shape) {
  auto out = raw(name, shape);
  return failure_ || out.scalar_type() != torch::kUInt8 ? out : widened(name, out);
}

torch::Tensor tensor_loader::operator()(const std::string& name,
                                        const std::vector<std::int64_t>& shape) {
  return stacked({{name, shape}});
}

torch::Tensor tensor_loader::in_float32(const std::string& name,
                                        const std::vector<std::int64_t>& shape) {
  const auto t = read(name, shape);
  return failure_ ? t : t.to(device_, torch::kFloat32);
}

torch::Tensor tensor_loader::fresh(at::IntArrayRef shape) const {
  return device_.is_cpu()
             ? roomy_tensor(shape, type_)
             : torch::empty(shape, torch::TensorOptions().device(device_).dtype(type_));
}

torch::Tensor tensor_loader::placed(const torch::Tensor& t) const {
  auto out = fresh(t.sizes());
  out.copy_(t);
  return out;
}

torch::Tensor tensor_loader::stacked(const std::vector<wanted>& parts) {
  if (failure_) return {};
  auto shape = parts.front().shape;
  for (std::size_t i = 1; i < parts.size(); ++i) shape[0] += parts[i].shape[0];
  auto out = fresh(shape);
  std::int64_t at = 0;
  for (const wanted& w : parts) {
    const auto t = read(w.name, w.shape);
    if (failure_) return {};
    out.narrow(0, at, w.shape[0]).copy_(t);
    at += w.shape[0];
  }
  return out;
}

}  // namespace troupe
