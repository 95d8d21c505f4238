#include "dsl/difference.hpp"

#include "pipeline/value_traits.hpp"

#include <algorithm>

namespace troupe {

namespace {

using subject = graph_change::subject;

/// What can be said of a thing, key by key, each as one text.
using facets = std::vector<std::pair<std::string, std::string>>;
/// Things of one kind, by name.
using things = std::vector<std::pair<std::string, facets>>;

std::string json_of(const value& v) {
  std::string out;
  append_json(out, v);
  return out;
}

std::string time(duration d) { return d == duration::max() ? "" : format_duration(d); }
std::string limit(std::int64_t n) { return n < 0 ? "" : std::to_string(n); }
std::string range(duration low, duration high) { return time(low) + ".." + time(high); }

void add_table(facets& to, const std::string& head, const value& table) {
  if (table.is_none()) return;
  for (const auto& [key, v] : table.as_table()) to.emplace_back(head + key, json_of(v));
}

class describer_of {
 public:
  explicit describer_of(const graph& g) : g_(g) {}

  things whole() const {
    static constexpr const char* busy[] = {"queue", "reject", "interrupt"};
    facets f{{"name", g_.name},
             {"start", stage(g_.start)},
             {"output", slot(g_.output)},
             {"deadline", time(g_.deadline)},
             {"budget.tokens", limit(g_.token_budget)},
             {"on_busy", busy[static_cast<std::size_t>(g_.busy)]},
             {"on_disconnect", g_.left == when_left::is_cancelled ? "cancel" : "finish"}};
    return {{"", std::move(f)}};
  }

  things inputs() const {
    things all;
    for (const graph_input& i : g_.inputs)
      all.emplace_back(
          slot(i.slot),
          facets{{"type", std::string(name_of(i.type))},
                 {"default", i.fallback.is_none() ? std::string() : json_of(i.fallback)}});
    return all;
  }

  things persistent() const {
    things all;
    for (slot_id id : g_.persist)
      all.emplace_back(
          slot(id),
          facets{{"type", std::string(name_of(g_.slot_types[static_cast<std::size_t>(id)]))}});
    return all;
  }

  things models() const {
    things all;
    for (const model_spec& m : g_.models) {
      facets f;
      add_table(f, "", m.all.plain);
      all.emplace_back(*m.name, std::move(f));
    }
    return all;
  }

  things stages() const {
    things all;
    for (const stage_node& n : g_.stages) all.emplace_back(n.name, facets_of(n));
    return all;
  }

 private:
  std::string stage(stage_id id) const {
    return id == no_stage ? "" : "`" + g_.stages[static_cast<std::size_t>(id)].name + "`";
  }
  std::string slot(slot_id id) const {
    return id == no_slot ? "" : g_.slots[static_cast<std::size_t>(id)];
  }

  facets facets_of(const stage_node& n) const {
    facets f{{"use", n.type->name}};
    add_table(f, "with.", n.with);
    for (std::size_t i = 0; i < n.in.size() && i < n.ports.in.size(); ++i)
      f.emplace_back("in." + n.ports.in[i].name, slot(n.in[i]));
    for (std::size_t i = 0; i < n.out.size() && i < n.ports.out.size(); ++i)
      f.emplace_back("out." + n.ports.out[i].name, slot(n.out[i]));
    f.emplace_back("replicas", std::to_string(n.replicas));
    f.emplace_back("queue", std::to_string(n.queue));
    f.emplace_back("timeout", time(n.timeout));
    f.emplace_back("retry", retry(n.retry));
    f.emplace_back("restart", std::to_string(n.restart.max) + " within " + time(n.restart.within) +
                                  ", " + range(n.restart.backoff_min, n.restart.backoff_max));
    f.emplace_back("breaker", n.breaker.failures == 0
                                  ? ""
                                  : std::to_string(n.breaker.failures) + " failures, open for " +
                                        time(n.breaker.open));
    f.emplace_back("on_error", stage(n.on_error));
    f.emplace_back("next", ways(n));
    if (n.each)
      f.emplace_back("each", "over " + slot(n.each->over) + " as " + slot(n.each->as) + ", " +
                                 std::to_string(n.each->concurrency) + " at a time, " +
                                 std::to_string(n.each->max) + " at most");
    else
      f.emplace_back("each", "");
    return f;
  }

  static std::string retry(const retry_policy& r) {
    if (r.attempts <= 1) return "";
    std::string out =
        std::to_string(r.attempts) + " attempts, " + range(r.backoff_min, r.backoff_max) + ", on";
    for (errc code : r.on) out += " " + std::string(name_of(code));
    return out;
  }

  std::string ways(const stage_node& n) const {
    std::string out;
    for (const edge& e : n.next) {
      if (!out.empty()) out += "; ";
      out += stage(e.to);
      if (e.when) out += " when " + e.when->text();
      if (e.max >= 0) out += ", " + std::to_string(e.max) + " times at most";
      if (e.best_by != no_slot) out += ", best by " + slot(e.best_by);
      if (e.plateau > 0) out += ", plateau " + std::to_string(e.plateau);
      if (e.exhausted != no_stage) out += ", then " + stage(e.exhausted);
    }
    if (n.split) {
      out += "all of";
      for (stage_id id : n.split->all) out += " " + stage(id);
      out += ", joined at " + stage(n.split->join);
    }
    return out.empty() ? "the end" : out;
  }

  const graph& g_;
};

template <class Pairs>
auto find_named(Pairs& all, const std::string& name) {
  return std::find_if(all.begin(), all.end(), [&](const auto& p) { return p.first == name; });
}

void compare_facets(std::vector<graph_change>& out, subject about, const std::string& name,
                    const facets& before, const facets& after) {
  auto text = [](const facets& f, const std::string& key) {
    auto it = find_named(f, key);
    return it == f.end() ? std::string() : it->second;
  };
  for (const auto& [key, was] : before)
    if (const auto is = text(after, key); is != was)
      out.push_back({about, graph_change::kind::changed, name, key, was, is});
  for (const auto& [key, is] : after)
    if (find_named(before, key) == before.end() && !is.empty())
      out.push_back({about, graph_change::kind::changed, name, key, "", is});
}

void compare(std::vector<graph_change>& out, subject about, const things& before,
             const things& after) {
  for (const auto& [name, f] : before)
    if (find_named(after, name) == after.end())
      out.push_back(
          {about, graph_change::kind::removed, name, "", f.empty() ? "" : f.front().second, ""});
  for (const auto& [name, f] : after) {
    auto was = find_named(before, name);
    if (was == before.end())
      out.push_back(
          {about, graph_change::kind::added, name, "", "", f.empty() ? "" : f.front().second});
    else
      compare_facets(out, about, name, was->second, f);
  }
}

}  // namespace

std::vector<graph_change> differences(const graph& before, const graph& after) {
  const describer_of a(before), b(after);
  std::vector<graph_change> out;
  compare(out, subject::graph, a.whole(), b.whole());
  compare(out, subject::input, a.inputs(), b.inputs());
  compare(out, subject::persist, a.persistent(), b.persistent());
  compare(out, subject::model, a.models(), b.models());
  compare(out, subject::stage, a.stages(), b.stages());
  return out;
}

}  // namespace troupe
