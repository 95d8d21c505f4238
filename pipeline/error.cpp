#include "pipeline/error.hpp"

#include <array>

namespace troupe {

namespace {

struct row {
  errc code;
  std::string_view name, wire;
};

constexpr std::array rows = {
    row{errc::invalid_request, "invalid_request", "invalid_request"},
    row{errc::unauthorized, "unauthorized", "unauthorized"},
    row{errc::forbidden, "forbidden", "forbidden"},
    row{errc::not_found, "not_found", "not_found"},
    row{errc::conflict, "conflict", "conflict"},
    row{errc::overloaded, "overloaded", "overloaded"},
    row{errc::rate_limited, "rate_limited", "rate_limited"},
    row{errc::deadline, "deadline", "deadline"},
    row{errc::budget, "budget", "budget"},
    row{errc::cancelled, "cancelled", "cancelled"},
    row{errc::failed, "failed", "failed"},
    row{errc::internal, "internal", "internal"},
    row{errc::timeout, "timeout", "failed"},
    row{errc::unavailable, "unavailable", "failed"},
    row{errc::crashed, "crashed", "failed"},
    row{errc::dropped, "dropped", "failed"},
};

}  // namespace

std::string_view name_of(errc code) noexcept {
  return rows[static_cast<std::size_t>(code)].name;
}

std::string_view wire_name(errc code) noexcept {
  return rows[static_cast<std::size_t>(code)].wire;
}

std::optional<errc> errc_from_name(std::string_view name) noexcept {
  for (const row& r : rows)
    if (r.name == name) return r.code;
  return std::nullopt;
}

}  // namespace troupe
