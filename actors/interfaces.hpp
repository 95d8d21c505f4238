#pragma once
// Every actor of the system and the messages between them, on one page.
//
//   runtime ──request──▶ gateway ──request──▶ conversation ──call──▶ stage (× replicas)
//                                                  │    ◀─answer──────┘
//                                                  └─ append ─▶ journal_writer (a thread)
//   supervisor monitors every stage actor and puts a new one in its place.
//
// What a conversation sends to a stage is one envelope of plain data (`stage_call`), so that it can
// be serialised once stages live on other machines. Nothing else crosses that border.

#include "actors/delta_credit.hpp"
#include "pipeline/gateway.hpp"
#include "pipeline/stage.hpp"

#include <caf/all.hpp>

#include <atomic>

namespace troupe {

struct stage_answer {
  std::int64_t task = 0;
  int attempt = 1;
  result<frame> outputs = error{};
  usage used;
  /// When the stage took it up; max(): not known, as of real actors. Its work ends with its answer.
  time_point begun = time_point::max();
  /// The run waits so long for a decision; `outputs` are what it goes on with if none comes.
  std::optional<std::chrono::milliseconds> waits;
};
using answer_ptr = std::shared_ptr<stage_answer>;

/// The stage it is sent to may take it apart.
struct stage_call {
  call_info info;
  frame inputs;
  std::stop_token stop;
  /// The conversation's own number of it: tasks and attempts count anew in every run, and an answer
  /// may come late.
  std::uint64_t number = 0;
  caf::actor_addr emit_to;               ///< takes `stage_delta`s
  std::shared_ptr<delta_credit> credit;  ///< for them
  int lost = 0;  ///< times a replica died while it was there: a real actor may have died of it
  /// When it was taken up, for those who cannot wait for its answer; max(): not yet.
  std::atomic<time_point> begun = time_point::max();
  stage_answer answer;  ///< room for it: a call and its answer are one allocation
};
using call_ptr = std::shared_ptr<stage_call>;

/// A real actor that is to be a stage implements this: it answers every call exactly once. One that
/// does not is dealt with (actors/actor_guard.hpp). Register it with `registry.add_actor(type,
/// stage_spawner{...})`.
using stage_handle = caf::typed_actor<caf::replies_to<call_ptr>::with<answer_ptr>>;
using stage_spawner =
    std::function<stage_handle(caf::actor_system& system, const value& with, const port_set&)>;

struct stage_delta {
  std::uint64_t call = 0;
  std::string text;
};

// What a conversation can be asked, each with the door it came through.
struct submit_request {
  submission what;
  std::shared_ptr<event_sink> sink;
  follow events = follow::none;
};
struct attach_request {
  std::uint64_t after = 0;
  std::shared_ptr<event_sink> sink;
};
struct detach_request {
  std::shared_ptr<event_sink> sink;
};
struct cancel_request {
  std::string run;
  gateway::callback<void> done;
};
/// One of those who asked for the run is gone.
struct left_request {
  std::string run;
};
struct decide_request {
  review_decision what;
  gateway::callback<void> done;
};
/// Sent at start-up to every conversation with unfinished runs, and to one whose review expired:
/// it takes up what the store has of it.
struct recover_request {};

struct conversation_request {
  std::string conversation;
  std::variant<submit_request, attach_request, detach_request, cancel_request, left_request,
               decide_request, recover_request>
      body;
};
using request_ptr = std::shared_ptr<conversation_request>;

/// What ends something goes ahead of what begins something, in every mailbox.
inline bool overtakes(const conversation_request& r) noexcept {
  return std::holds_alternative<cancel_request>(r.body) ||
         std::holds_alternative<left_request>(r.body);
}

/// A batch of a conversation is durable (or could not be written).
struct batch_written {
  std::uint64_t batch = 0;
  result<void> outcome;
};
/// The replica pool has room again for a call that had to wait; or a call has to go elsewhere,
/// because the replica that it waits at hangs.
struct pool_ready {
  std::uint64_t call = 0;
  std::uint32_t leaves = 0;  ///< generation of the replica that hangs; 0: it is nowhere yet
};
/// Wakes a conversation for timeouts, pauses and deadlines; stale generations are ignored.
struct wake_up {
  std::uint64_t generation = 0;
};
/// An idle conversation asks to leave, having taken in `seen` requests; one whose run waits for a
/// decision wants to be called back at `due`.
struct may_leave {
  std::string conversation;
  std::uint64_t seen = 0;
  time_point due = time_point::max();
};
struct leave_now {};
/// The process ends before the runs have: to all who wait for one. The last who lets go of it has
/// told everybody.
struct farewell {
  event_ptr told;
  std::shared_ptr<void> heard;
};
using farewell_ptr = std::shared_ptr<const farewell>;
/// The result of an asynchronous stage comes home to its actor.
struct stage_finished {
  std::uint64_t call = 0;
  answer_ptr answer;
};

}  // namespace troupe

CAF_BEGIN_TYPE_ID_BLOCK(troupe, first_custom_type_id)
CAF_ADD_TYPE_ID(troupe, (troupe::call_ptr))
CAF_ADD_TYPE_ID(troupe, (troupe::answer_ptr))
CAF_ADD_TYPE_ID(troupe, (troupe::stage_delta))
CAF_ADD_TYPE_ID(troupe, (troupe::request_ptr))
CAF_ADD_TYPE_ID(troupe, (troupe::batch_written))
CAF_ADD_TYPE_ID(troupe, (troupe::pool_ready))
CAF_ADD_TYPE_ID(troupe, (troupe::wake_up))
CAF_ADD_TYPE_ID(troupe, (troupe::may_leave))
CAF_ADD_TYPE_ID(troupe, (troupe::leave_now))
CAF_ADD_TYPE_ID(troupe, (troupe::stage_finished))
CAF_ADD_TYPE_ID(troupe, (troupe::farewell_ptr))
CAF_END_TYPE_ID_BLOCK(troupe)

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::call_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::answer_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::stage_delta)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::request_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::batch_written)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::pool_ready)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::wake_up)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::may_leave)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::leave_now)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::stage_finished)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::farewell_ptr)
