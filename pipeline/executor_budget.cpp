// What a call may use of the run's token budget. Calls that are out at the same time share what is
// left, so that together they cannot use more of it than there is.

#include "pipeline/executor.hpp"

#include <algorithm>

namespace troupe {

namespace {

bool may_ask_an_engine(const stage_type& type) {
  return std::any_of(type.params.begin(), type.params.end(),
                     [](const param& p) { return p.meaning == param::meaning_type::engine_name; });
}

}  // namespace

std::int64_t executor::tokens_not_granted(stage_id stage) const {
  std::int64_t least = -1;
  auto limit = [&](std::int64_t left) {
    left = std::max<std::int64_t>(0, left);
    least = least < 0 ? left : std::min(least, left);
  };
  if (graph_->token_budget >= 0) {
    auto left = graph_->token_budget - used_.tokens;
    for (const task& t : tasks_)
      if (t.running && t.granted > 0) left -= t.granted;
    limit(left);
  }
  for_each_region(stage, [&](std::size_t r) {
    if (graph_->regions[r].token_budget < 0) return;
    auto left = graph_->regions[r].token_budget - regions_[r].tokens;
    for (const task& t : tasks_)
      for_each_region(tokens_[t.token].stage, [&](std::size_t other) {
        if (other == r && t.running && t.granted > 0) left -= t.granted;
      });
    limit(left);
  });
  return least;
}

std::int64_t executor::grant_for(const task& t) const {
  const stage_node& n = node(t.token);
  const std::int64_t left = tokens_not_granted(tokens_[t.token].stage);
  if (left < 0 || !may_ask_an_engine(*n.type)) return -1;
  std::int64_t rivals = 0;
  for (std::size_t i = 0; i < tokens_.size(); ++i) {
    const bool holds_some = std::any_of(tasks_.begin(), tasks_.end(), [i](const task& other) {
      return other.token == i && other.running && other.granted >= 0;
    });
    if (i != t.token && tokens_[i].live && !holds_some) ++rivals;
  }
  // Branches and items that are about to start.
  const token& here = tokens_[t.token];
  if (here.fan >= 0) {
    const fan& f = fans_[static_cast<std::size_t>(here.fan)];
    const auto entered = std::count_if(tokens_.begin(), tokens_.end(), [&](const token& other) {
      return other.live && other.fan == here.fan;
    });
    rivals += std::max<std::int64_t>(0, f.remaining - entered);
  }
  if (n.each) {
    const auto at_once = std::min<std::int64_t>(
        {std::ssize(here.results), n.each->concurrency, n.replicas + n.queue});
    const auto out = std::count_if(tasks_.begin(), tasks_.end(),
                                   [&](const task& other) { return other.token == t.token; });
    const auto to_come = std::ssize(here.results) - here.next_item;
    rivals += std::max<std::int64_t>(0, std::min(at_once - out, to_come));
  }
  return left / (1 + rivals);
}

}  // namespace troupe
