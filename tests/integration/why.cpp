// `troupe why` word for word, in English, in Chinese and for programs.
// TROUPE_UPDATE_GOLDEN=1 writes what is said now; look at the difference before it is kept.

#include "cli/why_words.hpp"
#include "pipeline/retry.hpp"
#include "support/graph_builder.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

using namespace troupe;
using namespace std::chrono_literals;

namespace {

/// outline → check ⟲ → write → approve → publish, and `excuse` for what goes wrong.
std::shared_ptr<const graph> article_plan() {
  test::graph_builder b;
  b.plan().name = "content";
  b.plan().deadline = 60s;
  b.plan().token_budget = 5000;
  auto& outline = b.stage("outline", {"topic"}, {"draft"});
  outline.retry = {
      .attempts = 3, .backoff_min = 50ms, .backoff_max = 1s, .on = {errc::unavailable}};
  outline.next = {b.to(1)};
  b.stage("check", {"draft"}, {"score", "reasons"});
  edge again = b.back_to(0, 3);
  again.best_by = b.slot("score");
  again.plateau = 2;
  again.exhausted = 2;
  b.plan().stages[1].next = {b.to(2, "score >= 0.8"), again};
  auto& write = b.stage("write", {"draft"}, {"text"});
  write.each = each_policy{b.slot("headings"), b.slot("heading"), 2};
  write.next = {b.to(3)};
  b.stage("approve", {"text"}, {"text", "verdict", "comment", "reviewer"});
  b.plan().stages[3].next = {b.to(4, "verdict in ['approved', 'edited']"), b.to(5)};
  auto& publish = b.stage("publish", {"text"}, {"reply"});
  publish.timeout = 2s;
  publish.on_error = 5;
  b.stage("excuse", {}, {"reply"});
  return b.build("reply");
}

/// Writes a journal as a conversation would.
struct author {
  author() : exec(g, mix(std::hash<std::string>()(record.run), 0)) {
    record.accepted = now;
    record.input = value(value::table{{"topic", "台灯 & lamps"}});
    now += 1500us;
    take({.what = step::kind::begin,
          .slots = {{g->find_slot("topic"), "台灯 & lamps"},
                    {g->find_slot("headings"), value::list{"一", "two", "三"}}}});
  }
  void take(step s) {
    s.at = now;
    steps.push_back(s);
    out.clear();
    exec.apply(s, out);
    for (const start_task& t : out.start) open.push_back(t.task);
  }
  void done(duration after, frame outputs, usage used = {}, duration queued = 200us) {
    now += after;
    const auto task = open.front();
    open.erase(open.begin());
    take({.what = step::kind::done,
          .task = task,
          .outputs = std::move(outputs),
          .used = used,
          .worked = after - queued});
  }
  void failed(duration after, error why) {
    now += after;
    const auto task = open.front();
    open.erase(open.begin());
    take({.what = step::kind::failed, .task = task, .failure = std::move(why), .worked = after});
  }
  /// Calls that are out have been taken up so long ago.
  void until_due(duration worked = 0us) {
    now = exec.next_wakeup();
    step s{.what = step::kind::timer};
    for (const auto task : open) s.busy.emplace_back(task, worked);
    take(std::move(s));
  }
  story told() {
    if (exec.ended()) {
      const bool good = exec.state() == executor::status::finished;
      record.state = good ? run_status::state_type::finished : run_status::state_type::failed;
      if (good)
        record.reply = exec.reply();
      else
        record.failure = exec.failure();
    }
    return tell_story(record, steps, g);
  }

  std::shared_ptr<const graph> g = article_plan();
  run_record record{.run = "01a20bd3b0f98726ec1b22d4"};
  executor exec;
  outbox out;
  time_point now{1'767'225'600s};
  std::vector<step> steps;
  std::vector<std::int64_t> open;
};

value reasons(const char* one) { return value(value::list{one}); }

void to_the_review(author& a) {
  a.failed(20ms, {errc::unavailable, "the engine `writer` is loading"});
  a.until_due();
  a.done(120ms, {"draft 1"}, {1, 300});
  a.done(3ms, {0.4, reasons("sections: 2 of at least 3")});
  a.done(130ms, {"draft 2"}, {1, 310}, 90ms);
  a.done(3ms, {0.6, reasons("length: 80 words, at least 100 are wanted")});
  a.done(110ms, {"draft 3"}, {1, 290});
  a.done(3ms, {0.5, reasons("no_duplicates: a section comes twice")});
  a.done(100ms, {"draft 4"}, {1, 280});
  a.done(3ms, {0.55, reasons("length: 90 words, at least 100 are wanted")});
  a.done(40ms, {"section 1"}, {1, 100});
  a.done(5ms, {"section 2"}, {1, 100});
  a.done(35ms, {"section 3"}, {1, 100});
  a.now += 1ms;
  a.take({.what = step::kind::suspended,
          .task = a.open.front(),
          .outputs = {"the whole text", "expired", "", ""},
          .until = a.now + 72h});
  a.open.clear();
}

author approved_and_published() {
  author a;
  to_the_review(a);
  a.now += 26h + 5min;
  a.take({.what = step::kind::decided,
          .task = a.exec.open_decisions()[0].task,
          .outputs = {"the whole text", "edited", "太长，删了一段", "Li"}});
  a.now += 30min;
  a.take({.what = step::kind::resumed});
  a.open = {a.open.back()};
  a.done(12ms, {"published: the whole text"});
  return a;
}

author nobody_decided() {
  author a;
  to_the_review(a);
  a.until_due();
  a.done(2ms, {"sorry"});
  return a;
}

author timed_out_and_poisoned() {
  author a;
  a.done(100ms, {"draft 1"}, {1, 300});
  a.done(3ms, {0.9, value(value::list{})});
  for (int i = 0; i < 3; ++i) a.done(10ms, {"section"});
  a.done(1ms, {"text", "approved", "", ""});
  a.until_due(500ms);
  a.open = {a.open.back()};
  a.failed(5ms, {errc::crashed, "`excuse` threw: bad_alloc"});
  a.until_due();
  a.failed(5ms, {errc::crashed, "`excuse` threw: bad_alloc"});
  return a;
}

/// Its last stage is at work, or has not got that far, when the run's time is up.
author too_late() {
  author a;
  a.done(100ms, {"draft 1"}, {1, 300});
  a.until_due(45s);
  return a;
}

author cancelled_at_work() {
  author a;
  a.done(100ms, {"draft 1"}, {1, 300});
  a.done(3ms, {0.9, value(value::list{})});
  a.now += 70ms;
  a.take({.what = step::kind::cancel,
          .failure = {errc::cancelled, "the client cancelled the run"},
          .busy = {{a.open[0], 60ms}, {a.open[1], 0ms}}});
  return a;
}

std::string content(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

void compare(const std::string& name, const std::string& said) {
  const auto file = std::filesystem::path(TROUPE_SOURCE_DIR) / "tests/golden/why" / name;
  if (std::getenv("TROUPE_UPDATE_GOLDEN")) std::ofstream(file, std::ios::binary) << said;
  BOOST_TEST(said == content(file), name << " was told so:\n" << said);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(why)

BOOST_AUTO_TEST_CASE(tells_what_happened_and_what_decided_it) {
  const std::pair<const char*, author (*)()> runs[] = {
      {"approved_and_published", approved_and_published},
      {"nobody_decided", nobody_decided},
      {"timed_out_and_poisoned", timed_out_and_poisoned},
      {"too_late", too_late},
      {"cancelled_at_work", cancelled_at_work}};
  for (const auto& [name, make] : runs) {
    const story s = make().told();
    BOOST_TEST(name);
    compare(std::string(name) + ".en.txt", in_words(s, language::english));
    compare(std::string(name) + ".zh.txt", in_words(s, language::chinese));
    compare(std::string(name) + ".json", to_value(s).to_text() + '\n');
  }
}

BOOST_AUTO_TEST_CASE(tells_of_a_run_that_is_under_way) {
  author a;
  to_the_review(a);
  a.record.state = run_status::state_type::waiting;
  compare("waiting.en.txt", in_words(a.told(), language::english));
  compare("waiting.zh.txt", in_words(a.told(), language::chinese));
}

BOOST_AUTO_TEST_CASE(writes_durations_as_people_say_them) {
  const std::pair<duration, const char*> written[] = {
      {0us, "0 µs"},   {999us, "999 µs"}, {12ms, "12 ms"},        {1500ms, "1.5 s"},
      {59s, "59.0 s"}, {123s, "2 m 3 s"}, {3h + 120s, "3 h 2 m"}, {97h, "4 d 1 h"}};
  for (const auto& [d, text] : written) BOOST_TEST(short_duration(d) == text);
}

BOOST_AUTO_TEST_CASE(speaks_the_language_that_is_asked_for) {
  BOOST_TEST((choose_language("zh") == language::chinese));
  BOOST_TEST((choose_language("en") == language::english));
  BOOST_TEST(!choose_language("de"));
}

BOOST_AUTO_TEST_SUITE_END()
