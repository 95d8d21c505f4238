#pragma once
// Jobs by the ids that their clients gave them: a job that is submitted again under its id is the
// run that it was. Thread-safe.

#include "pipeline/journal.hpp"

#include <deque>
#include <mutex>
#include <unordered_map>

namespace troupe {

/// Where the run of a job is on record, written with its acceptance.
inline std::string job_key(std::string_view owner, std::string_view id) {
  return joined_key("", joined_key(owner, id));
}

class job_ids {
 public:
  /// The run that was submitted under this id before, or else `fresh`, which it is from now on.
  /// Errors: the store cannot be read.
  result<std::string> run_of(const store& records, std::string_view owner, std::string_view id,
                             std::string fresh) {
    std::string key = job_key(owner, id);
    std::lock_guard lock(mutex_);
    if (const auto known = runs_.find(key); known != runs_.end()) return known->second;
    auto on_record = records.get(family::messages, key);
    if (!on_record) return std::move(on_record).error();
    if (*on_record) return std::move(**on_record);
    if (order_.size() == most) {
      runs_.erase(order_.front());
      order_.pop_front();
    }
    order_.push_back(key);
    runs_.emplace(std::move(key), fresh);
    return fresh;
  }

 private:
  /// Those that are not on record yet are among the last so many: the door lets in far fewer.
  static constexpr std::size_t most = 16 * 1024;

  std::mutex mutex_;
  std::unordered_map<std::string, std::string> runs_;
  std::deque<std::string> order_;
};

}  // namespace troupe
