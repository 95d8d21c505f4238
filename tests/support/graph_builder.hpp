#pragma once
// Small graphs for tests, without TOML: stages are added by name, slots as they are mentioned.

#include "pipeline/describe_stage.hpp"
#include "pipeline/graph.hpp"

#include <memory>

namespace troupe::test {

/// The type of a stage class, described once.
template <class S>
const stage_type& type_of() {
  static const stage_type t = describe_stage<S>();
  return t;
}

class graph_builder {
 public:
  graph_builder() {
    g_->name = "test";
    g_->hash = "0";
    g_->deadline = std::chrono::seconds(60);
  }

  slot_id slot(const std::string& name) {
    if (slot_id id = g_->find_slot(name); id != no_slot) return id;
    g_->slots.push_back(name);
    g_->slot_types.push_back(slot_type::any);
    return static_cast<slot_id>(g_->slots.size() - 1);
  }

  /// A stage that reads `in` and writes `out`; stages are numbered in order of the calls.
  stage_node& stage(const std::string& name, const std::vector<std::string>& in,
                    const std::vector<std::string>& out) {
    stage_node n;
    n.name = name;
    n.type = &type();
    for (const auto& s : in) {
      n.ports.in.push_back({s, slot_type::any, false, {}});
      n.in.push_back(slot(s));
    }
    for (const auto& s : out) {
      n.ports.out.push_back({s, slot_type::any, false, {}});
      n.out.push_back(slot(s));
    }
    g_->stages.push_back(std::move(n));
    return g_->stages.back();
  }

  /// A stage of a real type; its ports bind to the slots of their names.
  stage_node& stage(const std::string& name, const stage_type& type) {
    stage_node n;
    n.name = name;
    n.type = &type;
    n.with = value(value::table{});
    n.ports = *type.ports_for(n.with);
    for (const port& p : n.ports.in) n.in.push_back(slot(p.name));
    for (const port& p : n.ports.out) n.out.push_back(slot(p.name));
    g_->stages.push_back(std::move(n));
    return g_->stages.back();
  }

  void input(const std::string& name, slot_type type = slot_type::text) {
    g_->inputs.push_back({slot(name), type, {}});
  }

  edge to(stage_id target, const std::string& when = {}) {
    edge e;
    e.to = target;
    if (!when.empty()) {
      auto parsed = condition::parse(when).first;
      parsed->bind([this](std::string_view s) { return slot(std::string(s)); });
      e.when = std::move(parsed);
    }
    return e;
  }

  edge back_to(stage_id target, int max) {
    edge e = to(target);
    e.max = max;
    e.counter = g_->bounded_edges++;
    return e;
  }

  graph& plan() { return *g_; }
  std::shared_ptr<const graph> build(const std::string& output) {
    g_->start = 0;
    g_->output = slot(output);
    return g_;
  }

 private:
  static const stage_type& type() {
    static const stage_type t = [] {
      stage_type x;
      x.name = "test";
      return x;
    }();
    return t;
  }
  std::shared_ptr<graph> g_ = std::make_shared<graph>();
};

}  // namespace troupe::test
