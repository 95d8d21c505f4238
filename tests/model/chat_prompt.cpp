#include "model/chat_prompt.hpp"

#include <boost/test/unit_test.hpp>

#include <map>

using namespace troupe;

namespace {

using role = chat_message::role_type;

/// Each byte is a token; control tokens have names.
class byte_tokenizer final : public tokenizer {
 public:
  explicit byte_tokenizer(std::vector<std::string> controls) : controls_(std::move(controls)) {}
  std::int64_t size() const noexcept override { return 256 + std::ssize(controls_); }
  std::vector<token_id> opening() const override { return {}; }
  std::vector<token_id> encode(std::string_view text, control_tokens) const override {
    std::vector<token_id> out;
    for (const char c : text) out.push_back(static_cast<unsigned char>(c));
    return out;
  }
  std::string piece(token_id, token_id id) const override {
    return id < 256 ? std::string(1, static_cast<char>(id))
                    : controls_[static_cast<std::size_t>(id - 256)];
  }
  std::optional<token_id> control(std::string_view text) const override {
    for (std::size_t i = 0; i < controls_.size(); ++i)
      if (controls_[i] == text) return 256 + static_cast<token_id>(i);
    return std::nullopt;
  }

 private:
  std::vector<std::string> controls_;
};

const std::vector<chat_message> talk = {{role::system, "Be kind."},
                                        {role::user, " 你好 "},
                                        {role::assistant, "<think>hm</think>Hello!"},
                                        {role::user, "Bye"}};

std::string framed(const byte_tokenizer& t, std::string_view jinja,
                   std::span<const chat_message> messages = talk,
                   std::optional<token_id> begin = std::nullopt) {
  return decode(t, make_chat_prompt(recognise_chat_template(t, jinja), t, begin, messages).ids);
}

const byte_tokenizer llama({"<|begin_of_text|>", "<|start_header_id|>", "<|end_header_id|>",
                            "<|eot_id|>"});
const byte_tokenizer deepseek({"<｜begin▁of▁sentence｜>", "<｜User｜>", "<｜Assistant｜>",
                               "<｜end▁of▁sentence｜>"});
const byte_tokenizer chatml({"<|im_start|>", "<|im_end|>"});

}  // namespace

BOOST_AUTO_TEST_SUITE(chat_prompts)

BOOST_AUTO_TEST_CASE(llama3_has_headers_and_trims_what_is_said) {
  BOOST_TEST(framed(llama, "") ==
             "<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\nBe kind.<|eot_id|>"
             "<|start_header_id|>user<|end_header_id|>\n\n你好<|eot_id|>"
             "<|start_header_id|>assistant<|end_header_id|>\n\n<think>hm</think>Hello!<|eot_id|>"
             "<|start_header_id|>user<|end_header_id|>\n\nBye<|eot_id|>"
             "<|start_header_id|>assistant<|end_header_id|>\n\n");
}

BOOST_AUTO_TEST_CASE(deepseek_opens_with_the_system_text_and_leaves_thoughts_out) {
  const std::string expected =
      "<｜begin▁of▁sentence｜>Be kind.<｜User｜> 你好 <｜Assistant｜>Hello!<｜end▁of▁sentence｜>"
      "<｜User｜>Bye<｜Assistant｜>";
  BOOST_TEST(framed(deepseek, "{{'<｜Assistant｜>'}}") == expected);
  BOOST_TEST(framed(deepseek, "{{'<｜Assistant｜><think>\\n'}}") == expected + "<think>\n");
}

BOOST_AUTO_TEST_CASE(chatml_without_thoughts_repeats_what_was_said) {
  BOOST_TEST(framed(chatml, "") ==
             "<|im_start|>system\nBe kind.<|im_end|>\n<|im_start|>user\n 你好 <|im_end|>\n"
             "<|im_start|>assistant\n<think>hm</think>Hello!<|im_end|>\n"
             "<|im_start|>user\nBye<|im_end|>\n<|im_start|>assistant\n");
}

BOOST_AUTO_TEST_CASE(a_templates_own_system_text_stands_where_none_is_given) {
  const std::string jinja =
      "{{- '<|im_start|>system\\n' + messages[0].content }}{{- '<|im_start|>system\\nYou are Qwen, "
      "created by Alibaba Cloud.<|im_end|>\\n' }}";
  const std::vector<chat_message> hello = {{role::user, "Hi"}};
  BOOST_TEST(framed(chatml, jinja, hello) ==
             "<|im_start|>system\nYou are Qwen, created by Alibaba Cloud.<|im_end|>\n"
             "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n");
  BOOST_TEST(framed(chatml, jinja).starts_with("<|im_start|>system\nBe kind.<|im_end|>\n"));
}

BOOST_AUTO_TEST_CASE(a_model_without_a_frame_continues_the_texts) {
  const byte_tokenizer plain({"<s>"});
  BOOST_TEST(framed(plain, "", talk, 256) == "<s>Be kind.\n 你好 \n<think>hm</think>Hello!\nBye");
}

BOOST_AUTO_TEST_CASE(each_frame_ends_an_answer_with_its_own_token) {
  auto end = [](const byte_tokenizer& t) {
    const auto prompt = make_chat_prompt(recognise_chat_template(t, ""), t, std::nullopt, talk);
    return t.piece(-1, prompt.end.at(0));
  };
  BOOST_TEST(end(llama) == "<|eot_id|>");
  BOOST_TEST(end(deepseek) == "<｜end▁of▁sentence｜>");
  BOOST_TEST(end(chatml) == "<|im_end|>");
}

BOOST_AUTO_TEST_SUITE_END()
