#pragma once
// Tokens that keep a text the beginning of a JSON document of some grammar, and bring it to its end
// before the tokens run out.

#include "model/json_position.hpp"
#include "model/token_constraint.hpp"
#include "model/vocabulary_trie.hpp"

#include <string>
#include <unordered_map>

namespace troupe {

class json_constraint final : public token_constraint {
 public:
  /// `ends`: tokens that end a text; possible once the document is whole.
  json_constraint(std::shared_ptr<const json_grammar> grammar,
                  std::shared_ptr<const json_vocabulary> words, std::vector<token_id> ends);

  /// Tokens in which a whole document can be written, if it has to be short.
  std::int64_t least_tokens() const;

  /// As long as `left` was `least_tokens()` or more when the document began, it is whole when
  /// nothing is left: near the end only those tokens stay possible after which there is time to
  /// complete it.
  void restrict(std::span<float> scores, std::int64_t left) override;
  standing accept(token_id id) override;

 private:
  using way = json_position::way;

  std::vector<token_id> ending() const;
  void allow(const way& w, std::int64_t after);
  void walk(const token_trie& trie, const way& from, std::int64_t after);
  void allow_all(const token_set& set);
  std::int64_t most_tokens(const way& w);
  bool in_time(const way& w, std::int64_t after);
  std::int64_t tokens_of(std::string text);

  const std::shared_ptr<const json_vocabulary> words_;
  const std::vector<token_id> ends_;
  json_position at_;
  std::vector<token_id>
      plan_;  ///< how the document ends, once there is hardly time for anything else
  token_set allowed_;
  bool any_ = false;                    ///< whether any token is allowed
  std::vector<std::vector<way>> rows_;  ///< of a walk: the ways after each byte of the path
  // Endings are the same for most of a vocabulary: their tokens, by what is below a value (for one
  // mask), and by their text.
  std::unordered_map<std::shared_ptr<const json_position::level>, std::int64_t> below_;
  std::unordered_map<std::string, std::int64_t> counted_;
};

}  // namespace troupe
