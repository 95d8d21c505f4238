#include "dsl/check/written.hpp"

#include <algorithm>
#include <map>

namespace troupe {

namespace {

class data_flow {
 public:
  data_flow(linking& l, const fan_outs& fans, const written_slots& written)
      : l_(l), fans_(fans), written_(written) {}

  void run() {
    if (l_.out.start == no_stage) return;
    for (std::size_t i = 0; i < l_.out.stages.size(); ++i) {
      check_inputs(i);
      check_edges(i);
      check_end(i);
    }
  }

 private:
  static constexpr auto nowhere = static_cast<std::size_t>(-1);

  const stage_node& node(std::size_t stage) const { return l_.out.stages[stage]; }

  void check_inputs(std::size_t stage) {
    const stage_node& n = node(stage);
    const slot_set& known = written_.at_entry(stage);
    for (std::size_t k = 0; k < n.in.size(); ++k) {
      bool item = n.each && n.in[k] == n.each->as;
      if (n.ports.in[k].optional || item || known.has(n.in[k])) continue;
      report("stage `" + n.name + "` reads `" + slot(n.in[k]) + "`", n.in[k], stage, true,
             place_of_input(l_, stage, k));
    }
    if (n.each && !known.has(n.each->over))
      report("stage `" + n.name + "` goes over `" + slot(n.each->over) + "`", n.each->over, stage,
             true, l_.spec.stages[stage].each->over.at);
  }

  void check_edges(std::size_t stage) {
    const stage_node& n = node(stage);
    const std::vector<slot_set> written = written_.before_edges(stage);
    for (std::size_t i = 0; i < n.next.size(); ++i) {
      const edge& e = n.next[i];
      slot_set known = written[i];
      if (e.when)
        for (const std::string& name : e.when->needs()) {
          const slot_id id = l_.find_slot(name);
          if (!known.has(id))
            report("this condition reads `" + name + "`", id, stage, false,
                   place_in_condition(stage, i, name));
        }
      if (e.when)
        for (const std::string& name : e.when->proves(true)) known.add(l_.find_slot(name));
      if (!known.has(e.best_by))
        report("`best_by` reads `" + slot(e.best_by) + "`", e.best_by, stage, false,
               l_.spec.stages[stage].next[i].best_by.at);
    }
  }

  /// A run that ends gives back the output slot.
  void check_end(std::size_t stage) {
    const stage_node& n = node(stage);
    const bool ends = n.next.empty() && !n.split && !l_.unknown[stage].ways &&
                      fans_.around(stage) == fan_outs::trunk;
    if (ends && !written_.after(stage).has(l_.out.output))
      report("the run can end after stage `" + n.name + "` without its output `" +
                 slot(l_.out.output) + "`",
             l_.out.output, stage, false, l_.spec.stages[stage].name.at);
  }

  void report(const std::string& what, slot_id id, std::size_t stage, bool at_entry,
              source_range at) {
    std::string message = what;
    const bool supplied = std::ranges::count(l_.out.inputs, id, &graph_input::slot) > 0;
    if (auto path = supplied ? "" : path_without(id, stage, at_entry); !path.empty())
      message += ", which nothing has written on the way " + path;
    else
      message += ", which is not written on every way there";
    l_.report("slot-not-written", std::move(message), at, hint(id));
  }

  std::string hint(slot_id id) const {
    for (const stage_node& n : l_.out.stages)
      for (std::size_t k = 0; k < n.out.size(); ++k)
        if (n.out[k] == id && n.ports.out[k].optional && !n.each)
          return "stage `" + n.name + "` writes it only sometimes; ask with `defined(" + slot(id) +
                 ")` on the edge";
    if (std::ranges::find(l_.out.persist, id) != l_.out.persist.end())
      return "a conversation's first run has no `" + slot(id) + "` yet; ask with `defined(" +
             slot(id) + ")` on the edge";
    // Only what comes out of a sub-graph is called like this in a finding: the rest of it was
    // checked by itself.
    if (slot(id).find('.') != std::string::npos)
      return "write it on every way through the sub-graph";
    return "write it on that way too, or ask with `defined(" + slot(id) + ")` on the edge";
  }

  bool writes(std::size_t stage, slot_id id) const {
    const stage_node& n = node(stage);
    for (std::size_t k = 0; k < n.out.size(); ++k)
      if (n.out[k] == id && (!n.ports.out[k].optional || n.each)) return true;
    return false;
  }

  /// How a run comes to a stage.
  struct step {
    std::size_t before = nowhere;  ///< the stage before it; itself at the start
    bool failed = false;           ///< by that one's `on_error`
  };

  /// By stage, the last step of a way from the start on which nobody writes the slot; from
  /// `nowhere` if there is none. Short ways come first, and those without failures before others.
  const std::vector<step>& ways_without(slot_id id) {
    auto [known, is_new] = ways_without_.try_emplace(id);
    std::vector<step>& from = known->second;
    if (!is_new) return from;
    from.assign(l_.out.stages.size(), {});
    const auto start = static_cast<std::size_t>(l_.out.start);
    std::vector<std::size_t> open = {start};
    from[start].before = start;
    auto visit = [&](std::size_t here, stage_id to, bool failed) {
      if (to == no_stage) return;
      step& there = from[static_cast<std::size_t>(to)];
      if (there.before != nowhere) return;
      there = {here, failed};
      open.push_back(static_cast<std::size_t>(to));
    };
    std::size_t next = 0;
    auto follow = [&](std::size_t here) {
      const stage_node& n = node(here);
      bool without = !writes(here, id);
      for (const edge& e : n.next) {
        const bool proven = e.when && std::ranges::count(e.when->proves(true), slot(id)) > 0;
        if (without && !proven) {
          visit(here, e.to, false);
          visit(here, e.exhausted, false);
        }
        // Once `!defined(x)` has come out false, the edges behind it know better.
        if (e.when && e.max < 0 && std::ranges::count(e.when->proves(false), slot(id)) > 0)
          without = false;
      }
      if (n.split && without) {
        for (stage_id head : n.split->all) visit(here, head, false);
        visit(here, n.split->join, false);
      }
    };
    // A failure is looked at only where no other way leads on.
    for (std::size_t failed = 0; failed < open.size(); ++failed) {
      for (; next < open.size(); ++next) follow(open[next]);
      visit(open[failed], node(open[failed]).on_error, true);
    }
    return from;
  }

  /// Such a way to a stage, or through it: "`a` → `b` → `c`"; in a long one the middle is left out.
  /// Failures that it takes are told: "`a` → `c` when `a` fails".
  std::string path_without(slot_id id, std::size_t stage, bool at_entry) {
    // A search for each slot: in a file with very many mistakes the later ones are told without.
    constexpr std::size_t most_searched = 100;
    if (ways_without_.size() >= most_searched && !ways_without_.contains(id)) return {};
    const auto& from = ways_without(id);
    if (from[stage].before == nowhere || (!at_entry && writes(stage, id))) return {};
    std::vector<std::size_t> way = {stage};
    while (from[way.back()].before != way.back()) way.push_back(from[way.back()].before);
    std::ranges::reverse(way);
    constexpr std::size_t most_named = 12;
    std::string path;
    for (std::size_t i = 0; i < way.size(); ++i) {
      if (way.size() > most_named && i == most_named / 2) {
        path += " → …";
        i = way.size() - most_named / 2;
      }
      path += (path.empty() ? "`" : " → `") + node(way[i]).name + "`";
    }
    std::vector<std::string> failing;
    for (std::size_t i = 1; i < way.size(); ++i)
      if (from[way[i]].failed) failing.push_back(node(way[i - 1]).name);
    return path + when_they_fail(failing);
  }

  static std::string when_they_fail(const std::vector<std::string>& stages) {
    if (stages.empty()) return {};
    constexpr std::size_t most_named = 3;
    const std::size_t named = stages.size() > most_named ? most_named - 1 : stages.size();
    std::string out = " when `" + stages[0] + "`";
    for (std::size_t i = 1; i < named; ++i)
      out += (i + 1 == stages.size() ? " and `" : ", `") + stages[i] + "`";
    if (named < stages.size()) out += " and " + std::to_string(stages.size() - named) + " more";
    return out + (stages.size() == 1 ? " fails" : " fail");
  }

  source_range place_in_condition(std::size_t stage, std::size_t index,
                                  const std::string& name) const {
    const auto& when = l_.spec.stages[stage].next[index].when;
    const auto& parsed = node(stage).next[index].when;
    auto unknown = [&](std::string_view s) -> std::optional<slot_type> {
      if (s == name) return std::nullopt;
      return slot_type::any;
    };
    for (const auto& p : parsed->check(unknown))
      if (p.kind == "unknown-slot") return l_.inside(when.at, p.offset, p.length);
    return when.at;
  }

  std::string slot(slot_id id) const { return std::string(l_.name_of_slot(id)); }

  linking& l_;
  const fan_outs& fans_;
  const written_slots& written_;
  std::map<slot_id, std::vector<step>> ways_without_;
};

}  // namespace

void check_data_flow(linking& l, const fan_outs& fans, const written_slots& written) {
  data_flow(l, fans, written).run();
}

}  // namespace troupe
