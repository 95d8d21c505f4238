#pragma once
// The web page, which is part of the program: web/index.html with the styles and scripts beside it
// put into it, so that a browser asks once and for nothing else.

#include <string>
#include <string_view>

namespace troupe {

struct page {
  std::string html;
  std::string etag;
  /// Content-Security-Policy that allows this page's own script and style, by hash, and requests
  /// to its own server; nothing else.
  std::string policy;
};

const page& chat_page();

}  // namespace troupe
