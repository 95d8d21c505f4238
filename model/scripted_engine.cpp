#include "model/scripted_engine.hpp"

#include <algorithm>

namespace troupe {

namespace {

constexpr std::size_t bytes_per_token = 4;

std::int64_t tokens_in(std::string_view text) {
  return static_cast<std::int64_t>((text.size() + bytes_per_token - 1) / bytes_per_token);
}

std::string all_of(const std::vector<chat_message>& messages) {
  std::string text;
  for (const chat_message& m : messages) text += (text.empty() ? "" : "\n") + m.text;
  return text;
}

/// Cuts at a stop string or after so many tokens, between two characters.
finish_reason shorten(std::string& text, const generation_request& request) {
  for (const std::string& stop : request.stop)
    if (const auto at = stop.empty() ? text.npos : text.find(stop); at != text.npos)
      text.resize(at);
  const auto most = static_cast<std::size_t>(std::max<std::int64_t>(0, request.max_tokens));
  if (most >= text.size() / bytes_per_token + 1) return finish_reason::stop;
  std::size_t end = most * bytes_per_token;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  text.resize(end);
  return finish_reason::length;
}

}  // namespace

void scripted_engine::play(engine_script script) {
  std::lock_guard lock(mutex_);
  script_ = std::move(script);
  given_.assign(script_.size(), 0);
}

result<scripted_answer> scripted_engine::next_answer(const std::string& asked) {
  for (std::size_t i = 0; i < script_.size(); ++i) {
    const engine_rule& rule = script_[i];
    const bool holds = std::ranges::all_of(
        rule.prompt, [&](const std::string& text) { return asked.find(text) != asked.npos; });
    if (!holds || rule.answers.empty()) continue;
    return rule.answers[std::min(given_[i]++, rule.answers.size() - 1)];
  }
  return error{errc::failed,
               "no rule of the scripted engine `" + name_ + "` answers this prompt:\n" + asked};
}

result<generation> scripted_engine::generate(const generation_request& request,
                                             const std::function<void(std::string_view)>& on_text) {
  std::lock_guard lock(mutex_);
  generation made;
  const std::string asked = all_of(request.messages);
  auto answer = next_answer(asked);
  if (!answer) return std::move(answer).error();
  made.prompt_tokens = tokens_in(asked);
  const time_point ready = time_.now() + answer->takes;
  if (answer->takes.count() > 0) time_.skip_to(std::min(ready, request.deadline));
  if (request.cancel.stop_requested() || ready > request.deadline) {
    made.reason = ready > request.deadline ? finish_reason::deadline : finish_reason::cancelled;
    return made;
  }
  if (answer->failure) return *answer->failure;
  made.text = std::move(answer->text);
  made.reason = shorten(made.text, request);
  made.output_tokens = tokens_in(made.text);
  if (on_text && !made.text.empty()) on_text(made.text);
  return made;
}

}  // namespace troupe
