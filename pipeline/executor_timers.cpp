// What a run does when time is up: an attempt's, a sub-graph's, its own.

#include "pipeline/executor.hpp"

#include <algorithm>

namespace troupe {

namespace {

std::string about(duration d) {
  using std::chrono::milliseconds;
  return format_duration(d < milliseconds(1) ? d : std::chrono::duration_cast<milliseconds>(d));
}

/// How a call spent its time, if the step says so.
std::string how_spent(const step& s, std::int64_t task, duration took) {
  const auto busy = s.busy_with(task);
  if (!busy) return {};
  const auto worked = std::clamp(*busy, duration(0), took);
  return " (queued " + about(took - worked) + ", worked " + about(worked) + ")";
}

}  // namespace

std::optional<duration> step::busy_with(std::int64_t call) const {
  const auto known = std::ranges::find(busy, call, &std::pair<std::int64_t, duration>::first);
  return known == busy.end() ? std::nullopt : std::optional(known->second);
}

void executor::on_timer(const step& s, outbox& out) {
  if (status_ != status::running) return;
  if (now_ >= deadline_) {
    std::string why = "the run's deadline of " + format_duration(graph_->deadline) + " passed";
    const auto at_it = std::ranges::find(tasks_, true, &task::running);
    if (at_it != tasks_.end())
      why += " at attempt " + std::to_string(at_it->attempt) + " of `" + node(at_it->token).name +
             "`" + how_spent(s, at_it->id, now_ - at_it->started);
    return fail({errc::deadline, std::move(why)}, out);
  }
  std::vector<std::int64_t> due;
  for (const task& t : tasks_)
    if (t.wake <= now_) due.push_back(t.id);
  for (std::int64_t id : due) {
    auto t = std::find_if(tasks_.begin(), tasks_.end(), [id](auto& x) { return x.id == id; });
    if (ended() || t == tasks_.end()) continue;
    if (t->instead) {
      on_decided({.what = step::kind::decided, .task = id, .outputs = *t->instead}, out);
      continue;
    }
    if (!t->running) {
      attempt(*t, out);
      continue;
    }
    out.abandon.push_back(id);
    std::string why = "no answer within " + format_duration(now_ - t->started);
    for_each_region(tokens_[t->token].stage, [&](std::size_t r) {
      if (now_ >= regions_[r].deadline)
        why = "the time of the sub-graph `" + graph_->regions[r].name + "`, " +
              format_duration(graph_->regions[r].deadline) + ", is used up";
    });
    why += how_spent(s, id, now_ - t->started);
    on_failed(id, {errc::timeout, std::move(why)}, {}, out);
  }
}

}  // namespace troupe
