#include "model/formatted_engine.hpp"

#include "model/bpe_trainer.hpp"
#include "model/delexicaliser.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

namespace troupe {
namespace {

/// Remembers what it was asked, and answers with a text of its own.
class listening_model final : public language_model {
 public:
  listening_model() {
    bpe_training how{.size = 700, .special = {"<|im_start|>", "<|im_end|>"}};
    how.added = delexicaliser::vocabulary();
    const auto json = train_bpe({"tea costs money 茶叶多少钱。 tea 茶"}, how);
    BOOST_REQUIRE(json);
    words_ = *parse_bpe_tokenizer(*json, "test");
  }
  result<generation> generate(const generation_request& request,
                              const std::function<void(std::string_view)>& on_text) override {
    return generate_without({}, request, on_text);
  }
  result<generation> generate_without(
      std::span<const token_id> banned, const generation_request& request,
      const std::function<void(std::string_view)>& on_text) override {
    forbidden.assign(banned.begin(), banned.end());
    prompt = request.messages.back().text;
    on_text("⟦1⟧");
    return generation{};
  }
  result<completion> complete(const completion_request&) override { return completion{}; }
  const tokenizer& words() const noexcept override { return *words_; }
  engine_load load() const override { return {}; }
  engine_facts facts() const override { return {}; }

  bool forbids(std::string_view text) const {
    return std::ranges::any_of(words_->encode(text, control_tokens::as_text), [&](token_id id) {
      return std::ranges::find(forbidden, id) != forbidden.end();
    });
  }
  std::vector<token_id> forbidden;
  std::string prompt;

 private:
  std::shared_ptr<const tokenizer> words_;
};

struct with_formatted {
  std::shared_ptr<listening_model> model = std::make_shared<listening_model>();
  std::shared_ptr<engine> formatted;

  explicit with_formatted(const std::string& more = R"("tells_language": true,)") {
    auto format = parse_prompt_format(R"({"format": "delexicalised", )" + more + R"( "parts": [
      {"name": "topic", "role": "named", "labels": ["topic"]},
      {"name": "question", "role": "asks", "labels": ["question"]},
      {"name": "text", "role": "sentences", "labels": ["brief"]}]})",
                                      "test");
    BOOST_REQUIRE(format);
    formatted = make_formatted_engine(model, *std::move(format));
  }
  std::string ask(const std::string& prompt) {
    generation_request request;
    request.messages.push_back({chat_message::role_type::user, prompt});
    const auto made = formatted->generate(request, nullptr);
    BOOST_REQUIRE(made);
    return made->text;
  }
};

BOOST_FIXTURE_TEST_SUITE(engines_with_a_prompt_format, with_formatted)

BOOST_AUTO_TEST_CASE(an_english_prompt_forbids_every_chinese_token) {
  BOOST_TEST(ask("topic: green tea\nbrief: 茶叶8元。") == "茶叶8元。");
  BOOST_TEST(model->prompt == "⟨en⟩\ntopic: ⟨t1⟩ (green tea)\ntext: 茶叶⟨m1⟩。⟦1⟧");
  BOOST_TEST(model->forbids("茶"));
  BOOST_TEST(model->forbids("。"));
  BOOST_TEST(!model->forbids("tea costs money"));
  BOOST_TEST(!model->forbids("⟦1⟧"));
}

BOOST_AUTO_TEST_CASE(a_chinese_prompt_forbids_every_latin_letter) {
  ask("topic: 如何用 Python 写爬虫\nbrief: It is free.");
  BOOST_TEST(model->prompt.starts_with("⟨zh⟩\n"));
  BOOST_TEST(model->forbids("tea"));
  BOOST_TEST(model->forbids("a"));
  BOOST_TEST(!model->forbids("茶叶多少钱。"));
  BOOST_TEST(!model->forbids("龘"));  // spelled in bytes
}

BOOST_AUTO_TEST_CASE(without_a_topic_the_question_tells_the_language_then_the_text) {
  ask("question: 多少钱？\nbrief: Tea costs ¥8.");
  BOOST_TEST(model->prompt.starts_with("⟨zh⟩\n"));
  ask("question: 8?\nbrief: Tea costs ¥8.");
  BOOST_TEST(model->prompt.starts_with("⟨en⟩\n"));
}

BOOST_AUTO_TEST_CASE(a_model_that_reads_no_language_is_bound_to_it_all_the_same) {
  with_formatted older("");
  older.ask("topic: 茶\nbrief: 8.");
  BOOST_TEST(older.model->prompt.starts_with("topic: ⟨t1⟩ (茶)\n"));
  BOOST_TEST(older.model->forbids("tea"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace troupe
