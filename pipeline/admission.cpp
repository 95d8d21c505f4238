#include "pipeline/admission.hpp"

#include "pipeline/value_traits.hpp"

#include <algorithm>
#include <cmath>

namespace troupe {

namespace {

using std::chrono::milliseconds;

/// Runs that enter together are no crowd if the first stage is through with them that soon.
constexpr duration crowd = milliseconds(50);
/// Nobody asks again sooner than this while it is not known how long a stage takes.
constexpr duration soonest = milliseconds(20);
/// Appointments further ahead than this would be made for clients that never come.
constexpr duration horizon = std::chrono::seconds(10);

duration times(double n, duration d) {
  return duration(static_cast<std::int64_t>(std::ceil(n * static_cast<double>(d.count()))));
}

bool is_known(const stage_load& s) { return s.work > duration(0); }

/// How long a stage takes for one more, all replicas at work; 0: not known.
duration pace(const stage_load& s) { return times(1.0 / s.replicas, s.work); }

/// Calls that will be at the stage before one that is let in now.
double ahead(const door_load& load, std::size_t index) {
  const stage_load& s = load.stages[index];
  double calls = s.out;
  if (2 * s.out >= s.bound) {
    const double share = index == load.start ? 1.0 : std::min(1.0, s.calls_per_run);
    calls += share * std::max(0.0, static_cast<double>(load.at_work) - s.out);
  }
  const auto entering = static_cast<double>(load.entering);
  if (index == load.start && (!is_known(s) || times(entering, pace(s)) >= crowd))
    calls = std::max(calls, s.out + entering);
  return calls;
}

using refusal = admission::refusal;

std::optional<refusal> no_room(const door_load& load) {
  std::optional<refusal> worst;
  for (std::size_t i = 0; i < load.stages.size(); ++i) {
    const stage_load& s = load.stages[i];
    const double beyond = ahead(load, i) + 1 - s.bound;
    if (beyond <= 0) continue;
    // All that are at work may have begun just now, as they have when a crowd came.
    const auto wait = is_known(s) ? s.work + times(beyond - 1, pace(s))
                                  : std::clamp(s.since_first, soonest, horizon);
    if (!worst || wait > worst->wait)
      worst = refusal{wait, pace(s), "stage `" + std::string(s.name) + "` has no room for more"};
  }
  return worst;
}

std::optional<refusal> no_time(const door_load& load) {
  duration slowest{0}, alone{0};
  std::string_view which;
  for (const stage_load& s : load.stages) {
    const auto each = times(s.calls_per_run / s.replicas, s.work);
    alone += times(s.calls_per_run, s.work);
    if (each <= slowest) continue;
    slowest = each;
    which = s.name;
  }
  const auto expected = std::max(alone, times(static_cast<double>(load.at_work) + 1, slowest));
  // What takes longer than it may even alone is not the crowd's fault.
  if (load.at_work == 0 || load.deadline == duration::max() || expected <= load.deadline)
    return std::nullopt;
  return refusal{expected - load.deadline, slowest,
                 "it could not end within its deadline: stage `" + std::string(which) +
                     "` has work for " + format_duration(expected)};
}

}  // namespace

std::optional<admission::refusal> admission::judge(const door_load& load) {
  auto r = no_room(load);
  return r ? r : no_time(load);
}

error admission::appoint(refusal no, time_point now) {
  auto after = no.wait;
  if (no.pace > duration(0)) {
    const double gone =
        static_cast<double>((now - as_of_).count()) / static_cast<double>(no.pace.count());
    line_ = std::max(0.0, line_ - std::max(0.0, gone));
    as_of_ = now;
    if (times(line_, no.pace) > horizon) line_ = 0;
    after += times(line_, no.pace);
    line_ += 1;
  }
  return {errc::overloaded, std::move(no.why), std::chrono::ceil<milliseconds>(after)};
}

}  // namespace troupe
