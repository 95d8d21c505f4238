#pragma once
// What a stage can ask of the world, as interfaces. `model/` and `actors/` implement them; stages
// see only these, so that a test can put anything in their place.

#include "pipeline/clock.hpp"
#include "pipeline/value.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

/// One chat message for an engine.
struct chat_message {
  enum class role_type : std::uint8_t { system, user, assistant };
  role_type role = role_type::user;
  std::string text;
};

struct generation_request {
  std::vector<chat_message> messages;
  std::int64_t max_tokens = 256;
  /// Most tokens of prompt and answer together; a prompt that leaves no room is the error `budget`.
  std::int64_t total_tokens = std::numeric_limits<std::int64_t>::max();
  double temperature = 0;  ///< 0 is greedy
  double top_p = 1;
  std::int64_t top_k = 0;         ///< 0: all
  double min_p = 0;               ///< no token less likely than this part of the likeliest one
  double repetition_penalty = 1;  ///< above 1: tokens that are there already get less likely
  std::uint64_t seed = 0;
  std::vector<std::string> stop;
  /// Tokens that are never chosen, by their text; a text that is no single token of the model bans
  /// nothing.
  std::vector<std::string> banned;
  /// A JSON Schema's text: the answer is a document that satisfies it, written within `max_tokens`.
  /// Empty: any text.
  std::string json_schema;
  bool log_probabilities = false;  ///< whether `generation::log_probability` is wanted
  std::stop_token cancel;
  time_point deadline = time_point::max();
};

enum class finish_reason : std::uint8_t { stop, length, cancelled, deadline };

struct generation {
  std::string text;
  finish_reason reason = finish_reason::stop;
  double log_probability = 0;  ///< natural logarithm, of all tokens together, if it was asked for
  std::int64_t prompt_tokens = 0;
  std::int64_t output_tokens = 0;
};

/// A language model that can be asked. Thread-safe.
class engine {
 public:
  virtual ~engine() = default;
  /// Blocks until the text is whole. `on_text` is called with each piece of valid UTF-8 as it
  /// appears, on the calling thread; a stop string never reaches it.
  virtual result<generation> generate(const generation_request& request,
                                      const std::function<void(std::string_view)>& on_text) = 0;
};

struct classification {
  std::string label;
  double confidence = 0;  ///< calibrated probability of `label`, in [0, 1]
  /// Every label with its probability, best first.
  std::vector<std::pair<std::string, double>> scores;
};

/// A trained text classifier. Thread-safe.
class classifier {
 public:
  virtual ~classifier() = default;
  virtual result<classification> classify(std::string_view text) const = 0;
};

struct search_hit {
  std::int64_t id = 0;  ///< position in the span given to `make_index`
  double score = 0;     ///< cosine similarity, in [-1, 1]
};

/// Texts that can be found by meaning and wording. Thread-safe.
class text_index {
 public:
  virtual ~text_index() = default;
  /// The `top` nearest, best first.
  virtual std::vector<search_hit> search(std::string_view query, std::size_t top) const = 0;
};

/// Vectors of texts: those of texts that mean the same are near each other. Thread-safe.
class text_encoder {
 public:
  virtual ~text_encoder() = default;
  /// All of one size and of length 1; zeros if nothing of the text is known.
  virtual std::vector<float> encode(std::string_view text) const = 0;
};

/// The heavy part (LibTorch, FAISS), loaded when it is first needed. Thread-safe.
class model_library {
 public:
  virtual ~model_library() = default;
  virtual result<std::shared_ptr<const classifier>> load_classifier(
      const std::filesystem::path& folder) = 0;
  /// A folder made by `troupe train encoder`.
  virtual result<std::shared_ptr<const text_encoder>> load_encoder(
      const std::filesystem::path& folder) = 0;
  /// Texts are found by wording and meaning together; without an encoder (nullptr) by wording.
  virtual result<std::shared_ptr<const text_index>> make_index(
      std::span<const std::string> texts, std::shared_ptr<const text_encoder> encoder) = 0;
};

/// What a conversation has said so far, oldest first; without the text of the run itself.
struct turn {
  std::string user;
  std::string reply;
};

}  // namespace troupe
