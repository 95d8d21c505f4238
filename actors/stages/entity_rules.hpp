#pragma once
// What the `context` stage knows about the things people talk about, read from a TOML file:
//
//   ellipsis = ['(?i)^(?:and )?what about\b']     # texts that only make sense after the one before
//   filler   = ['(?i)\b(?:hello|please)\b', '你好']  # words that say nothing by themselves
//
//   [[entity]]
//   name    = "order_id"
//   label   = { en = "order", zh = "订单" }       # what it is called when it is put into a
//   question keep    = true                                # remembered in later turns (the
//   default) forms   = [                                   # how people write it; the first that
//   fits wins
//     { match = '\bORD-?(\d{4,8})\b', value = "ORD-{1}" },
//   ]
//   refers  = ['\bit\b', '(?<!其)它']             # expressions that stand for it; put after them
//   implied = ['(?i)\bwhich courier\b']           # questions about it that leave it out
//   intents = ["track_order"]                     # intents that are about it, whatever the words
//
// `match`, `refers` and the like are regular expressions (see regex.hpp). In `value`, {0} is the
// whole match, {1} its first group, {1:02} the group padded with zeros to two places. A form with
// `days = -1` instead is a day seen from today, and its value is a date (UTC).

#include "actors/stages/regex.hpp"
#include "pipeline/clock.hpp"

#include <filesystem>

namespace troupe::stages {

struct entity_rule {
  struct form {
    regex match;
    std::string value = "{0}";
    std::optional<int> days;
  };
  std::string name;
  std::string label_en, label_zh;
  bool keep = true;
  std::vector<form> forms;
  std::vector<regex> refers, implied;
  std::vector<std::string> intents;
};

/// An entity as a text names it.
struct mention {
  std::size_t entity = 0;  ///< index in `entity_rules::entities`
  std::string value;
  regex::span where;
};

class entity_rules {
 public:
  /// Errors are `not_found` for a file that cannot be read and `invalid_request`, with file, line
  /// and column, for one that is wrong.
  static result<entity_rules> load(const std::filesystem::path& file);
  static result<entity_rules> parse(std::string_view toml, std::string_view file);

  /// Everything that `text` names, in order of appearance, without overlaps: rules and forms that
  /// stand earlier in the file win. Without `today` relative days are left out.
  std::vector<mention> find(std::string_view text, std::optional<time_point> today) const;

  /// True if `text` makes sense only after the question before it.
  bool is_elliptical(std::string_view text) const;
  /// True if nothing is left of `text` without the mentions and filler words.
  bool is_idle(std::string_view text, const std::vector<mention>& mentions) const;

  const std::vector<entity_rule>& entities() const noexcept { return entities_; }

 private:
  std::vector<entity_rule> entities_;
  std::vector<regex> ellipsis_, filler_;

  friend class rules_reader;
};

}  // namespace troupe::stages
