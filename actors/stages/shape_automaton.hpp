#pragma once
// Finds many sequences of shapes at once (Aho and Corasick 1975). Immutable once built.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace troupe::stages {

class shape_automaton {
 public:
  using state = std::uint32_t;
  static constexpr state root = 0;

  struct node {
    state first_child = 0;
    std::uint32_t children = 0;
    state fail = root;    ///< the longest proper suffix that is a node too
    state output = root;  ///< the next node down the fail links where sequences end
    std::uint32_t depth = 0;
    std::uint32_t first_end = 0, ends = 0;  ///< sequences that end here, in `ending`
  };

  shape_automaton() = default;
  /// Sequence i is known by its index; none is empty.
  explicit shape_automaton(std::span<const std::u32string> sequences);

  /// The longest suffix of what was read, `shape` included, that begins a sequence.
  state next(state from, char32_t shape) const noexcept;
  const node& at(state s) const noexcept { return nodes_[s]; }
  std::size_t size() const noexcept { return nodes_.size(); }
  /// Indexes of the sequences that end at `n`.
  std::span<const std::uint32_t> ending(const node& n) const noexcept {
    return {ends_.data() + n.first_end, n.ends};
  }
  /// Index of a child's last shape; for filling tables by node.
  char32_t shape_of(state s) const noexcept { return shapes_[s]; }

 private:
  state child(state from, char32_t shape) const noexcept;

  std::vector<node> nodes_ = std::vector<node>(1);
  std::vector<char32_t> shapes_ = std::vector<char32_t>(1);  ///< of the edge into each node
  std::vector<std::uint32_t> ends_;
  std::vector<state> from_root_;  ///< for shapes below its size
};

}  // namespace troupe::stages
