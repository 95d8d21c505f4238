#include "model/formatted_engine.hpp"

#include "model/text_stream.hpp"

namespace troupe {

namespace {

class formatted_engine final : public engine {
 public:
  formatted_engine(std::shared_ptr<engine> inner, prompt_format format)
      : inner_(std::move(inner)), delexicaliser_(std::move(format)) {}

  result<generation> generate(const generation_request& request,
                              const std::function<void(std::string_view)>& on_text) override {
    generation_request asked = request;
    asked.messages.clear();
    asked.stop.clear();
    delexicalised prompt;
    for (const chat_message& m : request.messages)
      if (m.role == chat_message::role_type::user) prompt = delexicaliser_.read(m.text);
    asked.messages.push_back({chat_message::role_type::user, prompt.text});
    const auto banned = delexicaliser::banned(prompt);
    asked.banned.insert(asked.banned.end(), banned.begin(), banned.end());

    placeholder_reader reader(prompt.meaning);
    text_stream stream(request.stop);
    std::string all;
    auto show = [&](const std::string& text) {
      all += text;
      if (!text.empty() && on_text) on_text(text);
    };
    auto made = inner_->generate(
        asked, [&](std::string_view piece) { show(stream.push(reader.push(piece))); });
    if (!made) return made;
    show(stream.push(reader.finish()));
    show(stream.finish());
    made->text = std::move(all);
    if (stream.stopped() && made->reason == finish_reason::length)
      made->reason = finish_reason::stop;
    return made;
  }

 private:
  const std::shared_ptr<engine> inner_;
  const delexicaliser delexicaliser_;
};

}  // namespace

std::shared_ptr<engine> make_formatted_engine(std::shared_ptr<engine> inner, prompt_format format) {
  return std::make_shared<formatted_engine>(std::move(inner), std::move(format));
}

}  // namespace troupe
