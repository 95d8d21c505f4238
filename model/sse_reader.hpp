#pragma once
// Events of a `text/event-stream` (WHATWG HTML, "Server-sent events"), from bytes that are cut
// anywhere.

#include "pipeline/result.hpp"

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace troupe {

class sse_reader {
 public:
  explicit sse_reader(std::size_t longest_event = std::size_t{1} << 20)
      : longest_event_(longest_event) {}

  /// Takes the next bytes; `on_data` is called with the data of each event that is whole now, until
  /// it answers false, after which nothing more is read. Names, ids and comments of events are left
  /// out; an event without data is none. Error: `unavailable`, an event that is too long.
  result<void> push(std::string_view bytes, const std::function<bool(std::string_view)>& on_data);

 private:
  void end_line();

  std::size_t longest_event_;
  std::string line_, data_;
  bool has_data_ = false, after_cr_ = false, first_line_ = true, over_ = false;
};

}  // namespace troupe
