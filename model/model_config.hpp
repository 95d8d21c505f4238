#pragma once
// A model folder's config.json, as far as a decoder needs it.

#include "model/rope.hpp"
#include "model/tokenizer.hpp"

namespace troupe {

/// Sizes and constants of a decoder of the Llama, Qwen2 or Qwen3 family. All sizes are above 0 and
/// fit each other.
struct model_config {
  std::string family;  ///< `model_type`: llama, qwen2 or qwen3
  std::int64_t hidden = 0, intermediate = 0, layers = 0;
  std::int64_t heads = 0, kv_heads = 0;  ///< heads is a multiple of kv_heads
  std::int64_t head_size = 0;            ///< even
  std::int64_t vocabulary = 0;
  std::int64_t context = 0;  ///< longest sequence, prompt and output together
  double norm_epsilon = 1e-5;
  rope_settings rope;
  bool tied_embeddings = false;
  bool qkv_bias = false, output_bias = false, mlp_bias = false;
  bool head_norms = false;        ///< queries and keys of each head are normalised (Qwen3)
  std::optional<token_id> begin;  ///< put before a prompt
  std::vector<token_id> end;      ///< a sequence ends with any of these
};

/// `name` stands for the file in errors. What the decoder does not do is refused by name: other
/// architectures, other kinds of rope scaling, sliding windows, other activations, quantised files.
result<model_config> parse_model_config(std::string_view json, const std::string& name);

/// The folder's config.json; of a generation_config.json beside it the tokens that end a sequence.
result<model_config> read_model_config(const std::filesystem::path& folder);

}  // namespace troupe
