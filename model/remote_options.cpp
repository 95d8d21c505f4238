#include "model/remote_options.hpp"

#include "pipeline/value_traits.hpp"

#include <boost/json/value.hpp>

#include <cstdlib>

namespace troupe {

namespace {

/// The keys of a table, read into typed members; the first that cannot be read is kept.
class key_reader {
 public:
  key_reader(const value& table, std::string title) : table_(table), title_(std::move(title)) {}

  void text(const char* key, std::string& out) {
    const value* v = find(key, slot_type::text);
    if (v) out = v->as_text();
  }
  template <class Integer>
  void count(const char* key, Integer& out) {
    const value* v = find(key, slot_type::integer);
    if (v) out = static_cast<Integer>(v->as_int());
  }
  void length_of_time(const char* key, duration& out) {
    if (const value* v = find(key, slot_type::text)) read_time(key, v->as_text(), out);
  }
  /// "50ms..1s", or one duration for both ends.
  void backoff(const char* key, duration& min, duration& max) {
    const value* v = find(key, slot_type::text);
    if (!v) return;
    const std::string_view all = v->as_text();
    const auto dots = all.find("..");
    read_time(key, all.substr(0, dots), min);
    max = min;
    if (dots != all.npos) read_time(key, all.substr(dots + 2), max);
  }
  void texts(const char* key, std::vector<std::string>& out) {
    const value* v = find(key, slot_type::list);
    for (const value& item : v ? v->as_list() : value::list())
      if (item.type() == slot_type::text) out.push_back(item.as_text());
  }
  /// A variable of the environment that the graph names.
  void variable(const char* key, std::string& out) {
    std::string name;
    text(key, name);
    if (name.empty()) return;
    const char* content = std::getenv(name.c_str());
    if (content && *content)
      out = content;
    else
      complain("the environment variable `" + name + "` (`" + key + "`) is not set");
  }
  /// The keys of an inner table, if there is one.
  template <class Read>
  void table(const char* key, Read read) {
    const value* v = find(key, slot_type::table);
    if (!v) return;
    key_reader inner(*v, title_);
    read(inner);
    if (inner.trouble_ && !trouble_) trouble_ = inner.trouble_;
  }

  const std::optional<error>& trouble() const noexcept { return trouble_; }

 private:
  const value* find(const char* key, slot_type type) {
    const value* v = table_.find(key);
    if (!v || v->type() == type) return v;
    complain("`" + std::string(key) + "` must be " + std::string(name_of(type)));
    return nullptr;
  }
  void read_time(const char* key, std::string_view text, duration& out) {
    const auto time = parse_duration(text);
    if (time)
      out = *time;
    else
      complain("`" + std::string(key) + "` " + time.error().message);
  }
  void complain(const std::string& what) {
    if (!trouble_) trouble_ = error{errc::invalid_request, title_ + ": " + what};
  }

  const value& table_;
  const std::string title_;
  std::optional<error> trouble_;
};

}  // namespace

result<remote_options> remote_options_of(const model_spec& spec,
                                         const std::filesystem::path& base) {
  remote_options out;
  out.name = *spec.name;
  out.url = *spec.url;
  while (out.url.ends_with('/')) out.url.pop_back();
  out.model = *spec.model;
  key_reader keys(spec.all.plain, "model `" + *spec.name + "`");
  keys.variable("api_key_env", out.api_key);
  keys.table("oauth", [&](key_reader& oauth) {
    auto& o = out.oauth.emplace();
    oauth.text("token_url", o.token_url);
    oauth.variable("client_id_env", o.client_id);
    oauth.variable("client_secret_env", o.client_secret);
    oauth.text("scope", o.scope);
  });
  keys.table("timeouts", [&](key_reader& timeouts) {
    timeouts.length_of_time("connect", out.connect);
    timeouts.length_of_time("first_token", out.first_token);
    timeouts.length_of_time("idle", out.idle);
  });
  keys.table("retry", [&](key_reader& retry) {
    retry.count("attempts", out.retry.attempts);
    retry.backoff("backoff", out.retry.backoff_min, out.retry.backoff_max);
  });
  keys.text("token_limit", out.token_limit);
  if (const value* body = spec.all.plain.find("body"); body && body->type() == slot_type::table)
    out.body = to_json(*body).as_object();
  keys.texts("omit", out.omit);
  std::string ca_file, tls;
  keys.text("ca_file", ca_file);
  if (!ca_file.empty()) out.client.trust = base / ca_file;
  keys.text("tls", tls);
  out.client.least_tls = tls == "1.2" ? tls_version::v1_2 : tls_version::v1_3;
  if (keys.trouble()) return *keys.trouble();
  return out;
}

breaker_policy breaker_of(const model_spec& spec) {
  breaker_policy out{.failures = 5};
  key_reader keys(spec.all.plain, "model `" + *spec.name + "`");
  keys.table("breaker", [&](key_reader& breaker) {
    breaker.count("failures", out.failures);
    breaker.length_of_time("open", out.open);
  });
  return out;
}

}  // namespace troupe
