// The door of the module: what model/library.cpp finds with dlsym.

#include "model/api.hpp"
#include "model/torch/classifier.hpp"
#include "model/torch/encoder.hpp"
#include "model/torch/encoder_training.hpp"
#include "model/torch/lm_training.hpp"
#include "model/torch/local_engine.hpp"
#include "model/torch/text_index.hpp"

namespace troupe {

namespace {

class torch_module final : public model_module {
 public:
  torch_module() {
    // Replicas of stages run side by side already; more threads per operation only get in the way.
    at::set_num_threads(1);
  }

  result<std::shared_ptr<const classifier>> load_classifier(
      const std::filesystem::path& folder) override {
    return open_classifier(folder);
  }
  result<std::shared_ptr<const text_encoder>> load_encoder(
      const std::filesystem::path& folder) override {
    return open_encoder(folder);
  }
  result<std::shared_ptr<const text_index>> make_index(
      std::span<const std::string> texts, std::shared_ptr<const text_encoder> encoder) override {
    return make_text_index(texts, std::move(encoder));
  }
  result<std::shared_ptr<language_model>> load_engine(const std::filesystem::path& folder,
                                                      const engine_options& options) override {
    return open_local_engine(folder, options);
  }
  result<train_report> train(const train_options& options) override {
    return train_and_save(options);
  }
  result<eval_report> cross_validate(const train_options& options, int folds) override {
    return cross_validate_network(options, folds);
  }
  result<eval_report> evaluate(const eval_options& options) override {
    return evaluate_folder(options);
  }
  result<encoder_report> train_encoder(const encoder_options& options) override {
    return train_encoder_folder(options);
  }
  result<retrieval_report> evaluate_encoder(const encoder_eval_options& options) override {
    return evaluate_encoder_folder(options);
  }
  result<lm_report> train_lm(const lm_options& options) override {
    return train_lm_folder(options);
  }
};

}  // namespace

}  // namespace troupe

extern "C" int troupe_model_module_version() { return troupe::model_module_version; }

extern "C" troupe::model_module* troupe_model_module() {
  static troupe::torch_module module;
  return &module;
}
