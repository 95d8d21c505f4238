#include "model/cpu_attention.hpp"

#include "model/avx512.hpp"

namespace troupe {

namespace {

using namespace avx512;

/// Four queries of one key head; they may belong to different rows.
template <class Chunks>
class tile_worker {
  using element = typename Chunks::element;

 public:
  tile_worker(const attention_task<element>& t, std::int64_t head, std::int64_t tile,
              float* scratch)
      : t_(t), head_(head), group_(t.heads / t.kv_heads) {
    const auto first = tile * 4;
    count_ = smaller(4, t.rows * group_ - first);
    const auto stride = (t.from + t.rows + 15) / 16 * 16;
    for (std::int64_t i = 0; i < 4; ++i) {
      const auto at = first + smaller(i, count_ - 1);
      const auto row = at / group_, query_head = head * group_ + at % group_;
      query_[i] = t.query + (row * t.heads + query_head) * t.size;
      out_[i] = t.out + (row * t.heads + query_head) * t.size;
      seen_[i] = t.from + row + 1;
      scores_[i] = scratch + i * stride;
    }
    most_seen_ = seen_[count_ - 1];
  }

  void run() {
    score();
    for (std::int64_t i = 0; i < count_; ++i) scale_[i] = soften(scores_[i], seen_[i]);
    for (std::int64_t d = 0; d < t_.size; d += 64) mix(d, smaller(64, t_.size - d));
  }

 private:
  const element* at(const element* cache, std::int64_t position) const {
    const std::int64_t slot =
        t_.blocks[position / t_.block_size] * t_.block_size + position % t_.block_size;
    return cache + (slot * t_.kv_heads + head_) * t_.size;
  }

  void score() {
    for (std::int64_t p = 0; p < most_seen_; p += 4) {
      const element* keys[4];
      for (std::int64_t i = 0; i < 4; ++i) keys[i] = at(t_.keys, smaller(p + i, most_seen_ - 1));
      __m512 sums[4][4];
      for (auto& row : sums)
        for (auto& s : row) s = _mm512_setzero_ps();
      auto add = [&](auto load) {
        typename Chunks::chunk k[4];
        for (int i = 0; i < 4; ++i) k[i] = load(keys[i]);
        for (int q = 0; q < 4; ++q) {
          const auto x = load(query_[q]);
          for (int i = 0; i < 4; ++i) sums[q][i] = Chunks::add_product(sums[q][i], x, k[i]);
        }
      };
      std::int64_t d = 0;
      for (; d + Chunks::width <= t_.size; d += Chunks::width)
        add([d](const element* x) { return Chunks::load(x + d); });
      if (d < t_.size)
        add([d, n = t_.size - d](const element* x) { return Chunks::load(x + d, n); });
      // Scores are written in fours; their rows are long enough for that.
      for (int q = 0; q < 4; ++q)
        _mm_storeu_ps(scores_[q] + p, sums_of(sums[q][0], sums[q][1], sums[q][2], sums[q][3]));
    }
  }

  /// Scores become exp(score - highest); what is not seen becomes 0. Gives 1 / their sum.
  float soften(float* scores, std::int64_t seen) const {
    const float by = 1 / __builtin_sqrtf(static_cast<float>(t_.size));
    __m512 highest = _mm512_set1_ps(-__builtin_inff());
    for (std::int64_t p = 0; p < seen; p += 16)
      highest = _mm512_mask_max_ps(highest, first(seen - p), highest, _mm512_loadu_ps(scores + p));
    const float top = _mm512_reduce_max_ps(highest);
    __m512 sum = _mm512_setzero_ps();
    for (std::int64_t p = 0; p < most_seen_; p += 16) {
      const __m512 x = _mm512_mul_ps(
          _mm512_sub_ps(_mm512_loadu_ps(scores + p), _mm512_set1_ps(top)), _mm512_set1_ps(by));
      const __mmask16 visible = p < seen ? first(seen - p) : static_cast<__mmask16>(0);
      const __m512 y = _mm512_maskz_mov_ps(visible, exp16(x));
      _mm512_storeu_ps(scores + p, y);
      sum = _mm512_add_ps(sum, y);
    }
    return 1 / _mm512_reduce_add_ps(sum);
  }

  /// The values' elements [d, d + n), weighted by the scores.
  void mix(std::int64_t d, std::int64_t n) {
    __m512 sums[4][4];
    for (auto& row : sums)
      for (auto& s : row) s = _mm512_setzero_ps();
    for (std::int64_t p = 0; p < most_seen_; ++p) {
      const element* value = at(t_.values, p) + d;
      __m512 v[4];
      for (std::int64_t i = 0; i < 4; ++i)
        v[i] = n >= 64 ? load16(value + 16 * i) : load16(value + 16 * i, larger(n - 16 * i, 0));
      for (int q = 0; q < 4; ++q) {
        const __m512 weight = _mm512_set1_ps(scores_[q][p]);
        for (int i = 0; i < 4; ++i) sums[q][i] = _mm512_fmadd_ps(weight, v[i], sums[q][i]);
      }
    }
    for (std::int64_t q = 0; q < count_; ++q)
      for (std::int64_t i = 0; 16 * i < n; ++i)
        store16(out_[q] + d + 16 * i, _mm512_mul_ps(sums[q][i], _mm512_set1_ps(scale_[q])),
                n - 16 * i);
  }

  const attention_task<element>& t_;
  std::int64_t head_, group_, count_ = 0, most_seen_ = 0;
  const element* query_[4];
  element* out_[4];
  std::int64_t seen_[4];
  float* scores_[4];
  float scale_[4] = {};
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
  const __m512 one = _mm512_set1_ps(1);
  for (std::int64_t i = 0; i < size; i += 16) {
    const __m512 v = load16(x + i, size - i);
    // Beyond 88 the other way round exp would overflow; silu(x) is x there, and 0 below.
    const __m512 e =
        exp16(_mm512_min_ps(_mm512_sub_ps(_mm512_setzero_ps(), v), _mm512_set1_ps(88)));
    const __m512 silu = _mm512_div_ps(v, _mm512_add_ps(one, e));
    store16(out + i, _mm512_mul_ps(silu, load16(up + i, size - i)), size - i);
  }
}

}  // namespace

void attend(const attention_task<float>& t, std::int64_t head, std::int64_t tile, float* scratch) {
  tile_worker<float_chunks>(t, head, tile, scratch).run();
}
void attend(const attention_task<bf16_bits>& t, std::int64_t head, std::int64_t tile,
            float* scratch) {
  tile_worker<bf16_chunks>(t, head, tile, scratch).run();
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
