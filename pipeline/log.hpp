#pragma once
// The program's own log: what went wrong or was put right, for whoever runs it. Through spdlog's
// default logger; from any thread. Formatting is fmt's, checked when compiled:
//   log_warning("run {} failed: {}", run, reason);
// A call is one function call here: spdlog's own would take four seconds of compiling per file.

#include <fmt/core.h>

#include <cstdint>

namespace troupe {

enum class log_level : std::uint8_t { info, warning, error, critical };

/// Never throws; a line that cannot be written is lost.
void write_log(log_level level, fmt::string_view format, fmt::format_args args) noexcept;

template <class... T>
void log_info(fmt::format_string<T...> format, T&&... args) {
  write_log(log_level::info, format, fmt::make_format_args(args...));
}

template <class... T>
void log_warning(fmt::format_string<T...> format, T&&... args) {
  write_log(log_level::warning, format, fmt::make_format_args(args...));
}

template <class... T>
void log_error(fmt::format_string<T...> format, T&&... args) {
  write_log(log_level::error, format, fmt::make_format_args(args...));
}

template <class... T>
void log_critical(fmt::format_string<T...> format, T&&... args) {
  write_log(log_level::critical, format, fmt::make_format_args(args...));
}

}  // namespace troupe
