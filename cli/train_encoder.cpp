// troupe train encoder --data FILE.tsv … --out DIR and troupe eval encoder --model DIR --data FILE.

#include "cli/train_encoder.hpp"

#include "cli/train_progress.hpp"
#include "model/encoder_training.hpp"

#include <cstdio>
#include <iostream>

namespace troupe {

namespace {

struct encoder_flags {
  std::vector<std::string> data;
  std::string out;
  encoder_options options;
  bool json = false;
};

struct encoder_eval_flags {
  std::vector<std::string> data, among;
  std::string model;
  double wording = -1;
  bool json = false;
};

value retrieval_value(const retrieval_score& s) {
  return value(value::table{{"top1", s.top1}, {"top3", s.top3}, {"mrr", s.mrr}});
}

void print_retrieval(const char* name, const retrieval_score& s) {
  std::printf("%-8s %7.1f %7.1f %7.3f\n", name, 100 * s.top1, 100 * s.top3, s.mrr);
}

void train_it(command_context& c, const encoder_flags& flags) {
  encoder_options o = flags.options;
  o.common.data.assign(flags.data.begin(), flags.data.end());
  o.common.out = flags.out;
  o.common.progress = show_progress;
  auto report = train_encoder(o);
  if (!report) return complain(c, report.error().message);
  if (flags.json) {
    std::cout << value(value::table{{"examples", report->examples},
                                    {"groups", report->groups},
                                    {"features", report->features},
                                    {"bytes", report->bytes},
                                    {"seconds", report->seconds}})
                     .to_text()
              << '\n';
    return;
  }
  std::printf("%lld examples, %lld groups, %lld bytes, %.1f s\n",
              static_cast<long long>(report->examples), static_cast<long long>(report->groups),
              static_cast<long long>(report->bytes), report->seconds);
}

void evaluate_it(command_context& c, const encoder_eval_flags& flags) {
  encoder_eval_options o{
      .model = flags.model,
      .data = {flags.data.begin(), flags.data.end()},
      .among = {flags.among.begin(), flags.among.end()},
      .wording = flags.wording < 0 ? std::nullopt : std::optional(flags.wording)};
  auto report = evaluate_encoder(o);
  if (!report) return complain(c, report.error().message);
  if (flags.json) {
    std::cout << value(value::table{{"texts", report->texts},
                                    {"wording", retrieval_value(report->wording)},
                                    {"meaning", retrieval_value(report->meaning)},
                                    {"both", retrieval_value(report->both)}})
                     .to_text()
              << '\n';
    return;
  }
  std::printf("%lld texts\n\n%-8s %7s %7s %7s\n", static_cast<long long>(report->texts), "found by",
              "first %", "top 3 %", "MRR");
  print_retrieval("wording", report->wording);
  print_retrieval("meaning", report->meaning);
  print_retrieval("both", report->both);
}

}  // namespace

void add_train_encoder(CLI::App& train_command, command_context& c) {
  auto* sub = train_command.add_subcommand("encoder", "finds texts by meaning for `knowledge`");
  auto flags = std::make_shared<encoder_flags>();
  train_options& o = flags->options.common;
  sub->add_option("--data", flags->data, "TSV files: group TAB text")->required();
  sub->add_option("--out", flags->out, "folder of the model")->required();
  sub->add_option("--seed", o.seed, "same data and seed, same model")->capture_default_str();
  sub->add_option("--epochs", o.epochs, "passes over the data")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  sub->add_option("--width", o.width, "of the vectors")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  sub->add_option("--least", o.least, "texts that an n-gram must be in to be learned")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  sub->add_flag("--json", flags->json, "print the figures as JSON");
  sub->callback([&c, flags] { train_it(c, *flags); });
}

void add_eval_encoder(CLI::App& eval_command, command_context& c) {
  auto* sub = eval_command.add_subcommand("encoder", "an encoder, on groups of texts");
  auto flags = std::make_shared<encoder_eval_flags>();
  sub->add_option("--model", flags->model, "folder of the model")->required();
  sub->add_option("--data", flags->data, "TSV files: group TAB text")->required();
  sub->add_option("--among", flags->among,
                  "TSV files of the texts to search; else each is searched among the others");
  sub->add_option("--wording", flags->wording, "part of wording in `both`, from 0 to 1")
      ->check(CLI::Range(0.0, 1.0));
  sub->add_flag("--json", flags->json, "print the figures as JSON");
  sub->callback([&c, flags] { evaluate_it(c, *flags); });
}

}  // namespace troupe
