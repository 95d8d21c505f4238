#pragma once
// A model folder's config.json, as far as a decoder needs it.

#include "model/tokenizer.hpp"

namespace troupe {

/// Sizes and constants of a Llama-architecture decoder. All sizes are above 0 and fit each other.
struct model_config {
  std::int64_t hidden = 0, intermediate = 0, layers = 0;
  std::int64_t heads = 0, kv_heads = 0;  ///< heads is a multiple of kv_heads
  std::int64_t head_size = 0;            ///< even
  std::int64_t vocabulary = 0;
  std::int64_t context = 0;  ///< longest sequence, prompt and output together
  double norm_epsilon = 1e-5;
  double rope_theta = 10000;
  bool tied_embeddings = false;
  std::optional<token_id> begin;  ///< put before a prompt
  std::vector<token_id> end;      ///< a sequence ends with any of these
};

/// `name` stands for the file in errors. What the decoder does not do is refused by name: other
/// architectures, rope scaling, biases, other activations.
result<model_config> parse_model_config(std::string_view json, const std::string& name);
result<model_config> read_model_config(const std::filesystem::path& folder);

}  // namespace troupe
