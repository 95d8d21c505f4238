#include "actors/stages/shape_automaton.hpp"

#include <algorithm>
#include <numeric>

namespace troupe::stages {

namespace {

constexpr char32_t dense_shapes = 0x10000;

}  // namespace

shape_automaton::shape_automaton(std::span<const std::u32string> sequences) {
  std::vector<std::uint32_t> order(sequences.size());
  std::iota(order.begin(), order.end(), 0u);
  std::ranges::stable_sort(
      order, {}, [&](std::uint32_t i) -> auto& { return sequences[i]; });

  // Level by level over ranges of the sorted sequences: the children of a node lie side by side,
  // and whatever a fail link may lead to is there before it is needed.
  struct range {
    std::size_t begin, end;
  };
  std::vector<range> below{{0, order.size()}};
  for (state s = 0; s < nodes_.size(); ++s) {
    auto [at, end] = below[s];
    const std::size_t depth = nodes_[s].depth;
    nodes_[s].first_end = static_cast<std::uint32_t>(ends_.size());
    for (; at < end && sequences[order[at]].size() == depth; ++at) ends_.push_back(order[at]);
    nodes_[s].ends = static_cast<std::uint32_t>(ends_.size()) - nodes_[s].first_end;
    nodes_[s].first_child = static_cast<state>(nodes_.size());
    while (at < end) {
      const char32_t shape = sequences[order[at]][depth];
      std::size_t stop = at;
      while (stop < end && sequences[order[stop]][depth] == shape) ++stop;
      node made;
      made.depth = static_cast<std::uint32_t>(depth + 1);
      if (s != root) made.fail = next(nodes_[s].fail, shape);
      nodes_.push_back(made);
      shapes_.push_back(shape);
      below.push_back({at, stop});
      ++nodes_[s].children;
      at = stop;
    }
    if (s == root) {
      from_root_.assign(dense_shapes, root);
      for (state c = 1; c < nodes_.size(); ++c)
        if (shapes_[c] < dense_shapes) from_root_[shapes_[c]] = c;
    }
  }
  for (auto& n : nodes_) n.output = nodes_[n.fail].ends > 0 ? n.fail : nodes_[n.fail].output;
}

shape_automaton::state shape_automaton::child(state from, char32_t shape) const noexcept {
  if (from == root && shape < from_root_.size()) return from_root_[shape];
  const node& n = nodes_[from];
  const auto first = shapes_.begin() + n.first_child;
  const auto last = first + n.children;
  const auto found =
      n.children <= 8 ? std::find(first, last, shape) : std::lower_bound(first, last, shape);
  return found != last && *found == shape ? static_cast<state>(found - shapes_.begin()) : root;
}

shape_automaton::state shape_automaton::next(state from, char32_t shape) const noexcept {
  while (true) {
    if (const state to = child(from, shape); to != root) return to;
    if (from == root) return root;
    from = nodes_[from].fail;
  }
}

}  // namespace troupe::stages
