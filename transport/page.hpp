#pragma once
// The web page (web/index.html), which is part of the program.

#include <string>
#include <string_view>

namespace troupe {

struct page {
  std::string_view html;
  std::string etag;
  /// Content-Security-Policy that allows this page's own script and style, by hash, and requests
  /// to its own server; nothing else.
  std::string policy;
};

const page& chat_page();

}  // namespace troupe
