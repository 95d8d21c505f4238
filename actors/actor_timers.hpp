#pragma once
// The delayed messages of an actor system. CAF's own clock hands everything to its thread, also
// that an actor which never had a timer has none to cancel, and so wakes that thread for every
// actor that ends. Here callers change the schedule themselves, and the thread is woken only for
// something that is due before anything else.

#include <caf/detail/simple_actor_clock.hpp>

#include <condition_variable>
#include <mutex>

namespace troupe {

/// Thread-safe. `run` is the body of a thread of the owner's.
class actor_timers final : public caf::detail::simple_actor_clock {
 public:
  void set_ordinary_timeout(time_point due, caf::abstract_actor* self, caf::atom_value type,
                            std::uint64_t id) override;
  void set_multi_timeout(time_point due, caf::abstract_actor* self, caf::atom_value type,
                         std::uint64_t id) override;
  void set_request_timeout(time_point due, caf::abstract_actor* self, caf::message_id id) override;
  void schedule_message(time_point due, caf::strong_actor_ptr receiver,
                        caf::mailbox_element_ptr content) override;
  void schedule_message(time_point due, caf::group target, caf::strong_actor_ptr sender,
                        caf::message content) override;
  void cancel_ordinary_timeout(caf::abstract_actor* self, caf::atom_value type) override;
  void cancel_request_timeout(caf::abstract_actor* self, caf::message_id id) override;
  void cancel_timeouts(caf::abstract_actor* self) override;
  void cancel_all() override;

  /// Sends what is due until `stop` is called.
  void run();
  void stop();

 private:
  /// Calls `change` on the schedule; wakes the thread if something comes first now.
  template <class Change>
  void change_schedule(Change change);

  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
};

}  // namespace troupe
