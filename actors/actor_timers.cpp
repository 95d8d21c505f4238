#include "actors/actor_timers.hpp"

#include <caf/abstract_actor.hpp>

namespace troupe {

template <class Change>
void actor_timers::change_schedule(Change change) {
  bool sooner = false;
  {
    std::lock_guard lock(mutex_);
    const auto first = schedule_.empty() ? time_point::max() : schedule_.begin()->first;
    change();
    sooner = !schedule_.empty() && schedule_.begin()->first < first;
  }
  if (sooner) changed_.notify_one();
}

void actor_timers::set_ordinary_timeout(time_point due, caf::abstract_actor* self,
                                        caf::atom_value type, std::uint64_t id) {
  change_schedule([&] { simple_actor_clock::set_ordinary_timeout(due, self, type, id); });
}

void actor_timers::set_multi_timeout(time_point due, caf::abstract_actor* self,
                                     caf::atom_value type, std::uint64_t id) {
  change_schedule([&] { simple_actor_clock::set_multi_timeout(due, self, type, id); });
}

void actor_timers::set_request_timeout(time_point due, caf::abstract_actor* self,
                                       caf::message_id id) {
  change_schedule([&] { simple_actor_clock::set_request_timeout(due, self, id); });
}

void actor_timers::schedule_message(time_point due, caf::strong_actor_ptr receiver,
                                    caf::mailbox_element_ptr content) {
  change_schedule(
      [&] { simple_actor_clock::schedule_message(due, std::move(receiver), std::move(content)); });
}

void actor_timers::schedule_message(time_point due, caf::group target, caf::strong_actor_ptr sender,
                                    caf::message content) {
  change_schedule([&] {
    simple_actor_clock::schedule_message(due, std::move(target), std::move(sender),
                                         std::move(content));
  });
}

void actor_timers::cancel_ordinary_timeout(caf::abstract_actor* self, caf::atom_value type) {
  std::lock_guard lock(mutex_);
  simple_actor_clock::cancel_ordinary_timeout(self, type);
}

void actor_timers::cancel_request_timeout(caf::abstract_actor* self, caf::message_id id) {
  std::lock_guard lock(mutex_);
  simple_actor_clock::cancel_request_timeout(self, id);
}

void actor_timers::cancel_timeouts(caf::abstract_actor* self) {
  std::lock_guard lock(mutex_);
  simple_actor_clock::cancel_timeouts(self);
}

void actor_timers::cancel_all() {
  // What is in it may hold the last reference to an actor, whose end cancels its timeouts.
  schedule_map all;
  std::lock_guard lock(mutex_);
  actor_lookup_.clear();
  all.swap(schedule_);
}

void actor_timers::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (schedule_.empty()) {
      changed_.wait(lock);
      continue;
    }
    const auto first = schedule_.begin();
    if (first->first > now()) {
      const auto due = first->first;
      changed_.wait_until(lock, due);
      continue;
    }
    auto what = std::move(first->second);
    if (what->backlink != actor_lookup_.end()) actor_lookup_.erase(what->backlink);
    schedule_.erase(first);
    // Whoever gets it, or ends with it, may come here again.
    lock.unlock();
    ship(*what);
    what.reset();
    lock.lock();
  }
}

void actor_timers::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
}

}  // namespace troupe
