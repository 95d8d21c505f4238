#pragma once
// What went wrong, as a value. Every error names the thing in backticks, says where it is, and
// what to do about it; `code` is for programs, `message` for people.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace troupe {

/// The closed list of reasons. The first twelve are the wire's codes (docs/protocol.md), the rest
/// are how one attempt of a stage can fail; `wire_name` maps those onto the first.
enum class errc : unsigned char {
  invalid_request,
  unauthorized,
  forbidden,
  not_found,
  conflict,
  overloaded,
  rate_limited,
  deadline,
  budget,
  cancelled,
  failed,
  internal,
  timeout,      ///< a stage's own time was used up
  unavailable,  ///< something it needs is down; trying later may help
  crashed,      ///< it threw; its actor was restarted
  dropped,      ///< it never answered
};

/// The name used in TOML (`retry.on`), journals and logs.
std::string_view name_of(errc code) noexcept;

/// The name sent to clients: one of the wire's twelve codes.
std::string_view wire_name(errc code) noexcept;

/// Inverse of `name_of`.
std::optional<errc> errc_from_name(std::string_view name) noexcept;

struct error {
  errc code = errc::internal;
  std::string message;
  /// When trying again makes sense, if the failing side knows it.
  std::optional<std::chrono::milliseconds> retry_after = std::nullopt;
};

}  // namespace troupe
