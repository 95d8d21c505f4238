#pragma once
// The HTTP client behind `pipeline/http_client.hpp`: HTTP/1.1, a connection per request, TLS 1.2
// and later with the server's certificate and name verified. It follows no redirect.

#include "pipeline/http_client.hpp"

#include <filesystem>
#include <memory>

namespace troupe {

struct http_client_options {
  /// A PEM file of certificates that are trusted besides the system's, e.g. a company's own CA.
  std::filesystem::path trust;
};

/// Error: `invalid_request`, when `trust` cannot be read.
result<std::shared_ptr<http_client>> make_http_client(const http_client_options& options = {});

}  // namespace troupe
