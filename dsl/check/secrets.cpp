#include "dsl/check/secrets.hpp"

#include "dsl/linking.hpp"
#include "dsl/text_width.hpp"
#include "dsl/toml_text.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace troupe {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
/// The letters of base64, of base64url, and the dots between parts of a token.
bool is_token_letter(char c) {
  return is_letter(c) || is_digit(c) ||
         std::string_view("-_.+/=").find(c) != std::string_view::npos;
}

struct known_token {
  std::string_view prefix;
  std::size_t shortest;  ///< with the prefix
};
/// How the keys of well-known services begin: OpenAI and many like it, GitHub, GitLab, Slack, AWS,
/// Google, Hugging Face, Stripe; a JSON Web Token.
constexpr std::array<known_token, 15> known_tokens = {{{"sk-", 20},
                                                       {"ghp_", 20},
                                                       {"gho_", 20},
                                                       {"ghs_", 20},
                                                       {"github_pat_", 30},
                                                       {"glpat-", 20},
                                                       {"xoxb-", 20},
                                                       {"xoxp-", 20},
                                                       {"AKIA", 20},
                                                       {"AIza", 35},
                                                       {"hf_", 24},
                                                       {"sk_live_", 20},
                                                       {"rk_live_", 20},
                                                       {"eyJhbGciOi", 40},
                                                       {"ya29.", 30}}};

std::size_t token_length(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::find_if_not(text, is_token_letter) - text.begin());
}

/// `scheme://user:password@host`; what a template puts in is none.
std::optional<secret_place> password_in_url(std::string_view text, std::size_t at) {
  std::string_view rest = text.substr(at + 3);
  rest = rest.substr(0, rest.find_first_of("/ \t\r\n\"'"));
  const std::size_t end = rest.find('@'), colon = rest.find(':');
  if (end == rest.npos || colon >= end || end - colon < 2 || rest[colon + 1] == '{')
    return std::nullopt;
  return secret_place{at + 3 + colon + 1, end - colon - 1};
}

std::optional<secret_place> secret_at(std::string_view text, std::size_t at) {
  std::string_view rest = text.substr(at);
  if (rest.starts_with("://")) return password_in_url(text, at);
  if (rest.starts_with("-----BEGIN ")) {
    std::string_view line = rest.substr(0, rest.find('\n'));
    if (std::size_t end = line.find("PRIVATE KEY-----"); end != line.npos)
      return secret_place{at, end + std::string_view("PRIVATE KEY-----").size()};
  }
  if (at > 0 && (is_letter(text[at - 1]) || is_digit(text[at - 1]))) return std::nullopt;
  for (const known_token& t : known_tokens) {
    if (!rest.starts_with(t.prefix)) continue;
    const std::string_view token = rest.substr(0, token_length(rest));
    const bool mixed = std::ranges::any_of(token.substr(t.prefix.size()), is_digit);
    if (token.size() >= t.shortest && mixed) return secret_place{at, token.size()};
  }
  return std::nullopt;
}

double bits_per_character(std::string_view text) {
  std::array<int, 256> count{};
  for (char c : text) ++count[static_cast<unsigned char>(c)];
  double bits = 0;
  for (int n : count) {
    if (n == 0) continue;
    const double share = n / static_cast<double>(text.size());
    bits -= share * std::log2(share);
  }
  return bits;
}

/// "X-Api-Key", "apiKey" and "api_key" are all "api_key".
std::string snake_case(std::string_view key) {
  std::string out;
  for (std::size_t i = 0; i < key.size(); ++i) {
    const bool hump = i > 0 && key[i] >= 'A' && key[i] <= 'Z' && key[i - 1] >= 'a';
    if (hump) out += '_';
    out += key[i] == '-' || key[i] == ' ' ? '_' : lower(key[i]);
  }
  return out;
}

/// Keys that hold nothing else, whatever it looks like.
constexpr std::array<std::string_view, 9> secret_keys = {
    "api_key",    "apikey",   "access_token",  "auth_token", "secret",
    "secret_key", "password", "client_secret", "passwd"};

class secret_search {
 public:
  explicit secret_search(linking& l) : l_(l) {}

  void run() {
    search_text();
    for (const model_spec& m : l_.spec.models) search(m.all, true);
    for (const stage_spec& s : l_.spec.stages) search(s.with, false);
    for (const input_spec& in : l_.spec.inputs)
      if (in.fallback && names_secret(*in.name) && is_secret(*in.fallback, false))
        report_key(*in.name, in.fallback->at);
  }

 private:
  /// The whole file, comments too: what is in a file is read by whoever reads the file.
  void search_text() {
    const std::string_view text = l_.spec.text;
    std::uint32_t line = 1;
    std::size_t line_start = 0, seen = 0;
    for (auto place = find_secret(text); place;
         place = find_secret(text, place->offset + place->length)) {
      for (; seen < place->offset; ++seen)
        if (text[seen] == '\n') {
          ++line;
          line_start = seen + 1;
        }
      const auto column =
          count_code_points(text.substr(line_start, place->offset - line_start)) + 1;
      const auto length = count_code_points(text.substr(place->offset, place->length));
      const source_range at{line, static_cast<std::uint32_t>(column),
                            static_cast<std::uint32_t>(column + length), l_.spec.number};
      found_.push_back(at);
      l_.report("secret-in-file", "this looks like a secret; a graph file must not hold one", at,
                hint);
    }
  }

  void search(const located_value& v, bool in_model) {
    for (const auto& [key, inner] : v.entries) {
      if (names_secret(*key) &&
          is_secret(inner, is_sure(*key) || (in_model && is_sure_in_model(*key))))
        report_key(*key, inner.at);
      else
        search(inner, in_model);
    }
    for (const auto& inner : v.items) search(inner, in_model);
  }

  static bool is_sure(std::string_view key) {
    return std::ranges::count(secret_keys, snake_case(key)) > 0;
  }

  /// Nothing else that an engine takes has these names.
  static bool is_sure_in_model(std::string_view key) { return key == "key" || key == "token"; }

  /// Behind a sure key every text that no slot is put into, else what looks like a key.
  static bool is_secret(const located_value& v, bool sure) {
    if (v.plain.type() != slot_type::text) return false;
    std::string_view text = v.plain.as_text();
    for (std::string_view scheme : {"Bearer ", "bearer ", "Token ", "token ", "Basic "})
      if (text.starts_with(scheme)) text.remove_prefix(scheme.size());
    if (text.empty() || text.find('{') != text.npos) return false;
    return sure || looks_random(text);
  }

  void report_key(const std::string& key, source_range at) {
    for (const source_range& known : found_)
      if (known.file == at.file && known.line == at.line && known.column >= at.column &&
          known.column < at.end_column)
        return;
    l_.report("secret-in-file", "`" + key + "` is a secret; a graph file must not hold one", at,
              hint);
  }

  static constexpr const char* hint =
      "put it into an environment variable and name that: api_key_env = \"DEEPSEEK_API_KEY\"";

  linking& l_;
  std::vector<source_range> found_;
};

}  // namespace

std::optional<secret_place> find_secret(std::string_view text, std::size_t from) {
  // Where one can begin: a colon of a URL, a dash of a key block, a letter of a token.
  for (std::size_t at = from; at < text.size(); ++at) {
    if (std::string_view(":-sgxAhrey").find(text[at]) == std::string_view::npos) continue;
    if (auto place = secret_at(text, at)) return place;
  }
  return std::nullopt;
}

bool looks_random(std::string_view text) {
  constexpr std::size_t shortest = 16;
  constexpr double least_bits = 3.0;
  return text.size() >= shortest && token_length(text) == text.size() &&
         std::ranges::any_of(text, is_digit) && std::ranges::any_of(text, is_letter) &&
         text.find("://") == text.npos && bits_per_character(text) >= least_bits;
}

bool names_secret(std::string_view key) {
  const std::string name = snake_case(key);
  if (name.ends_with("_env") || name.ends_with("_file")) return false;
  for (std::string_view word : {"key", "token", "secret", "password", "passwd", "authorization",
                                "apikey", "credential", "credentials", "cookie"}) {
    // As the last word: `token_limit` is none.
    if (name == word || name.ends_with("_" + std::string(word))) return true;
  }
  return false;
}

void check_secrets(linking& l) { secret_search(l).run(); }

}  // namespace troupe
