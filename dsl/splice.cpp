#include "dsl/splice.hpp"

#include "dsl/inner_stages.hpp"
#include "dsl/suggest.hpp"

#include <algorithm>

namespace troupe {

namespace {

class splicer {
 public:
  splicer(graph_spec& outer, stage_spec stage, const inner_graph& inner,
          std::vector<diagnostic>& findings)
      : outer_(outer), stage_(std::move(stage)), inner_(inner), findings_(findings) {}

  void run() {
    check_keys();
    add_models();
    const int region = add_regions();
    outer_.stages.push_back(entry(region));
    const auto in_branch = stages_in_branches(*inner_.plan);
    if (stage_.on_error.given()) check_branches(in_branch, region);
    for (std::size_t i = 0; i < inner_.spec.stages.size(); ++i) add_stage(i, in_branch[i], region);
    for (const auto& slot : inner_.spec.persist) {
      outer_.persist.push_back(slot);
      outer_.persist.back().value = inside() + *slot;
    }
    outer_.stages.push_back(exit());
  }

 private:
  std::string inside() const { return *stage_.name + "."; }
  std::string exit_name() const { return *stage_.name + ":end"; }
  std::string file() const { return inner_.spec.file.filename().string(); }

  void report(std::string kind, std::string message, source_range at, std::string hint) {
    findings_.push_back(
        {severity::error, std::move(kind), std::move(message), at, std::move(hint)});
  }

  /// What is said about how one stage runs means nothing for several.
  void check_keys() {
    const std::string hint = "say it of the stages in `" + file() + "`";
    auto refuse = [&](bool given, const char* key, source_range at, const std::string& why) {
      if (given) report("sub-graph", "a sub-graph has no `" + std::string(key) + "`", at, why);
    };
    refuse(stage_.each.has_value(), "each", stage_.each ? stage_.each->at : source_range(),
           "let the stages in `" + file() + "` go over the list, each with its own `each`");
    refuse(stage_.retry.has_value(), "retry", stage_.retry ? stage_.retry->at : source_range(),
           hint);
    refuse(stage_.replicas.given(), "replicas", stage_.replicas.at, hint);
    refuse(stage_.restart.has_value(), "restart",
           stage_.restart ? stage_.restart->at : source_range(), hint);
    refuse(stage_.queue.given(), "queue", stage_.queue.at, hint);
    refuse(stage_.breaker.has_value(), "breaker",
           stage_.breaker ? stage_.breaker->at : source_range(), hint);
  }

  /// A run cannot leave one branch while others are under way.
  void check_branches(const std::vector<bool>& in_branch, int region) {
    for (std::size_t i = 0; i < inner_.spec.stages.size(); ++i) {
      const stage_spec& s = inner_.spec.stages[i];
      if (!in_branch[i]) continue;
      const bool limited =
          region >= 0 && outer_.regions[static_cast<std::size_t>(region)].entry == *stage_.name;
      if (s.on_error.given() && !limited) continue;
      report("sub-graph",
             "`on_error` cannot lead out of a branch, and stage `" + *s.name + "` in `" + file() +
                 "` runs in one" + (limited ? "; the time of the sub-graph may end there" : ""),
             stage_.on_error.at,
             limited ? "take out the `timeout` and the inner `deadline`, or this `on_error`"
                     : "give `" + *s.name + "` an `on_error` of its own, in its branch");
      return;
    }
  }

  void add_models() {
    for (model_spec model : inner_.spec.models) {
      if (std::ranges::any_of(outer_.models, [&](auto& m) { return *m.name == *model.name; }))
        continue;
      model.path.value = moved_path(*model.path, folder());
      outer_.models.push_back(std::move(model));
    }
  }
  /// Of the inner file, seen from the outer one's.
  std::filesystem::path folder() const {
    const located_value* named = stage_.with.find("file");
    return std::filesystem::path(named->plain.as_text()).parent_path();
  }

  /// The region of the sub-graph: a new one if it has limits, else that around it.
  int add_regions() {
    int mine = stage_.region;
    located<duration> deadline = inner_.spec.deadline;
    if (stage_.timeout.given() && (!deadline.given() || *stage_.timeout < *deadline))
      deadline = stage_.timeout;
    if (deadline.given() || inner_.spec.token_budget) {
      mine = static_cast<int>(outer_.regions.size());
      outer_.regions.push_back(
          {*stage_.name, deadline, inner_.spec.token_budget, stage_.on_error, stage_.region});
    }
    first_region_ = static_cast<int>(outer_.regions.size());
    for (region_spec r : inner_.spec.regions) {
      r.entry = inside() + r.entry;
      if (r.on_error.given())
        r.on_error.value = inside() + *r.on_error;
      else
        r.on_error = stage_.on_error;
      r.parent = r.parent < 0 ? mine : r.parent + first_region_;
      outer_.regions.push_back(std::move(r));
    }
    return mine;
  }

  stage_spec entry(int region) const {
    stage_spec s;
    s.name = stage_.name;
    s.use = stage_.use;
    s.with = stage_.with;
    s.in = stage_.in;
    s.damaged_reads = stage_.damaged_reads || stage_.each;
    s.scope = stage_.scope;
    s.region = region;
    s.on_error = stage_.on_error;
    s.border = border_spec{border_spec::side::entry, inside(), {}};
    for (const input_spec& input : inner_.spec.inputs)
      s.border->ports.push_back(
          {*input.name, *input.type, input.fallback ? input.fallback->plain : value()});
    s.next.push_back(edge_to(inside() + *inner_.spec.start));
    return s;
  }

  edge_spec edge_to(std::string stage) const {
    edge_spec e;
    e.to = {std::move(stage), stage_.use.at};
    e.at = stage_.use.at;
    return e;
  }

  void add_stage(std::size_t index, bool in_branch, int region) {
    const stage_node& node = inner_.plan->stages[index];
    stage_spec s = moved_stage(inner_.spec.stages[index], inside());
    name_only_model(s, node, inner_.spec.models);
    move_files(s, *node.type, folder());
    s.region = s.region < 0 ? region : s.region + first_region_;
    if (s.next.empty() && !s.fan_out && !in_branch) s.next.push_back(edge_to(exit_name()));
    if (!s.on_error.given() && !in_branch) s.on_error = stage_.on_error;
    outer_.stages.push_back(std::move(s));
  }

  stage_spec exit() {
    stage_spec s;
    s.name = {exit_name(), stage_.name.at};
    s.use = stage_.use;
    s.with = stage_.with;
    s.damaged_writes = stage_.damaged_writes;
    s.damaged_ways = stage_.damaged_ways;
    s.scope = stage_.scope;
    s.region = stage_.region;
    s.on_error = stage_.on_error;
    s.next = stage_.next;
    s.fan_out = stage_.fan_out;
    s.border = border_spec{border_spec::side::exit, inside(), {}};
    add_output(s, *inner_.spec.output);
    for (const rename_spec& r : stage_.out) {
      if (!add_output(s, *r.port)) continue;
      s.out.push_back(r);
    }
    return s;
  }

  /// False if the inner graph has no slot of this name.
  bool add_output(stage_spec& s, const std::string& slot) {
    auto& ports = s.border->ports;
    if (std::ranges::any_of(ports, [&](auto& p) { return p.name == slot; })) return true;
    const slot_id id = inner_.plan->find_slot(slot);
    if (id != no_slot && !is_item(slot)) {
      ports.push_back({slot, inner_.plan->slot_types[static_cast<std::size_t>(id)], {}});
      return true;
    }
    const auto written =
        std::ranges::find_if(stage_.out, [&](const rename_spec& r) { return *r.port == slot; });
    std::vector<std::string> names;
    for (const std::string& name : inner_.plan->slots)
      if (name.find('.') == name.npos && !is_item(name)) names.push_back(name);
    report("unknown-port", "`" + file() + "` has no slot `" + slot + "` to give back",
           written->port.at, suggest(slot, names));
    s.damaged_writes = true;
    return false;
  }
  bool is_item(const std::string& slot) const {
    return std::ranges::any_of(inner_.spec.stages,
                               [&](auto& s) { return s.each && *s.each->as == slot; });
  }

  graph_spec& outer_;
  const stage_spec stage_;
  const inner_graph& inner_;
  std::vector<diagnostic>& findings_;
  int first_region_ = 0;
};

}  // namespace

void splice(graph_spec& outer, stage_spec stage, const inner_graph& inner,
            std::vector<diagnostic>& findings) {
  splicer(outer, std::move(stage), inner, findings).run();
}

}  // namespace troupe
