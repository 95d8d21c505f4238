#include "dsl/linking.hpp"

#include <algorithm>

namespace troupe {

namespace {

/// Depth-first search over the ways that nothing bounds; a way back to a stage on the current
/// path closes a cycle. One finding per such way.
class cycle_search {
 public:
  explicit cycle_search(linking& l) : l_(l), colour_(l.out.stages.size()) {}

  void run() {
    for (std::size_t i = 0; i < colour_.size(); ++i)
      if (colour_[i] == colour::fresh) from(i);
  }

 private:
  enum class colour : std::uint8_t { fresh, on_path, finished };
  struct frame_of_search {
    std::size_t stage;
    std::vector<way> ways;
    std::size_t next = 0;
  };

  void enter(std::size_t stage) {
    colour_[stage] = colour::on_path;
    path_.push_back({stage, ways_from(l_, stage)});
  }

  /// With a stack of its own: a file can hold a chain of many thousand stages.
  void from(std::size_t first) {
    enter(first);
    while (!path_.empty()) {
      frame_of_search& top = path_.back();
      if (top.next == top.ways.size()) {
        colour_[top.stage] = colour::finished;
        path_.pop_back();
        continue;
      }
      way w = top.ways[top.next++];
      if (w.bounded) continue;
      auto to = static_cast<std::size_t>(w.to);
      if (colour_[to] == colour::on_path) report(to, w.at);
      if (colour_[to] == colour::fresh) enter(to);
    }
  }

  void report(std::size_t to, source_range at) {
    auto begin = std::ranges::find(path_, to, &frame_of_search::stage);
    std::string names;
    for (auto it = begin; it != path_.end(); ++it) names += l_.out.stages[it->stage].name + " → ";
    names += l_.out.stages[to].name;
    l_.report("unbounded-cycle", "runs could go round for ever: " + names, at,
              "write the way back as an edge with `max`, the times a run may take it");
  }

  linking& l_;
  std::vector<colour> colour_;
  std::vector<frame_of_search> path_;
};

}  // namespace

void check_cycles(linking& l) { cycle_search(l).run(); }

}  // namespace troupe
