#include "model/cpu_panels.hpp"

#include "model/avx512_levels.hpp"
#include "model/avx512_results.hpp"
#include "model/avx512_tile.hpp"

namespace troupe {

namespace {

using namespace avx512;

template <class Out>
void multiply_any(const panel_weights& w, const packed_rows& x, const product_results<Out>& to,
                  std::int64_t first, std::int64_t last) {
  const panel_layout& l = w.layout;
  const auto bytes = l.panel_bytes(), steps = l.steps(), groups = l.groups();
  const auto blocks = x.blocks.count();
  alignas(64) float sums[most_block_rows][panel_outputs];
  for (auto panel = first; panel < last; ++panel) {
    const std::byte* weights = w.weights + panel * bytes;
    for (std::int64_t block = 0; block < blocks; ++block) {
      const auto row = x.blocks.first(block), rows = x.blocks.size(block);
      tile t{.x = x.inputs + row * steps,
             .scales = x.scales + row * groups,
             .starts = x.starts + row * groups,
             .weights = weights,
             .steps = steps,
             .ahead = weights,
             .also_ahead = weights,
             .sums = sums};
      // The first blocks bring the next panel. One row alone is as fast as memory, which comes in
      // order: further ahead of itself is all that helps.
      if (x.blocks.rows == 1) {
        t.ahead = weights + 4096;
        t.also_ahead = weights + 4096 + bytes / 2;
      } else if (blocks == 1) {
        t.ahead = weights + bytes;
        t.also_ahead = t.ahead + bytes / 2;
      } else if (block < 2) {
        t.ahead = weights + bytes + block * (bytes / 2);
      }
      sum_up_function(l.kind, rows)(t);
      finish(w, panel, sums, to, row, rows);
    }
  }
}

template <class Element>
void pack_any(const panel_weights& to, std::int64_t panel, const Element* weight,
              const Element* bias) {
  const panel_layout& l = to.layout;
  const auto steps = l.steps(), inputs = l.inputs;
  std::byte* const out = to.weights + panel * l.panel_bytes();
  for (std::int64_t place = 0; place < panel_outputs; ++place) {
    const auto output = l.output_at(panel, place);
    const auto at = panel * panel_outputs + place;
    const Element* w = output < 0 ? nullptr : weight + output * inputs;
    if (to.bias) to.bias[at] = bias && w ? wide(bias[output]) : 0;
    if (l.kind != panel_kind::int8) {
      auto* element = reinterpret_cast<Element*>(out) + place * (4 / sizeof(Element));
      constexpr std::int64_t together = 4 / sizeof(Element);
      for (std::int64_t i = 0; i < steps * together; ++i)
        element[i / together * (panel_outputs * together) + i % together] =
            w && i < inputs ? w[i] : Element{};
      continue;
    }
    const float largest = w ? largest_of(w, inputs) : 0;
    to.scales[at] = largest / 127;
    const __m512 by = _mm512_set1_ps(largest > 0 ? 127 / largest : 0);
    for (std::int64_t i = 0; i < steps * 4; i += 16) {
      const __m128i levels =
          w && i < inputs ? levels16(w + i, inputs - i, by) : _mm_setzero_si128();
      alignas(16) std::uint32_t fours[4];
      _mm_store_si128(reinterpret_cast<__m128i*>(fours),
                      _mm_xor_si128(levels, _mm_set1_epi8(static_cast<char>(0x80))));
      for (std::int64_t four = 0; four < 4; ++four)
        __builtin_memcpy(out + ((i / 4 + four) * panel_outputs + place) * 4, &fours[four], 4);
    }
  }
}

template <class Element>
void round_block(const packed_rows& to, std::int64_t row, std::int64_t rows, const panel_layout& l,
                 const Element* x) {
  const auto groups = l.groups();
  std::uint32_t* const out = to.inputs + row * l.steps();
  for (std::int64_t r = 0; r < rows; ++r) {
    for (std::int64_t g = 0; g < groups; ++g) {
      const auto from = g * int8_group;
      const auto [scale, start] =
          round_group(x + (row + r) * l.inputs + from, smaller(int8_group, l.inputs - from),
                      [&](std::int64_t i, __m128i levels) {
                        alignas(16) std::uint32_t fours[4];
                        _mm_store_si128(reinterpret_cast<__m128i*>(fours), levels);
                        for (std::int64_t four = 0; four < 4; ++four)
                          out[((from + i) / 4 + four) * rows + r] = fours[four];
                      });
      to.scales[row * groups + g * rows + r] = scale;
      to.starts[row * groups + g * rows + r] = start;
    }
  }
}

template <class Element>
void pack_rows_any(const packed_rows& to, std::int64_t block, const panel_layout& l,
                   const Element* x) {
  const auto row = to.blocks.first(block), rows = to.blocks.size(block);
  if (l.kind == panel_kind::int8) return round_block(to, row, rows, l, x);
  constexpr std::int64_t together = 4 / sizeof(Element);
  const auto whole = l.inputs / together, steps = l.steps();
  std::uint32_t* const out = to.inputs + row * steps;
  for (std::int64_t r = 0; r < rows; ++r) {
    const Element* from = x + (row + r) * l.inputs;
    for (std::int64_t s = 0; s < whole; ++s)
      __builtin_memcpy(out + s * rows + r, from + s * together, 4);
    for (std::int64_t s = whole; s < steps; ++s) out[s * rows + r] = 0;
    if (whole * together < l.inputs)
      __builtin_memcpy(out + whole * rows + r, from + whole * together, 2);
  }
}

}  // namespace

void pack_panel(const panel_weights& to, std::int64_t panel, const float* weight,
                const float* bias) {
  pack_any(to, panel, weight, bias);
}
void pack_panel(const panel_weights& to, std::int64_t panel, const bf16_bits* weight,
                const bf16_bits* bias) {
  pack_any(to, panel, weight, bias);
}

void unpack_output(const panel_weights& from, std::int64_t output, void* weight) {
  const panel_layout& l = from.layout;
  const auto [panel, place] = l.position_of(output);
  const std::byte* w = from.weights + panel * l.panel_bytes() + 4 * place;
  const std::int64_t bytes = l.inputs * (l.kind == panel_kind::f32 ? 4 : 2);
  auto* out = static_cast<std::byte*>(weight);
  for (std::int64_t i = 0; i < bytes; i += 4, w += 4 * panel_outputs)
    __builtin_memcpy(out + i, w, static_cast<std::size_t>(smaller(4, bytes - i)));
}

void pack_rows(const packed_rows& to, std::int64_t block, const panel_layout& layout,
               const float* x) {
  pack_rows_any(to, block, layout, x);
}
void pack_rows(const packed_rows& to, std::int64_t block, const panel_layout& layout,
               const bf16_bits* x) {
  pack_rows_any(to, block, layout, x);
}

void multiply(const panel_weights& w, const packed_rows& x, const product_results<float>& to,
              std::int64_t first, std::int64_t last) {
  multiply_any(w, x, to, first, last);
}
void multiply(const panel_weights& w, const packed_rows& x, const product_results<bf16_bits>& to,
              std::int64_t first, std::int64_t last) {
  multiply_any(w, x, to, first, last);
}

}  // namespace troupe
