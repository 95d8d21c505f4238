#include "model/cpu_attention.hpp"

#include "model/avx512_tile.hpp"

namespace troupe {

namespace {

using namespace avx512;

/// Sixteen registers of sixteen: rows become columns.
void transpose16(__m512i r[16]) {
  __m512i t[16];
  for (int i = 0; i < 16; i += 2) {
    t[i] = _mm512_unpacklo_epi32(r[i], r[i + 1]);
    t[i + 1] = _mm512_unpackhi_epi32(r[i], r[i + 1]);
  }
  for (int i = 0; i < 16; i += 4) {
    r[i] = _mm512_unpacklo_epi64(t[i], t[i + 2]);
    r[i + 1] = _mm512_unpackhi_epi64(t[i], t[i + 2]);
    r[i + 2] = _mm512_unpacklo_epi64(t[i + 1], t[i + 3]);
    r[i + 3] = _mm512_unpackhi_epi64(t[i + 1], t[i + 3]);
  }
  // r[4 k + c]: column c of each quarter of a register, of the rows 4 k and on.
  for (int c = 0; c < 4; ++c) {
    t[c] = _mm512_shuffle_i32x4(r[c], r[c + 4], 0x88);
    t[c + 4] = _mm512_shuffle_i32x4(r[c], r[c + 4], 0xdd);
    t[c + 8] = _mm512_shuffle_i32x4(r[c + 8], r[c + 12], 0x88);
    t[c + 12] = _mm512_shuffle_i32x4(r[c + 8], r[c + 12], 0xdd);
  }
  for (int c = 0; c < 4; ++c) {
    r[c] = _mm512_shuffle_i32x4(t[c], t[c + 8], 0x88);
    r[c + 8] = _mm512_shuffle_i32x4(t[c], t[c + 8], 0xdd);
    r[c + 4] = _mm512_shuffle_i32x4(t[c + 4], t[c + 12], 0x88);
    r[c + 12] = _mm512_shuffle_i32x4(t[c + 4], t[c + 12], 0xdd);
  }
}

/// What differs between the types of elements: how values and the weights of positions get into
/// the order of panels and blocks.
struct f32_elements {
  using element = float;
  static constexpr panel_kind kind = panel_kind::f32;
  static constexpr std::int64_t together = 1;  ///< elements of a step

  /// 32 elements of the values at a step's positions become that step of a panel.
  static void interleave(const float* const* values, std::int64_t d, std::int64_t n,
                         std::uint32_t* step) {
    _mm512_storeu_ps(step, load16(values[0] + d, n));
    _mm512_storeu_ps(step + 16, n > 16 ? load16(values[0] + d + 16, n - 16) : _mm512_setzero_ps());
  }
  /// The steps of 16 positions from their weights, in the lowest elements.
  static __m512i narrowed(const float* weights) { return _mm512_loadu_si512(weights); }
};

struct bf16_elements {
  using element = bf16;
  static constexpr panel_kind kind = panel_kind::bf16;
  static constexpr std::int64_t together = 2;

  static __m512i load32(const bf16* p, std::int64_t n) {
    const auto mask = static_cast<__mmask32>(n >= 32 ? ~0u : (1u << n) - 1);
    return _mm512_maskz_loadu_epi16(mask, p);
  }
  static void interleave(const bf16* const* values, std::int64_t d, std::int64_t n,
                         std::uint32_t* step) {
    const __m512i a = load32(values[0] + d, n), b = load32(values[1] + d, n);
    alignas(64) static constexpr std::uint16_t low[32] = {
        0, 32, 1, 33, 2,  34, 3,  35, 4,  36, 5,  37, 6,  38, 7,  39,
        8, 40, 9, 41, 10, 42, 11, 43, 12, 44, 13, 45, 14, 46, 15, 47};
    const __m512i first_half = _mm512_load_si512(low);
    const __m512i second_half = _mm512_add_epi16(first_half, _mm512_set1_epi16(16));
    _mm512_storeu_si512(step, _mm512_permutex2var_epi16(a, first_half, b));
    _mm512_storeu_si512(step + 16, _mm512_permutex2var_epi16(a, second_half, b));
  }
  static __m512i narrowed(const float* weights) {
    return (__m512i)_mm512_cvtne2ps_pbh(_mm512_loadu_ps(weights + 16), _mm512_loadu_ps(weights));
  }
};

/// Attention in the manner of FlashAttention (Dao et al. 2022): keys and values come in spans, and
/// what was summed up so far is scaled down when a span has a higher score than all before.
template <class Elements>
class tile_worker {
  using element = typename Elements::element;
  static constexpr std::int64_t together = Elements::together;
  static constexpr std::int64_t span_steps = attention_span / together;

 public:
  tile_worker(const attention_task<element>& t, std::int64_t head, std::int64_t tile,
              float* scratch)
      : t_(t),
        head_(head),
        group_(t.heads / t.kv_heads),
        first_(tile * attention_tile),
        blocks_{smaller(attention_tile, t.rows * group_ - first_)},
        steps_((t.size + together - 1) / together),
        panels_((t.size + panel_outputs - 1) / panel_outputs) {
    auto room = [&](std::int64_t words) {
      auto* out = scratch;
      scratch += (words + 15) / 16 * 16;
      return out;
    };
    // In the order and of the sizes that attention_scratch counts.
    queries_ = reinterpret_cast<std::uint32_t*>(room(attention_tile * steps_));
    panel_ = reinterpret_cast<std::uint32_t*>(
        room(panel_outputs * larger((steps_ + 15) / 16 * 16, span_steps * panels_)));
    scores_ = room(attention_tile * attention_span);
    weights_ = reinterpret_cast<std::uint32_t*>(room(attention_tile * span_steps + 16));
    mixed_ = room(attention_tile * panels_ * panel_outputs);
  }

  void run() {
    const auto count = blocks_.rows;
    for (std::int64_t i = 0; i < count; ++i) {
      highest_[i] = -__builtin_inff();
      sums_[i] = 0;
    }
    for (std::int64_t i = 0; i < count * panels_ * panel_outputs; i += 16)
      _mm512_storeu_ps(mixed_ + i, _mm512_setzero_ps());
    for (std::int64_t b = 0; b < blocks_.count(); ++b) order_queries(b);
    const auto last = seen(count - 1);
    for (std::int64_t from = 0; from < last; from += attention_span) {
      const auto size = smaller(attention_span, last - from);
      score(from, size);
      for (std::int64_t i = 0; i < count; ++i) soften(i, from, size);
      mix(from, size);
    }
    for (std::int64_t i = 0; i < count; ++i) give(i);
  }

 private:
  std::int64_t row(std::int64_t query) const { return (first_ + query) / group_; }
  std::int64_t query_head(std::int64_t query) const {
    return head_ * group_ + (first_ + query) % group_;
  }
  /// Positions that a query looks at.
  std::int64_t seen(std::int64_t query) const { return t_.from + row(query) + 1; }

  const element* at(const element* cache, std::int64_t position) const {
    const std::int64_t slot =
        t_.blocks[position / t_.block_size] * t_.block_size + position % t_.block_size;
    return cache + (slot * t_.kv_heads + head_) * t_.size;
  }

  void order_queries(std::int64_t block) {
    const auto from = blocks_.first(block), rows = blocks_.size(block);
    std::uint32_t* const out = queries_ + from * steps_;
    for (std::int64_t r = 0; r < rows; ++r) {
      const element* q = t_.query + (row(from + r) * t_.heads + query_head(from + r)) * t_.size;
      for (std::int64_t s = 0; s < steps_; ++s) {
        const auto n = smaller(together, t_.size - s * together);
        out[s * rows + r] = 0;
        __builtin_memcpy(out + s * rows + r, q + s * together,
                         static_cast<unsigned long>(n) * sizeof(element));
      }
    }
  }

  /// The keys of 32 positions as a panel. Beyond `last` the last one again.
  void order_keys(std::int64_t from, std::int64_t last) {
    for (std::int64_t half = 0; half < 2; ++half) {
      const element* keys[16];
      for (std::int64_t i = 0; i < 16; ++i)
        keys[i] = at(t_.keys, smaller(from + 16 * half + i, last));
      for (std::int64_t s = 0; s < steps_; s += 16) {
        __m512i words[16];
        const auto elements = t_.size - s * together;
        for (int i = 0; i < 16; ++i) words[i] = load_steps(keys[i] + s * together, elements);
        transpose16(words);
        for (int i = 0; i < 16; ++i)
          _mm512_storeu_si512(panel_ + (s + i) * panel_outputs + 16 * half, words[i]);
      }
    }
  }
  static __m512i load_steps(const float* p, std::int64_t n) {
    return _mm512_castps_si512(load16(p, n));
  }
  static __m512i load_steps(const bf16* p, std::int64_t n) { return bf16_elements::load32(p, n); }

  tile product(const std::uint32_t* x, const std::uint32_t* panel, std::int64_t steps,
               float (*sums)[panel_outputs]) const {
    const auto* weights = reinterpret_cast<const std::byte*>(panel);
    return {.x = x,
            .scales = nullptr,
            .starts = nullptr,
            .weights = weights,
            .steps = steps,
            .ahead = weights,
            .also_ahead = weights,
            .sums = sums};
  }

  void score(std::int64_t from, std::int64_t size) {
    alignas(64) float sums[most_block_rows][panel_outputs];
    for (std::int64_t p = 0; p < size; p += panel_outputs) {
      order_keys(from + p, from + size - 1);
      for (std::int64_t b = 0; b < blocks_.count(); ++b) {
        const auto row = blocks_.first(b), rows = blocks_.size(b);
        sum_up_function(Elements::kind,
                        rows)(product(queries_ + row * steps_, panel_, steps_, sums));
        for (std::int64_t r = 0; r < rows; ++r) {
          float* to = scores_ + (row + r) * attention_span + p;
          _mm512_storeu_ps(to, _mm512_load_ps(sums[r]));
          _mm512_storeu_ps(to + 16, _mm512_load_ps(sums[r] + 16));
        }
      }
    }
  }

  /// Scores of a span become weights, exp(score - highest so far); what is not seen becomes 0.
  void soften(std::int64_t query, std::int64_t from, std::int64_t size) {
    float* scores = scores_ + query * attention_span;
    const auto visible = seen(query) - from;
    __m512 most = _mm512_set1_ps(highest_[query]);
    for (std::int64_t p = 0; p < smaller(visible, size); p += 16)
      most = _mm512_mask_max_ps(most, first(visible - p), most, _mm512_loadu_ps(scores + p));
    const float top = _mm512_reduce_max_ps(most);
    const float by = 1 / __builtin_sqrtf(static_cast<float>(t_.size));
    __m512 sum = _mm512_setzero_ps();
    for (std::int64_t p = 0; p < attention_span; p += 16) {
      const __mmask16 mask =
          p < visible && p < size ? first(smaller(visible, size) - p) : static_cast<__mmask16>(0);
      const __m512 x = _mm512_mul_ps(
          _mm512_sub_ps(_mm512_loadu_ps(scores + p), _mm512_set1_ps(top)), _mm512_set1_ps(by));
      const __m512 y = _mm512_maskz_mov_ps(mask, exp16(x));
      _mm512_storeu_ps(scores + p, y);
      sum = _mm512_add_ps(sum, y);
    }
    const __m512 before = exp16(_mm512_set1_ps((highest_[query] - top) * by));
    const float shrink = _mm512_cvtss_f32(before);
    if (from > 0 && highest_[query] < top) {
      float* mixed = mixed_ + query * panels_ * panel_outputs;
      for (std::int64_t d = 0; d < panels_ * panel_outputs; d += 16)
        _mm512_storeu_ps(mixed + d, _mm512_mul_ps(_mm512_loadu_ps(mixed + d), before));
    }
    sums_[query] = (from > 0 ? sums_[query] * shrink : 0) + _mm512_reduce_add_ps(sum);
    highest_[query] = top;
  }

  void order_weights(std::int64_t block, std::int64_t steps) {
    const auto from = blocks_.first(block), rows = blocks_.size(block);
    std::uint32_t* const out = weights_ + from * span_steps;
    for (std::int64_t s = 0; s < steps; s += 16) {
      __m512i words[16];
      for (std::int64_t r = 0; r < 16; ++r)
        words[r] = r < rows
                       ? Elements::narrowed(scores_ + (from + r) * attention_span + s * together)
                       : _mm512_setzero_si512();
      transpose16(words);
      // Each store runs over into the next step, which is written after it.
      for (int i = 0; i < 16; ++i) _mm512_storeu_si512(out + (s + i) * rows, words[i]);
    }
  }

  /// Adds a span's values to what is mixed so far.
  void mix(std::int64_t from, std::int64_t size) {
    const auto steps = (size + together - 1) / together;
    for (std::int64_t s = 0; s < steps; ++s) {
      const element* values[together];
      for (std::int64_t i = 0; i < together; ++i)
        values[i] = at(t_.values, from + smaller(s * together + i, size - 1));
      for (std::int64_t p = 0; p < panels_; ++p)
        Elements::interleave(values, p * panel_outputs, t_.size - p * panel_outputs,
                             panel_ + (p * span_steps + s) * panel_outputs);
    }
    alignas(64) float sums[most_block_rows][panel_outputs];
    for (std::int64_t b = 0; b < blocks_.count(); ++b) {
      const auto row = blocks_.first(b), rows = blocks_.size(b);
      order_weights(b, steps);
      for (std::int64_t p = 0; p < panels_; ++p) {
        sum_up_function(Elements::kind, rows)(product(
            weights_ + row * span_steps, panel_ + p * span_steps * panel_outputs, steps, sums));
        for (std::int64_t r = 0; r < rows; ++r) {
          float* to = mixed_ + ((row + r) * panels_ + p) * panel_outputs;
          for (int half = 0; half < 32; half += 16)
            _mm512_storeu_ps(to + half, _mm512_add_ps(_mm512_loadu_ps(to + half),
                                                      _mm512_load_ps(sums[r] + half)));
        }
      }
    }
  }

  void give(std::int64_t query) {
    element* out = t_.out + (row(query) * t_.heads + query_head(query)) * t_.size;
    const float* mixed = mixed_ + query * panels_ * panel_outputs;
    const __m512 by = _mm512_set1_ps(1 / sums_[query]);
    for (std::int64_t d = 0; d < t_.size; d += 16)
      store16(out + d, _mm512_mul_ps(_mm512_loadu_ps(mixed + d), by), t_.size - d);
  }

  const attention_task<element>& t_;
  std::int64_t head_, group_, first_;
  row_blocks blocks_;  ///< of the tile's queries
  std::int64_t steps_, panels_;
  std::uint32_t *queries_, *panel_, *weights_;
  float *scores_, *mixed_;
  float highest_[attention_tile], sums_[attention_tile];
};

template <class Element>
void normalise(const Element* x, const Element* weight, std::int64_t size, float epsilon,
               Element* out) {
  __m512 squares = _mm512_setzero_ps();
  for (std::int64_t i = 0; i < size; i += 16) {
    const __m512 v = load16(x + i, size - i);
    squares = _mm512_fmadd_ps(v, v, squares);
  }
  const float mean = _mm512_reduce_add_ps(squares) / static_cast<float>(size);
  const __m512 by = _mm512_set1_ps(1 / __builtin_sqrtf(mean + epsilon));
  for (std::int64_t i = 0; i < size; i += 16)
    store16(out + i,
            _mm512_mul_ps(_mm512_mul_ps(load16(x + i, size - i), by), load16(weight + i, size - i)),
            size - i);
}

template <class Element>
void turn(const Element* x, const float* cosine, const float* sine, std::int64_t half,
          Element* out) {
  for (std::int64_t i = 0; i < half; i += 16) {
    const auto n = half - i;
    const __m512 a = load16(x + i, n), b = load16(x + half + i, n);
    const __m512 c = load16(cosine + i, n), s = load16(sine + i, n);
    store16(out + i, _mm512_fmsub_ps(a, c, _mm512_mul_ps(b, s)), n);
    store16(out + half + i, _mm512_fmadd_ps(b, c, _mm512_mul_ps(a, s)), n);
  }
}

template <class Element>
void gate(const Element* x, const Element* up, std::int64_t size, Element* out) {
  for (std::int64_t i = 0; i < size; i += 16) {
    const auto n = size - i;
    store16(out + i, _mm512_mul_ps(silu(load16(x + i, n)), load16(up + i, n)), n);
  }
}

}  // namespace

void attend(const attention_task<float>& t, std::int64_t head, std::int64_t tile, float* scratch) {
  tile_worker<f32_elements>(t, head, tile, scratch).run();
}
void attend(const attention_task<bf16_bits>& t, std::int64_t head, std::int64_t tile,
            float* scratch) {
  tile_worker<bf16_elements>(t, head, tile, scratch).run();
}
void rms_norm_row(const float* x, const float* weight, std::int64_t size, float epsilon,
                  float* out) {
  normalise(x, weight, size, epsilon, out);
}
void rms_norm_row(const bf16_bits* x, const bf16_bits* weight, std::int64_t size, float epsilon,
                  bf16_bits* out) {
  normalise(x, weight, size, epsilon, out);
}
void rotate_head(const float* x, const float* cosine, const float* sine, std::int64_t half,
                 float* out) {
  turn(x, cosine, sine, half, out);
}
void rotate_head(const bf16_bits* x, const float* cosine, const float* sine, std::int64_t half,
                 bf16_bits* out) {
  turn(x, cosine, sine, half, out);
}
void gate_row(const float* gate_values, const float* up, std::int64_t size, float* out) {
  gate(gate_values, up, size, out);
}
void gate_row(const bf16_bits* gate_values, const bf16_bits* up, std::int64_t size,
              bf16_bits* out) {
  gate(gate_values, up, size, out);
}

}  // namespace troupe
