// Stages that die of a message or hang for ever: the others' runs go on, and what could not be
// finished is not lost.

#include "actors/runtime.hpp"
#include "support/door.hpp"
#include "support/graph_builder.hpp"
#include "support/recording_sink.hpp"
#include "support/text_stage.hpp"

#include <spdlog/spdlog.h>
#include <boost/test/unit_test.hpp>

#include <future>
#include <thread>

using namespace troupe;
using namespace std::chrono_literals;
using test::graph_builder;
using test::recording_sink;

namespace {

std::atomic<bool> cured{false};

struct dies_of_poison : test::text_to_reply {
  static constexpr std::string_view name = "dies_of_poison";
  result<output> run(const input& in, run_context&) {
    if (in.text == "毒" && !cured) throw std::runtime_error("poisoned");
    return output{in.text + " was fine"};
  }
};

/// All that hang are held here.
test::door hanging;

struct hangs : test::text_to_reply {
  static constexpr std::string_view name = "hangs";
  static constexpr placement where = placement::own_thread;
  result<output> run(const input& in, run_context&) {
    if (in.text == "hang") hanging.wait();
    return output{in.text + " was fine"};
  }
};

/// Answers when the test does.
std::mutex held_mutex;
std::vector<reply<hangs::output>> held;

struct keeps_replies {
  static constexpr std::string_view name = "keeps_replies";
  static constexpr placement where = placement::own_thread;
  using params = hangs::params;
  using input = hangs::input;
  using output = hangs::output;
  static void describe(describer<keeps_replies>& d) {
    d.in("text", &input::text, "");
    d.out("reply", &output::reply, "");
  }
  void run(input, std::shared_ptr<run_context>, reply<output> answer) {
    std::lock_guard lock(held_mutex);
    held.push_back(std::move(answer));
  }
};

struct running_broken {
  explicit running_broken(std::shared_ptr<const graph> plan) {
    spdlog::set_level(spdlog::level::off);
    runtime_options o;
    o.plan = std::move(plan);
    o.services = std::make_shared<stage_services>();
    o.records = records.get();
    auto started = troupe::runtime::start(std::move(o));
    BOOST_REQUIRE(bool(started));
    run = std::move(*started);
  }
  ~running_broken() { spdlog::set_level(spdlog::level::info); }
  event_ptr say(const std::string& text) {
    auto sink = std::make_shared<recording_sink>();
    run->submit({.conversation = {}, .input = {{"text", text}}}, sink, follow::run);
    auto end = sink->wait_for_end();
    BOOST_REQUIRE(end);
    return end;
  }
  value dead_letters() {
    std::promise<value> found;
    run->list_dead_letters("", 10, [&](result<value> r) { found.set_value(*r); });
    return found.get_future().get();
  }
  stage_figures figures() { return run->figures().stages[0]; }

  std::unique_ptr<store> records = make_memory_store();
  std::unique_ptr<troupe::runtime> run;
};

template <class S>
std::shared_ptr<const graph> plan_of(int replicas, duration timeout, int attempts) {
  static const stage_type type = describe_stage<S>();
  graph_builder b;
  b.input("text");
  auto& only = b.stage("only", type);
  only.replicas = replicas;
  only.timeout = timeout;
  only.retry = {.attempts = attempts,
                .backoff_min = 1ms,
                .backoff_max = 2ms,
                .on = {errc::crashed, errc::timeout}};
  return b.build("reply");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(a_broken_stage)

BOOST_AUTO_TEST_CASE(lives_on_when_a_message_kills_it_twice_and_the_message_is_a_dead_letter) {
  cured = false;
  running_broken r(plan_of<dies_of_poison>(1, 10s, 10));
  BOOST_TEST((r.say("药")->kind == event_kind::final));
  const auto end = r.say("毒");
  BOOST_TEST((end->kind == event_kind::error));
  BOOST_TEST((end->code == errc::crashed));
  BOOST_TEST(r.say("药")->reply.as_text() == "药 was fine");
  BOOST_TEST(r.figures().restarts == 2U);

  const value dead = r.dead_letters();
  BOOST_REQUIRE(dead.as_list().size() == 1U);
  const value& letter = dead.as_list()[0];
  BOOST_TEST(letter.find("run")->as_text() == end->run);
  BOOST_TEST(letter.find("input")->find("text")->as_text() == "毒");
  BOOST_TEST(letter.find("error")->find("message")->as_text() == end->text);
  BOOST_TEST(end->text.find("twice") != std::string::npos);

  // Tried again once the stage is mended.
  cured = true;
  std::promise<std::string> again;
  r.run->retry_dead_letter(end->run, [&](result<std::string> fresh) { again.set_value(*fresh); });
  const auto fresh = again.get_future().get();
  BOOST_TEST(fresh != end->run);
  BOOST_TEST(r.dead_letters().as_list().empty());
  for (;;) {
    std::promise<run_status> found;
    r.run->find_run(fresh, [&](result<run_status> s) { found.set_value(*s); });
    const auto status = found.get_future().get();
    if (status.state == run_status::state_type::finished) {
      BOOST_TEST(status.reply.as_text() == "毒 was fine");
      break;
    }
    BOOST_REQUIRE((status.state != run_status::state_type::failed));
    std::this_thread::yield();
  }
}

BOOST_AUTO_TEST_CASE(keeps_dead_letters_until_they_are_dropped) {
  cured = false;
  running_broken r(plan_of<dies_of_poison>(1, 10s, 1));
  const auto end = r.say("毒");
  auto drop = [&] {
    std::promise<std::optional<errc>> dropped;
    r.run->drop_dead_letter(end->run, [&](result<void> done) {
      dropped.set_value(done ? std::nullopt : std::optional<errc>(done.error().code));
    });
    return dropped.get_future().get();
  };
  BOOST_TEST(!drop());
  BOOST_TEST(r.dead_letters().as_list().empty());
  BOOST_TEST((drop() == errc::not_found));
}

BOOST_AUTO_TEST_CASE(is_replaced_when_it_hangs_and_counted_until_it_comes_back) {
  hanging.set(false);
  running_broken r(plan_of<hangs>(1, 50ms, 1));
  BOOST_TEST((r.say("hang")->code == errc::timeout));
  while (r.figures().zombies == 0) std::this_thread::yield();
  // The only replica hangs, and yet:
  BOOST_TEST(r.say("hello")->reply.as_text() == "hello was fine");
  BOOST_TEST(r.figures().zombies == 1);
  BOOST_TEST(r.figures().restarts == 1U);
  hanging.set(true);
  while (r.figures().zombies > 0) std::this_thread::yield();
  BOOST_TEST(r.figures().overruns == 1U);
  BOOST_TEST(r.figures().outstanding == 0);
  BOOST_TEST(r.say("bye")->reply.as_text() == "bye was fine");
}

BOOST_AUTO_TEST_CASE(gives_back_all_its_calls_when_it_is_sent_home,
                     *boost::unit_test::timeout(60)) {
  running_broken r(plan_of<keeps_replies>(1, 50ms, 1));
  BOOST_TEST((r.say("one")->code == errc::timeout));
  BOOST_TEST((r.say("two")->code == errc::timeout));
  // It only keeps its callers waiting: replaced, it goes at once, and is a zombie no longer.
  while (r.figures().restarts == 0) std::this_thread::yield();
  while (r.figures().outstanding > 0 || r.figures().zombies > 0) std::this_thread::yield();
  std::lock_guard lock(held_mutex);
  held.front()(error{errc::failed, "late"});
  held.clear();
}

BOOST_AUTO_TEST_CASE(may_hang_only_so_many_times_at_once) {
  hanging.set(false);
  running_broken r(plan_of<hangs>(1, 20ms, 1));
  // Each holds a thread: there is a bound, and then the stage refuses or lets wait, but lives.
  for (int i = 0; i < 8; ++i) {
    BOOST_TEST((r.say("hang")->code == errc::timeout));
    while (r.figures().zombies <= i) std::this_thread::yield();
  }
  BOOST_TEST((r.say("hang")->code == errc::timeout));
  BOOST_TEST((r.say("hello")->code == errc::timeout));
  BOOST_TEST(r.figures().zombies == 8);
  hanging.set(true);
  while (r.figures().zombies > 0) std::this_thread::yield();
  BOOST_TEST(r.say("hello")->reply.as_text() == "hello was fine");
}

BOOST_AUTO_TEST_SUITE_END()
