// Versions of a graph: how one is deployed, put in the place of another, and found again for runs
// that began on it.

#include "actors/runtime_state.hpp"
#include "pipeline/log.hpp"

namespace troupe {

namespace {

graph_record record_of(const graph& plan) {
  std::error_code no_such_folder;
  graph_record g{std::filesystem::absolute(plan.file, no_such_folder).string(), plan.text, {}};
  for (const graph_source& s : plan.inner)
    g.inner.push_back({std::filesystem::weakly_canonical(s.file, no_such_folder), s.text});
  return g;
}

value told(const std::map<std::string, std::size_t>& unfinished) {
  value::table by_hash;
  for (const auto& [hash, runs] : unfinished)
    by_hash.emplace_back(hash, static_cast<std::int64_t>(runs));
  return value(std::move(by_hash));
}

}  // namespace

result<deployments::lease> runtime::inside::deploy(graph_version v) {
  auto d = std::make_shared<deployment>();
  d->plan = std::move(v.plan);
  d->services = std::move(v.services);
  if (steps) d->blocking = placement::shared;
  for (const stage_node& n : d->plan->stages)
    d->pools.push_back(std::make_unique<stage_pool>(n, *options.time));
  auto supervisor = supervise(*system, d, *options.time);
  if (!supervisor) return std::move(supervisor).error();
  std::lock_guard lock(supervisors_mutex);
  std::erase_if(supervisors,
                [](const caf::actor_addr& s) { return !caf::actor_cast<caf::actor>(s); });
  supervisors.push_back(supervisor->address());
  return deployments::lend(std::move(d), std::move(*supervisor));
}

deployments::lease runtime::inside::bring_back(const std::string& hash) {
  if (auto alive = versions.find(hash)) return alive;
  auto bytes = options.records->get(family::graphs, hash);
  if (!bytes || !*bytes || !options.reload) return nullptr;
  auto record = decode_graph(**bytes);
  if (!record) return nullptr;
  auto old = options.reload(*record);
  if (!old) {
    log_error("an earlier version of the graph cannot be loaded: {}", old.error().message);
    return nullptr;
  }
  if (!old->services) old->services = versions.current()->services;
  auto d = deploy(std::move(*old));
  if (d) return std::move(*d);
  log_error("an earlier version of the graph cannot start: {}", d.error().message);
  return nullptr;
}

result<void> runtime::inside::adopt(graph_version v) {
  auto fresh = deploy(std::move(v));
  if (!fresh) return std::move(fresh).error();
  const graph& plan = *(*fresh)->plan;
  auto kept = options.records->write({put(family::graphs, plan.hash, encode(record_of(plan))),
                                      put(family::graphs, current_graph_key, plan.hash)},
                                     durability::synced);
  if (!kept) return std::move(kept).error();
  versions.make_current(std::move(*fresh));
  return {};
}

result<void> runtime::adopt(graph_version v) {
  if (inside_->gate.is_closed())
    return error{errc::conflict, "the server is about to end and takes no other graph"};
  if (!v.services) v.services = inside_->versions.current()->services;
  return inside_->adopt(std::move(v));
}

std::size_t runtime::versions_alive() const { return inside_->versions.alive(); }

void runtime::reload(callback<value> done) {
  if (!inside_->options.renew)
    return done(error{errc::conflict, "this process cannot load its graph again"});
  auto work = [this, done] {
    auto fresh = inside_->options.renew();
    if (!fresh) return done(std::move(fresh).error());
    const auto plan = fresh->plan;
    const auto before = inside_->versions.current()->plan->hash;
    if (auto taken = adopt(std::move(*fresh)); !taken) {
      // What a stage says when it cannot open is about the graph, not about the request.
      auto why = std::move(taken).error();
      if (why.code != errc::conflict) why.code = errc::invalid_request;
      return done(std::move(why));
    }
    auto unfinished = unfinished_by_graph(*inside_->options.records);
    if (!unfinished) return done(std::move(unfinished).error());
    std::int64_t on_others = 0;
    for (const auto& [hash, runs] : *unfinished)
      if (hash != plan->hash) on_others += static_cast<std::int64_t>(runs);
    done(value(value::table{{"graph", plan->name},
                            {"hash", plan->hash},
                            {"before", before},
                            {"changed", plan->hash != before},
                            {"unfinished_on_others", on_others}}));
  };
  if (!inside_->reloads->begin(std::move(work)))
    done(error{errc::conflict, "the graph is being loaded already", std::chrono::seconds(1)});
}

void runtime::find_graph_files(callback<value> done) {
  const auto plan = inside_->versions.current()->plan;
  auto unfinished = unfinished_by_graph(*inside_->options.records);
  if (!unfinished) return done(std::move(unfinished).error());
  const auto record = record_of(*plan);
  value::list inner;
  for (const graph_source& s : record.inner)
    inner.emplace_back(value::table{{"file", s.file.string()}, {"text", s.text}});
  done(value(value::table{{"graph", plan->name},
                          {"hash", plan->hash},
                          {"file", record.file},
                          {"text", record.text},
                          {"inner", std::move(inner)},
                          {"unfinished", told(*unfinished)}}));
}

}  // namespace troupe
