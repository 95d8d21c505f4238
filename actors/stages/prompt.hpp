#pragma once
// Texts with placeholders, for the stages `template`, `generate` and `http`.
//
//   Hello {name}                 the slot `name`
//   {customer.city}              an entry of a table
//   {passages.0.text}            an item of a list, counted from 0
//   {note?}                      may be missing, and is nothing then
//   {facts:- }                   the items of a list (or the lines of a text), each on a line of
//   its
//                                own after what follows the colon, here `- `; none are nothing
//   {{ and }}                    the braces themselves
//
// Text is put in as it is, everything else as `value::to_text` has it.

#include "pipeline/stage.hpp"

#include <optional>

namespace troupe::stages {

class prompt {
 public:
  /// Turns a value's text into what may stand at its place, e.g. percent-encoded; may refuse.
  using encoder = std::function<result<std::string>(std::string_view name, std::string text)>;

  prompt() = default;
  /// Errors (`invalid_request`) say what is wrong and at which character, counted from 1.
  static result<prompt> parse(std::string_view text);

  /// The slots it names, each once, in order of appearance, as input ports. A slot is optional if
  /// every placeholder that names it is.
  std::vector<port> ports() const;

  /// `slots` is a table. Errors (`failed`) name the placeholder that cannot be filled.
  result<std::string> render(const value::table& slots, const encoder& encode = {}) const;

  /// The value itself when the whole text is one placeholder, otherwise the rendered text.
  result<value> render_value(const value::table& slots) const;

  /// The text before the first placeholder.
  std::string_view opening() const noexcept;
  bool empty() const noexcept { return parts_.empty(); }

 private:
  struct part {
    std::string text;               ///< as it is, when `path` is empty
    std::vector<std::string> path;  ///< slot, then keys and indexes
    bool optional = false;
    std::optional<std::string> before_lines;  ///< what each line begins with, if it is lines

    std::string name() const;
    std::string text_of(const value& found) const;
  };
  static result<value> look_up(const part& p, const value::table& slots);

  std::vector<part> parts_;
};

/// Adds to `all` the ports that it does not have yet, by name; a required one wins.
void merge_ports(std::vector<port>& all, const std::vector<port>& more);

}  // namespace troupe::stages
