#pragma once
// The inside of a runtime; private to actors/runtime*.cpp.

#include "actors/gateway_actor.hpp"
#include "actors/pruner.hpp"
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

  /// Spawns the stages of a graph. Errors: a stage that cannot open.
  result<std::shared_ptr<deployment>> deploy(std::shared_ptr<const graph> plan);
  /// For a run found at start-up; nullptr if its graph cannot be had any more.
  std::shared_ptr<deployment> deployment_of(const std::string& hash);

  void send(std::string conversation, decltype(conversation_request::body) body) {
    caf::anon_send(front, std::make_shared<conversation_request>(
                              conversation_request{std::move(conversation), std::move(body)}));
  }

  runtime_options options;
  system_config config;
  std::unique_ptr<caf::actor_system> system;
  std::unique_ptr<stepping> steps;
  std::unique_ptr<journal_writer> journal;
  std::unique_ptr<pruner> forgets;
  std::map<std::string, std::shared_ptr<deployment>> deployments;
  std::vector<caf::actor> supervisors;
  std::shared_ptr<deployment> current;
  std::shared_ptr<conversation_environment> env;
  std::shared_ptr<std::atomic<std::size_t>> live = std::make_shared<std::atomic<std::size_t>>(0);
  caf::actor front;
  std::size_t recovered = 0;
  std::atomic<std::uint64_t> feedback_number{0};
};

}  // namespace troupe
