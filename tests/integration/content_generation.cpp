// The graph of examples/content_gen, with a model that answers from a script.

#include "actors/runtime.hpp"
#include "actors/stages/builtin.hpp"
#include "dsl/load.hpp"
#include "examples/content_gen/assemble.cpp"
#include "support/recording_sink.hpp"
#include "support/temporary_folder.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <future>
#include <thread>

using namespace troupe;
using test::recording_sink;

namespace {

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  BOOST_REQUIRE(at != text.npos);
  return text.replace(at, from.size(), to);
}

/// The text of a prompt's field: up to the next one.
std::string field(const std::string& prompt, const std::string& name) {
  const auto at = prompt.find(name + ": ");
  if (at == prompt.npos) return "";
  const auto begin = at + name.size() + 2;
  auto end = prompt.size();
  for (auto other : {"\ntopic: ", "\nheading: ", "\nbrief: ", "\navoid: ", "\nstyle: ", "\ntext: "})
    end = std::min(end, prompt.find(other, begin));
  return prompt.substr(begin, end - begin);
}

/// Writes what the three prompts ask for; outlines from a script, of which the last stays.
class writer final : public engine {
 public:
  std::vector<std::string> outlines;
  std::function<result<std::string>(std::string)> polish = [](std::string text) {
    return text + "!";
  };

  result<generation> generate(const generation_request& request,
                              const std::function<void(std::string_view)>&) override {
    std::lock_guard lock(mutex_);
    const auto prompt = request.messages.back().text;
    BOOST_TEST(request.messages.size() == 1u);
    prompts.push_back(prompt);
    const auto task = prompt.substr(0, prompt.find('\n'));
    generation made{.prompt_tokens = 10, .output_tokens = 10};
    if (task == "task: outline") {
      made.text = outlines.front();
      if (outlines.size() > 1) outlines.erase(outlines.begin());
    } else if (task == "task: section") {
      made.text = field(prompt, "heading") + " / " + field(prompt, "brief");
      std::ranges::replace(made.text, '\n', ' ');
    } else {
      BOOST_TEST(task == "task: polish");
      auto polished = polish(field(prompt, "text"));
      if (!polished) return std::move(polished).error();
      made.text = std::move(*polished);
    }
    return made;
  }
  std::vector<std::string> asked(const std::string& task) {
    std::lock_guard lock(mutex_);
    std::vector<std::string> found;
    for (const auto& prompt : prompts)
      if (prompt.starts_with("task: " + task + "\n")) found.push_back(prompt);
    return found;
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> prompts;
};

const std::string tea_outline =
    "1. A short history of green tea\n2. How tea is grown\n3. Brewing it well\n4. Buying tea";
const std::string poor_outline = "1. Green tea\n2. Green tea\n3. Green tea.";

struct with_generation {
  test::temporary_folder folder;
  registry stages;
  std::shared_ptr<writer> model = std::make_shared<writer>();
  std::unique_ptr<store> records = make_memory_store();
  std::unique_ptr<runtime> run;

  with_generation() {
    model->outlines = {tea_outline};
    add_builtin_stages(stages);
    stages.add<finish_facts>();
    stages.add<assemble>();
    const std::filesystem::path file = TROUPE_SOURCE_DIR "/examples/content_gen/pipeline.toml";
    auto text = read_graph_file(file);
    BOOST_REQUIRE(text);
    auto plan =
        load_graph_text(replaced(*text, "models/writer", folder.path().string()), file, stages);
    BOOST_REQUIRE_MESSAGE(plan.graph, render(plan));
    BOOST_TEST(render(plan) == "");
    runtime_options o;
    o.plan = plan.graph;
    o.services = std::make_shared<stage_services>();
    o.services->base = file.parent_path();
    o.services->engines["writer"] = model;
    o.records = records.get();
    o.journal = runtime_options::journal_type::direct;
    auto started = runtime::start(std::move(o));
    BOOST_REQUIRE_MESSAGE(started, (started ? "" : started.error().message));
    run = std::move(*started);
  }

  std::shared_ptr<recording_sink> submit(value::table input) {
    auto sink = std::make_shared<recording_sink>();
    run->submit({.conversation = "c", .message_id = "m", .input = std::move(input)}, sink,
                follow::run);
    return sink;
  }
  event_ptr end_of(value::table input) {
    auto end = submit(std::move(input))->wait_for_end();
    BOOST_REQUIRE(end);
    BOOST_REQUIRE_MESSAGE((end->kind == event_kind::final), end->text);
    return end;
  }
  /// Waits for the next review and decides it.
  void decide(const std::shared_ptr<recording_sink>& sink, std::size_t nth, verdict what,
              std::string comment) {
    auto waits = [&] {
      const auto all = sink->events();
      return std::ranges::count_if(all, [](const event_ptr& e) {
        return e->kind == event_kind::stage && e->state == stage_state::waiting;
      });
    };
    while (waits() < static_cast<std::ptrdiff_t>(nth)) std::this_thread::yield();
    std::promise<std::string> found;
    run->list_reviews("", 10, [&](result<value> r) {
      found.set_value(r->as_list().at(0).find("run")->as_text());
    });
    std::promise<bool> done;
    run->decide_review({.run = found.get_future().get(), .what = what, .comment = comment},
                       [&](result<void> r) { done.set_value(bool(r)); });
    BOOST_TEST(done.get_future().get());
  }
};

const value::table tea = {{"topic", "green tea"},
                          {"brief", value::list{"brew at 80 degrees", "costs 12 euros"}}};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(content_generation, with_generation)

BOOST_AUTO_TEST_CASE(a_good_outline_becomes_an_article_at_once) {
  const auto end = end_of(tea);
  // What all sections say is said once.
  BOOST_TEST(end->reply.as_text() ==
             "# green tea\n"
             "\n## A short history of green tea\n\n"
             "A short history of green tea / - brew at 80 degrees. - costs 12 euros.!\n"
             "\n## How tea is grown\n\nHow tea is grown / - brew at 80 degrees.\n"
             "\n## Brewing it well\n\nBrewing it well / - brew at 80 degrees.\n"
             "\n## Buying tea\n\nBuying tea / - brew at 80 degrees.\n");
  BOOST_REQUIRE(model->asked("outline").size() == 1u);
  BOOST_TEST(model->asked("outline")[0] ==
             "task: outline\ntopic: green tea\nbrief: - brew at 80 degrees\n- costs 12 euros\n"
             "avoid: ");
  BOOST_TEST(model->asked("section").size() == 4u);
  BOOST_TEST(field(model->asked("polish").at(0), "style") == "friendly");
}

BOOST_AUTO_TEST_CASE(a_poor_outline_is_written_again_with_the_reasons) {
  model->outlines = {poor_outline, tea_outline};
  const auto end = end_of(tea);
  const auto asked = model->asked("outline");
  BOOST_REQUIRE(asked.size() == 2u);
  const auto avoid = field(asked[1], "avoid");
  BOOST_TEST(avoid.find("it has 3 sections, at least 4 are wanted") != avoid.npos, avoid);
  BOOST_TEST(avoid.find("it repeats itself: `Green tea`") != avoid.npos, avoid);
  BOOST_TEST(end->slots.find("outline_score")->as_number() == 1);
}

BOOST_AUTO_TEST_CASE(the_best_of_poor_outlines_goes_on) {
  model->outlines = {poor_outline, "1. Tea\n2. Brewing\n3. Price", "1. Tea", "1. Tea"};
  const auto end = end_of(tea);
  BOOST_TEST(model->asked("outline").size() == 4u);
  BOOST_TEST(model->asked("section").size() == 3u);
  BOOST_TEST(end->reply.as_text().find("## Brewing\n") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_section_that_lost_a_number_in_polishing_stays_as_it_was) {
  model->polish = [](const std::string&) { return std::string("Brew it, for 12 euros."); };
  BOOST_TEST(end_of(tea)->reply.as_text().find("Brew it") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(polish_cannot_run_a_fact_into_the_next_sentence) {
  model->polish = [](const std::string& text) { return text + " Enjoy it!"; };
  BOOST_TEST(end_of(tea)->reply.as_text().find("- costs 12 euros. Enjoy it!") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_full_stop_is_put_where_none_is) {
  for (auto [before, after] : std::initializer_list<std::pair<const char*, const char*>>{
           {"needs 4 hours of sun", "needs 4 hours of sun."},
           {"costs 12 €", "costs 12 €."},
           {"12 euros (plus tax)", "12 euros (plus tax)."},
           {"served at the café", "served at the café."},
           {"曝光时间为25秒", "曝光时间为25秒。"},
           {"价格200元（含税）", "价格200元（含税）。"},
           {"光圈 f/8", "光圈 f/8。"}})
    BOOST_TEST(with_end(before) == after);
  for (auto ended : {"", "Sun.", "Sun!", "Sun?", "Sun:", "\"Sun\"", "“Sun”", "it’", "够了。",
                     "好！", "好吗？", "注意：", "“好”", "「好」", "好…"})
    BOOST_TEST(with_end(ended) == ended);
}

BOOST_AUTO_TEST_CASE(an_article_without_polish_is_better_than_none) {
  model->polish = [](const std::string&) -> result<std::string> {
    return error{errc::unavailable, "no style"};
  };
  BOOST_TEST(end_of(tea)->reply.as_text().find("## Buying tea\n\nBuying tea /") !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(chinese_topics_work_alike_and_listed_words_are_hidden) {
  model->outlines = {"一、绿茶的历史\n二、绿茶的种植\n三、冲泡方法\n四、白 痴也会的选购"};
  const auto end = end_of({{"topic", "绿茶"}, {"brief", value::list{"水温80度"}}});
  BOOST_TEST(model->asked("outline").size() == 1u);
  BOOST_TEST(end->reply.as_text().find("## 冲泡方法\n\n冲泡方法 / - 水温80度。!") !=
             std::string::npos);
  BOOST_TEST(end->reply.as_text().find("## ***也会的选购") != std::string::npos);
  BOOST_TEST(end->slots.find("flagged")->as_bool());
}

BOOST_AUTO_TEST_CASE(a_reviewer_sends_it_back_with_a_comment_and_then_approves) {
  auto input = tea;
  input.emplace_back("review", true);
  const auto sink = submit(input);
  decide(sink, 1, verdict::reject, "say more about Hangzhou");
  decide(sink, 2, verdict::approve, "");
  const auto end = sink->wait_for_end();
  BOOST_REQUIRE(end);
  BOOST_TEST(end->slots.find("published")->as_bool());
  const auto asked = model->asked("outline");
  BOOST_REQUIRE(asked.size() == 2u);
  BOOST_TEST(field(asked[1], "avoid") == "say more about Hangzhou");
}

BOOST_AUTO_TEST_CASE(what_is_rejected_three_times_is_withheld) {
  auto input = tea;
  input.emplace_back("review", true);
  const auto sink = submit(input);
  for (std::size_t n = 1; n <= 3; ++n) decide(sink, n, verdict::reject, "no");
  const auto end = sink->wait_for_end();
  BOOST_REQUIRE(end);
  BOOST_TEST(end->reply.as_text() == "");
  BOOST_TEST(!end->slots.find("published")->as_bool());
}

BOOST_AUTO_TEST_SUITE_END()
