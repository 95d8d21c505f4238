#include "model/chat_prompt.hpp"

#include <array>

namespace troupe {

namespace {

constexpr std::array<std::string_view, 3> role_names = {"system", "user", "assistant"};

void append(std::vector<token_id>& out, const tokenizer& t, std::string_view text) {
  const auto ids = t.encode(text, control_tokens::as_text);
  out.insert(out.end(), ids.begin(), ids.end());
}

chat_prompt framed(const tokenizer& t, std::span<const chat_message> messages, token_id start,
                   token_id end) {
  chat_prompt out{.ids = {}, .end = {end}};
  for (const chat_message& m : messages) {
    out.ids.push_back(start);
    append(out.ids, t, std::string(role_names[static_cast<std::size_t>(m.role)]) + '\n' + m.text);
    out.ids.push_back(end);
    append(out.ids, t, "\n");
  }
  out.ids.push_back(start);
  append(out.ids, t, "assistant\n");
  return out;
}

}  // namespace

chat_prompt make_chat_prompt(const tokenizer& t, std::optional<token_id> begin,
                             std::span<const chat_message> messages) {
  const auto start = t.control("<|im_start|>"), end = t.control("<|im_end|>");
  if (start && end) return framed(t, messages, *start, *end);
  std::string text;
  for (const chat_message& m : messages) {
    if (!text.empty() && !m.text.empty()) text += '\n';
    text += m.text;
  }
  chat_prompt out;
  if (begin) out.ids.push_back(*begin);
  append(out.ids, t, text);
  return out;
}

}  // namespace troupe
