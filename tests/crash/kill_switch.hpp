#pragma once
// Points at which a process can die, counted in memory that outlives it.

#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string_view>

namespace troupe::test {

/// Lives in memory that parent and children share. One process at a time crosses points.
class kill_switch {
 public:
  static std::shared_ptr<kill_switch> make() {
    void* memory = mmap(nullptr, sizeof(kill_switch), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw std::runtime_error("no shared memory");
    return {new (memory) kill_switch, [](kill_switch* s) { munmap(s, sizeof(kill_switch)); }};
  }

  /// The next process dies when it crosses `place` for the `nth` time; 0: it lives. An empty place:
  /// any of them.
  void arm(std::string_view place, unsigned nth) {
    at_ = nth;
    crossed_ = 0;
    where_[0] = '\0';
    note(wanted_, place);
  }

  /// The process may end here, as by `kill -9`.
  void cross(std::string_view place) {
    if (wanted_[0] != '\0' && place != wanted_) return;
    if (++crossed_ != at_) return;
    note(where_, place);
    ::kill(::getpid(), SIGKILL);
    for (;;) ::pause();
  }

  /// The point at which the process died; empty if it did not.
  std::string_view where() const noexcept { return where_; }

 private:
  kill_switch() = default;
  using name = char[96];
  static void note(name& to, std::string_view text) {
    const auto length = std::min(text.size(), sizeof(name) - 1);
    std::memcpy(to, text.data(), length);
    to[length] = '\0';
  }
  unsigned at_ = 0;
  std::atomic<unsigned> crossed_{0};
  name wanted_ = {}, where_ = {};
};

}  // namespace troupe::test
