#include "model/text_stream.hpp"

#include <utf8proc.h>

#include <algorithm>

namespace troupe {

namespace {

constexpr std::string_view replacement_character = "\xEF\xBF\xBD";

/// How many bytes a character has that begins with `lead`; 0 if none begins so.
std::size_t length_of(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead <= 0xdf) return 2;
  if (lead >= 0xe0 && lead <= 0xef) return 3;
  if (lead >= 0xf0 && lead <= 0xf4) return 4;
  return 0;
}

/// True if `text`, shorter than its lead byte asks for, can still become a character.
bool may_continue(std::string_view text) {
  return std::all_of(text.begin() + 1, text.end(),
                     [](char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; });
}

/// The longest end of `text` that begins a stop string.
std::size_t held_length(std::string_view text, const std::vector<std::string>& stop) {
  std::size_t longest = 0;
  for (const std::string& s : stop)
    for (std::size_t n = std::min(s.size() - 1, text.size()); n > longest; --n)
      if (text.ends_with(std::string_view(s).substr(0, n))) longest = n;
  return longest;
}

}  // namespace

text_stream::text_stream(std::vector<std::string> stop) : stop_(std::move(stop)) {
  std::erase(stop_, std::string());
}

std::string text_stream::push(std::string_view bytes) {
  if (stopped_) return {};
  bytes_ += bytes;
  return release(take_valid(false), false);
}

std::string text_stream::finish() {
  if (stopped_) return {};
  return release(take_valid(true), true);
}

std::string text_stream::take_valid(bool last) {
  std::string out;
  std::size_t at = 0;
  while (at < bytes_.size()) {
    const std::string_view rest = std::string_view(bytes_).substr(at);
    const std::size_t length = length_of(static_cast<unsigned char>(rest[0]));
    if (length > rest.size() && may_continue(rest)) {
      if (!last) break;
      out += replacement_character;
      at = bytes_.size();
      break;
    }
    utf8proc_int32_t c = -1;
    const auto n = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(rest.data()),
                                    static_cast<utf8proc_ssize_t>(rest.size()), &c);
    if (n > 0)
      out += rest.substr(0, static_cast<std::size_t>(n));
    else
      out += replacement_character;
    at += n > 0 ? static_cast<std::size_t>(n) : 1;
  }
  bytes_.erase(0, at);
  return out;
}

std::string text_stream::release(std::string text, bool last) {
  held_ += text;
  std::size_t first = std::string::npos;
  for (const std::string& s : stop_) first = std::min(first, held_.find(s));
  if (first != std::string::npos) {
    stopped_ = true;
    std::string out = held_.substr(0, first);
    held_.clear();
    bytes_.clear();
    return out;
  }
  const std::size_t hold = last ? 0 : held_length(held_, stop_);
  std::string out = held_.substr(0, held_.size() - hold);
  held_.erase(0, out.size());
  return out;
}

}  // namespace troupe
