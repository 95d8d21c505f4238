// The machine around: its clock, its file descriptors, its memory.

#include "faults/faulty_server.hpp"
#include "faults/running_stage.hpp"
#include "faults/scenarios.hpp"
#include "pipeline/anchored_clock.hpp"
#include "pipeline/describe_stage.hpp"

#include <list>
#include <new>

namespace troupe::test {

using namespace std::chrono_literals;

namespace {

gate thinking;

/// Works until it is let go, or stopped.
struct thinks : text_ports {
  static constexpr std::string_view name = "thinks";
  static constexpr placement where = placement::own_thread;
  static void describe(describer<thinks>& d) { text_ports::describe(d); }
  result<output> run(const input& in, run_context& context) {
    const std::stop_callback let_go(context.stop(), [] { thinking.set_open(true); });
    thinking.wait();
    return output{in.text + " was fine"};
  }
};

class set_clock final : public clock {
 public:
  time_point now() const override { return real_.now() + offset; }
  duration offset{};

 private:
  anchored_clock real_{std::chrono::time_point_cast<duration>(std::chrono::system_clock::now())};
};

/// A run is under way when the process ends; the next one finds the clock elsewhere.
std::string outcome_after(duration jump, bool hangs) {
  const stage_type type = describe_stage<thinks>();
  const auto plan = graph_of(type, {.timeout = 1s});
  auto records = make_memory_store();
  set_clock time;
  std::string run;
  {
    thinking.set_open(false);
    running_stage before(plan, records.get(), &time);
    auto sink = before.send("it", "对话");
    run = sink->wait_for_kind(event_kind::accepted)->run;
    thinking.wait_for_somebody();
    before.end();
  }
  time.offset = jump;
  thinking.set_open(!hangs);
  running_stage after(plan, records.get(), &time);
  for (;;) {
    std::promise<run_status> found;
    after.gate().find_run(run, [&](result<run_status> r) { found.set_value(*r); });
    const auto s = found.get_future().get();
    if (s.state == run_status::state_type::finished) return s.reply.as_text();
    if (s.state == run_status::state_type::failed) return std::string(name_of(s.failure->code));
    std::this_thread::sleep_for(1ms);
  }
}

struct out_of_memory final : engine {
  result<generation> generate(const generation_request& request,
                              const std::function<void(std::string_view)>&) override {
    if (request.messages.back().text == "大") throw std::bad_alloc();
    return generation{.text = request.messages.back().text + " was fine"};
  }
};

struct asks : text_ports {
  static constexpr std::string_view name = "asks";
  static constexpr placement where = placement::own_thread;
  static void describe(describer<asks>& d) { text_ports::describe(d); }
  result<output> run(const input& in, run_context& context) {
    auto model = context.services().find_engine("");
    if (!model) return model.error();
    auto made = (*model)->generate({.messages = {{.text = in.text}}}, {});
    if (!made) return made.error();
    return output{made->text};
  }
};

}  // namespace

void clock_is_set() {
  // While it runs: time goes on at its own pace, wherever it began.
  const time_point nineteen_seventy{};
  const anchored_clock clock(nineteen_seventy);
  const auto first = clock.now(), second = clock.now();
  BOOST_TEST((first >= nineteen_seventy && first < nineteen_seventy + std::chrono::minutes(1)));
  BOOST_TEST((second >= first));
  // Between two lives of it.
  BOOST_TEST(outcome_after(24h, false) == "it was fine");
  BOOST_TEST(outcome_after(-24h, false) == "it was fine");
  BOOST_TEST(outcome_after(24h, true) == "timeout");
  BOOST_TEST(outcome_after(-24h, true) == "timeout");
}

void no_file_descriptors_are_left() {
  faulty_server server;
  BOOST_REQUIRE(server.start("ulimit -n 96"));
  chat_line line(server.port(), "c", 0);
  {
    asio::io_context context;
    std::list<tcp::socket> flood;
    for (int i = 0; i < 120; ++i) {
      flood.emplace_back(context);
      flood.back().connect({asio::ip::address_v4::loopback(), server.port()});
    }
    BOOST_TEST(faulty_server::comes_true([&] { return server.has_said("cannot accept"); }));
    // Who is in is served, durably.
    line.say("m1", "一");
    for (std::string frame; frame.find("\"final\"") == std::string::npos;) frame = line.next();
  }
  BOOST_TEST(faulty_server::comes_true([&] { return server.ready() == 200; }));
  BOOST_TEST(reply_of(server.say("m2", "二")) == "<二>");
  BOOST_TEST(server.turns() == 2U);
  BOOST_TEST(server.stop() == 0);
}

void model_is_out_of_memory() {
  auto services = std::make_shared<stage_services>();
  services->engines["writer"] = std::make_shared<out_of_memory>();
  const stage_type type = describe_stage<asks>();
  running_stage s(graph_of(type), nullptr, nullptr, services);
  BOOST_TEST(s.outcome("小") == "小 was fine");
  BOOST_TEST(s.outcome("大") == "crashed");
  BOOST_TEST(s.outcome("小") == "小 was fine");
  BOOST_TEST(s.dead_letters() == 1U);
}

}  // namespace troupe::test
