#pragma once
// The worst-case bill of a graph: what a run of it can use at most, whatever way it takes, however
// its loops and retries go. Known before anything runs.
//
//   at most 14 model calls, 9,200 tokens, 92 s; longest path outline → check → sections

#include "pipeline/graph.hpp"

#include <boost/json/fwd.hpp>

namespace troupe {

inline double seconds(duration d) { return std::chrono::duration<double>(d).count(); }

/// So many stages a run may enter; the executor ends one that goes beyond.
inline constexpr double most_stage_entries = 1'000'000;

struct bill {
  double stage_entries = 0;
  double model_calls = 0;
  double tokens = 0;  ///< prompts and answers; no more than the graph's `budget`
  duration time{};    ///< from the start of a run; no more than its `deadline`
  std::vector<std::pair<std::string, double>> money;  ///< by currency; only of models with a price
  std::vector<stage_id> path;  ///< the longest way to the end, loops not gone round

  /// A loop's edge.
  struct loop {
    stage_id from = no_stage, to = no_stage;
    int max = 0;
  };
  std::vector<loop> loops;
  /// What the limits of the graph cut off; equal to the above where they cut off nothing.
  double tokens_without_budget = 0;
  double seconds_without_deadline = 0;  ///< infinite if a stage has no `timeout`
  std::vector<stage_id> without_timeout;
};

/// A stage that crashes is called once more even without `retry`.
enum class crashes : std::uint8_t { none, counted };

/// For a graph that was linked without errors. A stage that has failed counts with all its
/// attempts, a model with all its own and with those of its fallbacks, `each` with `max` items. Not
/// counted: the time that a run waits for its turn, for a review, or because a service asked for a
/// longer pause than `backoff`; and what is done again after the whole process was killed.
bill bill_of(const graph& g, crashes c = crashes::none);

/// For people: the line above, and a line for each limit of the graph that matters. Of a path of
/// more than 16 stages it names the first 8 and the last 4.
std::string render(const bill& b, const graph& g);

/// {model_calls, tokens, seconds, money: {USD: …}, stages, path: […], loops: [{from, to, max}],
/// limited_by: [deadline, budget], if_stages_crash: {model_calls, tokens, seconds, money}}
boost::json::value to_json(const bill& b, const graph& g);

}  // namespace troupe
