#pragma once
// Who talks to a simulated graph, and what they say.

#include "actors/sim/clients.hpp"

namespace troupe::sim {

/// A few conversations and jobs with messages that the graph takes. `w` outlives them.
std::vector<std::shared_ptr<client>> some_clients(client_world& w, const graph& plan,
                                                  const std::vector<std::string>& samples);

}  // namespace troupe::sim
