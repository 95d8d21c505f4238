#include "model/language.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

namespace troupe {
namespace {

std::string name_of(const std::string& text) {
  const auto found = written_language(text);
  return !found ? "none" : *found == text_language::chinese ? "chinese" : "english";
}

BOOST_AUTO_TEST_SUITE(languages_of_texts)

BOOST_AUTO_TEST_CASE(a_text_in_one_script_is_in_its_language) {
  for (const char* text :
       {"growing tea at home", "Kubernetes", "où est ma commande", "WHERE IS IT"})
    BOOST_TEST(name_of(text) == "english", text);
  for (const char* text : {"在家种茶", "东京旅行攻略", "订单20931到哪了？"})
    BOOST_TEST(name_of(text) == "chinese", text);
  for (const char* text : {"", "20931", "😀", "?!。"}) BOOST_TEST(name_of(text) == "none", text);
}

BOOST_AUTO_TEST_CASE(terms_of_the_other_language_do_not_change_it) {
  for (const char* text : {"如何用 Python 写爬虫", "学习 python", "iPhone 16 Pro Max 评测",
                           "Docker 和 Kubernetes 的区别", "用 Visual Studio Code 调试 Rust",
                           "React vs Vue 对比", "please帮我cancel订单", "OK 谢谢",
                           "我的 order 到哪了", "python爬虫", "什么是 machine learning"})
    BOOST_TEST(name_of(text) == "chinese", text);
  for (const char* text :
       {"Tokyo 東京 travel", "what does 你好 mean in English", "how to use 微信支付",
        "東京 travel guide", "Best Ramen in 東京", "AI 绘画 for beginners", "where is my 订单"})
    BOOST_TEST(name_of(text) == "english", text);
}

BOOST_AUTO_TEST_CASE(a_token_of_the_other_script_may_not_be_spelled) {
  for (const char* bytes : {" tea", "é", "’", "—", ".", "\n", " "})
    BOOST_TEST(may_spell(text_language::english, bytes), bytes);
  for (const char* bytes : {"茶", "。", "，", "ア", "\xE8", "\xB6", "a茶", "\xEF\xBC\x81"})
    BOOST_TEST(!may_spell(text_language::english, bytes), bytes);
  for (const char* bytes : {"茶", "。", ".", "\n", "\xE8", "\xB6", "：", " "})
    BOOST_TEST(may_spell(text_language::chinese, bytes), bytes);
  for (const char* bytes : {"a", " tea", "é", "茶a"})
    BOOST_TEST(!may_spell(text_language::chinese, bytes), bytes);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace troupe
