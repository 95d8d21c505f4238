#include "model/bpe.hpp"

#include <utf8proc.h>

#include <array>
#include <charconv>
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

std::size_t merge_table::place_of(std::uint64_t pair) const noexcept {
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = static_cast<std::size_t>((pair * 0x9E3779B97F4A7C15ull) >> 20) & mask;
  while (slots_[at].pair != no_pair && slots_[at].pair != pair) at = (at + 1) & mask;
  return at;
}

void merge_table::grow() {
  std::vector<slot> before(slots_.empty() ? 1024 : slots_.size() * 2);
  before.swap(slots_);
  for (const slot& s : before)
    if (s.pair != no_pair) slots_[place_of(s.pair)] = s;
}

void merge_table::add(token_id left, token_id right, token_id merged) {
  add(left, right, merged, static_cast<std::int64_t>(count_));
}

void merge_table::add(token_id left, token_id right, token_id merged, std::int64_t rank) {
  if (2 * (count_ + 1) > slots_.size()) grow();
  slot& s = slots_[place_of(key(left, right))];
  if (s.pair == no_pair) ++count_;
  s = {key(left, right), {static_cast<std::uint32_t>(rank), static_cast<std::uint32_t>(merged)}};
}

const merge_table::merge* merge_table::find(token_id left, token_id right) const noexcept {
  if (slots_.empty()) return nullptr;
  const slot& s = slots_[place_of(key(left, right))];
  return s.pair == no_pair ? nullptr : &s.found;
}

void merge_table::apply(std::vector<token_id>& ids) const {
  constexpr std::size_t few = 48;
  if (ids.size() < 2) return;
  if (ids.size() <= few)
    apply_to_few(ids);
  else
    apply_to_many(ids);
}

/// For a word: looking through all neighbours each time is faster than keeping them in order.
void merge_table::apply_to_few(std::vector<token_id>& ids) const {
  constexpr merge none{0xFFFFFFFF, 0};
  std::array<merge, 64> pairs;
  std::size_t n = ids.size();
  auto look = [&](std::size_t i) {
    const merge* m = find(ids[i], ids[i + 1]);
    pairs[i] = m ? *m : none;
  };
  for (std::size_t i = 0; i + 1 < n; ++i) look(i);
  while (n > 1) {
    std::size_t best = 0;
    for (std::size_t i = 1; i + 1 < n; ++i)
      if (pairs[i].rank < pairs[best].rank) best = i;
    if (pairs[best].rank == none.rank) break;
    ids[best] = pairs[best].id;
    for (std::size_t i = best + 1; i + 1 < n; ++i) {
      ids[i] = ids[i + 1];
      if (i + 2 < n) pairs[i] = pairs[i + 1];
    }
    --n;
    if (best + 1 < n) look(best);
    if (best > 0) look(best - 1);
  }
  ids.resize(n);
}

void merge_table::apply_to_many(std::vector<token_id>& ids) const {
  const std::size_t n = ids.size(), none = n;
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

std::optional<std::uint8_t> fallback_byte(std::string_view entry) {
  if (entry.size() != 6 || !entry.starts_with("<0x") || entry.back() != '>') return std::nullopt;
  unsigned out = 0;
  const auto [end, wrong] = std::from_chars(entry.data() + 3, entry.data() + 5, out, 16);
  if (wrong != std::errc() || end != entry.data() + 5) return std::nullopt;
  return static_cast<std::uint8_t>(out);
}

}  // namespace troupe
