#include "dsl/draw_layout.hpp"

#include "dsl/text_width.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

namespace troupe {

namespace {

constexpr int gap = 2;  ///< columns between two items
constexpr int sweeps = 24;

int columns(std::string_view text) { return static_cast<int>(columns_of(text)); }

class layering {
 public:
  layering(const graph& g, const std::vector<arc>& arcs) : g_(g) {
    make_stages(arcs);
    for (const arc& a : arcs) add_lines(a);
    make_nets();
    make_room_for_ports();
    fill_layers();
    order();
    place();
  }

  layout take() { return std::move(out_); }

 private:
  void make_stages(const std::vector<arc>& arcs) {
    std::vector<std::vector<std::size_t>> next(g_.stages.size());
    std::vector<int> waits(g_.stages.size());
    for (const arc& a : arcs)
      if (a.kind != arc_kind::loop) {
        next[static_cast<std::size_t>(a.from)].push_back(static_cast<std::size_t>(a.to));
        ++waits[static_cast<std::size_t>(a.to)];
      }
    out_.items.resize(g_.stages.size());
    for (std::size_t i = 0; i < g_.stages.size(); ++i) {
      const stage_node& n = g_.stages[i];
      const bool again = std::ranges::any_of(
          arcs, [&](const arc& a) { return a.from == a.to && a.from == static_cast<stage_id>(i); });
      out_.items[i].stage = static_cast<stage_id>(i);
      out_.items[i].title = printable(n.name) + (n.each ? " [each]" : "") + (again ? " ↺" : "");
    }
    std::vector<std::size_t> ready;
    for (std::size_t i = 0; i < waits.size(); ++i)
      if (waits[i] == 0) ready.push_back(i);
    while (!ready.empty()) {
      const std::size_t at = ready.back();
      ready.pop_back();
      for (std::size_t to : next[at]) {
        out_.items[to].layer = std::max(out_.items[to].layer, out_.items[at].layer + 1);
        if (--waits[to] == 0) ready.push_back(to);
      }
    }
  }

  /// Ways of one kind to one stage share their line through the layers between.
  std::size_t line_item(stage_id target, arc_kind kind, std::size_t layer) {
    auto [it, is_new] = lines_through_.try_emplace({target, kind, layer}, out_.items.size());
    if (is_new) out_.items.push_back({.line = kind, .layer = layer});
    return it->second;
  }

  void add_line(std::size_t upper, std::size_t lower, arc_kind kind) {
    if (known_.insert({upper, lower, kind}).second) out_.lines.push_back({upper, lower, kind});
  }

  void add_lines(const arc& a) {
    if (a.from == a.to) return;
    const bool up = a.kind == arc_kind::loop;
    const auto upper = static_cast<std::size_t>(up ? a.to : a.from);
    const auto lower = static_cast<std::size_t>(up ? a.from : a.to);
    std::size_t at = upper;
    for (std::size_t layer = out_.items[upper].layer + 1; layer < out_.items[lower].layer;
         ++layer) {
      const std::size_t through = line_item(a.to, a.kind, layer);
      add_line(at, through, a.kind);
      at = through;
    }
    add_line(at, lower, a.kind);
  }

  bool is_stage(std::size_t item) const { return out_.items[item].stage != no_stage; }

  /// Lines that leave one stage for several are one net, and so are lines that meet at one item.
  void make_nets() {
    std::vector<std::size_t> root(out_.lines.size());
    std::iota(root.begin(), root.end(), std::size_t{0});
    auto find = [&](std::size_t i) {
      while (root[i] != i) i = root[i];
      return i;
    };
    std::map<std::pair<std::size_t, arc_kind>, std::vector<std::size_t>> from, to;
    for (std::size_t i = 0; i < out_.lines.size(); ++i) {
      from[{out_.lines[i].upper, out_.lines[i].kind}].push_back(i);
      to[{out_.lines[i].lower, out_.lines[i].kind}].push_back(i);
    }
    auto unite = [&](const std::vector<std::size_t>& lines) {
      for (std::size_t i : lines) root[find(i)] = find(lines[0]);
    };
    for (const auto& [end, lines] : from) unite(lines);
    for (const auto& [end, lines] : to) {
      std::vector<std::size_t> alone;
      for (std::size_t i : lines)
        if (from[{out_.lines[i].upper, out_.lines[i].kind}].size() == 1) alone.push_back(i);
      if (!alone.empty()) unite(alone);
    }
    std::map<std::size_t, std::size_t> nets;
    for (std::size_t i = 0; i < out_.lines.size(); ++i) {
      layout_line& line = out_.lines[i];
      auto [it, is_new] = nets.try_emplace(find(i), out_.nets.size());
      if (is_new) out_.nets.push_back({out_.items[line.upper].layer, line.kind, {}, {}});
      line.net = it->second;
      layout_net& net = out_.nets[line.net];
      auto add = [](std::vector<std::size_t>& ends, std::size_t item) {
        if (std::ranges::find(ends, item) == ends.end()) ends.push_back(item);
      };
      add(net.uppers, line.upper);
      add(net.lowers, line.lower);
    }
  }

  void make_room_for_ports() {
    std::vector<int> below(out_.items.size()), above(out_.items.size());
    for (const layout_net& net : out_.nets) {
      for (std::size_t i : net.uppers) ++below[i];
      for (std::size_t i : net.lowers) ++above[i];
    }
    for (std::size_t i = 0; i < out_.items.size(); ++i)
      if (is_stage(i)) {
        layout_item& item = out_.items[i];
        item.width = std::max(columns(item.title) + 4, 2 * std::max(below[i], above[i]) + 1);
      }
  }

  void fill_layers() {
    neighbours_above_.resize(out_.items.size());
    neighbours_below_.resize(out_.items.size());
    for (const layout_line& line : out_.lines) {
      neighbours_below_[line.upper].push_back(line.lower);
      neighbours_above_[line.lower].push_back(line.upper);
    }
    // From the start on, in order of the ways, so that the first way comes to stand on the left.
    std::vector<bool> seen(out_.items.size());
    std::vector<std::size_t> open{static_cast<std::size_t>(g_.start)};
    while (!open.empty()) {
      const std::size_t at = open.back();
      open.pop_back();
      if (seen[at]) continue;
      seen[at] = true;
      const std::size_t layer = out_.items[at].layer;
      if (out_.layers.size() <= layer) out_.layers.resize(layer + 1);
      out_.layers[layer].push_back(at);
      for (auto it = neighbours_below_[at].rbegin(); it != neighbours_below_[at].rend(); ++it)
        open.push_back(*it);
    }
  }

  std::size_t crossings() const {
    std::size_t count = 0;
    for (const auto& layer : out_.layers) {
      std::vector<std::pair<std::size_t, std::size_t>> ends;
      for (std::size_t item : layer)
        for (std::size_t below : neighbours_below_[item])
          ends.emplace_back(position_[item], position_[below]);
      for (std::size_t i = 0; i < ends.size(); ++i)
        for (std::size_t k = i + 1; k < ends.size(); ++k)
          count += (ends[i].first < ends[k].first && ends[i].second > ends[k].second) ||
                   (ends[i].first > ends[k].first && ends[i].second < ends[k].second);
    }
    return count;
  }

  void number() {
    position_.resize(out_.items.size());
    for (const auto& layer : out_.layers)
      for (std::size_t i = 0; i < layer.size(); ++i) position_[layer[i]] = i;
  }

  /// Every layer in order of the mean place of its neighbours, downwards and upwards in turn.
  void order() {
    number();
    constexpr std::size_t too_many = 2000;  // counting crossings is quadratic
    const bool small = out_.lines.size() < too_many;
    auto best = out_.layers;
    std::size_t fewest = small ? crossings() : 0;
    for (int sweep = 0; small && sweep < sweeps && fewest > 0; ++sweep) {
      const bool downwards = sweep % 2 == 0;
      for (std::size_t i = 0; i < out_.layers.size(); ++i) {
        auto& layer = out_.layers[downwards ? i : out_.layers.size() - 1 - i];
        const auto& neighbours = downwards ? neighbours_above_ : neighbours_below_;
        std::map<std::size_t, double> mean;
        for (std::size_t item : layer) {
          double sum = 0;
          for (std::size_t n : neighbours[item]) sum += static_cast<double>(position_[n]);
          mean[item] = neighbours[item].empty()
                           ? static_cast<double>(position_[item])
                           : sum / static_cast<double>(neighbours[item].size());
        }
        std::ranges::stable_sort(layer, {}, [&](std::size_t item) { return mean[item]; });
        for (std::size_t k = 0; k < layer.size(); ++k) position_[layer[k]] = k;
      }
      if (const std::size_t now = crossings(); now < fewest) {
        fewest = now;
        best = out_.layers;
      }
    }
    out_.layers = std::move(best);
    number();
  }

  double distance(std::size_t left, std::size_t right) const {
    return (out_.items[left].width + out_.items[right].width) / 2.0 + gap;
  }

  /// The places nearest to the wanted ones that keep order and distance: isotonic regression by
  /// pooling neighbours that would overlap.
  void settle(const std::vector<std::size_t>& layer, const std::vector<double>& wanted,
              const std::vector<double>& weight, std::vector<double>& x) const {
    struct pool {
      double sum, weight;
      std::size_t size;
    };
    std::vector<pool> pools;
    std::vector<double> offset(layer.size());
    for (std::size_t i = 0; i < layer.size(); ++i) {
      if (i > 0) offset[i] = offset[i - 1] + distance(layer[i - 1], layer[i]);
      pools.push_back({(wanted[i] - offset[i]) * weight[i], weight[i], 1});
      while (pools.size() > 1) {
        const pool last = pools.back(), before = pools[pools.size() - 2];
        if (before.sum / before.weight <= last.sum / last.weight) break;
        pools.pop_back();
        pools.back() = {before.sum + last.sum, before.weight + last.weight,
                        before.size + last.size};
      }
    }
    std::size_t i = 0;
    for (const pool& p : pools)
      for (std::size_t k = 0; k < p.size; ++k, ++i) x[layer[i]] = p.sum / p.weight + offset[i];
  }

  void place() {
    std::vector<double> x(out_.items.size());
    for (const auto& layer : out_.layers)
      for (std::size_t i = 1; i < layer.size(); ++i)
        x[layer[i]] = x[layer[i - 1]] + distance(layer[i - 1], layer[i]);
    for (int sweep = 0; sweep < sweeps; ++sweep) {
      const bool downwards = sweep % 2 == 0, both = sweep + 4 >= sweeps;
      for (std::size_t i = 0; i < out_.layers.size(); ++i) {
        const auto& layer = out_.layers[downwards ? i : out_.layers.size() - 1 - i];
        std::vector<double> wanted, weight;
        for (std::size_t item : layer) {
          double sum = 0, all = 0;
          auto pull = [&](const std::vector<std::size_t>& neighbours) {
            for (std::size_t n : neighbours) {
              const double w = (is_stage(item) ? 1 : 3) * (is_stage(n) ? 1 : 3);
              sum += w * x[n];
              all += w;
            }
          };
          if (downwards || both) pull(neighbours_above_[item]);
          if (!downwards || both) pull(neighbours_below_[item]);
          constexpr double nobody_cares = 0.01;
          wanted.push_back(all > 0 ? sum / all : x[item]);
          weight.push_back(all > 0 ? all : nobody_cares);
        }
        settle(layer, wanted, weight, x);
      }
    }
    round_off(x);
  }

  bool is_free(const std::vector<std::size_t>& layer, std::size_t k, int center) const {
    auto apart = [&](std::size_t a, std::size_t b) {
      return (out_.items[a].width + 1) / 2 + out_.items[b].width / 2 + (is_stage(a) && is_stage(b));
    };
    return center >= out_.items[layer[k]].width / 2 &&
           (k == 0 ||
            out_.items[layer[k - 1]].center + apart(layer[k - 1], layer[k]) < center + 1) &&
           (k + 1 == layer.size() ||
            center + apart(layer[k], layer[k + 1]) < out_.items[layer[k + 1]].center + 1);
  }

  /// Whole columns; lines through several layers stay straight where there is room.
  void round_off(const std::vector<double>& x) {
    double left = 0;
    for (const auto& layer : out_.layers)
      for (std::size_t item : layer) left = std::min(left, x[item] - out_.items[item].width / 2.0);
    for (const auto& layer : out_.layers) {
      int free = 0;
      for (std::size_t item : layer) {
        layout_item& it = out_.items[item];
        it.center = std::max(static_cast<int>(std::lround(x[item] - left)), free + it.width / 2);
        free = it.center + (it.width + 1) / 2 + gap;
      }
    }
    for (const auto* neighbours : {&neighbours_above_, &neighbours_below_}) {
      const bool downwards = neighbours == &neighbours_above_;
      for (std::size_t i = 0; i < out_.layers.size(); ++i) {
        const auto& layer = out_.layers[downwards ? i : out_.layers.size() - 1 - i];
        for (std::size_t k = 0; k < layer.size(); ++k) {
          const auto& others = (*neighbours)[layer[k]];
          if (is_stage(layer[k]) || others.size() != 1) continue;
          const int wanted = out_.items[others[0]].center;
          if (std::abs(wanted - out_.items[layer[k]].center) < 5 && is_free(layer, k, wanted))
            out_.items[layer[k]].center = wanted;
        }
      }
    }
  }

  const graph& g_;
  layout out_;
  std::map<std::tuple<stage_id, arc_kind, std::size_t>, std::size_t> lines_through_;
  std::set<std::tuple<std::size_t, std::size_t, arc_kind>> known_;
  std::vector<std::vector<std::size_t>> neighbours_above_, neighbours_below_;
  std::vector<std::size_t> position_;
};

}  // namespace

layout lay_out(const graph& g, const std::vector<arc>& arcs) { return layering(g, arcs).take(); }

}  // namespace troupe
