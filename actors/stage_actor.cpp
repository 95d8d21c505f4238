#include "actors/stage_actor.hpp"

#include "pipeline/log.hpp"

#include <atomic>
#include <unordered_map>

namespace troupe {

namespace {

using promise = caf::typed_response_promise<answer_ptr>;

struct stage_state {
  static inline const char* name = "stage";
  std::string stage;
  std::unique_ptr<stage_instance> instance;
  std::shared_ptr<const stage_services> services;
  const clock* time = nullptr;
  /// Calls of an asynchronous stage that have not answered yet.
  std::unordered_map<std::uint64_t, promise> open;
  std::uint64_t next_call = 1;
};

/// Where a `reply` goes: straight back while the handler runs, as a message to the actor later.
struct landing {
  std::mutex mutex;
  bool handler_runs = true;
  std::optional<result<frame>> early;
  std::atomic<bool> answered = false;  ///< what it says from here on is no part of its answer
};

using stage_self = stage_handle::stateful_pointer<stage_state>;

answer_ptr make_answer(const call_info& info, result<frame> outputs, usage used, time_point begun) {
  return std::make_shared<stage_answer>(
      stage_answer{info.task, info.attempt, std::move(outputs), used, begun, {}});
}

/// What the code behind `context` answered, in the room that its call brought along.
answer_ptr make_answer(const call_ptr& call, const run_context& context, result<frame> outputs,
                       time_point begun) {
  call->answer = {.task = context.info().task,
                  .attempt = context.info().attempt,
                  .outputs = std::move(outputs),
                  .used = context.used(),
                  .begun = begun,
                  .waits = context.waits()};
  return {call, &call->answer};
}

/// Calls that this actor will not answer any more go back to where they came from.
void give_back_open(stage_state& s) {
  for (auto& [id, waiting] : s.open)
    waiting.deliver(caf::make_error(caf::sec::request_receiver_down));
  s.open.clear();
}

answer_ptr crash(stage_self self, const run_context& context, std::string_view what,
                 time_point begun) {
  const call_info& info = context.info();
  log_warning("stage `{}` threw on attempt {} of task {} of run {}: {}", self->state.stage,
              info.attempt, info.task, info.run.str(), what);
  give_back_open(self->state);  // they are innocent
  self->quit(caf::exit_reason::unhandled_exception);
  return make_answer(
      info, error{errc::crashed, "`" + self->state.stage + "` threw: " + std::string(what)},
      context.used(), begun);
}

/// `land`: none for a stage that answers when its handler returns.
run_context::emit_function emitter(const stage_call& call, std::shared_ptr<landing> land) {
  if (!call.emit_to) return {};
  return [to = caf::actor_cast<caf::actor>(call.emit_to), number = call.number,
          credit = call.credit, land = std::move(land)](std::string_view text) {
    if (!to || text.empty() || (land && land->answered)) return;
    auto now = credit ? credit->say(text) : std::string(text);
    if (!now.empty()) caf::anon_send(to, stage_delta{number, std::move(now)});
  };
}

/// Runs `work`; whatever it throws becomes the answer, and the end of this actor.
template <class Work>
std::optional<answer_ptr> guarded(stage_self self, const run_context& context, time_point begun,
                                  Work work) {
  try {
    work();
    return std::nullopt;
  } catch (const std::exception& e) {
    return crash(self, context, e.what(), begun);
  } catch (...) {
    return crash(self, context, "something that is no std::exception", begun);
  }
}

time_point take_up(stage_call& call, const clock& time) {
  const auto now = time.now();
  call.begun.store(now, std::memory_order_relaxed);
  return now;
}

answer_ptr answer_at_once(stage_self self, const call_ptr& shared) {
  stage_call& call = *shared;
  auto& s = self->state;
  run_context context(std::move(call.info), std::move(call.stop), *s.time, *s.services,
                      emitter(call, nullptr));
  result<frame> outputs = error{};
  const auto begun = take_up(call, *s.time);
  if (auto crashed = guarded(self, context, begun, [&] {
        outputs = s.instance->run_now(std::move(call.inputs), context);
      }))
    return *crashed;
  return make_answer(shared, context, std::move(outputs), begun);
}

caf::result<answer_ptr> answer_later(stage_self self, const call_ptr& shared) {
  stage_call& call = *shared;
  auto& s = self->state;
  auto land = std::make_shared<landing>();
  auto context = std::make_shared<run_context>(std::move(call.info), std::move(call.stop), *s.time,
                                               *s.services, emitter(call, land));
  const auto id = s.next_call++;
  const auto begun = take_up(call, *s.time);
  auto home = caf::actor_cast<caf::actor_addr>(self);
  auto crashed = guarded(self, *context, begun, [&] {
    s.instance->run(std::move(call.inputs), context, reply<frame>([=](result<frame> r) {
                      std::lock_guard lock(land->mutex);
                      land->answered = true;
                      if (land->handler_runs) {
                        land->early = std::move(r);
                      } else if (auto target = caf::actor_cast<caf::actor>(home)) {
                        caf::anon_send(
                            target,
                            stage_finished{id, make_answer(shared, *context, std::move(r), begun)});
                      }
                    }));
  });
  std::lock_guard lock(land->mutex);
  land->handler_runs = false;
  if (crashed) return *crashed;
  if (land->early) return make_answer(shared, *context, std::move(*land->early), begun);
  auto p = self->make_response_promise<answer_ptr>();
  s.open.emplace(id, p);
  return p;
}

caf::result<answer_ptr> handle(stage_self self, const call_ptr& call) {
  if (call->stop.stop_requested())
    return make_answer(call->info, error{errc::cancelled, "the run has ended"}, {},
                       time_point::max());
  if (self->state.instance->answers_at_once()) return answer_at_once(self, call);
  return answer_later(self, call);
}

stage_handle::behavior_type behavior(stage_self self, std::string stage,
                                     std::shared_ptr<std::unique_ptr<stage_instance>> instance,
                                     std::shared_ptr<const stage_services> services,
                                     const clock* time) {
  self->state.stage = std::move(stage);
  self->state.instance = std::move(*instance);
  self->state.services = std::move(services);
  self->state.time = time;
  self->set_exit_handler([self](const caf::exit_msg& exit) {
    give_back_open(self->state);
    self->quit(exit.reason);
  });
  // `stage_finished` is not part of what others may send, hence not of the typed interface.
  self->set_default_handler(
      [self](caf::scheduled_actor*, caf::message_view& view) -> caf::result<caf::message> {
        auto content = view.move_content_to_message();
        if (content.match_elements<stage_finished>()) {
          const auto& done = content.get_as<stage_finished>(0);
          auto& open = self->state.open;
          if (auto it = open.find(done.call); it != open.end()) {
            it->second.deliver(done.answer);
            open.erase(it);
          }
        }
        return caf::message{};
      });
  return {[self](const call_ptr& call) { return handle(self, call); }};
}

}  // namespace

stage_handle spawn_stage(caf::actor_system& system, placement where, std::string name,
                         std::unique_ptr<stage_instance> instance,
                         std::shared_ptr<const stage_services> services, const clock& time) {
  // CAF copies what it is given to spawn with; the instance itself cannot be copied.
  auto shared = std::make_shared<std::unique_ptr<stage_instance>>(std::move(instance));
  if (where == placement::own_thread)
    return system.spawn<caf::detached>(behavior, std::move(name), shared, std::move(services),
                                       &time);
  return system.spawn(behavior, std::move(name), shared, std::move(services), &time);
}

}  // namespace troupe
