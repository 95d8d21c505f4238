// The whole running system over a memory store: real actors, real scheduler, no sockets.

#include "actors/runtime.hpp"

#include "support/graph_builder.hpp"
#include "support/recording_sink.hpp"
#include "support/system_under_test.hpp"
#include "support/text_stage.hpp"

#include <boost/test/unit_test.hpp>

#include <future>
#include <thread>

using namespace troupe;
using namespace std::chrono_literals;
using test::graph_builder;
using test::recording_sink;
using test::system_under_test;
using test::type_of;

namespace {

struct echo : test::text_to_reply {
  static constexpr std::string_view name = "echo";
  result<output> run(const input& in, run_context& ctx) {
    return output{in.text + " (" + std::to_string(ctx.history().size()) + " before)"};
  }
};

std::atomic<int> calls_of_flaky{0};

struct throws_every_third : test::text_to_reply {
  static constexpr std::string_view name = "throws_every_third";
  result<output> run(const input& in, run_context&) {
    if (++calls_of_flaky % 3 == 0) throw std::runtime_error("every third");
    return output{in.text};
  }
};

struct streams_then_waits : test::text_to_reply {
  static constexpr std::string_view name = "streams_then_waits";
  static constexpr placement where = placement::own_thread;
  static constexpr bool streams = true;
  result<output> run(const input& in, run_context& ctx) {
    ctx.emit("你");
    ctx.emit("好");
    if (in.text == "wait") {
      std::mutex m;
      std::condition_variable_any stopped;
      std::unique_lock lock(m);
      stopped.wait(lock, ctx.stop(), [] { return false; });
      return error{errc::cancelled, "stopped"};
    }
    return output{"你好"};
  }
};

struct answers_from_elsewhere : test::text_to_reply {
  static constexpr std::string_view name = "answers_from_elsewhere";
  void run(input in, std::shared_ptr<run_context>, reply<output> done) {
    if (in.text == "drop") return;
    std::thread([text = in.text, d = std::move(done)]() mutable { d(output{text}); }).detach();
  }
};

template <class S>
std::shared_ptr<const graph> one_stage() {
  graph_builder b;
  b.input("text");
  b.stage("only", type_of<S>());
  return b.build("reply");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(the_runtime)

BOOST_AUTO_TEST_CASE(answers_a_message_with_accepted_stages_and_one_final) {
  system_under_test s(one_stage<echo>());
  auto sink = s.say("c", "你好", "m1");
  auto end = sink->wait_for_end();
  BOOST_REQUIRE(end);
  BOOST_TEST(end->reply.as_text() == "你好 (0 before)");
  std::vector<std::string> kinds;
  for (const auto& e : sink->events()) kinds.emplace_back(name_of(e->kind));
  BOOST_TEST((kinds == std::vector<std::string>{"accepted", "stage", "stage", "final"}));
  BOOST_TEST(sink->events()[0]->message_id == "m1");
  std::uint64_t seq = 0;
  for (const auto& e : sink->events())
    if (e->seq) BOOST_TEST(e->seq == ++seq);
}

BOOST_AUTO_TEST_CASE(remembers_the_turns_of_a_conversation_even_after_it_was_evicted) {
  system_under_test s(one_stage<echo>());
  BOOST_REQUIRE(s.say("c", "one")->wait_for_end());
  // Idle conversations leave; the live count tells when.
  while (s.run->describe_graph().find("live_conversations")->as_int() > 0)
    std::this_thread::yield();
  auto end = s.say("c", "two")->wait_for_end();
  BOOST_TEST(end->reply.as_text() == "two (1 before)");
  value found;
  s.run->find_conversation("c", [&](result<value> v) { found = *v; });
  BOOST_TEST(found.find("turns")->as_list().size() == 2U);
}

BOOST_AUTO_TEST_CASE(runs_a_job_once_that_is_submitted_again_under_its_id) {
  auto records = make_memory_store();
  const auto plan = one_stage<echo>();
  std::string run;
  {
    system_under_test s(plan, records.get());
    // Both at once, and once more when it has ended.
    auto first = s.say("", "灯", "job-1"), second = s.say("", "灯", "job-1");
    BOOST_REQUIRE(first->wait_for_end());
    BOOST_REQUIRE(second->wait_for_end());
    run = first->wait_for_end()->run;
    BOOST_TEST(second->wait_for_end()->run == run);
    BOOST_TEST(s.say("", "灯", "job-1")->wait_for_end()->run == run);
    BOOST_TEST(s.say("", "灯", "job-2")->wait_for_end()->run != run);
    BOOST_TEST(s.say("", "灯")->wait_for_end()->run != run);
    BOOST_TEST(s.run->figures().stages[0].calls == 3U);
  }
  system_under_test s(plan, records.get());
  auto again = s.say("", "灯", "job-1")->wait_for_end();
  BOOST_REQUIRE(again);
  BOOST_TEST(again->run == run);
  BOOST_TEST(again->reply.as_text() == "灯 (0 before)");
  BOOST_TEST(s.run->figures().stages[0].calls == 0U);
}

BOOST_AUTO_TEST_CASE(gives_the_same_reply_for_the_same_message_id_and_runs_nothing) {
  system_under_test s(one_stage<echo>());
  auto first = s.say("c", "one", "m1")->wait_for_end();
  auto again = s.say("c", "one", "m1")->wait_for_end();
  BOOST_TEST(again->run == first->run);
  BOOST_TEST(again->reply.as_text() == first->reply.as_text());
  BOOST_TEST(again->seq == first->seq);
  auto next = s.say("c", "two", "m2")->wait_for_end();
  BOOST_TEST(next->reply.as_text() == "two (1 before)");
}

BOOST_AUTO_TEST_CASE(keeps_a_conversation_serial_and_in_order) {
  system_under_test s(one_stage<echo>());
  std::vector<std::shared_ptr<recording_sink>> sinks;
  for (int i = 0; i < 10; ++i) sinks.push_back(s.say("c", std::to_string(i)));
  for (int i = 0; i < 10; ++i) {
    auto end = sinks[static_cast<std::size_t>(i)]->wait_for_end();
    BOOST_TEST(end->reply.as_text() == std::to_string(i) + " (" + std::to_string(i) + " before)");
  }
}

BOOST_AUTO_TEST_CASE(restarts_a_stage_that_throws_and_tries_its_work_again) {
  calls_of_flaky = 0;
  system_under_test s(one_stage<throws_every_third>());
  std::vector<std::shared_ptr<recording_sink>> sinks;
  for (int i = 0; i < 60; ++i)
    sinks.push_back(s.say("c" + std::to_string(i % 20), std::to_string(i)));
  for (auto& sink : sinks) {
    auto end = sink->wait_for_end();
    BOOST_REQUIRE(end);
    // A call can be unlucky twice; it then fails, but it ends.
    if (end->kind == event_kind::error) BOOST_TEST((end->code == errc::crashed));
  }
  const auto graph = s.run->describe_graph();
  BOOST_TEST(graph.find("stages")->as_list()[0].find("restarts")->as_int() >= 20);
}

BOOST_AUTO_TEST_CASE(tells_a_follower_of_the_end_nothing_in_between) {
  system_under_test s(one_stage<echo>());
  for (const char* conversation : {"", "c"}) {
    auto sink = std::make_shared<recording_sink>();
    s.run->submit({.conversation = conversation, .input = {{"text", "你好"}}}, sink, follow::end);
    BOOST_REQUIRE(sink->wait_for_end());
    std::vector<std::string> kinds;
    for (const auto& e : sink->events()) kinds.emplace_back(name_of(e->kind));
    BOOST_TEST((kinds == std::vector<std::string>{"accepted", "final"}));
  }
}

BOOST_AUTO_TEST_CASE(streams_deltas_that_join_to_the_reply) {
  system_under_test s(one_stage<streams_then_waits>());
  auto sink = s.say("c", "hello");
  auto end = sink->wait_for_end();
  std::string joined;
  for (const auto& e : sink->events())
    if (e->kind == event_kind::delta) joined += e->text;
  BOOST_TEST(joined == end->reply.as_text());
}

BOOST_AUTO_TEST_CASE(cancels_one_run_and_no_other) {
  system_under_test s(one_stage<streams_then_waits>());
  auto waiting = s.say("a", "wait");
  auto delta = waiting->wait_for_kind(event_kind::delta);
  BOOST_REQUIRE(delta);
  std::promise<bool> cancelled;
  s.run->cancel(delta->run, [&](result<void> r) { cancelled.set_value(bool(r)); });
  BOOST_TEST(cancelled.get_future().get());
  BOOST_TEST((waiting->wait_for_end()->code == errc::cancelled));
  BOOST_TEST(s.say("b", "hello")->wait_for_end()->reply.as_text() == "你好");
}

BOOST_AUTO_TEST_CASE(takes_answers_from_other_threads_and_notices_dropped_ones) {
  system_under_test s(one_stage<answers_from_elsewhere>());
  BOOST_TEST(s.say("c", "later")->wait_for_end()->reply.as_text() == "later");
  BOOST_TEST((s.say("c", "drop")->wait_for_end()->code == errc::dropped));
}

BOOST_AUTO_TEST_CASE(refuses_unknown_missing_and_ill_typed_inputs_by_name) {
  system_under_test s(one_stage<echo>());
  auto refused = [&](value::table input) {
    auto sink = std::make_shared<recording_sink>();
    s.run->submit({.conversation = "c", .input = std::move(input)}, sink, follow::run);
    return sink->wait_for_end();
  };
  BOOST_TEST(refused({})->text.find("`text`") != std::string::npos);
  BOOST_TEST(refused({{"text", 3}})->text.find("`text`") != std::string::npos);
  BOOST_TEST(refused({{"text", "x"}, {"nope", 1}})->text.find("`nope`") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(replays_missed_events_to_a_client_that_comes_back) {
  system_under_test s(one_stage<echo>());
  auto first = s.say("c", "one");
  const auto end = first->wait_for_end();
  auto late = std::make_shared<recording_sink>();
  s.run->attach("c", 1, late);
  s.say("c", "two")->wait_for_end();
  // Stage finished (2) and final (3) of the first run, then the second run's three.
  while (late->events().size() < 5) std::this_thread::yield();
  std::uint64_t seq = 1;
  for (const auto& e : late->events()) BOOST_TEST(e->seq == ++seq);
  BOOST_TEST(to_json(*late->events()[1]) == to_json(*end));
}

BOOST_AUTO_TEST_CASE(takes_up_unfinished_runs_at_the_next_start) {
  auto records = make_memory_store();
  std::string run;
  {
    system_under_test s(one_stage<streams_then_waits>(), records.get());
    auto sink = s.say("c", "wait", "m1");
    run = sink->wait_for_kind(event_kind::delta)->run;
  }
  system_under_test s(one_stage<streams_then_waits>(), records.get());
  BOOST_TEST(s.run->recovered() == 1U);
  auto sink = std::make_shared<recording_sink>();
  s.run->attach("c", 0, sink);
  s.run->cancel(run, [](result<void>) {});
  auto end = sink->wait_for_end();
  BOOST_TEST(end->run == run);
  // What was streamed before the restart is taken back.
  const auto all = sink->events();
  BOOST_TEST(std::any_of(all.begin(), all.end(),
                         [](const auto& e) { return e->kind == event_kind::rewind; }));
}

BOOST_AUTO_TEST_SUITE_END()
