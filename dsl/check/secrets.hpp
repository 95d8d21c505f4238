#pragma once
// What gives a secret away.

#include <optional>
#include <string_view>

namespace troupe {

struct secret_place {
  std::size_t offset = 0, length = 0;  ///< bytes
};

/// The first token of a well-known service, private key, or password in a URL from `from` on.
std::optional<secret_place> find_secret(std::string_view text, std::size_t from = 0);

/// True for text such as generators of keys make: long, one word, letters and digits mixed, and
/// with at least 3 bits of entropy per character.
bool looks_random(std::string_view text);

/// True for keys that hold secrets: `api_key`, `X-Auth-Token`, `clientSecret`, `password`. Not for
/// those that name a variable of the environment (`api_key_env`) or count tokens (`max_tokens`).
bool names_secret(std::string_view key);

}  // namespace troupe
