#include "transport/page.hpp"

#include <openssl/evp.h>
#include <openssl/sha.h>

#include <array>

// The build depends on the file (CMakeLists.txt), since the compiler does not see this inclusion.
asm(".section .rodata\n"
    ".global troupe_page_begin\n"
    ".global troupe_page_end\n"
    "troupe_page_begin:\n"
    ".incbin \"" TROUPE_WEB_PAGE
    "\"\n"
    "troupe_page_end:\n"
    ".previous\n");

extern "C" const char troupe_page_begin[];
extern "C" const char troupe_page_end[];

namespace troupe {

namespace {

/// Base64 of the SHA-256 of `text`.
std::string digest(std::string_view text) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> hash{};
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), hash.data());
  std::array<unsigned char, 64> base64{};
  auto n = EVP_EncodeBlock(base64.data(), hash.data(), static_cast<int>(hash.size()));
  return {reinterpret_cast<const char*>(base64.data()), static_cast<std::size_t>(n)};
}

std::string_view between(std::string_view html, std::string_view open, std::string_view close) {
  auto from = html.find(open);
  if (from == std::string_view::npos) return {};
  html.remove_prefix(from + open.size());
  return html.substr(0, html.find(close));
}

page read_page() {
  page p;
  p.html = {troupe_page_begin, static_cast<std::size_t>(troupe_page_end - troupe_page_begin)};
  p.etag = '"' + digest(p.html).substr(0, 16) + '"';
  p.policy =
      "default-src 'none'; connect-src 'self'; img-src data:; base-uri 'none'; "
      "form-action 'none'; frame-ancestors 'none'; script-src 'sha256-" +
      digest(between(p.html, "<script>", "</script>")) + "'; style-src 'sha256-" +
      digest(between(p.html, "<style>", "</style>")) + "'";
  return p;
}

}  // namespace

const page& chat_page() {
  static const page p = read_page();
  return p;
}

}  // namespace troupe
