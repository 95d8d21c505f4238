#pragma once
// What a remote engine needs to know of its API.

#include "pipeline/graph.hpp"
#include "pipeline/http_stream.hpp"

#include <boost/json/object.hpp>

namespace troupe {

/// OAuth2 client credentials (RFC 6749, 4.4).
struct oauth_options {
  std::string token_url, client_id, client_secret, scope;
};

struct remote_options {
  std::string name;     ///< of the [model.NAME], for errors
  std::string url;      ///< of the API; "/chat/completions" follows
  std::string model;    ///< as the API calls it
  std::string api_key;  ///< empty: none
  std::optional<oauth_options> oauth;
  duration connect = std::chrono::seconds(5);
  duration first_token = std::chrono::seconds(30);
  duration idle = std::chrono::seconds(30);  ///< between two pieces of an answer
  retry_policy retry = {.attempts = 3,
                        .backoff_min = std::chrono::milliseconds(200),
                        .backoff_max = std::chrono::seconds(5)};
  std::string token_limit = "max_tokens";  ///< the field with the most tokens of an answer
  boost::json::object body;                ///< more fields, which win
  std::vector<std::string> omit;           ///< fields that are not sent
  http_client_options client;
};

/// Of a model that `troupe check` has seen. Takes secrets out of the environment. Errors:
/// `invalid_request`, a variable that is not set, or a key that cannot be read.
result<remote_options> remote_options_of(const model_spec& spec, const std::filesystem::path& base);

/// Of any model: `breaker = { failures = 5, open = "10s" }`, which is also the default.
breaker_policy breaker_of(const model_spec& spec);

}  // namespace troupe
