// A message at the door of its conversation: known, refused or accepted.

#include "actors/conversation_state.hpp"
#include "actors/job_ids.hpp"

#include <boost/container/small_vector.hpp>

namespace troupe {

namespace {

/// Waiting for the disk, of all conversations; beyond, no new runs.
constexpr std::size_t most_batches = 8192;

}  // namespace

std::optional<error> conversation::ask_door(const deployment& version) {
  if (env_->journal->waiting() > most_batches)
    return error{errc::overloaded, "the journal is behind with writing",
                 std::chrono::milliseconds(500)};
  const auto begun = version.begun.load(std::memory_order_relaxed);
  const auto now = env_->time->now();
  boost::container::small_vector<stage_load, 16> stages;
  for (const auto& pool : version.pools) stages.push_back(pool->load(begun, now));
  return env_->gate->ask({.start = static_cast<std::size_t>(version.plan->start),
                          .deadline = version.plan->deadline,
                          .stages = {stages.data(), stages.size()}},
                         now);
}

/// Who says a message again asks for its run as well; one who wants it to go on is enough.
void conversation::note_asker(live_run& live, std::optional<when_left> said) {
  const auto left = said.value_or(live.on ? live.on->plan->left : when_left::continues);
  live.left = live.askers++ == 0 ? left : std::min(live.left, left);
}

/// Behind a run that waits for a decision all wait.
void conversation::count_runs() {
  const bool rests =
      !runs_.empty() && runs_.front()->exec != nullptr && runs_.front()->exec->resting();
  for (auto& live : runs_) {
    live->at_gate.be_in(run_gate::crowd::under_way, !rests)
        .be_in(run_gate::crowd::entering, live->entering);
    if (live == runs_.front()) live->at_gate.be_in(run_gate::crowd::at_work, !rests);
    live->at_gate.commit();
  }
}

void conversation::refuse(submit_request& r, error why) {
  event e;
  e.kind = event_kind::error;
  e.message_id = r.what.message_id;
  e.code = why.code;
  e.text = std::move(why.message);
  if (why.retry_after) e.retry_after_ms = why.retry_after->count();
  r.sink->deliver(std::make_shared<const event>(std::move(e)));
}

/// The run of a message that was said before; a job is one if it was accepted before.
result<std::optional<std::string>> conversation::known_run(const submission& s) const {
  if (!is_job(id_)) return env_->records->get(family::messages, joined_key(id_, s.message_id));
  std::string run = id_.substr(job_name("").size());
  auto record = env_->records->get(family::runs, run);
  if (!record || !*record) return record;
  return std::optional<std::string>(std::move(run));
}

void conversation::submit(submit_request& r) {
  if (!taken_up_) return refuse(r, trouble());
  const auto version = env_->versions->current();
  const graph& plan = *version->plan;
  if (!r.what.message_id.empty()) {
    for (auto& live : runs_)
      if (live->record.message_id == r.what.message_id) return answer_repeat(r, live->record.run);
    auto known = known_run(r.what);
    if (!known) return refuse(r, std::move(known).error());
    if (*known) return answer_repeat(r, **known);
  }
  if (env_->gate->is_closed())
    return refuse(r, {errc::overloaded,
                      "the server is about to end and takes no new messages; say it again to the "
                      "one that follows",
                      std::chrono::milliseconds(2000)});
  value input(std::move(r.what.input));
  for (const graph_input& wanted : plan.inputs) {
    const auto& slot = plan.slots[static_cast<std::size_t>(wanted.slot)];
    const value* given = input.find(slot);
    if (!given && wanted.fallback.is_none())
      return refuse(r, {errc::invalid_request, "the input `" + slot + "` is missing"});
    if (given && !converts(given->type(), wanted.type))
      return refuse(r, {errc::invalid_request,
                        "the input `" + slot + "` " + wrong_type(wanted.type, *given).message});
  }
  for (const auto& [key, v] : input.as_table()) {
    const slot_id slot = plan.find_slot(key);
    if (std::none_of(plan.inputs.begin(), plan.inputs.end(),
                     [&](const graph_input& i) { return i.slot == slot; }))
      return refuse(
          r, {errc::invalid_request, "the graph `" + plan.name + "` takes no input `" + key + "`"});
  }
  if (!runs_.empty() && plan.busy == on_busy::reject)
    return refuse(r, {errc::conflict, "the conversation is busy with another message",
                      std::chrono::milliseconds(500)});
  if (runs_.size() > env_->max_waiting)
    return refuse(r, {errc::overloaded,
                      std::to_string(runs_.size()) + " messages of this conversation are waiting",
                      std::chrono::milliseconds(1000)});
  if (runs_.empty())
    if (auto busy = ask_door(*version)) return refuse(r, std::move(*busy));

  const auto now = env_->time->now();
  auto fresh = std::make_unique<live_run>(*env_->gate);
  run_record& record = fresh->record;
  record.run = is_job(id_) ? id_.substr(job_name("").size()) : make_run_id(now, *env_->random);
  record.conversation = is_job(id_) ? std::string() : id_;
  record.message_id = r.what.message_id.empty() ? record.run : std::move(r.what.message_id);
  record.owner = std::move(r.what.owner);
  record.graph_hash = plan.hash;
  record.accepted = now;
  record.order = record_.next_order++;
  record.input = std::move(input);
  fresh->on = version;
  fresh->entering = runs_.empty();
  note_asker(*fresh, r.what.left);
  fresh->submitters.emplace_back(r.sink, r.events);

  write_batch batch;
  batch.push_back(put(family::runs, record.run, encode(record)));
  batch.push_back(put(family::active, numbered_key(id_, record.order), record.run));
  if (keeps_events()) {
    batch.push_back(put(family::messages, joined_key(id_, record.message_id), record.run));
    batch.push_back(put(family::conversations, id_, encode(record_)));
  } else if (record.message_id != record.run && env_->ended_runs == retention::keep) {
    batch.push_back(put(family::messages, job_key(record.owner, record.message_id), record.run));
  }
  const std::string run = record.run;
  const bool interrupts = !runs_.empty() && plan.busy == on_busy::interrupt;
  runs_.push_back(std::move(fresh));
  count_runs();
  commit(std::move(batch), durability::synced, {.accepted = run});
  if (!interrupts) return;
  const error why{errc::cancelled, "a newer message took its place"};
  for (auto& live : runs_)
    if (live->record.run != run && !live->cancel) live->cancel = why;
  // The others end when their turn comes.
  if (runs_.front()->at == live_run::phase::running)
    take_step({.what = step::kind::cancel, .at = now, .failure = why, .busy = busy(now)});
}

void conversation::answer_repeat(submit_request& r, const std::string& run) {
  if (live_run* live = find(run)) {
    note_asker(*live, r.what.left);
    if (live->at == live_run::phase::accepting) {
      live->submitters.emplace_back(r.sink, r.events);
      return;
    }
    event e = new_event(event_kind::accepted, *live);
    e.message_id = live->record.message_id;
    r.sink->deliver(std::make_shared<const event>(std::move(e)));
    const bool rests = live->exec && live->exec->resting() && r.events == follow::end;
    if (rests && !r.sink->deliver(parked_event(*live))) return;
    if (r.events != follow::none) followers_.push_back({r.sink, run, r.events});
    return;
  }
  auto ended = read_run(*env_->records, run);
  if (!ended) return refuse(r, std::move(ended).error());
  if (!*ended) return refuse(r, {errc::internal, "the record of run `" + run + "` is gone"});
  event accepted;
  accepted.kind = event_kind::accepted;
  accepted.run = run;
  accepted.message_id = (*ended)->message_id;
  r.sink->deliver(std::make_shared<const event>(std::move(accepted)));
  r.sink->deliver(std::make_shared<const event>(final_event(**ended)));
}

}  // namespace troupe
