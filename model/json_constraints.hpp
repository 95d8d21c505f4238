#pragma once
// Constraints for the requests of one engine: schemas are read once, and the vocabulary is sorted
// when the first of them comes.

#include "model/token_constraint.hpp"

#include <map>
#include <mutex>

namespace troupe {

class json_grammar;
class json_vocabulary;

/// Thread-safe.
class json_constraints {
 public:
  explicit json_constraints(std::shared_ptr<const tokenizer> words);

  /// For an answer of up to `max_tokens` that keeps to `schema` (a JSON Schema's text). `ends`:
  /// tokens that end a text. Errors, all `invalid_request`: what is wrong with the schema; that its
  /// shortest document needs more tokens; that the vocabulary cannot write every text.
  result<std::shared_ptr<token_constraint>> make(const std::string& schema,
                                                 std::vector<token_id> ends,
                                                 std::int64_t max_tokens);

 private:
  const std::shared_ptr<const tokenizer> words_;
  std::mutex mutex_;
  std::shared_ptr<const json_vocabulary> vocabulary_;
  std::map<std::string, std::shared_ptr<const json_grammar>> grammars_;
};

}  // namespace troupe
