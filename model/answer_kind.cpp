#include "model/answer_kind.hpp"

#include "model/facts.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

namespace troupe {

namespace {

/// Sets of fact kinds (facts.hpp), and of words beside them.
enum kinds : unsigned {
  date = 1u << static_cast<unsigned>(fact_kind::date),
  hour = 1u << static_cast<unsigned>(fact_kind::time),
  money = 1u << static_cast<unsigned>(fact_kind::money),
  percent = 1u << static_cast<unsigned>(fact_kind::percent),
  number = 1u << static_cast<unsigned>(fact_kind::number),
  name = 1u << static_cast<unsigned>(fact_kind::name),
  counted = 1u << 16,         ///< "eleven", "三"
  moment = 1u << 17,          ///< "October", "上午"
  gratis = 1u << 18,          ///< "for nothing", "免费"
  length_of_time = 1u << 19,  ///< "days", "小时"
  length = 1u << 20,          ///< "metres", "公里"
  weight = 1u << 21,          ///< "kg", "公斤"
  degrees = 1u << 22,         ///< "degrees", "度"
  calling = 1u << 23,         ///< "dial", "拨打"
};

struct word_kind {
  kinds kind;
  std::string_view words;  ///< a space around each; "|" before one that may stand inside a text
};

constexpr std::array word_kinds = std::to_array<word_kind>({
    {counted,
     " one two three four five six seven eight nine ten eleven twelve hundred half once "
     "twice dozen |一 |二 |三 |四 |五 |六 |七 |八 |九 |十 |百 |两 |半 "},
    {moment,
     " january february april june july august september october november "
     "december spring summer autumn winter morning mornings noon evening evenings night "
     "weekend weekends daily always |春 |夏 |秋 |冬 |早上 |上午 |中午 |下午 |晚上 |周 |月 "
     "|每天 |全天 "},
    {gratis, " free nothing included |免费 |免运费 |包邮 |不收 |不要钱 |不用付 "},
    {length_of_time,
     " second seconds minute minutes hour hours day days night nights week weeks month "
     "months year years |秒 |分钟 |小时 |天 |日 |晚 |周 |星期 |月 |年 "},
    {length,
     " mm cm m km metre metres meter meters kilometre kilometres feet inch inches miles "
     "|米 |公里 |厘米 |毫米 "},
    {weight, " g kg gram grams kilo kilos pound pounds ton tons |克 |公斤 |斤 |吨 "},
    {degrees, " degree degrees celsius |度 |℃ "},
    {calling, " call phone dial ring hotline line number |电话 |拨 |打 |热线 |号码 "},
});

struct asked {
  unsigned kinds;
  bool often_without;  ///< such questions have answers without anything of the kind
};

struct phrase {
  std::string_view text;  ///< in lower case, a space at either end if it is English
  asked wanted;
};

constexpr asked price = {money | percent | gratis, false};
constexpr asked amount = {money | percent | number | counted, false};
constexpr asked span = {length_of_time | length, false};
constexpr asked some = {number | percent | counted, false};
constexpr asked extent = {length, false};
constexpr asked year = {date, false};
constexpr asked when = {date | hour | moment | length_of_time, true};
constexpr asked day = {date | moment, true};
constexpr asked clock = {hour | moment, true};
constexpr asked who = {name, true};

/// The first that a question holds counts.
constexpr std::array phrases = std::to_array<phrase>({
    {" what number ", {calling, false}},
    {" phone number ", {calling, false}},
    {" hotline ", {calling, false}},
    {" contact ", {calling, false}},
    {" reach you ", {calling, false}},
    {"联系", {calling, false}},
    {"电话", {calling, false}},
    {"哪个号码", {calling, false}},
    {"多少钱", price},
    {"什么价", price},
    {"怎么卖", price},
    {"怎么收费", price},
    {"要收费", price},
    {"要花多少", price},
    {"价格", price},
    {"费用", price},
    {"运费", price},
    {" how long ", span},
    {" how soon ", span},
    {" how early ", {length_of_time | date | hour, false}},
    {" how late ", {length_of_time | date | hour, false}},
    {" how old ", {length_of_time | date | number, false}},
    {" how often ", {length_of_time | number | counted, false}},
    {" how many ", some},
    {" how far ", extent},
    {" how tall ", extent},
    {" how high ", extent},
    {" how deep ", extent},
    {" how heavy ", {weight, false}},
    {" how cold ", {degrees, false}},
    {" how hot ", {degrees, false}},
    {" how warm ", {degrees, false}},
    {" temperature ", {degrees, false}},
    {" how big ", some},
    {" how large ", some},
    {" how loud ", some},
    {" how strong ", some},
    {"多少度", {degrees, false}},
    {"几度", {degrees, false}},
    {"多高", extent},
    {"多远", extent},
    {"多重", {weight, false}},
    {"多久", {length_of_time, false}},
    {"多长时间", {length_of_time, false}},
    {"多长", span},
    {"几天", {length_of_time, false}},
    {"几个", some},
    {"多大", some},
    {"哪年", year},
    {"哪一年", year},
    {" which year ", year},
    {" what year ", year},
    {" cost ", price},
    {" costs ", price},
    {" price ", price},
    {" prices ", price},
    {" fee ", price},
    {" fare ", price},
    {" what do i pay ", price},
    {" will i pay ", price},
    {" how expensive ", price},
    {" how much is ", price},
    {" how much are ", price},
    {" how much do i pay ", price},
    {" how much ", amount},
    {"多少", amount},
    {" when ", when},
    {" what time ", clock},
    {" which day ", day},
    {" what day ", day},
    {" which date ", day},
    {" what date ", day},
    {"几点", clock},
    {"什么时候", when},
    {"何时", when},
    {"哪天", day},
    {"哪一天", day},
    {"星期几", day},
    {"几号", day},
    {" who ", who},
    {" whom ", who},
    {" whose ", who},
});

/// Lower case, with a space for everything that is no letter or digit of ASCII or beyond it.
std::string spaced(std::string_view text) {
  std::string out = " ";
  for (const char c : text) {
    const bool upper = c >= 'A' && c <= 'Z';
    const bool kept = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c & 0x80) != 0;
    out += upper ? static_cast<char>(c + 32) : kept ? c : ' ';
  }
  return out += ' ';
}

/// Whether one of the listed words stands in a `spaced` text.
bool has_any(const std::string& text, std::string_view words) {
  for (std::size_t at = 1; at < words.size();) {
    const auto end = words.find(' ', at);
    const bool inside = words[at] == '|';
    const auto from = inside ? at + 1 : at - 1, to = inside ? end : end + 1;
    if (text.find(words.substr(from, to - from)) != text.npos) return true;
    at = end + 1;
  }
  return false;
}

std::optional<asked> asked_by(std::string_view question) {
  const auto text = spaced(question);
  for (const auto& p : phrases)
    if (text.find(p.text) != text.npos) return p.wanted;
  return std::nullopt;
}

bool is_question(std::string_view sentence) {
  return sentence.ends_with('?') || sentence.ends_with("？");
}

unsigned kinds_in(std::string_view sentence) {
  unsigned out = 0;
  for (const fact& f : find_facts(sentence)) out |= 1u << static_cast<unsigned>(f.kind);
  const auto text = spaced(sentence);
  for (const auto& k : word_kinds)
    if (has_any(text, k.words)) out |= k.kind;
  return out;
}

}  // namespace

std::vector<bool> cannot_answer(std::string_view question,
                                const std::vector<std::string_view>& sentences,
                                const shared_words& words) {
  std::vector<bool> out(sentences.size());
  const auto wanted = asked_by(question);
  if (!wanted) return out;
  bool any = false, related = false;
  for (std::size_t i = 0; i < sentences.size(); ++i) {
    out[i] = is_question(sentences[i]) || (kinds_in(sentences[i]) & wanted->kinds) == 0;
    any = any || !out[i];
    related = related || (!out[i] && !words.find(sentences[i]).empty());
  }
  if (!any || (wanted->often_without && !related)) out.assign(sentences.size(), false);
  return out;
}

}  // namespace troupe
