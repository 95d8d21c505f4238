#pragma once
// Chat messages as the tokens of a prompt, in the frame that a model was trained with.

#include "model/tokenizer.hpp"
#include "pipeline/services.hpp"

namespace troupe {

enum class chat_style : std::uint8_t {
  plain,    ///< a model that continues text: the messages' texts, on lines of their own
  chatml,   ///< Qwen2 and others
  qwen3,    ///< ChatML with thoughts
  llama3,   ///< Llama 3 as first released
  deepseek  ///< DeepSeek V3, R1 and the models distilled from it
};

struct chat_template {
  chat_style style = chat_style::plain;
  bool opens_with_thought = false;  ///< the answer's frame begins a thought (DeepSeek R1)
  std::string default_system;       ///< said if no system message comes first; empty: nothing
};

/// Recognises the style by the vocabulary's control tokens, and what else the model's own template
/// (Jinja; may be empty) says of it.
chat_template recognise_chat_template(const tokenizer& t, std::string_view jinja);

/// The same for a model's folder: chat_template.jinja, or `chat_template` in tokenizer_config.json.
chat_template read_chat_template(const std::filesystem::path& folder, const tokenizer& t);

struct chat_options {
  bool open_answer = true;  ///< the prompt ends where the answer begins
  bool thinking = true;     ///< false: Qwen3 and DeepSeek R1 are told to answer without a thought
};

struct chat_prompt {
  std::vector<token_id> ids;
  std::vector<token_id> end;  ///< tokens that end the answer, besides the model's own
};

/// What a message says is never read as a control token. Thoughts in earlier answers are left out.
/// `begin` opens a prompt in plain style.
chat_prompt make_chat_prompt(const chat_template& style, const tokenizer& t,
                             std::optional<token_id> begin, std::span<const chat_message> messages,
                             const chat_options& options = {});

}  // namespace troupe
