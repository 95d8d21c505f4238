#pragma once
// The edges of a running graph with a kill switch in them: its store, its stages, and a stage that
// streams.

#include "crash/kill_switch.hpp"
#include "crash/log_file.hpp"
#include "pipeline/describe_stage.hpp"
#include "pipeline/graph.hpp"
#include "pipeline/store.hpp"

#include <deque>

namespace troupe::test {

/// Every write and every sync may be the last one, before it or after it.
class mortal_store final : public store {
 public:
  mortal_store(store& inside, kill_switch& death) : inside_(inside), death_(death) {}

  result<void> write(write_batch batch, durability level) override {
    const bool sync = level == durability::synced;
    death_.cross(sync ? "before a sync" : "before a write");
    auto done = inside_.write(std::move(batch), level);
    death_.cross(sync ? "after a sync" : "after a write");
    return done;
  }
  result<std::optional<std::string>> get(family f, std::string_view key) const override {
    return inside_.get(f, key);
  }
  result<void> scan(
      family f, std::string_view prefix, std::string_view from,
      const std::function<bool(std::string_view, std::string_view)>& each) const override {
    return inside_.scan(f, prefix, from, each);
  }

 private:
  store& inside_;
  kill_switch& death_;
};

/// What stages of a process know of their end; set before the graph runs.
struct stage_edges {
  kill_switch* death = nullptr;
  log_file* log = nullptr;
};
inline stage_edges edges;

/// Streams its text in three pieces. `stumble` fails its first attempt after the first piece, and
/// `never` fails them all.
struct speak {
  static constexpr std::string_view name = "speak";
  static constexpr bool streams = true;
  struct params {};
  struct input {
    std::string greeting, text;
  };
  struct output {
    std::string text;
  };
  static void describe(describer<speak>& d) {
    d.in("greeting", &input::greeting, "");
    d.in("text", &input::text, "");
    d.out("text", &output::text, "");
  }
  result<output> run(const input& in, run_context& context) {
    output made;
    for (const std::string& piece : {in.greeting, std::string(", "), in.text}) {
      edges.death->cross("before a delta");
      context.emit(piece);
      edges.death->cross("after a delta");
      made.text += piece;
      if (in.text == "never") edges.death->cross("in a deadly call");
      if (in.text == "never") return error{errc::failed, "it never works"};
      if (in.text == "stumble" && context.info().attempt == 1)
        return error{errc::unavailable, "it stumbled"};
    }
    return made;
  }
};

/// Every call of a stage may be the last thing that happens, before the stage works or after it.
class mortal_instance final : public stage_instance {
 public:
  explicit mortal_instance(std::unique_ptr<stage_instance> inside) : inside_(std::move(inside)) {}
  bool answers_at_once() const noexcept override { return inside_->answers_at_once(); }
  void run(frame in, std::shared_ptr<run_context> context, reply<frame> done) override {
    begins(*context);
    inside_->run(std::move(in), std::move(context), std::move(done));
    edges.death->cross("before a stage's answer");
  }
  result<frame> run_now(frame in, run_context& context) override {
    begins(context);
    auto out = inside_->run_now(std::move(in), context);
    edges.death->cross("before a stage's answer");
    return out;
  }

 private:
  static void begins(const run_context& context) {
    edges.log->append({{"type", "call"},
                       {"run", context.info().run.str()},
                       {"key", context.idempotency_key()},
                       {"attempt", context.info().attempt}});
    edges.death->cross("at a stage's start");
  }
  std::unique_ptr<stage_instance> inside_;
};

/// A graph whose stages are all mortal. Lives as long as it runs.
class mortal_graph {
 public:
  explicit mortal_graph(const graph& plan) {
    auto copy = std::make_shared<graph>(plan);
    for (stage_node& n : copy->stages) {
      stage_type t = *n.type;
      t.make = [real = n.type->make](
                   const value& with, const stage_services& services,
                   const port_set& ports) -> result<std::unique_ptr<stage_instance>> {
        auto made = real(with, services, ports);
        if (!made) return std::move(made).error();
        return std::unique_ptr<stage_instance>(std::make_unique<mortal_instance>(std::move(*made)));
      };
      types_.push_back(std::move(t));
      n.type = &types_.back();
    }
    plan_ = std::move(copy);
  }
  const std::shared_ptr<const graph>& plan() const noexcept { return plan_; }

 private:
  std::deque<stage_type> types_;
  std::shared_ptr<const graph> plan_;
};

}  // namespace troupe::test
