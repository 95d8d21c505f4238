// troupe train lm --data DIR_OR_JSONL --out DIR and troupe eval lm --model DIR --data FILE.

#include "cli/train_lm.hpp"

#include "model/lm_training.hpp"

#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <iostream>

namespace troupe {

namespace {

struct lm_train_flags {
  std::vector<std::string> data;
  std::string out, format, init;
  lm_options options;
  bool json = false;
};

struct lm_eval_flags {
  std::vector<std::string> data;
  std::string model;
  std::int64_t max_tokens = 128;
  bool json = false, misses = false;
};

std::string clock_time(double seconds) {
  const auto all = static_cast<long long>(seconds + 0.5);
  char text[32];
  std::snprintf(text, sizeof text, "%lld:%02lld:%02lld", all / 3600, all / 60 % 60, all % 60);
  return text;
}

void show_loss(const lm_progress& p) {
  const auto step = static_cast<long long>(p.step), steps = static_cast<long long>(p.steps);
  const std::string left = clock_time(p.seconds_left);
  if (isatty(STDERR_FILENO) == 0) {
    if (p.step % 50 == 0 || p.step == p.steps || p.step == 1)
      std::fprintf(stderr, "step %lld/%lld  loss %.4f  %.0f tokens/s  %s left\n", step, steps,
                   p.loss, p.tokens_per_second, left.c_str());
    return;
  }
  constexpr int width = 30;
  const auto full = static_cast<int>(width * p.step / std::max<std::int64_t>(p.steps, 1));
  std::string bar(static_cast<std::size_t>(full), '#');
  bar.resize(width, '.');
  std::fprintf(stderr, "\r[%s] %lld/%lld  loss %.4f  %.0f tokens/s  %s left ", bar.c_str(), step,
               steps, p.loss, p.tokens_per_second, left.c_str());
  if (p.step == p.steps) std::fputc('\n', stderr);
}

std::stop_source interrupted;

void train_writer(command_context& c, lm_train_flags& flags) {
  lm_options& o = flags.options;
  o.data.assign(flags.data.begin(), flags.data.end());
  o.out = flags.out;
  o.format = flags.format;
  o.init = flags.init;
  o.progress = show_loss;
  o.cancel = interrupted.get_token();
  auto* before = std::signal(SIGINT, [](int) { interrupted.request_stop(); });
  auto report = train_lm(o);
  std::signal(SIGINT, before);
  if (!report) return complain(c, report.error().message);
  if (flags.json) {
    std::cout << value(value::table{{"examples", report->examples},
                                    {"parameters", report->parameters},
                                    {"vocabulary", report->vocabulary},
                                    {"bytes", report->bytes},
                                    {"loss", report->loss},
                                    {"held_out_loss", report->held_out_loss},
                                    {"seconds", report->seconds}})
                     .to_text()
              << '\n';
    return;
  }
  std::printf(
      "%lld examples, %lld parameters, vocabulary of %lld, %lld bytes, %.1f s\n"
      "loss %.4f, held-out loss %.4f\n",
      static_cast<long long>(report->examples), static_cast<long long>(report->parameters),
      static_cast<long long>(report->vocabulary), static_cast<long long>(report->bytes),
      report->seconds, report->loss, report->held_out_loss);
}

void evaluate_writer(command_context& c, const lm_eval_flags& flags) {
  auto report =
      evaluate_lm({flags.model, {flags.data.begin(), flags.data.end()}, flags.max_tokens});
  if (!report) return complain(c, report.error().message);
  if (flags.json) {
    std::cout << value(value::table{{"examples", report->examples},
                                    {"exact", report->exact},
                                    {"with_fact", report->with_fact},
                                    {"fact_told", report->fact_told},
                                    {"invented", report->invented},
                                    {"seconds", report->seconds}})
                     .to_text()
              << '\n';
    return;
  }
  const auto percent = [](std::int64_t part, std::int64_t all) {
    return all ? 100 * double(part) / double(all) : 0;
  };
  std::printf("examples              %lld in %.1f s\n", static_cast<long long>(report->examples),
              report->seconds);
  std::printf("as the example says   %.1f %%\n", percent(report->exact, report->examples));
  std::printf("with the asked fact   %.1f %% of %lld\n",
              percent(report->fact_told, report->with_fact),
              static_cast<long long>(report->with_fact));
  std::printf("with a number that is not in the prompt: %lld\n",
              static_cast<long long>(report->invented));
  if (flags.misses)
    for (const lm_miss& m : report->misses)
      std::printf("\n%s\n  expected: %s\n  reply:    %s\n", m.prompt.c_str(), m.expected.c_str(),
                  m.reply.c_str());
}

}  // namespace

void add_train_lm(CLI::App& train_command, command_context& c) {
  auto* sub = train_command.add_subcommand("lm", "a small language model for `generate`");
  auto flags = std::make_shared<lm_train_flags>();
  lm_options& o = flags->options;
  sub->add_option("--data", flags->data, "JSONL files, or folders of them: prompt, answer")
      ->required();
  sub->add_option("--out", flags->out, "folder of the model")->required();
  sub->add_option("--format", flags->format, "the model's prompt_format.json");
  sub->add_option("--init", flags->init, "a model to begin from: its vocabulary and weights");
  sub->add_option("--steps", o.steps, "steps of training")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  sub->add_option("--seed", o.seed, "same data and seed, same model")->capture_default_str();
  sub->add_option("--batch-tokens", o.batch_tokens, "tokens of a step")->capture_default_str();
  sub->add_option("--vocabulary", o.vocabulary, "tokens it knows")->capture_default_str();
  sub->add_option("--hidden", o.hidden, "width")->capture_default_str();
  sub->add_option("--layers", o.layers, "depth")->capture_default_str();
  sub->add_option("--heads", o.heads, "attention heads of a layer")->capture_default_str();
  sub->add_option("--intermediate", o.intermediate, "width inside a layer")->capture_default_str();
  sub->add_option("--context", o.context, "longest prompt and answer")->capture_default_str();
  sub->add_option("--rate", o.learning_rate, "highest learning rate")->capture_default_str();
  sub->add_option("--prompt-loss", o.prompt_loss, "weight of the prompt's own tokens")
      ->capture_default_str();
  sub->add_option("--save-every", o.save_every, "steps between checkpoints")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  sub->add_option("--threads", o.threads, "threads")->capture_default_str();
  sub->add_flag("--resume", o.resume, "go on from the checkpoint in --out");
  sub->add_flag("--json", flags->json, "print the figures as JSON");
  sub->callback([&c, flags] { train_writer(c, *flags); });
}

void add_eval_lm(CLI::App& eval_command, command_context& c) {
  auto* sub = eval_command.add_subcommand("lm", "a language model, on prompts and answers");
  auto flags = std::make_shared<lm_eval_flags>();
  sub->add_option("--model", flags->model, "folder of the model")->required();
  sub->add_option("--data", flags->data, "JSONL files: prompt, answer, fact")->required();
  sub->add_option("--max-tokens", flags->max_tokens, "longest reply")->capture_default_str();
  sub->add_flag("--json", flags->json, "print the figures as JSON");
  sub->add_flag("--misses", flags->misses, "print the replies that are not right");
  sub->callback([&c, flags] { evaluate_writer(c, *flags); });
}

}  // namespace troupe
