#include "model/sse_reader.hpp"

namespace troupe {

void sse_reader::end_line() {
  std::string_view line = line_;
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (first_line_ && line.starts_with(byte_order_mark)) line.remove_prefix(byte_order_mark.size());
  first_line_ = false;
  const auto colon = line.find(':');
  if (line.substr(0, colon) == "data") {
    auto field = colon == line.npos ? std::string_view() : line.substr(colon + 1);
    if (field.starts_with(' ')) field.remove_prefix(1);
    if (has_data_) data_ += '\n';
    data_ += field;
    has_data_ = true;
  }
  line_.clear();
}

result<void> sse_reader::push(std::string_view bytes,
                              const std::function<bool(std::string_view)>& on_data) {
  for (const char c : bytes) {
    if (over_) return {};
    // A line ends with CR, LF, or both.
    const bool second_half = c == '\n' && after_cr_;
    after_cr_ = c == '\r';
    if (second_half) continue;
    if (c != '\n' && c != '\r') {
      line_ += c;
      if (line_.size() + data_.size() > longest_event_)
        return error{errc::unavailable,
                     "an event is longer than " + std::to_string(longest_event_) + " bytes"};
      continue;
    }
    if (!line_.empty()) {
      end_line();
      continue;
    }
    if (has_data_) over_ = !on_data(data_);
    data_.clear();
    has_data_ = false;
  }
  return {};
}

}  // namespace troupe
