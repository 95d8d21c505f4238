#include "transport/io_thread.hpp"

#include "pipeline/log.hpp"

#include <array>
#include <cstdio>
#include <ctime>

namespace troupe {

namespace {

/// IMF-fixdate of RFC 9110; strftime would speak the language of the locale.
std::string http_date(std::time_t second) {
  static constexpr std::array<const char*, 7> days = {"Sun", "Mon", "Tue", "Wed",
                                                      "Thu", "Fri", "Sat"};
  static constexpr std::array<const char*, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::tm t{};
  gmtime_r(&second, &t);
  std::array<char, 64> text{};
  auto n = std::snprintf(text.data(), text.size(), "%s, %02d %s %d %02d:%02d:%02d GMT",
                         days[static_cast<std::size_t>(t.tm_wday)], t.tm_mday,
                         months[static_cast<std::size_t>(t.tm_mon)], t.tm_year + 1900, t.tm_hour,
                         t.tm_min, t.tm_sec);
  return std::string(text.data(), static_cast<std::size_t>(n));
}

}  // namespace

io_thread::io_thread(std::chrono::milliseconds tick)
    : work_(boost::asio::make_work_guard(context_)), timer_(context_), period_(tick) {}

io_thread::~io_thread() { join(); }

void io_thread::start() {
  tick();
  thread_ = std::thread([this] { run(); });
}

void io_thread::run() {
  // Whatever a handler throws is the end of its own connection's work, not of the others'.
  for (bool done = false; !done;) try {
      context_.run();
      done = true;
    } catch (const std::exception& e) {
      log_error("a connection's handler threw: {}", e.what());
    }
  // What is left holds this object; its handlers have to run to let it go.
  auto left = std::move(connections_);
  connections_.clear();
  for (const auto& [key, c] : left) c->close();
  left.clear();
  context_.restart();
  context_.poll();
}

void io_thread::stop(std::chrono::milliseconds linger) {
  boost::asio::post(context_, [this, linger] {
    stopping_ = true;
    stop_at_ = std::chrono::steady_clock::now() + linger;
    for (const auto& c : all()) c->shut_down();
    end_if_done(std::chrono::steady_clock::now());
  });
}

void io_thread::join() {
  if (thread_.joinable()) thread_.join();
}

std::vector<std::shared_ptr<connection>> io_thread::all() const {
  std::vector<std::shared_ptr<connection>> copy;
  copy.reserve(connections_.size());
  for (const auto& [key, c] : connections_) copy.push_back(c);
  return copy;
}

void io_thread::add(const std::shared_ptr<connection>& c) {
  connections_.emplace(c.get(), c);
  if (stopping_) c->shut_down();
}

void io_thread::remove(const connection* c) {
  connections_.erase(c);
  end_if_done(std::chrono::steady_clock::now());
}

void io_thread::end_if_done(steady_time now) {
  if (stopping_ && (connections_.empty() || now >= stop_at_)) context_.stop();
}

void io_thread::tick() {
  auto second = std::time(nullptr);
  if (second != date_second_) {
    date_second_ = second;
    date_ = http_date(second);
  }
  auto now = std::chrono::steady_clock::now();
  for (const auto& c : all()) c->tick(now);
  end_if_done(now);
  schedule_tick();
}

void io_thread::schedule_tick() {
  timer_.expires_after(period_);
  timer_.async_wait([this](const boost::system::error_code& ec) {
    if (!ec) tick();
  });
}

}  // namespace troupe
