#pragma once
// Addresses of a host's name. A name server may take longer than anybody wants to wait, and a
// lookup cannot be ended: it is left to a thread of its own.

#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace troupe {

using endpoints = std::vector<boost::asio::ip::tcp::endpoint>;

/// Nothing if `until` passed or `cancel` was set. `failed` is set if there is no such name.
std::optional<endpoints> look_up(const std::string& host, const std::string& port,
                                 std::chrono::steady_clock::time_point until,
                                 const std::stop_token& cancel, boost::system::error_code& failed);

}  // namespace troupe
