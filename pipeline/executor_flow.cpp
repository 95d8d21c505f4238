// Where a run goes after a stage: edges, loops, fan-outs, the end.

#include "pipeline/executor.hpp"

#include <algorithm>

namespace troupe {

void executor::leave(std::size_t index, outbox& out) {
  const stage_node& n = node(index);
  if (n.split) {
    const auto id = open_fan();
    const stage_id from = tokens_[index].stage;
    const auto written = tokens_[index].written;
    fans_[static_cast<std::size_t>(id)] = {static_cast<int>(n.split->all.size()), n.split->join,
                                           tokens_[index].fan, from, written};
    tokens_[index] = {};
    for (stage_id target : n.split->all) {
      if (ended()) return;
      enter_loops(from, target, nullptr);
      enter(target, id, written, out);
    }
    return;
  }
  if (!n.next.empty()) return follow_edges(index, out);
  if (tokens_[index].fan >= 0) return arrive_at_join(index, out);
  finish(out);
}

void executor::follow_edges(std::size_t index, outbox& out) {
  const stage_node& n = node(index);
  const stage_id from = tokens_[index].stage;
  auto note = [&](const edge& e, stage_id to, route_note::cause why) {
    if (!out.traced) return;
    out.routes.push_back({from, to, why, static_cast<int>(&e - n.next.data()), {}});
    if (e.counter >= 0) out.routes.back().loop = loops_[static_cast<std::size_t>(e.counter)].last();
  };
  for (const edge& e : n.next) {
    if (e.when && !e.when->evaluate(slots_)) continue;
    if (e.counter < 0) {
      note(e, e.to, route_note::cause::edge);
      return go(index, e.to, out, &e);
    }
    loop_state& loop = loops_[static_cast<std::size_t>(e.counter)];
    if (loop.arrive(e, slots_, tokens_[index].written, fits_another_round(loop, from, e)) ==
        loop_state::verdict::again) {
      note(e, e.to, route_note::cause::again);
      return go(index, e.to, out, &e);
    }
    loop.restore_best(slots_, tokens_[index].written);
    note(e, e.exhausted, route_note::cause::exhausted);
    if (e.exhausted != no_stage) return go(index, e.exhausted, out);
  }
  fail({errc::failed, "no edge of stage `" + n.name + "` applies: none of its conditions holds"},
       out);
}

void executor::arrive_at_join(std::size_t index, outbox& out) {
  fan& f = fans_[static_cast<std::size_t>(tokens_[index].fan)];
  for (std::size_t i = 0; i < f.written.size(); ++i)
    if (tokens_[index].written[i]) f.written[i] = true;
  tokens_[index] = {};
  if (--f.remaining > 0) return;
  enter_loops(f.split, f.join, nullptr);
  enter(f.join, f.parent, f.written, out);
}

int executor::open_fan() {
  auto free = std::find_if(fans_.begin(), fans_.end(), [](auto& f) { return f.remaining == 0; });
  if (free == fans_.end()) free = fans_.insert(fans_.end(), fan{});
  return static_cast<int>(free - fans_.begin());
}

void executor::enter_loops(stage_id from, stage_id to, const edge* by) {
  for (std::size_t i = 0; i < loops_.size(); ++i)
    if (loops_[i].contains(to) && !loops_[i].contains(from) &&
        !(by && by->counter == static_cast<int>(i)))
      loops_[i].begin_anew();
}

bool executor::fits_another_round(loop_state& loop, stage_id from, const edge& e) {
  const mark& begun = marks_[static_cast<std::size_t>(e.to)];
  const auto most = loop.longest_round({now_ - begun.at, used_.tokens - begun.tokens});
  bool fits = most.time <= time_limit(from) - now_ &&
              (graph_->token_budget < 0 || most.tokens <= graph_->token_budget - used_.tokens);
  for_each_region(from, [&](std::size_t r) {
    const auto budget = graph_->regions[r].token_budget;
    if (budget >= 0 && most.tokens > budget - regions_[r].tokens) fits = false;
  });
  return fits;
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
