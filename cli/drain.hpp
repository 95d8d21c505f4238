#pragma once
// How `troupe serve` ends: no new runs, some time for those under way, a word to those who wait.

#include "actors/runtime.hpp"
#include "transport/server.hpp"

#include <csignal>
#include <thread>

namespace troupe {

/// Ends the process, with 1, as soon as one of `signals` comes: somebody does not want to wait.
/// They must be blocked in all threads.
class impatience {
 public:
  explicit impatience(const sigset_t& signals);

 private:
  std::jthread watch_;
};

/// Takes no new runs and waits until none is under way, or `patience` has passed; the rest stays in
/// the journal, and their clients are told. Gives how many those are. `front` still answers.
std::size_t drain(server& front, runtime& graph, duration patience);

}  // namespace troupe
