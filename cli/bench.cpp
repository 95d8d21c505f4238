// troupe bench model DIR: how fast a model reads prompts and writes answers on this machine.

#include "cli/command.hpp"
#include "model/augment.hpp"
#include "model/cpu_linear.hpp"
#include "model/engines.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <thread>

namespace troupe {

namespace {

struct bench_flags {
  model_spec model;
  std::vector<std::string> dtypes;  ///< empty: what `auto` chooses, and int8 where it is there
  std::int64_t prompt = 512, tokens = 64, sequences = 16;
  int times = 3;
  bool json = false;
};

struct model_speed {
  double prefill = 0, one = 0, together = 0;  ///< tokens a second
  double early_turn = 0, late_turn = 0;       ///< seconds to the first token
};

/// Draws its own prompts, so that nothing was read before.
class model_bench {
 public:
  model_bench(language_model& model, const bench_flags& flags) : model_(model), flags_(flags) {}

  result<model_speed> run() {
    model_speed best{.early_turn = 1e9, .late_turn = 1e9};
    for (int i = 0; i <= flags_.times; ++i) {
      const auto prefill = rate(1, flags_.prompt, 1);
      const auto one = rate(1, short_prompt, flags_.tokens);
      const auto together = rate(flags_.sequences, short_prompt, flags_.tokens);
      for (const auto* r : {&prefill, &one, &together})
        if (!*r) return r->error();
      const auto turns = conversation();
      if (!turns) return turns.error();
      if (i == 0) continue;  // The first round warms up.
      best.prefill = std::max(best.prefill, *prefill * static_cast<double>(flags_.prompt));
      best.one = std::max(best.one, *one);
      best.together = std::max(best.together, *together);
      best.early_turn = std::min(best.early_turn, turns->first);
      best.late_turn = std::min(best.late_turn, turns->second);
    }
    return best;
  }

 private:
  static constexpr std::int64_t short_prompt = 16;

  /// Tokens drawn a second by `sequences` at once.
  result<double> rate(std::int64_t sequences, std::int64_t prompt, std::int64_t tokens) {
    std::vector<completion_request> requests(static_cast<std::size_t>(sequences));
    for (auto& r : requests) {
      r = {.max_tokens = tokens, .ignore_end = true};
      add_words(r.ids, prompt);
    }
    std::vector<result<completion>> done(requests.size(), completion{});
    const auto begin = std::chrono::steady_clock::now();
    {
      std::vector<std::jthread> threads;
      for (std::size_t i = 0; i < requests.size(); ++i)
        threads.emplace_back([&, i] { done[i] = model_.complete(requests[i]); });
    }
    const auto took = seconds_since(begin);
    std::int64_t drawn = 0;
    for (const auto& d : done) {
      if (!d) return d.error();
      drawn += std::ssize(d->ids);
    }
    return static_cast<double>(drawn) / took;
  }

  /// Seconds to the first token in the second and in the twentieth turn of a conversation.
  result<std::pair<double, double>> conversation() {
    constexpr int turns = 20;
    const auto words = std::clamp<std::int64_t>(model_.facts().context / (turns + 1), 2, 48);
    std::pair<double, double> out;
    completion_request r{.max_tokens = 1, .ignore_end = true};
    for (int turn = 1; turn <= turns; ++turn) {
      add_words(r.ids, words);
      const auto begin = std::chrono::steady_clock::now();
      const auto first = model_.complete(r);
      if (!first) return first.error();
      if (turn == 2) out.first = seconds_since(begin);
      if (turn == turns) out.second = seconds_since(begin);
    }
    return out;
  }

  void add_words(std::vector<token_id>& to, std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i)
      to.push_back(static_cast<token_id>(random_.uniform() *
                                         static_cast<double>(model_.facts().vocabulary)));
  }

  static double seconds_since(std::chrono::steady_clock::time_point begin) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  }

  language_model& model_;
  const bench_flags& flags_;
  random_source random_{1};
};

/// One line for each dtype, printed as it is measured.
class bench_table {
 public:
  explicit bench_table(const bench_flags& flags) : flags_(flags) {}

  void add(const engine_facts& facts, const model_speed& speed) {
    if (!headed_) print_head(facts);
    headed_ = true;
    std::printf("%-6s %7.0f MB %14.1f %14.1f %14.1f %9.1f %9.1f ms %9.1f ms %9.1f\n",
                facts.dtype.c_str(), static_cast<double>(facts.weight_bytes) / 1e6, speed.prefill,
                speed.one, speed.together, speed.together / speed.one, speed.early_turn * 1e3,
                speed.late_turn * 1e3, speed.late_turn / speed.early_turn);
    std::fflush(stdout);
  }

 private:
  void print_head(const engine_facts& facts) {
    std::printf("%s: %s on %s\n\n%-17s %44s %9s %38s\n", flags_.model.path->c_str(),
                facts.family.c_str(), facts.device.c_str(), "", "tokens a second", "",
                "first token of turn");
    std::printf("%-6s %10s %14s %14s %14s %9s %12s %12s %9s\n", "dtype", "weights",
                ("prompt of " + std::to_string(flags_.prompt)).c_str(), "one sequence",
                (std::to_string(flags_.sequences) + " at once").c_str(), "times one", "2", "20",
                "times");
  }

  const bench_flags& flags_;
  bool headed_ = false;
};

boost::json::object json_of(const bench_flags& flags, const engine_facts& facts,
                            const model_speed& speed) {
  boost::json::object o;
  o["dtype"] = facts.dtype;
  o["device"] = facts.device;
  o["weight_bytes"] = facts.weight_bytes;
  o["prefill"] = speed.prefill;
  o["decode"] = speed.one;
  o["together"] = speed.together;
  o["sequences"] = flags.sequences;
  o["first_token_turn_2_ms"] = speed.early_turn * 1e3;
  o["first_token_turn_20_ms"] = speed.late_turn * 1e3;
  return o;
}

void bench_model(command_context& c, const bench_flags& flags) {
  bench_table table(flags);
  boost::json::array results;
  std::string family;
  auto dtypes = flags.dtypes;
  if (dtypes.empty()) dtypes.push_back("auto");
  for (std::size_t i = 0; i < dtypes.size(); ++i) {
    model_spec spec = flags.model;
    spec.dtype.value = dtypes[i];
    auto model = open_language_model(spec, ".");
    if (!model) return complain(c, model.error().message);
    const auto speed = model_bench(**model, flags).run();
    if (!speed) return complain(c, speed.error().message);
    const engine_facts facts = (*model)->facts();
    if (flags.dtypes.empty() && i == 0 && facts.device == "cpu" && has_cpu_kernels())
      dtypes.push_back("int8");
    family = facts.family;
    if (flags.json)
      results.push_back(json_of(flags, facts, *speed));
    else
      table.add(facts, *speed);
  }
  if (!flags.json) return;
  boost::json::object o;
  o["model"] = *flags.model.path;
  o["family"] = family;
  o["results"] = std::move(results);
  std::cout << boost::json::serialize(o) << '\n';
}

}  // namespace

void add_bench(CLI::App& app, command_context& c) {
  auto* bench = app.add_subcommand("bench", "how fast something is on this machine");
  bench->require_subcommand(1);
  auto* sub = bench->add_subcommand("model", "a model: tokens a second, read and written");
  auto flags = std::make_shared<bench_flags>();
  flags->model.kind.value = "local";
  sub->add_option("model", flags->model.path.value, "a model's folder")->required();
  sub->add_option("--prompt", flags->prompt, "tokens of the prompt that is read; default 512")
      ->check(CLI::PositiveNumber);
  sub->add_option("--tokens", flags->tokens, "tokens that each sequence writes; default 64")
      ->check(CLI::PositiveNumber);
  sub->add_option("--sequences", flags->sequences, "how many at once; default 16")
      ->check(CLI::Range(1, 1024));
  sub->add_option("--times", flags->times, "the best of so many rounds; default 3")
      ->check(CLI::Range(1, 1000));
  sub->add_option("--dtype", flags->dtypes,
                  "auto, fp32, bf16, fp16 or int8, one or more; default auto, and int8 on a CPU "
                  "that has it")
      ->delimiter(',');
  sub->add_option("--device", flags->model.device.value, "auto, cpu, cuda or cuda:N");
  sub->add_flag("--json", flags->json, "as JSON");
  sub->callback([&c, flags] {
    flags->model.name.value = flags->model.path.value;
    bench_model(c, *flags);
  });
}

}  // namespace troupe
