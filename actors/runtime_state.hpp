#pragma once
// The inside of a runtime; private to actors/runtime*.cpp.

#include "actors/gateway_actor.hpp"
#include "actors/job_ids.hpp"
#include "actors/pruner.hpp"
#include "actors/reloader.hpp"
#include "actors/runtime.hpp"

namespace troupe {

struct system_config : caf::actor_system_config {
  explicit system_config(const runtime_options& o);
};

struct runtime::inside {
  explicit inside(runtime_options o);
  ~inside();

  /// Tells all actors to end.
  void end_actors();

  // runtime_versions.cpp
  /// Spawns the stages of a graph. Errors: a stage that cannot open.
  result<deployments::lease> deploy(graph_version v);
  /// For a run found at start-up; nullptr if its graph cannot be had any more.
  deployments::lease bring_back(const std::string& hash);
  /// Deploys a graph, puts it on record, and lets new runs start on it.
  result<void> adopt(graph_version v);

  void send(std::string conversation, decltype(conversation_request::body) body) {
    auto r = std::make_shared<conversation_request>(
        conversation_request{std::move(conversation), std::move(body)});
    if (overtakes(*r))
      caf::anon_send<caf::message_priority::high>(front, std::move(r));
    else
      caf::anon_send(front, std::move(r));
  }

  runtime_options options;
  run_gate gate;
  system_config config;
  std::unique_ptr<caf::actor_system> system;
  std::unique_ptr<stepping> steps;
  std::unique_ptr<journal_writer> journal;
  std::unique_ptr<pruner> forgets;
  std::mutex supervisors_mutex;
  std::vector<caf::actor_addr> supervisors;
  deployments versions;
  std::shared_ptr<conversation_environment> env;
  std::shared_ptr<std::atomic<std::size_t>> live = std::make_shared<std::atomic<std::size_t>>(0);
  caf::actor front;
  job_ids jobs;
  std::size_t recovered = 0;
  std::atomic<std::uint64_t> feedback_number{0};
  /// Last, so that it ends first: what it loads goes into the rest.
  std::unique_ptr<reloader> reloads = std::make_unique<reloader>();
};

}  // namespace troupe
