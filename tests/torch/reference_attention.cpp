#include "tests/torch/reference_parts.hpp"

namespace troupe::test {

namespace {

using vec = reference::vec;
using rows = reference::rows;

constexpr double pi = 3.14159265358979323846;

/// The DeepSeek papers' temperature.
double temperature(double factor, double by) {
  return factor <= 1 ? 1 : 0.1 * by * std::log(factor) + 1;
}

/// For one head: each position's mixture of the values before it.
rows mixed(const rows& q, const rows& k, const rows& v, double scale) {
  rows out;
  for (std::size_t p = 0; p < q.size(); ++p) {
    vec weight(p + 1), sum_of_values(v[0].size());
    double sum = 0;
    for (std::size_t j = 0; j <= p; ++j) {
      double dot = 0;
      for (std::size_t d = 0; d < q[p].size(); ++d) dot += q[p][d] * k[j][d];
      sum += weight[j] = std::exp(dot * scale);
    }
    for (std::size_t j = 0; j <= p; ++j)
      for (std::size_t d = 0; d < v[j].size(); ++d) sum_of_values[d] += weight[j] / sum * v[j][d];
    out.push_back(std::move(sum_of_values));
  }
  return out;
}

vec part(const vec& x, std::size_t first, std::size_t count) {
  const auto from = x.begin() + static_cast<std::ptrdiff_t>(first);
  return {from, from + static_cast<std::ptrdiff_t>(count)};
}

}  // namespace

std::complex<double> reference::turn(std::size_t i, std::size_t position) const {
  const double dims = has("qk_rope_head_dim") ? number("qk_rope_head_dim") : number("head_dim");
  const double at = static_cast<double>(position);
  const double exponent = 2 * static_cast<double>(i) / dims;
  const double theta = number("rope_theta");
  const double plain = 1 / std::pow(theta, exponent);
  if (!config.contains("rope_scaling")) return std::polar(1.0, at * plain);
  const auto& s = config.at("rope_scaling").as_object();
  auto setting = [&](const char* key, double otherwise) {
    return s.contains(key) ? s.at(key).to_number<double>() : otherwise;
  };
  const std::string kind(s.at("rope_type").as_string());
  const double factor = s.at("factor").to_number<double>();
  const double trained =
      setting("original_max_position_embeddings", number("max_position_embeddings"));
  if (kind == "linear") return std::polar(1.0, at * plain / factor);
  if (kind == "dynamic") {
    const auto length = static_cast<double>(std::max(prompt, position + 1));
    const double seen = std::max(length, trained);
    const double base = theta * std::pow(factor * seen / trained - (factor - 1), dims / (dims - 2));
    return std::polar(1.0, at / std::pow(base, exponent));
  }
  if (kind == "llama3") {
    const double low = setting("low_freq_factor", 0), high = setting("high_freq_factor", 0);
    const double turns = trained * plain / (2 * pi);
    if (turns > high) return std::polar(1.0, at * plain);
    if (turns < low) return std::polar(1.0, at * plain / factor);
    const double smooth = (turns - low) / (high - low);
    return std::polar(1.0, at * ((1 - smooth) * plain / factor + smooth * plain));
  }
  // YaRN: a pair that turns more often than beta_fast is kept, less than beta_slow is interpolated.
  auto border = [&](double rotations) {
    return dims * std::log(trained / (rotations * 2 * pi)) / (2 * std::log(theta));
  };
  double low = border(setting("beta_fast", 32)), high = border(setting("beta_slow", 1));
  if (!s.contains("truncate") || s.at("truncate").as_bool()) {
    low = std::floor(low);
    high = std::ceil(high);
  }
  low = std::max(low, 0.0);
  high = std::min(high, dims - 1);
  const double ramp = std::min(1.0, std::max(0.0, (static_cast<double>(i) - low) / (high - low)));
  const double both = setting("mscale", 0) * setting("mscale_all_dim", 0);
  const double length = s.contains("attention_factor") ? setting("attention_factor", 1)
                        : both == 0                    ? temperature(factor, 1)
                                                       : temperature(factor, setting("mscale", 1)) /
                                          temperature(factor, setting("mscale_all_dim", 1));
  return std::polar(length, at * (plain / factor * ramp + plain * (1 - ramp)));
}

rows reference::attention(const std::string& at, const rows& xs) const {
  const std::size_t heads = size("num_attention_heads"), kv = size("num_key_value_heads");
  const std::size_t dims = size("head_dim"), half = dims / 2;
  auto heads_of = [&](const std::string& name, const std::string& norm, std::size_t h,
                      bool turned) {
    rows out;
    for (std::size_t p = 0; p < xs.size(); ++p) {
      auto head = part(linear(at + name, xs[p]), h * dims, dims);
      if (!norm.empty()) normalise(at + norm, head.data(), dims, number("rms_norm_eps"));
      for (std::size_t i = 0; turned && i < half; ++i) {
        const auto z = std::complex<double>(head[i], head[i + half]) * turn(i, p);
        head[i] = z.real();
        head[i + half] = z.imag();
      }
      out.push_back(std::move(head));
    }
    return out;
  };
  rows all(xs.size());
  rows k, v;
  for (std::size_t h = 0; h < heads; ++h) {
    const std::size_t of = h / (heads / kv);
    if (h % (heads / kv) == 0) {
      k = heads_of("k_proj", "k_norm", of, true);
      v = heads_of("v_proj", "", of, false);
    }
    const auto q = heads_of("q_proj", "q_norm", h, true);
    const auto out = mixed(q, k, v, 1 / std::sqrt(static_cast<double>(dims)));
    for (std::size_t p = 0; p < xs.size(); ++p)
      all[p].insert(all[p].end(), out[p].begin(), out[p].end());
  }
  for (auto& row : all) row = linear(at + "o_proj", row);
  return all;
}

/// As the DeepSeek-V2 paper writes it down: keys and values of every head are made from the latent
/// vectors.
rows reference::latent_attention(const std::string& at, const rows& xs) const {
  const std::size_t heads = size("num_attention_heads"), rank = size("kv_lora_rank");
  const std::size_t plain = size("qk_nope_head_dim"), rotary = size("qk_rope_head_dim");
  const std::size_t value = size("v_head_dim"), dims = plain + rotary;
  const bool side_by_side = !config.contains("rope_interleave") || set("rope_interleave");
  auto turned = [&](const vec& x, std::size_t position) {
    vec out;
    for (std::size_t i = 0; i < rotary / 2; ++i) {
      const std::size_t a = side_by_side ? 2 * i : i, b = side_by_side ? a + 1 : i + rotary / 2;
      const auto z = std::complex<double>(x[a], x[b]) * turn(i, position);
      out.push_back(z.real());
      out.push_back(z.imag());
    }
    return out;
  };
  std::vector<rows> q(heads), k(heads), v(heads);
  for (std::size_t p = 0; p < xs.size(); ++p) {
    vec query;
    if (has("q_lora_rank")) {
      auto small = linear(at + "q_a_proj", xs[p]);
      normalise(at + "q_a_layernorm", small.data(), small.size(), 1e-6);
      query = linear(at + "q_b_proj", small);
    } else {
      query = linear(at + "q_proj", xs[p]);
    }
    const auto compressed = linear(at + "kv_a_proj_with_mqa", xs[p]);
    auto latent = part(compressed, 0, rank);
    normalise(at + "kv_a_layernorm", latent.data(), rank, 1e-6);
    const auto up = linear(at + "kv_b_proj", latent);
    const auto shared_key = turned(part(compressed, rank, rotary), p);
    for (std::size_t h = 0; h < heads; ++h) {
      auto head = part(query, h * dims, plain);
      for (double x : turned(part(query, h * dims + plain, rotary), p)) head.push_back(x);
      auto key = part(up, h * (plain + value), plain);
      key.insert(key.end(), shared_key.begin(), shared_key.end());
      q[h].push_back(std::move(head));
      k[h].push_back(std::move(key));
      v[h].push_back(part(up, h * (plain + value) + plain, value));
    }
  }
  double scale = 1 / std::sqrt(static_cast<double>(dims));
  if (has("rope_scaling")) {
    const auto& s = config.at("rope_scaling").as_object();
    if (s.contains("mscale_all_dim"))
      scale *= std::pow(temperature(s.at("factor").to_number<double>(),
                                    s.at("mscale_all_dim").to_number<double>()),
                        2);
  }
  rows all(xs.size());
  for (std::size_t h = 0; h < heads; ++h) {
    const auto out = mixed(q[h], k[h], v[h], scale);
    for (std::size_t p = 0; p < xs.size(); ++p)
      all[p].insert(all[p].end(), out[p].begin(), out[p].end());
  }
  for (auto& row : all) row = linear(at + "o_proj", row);
  return all;
}

}  // namespace troupe::test
