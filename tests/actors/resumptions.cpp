// A run that is taken up again and again: what ends the process each time is found out, and a
// process that was asked to end is not held against it.

#include "actors/runtime.hpp"
#include "pipeline/describe_stage.hpp"
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

namespace {

test::door work;

/// Works until it is stopped.
struct never_done : test::text_to_reply {
  static constexpr std::string_view name = "never_done";
  static constexpr placement where = placement::own_thread;
  result<output> run(const input& in, run_context& context) {
    work.wait(context.stop());
    return output{in.text + " was fine"};
  }
};

class often_ended {
 public:
  often_ended() {
    spdlog::set_level(spdlog::level::off);
    work.forget_visits();
    work.set(false);
    begin();
    auto sink = std::make_shared<test::recording_sink>();
    process_->submit({.conversation = "对话", .input = {{"text", "it"}}}, sink, follow::run);
    run_ = sink->wait_for_kind(event_kind::accepted)->run;
    wait_until_reached(++lives_);
  }
  ~often_ended() {
    process_.reset();
    spdlog::set_level(spdlog::level::info);
  }
  enum class end { asked_for, without_warning };
  /// The process ends while the run is at its stage, and another takes over.
  void end_and_begin(end how, int times = 1, bool goes_on = true) {
    for (int i = 0; i < times; ++i) {
      if (how == end::asked_for) process_->close();
      process_.reset();
      begin();
      if (goes_on) wait_until_reached(++lives_);
    }
  }
  run_status status_at_end() {
    for (;;) {
      std::promise<run_status> found;
      process_->find_run(run_, [&](result<run_status> r) { found.set_value(*r); });
      auto s = found.get_future().get();
      if (s.state == run_status::state_type::finished || s.state == run_status::state_type::failed)
        return s;
      std::this_thread::yield();
    }
  }
  void let_through() { work.set(true); }

 private:
  void begin() {
    static const stage_type type = describe_stage<never_done>();
    test::graph_builder b;
    b.input("text");
    b.stage("only", type);
    runtime_options o;
    o.plan = b.build("reply");
    o.services = std::make_shared<stage_services>();
    o.records = records_.get();
    auto started = runtime::start(std::move(o));
    BOOST_REQUIRE(bool(started));
    process_ = std::move(*started);
  }
  static void wait_until_reached(int times) { BOOST_REQUIRE(work.wait_for_visits(times, 30s)); }

  std::unique_ptr<store> records_ = make_memory_store();
  std::unique_ptr<runtime> process_;
  std::string run_;
  int lives_ = 0;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(a_run_that_is_taken_up_again_and_again)

BOOST_AUTO_TEST_CASE(goes_on_after_any_number_of_ends_that_were_asked_for,
                     *boost::unit_test::timeout(60)) {
  often_ended o;
  o.end_and_begin(often_ended::end::asked_for, 25);
  o.let_through();
  BOOST_TEST(o.status_at_end().reply.as_text() == "it was fine");
}

BOOST_AUTO_TEST_CASE(is_given_up_after_ten_ends_without_warning, *boost::unit_test::timeout(60)) {
  often_ended o;
  o.end_and_begin(often_ended::end::without_warning, 5);
  // These neither count nor make good what was before.
  o.end_and_begin(often_ended::end::asked_for, 5);
  o.end_and_begin(often_ended::end::without_warning, 4);
  o.end_and_begin(often_ended::end::asked_for, 2);
  o.end_and_begin(often_ended::end::without_warning, 1, false);
  const auto s = o.status_at_end();
  BOOST_REQUIRE(s.failure);
  BOOST_TEST((s.failure->code == errc::crashed));
  BOOST_TEST(s.failure->message.find("10 times without warning") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
