#include "model/torch/attention.hpp"

#include "model/cpu_attention.hpp"
#include "model/cpu_team.hpp"
#include "model/torch/rows.hpp"

#include <cmath>
#include <cstring>
#include <limits>

namespace troupe {

namespace {

/// One sequence's last rows, of the positions `from` and on. `query`: [rows, heads, size]; `keys`
/// and `values`: [from + rows, kv_heads, size]. Gives [rows, heads * size].
torch::Tensor attend_causally(const torch::Tensor& query, const torch::Tensor& keys,
                              const torch::Tensor& values, std::int64_t from) {
  const auto rows = query.size(0), heads = query.size(1), size = query.size(2);
  const auto total = keys.size(0), kv_heads = keys.size(1), group = heads / kv_heads;
  // The query heads that share one key head become rows of one product: no key is copied.
  const auto grouped = query.reshape({rows, kv_heads, group, size})
                           .permute({1, 2, 0, 3})
                           .reshape({kv_heads, group * rows, size});
  auto scores = torch::matmul(grouped, keys.permute({1, 2, 0})).to(torch::kFloat32) /
                std::sqrt(static_cast<double>(size));
  if (rows > 1) {
    const auto options = torch::TensorOptions().dtype(torch::kBool).device(query.device());
    const auto later = torch::ones({rows, total}, options).triu(from + 1);
    scores = scores.view({kv_heads, group, rows, total})
                 .masked_fill(later, -std::numeric_limits<float>::infinity())
                 .view({kv_heads, group * rows, total});
  }
  const auto weights = torch::softmax(scores, -1).to(query.scalar_type());
  return torch::matmul(weights, values.transpose(0, 1))
      .view({kv_heads, group, rows, size})
      .permute({2, 0, 1, 3})
      .reshape({rows, heads * size});
}

torch::Tensor all_slots(const batch_rows::sequence& s, std::int64_t block_size,
                        torch::Device device) {
  std::vector<std::int64_t> slots;
  for (std::int64_t p = 0; p < s.from + s.count; ++p)
    slots.push_back(s.blocks[static_cast<std::size_t>(p / block_size)] * block_size +
                    p % block_size);
  return torch::tensor(at::ArrayRef<std::int64_t>(slots), torch::kInt64).to(device);
}

torch::Tensor attend_by_operations(const torch::Tensor& query, const kv_store::layer& cache,
                                   const batch_rows& rows) {
  std::vector<torch::Tensor> mixed;
  for (const auto& s : rows.sequences) {
    const auto slots = all_slots(s, rows.block_size, query.device());
    mixed.push_back(attend_causally(query.narrow(0, s.first, s.count),
                                    cache.keys.index_select(0, slots),
                                    cache.values.index_select(0, slots), s.from));
  }
  return mixed.size() == 1 ? mixed.front() : torch::cat(mixed, 0);
}

/// Puts keys and values into the cache; gives the queries, [rows, heads, size].
torch::Tensor place_by_operations(const torch::Tensor& qkv, const torch::Tensor& query_norm,
                                  const torch::Tensor& key_norm, const head_shape& h,
                                  kv_store::layer& cache, const batch_rows& rows) {
  const auto parts = qkv.view({qkv.size(0), h.heads + 2 * h.kv_heads, h.size});
  auto query = parts.narrow(1, 0, h.heads), key = parts.narrow(1, h.heads, h.kv_heads);
  if (query_norm.defined()) {
    query = rms_norm(query, query_norm, h.epsilon);
    key = rms_norm(key, key_norm, h.epsilon);
  }
  cache.keys.index_copy_(0, rows.slots, rotate(key, rows.cosine, rows.sine));
  cache.values.index_copy_(0, rows.slots, parts.narrow(1, h.heads + h.kv_heads, h.kv_heads));
  return rotate(query, rows.cosine, rows.sine);
}

/// One row: its queries, normalised and turned, to `query`; its keys and values into the cache.
template <class Element>
void place_row(const Element* qkv, const Element* query_norm, const Element* key_norm,
               const head_shape& h, const float* cosine, const float* sine, Element* query,
               Element* keys, Element* values) {
  Element normal[1024];
  for (std::int64_t i = 0; i < h.heads + h.kv_heads; ++i) {
    const bool is_query = i < h.heads;
    const Element* from = qkv + i * h.size;
    if (query_norm) {
      rms_norm_row(from, is_query ? query_norm : key_norm, h.size, static_cast<float>(h.epsilon),
                   normal);
      from = normal;
    }
    rotate_head(from, cosine, sine, h.size / 2,
                is_query ? query + i * h.size : keys + (i - h.heads) * h.size);
  }
  std::memcpy(values, qkv + (h.heads + h.kv_heads) * h.size,
              static_cast<std::size_t>(h.kv_heads * h.size) * sizeof(Element));
}

template <class Element>
Element* elements(const torch::Tensor& t) {
  return t.defined() ? static_cast<Element*>(t.data_ptr()) : nullptr;
}

template <class Element>
torch::Tensor place_by_kernels(const torch::Tensor& qkv, const torch::Tensor& query_norm,
                               const torch::Tensor& key_norm, const head_shape& h,
                               kv_store::layer& cache, const batch_rows& rows) {
  const auto count = qkv.size(0), half = h.size / 2;
  auto query = torch::empty({count, h.heads, h.size}, qkv.options());
  const auto* slots = rows.slots.data_ptr<std::int64_t>();
  constexpr std::int64_t together = 16;
  all_cores().share((count + together - 1) / together, [&](std::int64_t part) {
    for (auto i = part * together; i < std::min(count, (part + 1) * together); ++i)
      place_row<Element>(elements<Element>(qkv) + i * qkv.size(1), elements<Element>(query_norm),
                         elements<Element>(key_norm), h, rows.cosine.data_ptr<float>() + i * half,
                         rows.sine.data_ptr<float>() + i * half,
                         elements<Element>(query) + i * h.heads * h.size,
                         elements<Element>(cache.keys) + slots[i] * h.kv_heads * h.size,
                         elements<Element>(cache.values) + slots[i] * h.kv_heads * h.size);
  });
  return query;
}

template <class Element>
torch::Tensor attend_by_kernels(const torch::Tensor& query, const head_shape& h,
                                const kv_store::layer& cache, const batch_rows& rows) {
  auto out = torch::empty({query.size(0), h.heads * h.size}, query.options());
  struct piece {
    const attention_task<Element>* task;
    std::int64_t head, tile;
  };
  std::vector<attention_task<Element>> tasks;
  std::vector<piece> pieces;
  std::int64_t scratch = 0, work = 0;
  for (const auto& s : rows.sequences)
    tasks.push_back({.query = elements<Element>(query) + s.first * h.heads * h.size,
                     .rows = s.count,
                     .from = s.from,
                     .heads = h.heads,
                     .kv_heads = h.kv_heads,
                     .size = h.size,
                     .keys = elements<Element>(cache.keys),
                     .values = elements<Element>(cache.values),
                     .blocks = s.blocks.data(),
                     .block_size = rows.block_size,
                     .out = elements<Element>(out) + s.first * h.heads * h.size});
  for (const auto& t : tasks) {
    for (std::int64_t head = 0; head < h.kv_heads; ++head)
      for (std::int64_t tile = 0; tile < t.tiles(); ++tile) pieces.push_back({&t, head, tile});
    scratch = std::max(scratch, t.scratch());
    work += t.rows * h.heads * (t.from + t.rows) * h.size;
  }
  const auto parts =
      work < 65536 ? 1 : std::min<std::int64_t>(std::ssize(pieces), 8 * all_cores().threads());
  all_cores().share(parts, [&](std::int64_t part) {
    std::vector<float> room(static_cast<std::size_t>(scratch));
    for (auto i = std::ssize(pieces) * part / parts; i < std::ssize(pieces) * (part + 1) / parts;
         ++i) {
      const piece& p = pieces[static_cast<std::size_t>(i)];
      attend(*p.task, p.head, p.tile, room.data());
    }
  });
  return out;
}

}  // namespace

torch::Tensor rotate(const torch::Tensor& x, const torch::Tensor& cosine,
                     const torch::Tensor& sine) {
  const auto half = x.size(-1) / 2;
  const auto wide = x.to(torch::kFloat32);
  const auto a = wide.narrow(-1, 0, half), b = wide.narrow(-1, half, half);
  return torch::cat({a * cosine - b * sine, b * cosine + a * sine}, -1).to(x.scalar_type());
}

torch::Tensor attend(const torch::Tensor& query, const head_shape& shape,
                     const kv_store::layer& cache, const batch_rows& rows) {
  if (!fits_cpu_kernels(query)) return attend_by_operations(query, cache, rows);
  return query.scalar_type() == at::kFloat
             ? attend_by_kernels<float>(query, shape, cache, rows)
             : attend_by_kernels<bf16_bits>(query, shape, cache, rows);
}

torch::Tensor attention(const torch::Tensor& qkv, const torch::Tensor& query_norm,
                        const torch::Tensor& key_norm, const head_shape& shape,
                        kv_store::layer& cache, const batch_rows& rows) {
  const auto place = !fits_cpu_kernels(qkv) || shape.size > 1024 ? place_by_operations
                     : qkv.scalar_type() == at::kFloat           ? place_by_kernels<float>
                                                                 : place_by_kernels<bf16_bits>;
  return attend(place(qkv, query_norm, key_norm, shape, cache, rows), shape, cache, rows);
}

}  // namespace troupe
