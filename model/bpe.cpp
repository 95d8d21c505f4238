#include "model/bpe.hpp"

#include <utf8proc.h>

#include <array>
#include <queue>
#include <tuple>

namespace troupe {

namespace {

std::uint64_t key(token_id left, token_id right) {
  return static_cast<std::uint64_t>(left) << 32 | static_cast<std::uint32_t>(right);
}

struct candidate {
  std::int64_t rank;
  std::size_t left, right;
  token_id left_id, right_id, merged;
  bool operator>(const candidate& o) const {
    return std::tie(rank, left) > std::tie(o.rank, o.left);
  }
};

/// Printable Latin-1 stands for itself; the other bytes, in order, for U+0100 and up.
bool stands_for_itself(unsigned b) {
  return (b >= 33 && b <= 126) || (b >= 161 && b <= 172) || (b >= 174 && b <= 255);
}

std::array<int, 0x144> make_alphabet() {
  std::array<int, 0x144> bytes{};
  bytes.fill(-1);
  unsigned next = 0x100;
  for (unsigned b = 0; b < 256; ++b) bytes[stands_for_itself(b) ? b : next++] = static_cast<int>(b);
  return bytes;
}

}  // namespace

void merge_table::add(token_id left, token_id right, token_id merged) {
  add(left, right, merged, static_cast<std::int64_t>(merges_.size()));
}

void merge_table::add(token_id left, token_id right, token_id merged, std::int64_t rank) {
  merges_.emplace(key(left, right), merge{rank, merged});
}

const merge_table::merge* merge_table::find(token_id left, token_id right) const {
  const auto it = merges_.find(key(left, right));
  return it == merges_.end() ? nullptr : &it->second;
}

std::vector<token_id> merge_table::apply(std::vector<token_id> ids) const {
  const std::size_t n = ids.size(), none = n;
  if (n < 2) return ids;
  std::vector<std::size_t> before(n), after(n);
  for (std::size_t i = 0; i < n; ++i) {
    before[i] = i == 0 ? none : i - 1;
    after[i] = i + 1;
  }
  std::priority_queue<candidate, std::vector<candidate>, std::greater<>> queue;
  auto consider = [&](std::size_t left, std::size_t right) {
    if (left == none || right == none) return;
    if (auto* m = find(ids[left], ids[right]))
      queue.push({m->rank, left, right, ids[left], ids[right], m->id});
  };
  for (std::size_t i = 0; i + 1 < n; ++i) consider(i, i + 1);
  constexpr token_id gone = -1;
  while (!queue.empty()) {
    const candidate c = queue.top();
    queue.pop();
    // Either side may have been merged since.
    if (ids[c.left] != c.left_id || after[c.left] != c.right || ids[c.right] != c.right_id)
      continue;
    ids[c.left] = c.merged;
    ids[c.right] = gone;
    after[c.left] = after[c.right];
    if (after[c.left] != none) before[after[c.left]] = c.left;
    consider(before[c.left], c.left);
    consider(c.left, after[c.left]);
  }
  std::erase(ids, gone);
  return ids;
}

std::optional<std::string> from_byte_alphabet(std::string_view text) {
  static const auto alphabet = make_alphabet();
  std::string out;
  const auto* data = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  for (std::size_t i = 0; i < text.size();) {
    utf8proc_int32_t c = -1;
    const auto n = utf8proc_iterate(data + i, static_cast<utf8proc_ssize_t>(text.size() - i), &c);
    if (n <= 0 || c < 0 || static_cast<std::size_t>(c) >= alphabet.size()) return std::nullopt;
    const int byte = alphabet[static_cast<std::size_t>(c)];
    if (byte < 0) return std::nullopt;
    out.push_back(static_cast<char>(byte));
    i += static_cast<std::size_t>(n);
  }
  return out;
}

std::string to_byte_alphabet(std::string_view bytes) {
  static const auto characters = [] {
    const auto alphabet = make_alphabet();
    std::array<std::int32_t, 256> out{};
    for (std::size_t c = 0; c < alphabet.size(); ++c)
      if (alphabet[c] >= 0)
        out[static_cast<std::size_t>(alphabet[c])] = static_cast<std::int32_t>(c);
    return out;
  }();
  std::string out;
  for (char b : bytes) {
    utf8proc_uint8_t text[4];
    const auto n = utf8proc_encode_char(characters[static_cast<unsigned char>(b)], text);
    out.append(reinterpret_cast<const char*>(text), static_cast<std::size_t>(n));
  }
  return out;
}

}  // namespace troupe
