#pragma once
// A thread that now and then has the journal forget the steps of runs that ended long ago.

#include "actors/journal_writer.hpp"
#include "pipeline/clock.hpp"

namespace troupe {

class pruner {
 public:
  /// Steps are kept for `keep` from the acceptance of their run.
  pruner(const store& records, journal_writer& journal, const clock& time, duration keep);
  ~pruner();

 private:
  void work(const std::stop_token& stop);

  const store& records_;
  journal_writer& journal_;
  const clock& time_;
  const duration keep_;
  std::jthread thread_;
};

}  // namespace troupe
