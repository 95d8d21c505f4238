#include "model/chat_prompt.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>

namespace troupe {

namespace {

using role = chat_message::role_type;

constexpr std::array<std::string_view, 3> role_names = {"system", "user", "assistant"};
constexpr std::string_view end_of_thought = "</think>";

/// The control tokens that a style stands and falls with.
struct style_row {
  chat_style style;
  std::string_view needed, end;
};
constexpr std::array styles = {
    style_row{chat_style::chatml, "<|im_start|>", "<|im_end|>"},
    style_row{chat_style::llama3, "<|start_header_id|>", "<|eot_id|>"},
    style_row{chat_style::deepseek, "<｜Assistant｜>", "<｜end▁of▁sentence｜>"}};

bool has(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

/// Of `'<|im_start|>system\nYou are …<|im_end|>\n'`, with `\n` as Jinja writes it, what is said.
std::string default_system_of(std::string_view jinja) {
  constexpr std::string_view opening = "<|im_start|>system\\n";
  for (auto at = jinja.find(opening); at != jinja.npos; at = jinja.find(opening, at + 1)) {
    const auto text = jinja.substr(at + opening.size());
    const auto end = text.find("<|im_end|>");
    if (end == text.npos || end == 0) continue;
    const auto said = text.substr(0, end);
    if (said.find_first_of("'\"{\\") == said.npos) return std::string(said);
  }
  return {};
}

std::string_view trimmed(std::string_view text, std::string_view blanks) {
  const auto first = text.find_first_not_of(blanks);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::string_view without_leading_lines(std::string_view text) {
  return text.substr(std::min(text.find_first_not_of('\n'), text.size()));
}

std::string_view after_thought(std::string_view text) {
  const auto at = text.rfind(end_of_thought);
  return at == text.npos ? text : text.substr(at + end_of_thought.size());
}

/// What stands in the thought of an answer.
std::string_view thought_of(std::string_view text) {
  const auto end = text.find(end_of_thought);
  if (end == text.npos) return {};
  constexpr std::string_view opening = "<think>";
  const auto thought = text.substr(0, end);
  const auto at = thought.rfind(opening);
  return trimmed(at == thought.npos ? thought : thought.substr(at + opening.size()), "\n");
}

class prompt_writer {
 public:
  explicit prompt_writer(const tokenizer& t) : t_(t) {}

  /// A control token by its text.
  prompt_writer& control(std::string_view text) {
    if (auto id = t_.control(text)) out_.ids.push_back(*id);
    return *this;
  }
  /// Text of a user or a model.
  prompt_writer& said(std::string_view text) { return add(text, control_tokens::as_text); }
  /// Text of the frame.
  prompt_writer& frame(std::string_view text) { return add(text, control_tokens::recognise); }

  chat_prompt finish(std::string_view end) {
    if (auto id = t_.control(end)) out_.end.push_back(*id);
    return std::move(out_);
  }

 private:
  prompt_writer& add(std::string_view text, control_tokens controls) {
    const auto ids = t_.encode(text, controls);
    out_.ids.insert(out_.ids.end(), ids.begin(), ids.end());
    return *this;
  }

  const tokenizer& t_;
  chat_prompt out_;
};

std::string_view name_of_role(const chat_message& m) {
  return role_names[static_cast<std::size_t>(m.role)];
}

std::string line(std::string_view first, std::string_view rest) {
  return std::string(first) + '\n' + std::string(rest);
}

void write_chatml(prompt_writer& out, const chat_template& style,
                  std::span<const chat_message> messages, const chat_options& options) {
  const bool thinks = style.style == chat_style::qwen3;
  if (!style.default_system.empty() && (messages.empty() || messages[0].role != role::system))
    out.control("<|im_start|>")
        .frame(line("system", style.default_system))
        .control("<|im_end|>")
        .frame("\n");
  std::size_t last_question = messages.size();
  for (std::size_t i = 0; i < messages.size(); ++i)
    if (messages[i].role == role::user) last_question = i;
  for (std::size_t i = 0; i < messages.size(); ++i) {
    const chat_message& m = messages[i];
    out.control("<|im_start|>");
    if (!thinks || m.role != role::assistant) {
      out.said(line(name_of_role(m), m.text));
    } else {
      const auto answer =
          has(m.text, end_of_thought) ? without_leading_lines(after_thought(m.text)) : m.text;
      const auto thought = thought_of(m.text);
      const bool last = i + 1 == messages.size();
      if (i > last_question && (last || !thought.empty()))
        out.said("assistant\n<think>\n" + std::string(thought) + "\n</think>\n\n" +
                 std::string(without_leading_lines(answer)));
      else
        out.said(line("assistant", answer));
    }
    out.control("<|im_end|>").frame("\n");
  }
  if (!options.open_answer) return;
  out.control("<|im_start|>").frame("assistant\n");
  if (thinks && !options.thinking) out.frame("<think>\n\n</think>\n\n");
}

void write_llama3(prompt_writer& out, std::span<const chat_message> messages,
                  const chat_options& options) {
  auto header = [&](std::string_view name) {
    out.control("<|start_header_id|>").frame(name).control("<|end_header_id|>");
  };
  out.control("<|begin_of_text|>");
  for (const chat_message& m : messages) {
    header(name_of_role(m));
    out.said("\n\n" + std::string(trimmed(m.text, " \t\r\n\v\f"))).control("<|eot_id|>");
  }
  if (!options.open_answer) return;
  header("assistant");
  out.frame("\n\n");
}

void write_deepseek(prompt_writer& out, const chat_template& style,
                    std::span<const chat_message> messages, const chat_options& options) {
  out.control("<｜begin▁of▁sentence｜>");
  std::string system;
  for (const chat_message& m : messages)
    if (m.role == role::system) system += (system.empty() ? "" : "\n\n") + m.text;
  if (!system.empty()) out.said(system);
  for (const chat_message& m : messages) {
    if (m.role == role::user) out.control("<｜User｜>").said(m.text);
    if (m.role == role::assistant)
      out.control("<｜Assistant｜>").said(after_thought(m.text)).control("<｜end▁of▁sentence｜>");
  }
  if (!options.open_answer) return;
  out.control("<｜Assistant｜>");
  if (style.opens_with_thought)
    out.frame(options.thinking ? "<think>\n" : "<think>\n\n</think>\n\n");
}

std::string joined(std::span<const chat_message> messages) {
  std::string text;
  for (const chat_message& m : messages) {
    if (!text.empty() && !m.text.empty()) text += '\n';
    text += m.text;
  }
  return text;
}

}  // namespace

chat_template recognise_chat_template(const tokenizer& t, std::string_view jinja) {
  chat_template out;
  for (const style_row& s : styles)
    if (out.style == chat_style::plain && t.control(s.needed) && t.control(s.end))
      out.style = s.style;
  if (out.style == chat_style::chatml) {
    out.default_system = default_system_of(jinja);
    if (has(jinja, "enable_thinking")) out.style = chat_style::qwen3;
  }
  out.opens_with_thought =
      out.style == chat_style::deepseek && has(jinja, "<｜Assistant｜><think>");
  return out;
}

chat_template read_chat_template(const std::filesystem::path& folder, const tokenizer& t) {
  auto text_of = [](const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(in), {});
  };
  std::string jinja = text_of(folder / "chat_template.jinja");
  if (jinja.empty()) {
    boost::system::error_code failed;
    const auto config = boost::json::parse(text_of(folder / "tokenizer_config.json"), failed);
    const auto* o = failed ? nullptr : config.if_object();
    const auto* text = o ? o->if_contains("chat_template") : nullptr;
    if (text && text->is_string()) jinja = text->get_string();
  }
  return recognise_chat_template(t, jinja);
}

chat_prompt make_chat_prompt(const chat_template& style, const tokenizer& t,
                             std::optional<token_id> begin, std::span<const chat_message> messages,
                             const chat_options& options) {
  prompt_writer out(t);
  switch (style.style) {
    case chat_style::chatml:
    case chat_style::qwen3:
      write_chatml(out, style, messages, options);
      return out.finish("<|im_end|>");
    case chat_style::llama3:
      write_llama3(out, messages, options);
      return out.finish("<|eot_id|>");
    case chat_style::deepseek:
      write_deepseek(out, style, messages, options);
      return out.finish("<｜end▁of▁sentence｜>");
    case chat_style::plain:
      break;
  }
  out.said(joined(messages));
  chat_prompt prompt = out.finish("");
  if (begin) prompt.ids.insert(prompt.ids.begin(), *begin);
  return prompt;
}

}  // namespace troupe
