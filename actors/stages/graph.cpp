// `graph`: a sub-graph, another graph file in the place of one stage.
//
// Reads the inner graph's `[input]`, writes its `output`, and with a rename in `out` any other slot
// of it. Parameter: `file`, the inner graph.
// When a graph is loaded the stage is replaced by the inner graph's stages (dsl/expand.hpp). What
// is left of it are the two ends, which hand values over: each output is the input of the same
// name, or what stands for one that is left out.
//
//   [stage.polish]
//   use  = "graph"
//   with = { file = "polish.toml" }
//   in   = { draft = "article" }
//   out  = { text = "article" }

#include "actors/stages/builtin.hpp"

namespace troupe::stages {

namespace {

class handover final : public stage_instance {
 public:
  handover(port_set ports, value with) : ports_(std::move(ports)) {
    const value* defaults = with.find("defaults");
    for (const port& p : ports_.out) {
      const value* v = defaults ? defaults->find(p.name) : nullptr;
      defaults_.push_back(v ? *v : value());
    }
  }

  bool answers_at_once() const noexcept override { return true; }
  void run(frame in, std::shared_ptr<run_context> context, reply<frame> done) override {
    done(run_now(std::move(in), *context));
  }
  result<frame> run_now(frame in, run_context&) override {
    in.resize(ports_.out.size());
    for (std::size_t i = 0; i < in.size(); ++i) {
      if (in[i].is_none()) in[i] = defaults_[i];
      if (ports_.out[i].type == slot_type::floating && in[i].type() == slot_type::integer)
        in[i] = value(in[i].as_number());
    }
    return in;
  }

 private:
  port_set ports_;
  frame defaults_;
};

}  // namespace

void add_graph(registry& r) {
  stage_type type;
  type.name = "graph";
  type.summary = "another graph in the place of one stage";
  param file;
  file.name = "file";
  file.type = slot_type::text;
  file.required = true;
  file.not_empty = true;
  file.doc = "the graph file; its [input] is what the stage reads, its `output` what it writes";
  file.meaning = param::meaning_type::file;
  type.params.push_back(std::move(file));
  type.ports_for = [](const value&) -> result<port_set> { return port_set{}; };
  type.make = [](const value& with, const stage_services&,
                 const port_set& ports) -> result<std::unique_ptr<stage_instance>> {
    return std::unique_ptr<stage_instance>(std::make_unique<handover>(ports, with));
  };
  r.add(std::move(type));
}

}  // namespace troupe::stages
