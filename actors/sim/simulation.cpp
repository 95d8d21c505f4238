#include "actors/sim/simulation.hpp"

#include "actors/runtime.hpp"
#include "actors/sim/clients.hpp"
#include "actors/sim/faulty_stages.hpp"
#include "actors/sim/inputs.hpp"
#include "actors/sim/scripted_models.hpp"
#include "actors/sim/versions.hpp"

namespace troupe::sim {

namespace {

using std::chrono::milliseconds;

constexpr duration activity = std::chrono::seconds(60);
constexpr std::size_t most_steps = 2'000'000;

class simulation {
 public:
  simulation(const options& o, std::uint64_t seed);
  outcome run();

 private:
  void start();
  void kill();
  void end(bool power);
  void drain();
  bool has_drained() const;
  void reload();
  void calm_down();
  void fill_disk();
  bool step();
  bool advance();
  void work(stepping& s);
  bool all_satisfied() const;
  void settle();
  void check_leftovers();

  const options& options_;
  world world_;
  losing_store records_;
  std::unique_ptr<store> between_;
  witness seen_;
  stage_world stage_world_;
  faulty_stages stages_;
  graph_versions versions_;
  std::shared_ptr<stage_services> services_ = std::make_shared<stage_services>();
  client_world client_world_;
  std::vector<std::shared_ptr<client>> clients_;
  std::shared_ptr<reviewer> reviewer_;
  std::unique_ptr<runtime> runtime_;
  std::optional<std::size_t> actors_beside_stages_;
  std::optional<time_point> drains_until_;
  const std::uint64_t seed_;
  bool calm_ = false;
};

simulation::simulation(const options& o, std::uint64_t seed)
    : options_(o),
      world_(seed, o.print),
      seen_(
          world_, [this](const std::string& hash) -> const graph& { return versions_.meant(hash); },
          records_),
      stage_world_{world_, seen_, draw_faults(world_.chance)},
      stages_(stage_world_),
      versions_(o.plan, o.mistaken ? o.mistaken : o.plan, stages_),
      client_world_{world_, seen_, stage_world_.faults, o.plan->left},
      seed_(seed) {
  records_.watch([this](const write_batch& b, durability level) { seen_.batch(b, level); });
  if (o.between) between_ = o.between(records_);
  services_->base = o.base;
  services_->models = scripted_library(world_.chance);
  services_->http = scripted_http(world_.chance);
  for (const model_spec& m : o.plan->models)
    services_->engines[m.name.value] = scripted_engine(world_.chance);
  clients_ = some_clients(client_world_, *o.plan, o.samples);
  reviewer_ = std::make_shared<reviewer>(client_world_, world_.chance.happens(0.2));
}

void simulation::start() {
  runtime_options r;
  r.plan = versions_.newest();
  r.reload = [this](const graph_record& kept) -> result<graph_version> {
    auto plan = versions_.with_text(kept.text);
    if (!plan) return error{errc::not_found, "a graph that was never given"};
    return graph_version{std::move(plan), nullptr};
  };
  r.services = services_;
  r.records = between_ ? between_.get() : &records_;
  r.journal = runtime_options::journal_type::stepped;
  r.time = &world_.time;
  r.random = &world_.chance;
  r.driven = runtime_options::driven_by::steps;
  auto started = runtime::start(std::move(r));
  seen_.process_starts();
  if (!started) return seen_.complain("it does not start: " + started.error().message);
  runtime_ = std::move(*started);
  // Later starts may bring back earlier versions for the runs that began on them.
  if (!actors_beside_stages_)
    actors_beside_stages_ =
        runtime_->steps()->actors() - graph_versions::replicas(*versions_.newest());
  world_.tell("the process starts; " + std::to_string(runtime_->recovered()) + " runs go on");
  client_world_.door = runtime_.get();
  for (auto& c : clients_) c->process_starts();
}

void simulation::kill() {
  dice& chance = world_.chance;
  ++seen_.totals.kills;
  --stage_world_.faults.kills;
  const bool power = chance.happens(stage_world_.faults.power);
  world_.tell(power ? "the power is cut" : "the process is killed");
  end(power);
}

/// No new runs; some time for those under way.
void simulation::drain() {
  --stage_world_.faults.drains;
  world_.tell("the process is asked to end");
  runtime_->close();
  seen_.process_drains();
  drains_until_ = world_.time.now() + world_.chance.between(duration(0), std::chrono::seconds(10));
  // Something has to happen then, even if nothing else does.
  world_.plans.at(*drains_until_, owner::process, [] {});
}

bool simulation::has_drained() const {
  return drains_until_ && (runtime_->under_way() == 0 || world_.time.now() >= *drains_until_);
}

void simulation::reload() {
  --stage_world_.faults.reloads;
  auto fresh = versions_.draw(world_.chance);
  auto taken = runtime_->adopt({fresh, nullptr});
  world_.tell("the graph is loaded again: " + (taken ? fresh->hash : taken.error().message));
  if (taken) versions_.take(std::move(fresh));
}

void simulation::end(bool power) {
  dice& chance = world_.chance;
  drains_until_.reset();
  seen_.process_dies();
  records_.kill();
  client_world_.door = nullptr;
  for (auto& c : clients_) c->process_dies(power);
  world_.plans.drop_process();
  runtime_.reset();
  world_.plans.drop_process();
  if (power) records_.lose_unsynced(chance.below(records_.unsynced() + 1));
  records_.revive();
  records_.refuse(false);
  const auto down = chance.happens(0.1) ? duration(std::chrono::hours(1))
                                        : chance.between(milliseconds(1), milliseconds(20'000));
  world_.in(down, owner::outside, [this] { start(); });
}

void simulation::fill_disk() {
  world_.tell("the disk is full");
  records_.refuse(true);
  world_.in(world_.chance.between(milliseconds(1), milliseconds(10'000)), owner::outside, [this] {
    world_.tell("the disk has room again");
    records_.refuse(false);
  });
}

void simulation::calm_down() {
  records_.refuse(false);
  world_.tell("from here on nothing fails");
  calm_ = true;
  stage_world_.faults = {};
  client_world_.faults = {};
}

bool simulation::all_satisfied() const {
  return std::all_of(clients_.begin(), clients_.end(), [](auto& c) { return c->satisfied(); });
}

/// Time goes on to whatever comes next; false if nothing does.
bool simulation::advance() {
  auto pause = duration::max();
  if (runtime_)
    if (auto timer = runtime_->steps()->next_timer()) pause = *timer;
  if (!world_.plans.empty()) pause = std::min(pause, world_.plans.next() - world_.time.now());
  if (pause == duration::max()) return false;
  pause = std::max(pause, duration(0));
  world_.time.advance(pause);
  if (runtime_) runtime_->steps()->advance(pause);
  return true;
}

/// One of the things that can be done now, whichever.
void simulation::work(stepping& s) {
  dice& chance = world_.chance;
  const auto ready = s.ready(), waiting = s.journal_waiting();
  // The disk is slower than a mailbox, but not by much: both orders happen.
  if (waiting > 0 && (ready == 0 || chance.below(8) == 0)) {
    if (chance.happens(stage_world_.faults.refuse)) fill_disk();
    return s.write_journal(1 + chance.below(waiting));
  }
  s.run(chance.below(ready));
}

bool simulation::step() {
  ++seen_.totals.steps;
  dice& chance = world_.chance;
  if (runtime_ && !calm_ && stage_world_.faults.kills > 0 &&
      chance.happens(stage_world_.faults.kill)) {
    kill();
    return true;
  }
  if (runtime_ && has_drained()) {
    world_.tell("the process ends; " + std::to_string(runtime_->under_way()) + " runs are parked");
    runtime_->say_farewell(std::chrono::milliseconds(0));
    for (auto n = chance.below(50); n > 0 && runtime_->steps()->ready() > 0; --n)
      runtime_->steps()->run(chance.below(runtime_->steps()->ready()));
    end(false);
    return true;
  }
  if (runtime_ && !calm_ && !drains_until_ && stage_world_.faults.drains > 0 &&
      chance.happens(stage_world_.faults.drain)) {
    drain();
    return true;
  }
  if (runtime_ && !calm_ && !drains_until_ && stage_world_.faults.reloads > 0 &&
      chance.happens(stage_world_.faults.reload)) {
    reload();
    return true;
  }
  stepping* s = runtime_ ? runtime_->steps() : nullptr;
  const bool can_work = s && (s->ready() > 0 || s->journal_waiting() > 0);
  const bool due = world_.plans.next() <= world_.time.now();
  if (due && (!can_work || chance.below(4) == 0)) {
    world_.plans.do_next();
    return true;
  }
  // A timer comes when it is due, whatever is in the mailboxes by then.
  const bool timer = s && s->next_timer() == duration(0) && chance.below(4) == 0;
  if (!can_work || timer) return advance();
  work(*s);
  return true;
}

void simulation::settle() {
  calm_down();
  if (!runtime_ && world_.plans.empty()) return;
  for (auto& c : clients_) c->process_starts();
  while (!seen_.complaint() && !all_satisfied() && seen_.totals.steps < most_steps && step()) {
  }
  if (seen_.complaint()) return;
  for (auto& c : clients_)
    if (!c->satisfied()) seen_.complain(c->unsatisfied_about() + " never comes to its end");
  reviewer_->go_home();
  for (auto& c : clients_) c->go_home();
  // What is still open: runs whose client has gone, idle conversations, stages that hung.
  while (!seen_.complaint() && seen_.totals.steps < most_steps && step()) {
  }
  if (seen_.totals.steps >= most_steps) seen_.complain("it does not come to rest");
}

void simulation::check_leftovers() {
  const auto figures = runtime_->figures();
  for (const stage_figures& f : figures.stages) {
    if (f.outstanding != 0)
      seen_.complain("stage `" + f.stage + "` has " + std::to_string(f.outstanding) +
                     " calls out, and nobody waits for them");
    if (f.zombies != 0) seen_.complain("stage `" + f.stage + "` keeps a zombie");
    if (f.replicas_up != f.replicas)
      seen_.complain("stage `" + f.stage + "` has " + std::to_string(f.replicas_up) + " of " +
                     std::to_string(f.replicas) + " replicas");
  }
  if (figures.live_conversations != 0)
    seen_.complain(std::to_string(figures.live_conversations) + " conversations do not leave");
  if (const auto versions = runtime_->versions_alive(); versions != 1)
    seen_.complain(std::to_string(versions - 1) +
                   " earlier versions of the graph are alive, and no run is on them");
  const auto belong = *actors_beside_stages_ + graph_versions::replicas(*versions_.newest());
  if (const auto alive = runtime_->steps()->actors(); alive != belong)
    seen_.complain(std::to_string(alive) + " actors are alive; there should be " +
                   std::to_string(belong));
  seen_.audit();
  if (const auto left = runtime_->steps()->end(); left > 0)
    seen_.complain(std::to_string(left) + " actors do not end");
}

outcome simulation::run() {
  start();
  if (runtime_) {
    for (auto& c : clients_) c->begin(activity);
    reviewer_->begin();
    const auto end = world_.time.now() + activity;
    while (!seen_.complaint() && world_.time.now() < end && seen_.totals.steps < most_steps &&
           step()) {
    }
    if (!seen_.complaint()) settle();
    if (!seen_.complaint() && runtime_) check_leftovers();
  }
  // Stages give up what they hold while the system that would hear of it is still there.
  seen_.process_dies();
  client_world_.door = nullptr;
  world_.plans.drop_process();
  runtime_.reset();
  return {seed_, seen_.complaint(), seen_.totals, world_.told.digest()};
}

}  // namespace

outcome simulate(const options& o, std::uint64_t seed) { return simulation(o, seed).run(); }

}  // namespace troupe::sim
