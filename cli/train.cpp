// troupe train intent|sentiment --data FILE.tsv --out DIR and troupe eval … --model DIR --data
// FILE; what else is trained is added here.

#include "cli/train_encoder.hpp"
#include "cli/train_lm.hpp"
#include "cli/train_progress.hpp"
#include "model/training.hpp"

#include <cstdio>
#include <iostream>

namespace troupe {

namespace {

struct train_flags {
  std::vector<std::string> data;
  std::string out;
  std::uint64_t seed = 1;
  int epochs = 0;
  bool json = false;
};

struct eval_flags {
  std::vector<std::string> data;
  std::string model;
  double threshold = 0.5;
  bool json = false, mistakes = false;
};

value to_value(const eval_report& r) {
  value::list labels, confusions;
  for (const label_score& l : r.labels)
    labels.emplace_back(value::table{{"label", l.label},
                                     {"support", l.support},
                                     {"precision", l.precision},
                                     {"recall", l.recall},
                                     {"f1", l.f1}});
  for (const confusion& x : r.confusions)
    confusions.emplace_back(
        value::table{{"truth", x.truth}, {"guess", x.guess}, {"count", x.count}});
  return value(value::table{{"examples", r.examples},
                            {"accuracy", r.accuracy},
                            {"in_scope_accuracy", r.in_scope_accuracy},
                            {"macro_f1", r.macro_f1},
                            {"threshold", r.threshold},
                            {"out_of_scope_recall", r.out_of_scope_recall},
                            {"accepted_accuracy", r.accepted_accuracy},
                            {"calibration_error", r.calibration_error},
                            {"labels", std::move(labels)},
                            {"confusions", std::move(confusions)}});
}

void print_report(const eval_report& r, bool mistakes) {
  std::printf("examples             %lld\n", static_cast<long long>(r.examples));
  std::printf("accuracy             %.4f\n", r.accuracy);
  std::printf("in-scope accuracy    %.4f\n", r.in_scope_accuracy);
  std::printf("macro F1             %.4f\n", r.macro_f1);
  std::printf("calibration error    %.4f\n", r.calibration_error);
  std::printf("at threshold %.2f:    accepted and right %.4f, out-of-scope recall %.4f\n",
              r.threshold, r.accepted_accuracy, r.out_of_scope_recall);
  std::printf("\n%-28s %7s %9s %7s %7s\n", "label", "support", "precision", "recall", "F1");
  for (const label_score& l : r.labels)
    std::printf("%-28s %7lld %9.3f %7.3f %7.3f\n", l.label.c_str(),
                static_cast<long long>(l.support), l.precision, l.recall, l.f1);
  if (!r.confusions.empty()) std::printf("\nmost often confused\n");
  for (std::size_t i = 0; i < r.confusions.size() && i < 10; ++i)
    std::printf("  %lld× %s taken for %s\n", static_cast<long long>(r.confusions[i].count),
                r.confusions[i].truth.c_str(), r.confusions[i].guess.c_str());
  if (mistakes)
    for (const mistake& m : r.mistakes)
      std::printf("%s\t%s\t%.2f\t%s\n", m.truth.c_str(), m.guess.c_str(), m.confidence,
                  m.text.c_str());
}

void train(command_context& c, const train_flags& flags) {
  train_options o;
  o.data.assign(flags.data.begin(), flags.data.end());
  o.out = flags.out;
  o.seed = flags.seed;
  if (flags.epochs > 0) o.epochs = flags.epochs;
  o.progress = show_progress;
  auto report = train_classifier(o);
  if (!report) return complain(c, report.error().message);
  if (flags.json) {
    std::cout << to_value(report->validation).to_text() << '\n';
    return;
  }
  std::printf(
      "%lld examples, %lld labels, %lld bytes, %.1f s\nheld-out accuracy %.4f, "
      "calibration error %.4f\n",
      static_cast<long long>(report->examples), static_cast<long long>(report->labels),
      static_cast<long long>(report->bytes), report->seconds, report->validation.accuracy,
      report->validation.calibration_error);
}

void evaluate(command_context& c, const eval_flags& flags) {
  auto report =
      evaluate_classifier({flags.model, {flags.data.begin(), flags.data.end()}, flags.threshold});
  if (!report) return complain(c, report.error().message);
  if (flags.json) {
    std::cout << to_value(*report).to_text() << '\n';
  } else {
    print_report(*report, flags.mistakes);
  }
}

constexpr const char* kinds[] = {"intent", "sentiment"};

}  // namespace

void add_train(CLI::App& app, command_context& c) {
  auto* sub = app.add_subcommand("train", "train a model of a graph's own");
  sub->require_subcommand(1);
  for (const char* kind : kinds) {
    auto* one = sub->add_subcommand(kind, std::string("a text classifier for `") + kind + "`");
    auto flags = std::make_shared<train_flags>();
    one->add_option("--data", flags->data, "TSV files: label TAB text")->required();
    one->add_option("--out", flags->out, "folder of the model")->required();
    one->add_option("--seed", flags->seed, "same data and seed, same model")->capture_default_str();
    one->add_option("--epochs", flags->epochs, "passes over the data");
    one->add_flag("--json", flags->json, "print the held-out figures as JSON");
    one->callback([&c, flags] { train(c, *flags); });
  }
  add_train_encoder(*sub, c);
  add_train_lm(*sub, c);
}

void add_eval(CLI::App& app, command_context& c) {
  auto* sub = app.add_subcommand("eval", "measure a trained model");
  sub->require_subcommand(1);
  for (const char* kind : kinds) {
    auto* one = sub->add_subcommand(kind, std::string("a text classifier for `") + kind + "`");
    auto flags = std::make_shared<eval_flags>();
    one->add_option("--model", flags->model, "folder of the model")->required();
    one->add_option("--data", flags->data, "TSV files: label TAB text")->required();
    one->add_option("--threshold", flags->threshold, "below it: out of scope")
        ->capture_default_str();
    one->add_flag("--json", flags->json, "print the figures as JSON");
    one->add_flag("--mistakes", flags->mistakes, "print what was answered wrongly");
    one->callback([&c, flags] { evaluate(c, *flags); });
  }
  add_eval_encoder(*sub, c);
  add_eval_lm(*sub, c);
}

}  // namespace troupe
