// A picture in box-drawing characters: the layers of draw_layout.hpp, and between each two of them
// a channel where lines run to the side, each net on a track of its own.

#include "dsl/canvas.hpp"
#include "dsl/draw_layout.hpp"
#include "dsl/text_width.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace troupe {

namespace {

constexpr std::size_t box_height = 3;
constexpr std::size_t text_width = 100;

struct style {
  stroke line;
  std::string_view arrow;
  std::string_view says;  ///< what it means
};
const style& style_of(arc_kind kind) {
  static const std::array<style, 4> styles = {
      style{stroke::light, "▼", ""}, style{stroke::heavy, "▼", "━ all at once, until they join"},
      style{stroke::light, "▲", "▲ back, as often as it may"},
      style{stroke::dashed, "▽", "┄ on error"}};
  return styles[static_cast<std::size_t>(kind)];
}

class picture {
 public:
  explicit picture(layout l) : l_(std::move(l)) {}

  std::string draw() {
    find_ports();
    std::size_t top = 0;
    for (std::size_t layer = 0; layer < l_.layers.size(); ++layer) {
      draw_layer(layer, top);
      top = draw_channel(layer, top + box_height);
    }
    return canvas_.render();
  }

 private:
  using port_key = std::pair<std::size_t, std::size_t>;  ///< item, net

  const layout_item& item(std::size_t i) const { return l_.items[i]; }
  bool is_stage(std::size_t i) const { return item(i).stage != no_stage; }

  /// The columns where nets touch the boxes: where their lines are straight, as far as there is
  /// room, else around the middle.
  void find_ports() {
    std::vector<std::vector<std::size_t>> below(l_.items.size()), above(l_.items.size());
    for (std::size_t n = 0; n < l_.nets.size(); ++n) {
      for (std::size_t i : l_.nets[n].uppers) below[i].push_back(n);
      for (std::size_t i : l_.nets[n].lowers) above[i].push_back(n);
    }
    auto mean = [&](const std::vector<std::size_t>& ends) {
      int sum = 0;
      for (std::size_t i : ends) sum += item(i).center;
      return sum / static_cast<int>(ends.size());
    };
    auto is_pair = [&](const layout_net& n) { return n.uppers.size() + n.lowers.size() == 2; };
    for (std::size_t i = 0; i < l_.items.size(); ++i) {
      std::ranges::stable_sort(below[i], {}, [&](auto n) { return mean(l_.nets[n].lowers); });
      fit(i, below[i], leaves_, [&](const layout_net& n, std::size_t) {
        const int other = mean(n.lowers);
        if (!is_pair(n)) return item(i).center;
        return is_stage(n.lowers[0]) ? (item(i).center + other) / 2 : other;
      });
    }
    for (std::size_t i = 0; i < l_.items.size(); ++i) {
      auto column = [&](std::size_t n) { return leaves_.at({l_.nets[n].uppers[0], n}); };
      std::ranges::stable_sort(above[i], {}, [&](auto n) {
        return is_pair(l_.nets[n]) ? column(n) : mean(l_.nets[n].uppers);
      });
      fit(i, above[i], arrives_, [&](const layout_net& n, std::size_t number) {
        return is_pair(n) ? column(number) : item(i).center;
      });
    }
  }

  /// Columns on one side of an item for its nets, in their order, two apart.
  template <class Wanted>
  void fit(std::size_t i, const std::vector<std::size_t>& nets, std::map<port_key, int>& columns,
           Wanted wanted) const {
    const int edge = item(i).center - item(i).width / 2;
    const int first = is_stage(i) ? edge + 1 : edge;
    const int last = is_stage(i) ? edge + item(i).width - 2 : edge;
    const int apart = is_stage(i) ? 2 : 0;
    const int count = static_cast<int>(nets.size());
    std::vector<int> at;
    for (int k = 0; k < count; ++k) {
      const std::size_t n = nets[static_cast<std::size_t>(k)];
      at.push_back(
          std::clamp(wanted(l_.nets[n], n), first + apart * k, last - apart * (count - 1 - k)));
    }
    // Those that are too near give way to both sides in turn.
    for (int round = 0; round < count; ++round)
      for (int k = 1; k < count; ++k) {
        auto &left = at[static_cast<std::size_t>(k - 1)], &right = at[static_cast<std::size_t>(k)];
        while (right - left < apart) {
          if (left > first + apart * (k - 1)) --left;
          if (right - left < apart && right < last - apart * (count - 1 - k)) ++right;
        }
      }
    for (std::size_t k = 0; k < nets.size(); ++k) columns[{i, nets[k]}] = at[k];
  }

  void draw_layer(std::size_t layer, std::size_t top) {
    for (std::size_t i : l_.layers[layer]) {
      const layout_item& it = item(i);
      const auto center = static_cast<std::size_t>(it.center);
      if (!is_stage(i)) {
        canvas_.down(center, top, top + box_height - 1, style_of(it.line).line);
        continue;
      }
      const std::size_t left = center - static_cast<std::size_t>(it.width / 2);
      const std::size_t right = left + static_cast<std::size_t>(it.width) - 1;
      canvas_.right(top, left, right, stroke::light);
      canvas_.right(top + 2, left, right, stroke::light);
      canvas_.down(left, top, top + 2, stroke::light);
      canvas_.down(right, top, top + 2, stroke::light);
      const std::size_t columns = columns_of(it.title);
      canvas_.text(left + (static_cast<std::size_t>(it.width) - columns) / 2, top + 1, it.title);
    }
  }

  struct span {
    int first = 0, last = 0;
    bool straight() const { return first == last; }
  };

  span span_of(std::size_t n) const {
    span s{1 << 30, -1};
    auto add = [&](int column) {
      s.first = std::min(s.first, column);
      s.last = std::max(s.last, column);
    };
    for (std::size_t i : l_.nets[n].uppers) add(leaves_.at({i, n}));
    for (std::size_t i : l_.nets[n].lowers) add(arrives_.at({i, n}));
    return s;
  }

  /// Tracks so that no two nets lie on one another: a net that comes from above in a column must
  /// turn before one that goes down in it (the left-edge algorithm of channel routing; Hashimoto,
  /// Stevens 1971). Returns how many there are.
  std::size_t assign_tracks(const std::vector<std::size_t>& nets,
                            std::map<std::size_t, std::size_t>& track) const {
    std::vector<std::size_t> left;
    for (std::size_t n : nets)
      if (!span_of(n).straight()) left.push_back(n);
    std::ranges::stable_sort(left, {}, [&](std::size_t n) { return span_of(n).first; });
    auto must_precede = [&](std::size_t a, std::size_t b) {
      for (std::size_t u : l_.nets[a].uppers)
        for (std::size_t d : l_.nets[b].lowers)
          if (a != b && leaves_.at({u, a}) == arrives_.at({d, b})) return true;
      return false;
    };
    std::size_t row = 0;
    for (; !left.empty(); ++row) {
      std::vector<std::size_t> placed;
      int free = -1;
      for (std::size_t n : left) {
        const bool waits =
            std::ranges::any_of(left, [&](std::size_t other) { return must_precede(other, n); });
        if (waits || span_of(n).first < free) continue;
        placed.push_back(n);
        free = span_of(n).last + 2;
      }
      if (placed.empty()) placed.push_back(left[0]);  // a cycle; two lines will touch
      for (std::size_t n : placed) track[n] = row;
      std::erase_if(left, [&](std::size_t n) { return track.contains(n); });
    }
    return row;
  }

  /// Returns the row where the next layer begins.
  std::size_t draw_channel(std::size_t layer, std::size_t top) {
    std::vector<std::size_t> nets;
    bool arrows_up = false;
    for (std::size_t n = 0; n < l_.nets.size(); ++n)
      if (l_.nets[n].layer == layer) {
        nets.push_back(n);
        arrows_up = arrows_up || (l_.nets[n].kind == arc_kind::loop &&
                                  std::ranges::any_of(l_.nets[n].uppers,
                                                      [&](std::size_t i) { return is_stage(i); }));
      }
    if (nets.empty()) return top;
    std::map<std::size_t, std::size_t> track;
    const std::size_t first_track = top + (arrows_up ? 1 : 0);
    const std::size_t arrows = first_track + assign_tracks(nets, track);
    for (std::size_t n : nets) draw_net(n, top, first_track, arrows, track);
    return arrows + 1;
  }

  void draw_net(std::size_t n, std::size_t top, std::size_t first_track, std::size_t arrows,
                const std::map<std::size_t, std::size_t>& track) {
    const layout_net& net = l_.nets[n];
    const style& s = style_of(net.kind);
    const span across = span_of(n);
    const bool up = net.kind == arc_kind::loop;
    const auto at = track.find(n);
    const std::size_t turn = at == track.end() ? arrows : first_track + at->second;
    if (!across.straight())
      canvas_.right(turn, static_cast<std::size_t>(across.first),
                    static_cast<std::size_t>(across.last), s.line);
    for (std::size_t i : net.uppers) {
      const auto column = static_cast<std::size_t>(leaves_.at({i, n}));
      canvas_.down(column, top - 1, turn, s.line);
      if (up && is_stage(i)) canvas_.text(column, top, s.arrow);
    }
    for (std::size_t i : net.lowers) {
      const auto column = static_cast<std::size_t>(arrives_.at({i, n}));
      const bool head = !up && is_stage(i);
      canvas_.down(column, turn, head ? arrows : arrows + 1, s.line);
      if (head) canvas_.text(column, arrows, s.arrow);
    }
  }

  layout l_;
  canvas canvas_;
  std::map<port_key, int> leaves_, arrives_;
};

/// `text` in lines of at most so many columns, broken at spaces.
std::vector<std::string> wrapped(const std::string& text, std::size_t width) {
  std::vector<std::string> lines(1);
  std::size_t used = 0, from = 0;
  while (from < text.size()) {
    const std::size_t space = std::min(text.find(' ', from), text.size());
    const std::string word = text.substr(from, space - from);
    const std::size_t columns = columns_of(word);
    if (used > 0 && used + 1 + columns > width) {
      lines.emplace_back();
      used = 0;
    }
    lines.back() += (used > 0 ? " " : "") + word;
    used += columns + (used > 0 ? 1 : 0);
    from = space + 1;
  }
  return lines;
}

/// What the lines mean, and when each way is taken.
std::string legend(const graph& g, const std::vector<arc>& arcs) {
  std::string out;
  for (arc_kind kind : {arc_kind::branch, arc_kind::loop, arc_kind::error})
    if (std::ranges::any_of(arcs, [&](const arc& a) { return a.kind == kind; }))
      out += (out.empty() ? "\n" : "    ") + std::string(style_of(kind).says);
  if (!out.empty()) out += "\n";
  std::size_t width = 0;
  auto head = [&](const arc& a) {
    auto name = [&](stage_id s) { return printable(g.stages[static_cast<std::size_t>(s)].name); };
    return name(a.from) +
           (a.from == a.to ? " ↺" : (a.kind == arc_kind::loop ? " ▲ " : " → ") + name(a.to));
  };
  auto told = [](const arc& a) { return !a.label.empty() && a.kind != arc_kind::error; };
  for (const arc& a : arcs)
    if (told(a)) width = std::max(width, columns_of(head(a)));
  const std::size_t room = text_width > width + 30 ? text_width - width - 2 : 30;
  stage_id last = no_stage;
  for (const arc& a : arcs) {
    if (!told(a)) continue;
    if (a.from != last) out += "\n";
    last = a.from;
    std::string before = head(a);
    before.append(width - columns_of(before) + 2, ' ');
    for (const std::string& line : wrapped(printable(a.label), room)) {
      out += before + line + "\n";
      before.assign(width + 2, ' ');
    }
  }
  return out;
}

}  // namespace

std::string draw_terminal(const graph& g) {
  const std::vector<arc> arcs = arcs_of(g);
  return picture(lay_out(g, arcs)).draw() + legend(g, arcs);
}

}  // namespace troupe
