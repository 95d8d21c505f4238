#include "tests/torch/reference_decoder.hpp"

#include <complex>

namespace troupe::test {

namespace {

namespace json = boost::json;
using vec = std::vector<double>;

constexpr double pi = 3.14159265358979323846;

struct reference {
  const json::object& config;
  const random_weights& weights;
  std::size_t prompt;

  double number(const char* key) const { return config.at(key).to_number<double>(); }
  std::size_t size(const char* key) const { return config.at(key).to_number<std::size_t>(); }

  const random_weights::tensor* find(const std::string& name) const {
    auto it = weights.tensors.find(name);
    return it == weights.tensors.end() ? nullptr : &it->second;
  }

  vec linear(const std::string& name, const vec& x) const {
    const auto& w = *find(name + ".weight");
    const auto* bias = find(name + ".bias");
    vec out(static_cast<std::size_t>(w.shape[0]));
    for (std::size_t o = 0; o < out.size(); ++o) {
      out[o] = bias ? bias->values[o] : 0.0;
      for (std::size_t i = 0; i < x.size(); ++i) out[o] += x[i] * w.values[o * x.size() + i];
    }
    return out;
  }

  void normalise(const std::string& name, double* x, std::size_t n) const {
    const auto* w = find(name + ".weight");
    if (!w) return;
    double squares = 0;
    for (std::size_t i = 0; i < n; ++i) squares += x[i] * x[i];
    const double by = 1 / std::sqrt(squares / static_cast<double>(n) + number("rms_norm_eps"));
    for (std::size_t i = 0; i < n; ++i) x[i] *= by * w->values[i];
  }

  /// The angle of pair `i` at `position`, and how long the turned vector is.
  std::complex<double> turn(std::size_t i, std::size_t position, std::size_t length) const {
    const double dims = number("head_dim"), at = static_cast<double>(position);
    const double exponent = 2 * static_cast<double>(i) / dims;
    const double theta = number("rope_theta");
    const double plain = 1 / std::pow(theta, exponent);
    if (!config.contains("rope_scaling")) return std::polar(1.0, at * plain);
    const auto& s = config.at("rope_scaling").as_object();
    const std::string kind(s.at("rope_type").as_string());
    const double factor = s.at("factor").to_number<double>();
    const double trained = s.contains("original_max_position_embeddings")
                               ? s.at("original_max_position_embeddings").to_number<double>()
                               : number("max_position_embeddings");
    if (kind == "linear") return std::polar(1.0, at * plain / factor);
    if (kind == "dynamic") {
      const double seen = std::max(static_cast<double>(length), trained);
      const double base =
          theta * std::pow(factor * seen / trained - (factor - 1), dims / (dims - 2));
      return std::polar(1.0, at / std::pow(base, exponent));
    }
    if (kind == "llama3") {
      const double low = s.at("low_freq_factor").to_number<double>();
      const double high = s.at("high_freq_factor").to_number<double>();
      const double turns = trained * plain / (2 * pi);
      if (turns > high) return std::polar(1.0, at * plain);
      if (turns < low) return std::polar(1.0, at * plain / factor);
      const double smooth = (turns - low) / (high - low);
      return std::polar(1.0, at * ((1 - smooth) * plain / factor + smooth * plain));
    }
    // YaRN: a pair that turns more than 32 times is kept, less than once is interpolated.
    auto border = [&](double rotations) {
      return dims * std::log(trained / (rotations * 2 * pi)) / (2 * std::log(theta));
    };
    const double low = std::max(std::floor(border(32)), 0.0);
    const double high = std::min(std::ceil(border(1)), dims - 1);
    const double ramp = std::min(1.0, std::max(0.0, (static_cast<double>(i) - low) / (high - low)));
    return std::polar(0.1 * std::log(factor) + 1,
                      at * (plain / factor * ramp + plain * (1 - ramp)));
  }

  void turn_head(double* head, std::size_t position) const {
    const std::size_t half = size("head_dim") / 2;
    for (std::size_t i = 0; i < half; ++i) {
      const auto turned = std::complex<double>(head[i], head[i + half]) *
                          turn(i, position, std::max(prompt, position + 1));
      head[i] = turned.real();
      head[i + half] = turned.imag();
    }
  }

  /// What attention adds to each position of `xs`.
  std::vector<vec> attention(const std::string& at, const std::vector<vec>& xs) const {
    const std::size_t heads = size("num_attention_heads"), kv = size("num_key_value_heads");
    const std::size_t dims = size("head_dim");
    std::vector<vec> q, k, v, out;
    for (std::size_t p = 0; p < xs.size(); ++p) {
      q.push_back(linear(at + "q_proj", xs[p]));
      k.push_back(linear(at + "k_proj", xs[p]));
      v.push_back(linear(at + "v_proj", xs[p]));
      for (std::size_t h = 0; h < heads; ++h) {
        normalise(at + "q_norm", &q[p][h * dims], dims);
        turn_head(&q[p][h * dims], p);
      }
      for (std::size_t h = 0; h < kv; ++h) {
        normalise(at + "k_norm", &k[p][h * dims], dims);
        turn_head(&k[p][h * dims], p);
      }
    }
    for (std::size_t p = 0; p < xs.size(); ++p) {
      vec mixed(heads * dims);
      for (std::size_t h = 0; h < heads; ++h) {
        const std::size_t from = h / (heads / kv) * dims;
        vec weight(p + 1);
        double sum = 0;
        for (std::size_t j = 0; j <= p; ++j) {
          double dot = 0;
          for (std::size_t d = 0; d < dims; ++d) dot += q[p][h * dims + d] * k[j][from + d];
          sum += weight[j] = std::exp(dot / std::sqrt(static_cast<double>(dims)));
        }
        for (std::size_t j = 0; j <= p; ++j)
          for (std::size_t d = 0; d < dims; ++d)
            mixed[h * dims + d] += weight[j] / sum * v[j][from + d];
      }
      out.push_back(linear(at + "o_proj", mixed));
    }
    return out;
  }

  vec scores(const std::vector<std::int64_t>& ids) const {
    const std::size_t hidden = size("hidden_size");
    const auto& embedding = *find("model.embed_tokens.weight");
    std::vector<vec> x;
    for (auto id : ids) {
      const auto row = embedding.values.begin() + id * static_cast<std::int64_t>(hidden);
      x.emplace_back(row, row + static_cast<std::int64_t>(hidden));
    }
    for (std::size_t i = 0; i < size("num_hidden_layers"); ++i) {
      const std::string at = "model.layers." + std::to_string(i) + ".";
      auto normal = x;
      for (auto& row : normal) normalise(at + "input_layernorm", row.data(), hidden);
      const auto seen = attention(at + "self_attn.", normal);
      for (std::size_t p = 0; p < x.size(); ++p) {
        for (std::size_t d = 0; d < hidden; ++d) x[p][d] += seen[p][d];
        auto row = x[p];
        normalise(at + "post_attention_layernorm", row.data(), hidden);
        auto gate = linear(at + "mlp.gate_proj", row);
        const auto up = linear(at + "mlp.up_proj", row);
        for (std::size_t d = 0; d < gate.size(); ++d)
          gate[d] = gate[d] / (1 + std::exp(-gate[d])) * up[d];
        const auto down = linear(at + "mlp.down_proj", gate);
        for (std::size_t d = 0; d < hidden; ++d) x[p][d] += down[d];
      }
    }
    normalise("model.norm", x.back().data(), hidden);
    if (find("lm_head.weight")) return linear("lm_head", x.back());
    vec out(static_cast<std::size_t>(embedding.shape[0]));
    for (std::size_t o = 0; o < out.size(); ++o)
      for (std::size_t d = 0; d < hidden; ++d)
        out[o] += embedding.values[o * hidden + d] * x.back()[d];
    return out;
  }
};

}  // namespace

std::vector<double> reference_scores(const json::object& config, const random_weights& weights,
                                     const std::vector<std::int64_t>& ids, std::size_t prompt) {
  return reference{config, weights, prompt}.scores(ids);
}

}  // namespace troupe::test
