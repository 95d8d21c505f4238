#include "actors/runtime.hpp"

#include "actors/runtime_stepping.hpp"
#include "actors/scheduler.hpp"

#include <future>

namespace troupe {

system_config::system_config(const runtime_options& o) {
  add_message_types<caf::id_block::troupe>();
  if (o.threads > 0) set("scheduler.max-threads", static_cast<std::uint64_t>(o.threads));
  if (o.driven == runtime_options::driven_by::steps)
    set("scheduler.policy", caf::atom("testing"));
  else
    use_own_scheduler(*this);
}

runtime::inside::inside(runtime_options o)
    : options(std::move(o)), config(options), system(std::make_unique<caf::actor_system>(config)) {
  if (options.driven == runtime_options::driven_by::steps) steps = make_stepping(*this);
}

runtime::inside::~inside() {
  end_actors();
  // An actor that will never end must not take the simulation with it.
  if (!steps)
    system->await_all_actors_done();
  else if (steps->end() > 0)
    static_cast<void>(system.release());
  // Until here a conversation may have been at work with them.
  versions.clear();
  // Actors first: they may still append. Then the journal writes what is queued, and tells actors
  // that are gone, as long as their system is there.
  journal.reset();
}

void runtime::inside::end_actors() {
  if (front) caf::anon_send_exit(front, caf::exit_reason::user_shutdown);
  front = nullptr;
  std::lock_guard lock(supervisors_mutex);
  for (const caf::actor_addr& s : supervisors)
    if (auto alive = caf::actor_cast<caf::actor>(s))
      caf::anon_send_exit(alive, caf::exit_reason::user_shutdown);
  supervisors.clear();
}

runtime::runtime(std::unique_ptr<inside> i) : inside_(std::move(i)) {}
runtime::~runtime() {
  if (!inside_) return;
  inside_->reloads.reset();
  inside_->forgets.reset();
  inside_.reset();
}

namespace {

journal_writer::mode mode_of(runtime_options::journal_type type) {
  switch (type) {
    case runtime_options::journal_type::direct:
      return journal_writer::mode::direct;
    case runtime_options::journal_type::stepped:
      return journal_writer::mode::stepped;
    case runtime_options::journal_type::grouped:
      break;
  }
  return journal_writer::mode::grouped;
}

}  // namespace

result<std::unique_ptr<runtime>> runtime::start(runtime_options options) {
  auto in = std::make_unique<inside>(std::move(options));
  const runtime_options& o = in->options;
  auto active = read_active(*o.records);
  if (!active) return std::move(active).error();
  const auto asked = o.records->get(family::graphs, asked_to_end_key);
  if (!asked) return asked.error();
  if (*asked)
    if (auto gone = o.records->write({erase(family::graphs, asked_to_end_key)}, durability::synced);
        !gone)
      return std::move(gone).error();
  in->journal = std::make_unique<journal_writer>(*o.records, mode_of(o.journal));
  if (auto begun = in->adopt({o.plan, o.services}); !begun) return std::move(begun).error();
  // From here on the versions alone hold what belongs to them.
  in->options.plan = nullptr;
  in->options.services = nullptr;

  auto env = std::make_shared<conversation_environment>();
  env->records = o.records;
  env->journal = in->journal.get();
  env->time = o.time;
  env->random = o.random;
  env->gate = &in->gate;
  env->versions = &in->versions;
  env->last_end = *asked ? process_end::asked_for : process_end::without_warning;
  // Old versions are deployed here, before the first conversation asks. One whose run at hand waits
  // for a decision is left alone until that comes.
  std::map<std::string, bool> goes_on;
  for (const active_run& a : *active) {
    auto r = read_run(*o.records, a.run);
    if (r && *r)
      if (auto version = in->bring_back((*r)->graph_hash)) in->versions.park(a.run, version);
    const bool waits = r && *r && (*r)->state == run_status::state_type::waiting;
    goes_on.emplace(a.conversation, !waits);
    if (!waits) ++in->recovered;
  }
  env->idle = o.idle;
  env->ended_runs =
      o.ended == runtime_options::ended_runs::keep ? retention::keep : retention::drop;
  in->env = env;
  in->front = spawn_gateway(*in->system, env, in->live);
  for (const auto& [conversation, now] : goes_on)
    if (now) in->send(conversation, recover_request{});
  if (o.keep != duration::max())
    in->forgets = std::make_unique<pruner>(*o.records, *in->journal, *o.time, o.keep);
  return std::unique_ptr<runtime>(new runtime(std::move(in)));
}

void runtime::close() {
  inside_->gate.close();
  inside_->journal->append({put(family::graphs, asked_to_end_key, "")}, durability::synced, {});
}

std::size_t runtime::under_way() const noexcept {
  return inside_->gate.count(run_gate::crowd::under_way);
}

void runtime::say_farewell(std::chrono::milliseconds patience) {
  event e;
  e.kind = event_kind::error;
  e.code = errc::overloaded;
  e.text =
      "the server ends before the run does; the run goes on at the next start: ask again with the "
      "same id";
  e.retry_after_ms = 2000;
  auto heard = std::make_shared<std::promise<void>>();
  auto all_heard = heard->get_future();
  caf::anon_send(inside_->front, std::make_shared<const farewell>(farewell{
                                     std::make_shared<const event>(std::move(e)),
                                     {nullptr, [heard](std::nullptr_t) { heard->set_value(); }}}));
  all_heard.wait_for(patience);
}

stepping* runtime::steps() const noexcept { return inside_->steps.get(); }

std::size_t runtime::recovered() const noexcept { return inside_->recovered; }

}  // namespace troupe
