#pragma once
// The syntax tree of a condition; shared by its parser, its evaluation and what analyses it.

#include "pipeline/condition.hpp"

namespace troupe {

struct condition::node {
  enum class op : std::uint8_t {
    literal,  ///< `constant`
    slot,     ///< `name`, then `keys` into its table
    list,     ///< `parts`; `constant` too if all of them are literals
    length,   ///< of parts[0]
    defined,  ///< of the slot `name`
    negate,   ///< parts[0]
    both,     ///< all `parts`
    either,   ///< any of `parts`
    equal,    ///< from here on: parts[0] against parts[1]
    unequal,
    less,
    less_equal,
    greater,
    greater_equal,
    contained,  ///< parts[0] in parts[1]
  };

  op kind = op::literal;
  value constant;
  std::string name;
  std::vector<std::string> keys;
  slot_id slot = -1;  ///< set by `bind`
  std::vector<std::unique_ptr<node>> parts;
  std::size_t offset = 0, length = 1;  ///< bytes of the text
};

using condition_op = condition::node::op;

/// What a comparison (`equal` and after) of two values comes to. Total, like `evaluate`.
bool compare_values(condition_op op, const value& left, const value& right);

}  // namespace troupe
