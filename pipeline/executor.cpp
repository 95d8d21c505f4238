#include "pipeline/executor.hpp"

#include "pipeline/retry.hpp"

#include <algorithm>

namespace troupe {

namespace {

/// A linked graph cannot go round for ever; this is the belt to those braces.
constexpr std::int64_t max_stage_entries = 1'000'000;

time_point later(time_point t, duration d) {
  return d >= time_point::max() - t ? time_point::max() : t + d;
}

}  // namespace

executor::executor(std::shared_ptr<const graph> g, std::uint64_t seed)
    : graph_(std::move(g)),
      seed_(seed),
      slots_(graph_->slots.size()),
      loops_(static_cast<std::size_t>(graph_->bounded_edges)),
      regions_(graph_->regions.size()) {
  if (loops_.empty()) return;
  marks_.resize(graph_->stages.size());
  for (std::size_t i = 0; i < graph_->stages.size(); ++i)
    for (const edge& e : graph_->stages[i].next)
      if (e.counter >= 0) loops_[static_cast<std::size_t>(e.counter)] = loop_state(*graph_, i, e);
}

void executor::apply(const step& s, outbox& out) {
  if (ended()) return;
  const auto last = now_;
  // Between two processes the machine's clock may have been set back.
  now_ = s.what == step::kind::resumed ? s.at : std::max(now_, s.at);
  // Time in which nobody was there, or nothing but decisions was waited for, is not the run's.
  if (s.what == step::kind::resumed || resting()) give_back(now_ - last);
  switch (s.what) {
    case step::kind::begin:
      if (status_ == status::fresh) begin(s, out);
      break;
    case step::kind::done:
      on_done(s, out);
      break;
    case step::kind::failed:
      on_failed(s.task, s.failure, s.used, out);
      break;
    case step::kind::timer:
      on_timer(s, out);
      break;
    case step::kind::cancel:
      fail(s.failure, out);
      break;
    case step::kind::resumed:
      resume(out);
      break;
    case step::kind::suspended:
      on_suspended(s, out);
      break;
    case step::kind::decided:
      on_decided(s, out);
      break;
  }
  // One after the other, not one within the other: a loop may come by here very often.
  for (std::size_t i = 0; i < finished_.size() && !ended(); ++i) leave(finished_[i], out);
  finished_.clear();
}

void executor::begin(const step& s, outbox& out) {
  status_ = status::running;
  deadline_ = later(now_, graph_->deadline);
  for (const auto& [id, v] : s.slots)
    if (id >= 0 && static_cast<std::size_t>(id) < slots_.size())
      slots_[static_cast<std::size_t>(id)] = v;
  enter(graph_->start, -1, std::vector<bool>(slots_.size()), out);
}

void executor::give_back(duration time) {
  if (deadline_ != time_point::max()) deadline_ = later(deadline_, time);
  for (region_state& r : regions_) r.deadline = later(r.deadline, time);
  for (task& t : tasks_)
    if (!t.instead) t.wake = later(t.wake, time);
  // A round of a loop took as long as it worked.
  for (mark& m : marks_) m.at = later(m.at, time);
}

bool executor::resting() const noexcept {
  return !tasks_.empty() &&
         std::all_of(tasks_.begin(), tasks_.end(), [](const task& t) { return t.instead; });
}

std::vector<open_decision> executor::open_decisions() const {
  std::vector<open_decision> open;
  for (const task& t : tasks_)
    if (t.instead) open.push_back({t.id, tokens_[t.token].stage, t.wake, *t.instead});
  return open;
}

void executor::resume(outbox& out) {
  for (task& t : tasks_)
    if (t.running) attempt(t, out);
}

bool executor::awaits(std::int64_t id) const noexcept { return find(id) != nullptr; }

start_task executor::call_of(std::int64_t id) const {
  return make_call(
      *std::find_if(tasks_.begin(), tasks_.end(), [id](const task& t) { return t.id == id; }));
}

const executor::task* executor::find(std::int64_t id) const noexcept {
  for (const task& t : tasks_)
    if (t.id == id && t.running) return &t;
  return nullptr;
}

time_point executor::next_wakeup() const noexcept {
  if (status_ != status::running) return time_point::max();
  time_point due = resting() ? time_point::max() : deadline_;
  for (const task& t : tasks_) due = std::min(due, t.wake);
  return due;
}

const value& executor::reply() const noexcept {
  return slots_[static_cast<std::size_t>(graph_->output)];
}

void executor::enter(stage_id stage, int fan_id, std::vector<bool> written, outbox& out) {
  auto free = std::find_if(tokens_.begin(), tokens_.end(), [](auto& t) { return !t.live; });
  const auto index = static_cast<std::size_t>(free - tokens_.begin());
  if (free == tokens_.end()) tokens_.emplace_back();
  token& t = tokens_[index];
  t = token{};
  t.live = true;
  t.stage = stage;
  t.fan = fan_id;
  t.written = std::move(written);
  call(index, out);
}

void executor::go(std::size_t index, stage_id to, outbox& out, const edge* by) {
  token& t = tokens_[index];
  if (t.fan >= 0 && fans_[static_cast<std::size_t>(t.fan)].join == to)
    return arrive_at_join(index, out);
  enter_loops(t.stage, to, by);
  t.stage = to;
  call(index, out);
}

void executor::call(std::size_t index, outbox& out) {
  if (++entries_ > max_stage_entries)
    return fail({errc::internal, "the run entered more than 1,000,000 stages"}, out);
  token& t = tokens_[index];
  t.entered = now_;
  const stage_node& n = node(index);
  out.reports.push_back({t.stage, stage_state::started, 1, next_task_, {}, {}});
  if (!marks_.empty()) marks_[static_cast<std::size_t>(t.stage)] = {now_, used_.tokens};
  if (n.region >= 0) {
    const auto r = static_cast<std::size_t>(n.region);
    const region& around = graph_->regions[r];
    if (around.entry == t.stage) regions_[r] = {later(now_, around.deadline), 0};
  }
  if (n.each) return call_each(index, out);
  tasks_.push_back({next_task_++, index, -1, 1, true, 0, now_, {}});
  attempt(tasks_.back(), out);
}

void executor::attempt(task& t, outbox& out) {
  const stage_node& n = node(t.token);
  t.running = true;
  t.started = now_;
  t.wake = std::min(time_limit(tokens_[t.token].stage), later(now_, n.timeout));
  t.granted = -1;
  t.granted = grant_for(t);
  out.start.push_back(make_call(t));
}

start_task executor::make_call(const task& t) const {
  const stage_node& n = node(t.token);
  start_task s;
  s.task = t.id;
  s.stage = tokens_[t.token].stage;
  s.attempt = t.attempt;
  s.item = t.item;
  s.at = t.started;
  s.deadline = t.wake;
  s.tokens_left = t.granted >= 0 ? t.granted : tokens_not_granted(s.stage);
  s.inputs.reserve(n.in.size());
  for (slot_id id : n.in) {
    if (id == no_slot)
      s.inputs.emplace_back();
    else if (n.each && t.item >= 0 && id == n.each->as)
      s.inputs.push_back(tokens_[t.token].items.as_list()[static_cast<std::size_t>(t.item)]);
    else
      s.inputs.push_back(slots_[static_cast<std::size_t>(id)]);
  }
  return s;
}

void executor::on_done(const step& s, outbox& out) {
  task* found = find(s.task);
  if (!found) return;
  const task t = *found;
  use(tokens_[t.token].stage, s.used);
  tasks_.erase(tasks_.begin() + (found - tasks_.data()));
  complete(t, s.outputs, out);
}

void executor::complete(task t, const frame& outputs, outbox& out) {
  const stage_node& n = node(t.token);
  if (!n.each) {
    for (std::size_t port = 0; port < std::min(outputs.size(), n.out.size()); ++port)
      put(t.token, port, outputs[port]);
  } else {
    token& spot = tokens_[t.token];
    spot.results[static_cast<std::size_t>(t.item)] = outputs;
    if (spot.next_item < static_cast<std::int64_t>(spot.results.size())) call_item(t.token, out);
    if (--spot.open_items > 0) return;
    collect(t.token);
  }
  out.reports.push_back({tokens_[t.token].stage,
                         stage_state::finished,
                         t.attempt,
                         t.id,
                         now_ - (n.each ? tokens_[t.token].entered : t.started),
                         {}});
  leave(t.token, out);
}

void executor::on_suspended(const step& s, outbox& out) {
  task* t = find(s.task);
  if (!t) return;
  use(tokens_[t->token].stage, s.used);
  t->running = false;
  t->wake = s.until;
  t->instead = s.outputs;
  t->granted = -1;
  out.reports.push_back(
      {tokens_[t->token].stage, stage_state::waiting, t->attempt, t->id, now_ - t->started, {}});
}

void executor::on_decided(const step& s, outbox& out) {
  const auto found = std::find_if(tasks_.begin(), tasks_.end(),
                                  [&](const task& t) { return t.id == s.task && t.instead; });
  if (found == tasks_.end()) return;
  const task t = *found;
  tasks_.erase(found);
  close(t, out);
  complete(t, s.outputs, out);
}

void executor::close(const task& t, outbox& out) const {
  if (t.running) out.abandon.push_back(t.id);
  if (t.instead) out.closed.push_back(t.id);
}

void executor::on_failed(std::int64_t id, const error& failure, usage used, outbox& out) {
  task* t = find(id);
  if (!t) return;
  const stage_id stage = tokens_[t->token].stage;
  use(stage, used);
  const stage_node& n = node(t->token);
  const auto seed = mix(seed_, static_cast<std::uint64_t>(t->id));
  const auto pause = retry_pause(n.retry, failure, t->attempt + 1, seed);
  // What has killed two replicas would kill a third: poison.
  if (failure.code == errc::crashed) ++t->crashes;
  const bool poison = t->crashes >= 2;
  const bool again =
      !poison && may_retry(n.retry, failure, t->attempt) && later(now_, pause) < time_limit(stage);
  out.reports.push_back({tokens_[t->token].stage,
                         again ? stage_state::retrying : stage_state::failed, t->attempt, t->id,
                         now_ - t->started, failure});
  if (again) {
    t->running = false;
    ++t->attempt;
    t->wake = later(now_, pause);
    return;
  }
  const auto place = t->token;
  tasks_.erase(tasks_.begin() + (t - tasks_.data()));
  end_tasks_of(place, out);
  stage_id way = n.on_error;
  // No stage of a sub-graph whose time is up can do anything more.
  for_each_region(stage, [&](std::size_t r) {
    if (now_ >= regions_[r].deadline) way = graph_->regions[r].on_error;
  });
  if (way != no_stage && failure.code != errc::cancelled && now_ < deadline_) {
    if (out.traced) out.routes.push_back({stage, way, route_note::cause::on_error, -1, {}});
    return go(place, way, out);
  }
  error why = failure;
  why.message = "stage `" + n.name + "` failed: " + failure.message;
  if (poison) why.message += "; it has brought its stage down twice and is not tried again";
  fail(std::move(why), out);
}

void executor::end_tasks_of(std::size_t index, outbox& out) {
  std::erase_if(tasks_, [&](const task& t) {
    if (t.token != index) return false;
    close(t, out);
    return true;
  });
}

void executor::fail(error why, outbox& out) {
  for (const task& t : tasks_) close(t, out);
  tasks_.clear();
  tokens_.clear();
  finished_.clear();
  failure_ = std::move(why);
  status_ = status::failed;
}

}  // namespace troupe
