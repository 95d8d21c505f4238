// troupe bench model DIR: how fast a model reads prompts and writes answers on this machine.

#include "cli/command.hpp"
#include "model/augment.hpp"
#include "model/engines.hpp"

#include <boost/json.hpp>

#include <cstdio>
#include <iostream>
#include <thread>

namespace troupe {

namespace {

struct bench_flags {
  model_spec model;
  std::int64_t prompt = 512, tokens = 64, sequences = 16;
  int times = 3;
  bool json = false;
};

/// Tokens a second.
struct model_speed {
  double prefill = 0, one = 0, together = 0;
};

/// Draws its own prompts, so that nothing was read before.
class model_bench {
 public:
  model_bench(language_model& model, const bench_flags& flags) : model_(model), flags_(flags) {}

  result<model_speed> run() {
    model_speed best;
    for (int i = 0; i <= flags_.times; ++i) {
      const auto prefill = rate(1, flags_.prompt, 1);
      const auto one = rate(1, short_prompt, flags_.tokens);
      const auto together = rate(flags_.sequences, short_prompt, flags_.tokens);
      for (const auto* r : {&prefill, &one, &together})
        if (!*r) return r->error();
      if (i == 0) continue;  // The first round warms up.
      best.prefill = std::max(best.prefill, *prefill * static_cast<double>(flags_.prompt));
      best.one = std::max(best.one, *one);
      best.together = std::max(best.together, *together);
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
      while (std::ssize(r.ids) < prompt)
        r.ids.push_back(static_cast<token_id>(random_.uniform() *
                                              static_cast<double>(model_.facts().vocabulary)));
    }
    std::vector<result<completion>> done(requests.size(), completion{});
    const auto begin = std::chrono::steady_clock::now();
    {
      std::vector<std::jthread> threads;
      for (std::size_t i = 0; i < requests.size(); ++i)
        threads.emplace_back([&, i] { done[i] = model_.complete(requests[i]); });
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    std::int64_t drawn = 0;
    for (const auto& d : done) {
      if (!d) return d.error();
      drawn += std::ssize(d->ids);
    }
    return static_cast<double>(drawn) / took.count();
  }

  language_model& model_;
  const bench_flags& flags_;
  random_source random_{1};
};

void print_table(const bench_flags& flags, const engine_facts& facts, const model_speed& speed) {
  std::printf("%s: %s, %s on %s, %.0f MB of weights\n\n", flags.model.path->c_str(),
              facts.family.c_str(), facts.dtype.c_str(), facts.device.c_str(),
              static_cast<double>(facts.weight_bytes) / 1e6);
  auto line = [](const std::string& what, double rate) {
    std::printf("%-28s %10.1f tokens/s", what.c_str(), rate);
  };
  line("prompt of " + std::to_string(flags.prompt), speed.prefill);
  std::printf("\n");
  line("one sequence", speed.one);
  std::printf("\n");
  line(std::to_string(flags.sequences) + " sequences at once", speed.together);
  std::printf("   %.1f times one\n", speed.together / speed.one);
}

void bench_model(command_context& c, const bench_flags& flags) {
  auto model = open_language_model(flags.model, ".");
  if (!model) return complain(c, model.error().message);
  const auto speed = model_bench(**model, flags).run();
  if (!speed) return complain(c, speed.error().message);
  const engine_facts facts = (*model)->facts();
  if (!flags.json) return print_table(flags, facts, *speed);
  boost::json::object o;
  o["family"] = facts.family;
  o["dtype"] = facts.dtype;
  o["device"] = facts.device;
  o["weight_bytes"] = facts.weight_bytes;
  o["prefill"] = speed->prefill;
  o["decode"] = speed->one;
  o["together"] = speed->together;
  o["sequences"] = flags.sequences;
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
  sub->add_option("--dtype", flags->model.dtype.value, "auto, fp32, bf16, fp16 or int8");
  sub->add_option("--device", flags->model.device.value, "auto, cpu, cuda or cuda:N");
  sub->add_flag("--json", flags->json, "as JSON");
  sub->callback([&c, flags] {
    flags->model.name.value = flags->model.path.value;
    bench_model(c, *flags);
  });
}

}  // namespace troupe
