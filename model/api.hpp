#pragma once
// What the model module (libtroupe_torch.so: LibTorch and FAISS) offers. `model/library.cpp` loads
// it when it is first needed; nothing else links against it, except its own tests.

#include "model/training.hpp"
#include "pipeline/services.hpp"

namespace troupe {

enum class engine_dtype : std::uint8_t { automatic, f32, bf16, f16 };

struct engine_options {
  std::string device = "auto";  ///< auto | cpu | cuda | cuda:N
  /// `automatic`: F16 on CUDA, F32 on a CPU. F16 is refused on a CPU.
  engine_dtype dtype = engine_dtype::automatic;
};

/// Thread-safe.
class model_module : public model_library {
 public:
  /// A folder in Hugging Face's layout: config.json, *.safetensors, tokenizer.json.
  virtual result<std::shared_ptr<engine>> load_engine(const std::filesystem::path& folder,
                                                      const engine_options& options) = 0;
  virtual result<train_report> train(const train_options& options) = 0;
  virtual result<eval_report> cross_validate(const train_options& options, int folds) = 0;
  virtual result<eval_report> evaluate(const eval_options& options) = 0;
};

/// Grows by one with every change of the interfaces above.
inline constexpr int model_module_version = 1;

}  // namespace troupe

/// The module's two entry points. The object lives until the process ends.
extern "C" int troupe_model_module_version();
extern "C" troupe::model_module* troupe_model_module();
