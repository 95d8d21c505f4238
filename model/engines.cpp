#include "model/engines.hpp"

#include "model/formatted_engine.hpp"
#include "model/library.hpp"

#include <algorithm>
#include <array>

namespace troupe {

namespace {

struct row {
  std::string_view name;
  engine_dtype dtype;
};

constexpr std::array dtypes = {
    row{"", engine_dtype::automatic}, row{"auto", engine_dtype::automatic},
    row{"fp32", engine_dtype::f32},   row{"float32", engine_dtype::f32},
    row{"bf16", engine_dtype::bf16},  row{"bfloat16", engine_dtype::bf16},
    row{"fp16", engine_dtype::f16},   row{"float16", engine_dtype::f16}};

bool is_device(std::string_view name) {
  if (name == "auto" || name == "cpu" || name == "cuda") return true;
  constexpr std::string_view numbered = "cuda:";
  if (!name.starts_with(numbered) || name.size() > numbered.size() + 2) return false;
  name.remove_prefix(numbered.size());
  return !name.empty() && std::ranges::all_of(name, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

result<engine_options> engine_options_of(const model_spec& spec) {
  engine_options out;
  if (!spec.device->empty()) out.device = *spec.device;
  if (!is_device(out.device))
    return error{errc::invalid_request, "model `" + *spec.name + "`: unknown device `" +
                                            out.device + "`; use auto, cpu, cuda or cuda:N"};
  auto it = std::ranges::find(dtypes, std::string_view(*spec.dtype), &row::name);
  if (it == dtypes.end())
    return error{errc::invalid_request, "model `" + *spec.name + "`: unknown dtype `" +
                                            *spec.dtype + "`; use auto, fp32, bf16 or fp16"};
  out.dtype = it->dtype;
  return out;
}

result<std::shared_ptr<engine>> open_engine(const model_spec& spec,
                                            const std::filesystem::path& base) {
  if (*spec.kind != "local")
    return error{errc::invalid_request, "model `" + *spec.name + "`: kind `" + *spec.kind +
                                            "` cannot be opened by this version; use `local`"};
  auto options = engine_options_of(spec);
  if (!options) return options.error();
  const std::filesystem::path folder = base / *spec.path;
  std::error_code failed;
  if (spec.path->empty() || !std::filesystem::is_directory(folder, failed))
    return error{errc::not_found, "model `" + *spec.name + "`: `" + folder.string() +
                                      "` is no folder; `path` names one with config.json and "
                                      "*.safetensors, relative to the graph's file"};
  return open_model_folder(folder, *options);
}

result<std::shared_ptr<engine>> open_model_folder(const std::filesystem::path& folder,
                                                  const engine_options& options) {
  auto format = read_prompt_format(folder);
  if (!format) return format.error();
  auto module = load_model_module();
  if (!module) return module.error();
  auto opened = (*module)->load_engine(folder, options);
  if (!opened) return opened.error();
  std::shared_ptr<engine> plain = *std::move(opened);
  return *format ? make_formatted_engine(std::move(plain), **std::move(format)) : plain;
}

}  // namespace troupe
