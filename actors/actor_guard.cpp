#include "actors/actor_guard.hpp"

#include "pipeline/log.hpp"

#include <deque>
#include <map>

namespace troupe {

namespace {

using promise = caf::typed_response_promise<answer_ptr>;

struct held_call {
  call_ptr call;
  promise answer;
};

struct open_call {
  promise answer;
  std::int64_t task = 0;
  int attempt = 1;
  time_point begun;
};

struct guard_state {
  static inline const char* name = "guard";
  std::string stage;
  std::vector<port> outputs;
  stage_handle inside;
  const clock* time = nullptr;
  std::map<std::uint64_t, open_call> open;
  std::deque<held_call> held;  ///< until the actor is free for one that is under suspicion
  bool alone = false;          ///< such a one is with it
  std::uint64_t next = 1;
};

using guard_self = stage_handle::stateful_pointer<guard_state>;

answer_ptr refusal(const open_call& c, errc code, std::string why) {
  return std::make_shared<stage_answer>(stage_answer{.task = c.task,
                                                     .attempt = c.attempt,
                                                     .outputs = error{code, std::move(why)},
                                                     .begun = c.begun});
}

/// What is wrong with the outputs of an answer; nothing if they are the stage's.
std::optional<std::string> complaint(const guard_state& s, const answer_ptr& a) {
  if (!a) return "answered with nothing";
  if (!a->outputs) return std::nullopt;
  const frame& given = *a->outputs;
  if (given.size() != s.outputs.size())
    return "answered with " + std::to_string(given.size()) + " outputs; it has " +
           std::to_string(s.outputs.size());
  for (std::size_t i = 0; i < given.size(); ++i) {
    const port& wanted = s.outputs[i];
    if (given[i].is_none() && wanted.optional) continue;
    if (!converts(given[i].type(), wanted.type))
      return "answered with an output `" + wanted.name + "` that " +
             wrong_type(wanted.type, given[i]).message;
  }
  return std::nullopt;
}

void forward(guard_self self, held_call c);

void let_in(guard_self self) {
  auto& s = self->state;
  while (!s.held.empty() && !s.alone) {
    if (s.held.front().call->lost > 0 && !s.open.empty()) return;
    auto c = std::move(s.held.front());
    s.held.pop_front();
    forward(self, std::move(c));
  }
}

void finish(guard_self self, std::uint64_t id, answer_ptr a) {
  auto& s = self->state;
  auto it = s.open.find(id);
  if (it == s.open.end()) return;
  open_call c = std::move(it->second);
  s.open.erase(it);
  if (s.open.empty()) s.alone = false;
  if (auto wrong = complaint(s, a))
    a = refusal(c, errc::failed, "the actor of `" + s.stage + "` " + *wrong);
  if (a->begun == time_point::max()) a->begun = c.begun;
  c.answer.deliver(std::move(a));
  let_in(self);
}

void forward(guard_self self, held_call c) {
  auto& s = self->state;
  const auto id = s.next++;
  s.alone = c.call->lost > 0;
  open_call o{std::move(c.answer), c.call->info.task, c.call->info.attempt, s.time->now()};
  if (c.call->stop.stop_requested()) {
    if (s.open.empty()) s.alone = false;
    o.answer.deliver(refusal(o, errc::cancelled, "the run has ended"));
    return;
  }
  c.call->begun.store(o.begun, std::memory_order_relaxed);
  s.open.emplace(id, std::move(o));
  self->request(s.inside, caf::infinite, c.call)
      .then([self, id](const answer_ptr& a) { finish(self, id, a); },
            [self, id](const caf::error& why) {
              // Its end is told as well, and then all calls are known that it took along.
              if (why == caf::sec::request_receiver_down) return;
              auto& open = self->state.open;
              if (auto it = open.find(id); it != open.end())
                // What an actor throws is this error, and its end.
                finish(self, id,
                       refusal(it->second,
                               why == caf::sec::runtime_error ? errc::crashed : errc::failed,
                               "the actor of `" + self->state.stage +
                                   "` answered with an error: " + caf::to_string(why)));
            });
}

/// To where they came from: nobody says that they did anything wrong.
void give_back(guard_state& s) {
  const auto down = caf::make_error(caf::sec::request_receiver_down);
  for (auto& [id, c] : s.open) c.answer.deliver(down);
  for (held_call& c : s.held) c.answer.deliver(down);
  s.open.clear();
  s.held.clear();
}

void on_down(guard_self self, const caf::down_msg& down) {
  auto& s = self->state;
  if (s.open.size() == 1) {
    open_call& guilty = s.open.begin()->second;
    log_warning("the actor of stage `{}` died of attempt {} of task {} ({})", s.stage,
                guilty.attempt, guilty.task, to_string(down.reason));
    guilty.answer.deliver(
        refusal(guilty, errc::crashed,
                "the actor of `" + s.stage + "` died of it (" + to_string(down.reason) + ")"));
    s.open.clear();
  }
  give_back(s);
  self->quit(caf::exit_reason::unhandled_exception);
}

stage_handle::behavior_type behavior(guard_self self, std::string stage, std::vector<port> outputs,
                                     stage_handle inside, const clock* time) {
  auto& s = self->state;
  s.stage = std::move(stage);
  s.outputs = std::move(outputs);
  s.inside = std::move(inside);
  s.time = time;
  self->monitor(s.inside);
  self->set_down_handler([self](const caf::down_msg& down) { on_down(self, down); });
  self->set_exit_handler([self](const caf::exit_msg& exit) {
    self->send_exit(self->state.inside, exit.reason);
    give_back(self->state);
    self->quit(exit.reason);
  });
  // A second answer, or whatever else it may send.
  self->set_default_handler(
      [](caf::scheduled_actor*, caf::message_view&) -> caf::result<caf::message> {
        return caf::message{};
      });
  return {[self](const call_ptr& call) -> caf::result<answer_ptr> {
    auto p = self->make_response_promise<answer_ptr>();
    self->state.held.push_back({call, p});
    let_in(self);
    return p;
  }};
}

}  // namespace

stage_handle spawn_guard(caf::actor_system& system, const stage_node& node, stage_handle inside,
                         const clock& time) {
  return system.spawn(behavior, node.name, node.ports.out, std::move(inside), &time);
}

}  // namespace troupe
