#include "model/text_automaton.hpp"

#include <algorithm>
#include <map>
#include <stdexcept>

namespace troupe {

namespace {

constexpr std::size_t most_states = 4096;
constexpr std::size_t most_places = 50'000;

/// A nondeterministic automaton (Thompson 1968): places, with edges that read a byte and such that
/// read none.
class thompson {
 public:
  thompson() : end_(place()) {}

  std::size_t end() const { return end_; }

  /// The place where a text of `p` begins that goes on at `to`.
  std::size_t before(const text_pattern& p, std::size_t to) {
    using kind = text_pattern::kind;
    switch (p.what) {
      case kind::characters: {
        const std::size_t from = place();
        for (const auto& [first, last] : p.ranges) bytes(from, first, last, to);
        return from;
      }
      case kind::sequence:
        for (auto part = p.parts.rbegin(); part != p.parts.rend(); ++part) to = before(*part, to);
        return to;
      case kind::choice: {
        const std::size_t from = place();
        for (const text_pattern& part : p.parts) {
          const std::size_t begin = before(part, to);
          places_[from].free.push_back(begin);
        }
        return from;
      }
      case kind::repeat:
        return before_repeat(p, to);
    }
    return to;
  }

  /// All that can be reached from `set` without reading.
  std::vector<std::size_t> closure(std::vector<std::size_t> set) const {
    std::vector<bool> seen(places_.size());
    std::vector<std::size_t> out;
    while (!set.empty()) {
      const std::size_t at = set.back();
      set.pop_back();
      if (seen[at]) continue;
      seen[at] = true;
      if (at == end_ || !places_[at].edges.empty()) out.push_back(at);
      set.insert(set.end(), places_[at].free.begin(), places_[at].free.end());
    }
    std::ranges::sort(out);
    return out;
  }

  struct edge {
    unsigned char from, to;
    std::size_t target;
  };
  const std::vector<edge>& edges(std::size_t at) const { return places_[at].edges; }

 private:
  struct one_place {
    std::vector<edge> edges;
    std::vector<std::size_t> free;
  };

  std::size_t place() {
    if (places_.size() >= most_places) throw std::length_error("it is too large");
    places_.emplace_back();
    return places_.size() - 1;
  }

  std::size_t before_repeat(const text_pattern& p, std::size_t to) {
    const text_pattern& inner = p.parts.front();
    std::size_t from = to;
    if (p.most < 0) {
      from = place();
      places_[from].free.push_back(to);
      const std::size_t again = before(inner, from);
      places_[from].free.push_back(again);
    }
    for (std::int64_t i = p.least; i < p.most; ++i) {
      const std::size_t optional = place();
      const std::size_t begin = before(inner, from);
      places_[optional].free = {begin, to};
      from = optional;
    }
    for (std::int64_t i = 0; i < p.least; ++i) from = before(inner, from);
    return from;
  }

  static std::string utf8(char32_t c) {
    std::string out;
    if (c < 0x80) return {static_cast<char>(c)};
    const int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    constexpr unsigned leads[] = {0, 0xC0, 0xE0, 0xF0};
    out += static_cast<char>(leads[more] | c >> (6 * more));
    for (int i = more - 1; i >= 0; --i) out += static_cast<char>(0x80 | ((c >> (6 * i)) & 0x3F));
    return out;
  }

  /// Edges for the code points from `first` to `last`, cut where the bytes' number or any but the
  /// last of them changes in the middle of a range.
  void bytes(std::size_t from, char32_t first, char32_t last, std::size_t to) {
    constexpr char32_t ends[] = {0x7F, 0x7FF, 0xFFFF};
    for (const char32_t end : ends)
      if (first <= end && last > end) {
        bytes(from, first, end, to);
        return bytes(from, end + 1, last, to);
      }
    const int more = first < 0x80 ? 0 : first < 0x800 ? 1 : first < 0x10000 ? 2 : 3;
    for (int i = 1; i <= more; ++i) {
      const char32_t mask = (char32_t{1} << (6 * i)) - 1;
      if ((first & ~mask) == (last & ~mask)) continue;
      if (first & mask) {
        bytes(from, first, first | mask, to);
        return bytes(from, (first | mask) + 1, last, to);
      }
      if ((last & mask) != mask) {
        bytes(from, first, (last & ~mask) - 1, to);
        return bytes(from, last & ~mask, last, to);
      }
    }
    const std::string low = utf8(first), high = utf8(last);
    for (std::size_t i = 0; i < low.size(); ++i) {
      const std::size_t next = i + 1 == low.size() ? to : place();
      places_[from].edges.push_back(
          {static_cast<unsigned char>(low[i]), static_cast<unsigned char>(high[i]), next});
      from = next;
    }
  }

  std::vector<one_place> places_;
  std::size_t end_;
};

bool begins_a_character(unsigned byte) { return byte < 0x80 || byte >= 0xC0; }

}  // namespace

result<text_automaton> text_automaton::compile(const text_pattern& pattern, std::int64_t least,
                                               std::optional<std::int64_t> most) try {
  thompson machine;
  const std::size_t begin = machine.before(pattern, machine.end());
  // A state is a set of places and the number of characters, as far as that matters.
  using content = std::pair<std::vector<std::size_t>, std::int64_t>;
  const std::int64_t highest = most ? *most : least;
  std::map<content, state> known;
  std::vector<content> contents;
  text_automaton out;
  auto find = [&](content c) -> state {
    const auto it = known.find(c);
    if (it != known.end()) return it->second;
    if (contents.size() >= most_states) throw std::length_error("it is too large");
    const auto id = static_cast<state>(contents.size());
    known.emplace(c, id);
    contents.push_back(std::move(c));
    return id;
  };
  out.start_ = find({machine.closure({begin}), 0});
  for (std::size_t i = 0; i < contents.size(); ++i) {
    one_state s;
    s.next.fill(dead);
    const content here = contents[i];
    if (std::ranges::binary_search(here.first, machine.end()) && here.second >= least) s.to_end = 0;
    std::array<std::vector<std::size_t>, 256> targets;
    for (const std::size_t at : here.first)
      for (const auto& e : machine.edges(at))
        for (unsigned b = e.from; b <= e.to; ++b) targets[b].push_back(e.target);
    std::map<content, state> seen_here;  // most bytes lead to few places
    for (unsigned b = 0; b < 256; ++b) {
      if (targets[b].empty()) continue;
      std::int64_t count = here.second + (begins_a_character(b) ? 1 : 0);
      if (most && count > *most) continue;
      count = std::min(count, highest);
      content raw{std::move(targets[b]), count};
      const auto it = seen_here.find(raw);
      if (it != seen_here.end()) {
        s.next[b] = it->second;
        continue;
      }
      const state to = find({machine.closure(raw.first), count});
      seen_here.emplace(std::move(raw), to);
      s.next[b] = to;
    }
    out.states_.push_back(s);
  }
  out.measure();
  out.trim();
  return out;
} catch (const std::length_error& e) {
  return error{errc::invalid_request, std::string("a pattern cannot be used: ") + e.what()};
}

void text_automaton::measure() {
  std::vector<std::vector<state>> sources(states_.size());
  std::vector<state> queue;
  for (std::size_t i = 0; i < states_.size(); ++i) {
    if (states_[i].to_end == 0) queue.push_back(static_cast<state>(i));
    for (const state to : states_[i].next)
      if (to != dead && (sources[to].empty() || sources[to].back() != i))
        sources[to].push_back(static_cast<state>(i));
  }
  for (std::size_t i = 0; i < queue.size(); ++i)
    for (const state from : sources[queue[i]])
      if (states_[from].to_end < 0) {
        states_[from].to_end = states_[queue[i]].to_end + 1;
        queue.push_back(from);
      }
}

void text_automaton::trim() {
  for (one_state& s : states_)
    for (state& to : s.next)
      if (to != dead && states_[to].to_end < 0) to = dead;
  if (states_[start_].to_end < 0) start_ = dead;
}

std::string text_automaton::shortest(state s) const {
  std::string out;
  while (states_[s].to_end > 0) {
    for (unsigned i = 0; i < 256; ++i) {
      const unsigned b = (i + 'a') % 256;  // letters rather than control characters
      const state to = states_[s].next[b];
      if (to == dead || states_[to].to_end != states_[s].to_end - 1) continue;
      out += static_cast<char>(b);
      s = to;
      break;
    }
  }
  return out;
}

}  // namespace troupe
