#pragma once
// What the model module (libtroupe_torch.so: LibTorch and FAISS) offers. `model/library.cpp` loads
// it when it is first needed; nothing else links against it, except its own tests.

#include "model/lm_training.hpp"
#include "model/sampler.hpp"
#include "model/tokenizer.hpp"
#include "model/training.hpp"
#include "pipeline/services.hpp"

namespace troupe {

enum class engine_dtype : std::uint8_t { automatic, f32, bf16, f16 };

struct engine_options {
  std::string device = "auto";  ///< auto | cpu | cuda | cuda:N
  /// `automatic`: F16 on CUDA, F32 on a CPU. F16 is refused on a CPU.
  engine_dtype dtype = engine_dtype::automatic;
};

/// Tokens to be continued, without a chat's frame: for scripts and comparisons.
struct completion_request {
  std::vector<token_id> ids;  ///< the whole prompt; at least one
  std::int64_t max_tokens = 16;
  sampling_options sampling;
  std::uint64_t seed = 0;
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
  virtual result<lm_report> train_lm(const lm_options& options) = 0;
};

/// Grows by one with every change of the interfaces above.
inline constexpr int model_module_version = 3;

}  // namespace troupe

/// The module's two entry points. The object lives until the process ends.
extern "C" int troupe_model_module_version();
extern "C" troupe::model_module* troupe_model_module();
