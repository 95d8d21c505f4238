#pragma once
// The tokens of a vocabulary by their bytes: what begins alike is walked along once.

#include "model/tokenizer.hpp"

#include <array>

namespace troupe {

/// A trie in the order of a walk from the root: a node's subtree follows it at once.
class token_trie {
 public:
  struct node {
    std::uint32_t end = 0;           ///< where the next node outside of the subtree is
    std::uint32_t tokens_begin = 0;  ///< in `ids`: the tokens that end here, ...
    std::uint32_t tokens_end = 0;
    std::uint16_t depth = 0;  ///< bytes from the root
    unsigned char byte = 0;
  };

  /// Pairs of bytes and id; tokens without bytes are left out.
  explicit token_trie(std::vector<std::pair<std::string, token_id>> tokens);

  std::span<const node> nodes() const noexcept { return nodes_; }
  std::span<const token_id> ids(const node& n) const {
    return std::span(ids_).subspan(n.tokens_begin, n.tokens_end - n.tokens_begin);
  }
  std::size_t deepest() const noexcept { return deepest_; }

  /// Calls f(length, id) for each beginning of `text` that is a token, the shortest first; of equal
  /// tokens with the first one.
  template <class F>
  void for_beginnings(std::string_view text, const F& f) const {
    if (text.empty()) return;
    std::size_t at = roots_[static_cast<unsigned char>(text.front())];
    for (std::size_t read = 0; at < nodes_.size();) {
      const node& n = nodes_[at];
      if (n.tokens_begin < n.tokens_end) f(read + 1, ids_[n.tokens_begin]);
      if (++read == text.size()) return;
      const std::size_t end = n.end;
      for (++at; at < end && nodes_[at].byte != static_cast<unsigned char>(text[read]);)
        at = nodes_[at].end;
      if (at >= end) return;
    }
  }

 private:
  std::vector<node> nodes_;
  std::vector<token_id> ids_;
  std::size_t deepest_ = 0;
  std::array<std::size_t, 256> roots_;  ///< by their byte; beyond the last node if there is none
};

/// 1 at the place of each token that belongs to it, else 0.
using token_set = std::vector<std::uint8_t>;

/// A vocabulary as JSON strings see it: most tokens are pieces of a string and nothing else, and
/// need not be walked along one by one.
class json_vocabulary {
 public:
  explicit json_vocabulary(std::shared_ptr<const tokenizer> words);

  /// Whole characters that mean themselves inside of a string.
  const token_set& plain() const noexcept { return plain_; }
  /// The most characters that one of them has.
  std::size_t longest_plain() const noexcept { return longest_plain_; }
  /// Other tokens that stay inside of a string wherever an escape or a character may begin:
  /// escapes, and parts of characters.
  const token_set& inside() const noexcept { return inside_; }

  const token_trie& all() const noexcept { return all_; }          ///< every token with bytes
  const token_trie& special() const noexcept { return special_; }  ///< all but the plain ones
  const token_trie& outside() const noexcept { return outside_; }  ///< and but those inside
  std::int64_t size() const noexcept { return words_->size(); }
  /// What `id` adds to a text that has begun.
  std::string bytes(token_id id) const { return words_->piece(id, id); }

  /// Whether every text can be cut into tokens.
  bool has_all_bytes() const;
  /// `text` in the fewest tokens; nothing if there are no tokens for it. So the parts of a text
  /// never need fewer tokens than the whole.
  std::vector<token_id> cut(std::string_view text) const;

 private:
  using list = std::vector<std::pair<std::string, token_id>>;
  struct sorted {
    list all, special, outside;
    token_set plain, inside;
    std::size_t longest_plain = 0;
  };
  static sorted sort(const tokenizer& words);
  json_vocabulary(sorted s, std::shared_ptr<const tokenizer> words);

  std::shared_ptr<const tokenizer> words_;
  token_set plain_, inside_;
  std::size_t longest_plain_;
  token_trie all_, special_, outside_;
};

}  // namespace troupe
