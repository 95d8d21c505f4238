#include "transport/client_outbox.hpp"
#include "transport/url.hpp"
#include "transport/utf8.hpp"

#include <boost/test/unit_test.hpp>

using namespace troupe;

namespace {

struct counted {
  explicit counted(outbox_limits limits) : box(limits) {
    box.wake_by([this] { ++wakes; });
  }
  client_outbox box;
  int wakes = 0;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(outgoing)

BOOST_AUTO_TEST_CASE(what_gathers_is_taken_in_one_go_after_one_wake) {
  counted c({1000, 10});
  BOOST_TEST(c.box.append("a", "b", "c"));
  BOOST_TEST(c.box.append("d"));
  BOOST_TEST(c.wakes == 1);
  std::string bytes;
  BOOST_TEST(c.box.take(bytes));
  BOOST_TEST(bytes == "abcd");
  BOOST_TEST(c.box.append("e"));
  BOOST_TEST(c.wakes == 1);  // the writer comes back by itself
  BOOST_TEST(c.box.take(bytes));
  BOOST_TEST(!c.box.take(bytes));
  BOOST_TEST(c.box.append("f"));
  BOOST_TEST(c.wakes == 2);
}

BOOST_AUTO_TEST_CASE(bytes_and_messages_on_their_way_count_too) {
  counted c({10, 3});
  std::string bytes;
  BOOST_TEST(c.box.append("12345678"));
  c.box.take(bytes);
  BOOST_TEST(!c.box.append("123"));
  BOOST_TEST(c.box.was_cut());
  counted d({1000, 2});
  BOOST_TEST(d.box.append("1"));
  d.box.take(bytes);
  BOOST_TEST(d.box.append("2"));
  BOOST_TEST(!d.box.append("3"));
}

BOOST_AUTO_TEST_CASE(a_cut_outbox_forgets_what_waits_and_takes_only_control) {
  counted c({4, 10});
  BOOST_TEST(c.box.append("1234"));
  BOOST_TEST(!c.box.append("5"));
  BOOST_TEST(!c.box.append(""));
  BOOST_TEST(c.box.append_control("close"));
  std::string bytes;
  BOOST_TEST(c.box.take(bytes));
  BOOST_TEST(bytes == "close");
}

BOOST_AUTO_TEST_CASE(the_first_answer_is_the_only_one) {
  counted c({1000, 10});
  BOOST_TEST(c.box.answer("one"));
  BOOST_TEST(!c.box.answer("two"));
  BOOST_TEST(!c.box.append_control("more"));
  BOOST_TEST(c.box.finished());
  BOOST_TEST(!c.box.finished_and_written());
  std::string bytes;
  c.box.take(bytes);
  BOOST_TEST(!c.box.finished_and_written());
  c.box.take(bytes);
  BOOST_TEST(c.box.finished_and_written());
  c.box.restart();
  BOOST_TEST(c.box.append_control("head"));
  BOOST_TEST(!c.box.answer("late"));
  BOOST_TEST(c.box.finish("tail"));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(urls)

BOOST_AUTO_TEST_CASE(percent_encoding_is_undone_or_refused) {
  BOOST_TEST(*percent_decode("a%20b+c", plus::stays) == "a b+c");
  BOOST_TEST(*percent_decode("a+b", plus::is_space) == "a b");
  BOOST_TEST(*percent_decode("%e4%BD%A0", plus::stays) == "你");
  for (const auto* bad : {"%", "%4", "%zz", "a%4"}) BOOST_TEST(!percent_decode(bad, plus::stays));
}

BOOST_AUTO_TEST_CASE(a_query_is_searched_by_decoded_name) {
  BOOST_TEST(*find_query("a=1&b=2&b=3", "b").text == "2");
  BOOST_TEST(*find_query("%61=x", "a").text == "x");
  BOOST_TEST(*find_query("a", "a").text == "");
  BOOST_TEST(!find_query("ab=1", "a").present);
  BOOST_TEST(find_query("a=%", "a").present);
  BOOST_TEST(!find_query("a=%", "a").text);
}

BOOST_AUTO_TEST_CASE(ids_are_short_printable_utf8) {
  BOOST_TEST(is_valid_id("c-1 对话"));
  for (auto bad : {std::string(), std::string(129, 'a'), std::string("a\nb"), std::string("\x7F"),
                   std::string("\xC0\x80"), std::string("a\0b", 3)})
    BOOST_TEST(!is_valid_id(bad));
}

BOOST_AUTO_TEST_CASE(utf8_is_told_from_what_only_looks_like_it) {
  for (const auto* good : {"", "a", "é", "你好", "🚚", "\xEF\xBF\xBF", "\xF4\x8F\xBF\xBF"})
    BOOST_TEST(is_utf8(good));
  for (const auto* bad : {"\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xF4\x90\x80\x80",
                          "\xE4\xBD", "\xF8\x88\x80\x80\x80"})
    BOOST_TEST(!is_utf8(bad));
}

BOOST_AUTO_TEST_SUITE_END()
