#include "model/cpu_team.hpp"

#include <sched.h>

namespace troupe {

namespace {

constexpr std::uint64_t pieces_mask = 0xffffffff;

/// About 100 microseconds: longer than a decoder's serial steps between two products.
constexpr int looks_before_sleep = 4000;

void pause() noexcept {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

int usable_cores() {
  cpu_set_t set;
  if (::sched_getaffinity(0, sizeof set, &set) == 0) return std::max(1, CPU_COUNT(&set));
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

}  // namespace

cpu_team::cpu_team(int threads) {
  for (int i = 1; i < threads; ++i)
    helpers_.emplace_back([this](const std::stop_token& stop) { help(stop); });
}

cpu_team::~cpu_team() {
  for (auto& h : helpers_) h.request_stop();
  // Another number of the work, without pieces: it wakes whoever sleeps.
  open_.store((open_.load() | pieces_mask) + 1);
  open_.notify_all();
}

bool cpu_team::take_one() {
  auto seen = open_.load(std::memory_order_acquire);
  do {
    if ((seen & pieces_mask) == 0) return false;
  } while (!open_.compare_exchange_weak(seen, seen - 1, std::memory_order_acquire));
  call_(context_, pieces_ - static_cast<std::int64_t>(seen & pieces_mask));
  done_.fetch_add(1, std::memory_order_release);
  return true;
}

void cpu_team::run(std::int64_t pieces, call f, const void* context) {
  std::unique_lock lock(busy_, std::try_to_lock);
  if (pieces < 2 || helpers_.empty() || !lock) {
    for (std::int64_t i = 0; i < pieces; ++i) f(context, i);
    return;
  }
  call_ = f;
  context_ = context;
  pieces_ = pieces;
  done_.store(0, std::memory_order_relaxed);
  const auto before = open_.load(std::memory_order_relaxed);
  open_.store((before | pieces_mask) + 1 + static_cast<std::uint64_t>(pieces));
  if (asleep_.load() > 0) open_.notify_all();
  while (take_one()) {
  }
  for (int looks = 0; done_.load(std::memory_order_acquire) < pieces; ++looks)
    if (looks < looks_before_sleep)
      pause();
    else
      std::this_thread::yield();
}

void cpu_team::help(const std::stop_token& stop) {
  int looks = 0;
  while (!stop.stop_requested()) {
    if (take_one()) {
      looks = 0;
    } else if (++looks < looks_before_sleep) {
      pause();
    } else {
      asleep_.fetch_add(1);
      const auto seen = open_.load();
      if ((seen & pieces_mask) == 0 && !stop.stop_requested()) open_.wait(seen);
      asleep_.fetch_sub(1);
      looks = 0;
    }
  }
}

cpu_team& all_cores() {
  static cpu_team team(usable_cores());
  return team;
}

}  // namespace troupe
