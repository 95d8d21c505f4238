#include "actors/runtime.hpp"

#include "actors/gateway_actor.hpp"
#include "pipeline/codec.hpp"

#include <spdlog/spdlog.h>

namespace troupe {

namespace {

struct system_config : caf::actor_system_config {
  explicit system_config(int threads) {
    add_message_types<caf::id_block::troupe>();
    if (threads > 0) set("scheduler.max-threads", static_cast<std::uint64_t>(threads));
    // The default policy lets idle workers sleep for up to 10 ms before they look again.
    set("scheduler.policy", caf::atom("sharing"));
  }
};

/// An empty conversation name in a submission is a job; it gets its run id here.
std::string name_of(submission& s, time_point now) {
  return s.conversation.empty() ? job_name(make_run_id(now)) : std::move(s.conversation);
}

}  // namespace

struct runtime::inside {
  explicit inside(runtime_options o)
      : options(std::move(o)),
        config(options.threads),
        system(std::make_unique<caf::actor_system>(config)) {}

  ~inside() {
    caf::scoped_actor self(*system);
    if (front) self->send_exit(front, caf::exit_reason::user_shutdown);
    for (auto& s : supervisors) self->send_exit(s, caf::exit_reason::user_shutdown);
    front = nullptr;
    supervisors.clear();
    if (env) {
      env->current = nullptr;
      env->deployment_of = nullptr;
    }
  }

  result<std::shared_ptr<deployment>> deploy(std::shared_ptr<const graph> plan) {
    auto d = std::make_shared<deployment>();
    d->plan = std::move(plan);
    d->services = options.services;
    for (const stage_node& n : d->plan->stages)
      d->pools.push_back(std::make_unique<stage_pool>(n, *options.time));
    auto supervisor = supervise(*system, d, *options.time);
    if (!supervisor) return std::move(supervisor).error();
    supervisors.push_back(*supervisor);
    deployments[d->plan->hash] = d;
    return d;
  }

  /// For a run found at start-up.
  std::shared_ptr<deployment> deployment_of(const std::string& hash) {
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

  void send(std::string conversation, decltype(conversation_request::body) body) {
    caf::anon_send(front, std::make_shared<conversation_request>(
                              conversation_request{std::move(conversation), std::move(body)}));
  }

  runtime_options options;
  system_config config;
  std::unique_ptr<caf::actor_system> system;
  std::unique_ptr<journal_writer> journal;
  std::map<std::string, std::shared_ptr<deployment>> deployments;
  std::vector<caf::actor> supervisors;
  std::shared_ptr<deployment> current;
  std::shared_ptr<conversation_environment> env;
  std::shared_ptr<std::atomic<std::size_t>> live = std::make_shared<std::atomic<std::size_t>>(0);
  caf::actor front;
  std::size_t recovered = 0;
  std::atomic<std::uint64_t> feedback_number{0};
};

runtime::runtime(std::unique_ptr<inside> i) : inside_(std::move(i)) {}
runtime::~runtime() {
  if (!inside_) return;
  // Actors first: they may still append; then the journal writes what is queued.
  auto journal = std::move(inside_->journal);
  auto env = inside_->env;
  inside_.reset();
}

result<std::unique_ptr<runtime>> runtime::start(runtime_options options) {
  auto in = std::make_unique<inside>(std::move(options));
  const runtime_options& o = in->options;
  auto active = read_active(*o.records);
  if (!active) return std::move(active).error();
  in->journal = std::make_unique<journal_writer>(*o.records,
                                                 o.journal == runtime_options::journal_type::grouped
                                                     ? journal_writer::mode::grouped
                                                     : journal_writer::mode::direct);
  auto current = in->deploy(o.plan);
  if (!current) return std::move(current).error();
  in->current = *current;
  std::error_code no_such_folder;
  const graph_record g{std::filesystem::absolute(o.plan->file, no_such_folder).string(),
                       o.plan->text};
  if (auto kept =
          o.records->write({put(family::graphs, o.plan->hash, encode(g))}, durability::synced);
      !kept)
    return std::move(kept).error();

  auto env = std::make_shared<conversation_environment>();
  env->records = o.records;
  env->journal = in->journal.get();
  env->time = o.time;
  env->current = in->current;
  // Old versions are deployed here, before the first conversation asks: the map is then fixed.
  std::map<std::string, std::vector<std::string>> unfinished;
  for (active_run& a : *active) {
    if (auto r = read_run(*o.records, a.run); r && *r) in->deployment_of((*r)->graph_hash);
    unfinished[a.conversation].push_back(std::move(a.run));
    ++in->recovered;
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
  for (auto& [conversation, runs] : unfinished)
    in->send(conversation, recover_request{std::move(runs)});
  return std::unique_ptr<runtime>(new runtime(std::move(in)));
}

void runtime::submit(submission s, std::shared_ptr<event_sink> sink, follow what) {
  auto name = name_of(s, inside_->options.time->now());
  inside_->send(std::move(name), submit_request{std::move(s), std::move(sink), what});
}

void runtime::attach(std::string conversation, std::uint64_t after,
                     std::shared_ptr<event_sink> sink) {
  inside_->send(std::move(conversation), attach_request{after, std::move(sink)});
}

void runtime::detach(std::string conversation, std::shared_ptr<event_sink> sink) {
  inside_->send(std::move(conversation), detach_request{std::move(sink)});
}

void runtime::cancel(std::string run, callback<void> done) {
  auto record = read_run(*inside_->options.records, run);
  if (!record) return done(std::move(record).error());
  if (!*record) return done(error{errc::not_found, "there is no run `" + run + "`"});
  auto conversation = (*record)->conversation.empty() ? job_name(run) : (*record)->conversation;
  inside_->send(std::move(conversation), cancel_request{std::move(run), std::move(done)});
}

void runtime::give_feedback(feedback f, callback<void> done) {
  if (f.rating != 1 && f.rating != -1)
    return done(error{errc::invalid_request, "`rating` must be 1 or -1"});
  auto record = read_run(*inside_->options.records, f.run);
  if (!record) return done(std::move(record).error());
  if (!*record) return done(error{errc::not_found, "there is no run `" + f.run + "`"});
  const auto now = inside_->options.time->now().time_since_epoch().count();
  const value text(value::table{{"rating", f.rating},
                                {"comment", f.comment},
                                {"conversation", (*record)->conversation},
                                {"owner", (*record)->owner},
                                {"at", static_cast<std::int64_t>(now)}});
  const auto number = static_cast<std::uint64_t>(now) * 16 + inside_->feedback_number++ % 16;
  inside_->journal->append({put(family::feedback, numbered_key(f.run, number), text.to_text())},
                           durability::synced, std::move(done));
}

void runtime::find_run(std::string run, callback<run_status> done) {
  auto record = read_run(*inside_->options.records, run);
  if (!record) return done(std::move(record).error());
  if (!*record) return done(error{errc::not_found, "there is no run `" + run + "`"});
  run_record& r = **record;
  done(run_status{r.run, r.conversation, r.message_id, r.state, r.reply, r.slots, r.failure});
}

void runtime::find_conversation(std::string conversation, callback<value> done) {
  const store& records = *inside_->options.records;
  auto record = read_conversation(records, conversation);
  if (!record) return done(std::move(record).error());
  if (!*record)
    return done(error{errc::not_found, "there is no conversation `" + conversation + "`"});
  auto turns = read_turns(records, conversation, (*record)->turns, 1000);
  if (!turns) return done(std::move(turns).error());
  value::list told;
  for (turn_record& t : *turns)
    told.emplace_back(value::table{{"run", t.run}, {"user", t.user}, {"reply", t.reply}});
  done(value(value::table{
      {"conversation", conversation},
      {"turns", std::move(told)},
      {"slots", (*record)->persisted.is_none() ? value(value::table{}) : (*record)->persisted},
      {"last_seq", static_cast<std::int64_t>((*record)->next_seq - 1)}}));
}

value runtime::describe_graph() const {
  const graph& plan = *inside_->current->plan;
  auto target = [&](stage_id id) { return plan.stages[static_cast<std::size_t>(id)].name; };
  value::list stages;
  for (std::size_t i = 0; i < plan.stages.size(); ++i) {
    const stage_node& n = plan.stages[i];
    value::list next;
    for (const edge& e : n.next) {
      value::table one{{"to", target(e.to)}};
      if (e.when) one.emplace_back("when", e.when->text());
      if (e.max >= 0) one.emplace_back("max", e.max);
      next.emplace_back(std::move(one));
    }
    if (n.split)
      for (stage_id id : n.split->all)
        next.emplace_back(value::table{{"to", target(id)}, {"join", target(n.split->join)}});
    const auto f = inside_->current->pools[i]->figures();
    auto count = [](std::uint64_t x) { return value(static_cast<std::int64_t>(x)); };
    value::table one{{"name", n.name},
                     {"use", n.type->name},
                     {"next", std::move(next)},
                     {"replicas", n.replicas},
                     {"replicas_up", f.replicas_up},
                     {"calls", count(f.calls)},
                     {"failures", count(f.failures)},
                     {"restarts", count(f.restarts)},
                     {"outstanding", f.outstanding}};
    if (n.on_error != no_stage) one.emplace_back("on_error", target(n.on_error));
    stages.emplace_back(std::move(one));
  }
  return value(
      value::table{{"name", plan.name},
                   {"hash", plan.hash},
                   {"start", target(plan.start)},
                   {"output", plan.slots[static_cast<std::size_t>(plan.output)]},
                   {"live_conversations", static_cast<std::int64_t>(inside_->live->load())},
                   {"stages", std::move(stages)}});
}

result<void> runtime::ready() const {
  if (auto trouble = inside_->journal->trouble()) return *trouble;
  for (const auto& pool : inside_->current->pools)
    if (pool->figures().replicas_up == 0)
      return error{errc::unavailable,
                   "stage `" + pool->node().name + "` has no replica that is up"};
  return {};
}

std::size_t runtime::recovered() const noexcept { return inside_->recovered; }

}  // namespace troupe
