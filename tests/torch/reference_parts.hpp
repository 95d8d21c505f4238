#pragma once
// One decoder in float64, part by part; see reference_decoder.hpp.

#include "tests/support/random_model.hpp"

#include <complex>

namespace troupe::test {

struct reference {
  using vec = std::vector<double>;
  using rows = std::vector<vec>;

  const boost::json::object& config;
  const random_weights& weights;
  std::size_t prompt;

  bool has(const char* key) const { return config.contains(key) && !config.at(key).is_null(); }
  bool set(const char* key) const { return has(key) && config.at(key).as_bool(); }
  bool is(const char* key, std::string_view text) const {
    return has(key) && std::string_view(config.at(key).as_string()) == text;
  }
  double number(const char* key) const { return config.at(key).to_number<double>(); }
  std::size_t size(const char* key) const { return config.at(key).to_number<std::size_t>(); }
  std::size_t size(const char* key, std::size_t otherwise) const {
    return has(key) ? size(key) : otherwise;
  }

  const random_weights::tensor* find(const std::string& name) const {
    auto it = weights.tensors.find(name);
    return it == weights.tensors.end() ? nullptr : &it->second;
  }
  vec linear(const std::string& name, const vec& x) const;
  void normalise(const std::string& name, double* x, std::size_t n, double epsilon) const;

  /// By what the complex number of pair `i` is multiplied at `position`.
  std::complex<double> turn(std::size_t i, std::size_t position) const;
  /// What attention adds to each position of `xs`.
  rows attention(const std::string& at, const rows& xs) const;
  rows latent_attention(const std::string& at, const rows& xs) const;

  vec mlp(const std::string& at, const vec& x) const;
  vec experts(const std::string& at, const vec& x) const;
  bool has_experts(std::size_t layer) const;

  vec scores(const std::vector<std::int64_t>& ids) const;
};

}  // namespace troupe::test
