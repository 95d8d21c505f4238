#include "model/json_constraint.hpp"

#include <algorithm>
#include <limits>

namespace troupe {

using json_frames::in_object;
using json_frames::in_string;

json_constraint::json_constraint(std::shared_ptr<const json_grammar> grammar,
                                 std::shared_ptr<const json_vocabulary> words,
                                 std::vector<token_id> ends)
    : words_(std::move(words)), ends_(std::move(ends)), at_(std::move(grammar)) {}

/// The fewest tokens that complete the document, of those that are known.
std::vector<token_id> json_constraint::ending() const {
  std::vector<token_id> best;
  for (const way& w : at_.ways()) {
    auto ids = words_->cut(json_position::shortest(at_.grammar(), w));
    if (best.empty() || ids.size() < best.size()) best = std::move(ids);
  }
  return best;
}

std::int64_t json_constraint::least_tokens() const { return std::ssize(ending()); }

std::int64_t json_constraint::tokens_of(std::string text) {
  constexpr std::size_t most_known = 4096;
  if (text.size() < 2) return std::ssize(text);
  if (counted_.size() > most_known) counted_.clear();
  const auto [known, fresh] = counted_.try_emplace(std::move(text), 0);
  if (fresh) known->second = std::ssize(words_->cut(known->first));
  return known->second;
}

/// Tokens in which `w` can surely be completed: its value and what is below it, each apart.
std::int64_t json_constraint::most_tokens(const way& w) {
  const json_grammar& g = at_.grammar();
  const auto value = tokens_of(json_position::shortest(g, {w.top, nullptr}));
  if (!w.below) return value;
  const auto [known, fresh] = below_.try_emplace(w.below, 0);
  if (fresh) known->second = tokens_of(json_position::shortest(g, {json_frames::done{}, w.below}));
  return value + known->second;
}

/// Whether `after` more tokens are enough to complete `w`. No more of them than bytes are needed;
/// only where that is too many they are counted.
bool json_constraint::in_time(const way& w, std::int64_t after) {
  return static_cast<std::int64_t>(json_position::rest(at_.grammar(), w)) <= after ||
         most_tokens(w) <= after;
}

void json_constraint::allow_all(const token_set& set) {
  for (std::size_t i = 0; i < set.size(); ++i) allowed_[i] |= set[i];
  any_ = true;
}

/// Allows the tokens of `trie` that lead on from `from` and leave time to complete the document.
void json_constraint::walk(const token_trie& trie, const way& from, std::int64_t after) {
  const auto nodes = trie.nodes();
  if (rows_.size() <= trie.deepest()) rows_.resize(trie.deepest() + 1);
  rows_[0].assign(1, from);
  for (std::size_t i = 0; i < nodes.size();) {
    const token_trie::node& n = nodes[i];
    std::vector<way>& row = rows_[n.depth];
    row.clear();
    for (const way& w : rows_[n.depth - 1u]) json_position::step(at_.grammar(), w, n.byte, row);
    if (row.empty()) {
      i = n.end;
      continue;
    }
    const auto ids = trie.ids(n);
    if (!ids.empty() && std::ranges::any_of(row, [&](const way& w) { return in_time(w, after); })) {
      for (const token_id id : ids) allowed_[static_cast<std::size_t>(id)] = 1;
      any_ = true;
    }
    ++i;
  }
}

/// Where any text may stand, most of the vocabulary is allowed and need not be looked at.
void json_constraint::allow(const way& w, std::int64_t after) {
  constexpr std::int64_t longest_escape = 12;  // two halves of a pair
  const json_grammar& g = at_.grammar();
  const auto rest = most_tokens(w);
  if (const auto* s = std::get_if<in_string>(&w.top)) {
    const string_limits limits = g[s->rule].string();
    const bool roomy =
        limits.most == json_rule::no_limit || s->at.count + words_->all().deepest() <= limits.most;
    if (!limits.automaton && s->at.at_border() && roomy && rest <= after) {
      // Behind a plain token the same is left to do.
      allow_all(words_->plain());
      if (rest + longest_escape > after) return walk(words_->special(), w, after);
      allow_all(words_->inside());
      return walk(words_->outside(), w, after);
    }
  }
  if (const auto* o = std::get_if<in_object>(&w.top)) {
    // Another name than the one that would end the object soonest brings a member of its own.
    const auto others = g[o->rule].others;
    constexpr std::int64_t around = 8;  // quotes, colon, comma and a letter more
    if (takes_any_name(g, *o) && o->spelling.at_border() &&
        rest + static_cast<std::int64_t>(g[others].size) + around <= after) {
      allow_all(words_->plain());
      return walk(words_->special(), w, after);
    }
  }
  walk(words_->all(), w, after);
}

void json_constraint::restrict(std::span<float> scores, std::int64_t left) {
  constexpr float impossible = -std::numeric_limits<float>::infinity();
  allowed_.assign(std::max(scores.size(), static_cast<std::size_t>(words_->size())), 0);
  any_ = false;
  below_.clear();
  if (std::ssize(at_.shortest()) >= left) {
    auto fresh = ending();
    if (plan_.empty() || fresh.size() < plan_.size()) plan_ = std::move(fresh);
  } else {
    plan_.clear();
  }
  if (plan_.empty() || std::ssize(plan_) < left)
    for (const way& w : at_.ways()) allow(w, left - 1);
  if (at_.whole())
    for (const token_id id : ends_) allowed_[static_cast<std::size_t>(id)] = 1;
  else if (!any_ && !plan_.empty())
    allowed_[static_cast<std::size_t>(plan_.front())] = 1;
  bool possible = false;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (!allowed_[i]) scores[i] = impossible;
    possible = possible || scores[i] > impossible;
  }
  if (possible) return;
  // All that may come is forbidden by somebody else: a whole document goes before that.
  if (plan_.empty()) plan_ = ending();
  if (!plan_.empty()) scores[static_cast<std::size_t>(plan_.front())] = 0;
}

token_constraint::standing json_constraint::accept(token_id id) {
  if (std::ranges::find(ends_, id) != ends_.end()) return standing::closed;
  if (!plan_.empty()) {
    if (plan_.front() == id)
      plan_.erase(plan_.begin());
    else
      plan_.clear();
  }
  for (const char c : words_->bytes(id)) at_.step(static_cast<unsigned char>(c));
  if (at_.closed()) return standing::closed;
  return at_.whole() ? standing::whole : standing::open;
}

}  // namespace troupe
