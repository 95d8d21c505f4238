#include "dsl/bill.hpp"
#include "dsl/graph_files.hpp"

#include "dsl/linking.hpp"
#include "dsl/worst_case.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

namespace troupe {

namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();
constexpr double prices_are_per = 1e6;

/// What one entry into a stage weighs at most.
class stage_weights {
 public:
  stage_weights(const graph& g, const stage_node& n, crashes c)
      : g_(g),
        n_(n),
        attempts_(c == crashes::counted ? std::max(2, n.retry.attempts) : n.retry.attempts),
        items_(n.each ? n.each->max : 1),
        cost_(cost_of_call()),
        models_(models_asked()) {}

  double calls() const {
    double tries = 0;
    for (const model_spec* m : models_) tries += tries_of(*m);
    return asked() * tries;
  }

  double tokens() const {
    double all = 0;
    for (const model_spec* m : models_) all += tries_of(*m) * tokens_of(*m);
    return asked() * all;
  }

  double money(const std::string& currency) const {
    double sum = 0;
    for (const model_spec* m : models_)
      if (m->price && *m->price->currency == currency) {
        const double all = tokens_of(*m), in = *m->price->input, out = *m->price->output;
        const double answer = std::min(all, double(cost_.output_tokens));
        sum += tries_of(*m) * (out > in ? answer * out + (all - answer) * in : all * in);
      }
    return asked() * sum / prices_are_per;
  }

  double time() const {
    // The ends of sub-graphs only hand values over.
    if (n_.type->name == sub_graph_type) return 0;
    if (n_.timeout == duration::max()) return infinite;
    double once = attempts_ * seconds(n_.timeout);
    duration pause = std::max(n_.retry.backoff_min, duration(0));
    for (int i = 1; i < attempts_; ++i) {
      once += seconds(std::min(pause, n_.retry.backoff_max));
      if (pause < n_.retry.backoff_max) pause *= 2;
    }
    const int lanes =
        n_.each ? std::max(1, std::min(n_.each->concurrency, n_.replicas + n_.queue)) : 1;
    return once * ((items_ + lanes - 1) / lanes);
  }

 private:
  /// How often the stage asks.
  double asked() const { return double(items_) * attempts_ * double(cost_.model_calls); }

  /// How often the engine of a model asks its API then.
  static double tries_of(const model_spec& m) {
    constexpr double usual_attempts = 3;
    if (*m.kind != "remote") return 1;
    const value* retry = m.all.plain.find("retry");
    const value* attempts = retry ? retry->find("attempts") : nullptr;
    return attempts && attempts->type() == slot_type::integer ? double(attempts->as_int())
                                                              : usual_attempts;
  }

  call_cost cost_of_call() const {
    if (!n_.type) return {};
    if (n_.type->cost) return n_.type->cost(n_.with);
    for (const param& p : n_.type->params) {
      if (p.meaning != param::meaning_type::engine_name) continue;
      const value* name = n_.with.find(p.name);
      const bool named = name && name->type() == slot_type::text;
      if (!g_.models.empty())
        return {.model_calls = 1,
                .model = named ? name->as_text() : "",
                .output_tokens = std::numeric_limits<std::int64_t>::max()};
    }
    return {};
  }

  /// The model that is named, and those that step in for it.
  std::vector<const model_spec*> models_asked() const {
    std::vector<const model_spec*> models;
    auto find = [&](const std::string& name) -> const model_spec* {
      for (const model_spec& m : g_.models)
        if (*m.name == name || (name.empty() && g_.models.size() == 1)) return &m;
      return nullptr;
    };
    if (cost_.model_calls == 0) return models;
    for (const model_spec* m = find(cost_.model); m && std::ranges::find(models, m) == models.end();
         m = find(*m->fallback)) {
      models.push_back(m);
      if (m->fallback->empty()) break;
    }
    return models;
  }

  double tokens_of(const model_spec& m) const {
    const auto context = double(*m.context);
    if (cost_.prompt_tokens < 0) return context;
    return std::min(context, double(cost_.prompt_tokens) + double(cost_.output_tokens));
  }

  const graph& g_;
  const stage_node& n_;
  int attempts_;
  int items_;
  call_cost cost_;
  std::vector<const model_spec*> models_;
};

/// Where stages have no timeout, model calls stand for time.
std::vector<double> weights_of_path(const std::vector<double>& time,
                                    const std::vector<double>& calls) {
  constexpr double time_of_a_call = 1e6, time_of_a_stage = 1e-3;
  const bool known = std::ranges::none_of(time, [](double t) { return std::isinf(t); });
  std::vector<double> weights;
  for (std::size_t i = 0; i < time.size(); ++i)
    weights.push_back(time_of_a_stage + (std::isinf(time[i]) ? 0 : time[i]) +
                      (known ? 0 : calls[i] * time_of_a_call));
  return weights;
}

}  // namespace

bill bill_of(const graph& g, crashes c) {
  std::vector<stage_weights> stages;
  for (const stage_node& n : g.stages) stages.emplace_back(g, n, c);
  const worst_case runs(g);
  auto weights = [&](auto of) {
    std::vector<double> all;
    for (const stage_weights& s : stages) all.push_back(of(s));
    return all;
  };
  const auto calls = weights([](auto& s) { return s.calls(); });
  const auto time = weights([](auto& s) { return s.time(); });

  bill b;
  b.stage_entries = runs.bound(std::vector<double>(stages.size(), 1), branches_are::added);
  b.model_calls = runs.bound(calls, branches_are::added);
  b.tokens_without_budget =
      runs.bound(weights([](auto& s) { return s.tokens(); }), branches_are::added);
  b.seconds_without_deadline = runs.bound(time, branches_are::compared);
  b.path = runs.heaviest_path(weights_of_path(time, calls));

  b.tokens = b.tokens_without_budget;
  if (g.token_budget >= 0) b.tokens = std::min(b.tokens, double(g.token_budget));
  b.time =
      b.seconds_without_deadline < seconds(g.deadline)
          ? std::chrono::ceil<duration>(std::chrono::duration<double>(b.seconds_without_deadline))
          : g.deadline;

  std::set<std::string> currencies;
  for (const model_spec& m : g.models)
    if (m.price) currencies.insert(*m.price->currency);
  for (const std::string& currency : currencies) {
    double most =
        runs.bound(weights([&](auto& s) { return s.money(currency); }), branches_are::added);
    double dearest = 0;
    for (const model_spec& m : g.models)
      if (m.price && *m.price->currency == currency)
        dearest = std::max({dearest, *m.price->input, *m.price->output});
    if (g.token_budget >= 0)
      most = std::min(most, double(g.token_budget) * dearest / prices_are_per);
    b.money.emplace_back(currency, most);
  }

  for (std::size_t i = 0; i < g.stages.size(); ++i) {
    const auto id = static_cast<stage_id>(i);
    if (std::isinf(time[i])) b.without_timeout.push_back(id);
    for (const edge& e : g.stages[i].next)
      if (e.counter >= 0 && e.max > 0) b.loops.push_back({id, e.to, e.max});
  }
  return b;
}

void check_bound(linking& l) {
  const bill b = bill_of(l.out);
  if (b.stage_entries <= most_stage_entries) return;
  // The edge that is to blame is most likely the one that may be taken most often.
  source_range at = l.spec.start.at;
  std::int64_t most = 1;
  for (const stage_spec& stage : l.spec.stages)
    for (const edge_spec& e : stage.next)
      if (e.max && **e.max > most) {
        most = **e.max;
        at = e.max->at;
      }
  l.report("unbounded", "a run could enter stages more than 1,000,000 times, which no run may", at,
           "lower the `max` of loops, or let fewer fan-outs follow each other");
}

}  // namespace troupe
