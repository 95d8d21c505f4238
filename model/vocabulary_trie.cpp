#include "model/vocabulary_trie.hpp"

#include "model/json_string.hpp"

#include <algorithm>
#include <limits>

namespace troupe {

namespace {

using outcome = string_place::outcome;

/// Where a token leads from inside of a string without limits.
enum class place_in_string : std::uint8_t { plain, inside, outside };

place_in_string place_of(std::string_view bytes, std::size_t& characters) {
  static constexpr string_limits none;
  string_place at;
  bool plain = true;
  for (const char c : bytes) {
    if (at.step(none, static_cast<unsigned char>(c)) != outcome::inside)
      return place_in_string::outside;
    plain = plain && at.escape_length == 0 && c != '\\';
  }
  characters = at.count;
  return plain && at.at_border() ? place_in_string::plain : place_in_string::inside;
}

}  // namespace

token_trie::token_trie(std::vector<std::pair<std::string, token_id>> tokens) {
  std::ranges::sort(tokens);
  std::vector<std::uint32_t> path;  // the nodes above
  std::string before;
  for (const auto& [bytes, id] : tokens) {
    if (bytes.empty()) continue;
    deepest_ = std::max(deepest_, bytes.size());
    std::size_t common = 0;
    while (common < before.size() && common < bytes.size() && before[common] == bytes[common])
      ++common;
    for (; path.size() > common; path.pop_back())
      nodes_[path.back()].end = static_cast<std::uint32_t>(nodes_.size());
    for (std::size_t i = common; i < bytes.size(); ++i) {
      const auto place = static_cast<std::uint32_t>(ids_.size());
      path.push_back(static_cast<std::uint32_t>(nodes_.size()));
      nodes_.push_back({0, place, place, static_cast<std::uint16_t>(i + 1),
                        static_cast<unsigned char>(bytes[i])});
    }
    // Equal tokens follow one another, and nothing comes between a node and its tokens.
    ids_.push_back(id);
    nodes_[path.back()].tokens_end = static_cast<std::uint32_t>(ids_.size());
    before = bytes;
  }
  for (const std::uint32_t at : path) nodes_[at].end = static_cast<std::uint32_t>(nodes_.size());
  roots_.fill(nodes_.size());
  for (std::size_t at = 0; at < nodes_.size(); at = nodes_[at].end) roots_[nodes_[at].byte] = at;
}

json_vocabulary::sorted json_vocabulary::sort(const tokenizer& words) {
  sorted out;
  out.plain.resize(static_cast<std::size_t>(words.size()));
  out.inside = out.plain;
  for (token_id id = 0; id < words.size(); ++id) {
    // Behind any token; at a text's very beginning some tokenizers leave out a space.
    std::string bytes = words.piece(id, id);
    if (bytes.empty() || bytes.size() > 0xFFFF) continue;
    std::size_t characters = 0;
    const auto place = place_of(bytes, characters);
    if (place == place_in_string::plain) {
      out.plain[static_cast<std::size_t>(id)] = 1;
      out.longest_plain = std::max(out.longest_plain, characters);
    } else {
      if (place == place_in_string::inside)
        out.inside[static_cast<std::size_t>(id)] = 1;
      else
        out.outside.emplace_back(bytes, id);
      out.special.emplace_back(bytes, id);
    }
    out.all.emplace_back(std::move(bytes), id);
  }
  return out;
}

json_vocabulary::json_vocabulary(sorted s, std::shared_ptr<const tokenizer> words)
    : words_(std::move(words)),
      plain_(std::move(s.plain)),
      inside_(std::move(s.inside)),
      longest_plain_(s.longest_plain),
      all_(std::move(s.all)),
      special_(std::move(s.special)),
      outside_(std::move(s.outside)) {}

json_vocabulary::json_vocabulary(std::shared_ptr<const tokenizer> words)
    : json_vocabulary(sort(*words), words) {}

bool json_vocabulary::has_all_bytes() const {
  for (unsigned b = 0; b < 256; ++b) {
    const bool in_utf8 = b < 0xC0 || (b >= 0xC2 && b <= 0xF4);
    const char c = static_cast<char>(b);
    if (in_utf8 && b >= 0x20 && cut(std::string_view(&c, 1)).empty()) return false;
  }
  return true;
}

std::vector<token_id> json_vocabulary::cut(std::string_view text) const {
  constexpr auto impossible = std::numeric_limits<std::size_t>::max();
  struct first_token {
    std::size_t tokens = impossible;  ///< from here to the end
    std::size_t length = 0;
    token_id id = 0;
  };
  std::vector<first_token> from(text.size() + 1);
  from.back().tokens = 0;
  for (std::size_t at = text.size(); at-- > 0;) {
    all_.for_beginnings(text.substr(at), [&](std::size_t length, token_id id) {
      const auto behind = from[at + length].tokens;
      if (behind != impossible && behind + 1 <= from[at].tokens)
        from[at] = {behind + 1, length, id};
    });
  }
  if (from.front().tokens == impossible) return {};
  std::vector<token_id> out;
  out.reserve(from.front().tokens);
  for (std::size_t at = 0; at < text.size(); at += from[at].length) out.push_back(from[at].id);
  return out;
}

}  // namespace troupe
