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
    if (l_.out.start != no_stage) from(static_cast<std::size_t>(l_.out.start));
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
      if (colour_[to] == colour::on_path) report(to, w);
      if (colour_[to] == colour::fresh) enter(to);
    }
  }

  void report(std::size_t to, const way& closing) {
    auto begin = std::ranges::find(path_, to, &frame_of_search::stage);
    std::string names;
    const way* exhausted = closing.what == way::kind::exhausted ? &closing : nullptr;
    for (auto it = begin; it != path_.end(); ++it) {
      names += l_.out.stages[it->stage].name + " → ";
      const way& taken = it->ways[it->next - 1];
      if (taken.what == way::kind::exhausted) exhausted = &taken;
    }
    names += l_.out.stages[to].name;
    if (exhausted)
      return l_.report(
          "unbounded-cycle",
          "`exhausted` leads back into the loop, so runs could go round for ever: " + names,
          exhausted->at, "let `exhausted` lead out of the loop");
    l_.report("unbounded-cycle", "runs could go round for ever: " + names, closing.at,
              "write the way back as an edge with `max`, the times a run may take it");
  }

  linking& l_;
  std::vector<colour> colour_;
  std::vector<frame_of_search> path_;
};

}  // namespace

void check_cycles(linking& l) { cycle_search(l).run(); }

}  // namespace troupe
