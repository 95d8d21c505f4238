#pragma once
// A model folder's config.json, as far as a decoder needs it.

#include "model/rope.hpp"
#include "model/tokenizer.hpp"

namespace troupe {

/// Multi-head latent attention (DeepSeek-V2, 2024): keys and values of all heads are computed from
/// one latent vector of each position. It and one rotary key that all heads share are all that is
/// cached.
struct latent_settings {
  std::int64_t query_rank = 0;   ///< queries are computed from so many numbers; 0: from all
  std::int64_t rank = 0;         ///< of the latent vector
  std::int64_t plain_size = 0;   ///< elements of a head's query that positions leave alone
  std::int64_t rotary_size = 0;  ///< and those that they turn; even
  std::int64_t value_size = 0;   ///< elements of a head's value
  bool interleaved = true;       ///< files hold the two of a pair side by side
  double norm_epsilon = 1e-6;    ///< of the norms of latent vectors
};

enum class expert_scores : std::uint8_t { softmax, sigmoid };
/// How groups of experts are ranked before experts are chosen: by their best, or by the sum of
/// their best two.
enum class group_ranking : std::uint8_t { none, best, best_two };

/// MLPs of which a router chooses some for each token.
struct expert_settings {
  std::int64_t count = 0, chosen = 0;  ///< chosen <= count
  std::int64_t intermediate = 0;
  std::int64_t shared = 0;       ///< intermediate size of the MLP that every token uses; 0: none
  bool shared_is_gated = false;  ///< it has a gate of its own (Qwen2-MoE)
  expert_scores scores = expert_scores::softmax;
  group_ranking ranking = group_ranking::none;
  std::int64_t groups = 1, chosen_groups = 1;  ///< groups are of equal size
  bool corrected = false;    ///< a bias for each expert plays a part in the choice only
  bool normalised = false;   ///< weights of the chosen add up to 1
  double scale = 1;          ///< of the weights, at the end
  std::vector<bool> layers;  ///< which layers have experts
};

/// Sizes and constants of a decoder. All sizes are above 0 and fit each other.
struct model_config {
  std::string family;  ///< `model_type`
  std::int64_t hidden = 0, intermediate = 0, layers = 0;
  std::int64_t heads = 0, kv_heads = 0;  ///< heads is a multiple of kv_heads
  std::int64_t head_size = 0;            ///< of a query; even
  std::int64_t vocabulary = 0;
  std::int64_t context = 0;  ///< longest sequence, prompt and output together
  double norm_epsilon = 1e-5;
  rope_settings rope;
  bool tied_embeddings = false;
  bool qkv_bias = false, output_bias = false, mlp_bias = false;
  bool head_norms = false;                ///< queries and keys of each head are normalised (Qwen3)
  std::optional<latent_settings> latent;  ///< in place of heads' own keys and values
  std::optional<expert_settings> experts;
  /// Rows and columns that share a scale in weights of type F8_E4M3.
  std::int64_t scale_rows = 128, scale_columns = 128;
  std::optional<token_id> begin;  ///< put before a prompt
  std::vector<token_id> end;      ///< a sequence ends with any of these
};

/// `name` stands for the file in errors. What the decoder does not do is refused by name: other
/// architectures, other kinds of rope scaling, sliding windows, other activations, other
/// quantisations.
result<model_config> parse_model_config(std::string_view json, const std::string& name);

/// The folder's config.json; of a generation_config.json beside it the tokens that end a sequence.
result<model_config> read_model_config(const std::filesystem::path& folder);

}  // namespace troupe
