#include "dsl/worst_case.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

namespace troupe {

namespace {

constexpr double never = -std::numeric_limits<double>::infinity();

using arcs = std::vector<std::vector<std::size_t>>;

/// Appends the nodes that can be reached from `first` and were not seen yet, each after those that
/// it leads to (as far as there are no cycles). With a stack of its own: graphs can be deep.
void post_order(const arcs& next, std::size_t first, std::vector<bool>& seen,
                std::vector<std::size_t>& out) {
  if (seen[first]) return;
  std::vector<std::pair<std::size_t, std::size_t>> path{{first, 0}};
  seen[first] = true;
  while (!path.empty()) {
    auto& [node, index] = path.back();
    if (index == next[node].size()) {
      out.push_back(node);
      path.pop_back();
      continue;
    }
    const std::size_t to = next[node][index++];
    if (seen[to]) continue;
    seen[to] = true;
    path.emplace_back(to, 0);
  }
}

}  // namespace

worst_case::worst_case(const graph& g) {
  find_places(g);
  find_components();
}

void worst_case::find_places(const graph& g) {
  std::map<std::pair<stage_id, stage_id>, std::size_t> known;
  auto place_of = [&](stage_id stage, stage_id join) {
    auto [it, is_new] = known.try_emplace({stage, join}, places_.size());
    if (is_new) {
      places_.emplace_back();
      places_.back().stage = stage;
      places_.back().join = join;
    }
    return it->second;
  };
  place_of(g.start, no_stage);
  for (std::size_t at = 0; at < places_.size(); ++at) {
    const stage_node& n = g.stages[static_cast<std::size_t>(places_[at].stage)];
    const stage_id join = places_[at].join;
    std::vector<way> ways;
    auto add = [&](stage_id to, int max) {
      if (to == no_stage || max == 0) return;
      const bool arrives = join != no_stage && to == join;
      ways.push_back(arrives ? way{{}, max} : way{{place_of(to, join)}, max});
    };
    for (const edge& e : n.next) {
      add(e.to, e.counter < 0 ? -1 : e.max);
      add(e.exhausted, -1);
    }
    add(n.on_error, -1);
    if (n.split) {
      way fan;
      for (stage_id branch : n.split->all)
        if (branch != n.split->join) fan.to.push_back(place_of(branch, n.split->join));
      fan.to.push_back(place_of(n.split->join, join));
      ways.push_back(std::move(fan));
    }
    if (n.next.empty() && !n.split) ways.push_back({});
    places_[at].ways = std::move(ways);
  }
}

void worst_case::find_components() {
  const std::size_t count = places_.size();
  arcs all(count), back(count), unbounded(count);
  for (std::size_t v = 0; v < count; ++v)
    for (const way& w : places_[v].ways)
      for (std::size_t to : w.to) {
        all[v].push_back(to);
        back[to].push_back(v);
        if (w.max < 0) unbounded[v].push_back(to);
      }
  // Kosaraju's two passes; the second finds the components so that ways lead to later ones.
  std::vector<bool> seen(count);
  std::vector<std::size_t> order;
  for (std::size_t v = 0; v < count; ++v) post_order(all, v, seen, order);
  seen.assign(count, false);
  std::size_t found = 0;
  std::vector<std::size_t> members;
  for (auto it = order.rbegin(); it != order.rend(); ++it) {
    members.clear();
    post_order(back, *it, seen, members);
    for (std::size_t v : members) places_[v].component = found;
    found += members.empty() ? 0 : 1;
  }
  for (place& v : places_) v.component = found - 1 - v.component;
  places_[0].entry = true;
  for (std::size_t v = 0; v < count; ++v)
    for (std::size_t to : all[v])
      if (places_[to].component != places_[v].component) places_[to].entry = true;

  components_.resize(found);
  seen.assign(count, false);
  order.clear();
  for (std::size_t v = 0; v < count; ++v) post_order(unbounded, v, seen, order);
  for (std::size_t v : order) components_[places_[v].component].push_back(v);
}

bool worst_case::inside(const way& w, std::size_t component) const {
  return std::ranges::any_of(w.to,
                             [&](std::size_t to) { return places_[to].component == component; });
}

template <class Values>
double worst_case::value_of(const way& w, branches_are how, Values value) {
  if (w.to.empty()) return 0;
  double branches = 0;
  for (std::size_t i = 0; i + 1 < w.to.size(); ++i)
    branches =
        how == branches_are::added ? branches + value(w.to[i]) : std::max(branches, value(w.to[i]));
  return branches + value(w.to.back());
}

double worst_case::loops_of(std::size_t component, const std::vector<double>& weights,
                            const std::vector<double>& within) const {
  double sum = 0;
  for (std::size_t v : components_[component]) {
    const double weight = weights[static_cast<std::size_t>(places_[v].stage)];
    for (const way& w : places_[v].ways)
      if (w.max > 0 && inside(w, component))
        sum += w.max * std::max(0.0, weight + within[w.to[0]] - within[v]);
  }
  return sum;
}

void worst_case::solve(std::size_t component, const std::vector<double>& weights, branches_are how,
                       potentials& p) const {
  const auto& members = components_[component];
  auto weight = [&](std::size_t v) { return weights[static_cast<std::size_t>(places_[v].stage)]; };
  // Where runs come in, and where loops begin: their potentials must stay as low as they can be.
  std::map<std::size_t, double> highest;
  bool forks = false;
  for (std::size_t v : members)
    for (const way& w : places_[v].ways)
      if (inside(w, component)) {
        forks = forks || w.to.size() > 1;
        if (w.max >= 0 || w.to.size() > 1)
          for (std::size_t to : w.to) highest[to] = never;
      }
  for (std::size_t v : members)
    if (places_[v].entry) highest[v] = never;

  // A place that only a loop's edge leaves may stand higher, as far as those before it allow; then
  // taking that edge costs less.
  auto raise = [&](std::vector<double>& values) {
    auto limits = highest;
    for (auto it = members.rbegin(); it != members.rend(); ++it) {
      if (auto limit = limits.find(*it); limit != limits.end())
        values[*it] = std::max(values[*it], limit->second);
      for (const way& w : places_[*it].ways)
        if (w.max < 0 && w.to.size() == 1 && inside(w, component)) {
          auto [limit, is_new] = limits.try_emplace(w.to[0], values[*it] - weight(*it));
          if (!is_new) limit->second = std::min(limit->second, values[*it] - weight(*it));
        }
    }
  };

  // Either what comes after the component is part of the potentials of its places …
  for (std::size_t v : members) {
    double best = 0;
    for (const way& w : places_[v].ways)
      if (w.max < 0 || !inside(w, component))
        best = std::max(best, value_of(w, how, [&](std::size_t to) {
                          return (places_[to].component == component ? p.within : p.entered)[to];
                        }));
    p.within[v] = weight(v) + best;
  }
  if (members.size() > 1) raise(p.within);
  const double loops = loops_of(component, weights, p.within);
  for (std::size_t v : members) p.entered[v] = p.within[v] + loops;
  if (loops == 0 || forks) return;

  // … or it is added once at the end. Both bounds hold; the lower one counts.
  double after = 0;
  for (std::size_t v : members) {
    double best = 0;
    for (const way& w : places_[v].ways) {
      if (!inside(w, component))
        after = std::max(after, value_of(w, how, [&](std::size_t to) { return p.entered[to]; }));
      else if (w.max < 0)
        best = std::max(best, p.within[w.to[0]]);
    }
    p.within[v] = weight(v) + best;
  }
  if (members.size() > 1) raise(p.within);
  const double loops_alone = loops_of(component, weights, p.within);
  for (std::size_t v : members)
    p.entered[v] = std::min(p.entered[v], p.within[v] + loops_alone + after);
}

double worst_case::bound(const std::vector<double>& weights, branches_are how) const {
  for (const place& v : places_)
    if (std::isinf(weights[static_cast<std::size_t>(v.stage)]))
      return std::numeric_limits<double>::infinity();
  potentials p{std::vector<double>(places_.size()), std::vector<double>(places_.size())};
  for (std::size_t c = 0; c < components_.size(); ++c) solve(c, weights, how, p);
  return p.entered[0];
}

std::vector<stage_id> worst_case::heaviest_path(const std::vector<double>& weights) const {
  std::vector<double> value(places_.size(), never);
  std::vector<const way*> taken(places_.size());
  auto heaviest_branch = [&](const way& w) {
    return *std::max_element(w.to.begin(), w.to.end() - (w.to.size() > 1 ? 1 : 0),
                             [&](auto a, auto b) { return value[a] < value[b]; });
  };
  for (std::size_t c = 0; c < components_.size(); ++c)
    for (std::size_t v : components_[c])
      for (const way& w : places_[v].ways) {
        if (w.max >= 0 && inside(w, c)) continue;
        double on = 0;
        if (!w.to.empty()) on = value[w.to.back()];
        if (w.to.size() > 1) on += value[heaviest_branch(w)];
        on += weights[static_cast<std::size_t>(places_[v].stage)];
        if (on <= value[v]) continue;
        value[v] = on;
        taken[v] = &w;
      }
  std::vector<stage_id> path;
  std::vector<std::size_t> open;  // where to go on when the way ends: joins
  if (value[0] != never) open.push_back(0);
  while (!open.empty()) {
    const std::size_t at = open.back();
    open.pop_back();
    path.push_back(places_[at].stage);
    const way& w = *taken[at];
    if (w.to.empty()) continue;
    open.push_back(w.to.back());
    if (w.to.size() > 1) open.push_back(heaviest_branch(w));
  }
  return path;
}

}  // namespace troupe
