// Crashes as a way of life: a stage whose every third call throws, under twenty conversations at
// once.

#include "actors/runtime.hpp"
#include "support/graph_builder.hpp"
#include "support/recording_sink.hpp"
#include "support/text_stage.hpp"

#include <spdlog/spdlog.h>
#include <boost/test/unit_test.hpp>

#include <atomic>
#include <map>
#include <thread>

using namespace troupe;
using namespace std::chrono_literals;

namespace {

std::atomic<int> calls{0}, throws{0};

struct every_third_call_throws : test::text_to_reply {
  static constexpr std::string_view name = "every_third_call_throws";
  result<output> run(const input& in, run_context&) {
    if (++calls % 3 != 0) return output{in.text + "，好的"};
    ++throws;
    throw std::runtime_error("every third");
  }
};

constexpr int conversations = 20, messages = 10, attempts = 3;

std::shared_ptr<const graph> plan() {
  static const stage_type type = describe_stage<every_third_call_throws>();
  test::graph_builder b;
  b.input("text");
  auto& only = b.stage("only", type);
  only.replicas = 2;
  only.retry = {
      .attempts = attempts, .backoff_min = 1ms, .backoff_max = 5ms, .on = {errc::crashed}};
  return b.build("reply");
}

std::int64_t restarts(const runtime& r) {
  return r.describe_graph().find("stages")->as_list()[0].find("restarts")->as_int();
}

std::vector<std::string> turns_of(runtime& r, const std::string& conversation) {
  std::vector<std::string> said;
  r.find_conversation(conversation, [&](result<value> found) {
    if (!found) return;
    for (const value& t : found->find("turns")->as_list())
      said.push_back(t.find("user")->as_text());
  });
  return said;
}

/// A crash is logged by design; two hundred of them would drown the test's own words.
struct no_warnings {
  spdlog::level::level_enum before = spdlog::get_level();
  no_warnings() { spdlog::set_level(spdlog::level::off); }
  ~no_warnings() { spdlog::set_level(before); }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(a_stage_that_throws)

BOOST_FIXTURE_TEST_CASE(ends_every_run_once_and_is_restarted_for_every_throw, no_warnings) {
  calls = throws = 0;
  auto records = make_memory_store();
  runtime_options o;
  o.plan = plan();
  o.services = std::make_shared<stage_services>();
  o.records = records.get();
  auto started = runtime::start(std::move(o));
  BOOST_REQUIRE(started);
  runtime& r = **started;

  std::map<std::string, std::vector<std::shared_ptr<test::recording_sink>>> sinks;
  for (int m = 0; m < messages; ++m)
    for (int c = 0; c < conversations; ++c) {
      const auto conversation = "对话-" + std::to_string(c);
      auto sink = std::make_shared<test::recording_sink>();
      sinks[conversation].push_back(sink);
      r.submit({.conversation = conversation,
                .message_id = "m" + std::to_string(m),
                .input = {{"text", std::to_string(m)}}},
               sink, follow::run);
    }

  int failed = 0, retried = 0;
  for (const auto& [conversation, all] : sinks) {
    std::vector<std::string> answered;
    for (int m = 0; m < messages; ++m) {
      const auto& sink = all[static_cast<std::size_t>(m)];
      const auto end = sink->wait_for_end();
      BOOST_REQUIRE(end);
      int ends = 0, tries = 0;
      for (const auto& e : sink->events()) {
        ends += e->kind == event_kind::final || e->kind == event_kind::error;
        if (e->kind == event_kind::stage && e->state != stage_state::started) tries = e->attempt;
      }
      BOOST_TEST(ends == 1);
      retried += tries > 1;
      if (end->kind == event_kind::final) {
        BOOST_TEST(end->reply.as_text() == std::to_string(m) + "，好的");
        answered.push_back(std::to_string(m));
      } else {
        // Only a run that met the third call twice fails: it looks like poison, and is not tried
        // a third time.
        BOOST_TEST((end->code == errc::crashed));
        BOOST_TEST(tries == 2);
        ++failed;
      }
    }
    // What was answered is in the history, in the order in which it was said.
    BOOST_TEST(turns_of(r, conversation) == answered, boost::test_tools::per_element());
  }
  BOOST_TEST_MESSAGE(failed << " runs failed, " << retried << " were retried, " << throws
                            << " throws");
  BOOST_TEST(failed < conversations * messages / 4);
  BOOST_TEST(retried > 0);
  BOOST_TEST(throws >= conversations * messages / 3);

  // The last ones may still be on their way down.
  while (restarts(r) < throws || !r.ready()) std::this_thread::yield();
  BOOST_TEST(restarts(r) == throws);
}

BOOST_AUTO_TEST_SUITE_END()
