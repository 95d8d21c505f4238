#pragma once
// The model of a BPE tokenizer: one piece of text to token ids.

#include "model/bpe.hpp"

#include <boost/json/fwd.hpp>

#include <array>
#include <atomic>
#include <string_view>
#include <unordered_map>

namespace troupe {

/// Thread-safe once it is read.
class bpe_model {
 public:
  /// The `model` of a tokenizer.json. `bytes`: its entries are bytes in GPT-2's alphabet, and it is
  /// given bytes. Throws std::exception for what is not supported or makes no sense.
  bpe_model(const boost::json::value& model, bool bytes);

  /// Appends the ids of `piece`, which is valid UTF-8.
  void encode(std::string_view piece, std::vector<token_id>& out) const;

  /// Its entries as they are written, by id; ids without an entry are empty.
  const std::vector<std::string>& entries() const noexcept { return entries_; }

 private:
  void read_vocabulary(const boost::json::value& model);
  void read_merges(const boost::json::value& model);
  void append_characters(std::string_view piece, std::vector<token_id>& ids) const;
  token_id id_of(std::string_view piece) const;
  bool stays_whole(token_id id, std::string_view piece) const;
  std::vector<token_id> merged(std::string_view piece) const;

  const bool bytes_;
  bool whole_first_ = false;  ///< a piece that is an entry is not merged (`ignore_merges`)
  bool fallback_ = false, fuse_unknown_ = false;
  token_id unknown_ = -1;  ///< -1: characters that are not known are left out
  std::vector<std::string> entries_;
  std::vector<std::string> texts_;  ///< entries as pieces are written: without the alphabet
  std::unordered_map<std::string_view, token_id> ids_;
  std::array<token_id, 256> byte_ids_{};  ///< of bytes, or of entries like <0x0A>; -1: none
  merge_table merges_;
  /// Whether an entry that is a whole piece is merged to itself: found out when it is first met.
  enum class whole : std::uint8_t { not_known, yes, no };
  mutable std::vector<std::atomic<whole>> whole_;
};

}  // namespace troupe
