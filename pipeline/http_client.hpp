#pragma once
// Asking other HTTP servers, as an interface: `transport/` implements it, stages and remote engines
// see only this.

#include "pipeline/clock.hpp"
#include "pipeline/result.hpp"

#include <cstddef>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe {

/// Names and values, in order; names compare without case.
using http_headers = std::vector<std::pair<std::string, std::string>>;

struct http_request {
  std::string method = "GET";
  std::string url;  ///< absolute, http or https
  http_headers headers;
  std::string body;
  std::size_t max_body = std::size_t{4} << 20;  ///< of the response, in bytes
};

struct http_response {
  int status = 0;
  http_headers headers;
  std::string body;

  /// Value of the first header of that name, whatever its case; empty if there is none.
  std::string_view header(std::string_view name) const noexcept;
};

/// Sends requests; thread-safe.
class http_client {
 public:
  virtual ~http_client() = default;
  /// Blocks until the response is whole. Any status is a response; errors are `invalid_request`
  /// (a bad URL), `unavailable` (no connection, bad certificate, broken answer), `timeout` (the
  /// deadline passed), `cancelled` (the token was set), `failed` (a response above `max_body`).
  virtual result<http_response> send(const http_request& request, std::stop_token cancel,
                                     time_point deadline) = 0;
};

/// True if the names are equal but for ASCII case.
bool same_header_name(std::string_view a, std::string_view b) noexcept;

}  // namespace troupe
