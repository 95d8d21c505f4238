#pragma once
// Makes a question stand on its own: remembers the entities of a conversation, puts them where a
// later text only refers to them, and completes follow-ups with the question before.
//
//   "my order is ORD-20931" … "and when does it arrive?" → "and when does it (order ORD-20931)
//   arrive?" "什么时候能到？"        → "订单ORD-20931，什么时候能到？" "track ORD-20889" … "and
//   what about ORD-20895?"      → "track ORD-20895" "怎么取消订单？" … "那退款呢？" →
//   "怎么取消订单？那退款呢？"

#include "actors/stages/entity_rules.hpp"
#include "pipeline/services.hpp"

namespace troupe::stages {

/// The entities that a conversation has named, the latest first.
class entity_memory {
 public:
  entity_memory() = default;
  /// Reads the table that `to_table` wrote in an earlier turn; what is not of that shape is left
  /// out, and so is what the rules do not keep.
  entity_memory(const value::table& table, const entity_rules& rules);

  void note(std::string_view name, const std::string& value);
  /// The latest value, or nullptr.
  const std::string* latest(std::string_view name) const noexcept;
  /// { NAME = latest, …, all = { NAME = [oldest … latest], … } }
  value::table to_table() const;

  struct entry {
    std::string name;
    std::vector<std::string> values;  ///< oldest first, each once
  };
  const std::vector<entry>& entries() const noexcept { return entries_; }

 private:
  std::vector<entry> entries_;
};

/// What is known when a text comes in.
struct dialogue {
  const entity_rules& rules;
  const std::vector<turn>& history;
  entity_memory memory;    ///< of the turns before
  std::string_view label;  ///< intent of the text; may be empty
  time_point now;
  std::string_view language = "en";  ///< for texts that show none, and without history
};

struct resolution {
  std::string question;
  entity_memory entities;
  std::string language;  ///< en or zh
};

/// `text` must be valid UTF-8.
resolution resolve(std::string_view text, const dialogue& known);

}  // namespace troupe::stages
