#pragma once
// The HTTP client behind `pipeline/http_client.hpp` and `pipeline/http_stream.hpp`: HTTP/1.1, TLS
// with the server's certificate and name verified. It follows no redirect. Whoever asks drives his
// connection himself, on his own thread; connections that are kept wait in a pool until somebody
// asks the same server. `send` uses a connection of its own for each request.

#include "pipeline/http_stream.hpp"

namespace troupe {

/// Error: `invalid_request`, when `trust` cannot be read.
result<std::shared_ptr<http_streamer>> make_http_client(const http_client_options& options = {});

}  // namespace troupe
