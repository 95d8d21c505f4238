#pragma once
// Where a request goes to.

#include "pipeline/result.hpp"

#include <string>

namespace troupe {

struct http_address {
  bool tls = false;
  std::string host, port, target;
  std::string shown;  ///< scheme, host and port: what an error may repeat of a URL
  bool host_is_name = true;
};

/// Of an absolute URL with http or https; else `invalid_request`.
result<http_address> parse_address(const std::string& url);

}  // namespace troupe
