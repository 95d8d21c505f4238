#include "actors/sim/world.hpp"

#include <cstdio>

namespace troupe::sim {

void agenda::at(time_point when, owner whose, std::function<void()> what) {
  entries_.emplace(when, entry{whose, std::move(what)});
}

time_point agenda::next() const noexcept {
  return entries_.empty() ? time_point::max() : entries_.begin()->first;
}

void agenda::do_next() {
  auto what = std::move(entries_.begin()->second.what);
  entries_.erase(entries_.begin());
  what();
}

void agenda::drop_process() {
  // What is forgotten may plan something in its destructor.
  std::multimap<time_point, entry> kept, dropped;
  for (auto& [when, e] : entries_)
    (e.whose == owner::process ? dropped : kept).emplace(when, std::move(e));
  entries_ = std::move(kept);
}

void story::tell(time_point at, std::string_view what) {
  if (!begin_) begin_ = at;
  const auto since = (at - *begin_).count();
  // FNV-1a
  auto add = [&](unsigned char byte) { digest_ = (digest_ ^ byte) * 1099511628211ULL; };
  for (int i = 0; i < 8; ++i) add(static_cast<unsigned char>(since >> (8 * i)));
  for (char c : what) add(static_cast<unsigned char>(c));
  if (!print_) return;
  char time[32];
  std::snprintf(time, sizeof time, "%12.6f s  ", static_cast<double>(since) / 1e6);
  print_(time + std::string(what));
}

}  // namespace troupe::sim
