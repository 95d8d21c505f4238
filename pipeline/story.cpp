#include "pipeline/story.hpp"

#include "pipeline/retry.hpp"

#include <algorithm>
#include <map>

namespace troupe {

namespace {

/// Replays the steps and writes down what they meant.
class narrator {
 public:
  narrator(story& to, const std::shared_ptr<const graph>& plan)
      : to_(to), plan_(*plan), exec_(plan, mix(std::hash<std::string>()(to.record.run), 0)) {
    out_.traced = true;
  }

  void tell(const step& s) {
    before(s);
    out_.clear();
    outputs_ = s.outputs;
    const bool rested = exec_.resting();
    const auto waiting = exec_.open_decisions();
    exec_.apply(s, out_);
    if (rested) to_.waited += std::max(duration(0), s.at - last_);
    if (s.what == step::kind::timer)
      for (const open_decision& d : waiting)
        if (std::count(out_.closed.begin(), out_.closed.end(), d.task) > 0) expired(d, s.at);
    for (const stage_report& r : out_.reports) report(r, s);
    for (std::int64_t task : out_.abandon) given_up(task, s);
    for (const route_note& r : out_.routes) went(r, s.at);
    for (const start_task& t : out_.start) calls_[t.task] = {t.stage, t.attempt, t.item, s.at};
    last_ = std::max(last_, s.at);
  }

  void end() {
    to_.used = exec_.used();
    to_.total = std::max(duration(0), last_ - to_.record.accepted);
  }

 private:
  struct call {
    stage_id stage = no_stage;
    int attempt = 1;
    std::int64_t item = -1;
    time_point since;
  };

  const std::string& name(stage_id id) const {
    return plan_.stages[static_cast<std::size_t>(id)].name;
  }

  story_event& add(story_event::kind what, std::string stage, time_point at) {
    story_event e;
    e.what = what;
    e.at = std::max(duration(0), at - to_.record.accepted);
    e.stage = std::move(stage);
    to_.events.push_back(std::move(e));
    return to_.events.back();
  }

  story_stage& total(stage_id id) {
    auto found = std::find_if(to_.stages.begin(), to_.stages.end(),
                              [&](const story_stage& s) { return s.name == name(id); });
    if (found != to_.stages.end()) return *found;
    to_.stages.push_back({.name = name(id)});
    return to_.stages.back();
  }

  /// What the step itself says, whatever the executor makes of it.
  void before(const step& s) {
    switch (s.what) {
      case step::kind::begin:
        to_.queued = std::max(duration(0), s.at - to_.record.accepted);
        last_ = s.at;
        break;
      case step::kind::resumed:
        add(story_event::kind::interrupted, {}, s.at).took = s.at - last_;
        break;
      case step::kind::cancel:
        add(story_event::kind::cancelled, {}, s.at).failure = s.failure;
        break;
      case step::kind::done:
      case step::kind::failed:
      case step::kind::suspended:
        if (exec_.awaits(s.task)) count(calls_[s.task], s);
        break;
      case step::kind::decided:
        decided(s);
        break;
      case step::kind::timer:
        break;
    }
  }

  void count(const call& c, const step& s) {
    story_stage& t = total(c.stage);
    const auto took = std::max(duration(0), s.at - c.since);
    const auto worked = s.worked >= duration(0) ? std::min(s.worked, took) : took;
    ++t.calls;
    if (s.what == step::kind::failed) ++t.failures;
    t.worked += worked;
    t.queued += took - worked;
    t.used.model_calls += s.used.model_calls;
    t.used.tokens += s.used.tokens;
    open_[c.stage].took += took;
    open_[c.stage].worked += worked;
    open_[c.stage].measured = open_[c.stage].measured && s.worked >= duration(0);
    open_[c.stage].used.model_calls += s.used.model_calls;
    open_[c.stage].used.tokens += s.used.tokens;
    open_[c.stage].items += c.item >= 0 ? 1 : 0;
  }

  void decided(const step& s) {
    for (const open_decision& d : exec_.open_decisions()) {
      if (d.task != s.task) continue;
      story_event& e = add(story_event::kind::decided, name(d.stage), s.at);
      e.took = s.at - calls_[s.task].since;
      total(d.stage).waited += e.took;
      const auto& ports = plan_.stages[static_cast<std::size_t>(d.stage)].ports.out;
      value::table outputs;
      for (std::size_t i = 0; i < s.outputs.size() && i < ports.size(); ++i)
        outputs.emplace_back(ports[i].name, s.outputs[i]);
      e.decision = value(std::move(outputs));
    }
  }

  void expired(const open_decision& d, time_point at) {
    const auto waited = at - calls_[d.task].since;
    add(story_event::kind::expired, name(d.stage), at).took = waited;
    total(d.stage).waited += waited;
  }

  /// An attempt that has no answer which could say how long the stage worked; the step may.
  void end_without_answer(story_event& e, story_stage& t, const step& s, std::int64_t task) {
    auto worked = e.took;
    if (const auto busy = s.busy_with(task))
      e.worked = worked = std::clamp(*busy, duration(0), e.took);
    ++t.calls;
    t.worked += worked;
    t.queued += e.took - worked;
  }

  void given_up(std::int64_t task, const step& s) {
    if (std::ranges::count(out_.reports, task, &stage_report::task) > 0) return;
    const call& c = calls_[task];
    story_event& e = add(story_event::kind::given_up, name(c.stage), s.at);
    e.attempt = c.attempt;
    e.took = std::max(duration(0), s.at - c.since);
    end_without_answer(e, total(c.stage), s, task);
  }

  void report(const stage_report& r, const step& s) {
    if (r.state == stage_state::started) {
      open_[r.stage] = {};
      return;
    }
    const bool answers = s.what == step::kind::done || s.what == step::kind::failed;
    if (r.state == stage_state::finished && !answers) return;  // told as decided or expired
    if (r.state == stage_state::waiting) {
      add(story_event::kind::waiting, name(r.stage), s.at);
      return;
    }
    story_event& e = add(r.state == stage_state::finished   ? story_event::kind::finished
                         : r.state == stage_state::retrying ? story_event::kind::retrying
                                                            : story_event::kind::failed,
                         name(r.stage), s.at);
    e.attempt = r.attempt;
    e.failure = r.failure;
    e.took = r.took;
    if (s.what == step::kind::timer) {
      story_stage& t = total(r.stage);
      ++t.failures;
      return end_without_answer(e, t, s, r.task);
    }
    visit& v = open_[r.stage];
    if (v.measured) e.worked = v.worked;
    e.used = v.used;
    if (v.items > 0) e.items = v.items;
    if (v.items == 0) e.took = v.took;
    v = {};
  }

  void went(const route_note& r, time_point at) {
    story_event& e = add(story_event::kind::went, name(r.from), at);
    story_way& w = e.way;
    w.why = r.why;
    w.to = name(r.to);
    w.loop = r.loop;
    const stage_node& from = plan_.stages[static_cast<std::size_t>(r.from)];
    for (int i = 0; i <= r.edge && i < static_cast<int>(from.next.size()); ++i) {
      const edge& one = from.next[static_cast<std::size_t>(i)];
      if (!one.when) continue;
      for (const std::string& slot : one.when->reads()) read(w.read, slot);
      if (i < r.edge)
        w.failed.push_back(one.when->text());
      else
        w.condition = one.when->text();
    }
    if (r.edge < 0 || from.next[static_cast<std::size_t>(r.edge)].counter < 0) return;
    const edge& taken = from.next[static_cast<std::size_t>(r.edge)];
    w.max = taken.max;
    w.plateau = taken.plateau;
    if (taken.best_by != no_slot)
      w.score_slot = plan_.slots[static_cast<std::size_t>(taken.best_by)];
    for (std::size_t i = 0; i < from.ports.out.size(); ++i)
      if (from.ports.out[i].name == "reasons" && i < outputs_.size()) w.reasons = outputs_[i];
  }

  void read(value::table& into, const std::string& slot) {
    const slot_id id = plan_.find_slot(slot);
    if (id == no_slot ||
        std::any_of(into.begin(), into.end(), [&](const auto& e) { return e.first == slot; }))
      return;
    into.emplace_back(slot, exec_.slots()[static_cast<std::size_t>(id)]);
  }

  /// The calls of a stage since it was entered.
  struct visit {
    duration took{}, worked{};
    bool measured = true;
    usage used;
    std::int64_t items = 0;
  };

  story& to_;
  const graph& plan_;
  executor exec_;
  outbox out_;
  time_point last_;
  frame outputs_;  ///< of the step at hand
  std::map<std::int64_t, call> calls_;
  std::map<stage_id, visit> open_;
};

constexpr std::string_view event_names[] = {"finished",  "retrying", "failed",  "went",
                                            "waiting",   "decided",  "expired", "interrupted",
                                            "cancelled", "given_up"};
constexpr std::string_view cause_names[] = {"edge", "again", "exhausted", "on_error"};
constexpr std::string_view end_names[] = {"again", "max", "plateau", "no_room"};

std::int64_t us(duration d) { return d.count(); }

void put_usage(value::table& to, const usage& used) {
  if (used.model_calls > 0) to.emplace_back("model_calls", used.model_calls);
  if (used.tokens > 0) to.emplace_back("tokens", used.tokens);
}

value to_value(const story_way& w) {
  value::table out{{"why", cause_names[static_cast<std::size_t>(w.why)]}, {"to", w.to}};
  if (!w.condition.empty()) out.emplace_back("condition", w.condition);
  if (!w.failed.empty())
    out.emplace_back("did_not_hold", value::list(w.failed.begin(), w.failed.end()));
  if (!w.read.empty()) out.emplace_back("slots", w.read);
  if (w.why == route_note::cause::again || w.why == route_note::cause::exhausted) {
    out.emplace_back("attempt", w.loop.attempt);
    out.emplace_back("best_attempt", w.loop.best_attempt);
    if (!w.score_slot.empty()) {
      out.emplace_back("score", w.loop.score);
      out.emplace_back("best_score", w.loop.best_score);
    }
    out.emplace_back("max", w.max);
    out.emplace_back("end", end_names[static_cast<std::size_t>(w.loop.end)]);
    if (!w.reasons.is_none()) out.emplace_back("reasons", w.reasons);
  }
  return value(std::move(out));
}

value to_value(const story_event& e) {
  value::table out{{"at_us", us(e.at)}, {"what", event_names[static_cast<std::size_t>(e.what)]}};
  if (!e.stage.empty()) out.emplace_back("stage", e.stage);
  if (e.attempt > 1) out.emplace_back("attempt", e.attempt);
  if (e.items >= 0) out.emplace_back("items", e.items);
  if (e.took > duration(0)) out.emplace_back("took_us", us(e.took));
  if (e.worked) out.emplace_back("worked_us", us(*e.worked));
  put_usage(out, e.used);
  if (e.failure) out.emplace_back("error", to_value(*e.failure));
  if (!e.decision.is_none()) out.emplace_back("decision", e.decision);
  if (e.what == story_event::kind::went) out.emplace_back("way", to_value(e.way));
  return value(std::move(out));
}

}  // namespace

story tell_story(const run_record& record, const std::vector<step>& steps,
                 const std::shared_ptr<const graph>& plan) {
  story s;
  s.record = record;
  s.graph = plan->name;
  narrator n(s, plan);
  for (const step& one : steps) n.tell(one);
  n.end();
  return s;
}

value to_value(const story& s) {
  value::list events, stages;
  for (const story_event& e : s.events) events.push_back(to_value(e));
  for (const story_stage& t : s.stages) {
    value::table one{{"stage", t.name},
                     {"calls", t.calls},
                     {"failures", t.failures},
                     {"queued_us", us(t.queued)},
                     {"worked_us", us(t.worked)}};
    if (t.waited > duration(0)) one.emplace_back("waited_us", us(t.waited));
    put_usage(one, t.used);
    stages.emplace_back(std::move(one));
  }
  const run_record& r = s.record;
  value::table out{{"run", r.run}, {"graph", s.graph}};
  if (!r.conversation.empty()) out.emplace_back("conversation", r.conversation);
  out.emplace_back("state", name_of(r.state));
  out.emplace_back("input", r.input);
  out.emplace_back("queued_us", us(s.queued));
  out.emplace_back("total_us", us(s.total));
  if (s.waited > duration(0)) out.emplace_back("waited_us", us(s.waited));
  put_usage(out, s.used);
  out.emplace_back("events", std::move(events));
  out.emplace_back("stages", std::move(stages));
  if (!r.reply.is_none()) out.emplace_back("reply", r.reply);
  if (r.failure) out.emplace_back("error", to_value(*r.failure));
  return value(std::move(out));
}

}  // namespace troupe
