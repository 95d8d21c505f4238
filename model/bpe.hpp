#pragma once
// Byte-pair merging over the bytes of one piece of text (Sennrich et al. 2016), and the byte
// alphabet that GPT-2 writes its vocabulary in.

#include "model/tokenizer.hpp"

#include <unordered_map>

namespace troupe {

/// The merges of a vocabulary: lower ranks are applied first, of equal ranks the leftmost.
class merge_table {
 public:
  /// Its rank comes after those of all merges before it.
  void add(token_id left, token_id right, token_id merged);
  void add(token_id left, token_id right, token_id merged, std::int64_t rank);

  struct merge {
    std::int64_t rank = 0;
    token_id id = 0;
  };
  const merge* find(token_id left, token_id right) const;

  /// Merges until nothing more can be; O(n log n).
  std::vector<token_id> apply(std::vector<token_id> ids) const;

 private:
  std::unordered_map<std::uint64_t, merge> merges_;
};

/// The bytes of a vocabulary entry in GPT-2's alphabet, in which every byte is a printable
/// character; nothing if it holds another character.
std::optional<std::string> from_byte_alphabet(std::string_view text);
/// The other way: any bytes in that alphabet.
std::string to_byte_alphabet(std::string_view bytes);

}  // namespace troupe
