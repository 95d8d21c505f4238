#pragma once
// What goes wrong in one seed, and how often. Each seed has a few kinds of faults and none of the
// others: where everything fails at once nothing gets far enough to fail in an interesting way.

#include "actors/sim/world.hpp"

namespace troupe::sim {

struct fault_rates {
  // of each call of a stage
  double crash = 0;    ///< it throws
  double fail = 0;     ///< it answers with an error
  double drop = 0;     ///< it lets go of its reply
  double twice = 0;    ///< it answers twice, and streams behind its answer
  double slow = 0;     ///< it takes longer than it may
  double hang = 0;     ///< it is silent for minutes and hears no stop
  double no_open = 0;  ///< of each restart of a replica: it cannot open
  // of each step of the simulation
  double kill = 0;    ///< the process dies
  int kills = 0;      ///< at most
  double power = 0;   ///< of each kill: what was not synced may be lost too
  double drain = 0;   ///< the process is asked to end
  int drains = 0;     ///< at most
  double reload = 0;  ///< another version of the graph takes the place of the present one
  int reloads = 0;    ///< at most
  // of each write of the journal
  double refuse = 0;  ///< the disk takes nothing, for a while
  // of each event that a client gets
  double disconnect = 0;
  // of each message
  double repeat = 0;  ///< it is sent again under the same id
  double cancel = 0;
  // of each client
  double leave = 0;  ///< its runs are to be cancelled with it
};

fault_rates draw_faults(dice& chance);

}  // namespace troupe::sim
