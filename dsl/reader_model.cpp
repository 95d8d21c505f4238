#include "dsl/reader_parts.hpp"
#include "dsl/suggest.hpp"

#include <algorithm>

namespace troupe {

namespace {

const std::vector<std::string> keys = {"kind",  "path",        "device",   "dtype",   "url",
                                       "model", "api_key_env", "fallback", "context", "price"};

/// "cpu", "cuda", "cuda:1", "auto".
bool is_device(std::string_view device) {
  if (device == "auto" || device == "cpu" || device == "cuda") return true;
  constexpr std::string_view prefix = "cuda:";
  if (!device.starts_with(prefix)) return false;
  device.remove_prefix(prefix.size());
  return !device.empty() && device.size() < 4 &&
         device.find_first_not_of("0123456789") == std::string_view::npos;
}

/// { input = 0.14, output = 0.28, currency = "USD" }
std::optional<price_spec> read_price(table_reader& model) {
  const toml::table* node = model.table("price");
  if (!node) return std::nullopt;
  table_reader table(*node, "`price` of " + model.title(), range_of(*node), model.findings());
  price_spec price;
  const std::string hint = "per million tokens: { input = 0.14, output = 0.28 }";
  table.require("input", hint);
  table.amount("input", price.input);
  table.require("output", hint);
  table.amount("output", price.output);
  table.text("currency", price.currency);
  table.finish();
  return price;
}

}  // namespace

model_spec read_model(const table_reader::item& entry, std::vector<diagnostic>& findings) {
  model_spec spec;
  spec.name = entry.key;
  const toml::table* node = named_table(entry, "model", findings);
  if (!node) return spec;
  table_reader table(*node, "[model." + *entry.key + "]", entry.key.at, findings);
  table.require("kind", "`local` runs a model here, `remote` asks an OpenAI-compatible API");
  table.one_of("kind", spec.kind, {"local", "remote"});
  bool local = *spec.kind == "local", remote = *spec.kind == "remote";

  if (local) table.require("path", "the folder with config.json, tokenizer.json, *.safetensors");
  table.text("path", spec.path);
  if (remote) {
    table.require("url", "where the API is: \"https://api.example.com/v1\"");
    table.require("model", "the name that the API knows the model by");
  }
  table.text("url", spec.url);
  table.text("model", spec.model);
  table.text("api_key_env", spec.api_key_env);
  table.text("fallback", spec.fallback);
  table.one_of("dtype", spec.dtype, {"auto", "fp16", "bf16", "fp32", "int8"});
  table.text("device", spec.device);
  if (spec.device.given() && !is_device(*spec.device))
    table.report("bad-value", "`device` cannot be `" + *spec.device + "`", spec.device.at,
                 "there are `auto`, `cpu`, `cuda` and `cuda:N`");

  table.count("context", spec.context, {1, 100'000'000});
  spec.price = read_price(table);

  spec.all = read_value(*node, findings);
  // Engines may have keys of their own, so only what looks like a slip is an error.
  for (const auto& [key, inner] : spec.all.entries) {
    if (std::ranges::find(keys, *key) != keys.end()) continue;
    if (std::string_view near = nearest_name(*key, keys); !near.empty())
      table.report("unknown-key", "unknown key `" + *key + "` in " + table.title(), key.at,
                   "did you mean `" + std::string(near) + "`?");
  }
  return spec;
}

}  // namespace troupe
