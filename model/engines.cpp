#include "model/engines.hpp"

#include "model/formatted_engine.hpp"
#include "model/guarded_engine.hpp"
#include "model/library.hpp"
#include "model/remote_engine.hpp"

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
    row{"fp16", engine_dtype::f16},   row{"float16", engine_dtype::f16},
    row{"int8", engine_dtype::int8}};

/// A key of a `[model.NAME]` that belongs to local engines.
struct count_key {
  const char* name;
  std::int64_t* target;
  std::int64_t least, most;
};

bool is_device(std::string_view name) {
  if (name == "auto" || name == "cpu" || name == "cuda") return true;
  constexpr std::string_view numbered = "cuda:";
  if (!name.starts_with(numbered) || name.size() > numbered.size() + 2) return false;
  name.remove_prefix(numbered.size());
  return !name.empty() && std::ranges::all_of(name, [](char c) { return c >= '0' && c <= '9'; });
}

result<std::filesystem::path> folder_of(const model_spec& spec, const std::filesystem::path& base) {
  std::filesystem::path folder = base / *spec.path;
  std::error_code failed;
  if (!spec.path->empty() && std::filesystem::is_directory(folder, failed)) return folder;
  return error{errc::not_found, "model `" + *spec.name + "`: `" + folder.string() +
                                    "` is no folder; `path` names one with config.json and "
                                    "*.safetensors, relative to the graph's file"};
}

result<std::shared_ptr<engine>> open_remote(const model_spec& spec,
                                            const std::filesystem::path& base,
                                            const http_streamer_factory& http) {
  auto options = remote_options_of(spec, base);
  if (!options) return std::move(options).error();
  if (!http) return error{errc::unavailable, "model `" + *spec.name + "`: there is no HTTP client"};
  auto client = http(options->client);
  if (!client) {
    client.error().message = "model `" + *spec.name + "`: " + client.error().message;
    return std::move(client).error();
  }
  return std::shared_ptr<engine>(make_remote_engine(*std::move(options), *std::move(client)));
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
                                            *spec.dtype + "`; use auto, fp32, bf16, fp16 or int8"};
  out.dtype = it->dtype;
  std::int64_t cache_mb = 0;
  for (auto [key, target, least, most] :
       {count_key{"batch", &out.batch, 1, 1024}, count_key{"queue", &out.queue, 0, 1'000'000},
        count_key{"cache_mb", &cache_mb, 1, 1'000'000}}) {
    const located_value* given = spec.all.find(key);
    if (!given) continue;
    const std::int64_t n = given->plain.type() == slot_type::integer ? given->plain.as_int() : -1;
    if (n < least || n > most)
      return error{errc::invalid_request, "model `" + *spec.name + "`: `" + key +
                                              "` is a whole number from " + std::to_string(least) +
                                              " to " + std::to_string(most)};
    *target = n;
  }
  if (const located_value* given = spec.all.find("thinking")) {
    if (given->plain.type() != slot_type::boolean)
      return error{errc::invalid_request,
                   "model `" + *spec.name + "`: `thinking` is true or false"};
    out.thinking = given->plain.as_bool();
  }
  out.cache_bytes = cache_mb << 20;
  return out;
}

result<std::shared_ptr<language_model>> open_language_model(const model_spec& spec,
                                                            const std::filesystem::path& base) {
  auto options = engine_options_of(spec);
  if (!options) return options.error();
  auto folder = folder_of(spec, base);
  if (!folder) return folder.error();
  auto module = load_model_module();
  if (!module) return module.error();
  return (*module)->load_engine(*folder, *options);
}

result<std::shared_ptr<engine>> open_engine(const model_spec& spec,
                                            const std::filesystem::path& base,
                                            const http_streamer_factory& http) {
  if (*spec.kind == "remote") return open_remote(spec, base, http);
  auto options = engine_options_of(spec);
  if (!options) return options.error();
  auto folder = folder_of(spec, base);
  if (!folder) return folder.error();
  return open_model_folder(*folder, *options);
}

result<engine_map> open_engines(
    const std::vector<model_spec>& models,
    const std::function<result<std::shared_ptr<engine>>(const model_spec&)>& open,
    const std::map<std::string, std::shared_ptr<engine>>& given) {
  engine_map out;
  // Each after the one that it falls back on; the checker has refused cycles.
  std::function<result<std::shared_ptr<engine>>(const model_spec&)> guarded =
      [&](const model_spec& m) -> result<std::shared_ptr<engine>> {
    if (const auto known = out.find(*m.name); known != out.end()) return known->second;
    guard_options guard{.name = *m.name, .breaker = {}, .fallback = nullptr};
    const auto next = std::ranges::find_if(
        models, [&](const model_spec& other) { return *other.name == *m.fallback; });
    if (next != models.end()) {
      auto fallback = guarded(*next);
      if (!fallback) return fallback;
      guard.fallback = *std::move(fallback);
    }
    const auto stand_in = given.find(*m.name);
    if (stand_in == given.end()) guard.breaker = breaker_of(m);
    auto inner =
        stand_in != given.end() ? result<std::shared_ptr<engine>>(stand_in->second) : open(m);
    if (!inner) return inner;
    return out[*m.name] = make_guarded_engine(*std::move(inner), std::move(guard));
  };
  for (const model_spec& m : models)
    if (auto opened = guarded(m); !opened) return std::move(opened).error();
  out.insert(given.begin(), given.end());
  return out;
}

result<std::shared_ptr<engine>> open_model_folder(const std::filesystem::path& folder,
                                                  const engine_options& options) {
  auto format = read_prompt_format(folder);
  if (!format) return format.error();
  auto module = load_model_module();
  if (!module) return module.error();
  auto opened = (*module)->load_engine(folder, options);
  if (!opened) return opened.error();
  if (!*format) return std::shared_ptr<engine>(*std::move(opened));
  return make_formatted_engine(*std::move(opened), **std::move(format));
}

}  // namespace troupe
