#include "model/rope.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace troupe {

namespace {

constexpr double two_pi = 2 * std::numbers::pi;

void stretch_as_llama3(const rope_settings& s, std::vector<double>& frequencies) {
  const auto context = static_cast<double>(s.original_context);
  for (double& f : frequencies) {
    const double wavelength = two_pi / f;
    if (wavelength < context / s.high_factor) continue;
    const double kept =
        wavelength > context / s.low_factor
            ? 0.0
            : (context / wavelength - s.low_factor) / (s.high_factor - s.low_factor);
    f = (1 - kept) * f / s.factor + kept * f;
  }
}

void stretch_as_yarn(const rope_settings& s, std::vector<double>& frequencies) {
  const auto size = static_cast<double>(s.size);
  /// The pair that turns so many times within the original context.
  auto pair_of = [&](double rotations) {
    return size * std::log(static_cast<double>(s.original_context) / (rotations * two_pi)) /
           (2 * std::log(s.theta));
  };
  double low = pair_of(s.beta_fast), high = pair_of(s.beta_slow);
  if (s.whole_borders) {
    low = std::floor(low);
    high = std::ceil(high);
  }
  low = std::max(low, 0.0);
  high = std::min(high, size - 1);
  if (low == high) high += 0.001;
  for (std::size_t i = 0; i < frequencies.size(); ++i) {
    const double ramp = std::clamp((static_cast<double>(i) - low) / (high - low), 0.0, 1.0);
    frequencies[i] *= ramp / s.factor + (1 - ramp);
  }
}

double yarn_scale(double factor, double mscale) {
  return factor <= 1 ? 1.0 : 0.1 * mscale * std::log(factor) + 1.0;
}

}  // namespace

std::vector<double> rope_frequencies(const rope_settings& s, std::int64_t length) {
  const auto size = static_cast<double>(s.size);
  double base = s.theta;
  if (s.depends_on_length(length)) {
    const double stretched =
        s.factor * static_cast<double>(length) / static_cast<double>(s.original_context) -
        (s.factor - 1);
    base *= std::pow(stretched, size / (size - 2));
  }
  std::vector<double> out;
  for (std::int64_t i = 0; i < s.size; i += 2)
    out.push_back(std::pow(base, -static_cast<double>(i) / size));
  if (s.kind == rope_kind::linear)
    for (double& f : out) f /= s.factor;
  if (s.kind == rope_kind::llama3) stretch_as_llama3(s, out);
  if (s.kind == rope_kind::yarn) stretch_as_yarn(s, out);
  return out;
}

double rope_attention_factor(const rope_settings& s) {
  if (s.kind != rope_kind::yarn) return 1;
  if (s.attention_factor) return *s.attention_factor;
  if (s.mscale > 0 && s.mscale_all_dims > 0)
    return yarn_scale(s.factor, s.mscale) / yarn_scale(s.factor, s.mscale_all_dims);
  return yarn_scale(s.factor, 1);
}

double rope_score_factor(const rope_settings& s) {
  if (s.kind != rope_kind::yarn || s.mscale_all_dims == 0) return 1;
  return std::pow(yarn_scale(s.factor, s.mscale_all_dims), 2);
}

}  // namespace troupe
