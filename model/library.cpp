#include "model/library.hpp"

#include <dlfcn.h>
#include <cstdlib>
#include <mutex>
#include <vector>

namespace troupe {

namespace {

constexpr const char* file_name = "libtroupe_torch.so";

std::vector<std::filesystem::path> candidates() {
  if (const char* folder = std::getenv("TROUPE_LIB_DIR"); folder && *folder)
    return {std::filesystem::path(folder) / file_name};
  std::vector<std::filesystem::path> out;
  std::error_code failed;
  const auto executable = std::filesystem::read_symlink("/proc/self/exe", failed);
  if (!failed) {
    out.push_back(executable.parent_path() / file_name);
    out.push_back(executable.parent_path().parent_path() / "lib" / file_name);
  }
  out.emplace_back(file_name);
  return out;
}

error unavailable(const std::string& why) {
  return {errc::unavailable, "cannot load the model module `" + std::string(file_name) +
                                 "`: " + why + "; put it beside the program or set TROUPE_LIB_DIR"};
}

result<model_module*> load() {
  void* handle = nullptr;
  std::string why = "it was not found";
  for (auto& path : candidates()) {
    std::error_code failed;
    // A path that exists and does not load is the reason worth telling.
    if (path.has_parent_path() && !std::filesystem::exists(path, failed)) continue;
    handle = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (handle) break;
    if (const char* message = ::dlerror()) why = message;
    if (path.has_parent_path()) break;
  }
  if (!handle) return unavailable(why);
  using version_function = decltype(&troupe_model_module_version);
  using module_function = decltype(&troupe_model_module);
  auto version = reinterpret_cast<version_function>(::dlsym(handle, "troupe_model_module_version"));
  auto factory = reinterpret_cast<module_function>(::dlsym(handle, "troupe_model_module"));
  if (!version || !factory || version() != model_module_version)
    return unavailable("it is from another version");
  model_module* module = factory();
  if (!module) return unavailable("it did not start");
  return module;
}

class lazy_library final : public model_library {
 public:
  result<std::shared_ptr<const classifier>> load_classifier(
      const std::filesystem::path& folder) override {
    auto module = load_model_module();
    if (!module) return module.error();
    return (*module)->load_classifier(folder);
  }
  result<std::shared_ptr<const text_encoder>> load_encoder(
      const std::filesystem::path& folder) override {
    auto module = load_model_module();
    if (!module) return module.error();
    return (*module)->load_encoder(folder);
  }
  result<std::shared_ptr<const text_index>> make_index(
      std::span<const std::string> texts, std::shared_ptr<const text_encoder> encoder) override {
    auto module = load_model_module();
    if (!module) return module.error();
    return (*module)->make_index(texts, std::move(encoder));
  }
};

}  // namespace

result<model_module*> load_model_module() {
  // A failure is not remembered: the module may be put in place while the program runs.
  static std::mutex mutex;
  static model_module* loaded = nullptr;
  std::lock_guard lock(mutex);
  if (loaded) return loaded;
  auto module = load();
  if (module) loaded = *module;
  return module;
}

std::shared_ptr<model_library> open_model_library() { return std::make_shared<lazy_library>(); }

result<train_report> train_classifier(const train_options& options) {
  auto module = load_model_module();
  if (!module) return module.error();
  return (*module)->train(options);
}

result<eval_report> cross_validate(const train_options& options, int folds) {
  auto module = load_model_module();
  if (!module) return module.error();
  return (*module)->cross_validate(options, folds);
}

result<eval_report> evaluate_classifier(const eval_options& options) {
  auto module = load_model_module();
  if (!module) return module.error();
  return (*module)->evaluate(options);
}

result<lm_report> train_lm(const lm_options& options) {
  auto module = load_model_module();
  if (!module) return module.error();
  return (*module)->train_lm(options);
}

result<encoder_report> train_encoder(const encoder_options& options) {
  auto module = load_model_module();
  if (!module) return module.error();
  return (*module)->train_encoder(options);
}

result<retrieval_report> evaluate_encoder(const encoder_eval_options& options) {
  auto module = load_model_module();
  if (!module) return module.error();
  return (*module)->evaluate_encoder(options);
}

}  // namespace troupe
