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

/// Whether text may spell control tokens: a prompt's frame may, what a user wrote may not.
enum class control_tokens : std::uint8_t { recognise, as_text };

/// Thread-safe.
class tokenizer {
 public:
  virtual ~tokenizer() = default;
  virtual std::int64_t size() const noexcept = 0;
  /// The ids of `text`; no token is put before or after it. Bytes that are no UTF-8 become U+FFFD.
  virtual std::vector<token_id> encode(std::string_view text, control_tokens controls) const = 0;
  /// What the model's own tokenizer puts before a text; often a token that means a beginning.
  virtual std::vector<token_id> opening() const = 0;
  /// The bytes that `id` adds after `previous` (-1: it is the first). Control tokens and ids that
  /// do not exist add none. A character may be spread over several tokens.
  virtual std::string piece(token_id previous, token_id id) const = 0;
  /// The id of a control token such as `<|im_start|>`.
  virtual std::optional<token_id> control(std::string_view text) const = 0;
};

/// The whole text of `ids`.
std::string decode(const tokenizer& t, std::span<const token_id> ids);

/// The vocabulary format of llama2.c (tokenizer.bin, tok512.bin): pieces with scores; the pair with
/// the best score is merged first, characters without a piece become bytes. A text is encoded with
/// a space before it. `size` pieces are read; `name` stands for the file in errors.
result<std::shared_ptr<const tokenizer>> parse_scored_tokenizer(std::span<const std::byte> data,
                                                                std::int64_t size,
                                                                const std::string& name);

/// BPE over bytes or characters as Hugging Face's tokenizer.json describes it (GPT-2, Llama, Qwen,
/// DeepSeek, Gemma). What is not supported is refused by name.
result<std::shared_ptr<const tokenizer>> parse_bpe_tokenizer(std::string_view json,
                                                             const std::string& name);

/// The tokenizer of a model's folder with a vocabulary of `size`: tokenizer.json; else
/// tokenizer.bin or tok<size>.bin, in the folder or beside it.
result<std::shared_ptr<const tokenizer>> open_tokenizer(const std::filesystem::path& folder,
                                                        std::int64_t size);

}  // namespace troupe
