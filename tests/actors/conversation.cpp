// What a conversation does with messages that come while it is busy, with what it keeps, with what
// the caller leaves out, and with very long lists.

#include "support/graph_builder.hpp"
#include "support/system_under_test.hpp"
#include "support/text_stage.hpp"

#include <atomic>

using namespace troupe;
using namespace std::chrono_literals;
using test::graph_builder;
using test::recording_sink;
using test::system_under_test;
using test::type_of;

namespace {

/// Says what it is told; told "wait", it waits until it is stopped.
struct says_or_waits : test::text_to_reply {
  static constexpr std::string_view name = "says_or_waits";
  static constexpr placement where = placement::own_thread;
  static constexpr bool streams = true;
  result<output> run(const input& in, run_context& ctx) {
    if (in.text != "wait") return output{in.text};
    ctx.emit("waiting");
    std::mutex m;
    std::condition_variable_any stopped;
    std::unique_lock lock(m);
    stopped.wait(lock, ctx.stop(), [] { return false; });
    return error{errc::cancelled, "stopped"};
  }
};

/// Adds what it hears to what it has heard in earlier runs.
struct remembers {
  static constexpr std::string_view name = "remembers";
  struct params {};
  struct input {
    std::string text;
    std::string mark;
    std::optional<std::string> heard;
  };
  struct output {
    std::string reply, heard;
  };
  static void describe(describer<remembers>& d) {
    d.in("text", &input::text, "");
    d.in("mark", &input::mark, "");
    d.in("heard", &input::heard, "");
    d.out("reply", &output::reply, "");
    d.out("heard", &output::heard, "");
  }
  result<output> run(const input& in, run_context&) {
    if (in.text == "fail") return error{errc::failed, "as you wish"};
    auto all = in.heard.value_or("") + in.text + in.mark;
    return output{all, all};
  }
};

std::atomic<int> at_once{0}, most_at_once{0};

struct doubles {
  static constexpr std::string_view name = "doubles";
  struct params {};
  struct input {
    std::int64_t item = 0;
  };
  struct output {
    std::int64_t doubled = 0;
  };
  static void describe(describer<doubles>& d) {
    d.in("item", &input::item, "");
    d.out("doubled", &output::doubled, "");
  }
  result<output> run(const input& in, run_context&) {
    const int now = ++at_once;
    for (int most = most_at_once; now > most && !most_at_once.compare_exchange_weak(most, now);) {
    }
    --at_once;
    return output{2 * in.item};
  }
};

system_under_test busy_graph(on_busy busy) {
  graph_builder b;
  b.input("text");
  b.stage("only", type_of<says_or_waits>()).replicas = 3;
  b.plan().busy = busy;
  return system_under_test(b.build("reply"));
}

std::size_t bytes_of_steps(const store& records) {
  std::size_t bytes = 0;
  BOOST_REQUIRE(bool(records.scan(family::steps, "", "", [&](auto key, auto text) {
    bytes += key.size() + text.size();
    return true;
  })));
  return bytes;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(a_busy_conversation)

BOOST_AUTO_TEST_CASE(lets_a_second_message_wait_its_turn) {
  auto s = busy_graph(on_busy::queue);
  auto first = s.say("c", "wait");
  auto second = s.say("c", "你好");
  const auto run = first->wait_for_kind(event_kind::delta)->run;
  BOOST_TEST(second->wait_for_kind(event_kind::accepted)->run != run);
  BOOST_TEST(second->events().size() == 1U);
  s.run->cancel(run, [](result<void>) {});
  BOOST_TEST((first->wait_for_end()->code == errc::cancelled));
  BOOST_TEST(second->wait_for_end()->text == "你好");
}

BOOST_AUTO_TEST_CASE(may_refuse_a_second_message_and_goes_on_with_the_first) {
  auto s = busy_graph(on_busy::reject);
  auto first = s.say("c", "wait");
  const auto run = first->wait_for_kind(event_kind::delta)->run;
  auto second = s.say("c", "hello");
  const auto refused = second->wait_for_end();
  BOOST_TEST((refused->code == errc::conflict));
  BOOST_TEST(refused->retry_after_ms > 0);
  BOOST_TEST(s.say("another", "hello")->wait_for_end()->text == "hello");
  s.run->cancel(run, [](result<void>) {});
  BOOST_TEST((first->wait_for_end()->code == errc::cancelled));
  BOOST_TEST(s.say("c", "again")->wait_for_end()->text == "again");
}

BOOST_AUTO_TEST_CASE(may_drop_the_first_for_the_second_and_touches_no_other_conversation) {
  auto s = busy_graph(on_busy::interrupt);
  auto other = s.say("other", "wait");
  other->wait_for_kind(event_kind::delta);
  auto first = s.say("c", "wait");
  first->wait_for_kind(event_kind::delta);
  auto second = s.say("c", "new");
  BOOST_TEST((first->wait_for_end()->code == errc::cancelled));
  BOOST_TEST(second->wait_for_end()->text == "new");
  BOOST_TEST((other->events().back()->kind == event_kind::delta));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(a_conversation)

BOOST_AUTO_TEST_CASE(keeps_persistent_slots_from_run_to_run_and_nothing_of_a_run_that_failed) {
  graph_builder b;
  b.input("text");
  b.plan().inputs.push_back({b.slot("mark"), slot_type::text, "."});
  b.stage("only", type_of<remembers>());
  b.plan().persist = {b.slot("heard")};
  system_under_test s(b.build("reply"));
  BOOST_TEST(s.say("c", "一")->wait_for_end()->text == "一.");
  BOOST_TEST(s.submit("c", {{"text", "二"}, {"mark", "!"}})->wait_for_end()->text == "一.二!");
  BOOST_TEST((s.say("c", "fail")->wait_for_end()->code == errc::failed));
  BOOST_TEST(s.say("other", "x")->wait_for_end()->text == "x.");
  BOOST_TEST(s.say("c", "三")->wait_for_end()->text == "一.二!三.");
}

BOOST_AUTO_TEST_CASE(goes_over_ten_thousand_items_again_and_again_and_journals_each_once) {
  graph_builder b;
  b.input("items", slot_type::list);
  b.stage("double", type_of<doubles>()).each =
      each_policy{b.slot("items"), b.slot("item"), 8, 10'000};
  b.plan().stages[0].next = {b.back_to(0, 2)};
  b.plan().stages[0].next[0].exhausted = 1;
  b.stage("tell", type_of<says_or_waits>());
  b.plan().stages[1].in = {b.slot("said")};
  b.plan().inputs.push_back({b.slot("said"), slot_type::text, "done"});
  auto plan = b.build("reply");
  auto bytes_for = [&](int count) {
    auto records = make_memory_store();
    system_under_test s(plan, records.get());
    value::list items, doubled;
    for (int i = 0; i < count; ++i) {
      items.emplace_back(i);
      doubled.emplace_back(2 * i);
    }
    const auto end = s.submit("c", {{"items", value(items)}})->wait_for_end();
    BOOST_REQUIRE((end && end->kind == event_kind::final));
    const value* made = end->slots.find("doubled");
    BOOST_REQUIRE(made);
    BOOST_TEST((*made == value(doubled)));
    return bytes_of_steps(*records);
  };
  const auto small = bytes_for(1'000), large = bytes_for(10'000);
  BOOST_TEST(most_at_once <= 8);
  BOOST_TEST(large < 11 * small, "steps of 1,000 items: " << small << ", of 10,000: " << large);
}

BOOST_AUTO_TEST_SUITE_END()
