#pragma once
// Whether conditions can come out a certain way together. Every part of them that varies (a slot,
// an entry of a table, a length, a comparison that is not understood) is tried with the few values
// that its comparisons can tell apart: the constants it is compared with, and what lies between,
// below and above them.

#include "pipeline/condition_node.hpp"

#include <map>

namespace troupe {

class outcomes {
 public:
  /// What is let be possible beyond what a reader has in mind: NaN in a float, and two slots of
  /// which neither `a < b` nor `a >= b` holds, since one has no value.
  enum class oddities : std::uint8_t { possible, ruled_out };
  /// What a slot holds; `any` if it is not known.
  using type_of_slot = std::function<slot_type(std::string_view)>;
  struct outcome {
    std::size_t condition;  ///< as `add` gave it
    bool is_true;
  };

  outcomes(type_of_slot type_of, oddities odd) : type_of_(std::move(type_of)), odd_(odd) {}

  std::size_t add(const condition& c);

  /// False if no run can give these conditions these outcomes. True may be wrong: parts that
  /// depend on each other are taken for independent, and a long search is given up; every step of
  /// one takes 1 from `patience`. `is_certain` says which slots hold a value there.
  bool possible(const std::vector<outcome>& wanted,
                const std::function<bool(std::string_view)>& is_certain, std::int64_t& patience);

 private:
  enum class truth : std::uint8_t { no, yes, unknown };
  /// A part of a condition: and, or, not, a constant, or a comparison of a variable.
  struct part {
    enum class kind : std::uint8_t { constant, negate, both, either, holds, is_there, compare };
    kind what = kind::constant;
    bool constant = false;
    std::vector<part> parts;
    std::size_t variable = 0;
    condition_op op = condition_op::equal;
    value other;
    bool other_is_left = false;
  };
  struct variable {
    std::string slot;  ///< empty: a comparison of its own, true or false
    bool is_entry = false, is_length = false;
    bool ordered = false;  ///< not only compared for equality
    std::vector<value> constants;
  };
  struct compiled {
    part root;
    std::vector<std::size_t> variables;
    std::vector<std::string> needs;
  };

  part compile(const condition::node& n);
  part compile_comparison(const condition::node& n);
  part compile_opaque(const condition::node& n);
  std::size_t variable_of(const std::string& key, const condition::node* n);
  void gather_texts(const variable& v, std::vector<value>& out) const;
  void gather_numbers(const variable& v, slot_type type, std::vector<value>& out) const;
  std::vector<value> samples_of(const variable& v, bool may_be_missing) const;
  truth evaluate(const part& p, std::int64_t& patience) const;
  bool search(const std::vector<outcome>& wanted, std::size_t next, std::int64_t& patience);

  type_of_slot type_of_;
  oddities odd_;
  std::vector<compiled> conditions_;
  std::map<std::string, std::size_t> by_key_;
  std::vector<variable> variables_;
  // During a search:
  std::vector<std::size_t> open_;            ///< variables to choose values for
  std::vector<std::vector<value>> samples_;  ///< by variable
  std::vector<const value*> chosen_;         ///< by variable; null: not yet
};

}  // namespace troupe
