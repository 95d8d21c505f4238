#include "transport/name_lookup.hpp"

#include <boost/asio/io_context.hpp>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

namespace troupe {

namespace {

using boost::asio::ip::tcp;

struct lookup {
  std::mutex mutex;
  std::condition_variable_any done;
  std::optional<endpoints> found;
  boost::system::error_code failed;
};

endpoints resolve(const std::string& host, const std::string& port,
                  boost::system::error_code& failed) {
  boost::asio::io_context context(1);
  endpoints all;
  for (const auto& entry : tcp::resolver(context).resolve(host, port, failed))
    all.push_back(entry.endpoint());
  return all;
}

}  // namespace

std::optional<endpoints> look_up(const std::string& host, const std::string& port,
                                 std::chrono::steady_clock::time_point until,
                                 const std::stop_token& cancel, boost::system::error_code& failed) {
  boost::system::error_code no_number;
  if (boost::asio::ip::make_address(host, no_number); !no_number)
    return resolve(host, port, failed);
  auto asked = std::make_shared<lookup>();
  std::thread([asked, host, port] {
    boost::system::error_code code;
    auto all = resolve(host, port, code);
    std::lock_guard lock(asked->mutex);
    asked->found = std::move(all);
    asked->failed = code;
    asked->done.notify_all();
  }).detach();
  std::unique_lock lock(asked->mutex);
  auto there = [&] { return asked->found.has_value(); };
  if (until == std::chrono::steady_clock::time_point::max())
    asked->done.wait(lock, cancel, there);
  else
    asked->done.wait_until(lock, cancel, until, there);
  failed = asked->failed;
  return asked->found;
}

}  // namespace troupe
