#include "dsl/linking.hpp"

namespace troupe {

std::vector<way> ways_from(const linking& l, std::size_t stage) {
  const stage_node& node = l.out.stages[stage];
  const stage_spec& spec = l.spec.stages[stage];
  std::vector<way> ways;
  auto add = [&](way::kind what, stage_id to, source_range at, bool bounded = false) {
    if (to != no_stage) ways.push_back({to, bounded, at, what});
  };
  for (std::size_t i = 0; i < node.next.size(); ++i) {
    add(way::kind::edge, node.next[i].to, spec.next[i].to.at, node.next[i].max >= 0);
    // `exhausted` is taken whenever `max` is used up, so nothing bounds it.
    add(way::kind::exhausted, node.next[i].exhausted, spec.next[i].exhausted.at);
  }
  if (node.split) {
    for (stage_id branch : node.split->all) {
      source_range at = spec.fan_out->at;
      for (const auto& name : spec.fan_out->all)
        if (*name == l.out.stages[static_cast<std::size_t>(branch)].name) at = name.at;
      add(way::kind::branch, branch, at);
    }
    add(way::kind::join, node.split->join, spec.fan_out->join.at);
  }
  add(way::kind::on_error, node.on_error, spec.on_error.at);
  return ways;
}

std::vector<bool> stages_behind(const linking& l, std::size_t from,
                                const std::function<bool(const way&)>& follow) {
  std::vector<bool> reached(l.out.stages.size());
  std::vector<std::size_t> open = {from};
  while (!open.empty()) {
    const std::size_t here = open.back();
    open.pop_back();
    for (const way& w : ways_from(l, here)) {
      const auto to = static_cast<std::size_t>(w.to);
      if (reached[to] || !follow(w)) continue;
      reached[to] = true;
      open.push_back(to);
    }
  }
  return reached;
}

}  // namespace troupe
