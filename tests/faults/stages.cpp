// Stages that do what no stage should.

#include "actors/interfaces.hpp"
#include "faults/running_stage.hpp"
#include "faults/scenarios.hpp"
#include "pipeline/describe_stage.hpp"

#include <caf/stateful_actor.hpp>

#include <vector>

namespace troupe::test {

using namespace std::chrono_literals;

namespace {

struct throws : text_ports {
  static constexpr std::string_view name = "throws";
  static void describe(describer<throws>& d) { text_ports::describe(d); }
  result<output> run(const input& in, run_context&) {
    if (in.text == "毒") throw std::runtime_error("poisoned");
    return output{in.text + " was fine"};
  }
};

gate hanging;

struct hangs : text_ports {
  static constexpr std::string_view name = "hangs";
  static constexpr placement where = placement::own_thread;
  static void describe(describer<hangs>& d) { text_ports::describe(d); }
  result<output> run(const input& in, run_context&) {
    if (in.text == "hang") hanging.wait();
    return output{in.text + " was fine"};
  }
};

struct eats : text_ports {
  static constexpr std::string_view name = "eats";
  static void describe(describer<eats>& d) { text_ports::describe(d); }
  result<output> run(const input& in, run_context&) {
    if (in.text == "much") {
      // More than any machine has.
      std::vector<std::unique_ptr<char[]>> eaten;
      for (;;) eaten.emplace_back(new char[std::size_t{1} << 46]);
    }
    return output{in.text + " was fine"};
  }
};

struct answers_twice : text_ports {
  static constexpr std::string_view name = "answers_twice";
  static constexpr bool streams = true;
  static void describe(describer<answers_twice>& d) { text_ports::describe(d); }
  void run(input in, std::shared_ptr<run_context> context, reply<output> answer) {
    answer(output{in.text});
    context->emit("too late");
    answer(output{"another answer"});
  }
};

std::mutex kept_mutex;
std::vector<reply<text_ports::output>> kept;

struct never_answers : text_ports {
  static constexpr std::string_view name = "never_answers";
  static void describe(describer<never_answers>& d) { text_ports::describe(d); }
  void run(input in, std::shared_ptr<run_context>, reply<output> answer) {
    if (in.text != "silence") return answer(output{in.text + " was fine"});
    std::lock_guard lock(kept_mutex);
    kept.push_back(std::move(answer));
  }
};

/// What a real actor does with a call, by its text.
using actor_self = stage_handle::stateful_pointer<int>;

answer_ptr fine(const call_ptr& call) {
  auto a = std::make_shared<stage_answer>();
  a->task = call->info.task;
  a->attempt = call->info.attempt;
  a->outputs = frame{value(call->inputs[0].as_text() + " was fine")};
  return a;
}

stage_handle::behavior_type real_actor(stage_handle::pointer self) {
  return {[self](const call_ptr& call) -> caf::result<answer_ptr> {
    const std::string text = call->inputs[0].as_text();
    if (text == "throw") throw std::runtime_error("it threw");
    if (text == "quit") {
      self->quit(caf::exit_reason::user_shutdown);
      return self->make_response_promise<answer_ptr>();
    }
    if (text == "silence") return self->make_response_promise<answer_ptr>();
    if (text == "nothing") return answer_ptr();
    if (text == "error") return caf::make_error(caf::sec::invalid_argument);
    if (text == "wrong") {
      auto a = fine(call);
      a->outputs = frame{};
      return a;
    }
    if (text == "twice") {
      auto promise = self->make_response_promise<answer_ptr>();
      promise.deliver(fine(call));
      promise.deliver(fine(call));
      return promise;
    }
    return fine(call);
  }};
}

const stage_type& real_type() {
  static const stage_type type = [] {
    stage_type t = describe_stage<throws>();
    t.name = "real";
    t.spawn = stage_spawner([](caf::actor_system& system, const value&, const port_set&) {
      return system.spawn(real_actor);
    });
    return t;
  }();
  return type;
}

}  // namespace

void stage_throws() {
  running_stage s(graph_of(type_of<throws>(), {.attempts = 10}));
  BOOST_TEST(s.outcome("药") == "药 was fine");
  const auto end = s.say("毒");
  BOOST_TEST((end->code == errc::crashed));
  BOOST_TEST(end->text.find("twice") != std::string::npos);
  BOOST_TEST(s.outcome("药") == "药 was fine");
  BOOST_TEST(s.figures().restarts == 2U);
  BOOST_TEST(s.dead_letters() == 1U);
}

void stage_hangs() {
  hanging.set_open(false);
  running_stage s(graph_of(type_of<hangs>(), {.timeout = 3s}));
  auto hung = s.send("hang");
  hanging.wait_for_somebody();
  std::this_thread::sleep_for(2s);
  // It waits behind the one that hangs, would run out of time there, and goes to the next replica.
  auto behind = s.send("behind");
  BOOST_TEST((hung->wait_for_end()->code == errc::timeout));
  BOOST_TEST(running_stage::outcome_of(behind->wait_for_end()) == "behind was fine");
  s.until([&] { return s.figures().zombies == 1; });
  BOOST_TEST(s.outcome("hello") == "hello was fine");
  BOOST_TEST(s.figures().restarts == 1U);
  BOOST_TEST(s.ready());
  hanging.set_open(true);
  s.until([&] { return s.figures().zombies == 0; });
  BOOST_TEST(s.figures().outstanding == 0);
}

void stage_is_out_of_memory() {
  running_stage s(graph_of(type_of<eats>()));
  BOOST_TEST(s.outcome("little") == "little was fine");
  const auto end = s.say("much");
  BOOST_TEST((end->code == errc::crashed));
  BOOST_TEST(end->text.find("bad_alloc") != std::string::npos);
  BOOST_TEST(s.outcome("little") == "little was fine");
  BOOST_TEST(s.dead_letters() == 1U);
}

void stage_answers_twice() {
  running_stage s(graph_of(type_of<answers_twice>()));
  auto sink = s.send("one", "对话");
  const auto end = sink->wait_for_end();
  BOOST_TEST(running_stage::outcome_of(end) == "one");
  BOOST_TEST(s.outcome("two") == "two");
  int ends = 0;
  for (const auto& e : sink->events()) {
    ends += e->kind == event_kind::final || e->kind == event_kind::error;
  }
  BOOST_TEST(ends == 1);
  BOOST_TEST(s.figures().outstanding == 0);
}

void stage_never_answers() {
  auto plan = graph_of(type_of<never_answers>(), {.timeout = 30ms});
  const int room = plan->stages[0].queue + plan->stages[0].replicas;
  running_stage s(plan);
  // More than may be out at once: what is not waited for any more must not take up their room.
  for (int round = 0; round < 2; ++round) {
    std::vector<std::shared_ptr<recording_sink>> sinks;
    for (int n = 0; n < room; ++n) sinks.push_back(s.send("silence"));
    for (auto& sink : sinks) BOOST_TEST((sink->wait_for_end()->code == errc::timeout));
    s.until([&] { return s.figures().outstanding == 0; });
    BOOST_TEST(s.outcome("hello") == "hello was fine");
  }
  BOOST_TEST(s.figures().zombies == 0);
  std::lock_guard lock(kept_mutex);
  kept.clear();
}

void actor_dies() {
  running_stage s(graph_of(real_type(), {.timeout = 300ms, .attempts = 5}));
  BOOST_TEST(s.outcome("药") == "药 was fine");
  std::uint64_t restarts = 0;
  for (const char* deadly : {"throw", "quit"}) {
    const auto end = s.say(deadly);
    BOOST_TEST((end->code == errc::crashed), end->text);
    BOOST_TEST(end->text.find("twice") != std::string::npos, end->text);
    BOOST_TEST(s.outcome("药") == "药 was fine");
    BOOST_TEST(s.figures().restarts == (restarts += 2));
  }
  // Under suspicion with others, and alone.
  std::vector<std::shared_ptr<recording_sink>> many;
  for (int i = 0; i < 20; ++i) many.push_back(s.send(i == 7 ? "throw" : "药"));
  for (int i = 0; i < 20; ++i)
    BOOST_TEST(running_stage::outcome_of(many[static_cast<std::size_t>(i)]->wait_for_end()) ==
               (i == 7 ? "crashed" : "药 was fine"));
  BOOST_TEST(s.outcome("silence") == "timeout");
  s.until([&] { return s.figures().outstanding == 0; });
  for (const char* wrong : {"nothing", "error", "wrong"}) BOOST_TEST(s.outcome(wrong) == "failed");
  BOOST_TEST(s.outcome("twice") == "twice was fine");
  BOOST_TEST(s.outcome("药") == "药 was fine");
  BOOST_TEST(s.ready());
}

}  // namespace troupe::test
