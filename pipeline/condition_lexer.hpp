#pragma once
// Splits the text of a condition into tokens.

#include "pipeline/condition.hpp"

namespace troupe {

struct condition_token {
  enum class kind_type : std::uint8_t { end, name, literal, symbol };
  kind_type kind = kind_type::end;
  std::string_view raw;  ///< as written, within the lexer's text
  value constant;        ///< of a literal: text or number
  std::size_t offset = 0;

  bool is(std::string_view symbol) const noexcept {
    return kind == kind_type::symbol && raw == symbol;
  }
  bool is_name(std::string_view word) const noexcept {
    return kind == kind_type::name && raw == word;
  }
};

/// The tokens of `text` with an `end` behind them, or the first thing that is no token.
/// Names may hold letters of any script, since table keys may.
std::pair<std::vector<condition_token>, std::optional<condition_problem>> split_condition(
    std::string_view text);

}  // namespace troupe
