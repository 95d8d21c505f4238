#pragma once
// Facts in a text: what a reply must carry letter by letter or not at all. English and Chinese.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

enum class fact_kind : std::uint8_t {
  code,     ///< e-mail and web addresses, phone numbers, ids such as ORD-20931
  date,     ///< 2026-11-26, 26 November, 11月26日, Monday, 周一
  time,     ///< 9:30, 6 pm, 18点
  money,    ///< ¥99, $48.20, 30 yuan, 8元
  percent,  ///< 12.5 %, 5 percent
  number,   ///< any other digits
  name,     ///< capitalised words inside a sentence, or several at its start
};

struct fact {
  fact_kind kind = fact_kind::number;
  std::size_t begin = 0, end = 0;  ///< bytes of the text
};

/// In order of the text, not overlapping. `text` is valid UTF-8; of an invalid one nothing is
/// found. Every digit lies in a fact.
std::vector<fact> find_facts(std::string_view text);

}  // namespace troupe
