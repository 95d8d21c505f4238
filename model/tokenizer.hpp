#pragma once
// Text to token ids and back.

#include "pipeline/result.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace troupe {

using token_id = std::int64_t;

/// Thread-safe.
class tokenizer {
 public:
  virtual ~tokenizer() = default;
  virtual std::int64_t size() const noexcept = 0;
  /// The ids of `text`; no token is put before or after it. `begin`: the text opens the sequence.
  virtual std::vector<token_id> encode(std::string_view text, bool begin) const = 0;
  /// The bytes that `id` adds after `previous` (-1: it is the first). Control tokens and ids that
  /// do not exist add none. A character may be spread over several tokens.
  virtual std::string piece(token_id previous, token_id id) const = 0;
  /// The id of a control token such as `<|im_start|>`.
  virtual std::optional<token_id> control(std::string_view text) const = 0;
};

/// The whole text of `ids`.
std::string decode(const tokenizer& t, std::span<const token_id> ids);

/// The vocabulary format of llama2.c (tokenizer.bin, tok512.bin): pieces with scores; the pair with
/// the best score is merged first, characters without a piece become bytes. `size` pieces are read.
result<std::shared_ptr<const tokenizer>> parse_scored_tokenizer(std::span<const std::byte> data,
                                                                std::int64_t size,
                                                                const std::string& name);

/// The tokenizer of a model's folder with a vocabulary of `size`: tokenizer.json; else tokenizer.bin
/// or tok<size>.bin, in the folder or beside it.
result<std::shared_ptr<const tokenizer>> open_tokenizer(const std::filesystem::path& folder,
                                                        std::int64_t size);

}  // namespace troupe
