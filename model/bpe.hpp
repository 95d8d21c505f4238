#pragma once
// Byte-pair merging over the bytes of one piece of text (Sennrich et al. 2016), and the byte
// alphabet that GPT-2 writes its vocabulary in.

#include "model/tokenizer.hpp"

namespace troupe {

/// The merges of a vocabulary: lower ranks are applied first, of equal ranks the leftmost.
class merge_table {
 public:
  /// Its rank comes after those of all merges before it.
  void add(token_id left, token_id right, token_id merged);
  /// A pair that is there already gets the new rank.
  void add(token_id left, token_id right, token_id merged, std::int64_t rank);

  struct merge {
    std::uint32_t rank = 0;
    std::uint32_t id = 0;
  };
  const merge* find(token_id left, token_id right) const noexcept;

  /// Merges in place until nothing more can be; O(n log n).
  void apply(std::vector<token_id>& ids) const;

 private:
  void apply_to_few(std::vector<token_id>& ids) const;
  void apply_to_many(std::vector<token_id>& ids) const;
  void grow();

  struct slot {
    std::uint64_t pair = no_pair;
    merge found;
  };
  static constexpr std::uint64_t no_pair = ~std::uint64_t{0};
  std::size_t place_of(std::uint64_t pair) const noexcept;

  std::vector<slot> slots_;  ///< open addressing; a power of two, at most half full
  std::size_t count_ = 0;
};

/// The bytes of a vocabulary entry in GPT-2's alphabet, in which every byte is a printable
/// character; nothing if it holds another character.
std::optional<std::string> from_byte_alphabet(std::string_view text);
/// The other way: any bytes in that alphabet.
std::string to_byte_alphabet(std::string_view bytes);

/// The byte that a vocabulary entry like `<0x0A>` stands for.
std::optional<std::uint8_t> fallback_byte(std::string_view entry);

}  // namespace troupe
