#include "dsl/reader_parts.hpp"
#include "dsl/suggest.hpp"

#include <algorithm>
#include <functional>

namespace troupe {

namespace {

const std::vector<std::string> keys = {
    "kind",        "path",  "device",  "dtype",   "url",    "model",    "api_key_env",
    "fallback",    "price", "context", "ca_file", "tls",    "timeouts", "retry",
    "token_limit", "oauth", "body",    "omit",    "breaker"};

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

/// Calls `read` with the table under `key`, if there is one.
void with_table(table_reader& model, const char* key,
                const std::function<void(table_reader&)>& read) {
  const toml::table* node = model.table(key);
  if (!node) return;
  table_reader table(*node, "`" + std::string(key) + "` of " + model.title(), range_of(*node),
                     model.findings());
  read(table);
  table.finish();
}

/// Anything but http:// and https:// with a host.
void check_url(const table_reader& table, const located<std::string>& url) {
  if (!url.given()) return;
  for (std::string_view scheme : {"http://", "https://"})
    if (url->starts_with(scheme) && url->size() > scheme.size() && (*url)[scheme.size()] != '/')
      return;
  table.report("bad-value", "`" + *url + "` is no URL of an API", url.at,
               "an absolute one: \"https://api.example.com/v1\"");
}

void check_oauth(table_reader& table) {
  located<std::string> url, text;
  table.required_text("token_url", url, "where access tokens are given out");
  check_url(table, url);
  table.required_text("client_id_env", text, "the environment variable that holds the client's id");
  table.required_text("client_secret_env", text,
                      "the environment variable that holds the client's secret");
  table.text("scope", text);
}

/// Keys that the engine reads itself, from the whole table: here they are only looked at.
void check_keys_of_engines(table_reader& table, const model_spec& spec) {
  located<std::string> text;
  located<std::int64_t> count;
  located<duration> time, longest_time;
  std::vector<located<std::string>> texts;
  table.text("ca_file", text);
  table.one_of("tls", text, {"1.2", "1.3"});
  table.one_of("token_limit", text, {"max_tokens", "max_completion_tokens"});
  with_table(table, "timeouts", [&](table_reader& t) {
    for (const char* key : {"connect", "first_token", "idle"}) t.length_of_time(key, time);
  });
  with_table(table, "retry", [&](table_reader& t) {
    t.count("attempts", count, {1, 100});
    t.backoff("backoff", time, longest_time);
  });
  with_table(table, "oauth", [&](table_reader& t) {
    if (spec.api_key_env.given())
      table.report("bad-value", table.title() + " has both a key and `oauth`", t.at(),
                   "an API takes one of them");
    check_oauth(t);
  });
  table.table("body");
  table.texts("omit", texts);
  with_table(table, "breaker", [&](table_reader& t) {
    t.count("failures", count);
    t.length_of_time("open", time);
  });
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
  check_url(table, spec.url);
  table.text("api_key_env", spec.api_key_env);
  check_keys_of_engines(table, spec);
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
