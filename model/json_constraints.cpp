#include "model/json_constraints.hpp"

#include "model/json_constraint.hpp"

namespace troupe {

namespace {
/// Graphs have few schemas; whoever makes up a new one for each request has them read each time.
constexpr std::size_t most_grammars = 64;
}  // namespace

json_constraints::json_constraints(std::shared_ptr<const tokenizer> words)
    : words_(std::move(words)) {}

result<std::shared_ptr<token_constraint>> json_constraints::make(const std::string& schema,
                                                                 std::vector<token_id> ends,
                                                                 std::int64_t max_tokens) {
  const std::lock_guard lock(mutex_);
  if (!vocabulary_) vocabulary_ = std::make_shared<const json_vocabulary>(words_);
  if (!vocabulary_->has_all_bytes())
    return error{
        errc::invalid_request,
        "this model's vocabulary cannot write every text, so its answers cannot be held to "
        "a JSON Schema"};
  auto known = grammars_.find(schema);
  if (known == grammars_.end()) {
    auto read = json_grammar::parse(schema);
    if (!read) return std::move(read).error();
    if (grammars_.size() == most_grammars) grammars_.clear();
    known = grammars_.emplace(schema, *std::move(read)).first;
  }
  auto made = std::make_shared<json_constraint>(known->second, vocabulary_, std::move(ends));
  const auto least = made->least_tokens();
  if (least > max_tokens)
    return error{errc::invalid_request, "the shortest document of the JSON Schema has " +
                                            std::to_string(least) + " tokens, and only " +
                                            std::to_string(max_tokens) +
                                            " may be written; raise `max_tokens`"};
  return std::shared_ptr<token_constraint>(std::move(made));
}

}  // namespace troupe
