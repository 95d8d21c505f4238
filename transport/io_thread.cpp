#include "transport/io_thread.hpp"

#include <array>
#include <cstdio>
#include <ctime>
#include <vector>

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
  thread_ = std::thread([this] { context_.run(); });
}

void io_thread::stop(std::chrono::milliseconds linger) {
  boost::asio::post(context_, [this, linger] {
    stopping_ = true;
    stop_at_ = std::chrono::steady_clock::now() + linger;
    std::vector<std::shared_ptr<connection>> all;
    for (const auto& [key, c] : connections_) all.push_back(c);
    for (const auto& c : all) c->shut_down();
    end_if_done(std::chrono::steady_clock::now());
  });
}

void io_thread::join() {
  if (thread_.joinable()) thread_.join();
}

void io_thread::add(const std::shared_ptr<connection>& c) {
  connections_.emplace(c.get(), c);
  ++size_;
  if (stopping_) c->shut_down();
}

void io_thread::remove(const connection* c) {
  if (connections_.erase(c)) --size_;
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
  std::vector<std::shared_ptr<connection>> all;
  all.reserve(connections_.size());
  for (const auto& [key, c] : connections_) all.push_back(c);
  for (const auto& c : all) c->tick(now);
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
