#pragma once
// What the model module (libtroupe_torch.so: LibTorch and FAISS) offers. `model/library.cpp` loads
// it when it is first needed; nothing else links against it, except its own tests.

#include "model/encoder_training.hpp"
#include "model/lm_training.hpp"
#include "model/sampler.hpp"
#include "model/tokenizer.hpp"
#include "model/training.hpp"
#include "pipeline/services.hpp"

namespace troupe {

/// `int8`: weights of eight bits, computed with on a CPU.
enum class engine_dtype : std::uint8_t { automatic, f32, bf16, f16, int8 };

struct engine_options {
  std::string device = "auto";  ///< auto | cpu | cuda | cuda:N
  /// `automatic`: F16 on CUDA; on a CPU BF16 if the weights are stored in 16 bits and the CPU
  /// computes with them, else F32. F16 is refused on a CPU, INT8 elsewhere.
  engine_dtype dtype = engine_dtype::automatic;
  /// False: only LibTorch's operations, as on any other device.
  bool cpu_kernels = true;
  /// Most bytes of keys and values; 0: what a full batch can use, but at most 1 GiB.
  std::int64_t cache_bytes = 0;
  std::int64_t batch = 32;   ///< sequences decoded at once
  std::int64_t queue = 128;  ///< requests that wait; more are `overloaded`
  bool thinking = true;      ///< false: a model that can do without a thought (Qwen3) does
};

/// What an engine is doing.
struct engine_load {
  std::int64_t running = 0, waiting = 0;
  std::int64_t blocks = 0, blocks_in_use = 0;  ///< of the key/value cache
  std::int64_t forwards = 0, tokens = 0;       ///< done and drawn since the start
  std::int64_t reused_tokens = 0;              ///< of prompts, that were in the cache already
  std::int64_t cancelled = 0;                  ///< requests whose caller no longer wanted them
  std::int64_t tokens_after_cancel = 0;        ///< drawn for those after that: one each at most
};

/// What was opened, and how it runs.
struct engine_facts {
  std::string family, device, dtype;
  std::int64_t vocabulary = 0;
  std::int64_t context = 0;       ///< longest sequence
  std::int64_t cache_tokens = 0;  ///< that the key/value cache holds
  std::int64_t weight_bytes = 0;
};

/// Tokens to be continued, without a chat's frame: for scripts and comparisons.
struct completion_request {
  std::vector<token_id> ids;  ///< the whole prompt; at least one
  std::int64_t max_tokens = 16;
  sampling_options sampling;
  std::uint64_t seed = 0;
  std::string json_schema;  ///< of what is written; empty: any text
  bool ignore_end = false;  ///< goes on after a token that ends a text
  std::stop_token cancel;
  time_point deadline = time_point::max();
};

struct completion {
  std::vector<token_id> ids;  ///< what follows; a token that ends the text is the last of them
  /// Natural logarithm of each one's probability, before temperature and filters.
  std::vector<double> log_probabilities;
  finish_reason reason = finish_reason::length;
};

/// An engine whose tokens can be seen. Thread-safe.
class language_model : public engine {
 public:
  virtual const tokenizer& words() const noexcept = 0;
  /// `generate` with more tokens that are never chosen, by their ids.
  virtual result<generation> generate_without(
      std::span<const token_id> banned, const generation_request& request,
      const std::function<void(std::string_view)>& on_text) = 0;
  virtual engine_facts facts() const = 0;
  virtual engine_load load() const = 0;
  /// Blocks until the last token.
  virtual result<completion> complete(const completion_request& request) = 0;
};

/// Thread-safe.
class model_module : public model_library {
 public:
  /// A folder in Hugging Face's layout: config.json, *.safetensors, tokenizer.json.
  virtual result<std::shared_ptr<language_model>> load_engine(const std::filesystem::path& folder,
                                                              const engine_options& options) = 0;
  virtual result<train_report> train(const train_options& options) = 0;
  virtual result<eval_report> cross_validate(const train_options& options, int folds) = 0;
  virtual result<eval_report> evaluate(const eval_options& options) = 0;
  virtual result<encoder_report> train_encoder(const encoder_options& options) = 0;
  virtual result<retrieval_report> evaluate_encoder(const encoder_eval_options& options) = 0;
  virtual result<lm_report> train_lm(const lm_options& options) = 0;
};

/// Grows by one with every change of the interfaces above.
inline constexpr int model_module_version = 7;

}  // namespace troupe

/// The module's two entry points. The object lives until the process ends.
extern "C" int troupe_model_module_version();
extern "C" troupe::model_module* troupe_model_module();
