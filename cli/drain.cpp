#include "cli/drain.hpp"

#include <cstdlib>
#include <iostream>

namespace troupe {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds look_again{20};
constexpr milliseconds until_all_are_told{1000};

}  // namespace

impatience::impatience(const sigset_t& signals)
    : watch_([signals](const std::stop_token& over) {
        const timespec a_while{0, 100'000'000};
        while (!over.stop_requested()) {
          if (sigtimedwait(&signals, nullptr, &a_while) < 0) continue;
          std::cerr << "troupe: ended at once; what was accepted is in the journal\n";
          std::_Exit(1);
        }
      }) {}

std::size_t drain(server& front, runtime& graph, duration patience) {
  graph.close();
  front.drain();
  const auto until = std::chrono::steady_clock::now() + patience;
  while (graph.under_way() > 0 && std::chrono::steady_clock::now() < until)
    std::this_thread::sleep_for(look_again);
  const auto left = graph.under_way();
  if (left > 0) graph.say_farewell(until_all_are_told);
  return left;
}

}  // namespace troupe
