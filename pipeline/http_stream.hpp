#pragma once
// Asking other HTTP servers for bodies that are read while they come, over connections that are
// kept. `transport/` implements it; remote engines see only this.

#include "pipeline/http_client.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>

namespace troupe {

/// Of parts of an exchange; max(): only the deadline counts.
struct http_timeouts {
  duration connect = duration::max();     ///< look-up of the name, connection and TLS
  duration first_byte = duration::max();  ///< from the request sent to the answer's header
  duration idle = duration::max();        ///< between two pieces of the answer
};

/// After `enough` the rest is read, but not given; after `stop` the connection is closed at once.
enum class http_body : std::uint8_t { more, enough, stop };
/// Takes a piece of a response's body; `head` has its status and headers.
using http_body_function =
    std::function<http_body(const http_response& head, std::string_view piece)>;

/// Thread-safe.
class http_streamer : public http_client {
 public:
  /// Like `send`, but the body of a 2xx goes to `on_body`, piece by piece as it arrives, on the
  /// calling thread; the response that is returned has none. Other bodies come back whole. The
  /// connection is one that an earlier exchange left open, if there is one, and is left open again;
  /// the request may be sent twice, when the server closes it just then.
  virtual result<http_response> stream(const http_request& request, const http_timeouts& timeouts,
                                       const http_body_function& on_body, std::stop_token cancel,
                                       time_point deadline) = 0;
};

enum class tls_version : std::uint8_t { v1_2, v1_3 };

struct http_client_options {
  /// A PEM file of certificates that are trusted besides the system's, e.g. a company's own CA.
  std::filesystem::path trust;
  tls_version least_tls = tls_version::v1_2;
};

/// For whoever needs a client with options of his own; see transport/http_client.hpp.
using http_streamer_factory =
    std::function<result<std::shared_ptr<http_streamer>>(const http_client_options&)>;

}  // namespace troupe
