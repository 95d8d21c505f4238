// Where a run goes after a stage: edges, loops, fan-outs, the end.

#include "pipeline/executor.hpp"

namespace troupe {

void executor::leave(std::size_t index, outbox& out) {
  const stage_node& n = node(index);
  if (n.split) {
    const auto id = static_cast<int>(fans_.size());
    fans_.push_back({static_cast<int>(n.split->all.size()), n.split->join, tokens_[index].fan,
                     tokens_[index].written});
    const auto written = tokens_[index].written;
    tokens_[index] = {};
    for (stage_id target : n.split->all) {
      if (ended()) return;
      if (target == n.split->join) {
        if (--fans_[static_cast<std::size_t>(id)].remaining == 0)
          enter(target, fans_[static_cast<std::size_t>(id)].parent, written, out);
      } else {
        enter(target, id, written, out);
      }
    }
    return;
  }
  if (!n.next.empty()) return follow_edges(index, out);
  if (tokens_[index].fan >= 0) return arrive_at_join(index, out);
  finish(out);
}

void executor::follow_edges(std::size_t index, outbox& out) {
  const stage_node& n = node(index);
  auto take = [&](stage_id to, const edge* by) {
    for (const edge& other : n.next)
      if (&other != by && other.counter >= 0)
        loops_[static_cast<std::size_t>(other.counter)].leave();
    go(index, to, out);
  };
  for (const edge& e : n.next) {
    if (e.when && !e.when->evaluate(slots_)) continue;
    if (e.counter < 0) return take(e.to, &e);
    loop_state& loop = loops_[static_cast<std::size_t>(e.counter)];
    if (loop.arrive(e, slots_, tokens_[index].written, n, now_, deadline_) ==
        loop_state::verdict::again)
      return take(e.to, &e);
    loop.restore_best(slots_, tokens_[index].written);
    if (e.exhausted != no_stage) return take(e.exhausted, nullptr);
  }
  fail({errc::failed, "no edge of stage `" + n.name + "` applies: none of its conditions holds"},
       out);
}

void executor::arrive_at_join(std::size_t index, outbox& out) {
  fan& f = fans_[static_cast<std::size_t>(tokens_[index].fan)];
  for (std::size_t i = 0; i < f.written.size(); ++i)
    if (tokens_[index].written[i]) f.written[i] = true;
  tokens_[index] = {};
  if (--f.remaining == 0) enter(f.join, f.parent, f.written, out);
}

void executor::finish(outbox& out) {
  if (reply().is_none())
    return fail({errc::failed, "the run ended, but nothing wrote its output slot `" +
                                   graph_->slots[static_cast<std::size_t>(graph_->output)] + "`"},
                out);
  tasks_.clear();
  tokens_.clear();
  status_ = status::finished;
}

}  // namespace troupe
