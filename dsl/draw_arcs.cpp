#include "dsl/draw.hpp"

#include <algorithm>
#include <set>

namespace troupe {

namespace {

class arc_finder {
 public:
  explicit arc_finder(const graph& g) : g_(g), state_(g.stages.size(), state::fresh) {}

  std::vector<arc> run() {
    find_back_ways();
    for (std::size_t i = 0; i < g_.stages.size(); ++i) ways_of(static_cast<stage_id>(i));
    for (std::size_t i = 0; i < g_.stages.size(); ++i)
      if (g_.stages[i].split) ends_of_branches(*g_.stages[i].split);
    std::ranges::stable_sort(arcs_, {}, &arc::from);
    return std::move(arcs_);
  }

 private:
  enum class state : std::uint8_t { fresh, on_path, finished };

  static std::vector<stage_id> targets(const stage_node& n) {
    std::vector<stage_id> to;
    for (const edge& e : n.next) {
      to.push_back(e.to);
      to.push_back(e.exhausted);
    }
    if (n.split) {
      for (stage_id branch : n.split->all) to.push_back(branch);
      to.push_back(n.split->join);
    }
    to.push_back(n.on_error);
    std::erase(to, no_stage);
    return to;
  }

  /// Ways to a stage that is being left: those that close a cycle.
  void find_back_ways() {
    std::vector<std::pair<stage_id, std::vector<stage_id>>> path;
    auto enter = [&](stage_id id) {
      state_[index(id)] = state::on_path;
      auto to = targets(g_.stages[index(id)]);
      std::ranges::reverse(to);
      path.emplace_back(id, std::move(to));
    };
    enter(g_.start);
    while (!path.empty()) {
      auto& [from, left] = path.back();
      if (left.empty()) {
        state_[index(from)] = state::finished;
        path.pop_back();
        continue;
      }
      const stage_id to = left.back();
      left.pop_back();
      if (state_[index(to)] == state::on_path) back_.emplace(from, to);
      if (state_[index(to)] == state::fresh) enter(to);
    }
  }

  void add(stage_id from, stage_id to, arc_kind kind, std::string label) {
    if (to == no_stage) return;
    if (back_.contains({from, to})) kind = arc_kind::loop;
    auto same = std::ranges::find_if(
        arcs_, [&](const arc& a) { return a.from == from && a.to == to && a.kind == kind; });
    if (same == arcs_.end()) {
      arcs_.push_back({from, to, kind, std::move(label)});
    } else if (same->label != label) {
      // Two edges to one stage: either will do.
      if (same->label.empty() || label.empty())
        same->label.clear();
      else
        same->label += " | " + label;
    }
  }

  void ways_of(stage_id from) {
    const stage_node& n = g_.stages[index(from)];
    bool first = true;
    for (const edge& e : n.next) {
      std::string label = e.when ? e.when->text() : first ? "" : "otherwise";
      first = false;
      if (e.counter >= 0) {
        label += (label.empty() || label == "otherwise" ? "" : ", ") +
                 std::string(label == "otherwise" ? ", " : "") + "at most " +
                 std::to_string(e.max) + (e.max == 1 ? " time" : " times");
        if (e.best_by != no_slot)
          label += ", best by " + g_.slots[static_cast<std::size_t>(e.best_by)];
      }
      add(from, e.to, arc_kind::way, std::move(label));
      add(from, e.exhausted, arc_kind::way, "after that");
    }
    if (n.split)
      for (stage_id branch : n.split->all) add(from, branch, arc_kind::branch, "");
    add(from, n.on_error, arc_kind::error, "on error");
  }

  /// A stage without `next` in a branch leads to the join without saying so.
  void ends_of_branches(const fan_out& split) {
    std::set<stage_id> seen;
    std::vector<stage_id> open = split.all;
    while (!open.empty()) {
      const stage_id at = open.back();
      open.pop_back();
      if (at == no_stage || at == split.join || !seen.insert(at).second) continue;
      const stage_node& n = g_.stages[index(at)];
      if (n.next.empty() && !n.split) add(at, split.join, arc_kind::branch, "");
      for (const edge& e : n.next) {
        open.push_back(e.to);
        open.push_back(e.exhausted);
      }
      for (arc& a : arcs_)
        if (a.from == at && a.to == split.join && a.kind == arc_kind::way)
          a.kind = arc_kind::branch;
      if (n.split) open.push_back(n.split->join);
      open.push_back(n.on_error);
    }
  }

  static std::size_t index(stage_id id) { return static_cast<std::size_t>(id); }

  const graph& g_;
  std::vector<state> state_;
  std::set<std::pair<stage_id, stage_id>> back_;
  std::vector<arc> arcs_;
};

}  // namespace

std::vector<arc> arcs_of(const graph& g) { return arc_finder(g).run(); }

}  // namespace troupe
