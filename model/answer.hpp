#pragma once
// Where the decode loop leaves an answer's text, and its caller picks it up.

#include "model/text_stream.hpp"
#include "pipeline/services.hpp"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>

namespace troupe {

/// Two threads: one calls `push` and `end`, the other `wait`.
class answer {
 public:
  explicit answer(std::vector<std::string> stop) : stream_(std::move(stop)) {}

  /// The bytes of the next token. False once a stop string is found or nobody listens any more.
  bool push(std::string_view bytes, double log_probability = 0);
  /// A token without text, which ends the answer.
  void count_last(double log_probability = 0);
  void end(result<finish_reason> how);

  /// Gives each piece of text to `on_text` as it comes, until the end, `deadline` or `cancel`.
  /// After a cancellation nothing is given any more.
  result<generation> wait(const std::stop_token& cancel, time_point deadline,
                          const std::function<void(std::string_view)>& on_text);

 private:
  std::mutex mutex_;
  std::condition_variable_any changed_;
  text_stream stream_;
  std::vector<std::string> pieces_;
  std::int64_t tokens_ = 0;
  double log_probability_ = 0;  ///< of all of them
  std::optional<result<finish_reason>> end_;
  bool abandoned_ = false;
};

}  // namespace troupe
