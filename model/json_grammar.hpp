#pragma once
// A JSON Schema as a grammar: what may stand at each place of a document. `json_position` walks
// along it byte by byte.
//
// Known: type (one or several), properties, required, additionalProperties, min/maxProperties,
// items, prefixItems, min/maxItems, minLength, maxLength, pattern, format (date, time, date-time,
// uuid, email, ipv4), minimum, maximum, exclusiveMinimum, exclusiveMaximum, enum, const, anyOf,
// oneOf (of alternatives that exclude each other), allOf (of one schema), $ref into the schema
// itself, true and false. What only describes (title, default, examples, ...) changes nothing; any
// other keyword is refused by its name.

#include "model/json_string.hpp"
#include "model/number_rule.hpp"

#include <boost/json/fwd.hpp>

namespace troupe {

struct json_rule {
  enum class kind : std::uint8_t {
    choice,    ///< one of `choices`
    literals,  ///< one of fixed texts: null, true, 12, "red", ["a",1]
    string,
    number,
    array,
    object
  };
  using id = std::uint32_t;
  static constexpr id none = 0xFFFFFFFF;
  static constexpr std::size_t no_limit = static_cast<std::size_t>(-1);
  static constexpr std::size_t most_members = 256;

  struct member {
    std::string name;  ///< as JSON spells it, without the quotes
    id rule = none;
    bool required = false;
  };

  kind what = kind::choice;
  std::vector<id> choices;

  std::vector<std::string> literals;  ///< as JSON spells them, compactly; sorted

  /// Characters of a string, items of an array, members of an object.
  std::size_t least = 0, most = no_limit;
  std::shared_ptr<const text_automaton> automaton;  ///< of strings with a pattern; knows the limits
  string_limits string() const { return {least, most, automaton.get(), automaton != nullptr}; }

  number_rule number = {};

  std::vector<id> first_items;  ///< items at fixed places
  std::vector<member> members;
  id others = none;  ///< items and members beyond those; none: there may be none

  /// Bytes of the shortest document, and that document; nothing satisfies the rule if it is
  /// no_limit.
  std::size_t size = no_limit;
  std::string shortest;
};

class json_grammar {
 public:
  /// Errors name the keyword and the place of what is not supported, and say so if no document
  /// can satisfy the schema.
  static result<std::shared_ptr<const json_grammar>> make(const boost::json::value& schema);
  /// The same for a schema's text.
  static result<std::shared_ptr<const json_grammar>> parse(std::string_view schema);

  const json_rule& operator[](json_rule::id id) const { return rules_[id]; }
  json_rule::id root() const noexcept { return 0; }
  /// The kinds of rule that a document of rule `id` can begin with; none of them is `choice`, and
  /// all can be satisfied.
  const std::vector<json_rule::id>& concrete(json_rule::id id) const { return concrete_[id]; }
  bool possible(json_rule::id id) const {
    return id != json_rule::none && rules_[id].size != json_rule::no_limit;
  }
  /// The rule of an array's item at `place`; none if there can be none.
  json_rule::id item(const json_rule& array, std::size_t place) const {
    return place < array.first_items.size() ? array.first_items[place] : array.others;
  }

  /// True if no value fits both rules, as far as that is easily seen.
  bool apart(json_rule::id a, json_rule::id b) const;

 private:
  friend class json_schema_reader;
  void flatten();
  void measure();

  std::vector<json_rule> rules_;
  std::vector<std::vector<json_rule::id>> concrete_;
};

}  // namespace troupe
