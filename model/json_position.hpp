#pragma once
// A place in a JSON document that keeps to a grammar: which bytes may come next, and how the
// document can end. A pushdown automaton; where the grammar leaves a choice open, several ways are
// followed side by side.
//
// Every way that is followed can be finished: there is no byte after which only refusals come. A
// document is written without needless spaces, or with one behind `,` and `:`, or over several
// lines with up to 16 blanks before each.

#include "model/json_grammar.hpp"

#include <bitset>
#include <variant>

namespace troupe {

namespace json_frames {

/// The blanks before what comes next: none yet, a space, or a line end and so many behind it.
struct blank {
  std::uint8_t read = 0;
  bool step(unsigned char byte);
  bool operator==(const blank&) const = default;
};

struct done {
  bool operator==(const done&) const = default;
};
/// Before a value.
struct expecting {
  json_rule::id rule = 0;
  bool spaced = false;
  bool operator==(const expecting&) const = default;
};
struct in_literal {
  json_rule::id rule = 0;
  std::uint32_t first = 0, last = 0;  ///< of those that begin like this
  std::size_t read = 0;
  bool operator==(const in_literal&) const = default;
};
struct in_string {
  json_rule::id rule = 0;
  string_place at;
  bool operator==(const in_string&) const = default;
};
struct in_number {
  json_rule::id rule = 0;
  number_rule::place at;
  bool operator==(const in_number&) const = default;
};
struct in_array {
  enum class phase_type : std::uint8_t { open, after_comma, after_item };
  json_rule::id rule = 0;
  phase_type phase = phase_type::open;
  blank space;
  std::size_t count = 0;
  bool operator==(const in_array&) const = default;
};
/// Names of members that the grammar does not list, newest first.
struct used_name {
  std::string name;
  std::shared_ptr<const used_name> before;
};
struct in_object {
  enum class phase_type : std::uint8_t { open, after_comma, name, colon, after_member };
  json_rule::id rule = 0;
  phase_type phase = phase_type::open;
  blank space;
  std::size_t count = 0;
  std::bitset<json_rule::most_members> seen;
  std::shared_ptr<const used_name> used;
  std::string name;  ///< that is being read, as it is spelled
  string_place spelling;
  bool operator==(const in_object&) const = default;
};

}  // namespace json_frames

class json_position {
 public:
  /// Before the document.
  explicit json_position(std::shared_ptr<const json_grammar> grammar);

  /// Whether `text` is a whole document.
  static bool fits(std::shared_ptr<const json_grammar> grammar, std::string_view text);

  /// Reads a byte. False, and nothing has changed, if it may not come here.
  bool step(unsigned char byte);
  /// Whether what was read is a whole document; a number at its end may still grow.
  bool whole() const;
  /// Whether it is, and nothing may follow.
  bool closed() const;
  /// What completes it: few bytes, though not always the fewest.
  std::string shortest() const;

  using frame = std::variant<json_frames::done, json_frames::expecting, json_frames::in_literal,
                             json_frames::in_string, json_frames::in_number, json_frames::in_array,
                             json_frames::in_object>;
  struct level;
  /// One way to read what was read.
  struct way {
    frame top;
    std::shared_ptr<const level> below;
    bool operator==(const way&) const = default;
  };
  struct level {
    frame f;  ///< an array or object, as it will be when the value above it has ended
    std::shared_ptr<const level> below;
    std::size_t rest = 0;  ///< bytes that end it and all below
  };

  const json_grammar& grammar() const noexcept { return *grammar_; }
  const std::vector<way>& ways() const noexcept { return ways_; }

  /// For walks over many continuations: appends what `w` becomes after `byte` to `out`.
  static void step(const json_grammar& g, const way& w, unsigned char byte, std::vector<way>& out);
  static bool whole(const json_grammar& g, const way& w);
  static std::string shortest(const json_grammar& g, const way& w);
  /// The bytes of that.
  static std::size_t rest(const json_grammar& g, const way& w);

 private:
  std::shared_ptr<const json_grammar> grammar_;
  std::vector<way> ways_;
};

/// Whether the member whose name is being read may have any name.
bool takes_any_name(const json_grammar& g, const json_frames::in_object& o);

/// What completes an object from where `o` is, with its closing brace; used for the grammar's own
/// shortest documents too. Nothing if that is impossible.
std::optional<std::string> shortest_end(const json_grammar& g, const json_frames::in_object& o);
std::optional<std::string> shortest_end(const json_grammar& g, const json_frames::in_array& a);

}  // namespace troupe
