#pragma once
// The small typed language of `when`:
//   or    := and ("||" and)*          and   := not ("&&" not)*
//   not   := "!" not | compare        compare := term [("=="|"!="|"<"|"<="|">"|">=") term
//                                                      | "in" term]
//   term  := slot("." key)* | 'text' | "text" | number | true | false | "[" terms "]"
//          | "len(" term ")" | "defined(" slot ")" | "(" or ")"
// Text literals take single or double quotes. int and float compare with each other; otherwise
// both sides must have one type; only numbers and texts have an order. `x in [..]` tests
// membership, `x in text` a substring. `len` counts items, or the characters of a text.
// A missing table key reads as none, which equals nothing and is neither less nor greater.

#include "pipeline/source.hpp"

#include <functional>
#include <memory>
#include <optional>

namespace troupe {

/// Index of a slot within a linked graph.
using slot_id = std::int32_t;

struct condition_problem {
  std::string kind;  ///< "condition-syntax", "condition-type", "unknown-slot"
  std::string message;
  std::string hint;
  std::size_t offset = 0;  ///< bytes into the text
  std::size_t length = 1;
};

class condition {
 public:
  /// Syntax only.
  static std::pair<std::optional<condition>, std::vector<condition_problem>> parse(
      std::string_view text);

  /// Types, given what each slot holds; `type_of` gives nothing for an unknown slot and `any`
  /// where it cannot be known.
  std::vector<condition_problem> check(
      const std::function<std::optional<slot_type>(std::string_view)>& type_of) const;

  /// Slots it reads / only asks `defined` of, in order of appearance, once each.
  const std::vector<std::string>& reads() const noexcept;
  const std::vector<std::string>& asks_defined() const noexcept;

  /// Slots that must hold a value for it to make sense: those it reads where no `defined` to the
  /// left of the reading has made sure of them.
  std::vector<std::string> needs() const;
  /// Slots that are certain to hold a value once it has come out as `outcome`.
  std::vector<std::string> proves(bool outcome) const;

  /// Gives every slot another name; `text` stays as it was written. Before `bind`.
  void rename(const std::function<std::string(const std::string&)>& name_of);

  /// Resolves names once; `evaluate` then needs no look-up by name.
  void bind(const std::function<slot_id(std::string_view)>& id_of);

  /// `slots` is indexed by slot_id. Total: a type mismatch that could not be seen beforehand
  /// (inside a table) is false.
  bool evaluate(const std::vector<value>& slots) const;

  const std::string& text() const noexcept;

  /// The syntax tree (condition_node.hpp), for analyses of what a condition can come to.
  struct node;
  const node& root() const noexcept { return *root_; }

 private:
  std::shared_ptr<node> root_;
  std::string text_;
  std::vector<std::string> reads_, defined_;
};

}  // namespace troupe
