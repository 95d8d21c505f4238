#include "pipeline/prune.hpp"

#include <charconv>

namespace troupe {

time_point time_of_run(std::string_view run) noexcept {
  constexpr std::size_t digits = 12;
  std::int64_t ms = 0;
  if (run.size() < digits) return time_point::max();
  auto [end, ec] = std::from_chars(run.data(), run.data() + digits, ms, 16);
  if (ec != std::errc() || end != run.data() + digits) return time_point::max();
  return time_point(std::chrono::milliseconds(ms));
}

result<write_batch> prunable_steps(const store& s, time_point before, std::size_t limit,
                                   std::string& after) {
  write_batch batch;
  for (std::size_t i = 0; i < limit; ++i) {
    std::string run;
    // '\1' sorts behind the '\0' that ends the run in every one of its keys.
    auto scanned = s.scan(family::steps, "", after.empty() ? after : after + '\1',
                          [&](std::string_view key, std::string_view) {
                            run = key.substr(0, key.size() < 9 ? key.size() : key.size() - 9);
                            return false;
                          });
    if (!scanned) return std::move(scanned).error();
    // Ids sort by time: behind the first recent one all are.
    if (run.empty() || time_of_run(run) >= before) {
      after.clear();
      return batch;
    }
    after = run;
    auto record = read_run(s, run);
    if (!record) return std::move(record).error();
    const bool ended = !*record || (*record)->state == run_status::state_type::finished ||
                       (*record)->state == run_status::state_type::failed;
    if (ended)
      batch.push_back(
          erase_range(family::steps, joined_key(run, ""), numbered_key(run, ~std::uint64_t{0})));
  }
  return batch;
}

}  // namespace troupe
