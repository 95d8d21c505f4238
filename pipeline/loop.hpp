#pragma once
// One bounded back edge within one run: how often it was taken, and the best attempt so far.
// A loop is what lies between the stage that the edge leads to and the one that it leaves (the
// natural loop of a back edge: Aho, Sethi, Ullman, Compilers, 10.4).

#include "pipeline/graph.hpp"

namespace troupe {

struct usage_of_round {
  duration time{};
  std::int64_t tokens = 0;
};

/// How an attempt was found, and what became of the loop.
struct loop_judgement {
  enum class end_type : std::uint8_t { again, max, plateau, no_room };
  int attempt = 0, best_attempt = 0;  ///< from 1, since the loop was entered
  double score = 0, best_score = 0;
  end_type end = end_type::again;
};

class loop_state {
 public:
  enum class verdict : std::uint8_t { again, exhausted };

  loop_state() = default;
  /// The edge `e` leaves `source`, a stage of `g`.
  loop_state(const graph& g, std::size_t source, const edge& e);

  /// Called each time the edge could be taken, with the attempt that just ended; judges it first,
  /// so the last attempt counts too. An attempt whose slots equal the one before or the best is no
  /// better whatever its score; only what stages of the loop write is compared, and of that not
  /// what its judges wrote: `source`, and whoever writes `best_by`. `written` are the slots that
  /// the run's branch has written; `room` is false if another round would not fit into what is left
  /// of the run. `again` counts as taken.
  verdict arrive(const edge& e, const std::vector<value>& slots, const std::vector<bool>& written,
                 bool room);

  /// Takes in what the round that just ended used, and answers with the most that any has.
  usage_of_round longest_round(usage_of_round last);

  /// After `exhausted`: puts the best attempt's values back into those slots in `written` that
  /// stages of the loop write. What others wrote meanwhile, in branches beside it, stays.
  void restore_best(std::vector<value>& slots, const std::vector<bool>& written) const;

  /// The loop is entered from outside: what was best there before counts no more. `taken` stays.
  void begin_anew();

  /// Whether a stage is part of the loop.
  bool contains(stage_id stage) const noexcept {
    const auto index = static_cast<std::size_t>(stage);
    return index < body_.size() && body_[index];
  }

  int taken() const noexcept { return taken_; }
  /// What `arrive` found last.
  const loop_judgement& last() const noexcept { return last_; }

 private:
  int taken_ = 0;
  loop_judgement last_;
  int no_better_ = 0;
  double best_score_ = 0;
  std::vector<value> best_;      ///< slots at the best attempt; empty: none yet
  std::vector<value> previous_;  ///< slots at the previous attempt
  std::vector<bool> body_;       ///< per stage
  std::vector<bool> own_;        ///< per slot: written by a stage of the loop
  std::vector<bool> judged_;     ///< per slot: written by a judge
  usage_of_round longest_;
};

}  // namespace troupe
