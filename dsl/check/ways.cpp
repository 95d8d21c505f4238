#include "dsl/linking.hpp"

namespace troupe {

std::vector<way> ways_from(const linking& l, std::size_t stage) {
  const stage_node& node = l.out.stages[stage];
  const stage_spec& spec = l.spec.stages[stage];
  std::vector<way> ways;
  auto add = [&](stage_id to, bool bounded, source_range at) {
    if (to != no_stage) ways.push_back({to, bounded, at});
  };
  for (std::size_t i = 0; i < node.next.size(); ++i) {
    add(node.next[i].to, node.next[i].max >= 0, spec.next[i].to.at);
    // `exhausted` is taken whenever `max` is used up, so nothing bounds it.
    add(node.next[i].exhausted, false, spec.next[i].exhausted.at);
  }
  if (node.split) {
    for (stage_id branch : node.split->all) {
      source_range at = spec.fan_out->at;
      for (const auto& name : spec.fan_out->all)
        if (*name == l.out.stages[static_cast<std::size_t>(branch)].name) at = name.at;
      add(branch, false, at);
    }
    add(node.split->join, false, spec.fan_out->join.at);
  }
  add(node.on_error, false, spec.on_error.at);
  return ways;
}

}  // namespace troupe
