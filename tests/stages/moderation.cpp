// The moderation filter: what counts as a listed word, and that pieces give what the whole gives.

#include "actors/stages/moderation_filter.hpp"

#include <rapidcheck.h>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <regex>

using namespace troupe;
using namespace troupe::stages;

namespace {

std::shared_ptr<const word_patterns> patterns(std::vector<std::string> entries) {
  std::vector<listed_word> words;
  for (auto& entry : entries) words.push_back({std::move(entry), ""});
  return std::make_shared<const word_patterns>(std::move(words));
}

std::string masked(std::shared_ptr<const word_patterns> words, std::string_view text) {
  moderation_filter filter(std::move(words));
  std::string out;
  filter.push(text, out);
  filter.finish(out);
  return out;
}

struct example {
  std::string entry, text, expected;
};
std::ostream& operator<<(std::ostream& out, const example& e) {
  return out << e.entry << " in " << e.text;
}

const std::vector<example> examples = {
    // whole words, whatever their case and width
    {"bad", "bad", "***"},
    {"bad", "a BAD Bad.", "a *** ***."},
    {"ass", "a class passes assets", "a class passes assets"},
    {"ass", "ass, class", "***, class"},
    {"bad", "ｂａｄ day", "*** day"},
    {"bad", "bad1 bad_ (bad)", "bad1 ***_ (***)"},
    {"scam*", "a scammer's scams, a descam", "a ****mer's ****s, a descam"},
    {"*gate", "watergate gates", "water**** gates"},
    {"straße", "STRASSE", "*******"},
    {"naive", "naïve", "*****"},
    {"fine", "ﬁne", "***"},
    // ideographs need no borders
    {"坏蛋", "你是坏蛋吗", "你是**吗"},
    {"坏蛋", "坏人和鸡蛋", "坏人和鸡蛋"},
    {"骗子", "大騙子！", "大**！"},
    {"騙子", "大骗子！", "大**！"},
    {"坏坏", "坏坏坏", "***"},
    {"加V信", "请加ｖ信聊", "请***聊"},
    {"か", "がか", "が*"},
    // hidden characters go with the letters they hide behind
    {"bad", "b\u200Ba\u200Bd", "***"},
    {"bad", "b\u0336a\u0336d\u0336!", "***!"},
    {"坏蛋", "坏\u200D蛋\uFE0F吗", "**吗"},
    {"bad", "b\u00ADad", "***"},
    // letters written as something else
    {"boobs", "b00bs b0obs B00B5", "***** ***** B00B5"},
    {"shit", "sh!t $hit sh1t shlt", "**** **** **** shlt"},
    {"kill", "k1ll ki11 kiil", "**** **** kiil"},
    {"bullshit", "bu11sh1t", "********"},
    {"fail", "fall fail", "fall ****"},
    {"ass", "a$$ @$$ Samsung A55 a55 455", "*** *** Samsung A55 a55 455"},
    {"leet", "1337 l33t", "1337 ****"},
    {"110", "110 llo 1110 11110", "*** llo 1110 11110"},
    {"kill", "Kill!!! kill!", "****!!! ****!"},
    {"scam", "ѕсаm", "****"},
    // drawn out
    {"bad", "baaad baad baaaaaaadddd", "***** baad ************"},
    {"god", "good", "good"},
    {"ass", "as asss", "as ****"},
    {"坏蛋人", "坏蛋蛋蛋人", "*****"},
    // signs and spaces between letters
    {"bad", "b.a.d b-a-d b a d", "***** ***** *****"},
    {"bad", "b.ad", "****"},
    {"bad", "ba d b ad", "ba d b ad"},
    {"bad", "b, a, d", "b, a, d"},
    {"bad", "b....a....d", "b....a....d"},
    {"ass", "a.s.s", "*****"},
    {"ass", "it's as so", "it's as so"},
    {"dog", "d dog, the bad dog", "d ***, the bad ***"},
    {"ass", "c.l.a.s.s", "c.l.a.s.s"},
    {"坏蛋", "坏 蛋，坏*蛋，坏，蛋", "***，***，坏，蛋"},
    {"坏蛋", "坏\n蛋", "坏\n蛋"},
    {"bad", "b\na\nd", "b\na\nd"},
    {"shit", "bob's shit", "bob's ****"},
    // phrases
    {"free money", "FREE  money, free\nmoney", "***********, **********"},
    {"free money", "freemoney f r e e m o n e y", "freemoney *****************"},
    {"mass age", "massage", "massage"},
    // odd texts
    {"bad", "", ""},
    {"bad",
     "\xff"
     "bad\xe4\xbd",
     "\xff***\xe4\xbd"},
    {"bad",
     "b\xff"
     "ad",
     "b\xff"
     "ad"},
    {"👍", "👍", "👍"},
};

/// Texts made of what the rules speak of, so that rules meet.
rc::Gen<std::string> tricky_text() {
  const std::vector<std::string> alphabet = {
      "a", "b", "d", "s",    "i",  "l",  "1",  "!",   "0",      "o",      "$",
      ".", "-", " ", ",",    "\n", "坏", "蛋", "人",  "\u200B", "\u0301", "ａ",
      "B", "ﬁ", "ß", "\xe5", "😀",  "aa", "ss", "bad", "坏蛋"};
  return rc::gen::map(rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(alphabet)),
                      [](const std::vector<std::string>& pieces) {
                        std::string text;
                        for (const auto& piece : pieces) text += piece;
                        return text;
                      });
}

rc::Gen<std::vector<std::string>> tricky_entries() {
  return rc::gen::nonEmpty(
      rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(std::vector<std::string>{
          "bad",    "ass", "as",  "boss", "*ad",   "ba*", "bad ass", "坏蛋", "坏",  "蛋人坏",
          "坏坏蛋", "il",  "lid", "a",    "坏bad", "fi",  "oss",     "ddd",  "110", "so so"})));
}

/// `word` as a regular expression: runs as they are, or drawn out where that is allowed.
std::regex expression(const std::string& word, bool whole) {
  std::string out;
  for (std::size_t at = 0; at < word.size();) {
    const auto stop = std::min(word.find_first_not_of(word[at], at), word.size());
    const auto run = stop - at;
    const bool exact = !whole && (at == 0 || stop == word.size());
    const std::string c(1, word[at]);
    out += "(" + c + "{" + std::to_string(run) + "}";
    if (!exact) out += "|" + c + "{" + std::to_string(std::max<std::size_t>(3, run + 1)) + ",}";
    out += whole || !exact ? ")(?!" + c + ")" : ")";
    at = stop;
  }
  return std::regex(out);
}

/// Marks what the expressions find at any place of `text`.
std::string marked(std::string text, const std::vector<std::string>& words, bool whole) {
  std::vector<bool> hidden(text.size());
  for (const auto& word : words) {
    const auto e = expression(word, whole);
    for (std::size_t at = 0; at < text.size(); ++at) {
      std::smatch m;
      const auto from = text.cbegin() + static_cast<std::ptrdiff_t>(at);
      if (!std::regex_search(from, text.cend(), m, e, std::regex_constants::match_continuous))
        continue;
      const auto end = at + static_cast<std::size_t>(m.length());
      auto letter = [&](std::size_t i) { return i < text.size() && text[i] != ' '; };
      if (whole && ((at > 0 && letter(at - 1)) || letter(end))) continue;
      std::fill(hidden.begin() + static_cast<std::ptrdiff_t>(at),
                hidden.begin() + static_cast<std::ptrdiff_t>(end), true);
    }
  }
  for (std::size_t i = 0; i < text.size(); ++i)
    if (hidden[i]) text[i] = '*';
  return text;
}

rc::Gen<std::string> letters(const char* alphabet) {
  return rc::gen::container<std::string>(rc::gen::elementOf(std::string(alphabet)));
}

std::string replaced(std::string text, char letter, const std::string& by) {
  for (auto at = text.find(letter); at != text.npos; at = text.find(letter, at + by.size()))
    text.replace(at, 1, by);
  return text;
}

std::string in_chinese(std::string text) {
  return replaced(replaced(replaced(std::move(text), 'a', "坏"), 'b', "蛋"), 'c', "人");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(moderation)

BOOST_DATA_TEST_CASE(a_word_is_found_as_people_write_it, examples, e) {
  BOOST_TEST(masked(patterns({e.entry}), e.text) == e.expected);
}

BOOST_AUTO_TEST_CASE(whole_words_are_those_of_a_regular_expression) {
  BOOST_TEST(rc::check([] {
    const auto words =
        *rc::gen::container<std::vector<std::string>>(rc::gen::nonEmpty(letters("abc")));
    const auto text = *letters("aaabbbccc ");
    // Four spaces are more than a gap within a word.
    const auto wide = replaced(text, ' ', "    ");
    RC_ASSERT(masked(patterns(words), wide) == marked(wide, words, true));
  }));
}

BOOST_AUTO_TEST_CASE(words_without_borders_are_those_of_a_regular_expression) {
  BOOST_TEST(rc::check([] {
    const auto words =
        *rc::gen::container<std::vector<std::string>>(rc::gen::nonEmpty(letters("abc")));
    const auto text = *letters("abc");
    std::vector<std::string> chinese;
    for (const auto& word : words) chinese.push_back(in_chinese(word));
    RC_ASSERT(masked(patterns(chinese), in_chinese(text)) ==
              in_chinese(marked(text, words, false)));
  }));
}

BOOST_AUTO_TEST_CASE(pieces_give_what_the_whole_gives) {
  BOOST_TEST(rc::check([] {
    const auto words = patterns(*tricky_entries());
    const auto text = *tricky_text();
    moderation_filter whole(words), cut(words);
    std::string expected, out;
    whole.push(text, expected);
    whole.finish(expected);
    for (std::size_t at = 0; at < text.size();) {
      const auto length = *rc::gen::inRange<std::size_t>(1, 6);
      cut.push(std::string_view(text).substr(at, length), out);
      at += length;
    }
    cut.finish(out);
    RC_ASSERT(out == expected);
    RC_ASSERT(cut.found().size() == whole.found().size());
  }));
}

BOOST_AUTO_TEST_CASE(what_is_given_out_never_changes_whatever_follows) {
  BOOST_TEST(rc::check([] {
    const auto words = patterns(*tricky_entries());
    const auto begin = *tricky_text(), end = *tricky_text();
    std::string certain;
    moderation_filter(words).push(begin, certain);
    RC_ASSERT(masked(words, begin + end).starts_with(certain));
  }));
}

BOOST_AUTO_TEST_CASE(only_what_may_become_a_word_is_held_back) {
  auto held = [](std::vector<std::string> entries, std::string_view text) {
    moderation_filter filter(patterns(std::move(entries)));
    std::string out;
    filter.push(text, out);
    return std::string(text.substr(text.size() - filter.held()));
  };
  BOOST_TEST(held({"bad"}, "it is b") == "b");
  BOOST_TEST(held({"bad"}, "it is ba") == "ba");
  BOOST_TEST(held({"bad"}, "it is ba ") == "");
  BOOST_TEST(held({"bad"}, "it is b ") == "b ");
  BOOST_TEST(held({"bad"}, "it is b a") == "b a");
  BOOST_TEST(held({"bad"}, "it is bo") == "");
  BOOST_TEST(held({"bad"}, "cab") == "");
  BOOST_TEST(held({"bad", "badge"}, "a bad ") == "");
  BOOST_TEST(held({"bad"}, "a bad") == "bad");
  BOOST_TEST(held({"bad", "bad dog"}, "a bad ") == "bad ");
  BOOST_TEST(held({"坏蛋"}, "你是坏") == "坏");
  BOOST_TEST(held({"坏蛋"}, "你是坏蛋") == "");
  BOOST_TEST(held({"坏蛋"}, "你是坏，") == "");
  BOOST_TEST(held({"坏蛋"}, "你是坏人") == "");
  BOOST_TEST(held({"坏蛋"}, "你是\xe5\x9d") == "\xe5\x9d");
  BOOST_TEST(held({"a*b"}, std::string(10'000, 'a')).size() <= longest_run);
}

BOOST_AUTO_TEST_CASE(finds_say_where_and_what) {
  const auto words = patterns({"bad", "坏蛋"});
  moderation_filter filter(words);
  std::string out;
  const std::string text = "这个坏 蛋 is b\u0301@d";
  filter.push(text, out);
  filter.finish(out);
  BOOST_TEST(out == "这个*** is ***");
  BOOST_REQUIRE(filter.found().size() == 2u);
  auto written = [&](std::size_t i) {
    const auto& f = filter.found()[i];
    return text.substr(f.begin, f.end - f.begin);
  };
  BOOST_TEST(filter.found()[0].word == 1u);
  BOOST_TEST(written(0) == "坏 蛋");
  BOOST_TEST(written(1) == "b\u0301@d");
}

BOOST_AUTO_TEST_CASE(a_list_has_comments_categories_and_entries) {
  const auto words = parse_word_list(
      "\xEF\xBB\xBF# words\nidiot   # an insult\n\n [violence] \n杀人\r\nfree money\nC#\n",
      "w.txt");
  BOOST_REQUIRE(words.has_value());
  BOOST_REQUIRE(words->size() == 4u);
  BOOST_TEST((*words)[0].text == "idiot");
  BOOST_TEST((*words)[0].category == "");
  BOOST_TEST((*words)[1].text == "杀人");
  BOOST_TEST((*words)[1].category == "violence");
  BOOST_TEST((*words)[2].text == "free money");
  BOOST_TEST((*words)[3].text == "C#");
}

BOOST_AUTO_TEST_CASE(mistakes_in_a_list_have_a_line) {
  auto complaint = [](std::string_view text) {
    auto words = parse_word_list(text, "w.txt");
    return words ? "none" : words.error().message;
  };
  BOOST_TEST(complaint("ok\n...\n").find("w.txt:2: `...`") == 0u);
  BOOST_TEST(complaint("[open\n").find("w.txt:1:") == 0u);
  BOOST_TEST(complaint("ok\n\xff\xfe\n").find("w.txt:2:") == 0u);
  BOOST_TEST(complaint("") == "none");
}

BOOST_AUTO_TEST_SUITE_END()
