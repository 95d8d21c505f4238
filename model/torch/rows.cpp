#include "model/torch/rows.hpp"

#include "model/cpu_attention.hpp"
#include "model/cpu_team.hpp"

#include <sys/mman.h>

#include <cstdlib>

namespace troupe {

namespace {

thread_local bool kernels_wanted = true;

constexpr std::size_t huge_page = std::size_t{2} << 20;

/// Calls f(row) for all rows; each costs about `elements`.
template <class F>
void for_rows(std::int64_t rows, std::int64_t elements, F f) {
  const auto together = std::max<std::int64_t>(1, 65536 / elements);
  all_cores().share((rows + together - 1) / together, [&](std::int64_t piece) {
    for (auto i = piece * together; i < std::min(rows, (piece + 1) * together); ++i) f(i);
  });
}

template <class Element>
void normalise_rows(const torch::Tensor& x, const torch::Tensor& weight, double epsilon,
                    torch::Tensor& out) {
  const auto size = x.size(-1);
  const auto* from = static_cast<const Element*>(x.data_ptr());
  const auto* by = static_cast<const Element*>(weight.data_ptr());
  auto* to = static_cast<Element*>(out.data_ptr());
  for_rows(x.numel() / size, size, [&](std::int64_t i) {
    rms_norm_row(from + i * size, by, size, static_cast<float>(epsilon), to + i * size);
  });
}

template <class Element>
void gate_rows(const torch::Tensor& both, torch::Tensor& out) {
  const auto size = out.size(-1);
  const auto* from = static_cast<const Element*>(both.data_ptr());
  auto* to = static_cast<Element*>(out.data_ptr());
  for_rows(out.size(0), 4 * size, [&](std::int64_t i) {
    const Element* row = from + 2 * i * size;
    gate_row(row, row + size, size, to + i * size);
  });
}

}  // namespace

bool fits_cpu_kernels(const torch::Tensor& x) {
  const auto type = x.scalar_type();
  return kernels_wanted && x.device().is_cpu() && (type == at::kFloat || type == at::kBFloat16) &&
         x.is_contiguous() && has_cpu_kernels();
}

bool is_at_hand(const torch::Tensor& x) { return kernels_wanted && x.device().is_cpu(); }

kernel_choice::kernel_choice(bool wanted) : before_(kernels_wanted) { kernels_wanted = wanted; }
kernel_choice::~kernel_choice() { kernels_wanted = before_; }

torch::Tensor rms_norm(const torch::Tensor& x, const torch::Tensor& weight, double epsilon) {
  if (fits_cpu_kernels(x)) {
    auto out = torch::empty_like(x);
    if (x.scalar_type() == at::kFloat)
      normalise_rows<float>(x, weight, epsilon, out);
    else
      normalise_rows<bf16_bits>(x, weight, epsilon, out);
    return out;
  }
  const auto wide = x.to(torch::kFloat32);
  const auto scale = torch::rsqrt(wide.square().mean(-1, true) + epsilon);
  return (wide * scale).to(x.scalar_type()) * weight;
}

torch::Tensor gated(const torch::Tensor& both) {
  const auto size = both.size(1) / 2;
  if (fits_cpu_kernels(both)) {
    auto out = torch::empty({both.size(0), size}, both.options());
    if (both.scalar_type() == at::kFloat)
      gate_rows<float>(both, out);
    else
      gate_rows<bf16_bits>(both, out);
    return out;
  }
  return torch::silu(both.narrow(1, 0, size)) * both.narrow(1, size, size);
}

torch::Tensor roomy_tensor(at::IntArrayRef shape, at::ScalarType type) {
  std::size_t bytes = at::elementSize(type);
  for (const auto n : shape) bytes *= static_cast<std::size_t>(n);
  const auto options = torch::TensorOptions().dtype(type);
  if (bytes < huge_page) return torch::empty(shape, options);
  bytes = (bytes + huge_page - 1) / huge_page * huge_page;
  void* memory = std::aligned_alloc(huge_page, bytes);
  if (!memory) throw std::bad_alloc();
  // Only advice: without huge pages it is memory like any other.
  ::madvise(memory, bytes, MADV_HUGEPAGE);
  return torch::from_blob(
      memory, shape, [](void* p) { std::free(p); }, options);
}

}  // namespace troupe
