#include "pipeline/store/wal_tail.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <string_view>
#include <vector>

namespace troupe {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t block_size = 32 * 1024;
constexpr std::size_t header_size = 7;  // checksum 4, length 2, kind 1
enum kind_of_record : unsigned char { zero = 0, full = 1, first = 2, middle = 3, last = 4 };

/// CRC-32C (Castagnoli), reflected, as of RFC 3720.
std::uint32_t crc32c(std::string_view bytes) {
  static const auto table = [] {
    std::array<std::uint32_t, 256> t{};
    for (std::uint32_t i = 0; i < 256; ++i) {
      t[i] = i;
      for (int bit = 0; bit < 8; ++bit) t[i] = t[i] >> 1 ^ (t[i] & 1 ? 0x82F63B78U : 0);
    }
    return t;
  }();
  std::uint32_t crc = ~0U;
  for (const char c : bytes) crc = table[(crc ^ static_cast<unsigned char>(c)) & 0xFF] ^ crc >> 8;
  return ~crc;
}

std::uint32_t number(std::string_view bytes, std::size_t at, int count) {
  std::uint32_t n = 0;
  for (int i = count; i-- > 0;)
    n = n << 8 | static_cast<unsigned char>(bytes[at + static_cast<std::size_t>(i)]);
  return n;
}

struct fragment {
  unsigned char kind = zero;
  std::size_t end = 0;  ///< where the next one begins
};

/// The whole record at `at`, if there is one.
std::optional<fragment> whole_at(std::string_view log, std::size_t at) {
  const std::size_t block_end = (at / block_size + 1) * block_size;
  if (at + header_size > std::min(block_end, log.size())) return std::nullopt;
  const std::size_t length = number(log, at + 4, 2);
  const auto kind = static_cast<unsigned char>(log[at + 6]);
  const std::size_t end = at + header_size + length;
  if (kind < full || kind > last || end > std::min(block_end, log.size())) return std::nullopt;
  const auto crc = crc32c(log.substr(at + 6, length + 1));
  // Stored checksums are masked, for the data may hold checksums itself.
  const std::uint32_t masked = (crc >> 15 | crc << 17) + 0xA282EAD8U;
  if (masked != number(log, at, 4)) return std::nullopt;
  return fragment{kind, end};
}

bool is_all_zero(std::string_view bytes) {
  return bytes.find_first_not_of('\0') == std::string_view::npos;
}

/// Where the records stop being whole; the size if they are to the end.
std::size_t whole_until(std::string_view log) {
  std::size_t at = 0, begun = 0;
  bool inside = false;  // of a record in several fragments
  while (at < log.size()) {
    const std::size_t left = block_size - at % block_size;
    if (left < header_size) {
      at += left;  // filled up with zeros
      continue;
    }
    const auto here = whole_at(log, at);
    if (!here) {
      // Room that was laid out and never used is no damage.
      if (!inside && is_all_zero(log.substr(at))) return log.size();
      return inside ? begun : at;
    }
    if (here->kind == full || here->kind == first) begun = at;
    inside = here->kind == first || here->kind == middle;
    at = here->end;
  }
  return inside ? begun : log.size();
}

/// Whether another record begins behind; the fragments of a damaged one do not count. Where the
/// damaged one ends cannot be trusted: any place in its block will do, and the beginnings of all
/// blocks after it.
bool another_behind(std::string_view log, std::size_t at) {
  const auto begins = [](const fragment& f) { return f.kind == full || f.kind == first; };
  const std::size_t block_end = std::min(log.size(), (at / block_size + 1) * block_size);
  for (std::size_t p = at + 1; p < block_end; ++p)
    if (const auto here = whole_at(log, p); here && begins(*here)) return true;
  for (std::size_t block = block_end; block < log.size(); block += block_size)
    for (auto here = whole_at(log, block); here; here = whole_at(log, here->end)) {
      if (begins(*here)) return true;
      if (here->end >= block + block_size) break;
    }
  return false;
}

std::string bytes_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

std::optional<wal_damage> find_wal_damage(const fs::path& folder) {
  std::vector<fs::path> logs;
  std::error_code ec;
  for (const auto& entry : fs::directory_iterator(folder, ec))
    if (entry.path().extension() == ".log") logs.push_back(entry.path());
  std::sort(logs.begin(), logs.end());
  for (auto file = logs.begin(); file != logs.end(); ++file) {
    const std::string log = bytes_of(*file);
    const std::size_t good = whole_until(log);
    if (good == log.size()) continue;
    wal_damage found{*file, good, log.size(), another_behind(log, good)};
    for (auto later = file + 1; later != logs.end() && !found.followed; ++later)
      found.followed = whole_until(bytes_of(*later)) > 0;
    return found;
  }
  return std::nullopt;
}

result<std::optional<std::string>> mend_wal_tail(const fs::path& folder) {
  const auto damage = find_wal_damage(folder);
  if (!damage) return std::optional<std::string>();
  const std::string where =
      "`" + damage->file.string() + "` from byte " + std::to_string(damage->offset) + " on";
  if (damage->followed)
    return error{errc::unavailable,
                 "the journal is damaged in " + where +
                     ", and whole records follow: restore the folder from a backup; to go on "
                     "without all that follows, cut the file there (truncate -s " +
                     std::to_string(damage->offset) + ") and remove the .log files after it"};
  const fs::path aside = damage->file.string() + "-" + std::to_string(damage->offset) + ".damaged";
  const auto lost = bytes_of(damage->file).substr(damage->offset);
  std::error_code ec;
  if (std::ofstream out(aside, std::ios::binary); !(out << lost).flush())
    return error{errc::unavailable, "the journal is damaged in " + where + ", and `" +
                                        aside.string() + "` cannot be written to keep that part"};
  fs::resize_file(damage->file, damage->offset, ec);
  if (ec)
    return error{errc::unavailable, "the journal is damaged in " + where +
                                        " and cannot be cut there: " + ec.message()};
  return std::optional<std::string>(
      "the journal's end was damaged in " + where + ": " + std::to_string(lost.size()) +
      " bytes were left out and are kept in `" + aside.string() + "`; all before them is served");
}

}  // namespace troupe
