#include "actors/runtime.hpp"

#include "actors/runtime_stepping.hpp"
#include "actors/scheduler.hpp"

#include <spdlog/spdlog.h>

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
  if (!env) return;
  // Until here a conversation may have been at work with them.
  env->current = nullptr;
  env->deployment_of = nullptr;
}

void runtime::inside::end_actors() {
  if (front) caf::anon_send_exit(front, caf::exit_reason::user_shutdown);
  for (auto& s : supervisors) caf::anon_send_exit(s, caf::exit_reason::user_shutdown);
  front = nullptr;
  supervisors.clear();
}

result<std::shared_ptr<deployment>> runtime::inside::deploy(std::shared_ptr<const graph> plan) {
  auto d = std::make_shared<deployment>();
  d->plan = std::move(plan);
  d->services = options.services;
  if (steps) d->blocking = placement::shared;
  for (const stage_node& n : d->plan->stages)
    d->pools.push_back(std::make_unique<stage_pool>(n, *options.time));
  auto supervisor = supervise(*system, d, *options.time);
  if (!supervisor) return std::move(supervisor).error();
  supervisors.push_back(*supervisor);
  deployments[d->plan->hash] = d;
  return d;
}

std::shared_ptr<deployment> runtime::inside::deployment_of(const std::string& hash) {
  if (auto it = deployments.find(hash); it != deployments.end()) return it->second;
  auto bytes = options.records->get(family::graphs, hash);
  if (!bytes || !*bytes || !options.reload) return nullptr;
  auto record = decode_graph(**bytes);
  if (!record) return nullptr;
  auto plan = options.reload(*record);
  if (!plan) {
    spdlog::error("an earlier version of the graph cannot be loaded: {}", plan.error().message);
    return nullptr;
  }
  auto d = deploy(*plan);
  if (!d) {
    spdlog::error("an earlier version of the graph cannot start: {}", d.error().message);
    return nullptr;
  }
  return *d;
}

runtime::runtime(std::unique_ptr<inside> i) : inside_(std::move(i)) {}
runtime::~runtime() {
  if (!inside_) return;
  // Actors first: they may still append; then the journal writes what is queued.
  inside_->forgets.reset();
  auto journal = std::move(inside_->journal);
  auto env = inside_->env;
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
  in->journal = std::make_unique<journal_writer>(*o.records, mode_of(o.journal));
  auto current = in->deploy(o.plan);
  if (!current) return std::move(current).error();
  in->current = *current;
  std::error_code no_such_folder;
  graph_record g{
      std::filesystem::absolute(o.plan->file, no_such_folder).string(), o.plan->text, {}};
  for (const graph_source& s : o.plan->inner)
    g.inner.push_back({std::filesystem::weakly_canonical(s.file, no_such_folder), s.text});
  if (auto kept =
          o.records->write({put(family::graphs, o.plan->hash, encode(g))}, durability::synced);
      !kept)
    return std::move(kept).error();

  auto env = std::make_shared<conversation_environment>();
  env->records = o.records;
  env->journal = in->journal.get();
  env->time = o.time;
  env->random = o.random;
  env->current = in->current;
  // Old versions are deployed here, before the first conversation asks: the map is then fixed.
  // A conversation whose run at hand waits for a decision is left alone until that comes.
  std::map<std::string, bool> goes_on;
  for (const active_run& a : *active) {
    auto r = read_run(*o.records, a.run);
    if (r && *r) in->deployment_of((*r)->graph_hash);
    const bool waits = r && *r && (*r)->state == run_status::state_type::waiting;
    goes_on.emplace(a.conversation, !waits);
    if (!waits) ++in->recovered;
  }
  env->deployment_of = [known = in->deployments](const std::string& hash) {
    auto it = known.find(hash);
    return it == known.end() ? nullptr : it->second;
  };
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

stepping* runtime::steps() const noexcept { return inside_->steps.get(); }

std::size_t runtime::recovered() const noexcept { return inside_->recovered; }

}  // namespace troupe
