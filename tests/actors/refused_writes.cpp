// A store that takes nothing for a while: nothing is promised that is not on disk, nobody waits for
// ever, and everything that was promised goes on when it can be written again.

#include "actors/runtime.hpp"
#include "pipeline/describe_stage.hpp"
#include "support/door.hpp"
#include "support/graph_builder.hpp"
#include "support/recording_sink.hpp"
#include "support/text_stage.hpp"

#include <spdlog/spdlog.h>
#include <boost/test/unit_test.hpp>

#include <atomic>
#include <thread>

using namespace troupe;
using namespace std::chrono_literals;
using test::recording_sink;

namespace {

class refusing_store final : public store {
 public:
  result<void> write(write_batch batch, durability level) override {
    if (throws) throw std::bad_alloc();
    if (refuses) return error{errc::internal, "the disk is full"};
    return inside_->write(std::move(batch), level);
  }
  result<std::optional<std::string>> get(family f, std::string_view key) const override {
    return inside_->get(f, key);
  }
  result<void> scan(
      family f, std::string_view prefix, std::string_view from,
      const std::function<bool(std::string_view, std::string_view)>& each) const override {
    return inside_->scan(f, prefix, from, each);
  }
  std::atomic<bool> refuses{false}, throws{false};

 private:
  std::unique_ptr<store> inside_ = make_memory_store();
};

test::door door;
std::atomic<int> calls{0};

struct waits_at_a_door : test::text_to_reply {
  static constexpr std::string_view name = "waits_at_a_door";
  static constexpr placement where = placement::own_thread;
  result<output> run(const input& in, run_context&) {
    ++calls;
    door.wait();
    return output{"<" + in.text + ">"};
  }
};

struct running_on_bad_disk {
  running_on_bad_disk() {
    spdlog::set_level(spdlog::level::off);
    static const stage_type type = describe_stage<waits_at_a_door>();
    test::graph_builder b;
    b.input("text");
    b.stage("only", type);
    runtime_options o;
    o.plan = b.build("reply");
    o.services = std::make_shared<stage_services>();
    o.records = &records;
    auto started = runtime::start(std::move(o));
    BOOST_REQUIRE(bool(started));
    run = std::move(*started);
  }
  ~running_on_bad_disk() {
    run.reset();
    spdlog::set_level(spdlog::level::info);
  }
  std::shared_ptr<recording_sink> say(const std::string& id, const std::string& text,
                                      const std::string& conversation = "对话") {
    auto sink = std::make_shared<recording_sink>();
    run->submit({.conversation = conversation, .message_id = id, .input = {{"text", text}}}, sink,
                follow::run);
    return sink;
  }
  void make_room() {
    records.refuses = records.throws = false;
    while (!run->ready()) std::this_thread::sleep_for(1ms);
  }
  refusing_store records;
  std::unique_ptr<troupe::runtime> run;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(refused_writes)

BOOST_AUTO_TEST_CASE(refuse_what_cannot_be_kept_and_take_it_later, *boost::unit_test::timeout(60)) {
  running_on_bad_disk r;
  door.set(true);
  BOOST_TEST((r.say("m1", "one")->wait_for_end()->kind == event_kind::final));
  for (std::atomic<bool>* fault : {&r.records.refuses, &r.records.throws}) {
    *fault = true;
    const auto refused = r.say("m2", "two")->wait_for_end();
    BOOST_TEST((refused->kind == event_kind::error));
    BOOST_TEST(refused->message_id == "m2");
    BOOST_TEST(refused->retry_after_ms > 0);
    BOOST_TEST(!r.run->ready());
    r.make_room();
  }
  for (;;) {
    const auto end = r.say("m2", "two")->wait_for_end();
    if (end->kind == event_kind::final) {
      BOOST_TEST(end->reply.as_text() == "<two>");
      break;
    }
    std::this_thread::sleep_for(10ms);
  }
}

BOOST_AUTO_TEST_CASE(stop_a_run_where_the_journal_has_it_and_let_it_go_on,
                     *boost::unit_test::timeout(60)) {
  running_on_bad_disk r;
  auto listener = std::make_shared<recording_sink>();
  r.run->attach("对话", 0, listener);
  door.set(false);
  calls = 0;
  auto waiting = r.say("m1", "one");
  BOOST_REQUIRE(waiting->wait_for_kind(event_kind::accepted));
  while (calls == 0) std::this_thread::yield();
  r.records.refuses = true;
  door.set(true);
  // Whoever waits for this run is told to ask again.
  BOOST_TEST((waiting->wait_for_end()->kind == event_kind::error));
  // While nothing can be kept nothing is done.
  std::this_thread::sleep_for(1500ms);
  BOOST_TEST(calls == 1);
  r.make_room();

  // The one who follows the conversation hears how it ends.
  const auto end = listener->wait_for_kind(event_kind::final);
  BOOST_REQUIRE(end);
  BOOST_TEST(end->reply.as_text() == "<one>");
  BOOST_TEST(calls == 2);
  std::uint64_t seq = 0;
  for (const auto& e : listener->events())
    if (e->seq > 0) BOOST_TEST(e->seq == ++seq);
  BOOST_TEST(end->seq == seq);
  const auto again = r.say("m1", "one")->wait_for_end();
  BOOST_TEST(again->reply.as_text() == "<one>");
  BOOST_TEST(calls == 2);
}

BOOST_AUTO_TEST_CASE(bring_back_a_job_as_well, *boost::unit_test::timeout(60)) {
  running_on_bad_disk r;
  door.set(false);
  calls = 0;
  auto job = r.say("j1", "job", "");
  const auto accepted = job->wait_for_kind(event_kind::accepted);
  BOOST_REQUIRE(accepted);
  while (calls == 0) std::this_thread::yield();
  r.records.refuses = true;
  door.set(true);
  BOOST_TEST((job->wait_for_end()->kind == event_kind::error));
  r.make_room();
  for (bool ended = false; !ended; std::this_thread::sleep_for(1ms))
    r.run->find_run(accepted->run, [&](result<run_status> s) {
      ended = s && s->state == run_status::state_type::finished;
    });
}

BOOST_AUTO_TEST_SUITE_END()
