// A breaker before stages that hang: time that ran out is a failure, time in a queue is none.

#include "actors/runtime.hpp"
#include "actors/stage_pool.hpp"
#include "pipeline/describe_stage.hpp"
#include "pipeline/skipping_clock.hpp"
#include "support/door.hpp"
#include "support/graph_builder.hpp"
#include "support/recording_sink.hpp"
#include "support/text_stage.hpp"

#include <spdlog/spdlog.h>
#include <boost/test/unit_test.hpp>

#include <thread>

using namespace troupe;
using namespace std::chrono_literals;
using test::recording_sink;

namespace {

test::door stuck;

/// Keeps its thread until it is stopped, or for as long as the test likes.
struct gets_stuck : test::text_to_reply {
  static constexpr std::string_view name = "gets_stuck";
  static constexpr placement where = placement::own_thread;
  result<output> run(const input& in, run_context& context) {
    if (in.text == "deaf")
      stuck.wait();
    else if (in.text != "hello")
      stuck.wait(context.stop());
    return output{in.text + " was fine"};
  }
};

struct stuck_system {
  stuck_system(duration timeout, duration deadline, breaker_policy breaker) {
    spdlog::set_level(spdlog::level::off);
    stuck.set(false);
    static const stage_type type = describe_stage<gets_stuck>();
    test::graph_builder b;
    b.input("text");
    b.plan().deadline = deadline;
    auto& only = b.stage("only", type);
    only.timeout = timeout;
    only.breaker = breaker;
    runtime_options o;
    o.plan = b.build("reply");
    o.services = std::make_shared<stage_services>();
    o.records = records.get();
    auto started = runtime::start(std::move(o));
    BOOST_REQUIRE(bool(started));
    run = std::move(*started);
  }
  ~stuck_system() {
    stuck.set(true);
    run.reset();
    spdlog::set_level(spdlog::level::info);
  }
  std::shared_ptr<recording_sink> send(const std::string& text) {
    auto sink = std::make_shared<recording_sink>();
    run->submit({.conversation = {}, .input = {{"text", text}}}, sink, follow::run);
    return sink;
  }
  event_ptr say(const std::string& text) {
    auto end = send(text)->wait_for_end();
    BOOST_REQUIRE(end);
    return end;
  }
  bool is_open() {
    const auto end = say("hello");
    return end->kind == event_kind::error && end->code == errc::unavailable;
  }
  std::unique_ptr<store> records = make_memory_store();
  std::unique_ptr<troupe::runtime> run;
};

/// A pool of one replica that answers nothing, told by hand what becomes of its calls.
struct pool_by_hand {
  explicit pool_by_hand(breaker_policy breaker) {
    node.name = "only";
    node.breaker = breaker;
    pool = std::make_unique<stage_pool>(node, time);
    put();
  }
  void put() { pool->put(0, replica()); }
  stage_handle replica() {
    return system.spawn([]() -> stage_handle::behavior_type {
      return {[](const call_ptr&) { return answer_ptr(); }};
    });
  }
  std::optional<stage_pool::place> call() {
    auto where = pool->acquire(caller, {});
    return where ? *where : std::nullopt;
  }
  void give_up(const stage_pool::place& p, stage_pool::reason why) {
    pool->abandoned(p.replica, p.generation, p.ticket, why);
  }
  void release(const stage_pool::place& p, stage_pool::verdict how) {
    pool->release(p.replica, p.generation, p.ticket, how);
  }

  struct configuration : caf::actor_system_config {
    configuration() { add_message_types<caf::id_block::troupe>(); }
  } config;
  caf::actor_system system{config};
  caf::actor caller = system.spawn(
      [](caf::event_based_actor*) -> caf::behavior { return {[](const pool_ready&) {}}; });
  skipping_clock time;
  stage_node node;
  std::unique_ptr<stage_pool> pool;
};

constexpr auto out_of_time = stage_pool::reason::out_of_time;
constexpr auto unwanted = stage_pool::reason::unwanted;

}  // namespace

BOOST_AUTO_TEST_SUITE(a_breaker)

BOOST_AUTO_TEST_CASE(opens_before_a_stage_that_only_hangs, *boost::unit_test::timeout(60)) {
  for (const char* how : {"until it is stopped", "deaf"}) {
    stuck_system s(50ms, 60s, {.failures = 3, .open = 1h});
    for (int i = 0; i < 3; ++i) {
      const auto end = s.say(how);
      BOOST_TEST((end->code == errc::timeout), how);
      // Whatever comes next is not to wait behind it.
      while (s.run->figures().stages[0].outstanding > 0) std::this_thread::yield();
    }
    BOOST_TEST(s.is_open(), how);
    BOOST_TEST(s.run->figures().stages[0].failures == 3U);
  }
}

BOOST_AUTO_TEST_CASE(opens_before_a_stage_that_uses_up_the_time_of_its_runs,
                     *boost::unit_test::timeout(60)) {
  stuck_system s(duration::max(), 50ms, {.failures = 1, .open = 1h});
  const auto end = s.say("it hangs");
  BOOST_TEST((end->code == errc::deadline));
  BOOST_TEST(end->text.find("attempt 1 of `only` (queued ") != std::string::npos, end->text);
  BOOST_TEST(s.is_open());
}

BOOST_AUTO_TEST_CASE(does_not_count_calls_that_only_waited, *boost::unit_test::timeout(60)) {
  stuck_system s(100ms, 60s, {.failures = 2, .open = 1h});
  std::vector<std::shared_ptr<recording_sink>> all{s.send("deaf")};
  stuck.wait_for_somebody();
  for (int i = 0; i < 5; ++i) all.push_back(s.send("hello"));
  BOOST_TEST((all[0]->wait_for_end()->code == errc::timeout));
  for (std::size_t i = 1; i < all.size(); ++i) {
    const auto end = all[i]->wait_for_end();
    BOOST_TEST((end->code == errc::timeout));
    BOOST_TEST(end->text.find("worked 0s)") != std::string::npos, end->text);
  }
  BOOST_TEST(s.run->figures().stages[0].failures == 1U);
  stuck.set(true);
  while (s.run->figures().stages[0].outstanding > 0) std::this_thread::yield();
  BOOST_TEST(!s.is_open());
}

BOOST_AUTO_TEST_CASE(does_not_count_what_was_cancelled, *boost::unit_test::timeout(60)) {
  stuck_system s(10s, 60s, {.failures = 1, .open = 1h});
  auto sink = s.send("it hangs");
  stuck.wait_for_somebody();
  s.run->cancel(sink->wait_for_kind(event_kind::accepted)->run, [](const result<void>&) {});
  BOOST_TEST((sink->wait_for_end()->code == errc::cancelled));
  BOOST_TEST(!s.is_open());
}

BOOST_AUTO_TEST_CASE(opens_again_when_the_call_that_tries_runs_out_of_time_too) {
  pool_by_hand p({.failures = 1, .open = 10s});
  p.give_up(*p.call(), out_of_time);
  BOOST_TEST(!p.call());
  p.time.skip(10s);
  const auto trial = p.call();
  BOOST_REQUIRE(trial);
  BOOST_TEST(!p.call());
  p.give_up(*trial, out_of_time);
  p.time.skip(9s);
  // Its late answer says nothing more.
  p.release(*trial, stage_pool::verdict::late);
  BOOST_TEST(!p.call());
  p.time.skip(1s);
  const auto next = p.call();
  BOOST_REQUIRE(next);
  p.release(*next, stage_pool::verdict::good);
  BOOST_TEST(bool(p.call()));
}

BOOST_AUTO_TEST_CASE(lets_another_call_try_when_nothing_comes_of_the_one_that_tries) {
  pool_by_hand p({.failures = 1, .open = 10s});
  const auto early = p.call();
  p.give_up(*p.call(), out_of_time);
  p.time.skip(10s);
  const auto cancelled = p.call();
  BOOST_REQUIRE(cancelled);
  // One that was there before says nothing about it.
  p.release(*early, stage_pool::verdict::late);
  BOOST_TEST(!p.call());
  p.give_up(*cancelled, unwanted);
  const auto waits_at_one_that_hangs = p.call();
  BOOST_REQUIRE(waits_at_one_that_hangs);
  BOOST_TEST(!p.call());
  p.pool->replace(0, p.replica());
  BOOST_TEST(bool(p.call()));
}

BOOST_AUTO_TEST_SUITE_END()
