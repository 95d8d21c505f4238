#include "model/formatted_engine.hpp"

#include "model/delexicaliser.hpp"
#include "model/resilient_engine.hpp"
#include "model/text_stream.hpp"

#include <array>

namespace troupe {

namespace {

/// The tokens that an answer in `language` cannot have. Placeholders are of no language.
std::vector<token_id> foreign_tokens(const tokenizer& words, text_language language) {
  std::vector<bool> placeholder(static_cast<std::size_t>(words.size()));
  for (const auto& text : delexicaliser::vocabulary())
    if (const auto id = words.control(text)) placeholder[static_cast<std::size_t>(*id)] = true;
  std::vector<token_id> out;
  for (token_id id = 0; id < words.size(); ++id)
    if (!placeholder[static_cast<std::size_t>(id)] && !may_spell(language, words.piece(0, id)))
      out.push_back(id);
  return out;
}

class formatted_engine final : public engine, public keeps_figures {
 public:
  formatted_engine(std::shared_ptr<language_model> inner, prompt_format format)
      : inner_(std::move(inner)),
        delexicaliser_(std::move(format)),
        foreign_{foreign_tokens(inner_->words(), text_language::english),
                 foreign_tokens(inner_->words(), text_language::chinese)} {}

  result<generation> generate(const generation_request& request,
                              const std::function<void(std::string_view)>& on_text) override {
    if (!request.json_schema.empty())
      return error{
          errc::invalid_request,
          "this model writes in a format of its own (prompt_format.json), and cannot be held "
          "to a JSON Schema"};
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
    auto made = inner_->generate_without(
        foreign_[static_cast<std::size_t>(prompt.language)], asked,
        [&](std::string_view piece) { show(stream.push(reader.push(piece))); });
    if (!made) return made;
    show(stream.push(reader.finish()));
    show(stream.finish());
    made->text = std::move(all);
    if (stream.stopped() && made->reason == finish_reason::length)
      made->reason = finish_reason::stop;
    return made;
  }

  engine_figures figures() const override { return figures_of(*inner_); }

 private:
  const std::shared_ptr<language_model> inner_;
  const delexicaliser delexicaliser_;
  const std::array<std::vector<token_id>, 2> foreign_;  ///< by text_language
};

}  // namespace

std::shared_ptr<engine> make_formatted_engine(std::shared_ptr<language_model> inner,
                                              prompt_format format) {
  return std::make_shared<formatted_engine>(std::move(inner), std::move(format));
}

}  // namespace troupe
