// troupe test DIR: plays the dialogues and jobs of a graph's folder and compares.

#include "cli/command.hpp"
#include "cli/test_player.hpp"
#include "cli/test_report.hpp"
#include "dsl/diagnostics.hpp"

#include <spdlog/spdlog.h>
#include <boost/json.hpp>

#include <algorithm>
#include <iostream>

namespace troupe {

namespace {

namespace fs = std::filesystem;

struct test_flags {
  std::string folder, filter;
  bool show = false, json = false;
};

std::string lower(std::string s) {
  std::ranges::transform(
      s, s.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return s;
}

/// dialogues/*.toml and jobs/*.toml, in order.
std::vector<fs::path> test_files(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code no_such_folder;
  for (const char* name : {"dialogues", "jobs"})
    for (const auto& entry : fs::directory_iterator(folder / name, no_such_folder))
      if (entry.path().extension() == ".toml") files.push_back(entry.path());
  std::ranges::sort(files);
  return files;
}

/// A file of tests and the graph as they need it.
struct ready_tests {
  test_file tests;
  std::vector<std::string> scripted;
  std::shared_ptr<const graph> plan;
};

class testing {
 public:
  testing(command_context& c, const test_flags& flags) : context_(c), flags_(flags) {}

  void run() {
    // Runs that fail are told with their tests.
    if (spdlog::get_level() == spdlog::level::warn) spdlog::set_level(spdlog::level::err);
    const fs::path folder = flags_.folder;
    const auto files = test_files(folder);
    if (files.empty())
      return complain(context_, "`" + (folder / "dialogues").string() + "` and `" +
                                    (folder / "jobs").string() + "` have no .toml files");
    for (const fs::path& file : files) prepare(file);
    if (context_.outcome != exit_code::done) return;
    for (const ready_tests& r : ready_)
      if (!play(r)) return;
    if (played_.empty())
      return complain(context_, "no test has `" + flags_.filter + "` in its name or file");
    const auto failed = std::ranges::count_if(played_, [](auto& t) { return !t.passed(); });
    if (flags_.json)
      std::cout << to_json(report_of(played_)) << '\n';
    else
      std::cout << played_.size() - static_cast<std::size_t>(failed) << " passed, " << failed
                << " failed\n";
    if (failed > 0) context_.outcome = exit_code::failed;
  }

 private:
  /// Reads and checks; what is wrong is told, and nothing will be played.
  void prepare(const fs::path& file) {
    auto text = read_graph_file(file);
    if (!text) return complain(context_, text.error().message);
    auto [tests, findings] = read_test_file(std::move(*text), file);
    if (!has_errors(findings)) {
      ready_tests r{std::move(tests), {}, {}};
      r.scripted = r.tests.scripted_models();
      if (!(r.plan = plan_for(r.scripted))) return;
      findings = check_tests(r.tests, *r.plan);
      tests.text = r.tests.text;
      ready_.push_back(std::move(r));
    }
    if (findings.empty()) return;
    std::cerr << render(findings, file, tests.text);
    context_.outcome = exit_code::failed;
  }

  std::shared_ptr<const graph> plan_for(const std::vector<std::string>& scripted) {
    for (const ready_tests& r : ready_)
      if (r.scripted == scripted) return r.plan;
    const fs::path graph = fs::path(flags_.folder) / "pipeline.toml";
    return load_graph_file(context_, graph.string(), {.scripted_models = scripted});
  }

  bool wanted(const test_file& file, const test_case& test) const {
    const auto part = lower(flags_.filter);
    return lower(test.name).find(part) != std::string::npos ||
           lower(file.file.filename().string()).find(part) != std::string::npos;
  }

  bool play(const ready_tests& r) {
    for (const test_case& test : r.tests.cases) {
      if (!wanted(r.tests, test)) continue;
      if (!player_ || playing_ != r.plan) {
        player_ = nullptr;
        if (!(player_ = test_player::start(context_, r.plan, r.scripted))) return false;
        playing_ = r.plan;
      }
      played_.push_back(player_->play(r.tests, test));
      if (!flags_.json) print_test(std::cout, played_.back(), flags_.show);
    }
    return true;
  }

  command_context& context_;
  const test_flags& flags_;
  std::vector<ready_tests> ready_;
  std::vector<played_test> played_;
  std::unique_ptr<test_player> player_;
  std::shared_ptr<const graph> playing_;
};

}  // namespace

void add_test(CLI::App& app, command_context& c) {
  auto* sub =
      app.add_subcommand("test", "play the scripted dialogues and jobs of a graph's folder");
  auto flags = std::make_shared<test_flags>();
  sub->add_option("folder", flags->folder, "holds pipeline.toml, dialogues/ and jobs/")->required();
  sub->add_option("--filter", flags->filter, "only tests with this in their name or file");
  sub->add_flag("--show", flags->show, "print every run");
  sub->add_flag("--json", flags->json, "print a report as JSON");
  sub->callback([&c, flags] { testing(c, *flags).run(); });
}

}  // namespace troupe
