#include "model/token_estimate.hpp"

namespace troupe {

namespace {

constexpr std::int64_t frame_of_message = 4;

}  // namespace

std::int64_t estimated_tokens(std::string_view text) noexcept {
  std::int64_t tenths = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) tenths += 3;
    if (byte >= 0xC0) tenths += 6;  // the first byte of a longer character
  }
  return (tenths + 9) / 10;
}

std::int64_t estimated_tokens(const std::vector<chat_message>& messages) noexcept {
  std::int64_t all = 0;
  for (const chat_message& m : messages) all += frame_of_message + estimated_tokens(m.text);
  return all;
}

}  // namespace troupe
