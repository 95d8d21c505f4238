#define PCRE2_CODE_UNIT_WIDTH 8
#include "model/facts.hpp"

#include <pcre2.h>

#include <array>
#include <memory>
#include <stdexcept>

namespace troupe {

namespace {

/// One alternative a line, tried in this order; its mark is the kind's name. `\b` would see no
/// border between a digit and a Han character, so that borders are spelled out.
constexpr const char* pattern = R"((?x)
 (*MARK:code) https?://[^\s，。；）)>”"]*[^\s，。；）)>”".,;:!?]
|(*MARK:code) [A-Za-z0-9._+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+
|(*MARK:code) (?<![A-Za-z0-9])(?:[A-Za-z0-9-]+\.)+(?:com|org|net|cn|io|shop|example|test|invalid)
              (?![A-Za-z0-9])(?:/[A-Za-z0-9/_-]*)?
|(*MARK:date) (?<!\d)\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?!\d)
|(*MARK:date) (?<!\d)\d{1,2}[./]\d{1,2}[./]\d{4}(?!\d)
|(*MARK:date) (?<!\d)\d{4}年(?:\d{1,2}月(?:\d{1,2}[日号])?)?
|(*MARK:date) (?<!\d)\d{1,2}月(?:\d{1,2}[日号])
|(*MARK:date) (?<!\d)\d{1,2}(?:st|nd|rd|th)?[ ](?:of[ ])?
              (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*(?![A-Za-z])(?:,?[ ]\d{4}(?!\d))?
|(*MARK:date) (?<![A-Za-z])(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?[ ]
              \d{1,2}(?:st|nd|rd|th)?(?![\d:])(?:,?[ ]\d{4}(?!\d))?
|(*MARK:date) (?<![A-Za-z])(?:January|February|March|April|May|June|July|August|September|October|
              November|December)[ ]\d{4}(?!\d)
|(*MARK:date) (?<![A-Za-z])(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)days?(?![A-Za-z])
|(*MARK:date) (?:星期|礼拜|周)[一二三四五六日天](?!期)
|(*MARK:date) (?<=\bin[ ]|\bIn[ ]|since[ ])(?:1[5-9]|20)\d\d(?![\d.,]\d|\d)
|(*MARK:time) (?<!\d)\d{1,2}[:：]\d{2}(?:[:：]\d{2})?(?:[ ]?(?:[aApP][mM](?![A-Za-z])|[aApP]\.[mM]\.))?
|(*MARK:time) (?<![\d.])\d{1,2}[ ]?(?:[aApP][mM](?![A-Za-z])|[aApP]\.[mM]\.)
|(*MARK:time) (?<!\d)\d{1,2}点(?:\d{1,2}分|半)?
|(*MARK:money) (?:(?:US|HK|A|C)?[$]|[¥￥€£]|(?<![A-Za-z])(?:USD|EUR|CNY|RMB|GBP)[ ]?)[ ]?\d+(?:[.,]\d+)*
|(*MARK:money) \d+(?:[.,]\d+)*[ ]?(?:万元|亿元|元|块钱|块|美元|欧元|英镑|
               (?:yuan|dollars?|euros?|pounds?|cents?|USD|EUR|CNY|RMB|GBP)(?![A-Za-z]))
|(*MARK:percent) \d+(?:[.,]\d+)*[ ]?(?:%|％|percent(?![a-z])|per[ ]cent(?![a-z]))
|(*MARK:number) (?<![A-Za-z\d])\d+(?:st|nd|rd|th)(?![A-Za-z\d])
|(*MARK:code) \+?(?<!\d)\d{2,4}(?:[- ]\d{2,4}){2,}(?!\d)
|(*MARK:number) (?<![A-Za-z\d-])\d+(?:[.,]\d+)*(?=-[a-z])
|(*MARK:code) (?<![A-Za-z0-9-])(?=[A-Za-z0-9-]*[A-Za-z])(?=[A-Za-z0-9-]*\d)
              [A-Za-z0-9]+(?:-[A-Za-z0-9]+)*
|(*MARK:number) \d+(?:[.,]\d+)*
|(*MARK:name) (?<![A-Za-z'])(?!(?:I|I'm|I'll|I've)(?![A-Za-z]))[A-Z][A-Za-z]*+(?:['’&-][A-Za-z]++)*+(?!-?\d)
              (?:[ ](?:of[ ]|de[ ]|van[ ]|&[ ]|>[ ])?[A-Z][A-Za-z]*+(?:['’&-][A-Za-z]++)*+(?!-?\d))*
)";

constexpr std::array<std::string_view, 7> kind_names = {"code",    "date",   "time", "money",
                                                        "percent", "number", "name"};

/// Words that begin a sentence with a capital letter and belong to no name.
constexpr std::string_view openers =
    " A An The This That These Those It Its In On At By For From With Without Of To Our Your My "
    "His Her Their We You He She They If When While After Before Once As And But Or So Not No Yes "
    "Please Each Every All Both Any Some Most What Which Who Where Why How Is Are Was Were Do Does "
    "Did Can Could Will Would Should May Might Has Have Had There Here Then Also Only Until Since "
    "During Between Under Over About Up Just Tell Give Let Than ";

const pcre2_code* compiled() {
  static const pcre2_code* code = [] {
    int failure = 0;
    PCRE2_SIZE offset = 0;
    auto* c = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern), PCRE2_ZERO_TERMINATED,
                            PCRE2_UTF | PCRE2_UCP, &failure, &offset, nullptr);
    if (!c) throw std::logic_error("the pattern of facts fails at " + std::to_string(offset));
    pcre2_jit_compile(c, PCRE2_JIT_COMPLETE);
    return c;
  }();
  return code;
}

bool ends_with_any(std::string_view text, std::initializer_list<std::string_view> ends) {
  for (auto e : ends)
    if (text.ends_with(e)) return true;
  return false;
}

bool at_sentence_start(std::string_view before) {
  const auto last = before.find_last_not_of(" \t\"'([-*");
  if (last == before.npos) return true;
  return ends_with_any(before.substr(0, last + 1),
                       {".", "!", "?", ":", "\n", "。", "！", "？", "：", "；", "“", "「", ";"});
}

/// A name loses the opener before it; at the start of a sentence one capital alone is no name.
bool narrow_name(std::string_view text, fact& f) {
  const bool start = at_sentence_start(text.substr(0, f.begin));
  auto first = [&] {
    const auto word = text.substr(f.begin, f.end - f.begin);
    return word.substr(0, word.find(' '));
  };
  while (f.begin < f.end && openers.find(" " + std::string(first()) + " ") != openers.npos) {
    const auto word = first();
    f.begin = std::min(f.end, f.begin + word.size() + 1);
  }
  if (f.begin >= f.end) return false;
  return !start || first().size() != f.end - f.begin;
}

}  // namespace

std::vector<fact> find_facts(std::string_view text) {
  std::vector<fact> out;
  const auto* code = compiled();
  std::unique_ptr<pcre2_match_data, decltype(&pcre2_match_data_free)> match(
      pcre2_match_data_create_from_pattern(code, nullptr), &pcre2_match_data_free);
  const auto* subject = reinterpret_cast<PCRE2_SPTR>(text.data());
  for (std::size_t at = 0; at < text.size();) {
    if (pcre2_match(code, subject, text.size(), at, PCRE2_NOTEMPTY, match.get(), nullptr) < 0)
      break;
    const auto* range = pcre2_get_ovector_pointer(match.get());
    fact f{.begin = range[0], .end = range[1]};
    const std::string_view mark = reinterpret_cast<const char*>(pcre2_get_mark(match.get()));
    for (std::size_t k = 0; k < kind_names.size(); ++k)
      if (kind_names[k] == mark) f.kind = static_cast<fact_kind>(k);
    at = f.end;
    if (f.kind != fact_kind::name || narrow_name(text, f)) out.push_back(f);
  }
  return out;
}

}  // namespace troupe
