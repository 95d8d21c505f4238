// Runs that wait for somebody: parked, decided, expired, taken up by another process.

#include "actors/runtime.hpp"
#include "pipeline/review.hpp"
#include "pipeline/skipping_clock.hpp"
#include "support/graph_builder.hpp"
#include "support/recording_sink.hpp"

#include <boost/test/unit_test.hpp>

#include <future>
#include <thread>

using namespace troupe;
using namespace std::chrono_literals;
using test::graph_builder;
using test::recording_sink;

namespace {

std::atomic<int> drafts{0};

struct write_draft {
  static constexpr std::string_view name = "write_draft";
  struct params {};
  struct input {
    std::string text;
  };
  struct output {
    std::string draft;
  };
  static void describe(describer<write_draft>& d) {
    d.in("text", &input::text, "");
    d.out("draft", &output::draft, "");
  }
  result<output> run(const input& in, run_context&) {
    ++drafts;
    return output{"about " + in.text};
  }
};

template <int Milliseconds>
struct ask {
  static constexpr std::string_view name = "ask";
  struct params {};
  struct input {
    std::string draft;
  };
  struct output {
    std::string reply, verdict, comment;
  };
  static void describe(describer<ask>& d) {
    d.in("draft", &input::draft, "");
    d.out("text", &output::reply, "");
    d.out("verdict", &output::verdict, "");
    d.out("comment", &output::comment, "");
  }
  result<output> run(const input& in, run_context& ctx) {
    ctx.wait_for_decision(std::chrono::milliseconds(Milliseconds));
    return output{in.draft, "expired", {}};
  }
};

template <class Ask>
std::shared_ptr<const graph> reviewed() {
  static const stage_type write = describe_stage<write_draft>(), review = describe_stage<Ask>();
  graph_builder b;
  b.plan().deadline = 200ms;
  b.input("text");
  b.stage("write", write).next = {b.to(1)};
  b.stage("review", review);
  return b.build("text");
}

using patient = ask<72 * 3600 * 1000>;
using hasty = ask<150>;

struct running_reviews {
  explicit running_reviews(std::shared_ptr<const graph> plan, store& s,
                           const troupe::clock& time = system_clock()) {
    runtime_options o;
    o.plan = std::move(plan);
    o.services = std::make_shared<stage_services>();
    o.records = &s;
    o.idle = 10ms;
    o.time = &time;
    auto started = troupe::runtime::start(std::move(o));
    BOOST_REQUIRE(bool(started));
    run = std::move(*started);
  }
  std::shared_ptr<recording_sink> say(const std::string& conversation, follow what) {
    auto sink = std::make_shared<recording_sink>();
    run->submit({.conversation = conversation, .message_id = "m", .input = {{"text", "灯"}}}, sink,
                what);
    return sink;
  }
  /// The run, once it waits.
  std::string wait_for_review() {
    for (;;) {
      std::promise<value> found;
      run->list_reviews("", 10, [&](result<value> r) { found.set_value(*r); });
      const value all = found.get_future().get();
      if (!all.as_list().empty()) return all.as_list()[0].find("run")->as_text();
      std::this_thread::yield();
    }
  }
  std::optional<errc> decide(review_decision d) {
    std::promise<std::optional<errc>> answered;
    run->decide_review(std::move(d), [&](result<void> r) {
      answered.set_value(r ? std::nullopt : std::optional<errc>(r.error().code));
    });
    return answered.get_future().get();
  }
  run_status::state_type state(const std::string& id) {
    std::promise<run_status::state_type> found;
    run->find_run(id, [&](result<run_status> r) { found.set_value(r->state); });
    return found.get_future().get();
  }
  void wait_until_nothing_lives() {
    while (run->describe_graph().find("live_conversations")->as_int() > 0)
      std::this_thread::yield();
  }
  std::unique_ptr<troupe::runtime> run;
};

using state = run_status::state_type;

}  // namespace

BOOST_AUTO_TEST_SUITE(a_run_that_waits_for_a_review)

BOOST_AUTO_TEST_CASE(leaves_memory_and_goes_on_when_it_is_decided) {
  for (const char* conversation : {"", "c"}) {
    auto records = make_memory_store();
    running_reviews r(reviewed<patient>(), *records);
    drafts = 0;
    const auto first = r.say(conversation, follow::end)->wait_for_kind(event_kind::stage);
    BOOST_REQUIRE(first);
    BOOST_TEST((first->state == stage_state::waiting));
    BOOST_TEST(first->stage == "review");
    const auto id = r.wait_for_review();
    BOOST_TEST((r.state(id) == state::waiting));
    BOOST_TEST((r.decide({.run = "nobody"}) == errc::not_found));
    auto late = std::make_shared<recording_sink>();
    r.run->attach(*conversation ? conversation : "\x01job " + id, ~std::uint64_t{0}, late);
    BOOST_TEST(!r.decide({.run = id, .what = verdict::edit, .text = "better", .comment = "短"}));
    const auto end = late->wait_for_end();
    BOOST_REQUIRE(end);
    BOOST_TEST(end->reply.as_text() == "better");
    BOOST_TEST(end->slots.find("verdict")->as_text() == "edited");
    BOOST_TEST(end->slots.find("comment")->as_text() == "短");
    BOOST_TEST((r.state(id) == state::finished));
    BOOST_TEST((r.decide({.run = id}) == errc::conflict));
    BOOST_TEST(drafts == 1);
    BOOST_TEST(read_reviews(*records, "", 10)->empty());
    BOOST_TEST((next_expiry(*records, time_point::min()) == time_point::max()));
  }
}

BOOST_AUTO_TEST_CASE(is_decided_after_it_was_evicted_and_after_a_restart_and_writes_nothing_again) {
  auto records = make_memory_store();
  drafts = 0;
  std::string id, other;
  {
    running_reviews r(reviewed<patient>(), *records);
    // A sink that takes no more once it was told that the run waits, as an HTTP client's.
    struct leaves final : event_sink {
      bool deliver(const event_ptr& e) override { return e->kind == event_kind::accepted; }
    };
    r.run->submit({.conversation = "c", .message_id = "m", .input = {{"text", "灯"}}},
                  std::make_shared<leaves>(), follow::end);
    id = r.wait_for_review();
    r.wait_until_nothing_lives();
    // The same message again finds the run and says where it stands.
    const auto again = r.say("c", follow::end)->wait_for_kind(event_kind::stage);
    BOOST_REQUIRE(again);
    BOOST_TEST(again->run == id);
  }
  running_reviews r(reviewed<patient>(), *records);
  BOOST_TEST(r.run->recovered() == 0U);
  BOOST_TEST(r.run->describe_graph().find("live_conversations")->as_int() == 0);
  auto sink = std::make_shared<recording_sink>();
  r.run->attach("c", 0, sink);
  BOOST_TEST(!r.decide({.run = id, .what = verdict::approve}));
  const auto end = sink->wait_for_end();
  BOOST_REQUIRE(end);
  BOOST_TEST(end->reply.as_text() == "about 灯");
  BOOST_TEST(end->message_id == "m");
  BOOST_TEST(drafts == 1);
  std::uint64_t seq = 0;
  for (const auto& e : sink->events()) BOOST_TEST(e->seq == ++seq);
}

BOOST_AUTO_TEST_CASE(expires_by_itself_although_nobody_holds_it_in_memory) {
  for (const char* conversation : {"", "c"}) {
    auto records = make_memory_store();
    running_reviews r(reviewed<hasty>(), *records);
    r.run->submit({.conversation = conversation, .input = {{"text", "灯"}}},
                  std::make_shared<recording_sink>(), follow::none);
    const auto id = r.wait_for_review();
    while (r.state(id) != state::finished) std::this_thread::yield();
    std::promise<run_status> found;
    r.run->find_run(id, [&](result<run_status> s) { found.set_value(*s); });
    BOOST_TEST(found.get_future().get().slots.find("verdict")->as_text() == "expired");
    BOOST_TEST((r.decide({.run = id}) == errc::conflict));
  }
}

BOOST_AUTO_TEST_CASE(has_expired_for_whoever_decides_too_late) {
  auto records = make_memory_store();
  skipping_clock time;
  running_reviews r(reviewed<patient>(), *records, time);
  auto sink = r.say("c", follow::run);
  const auto id = r.wait_for_review();
  time.skip(72h);
  BOOST_TEST((r.decide({.run = id}) == errc::conflict));
  const auto end = sink->wait_for_end();
  BOOST_REQUIRE(end);
  BOOST_TEST(end->slots.find("verdict")->as_text() == "expired");
}

BOOST_AUTO_TEST_CASE(is_cancelled_like_any_other_and_leaves_the_list) {
  auto records = make_memory_store();
  running_reviews r(reviewed<patient>(), *records);
  auto sink = r.say("c", follow::run);
  const auto id = r.wait_for_review();
  std::promise<bool> cancelled;
  r.run->cancel(id, [&](result<void> done) { cancelled.set_value(bool(done)); });
  BOOST_TEST(cancelled.get_future().get());
  BOOST_TEST((sink->wait_for_end()->code == errc::cancelled));
  BOOST_TEST(read_reviews(*records, "", 10)->empty());
}

BOOST_AUTO_TEST_SUITE_END()
