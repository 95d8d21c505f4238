#pragma once
// Values and steps as bytes, for the journal. Compact, self-delimiting, and safe to read from a
// damaged file: a reader never runs past its input and never recurses deeper than 64.
//
//   varint   LEB128                       int    zig-zag varint
//   text     varint length, bytes         float  8 bytes, little-endian IEEE 754
//   value    1 byte type, then its content; a list and a table begin with a varint count

#include "pipeline/executor.hpp"

#include <array>

namespace troupe {

class byte_writer {
 public:
  void number(std::uint64_t n) {
    if (n < 0x80)
      byte(static_cast<char>(n));
    else
      long_number(n);
  }
  void integer(std::int64_t n) {
    number((static_cast<std::uint64_t>(n) << 1) ^ static_cast<std::uint64_t>(n >> 63));
  }
  void text(std::string_view s);
  void put(const value& v);
  std::string take();

 private:
  void byte(char c) {
    if (size_ == near_.size()) flush();
    near_[size_++] = c;
  }
  void bytes(std::string_view s);
  void long_number(std::uint64_t n);
  void flush();

  /// What was written last. Most records fit, and are allocated once, in their size.
  std::array<char, 128> near_;
  std::size_t size_ = 0;
  std::string far_;  ///< what was written before
};

/// After a failed read everything reads as zero or empty and `ok()` is false.
class byte_reader {
 public:
  explicit byte_reader(std::string_view bytes) : rest_(bytes) {}
  std::uint64_t number();
  std::int64_t integer();
  std::string_view text();
  value get() { return get(0); }
  bool ok() const noexcept { return ok_; }
  bool at_end() const noexcept { return rest_.empty(); }

 private:
  value get(int depth);
  std::uint8_t byte();
  void fail() noexcept {
    ok_ = false;
    rest_ = {};
  }
  std::string_view rest_;
  bool ok_ = true;
};

std::string encode(const step& s);
/// Errors: truncated or malformed bytes.
result<step> decode_step(std::string_view bytes);

}  // namespace troupe
