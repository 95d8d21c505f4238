#pragma once
// Which block of a key/value store is whose. A block holds the keys and values of `block_size`
// positions. Sequences that begin with the same tokens share the blocks of that beginning; what
// nobody uses any more is remembered until its block is needed, the least recently used first.
// (Kwon et al. 2023, PagedAttention.)

#include "model/tokenizer.hpp"

#include <list>
#include <unordered_map>

namespace troupe {

using kv_block = std::int32_t;
inline constexpr kv_block no_block = -1;

/// Not thread-safe. What a block holds depends on all tokens before it as well: so a content is a
/// block's tokens after another content.
class kv_blocks {
 public:
  /// Both above 0.
  kv_blocks(std::int64_t count, std::int64_t block_size);

  std::int64_t count() const noexcept { return std::ssize(blocks_); }
  std::int64_t block_size() const noexcept { return block_size_; }
  /// Blocks that `take` can give: used by nobody.
  std::int64_t available() const noexcept { return std::ssize(unused_); }
  std::int64_t users(kv_block b) const { return at(b).users; }

  /// A block of undefined content, with one user. `available()` must be above 0.
  kv_block take();

  /// The block that holds `tokens` (one block's) after the content of `previous` (no_block: at the
  /// beginning), with one user more; no_block if none does.
  kv_block share(kv_block previous, std::span<const token_id> tokens);

  /// Says that `b`, which the caller filled alone, now holds `tokens` after `previous`.
  void name(kv_block b, kv_block previous, std::span<const token_id> tokens);

  /// One user less. Give a sequence's last block back first, so that beginnings, which more
  /// sequences share, are remembered longest.
  void give_back(kv_block b);

  /// The content of `b` as a number that no other content ever has; 0 for no_block.
  std::uint64_t content(kv_block b) const { return b == no_block ? 0 : at(b).content; }

 private:
  struct key {
    std::uint64_t previous = 0;
    std::vector<token_id> tokens;
    bool operator==(const key&) const = default;
  };
  struct hash {
    std::size_t operator()(const key& k) const noexcept;
  };
  struct state {
    std::int64_t users = 0;
    std::uint64_t content = 0;
    const key* named = nullptr;        ///< the entry of contents_ that leads here
    std::list<kv_block>::iterator at;  ///< in unused_, if there are no users
  };

  state& at(kv_block b) { return blocks_[static_cast<std::size_t>(b)]; }
  const state& at(kv_block b) const { return blocks_[static_cast<std::size_t>(b)]; }
  void forget(state& s);

  std::int64_t block_size_;
  std::vector<state> blocks_;
  std::list<kv_block> unused_;  ///< the next one to take first
  std::unordered_map<key, kv_block, hash> contents_;
  std::uint64_t last_content_ = 0;
};

}  // namespace troupe
