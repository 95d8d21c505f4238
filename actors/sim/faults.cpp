#include "actors/sim/faults.hpp"

namespace troupe::sim {

fault_rates draw_faults(dice& chance) {
  fault_rates f;
  if (chance.happens(0.1)) return f;
  auto some = [&](double how_often, double most) {
    return chance.happens(how_often) ? most * chance.unit() : 0.0;
  };
  f.crash = some(0.4, 0.15);
  f.fail = some(0.4, 0.3);
  f.drop = some(0.3, 0.1);
  f.twice = some(0.4, 0.5);
  f.slow = some(0.3, 0.15);
  f.hang = some(0.25, 0.1);
  f.no_open = some(0.2, 0.5);
  f.kill = some(0.6, 0.01);
  f.kills = static_cast<int>(chance.between(std::int64_t{1}, 4));
  f.power = chance.happens(0.5) ? 0.7 : 0.0;
  f.disconnect = some(0.5, 0.2);
  f.repeat = some(0.5, 0.5);
  f.cancel = some(0.4, 0.4);
  f.drain = some(0.3, 0.005);
  f.drains = static_cast<int>(chance.between(std::int64_t{1}, 3));
  f.reload = some(0.4, 0.01);
  f.reloads = static_cast<int>(chance.between(std::int64_t{1}, 6));
  f.leave = some(0.3, 0.5);
  f.refuse = some(0.25, 0.02);
  return f;
}

}  // namespace troupe::sim
