#include "transport/page.hpp"

#include <openssl/evp.h>
#include <openssl/sha.h>

#include <array>

// The build depends on the files (CMakeLists.txt), since the compiler does not see this inclusion.
#define TROUPE_EMBED(symbol, file)                                   \
  asm(".section .rodata\n"                                           \
      ".global " #symbol "_begin\n.global " #symbol "_end\n" #symbol \
      "_begin:\n"                                                    \
      ".incbin \"" TROUPE_WEB_DIR "/" file "\"\n" #symbol            \
      "_end:\n"                                                      \
      ".previous\n");                                                \
  extern "C" const char symbol##_begin[];                            \
  extern "C" const char symbol##_end[]

TROUPE_EMBED(troupe_page_html, "index.html");
TROUPE_EMBED(troupe_page_style, "page.css");
TROUPE_EMBED(troupe_page_words, "words.js");
TROUPE_EMBED(troupe_page_link, "link.js");
TROUPE_EMBED(troupe_page_turn, "turn.js");
TROUPE_EMBED(troupe_page_main, "page.js");

namespace troupe {

namespace {

std::string_view between(const char* begin, const char* end) {
  return {begin, static_cast<std::size_t>(end - begin)};
}

/// Base64 of the SHA-256 of `text`.
std::string digest(std::string_view text) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> hash{};
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), hash.data());
  std::array<unsigned char, 64> base64{};
  auto n = EVP_EncodeBlock(base64.data(), hash.data(), static_cast<int>(hash.size()));
  return {reinterpret_cast<const char*>(base64.data()), static_cast<std::size_t>(n)};
}

void fill(std::string& html, std::string_view empty_element, std::string_view content) {
  auto close = empty_element.find("</");
  html.insert(html.find(empty_element) + close, content);
}

page read_page() {
  page p;
  std::string style(between(troupe_page_style_begin, troupe_page_style_end)), script;
  script += between(troupe_page_words_begin, troupe_page_words_end);
  script += between(troupe_page_link_begin, troupe_page_link_end);
  script += between(troupe_page_turn_begin, troupe_page_turn_end);
  script += between(troupe_page_main_begin, troupe_page_main_end);
  p.html = between(troupe_page_html_begin, troupe_page_html_end);
  fill(p.html, "<style></style>", style);
  fill(p.html, "<script></script>", script);
  p.etag = '"' + digest(p.html).substr(0, 16) + '"';
  p.policy =
      "default-src 'none'; connect-src 'self'; img-src data:; base-uri 'none'; "
      "form-action 'none'; frame-ancestors 'none'; script-src 'sha256-" +
      digest(script) + "'; style-src 'sha256-" + digest(style) + "'";
  return p;
}

}  // namespace

const page& chat_page() {
  static const page p = read_page();
  return p;
}

}  // namespace troupe
