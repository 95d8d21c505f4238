#pragma once
// The hand crank of a runtime that is driven by steps: nothing in it moves unless it is told to
// here, and its time is what it is told. Made for the simulation. Not thread-safe.

#include "pipeline/clock.hpp"

#include <cstddef>
#include <optional>
#include <string>

namespace troupe {

class stepping {
 public:
  virtual ~stepping() = default;

  /// Actors that have something to do.
  virtual std::size_t ready() const = 0;
  /// Lets one of them take one message; `which` < `ready()`.
  virtual void run(std::size_t which) = 0;

  /// Until the next delayed message is due.
  virtual std::optional<duration> next_timer() const = 0;
  /// Delayed messages that come due are delivered to their mailboxes.
  virtual void advance(duration by) = 0;

  /// Batches that were appended to the journal and not written.
  virtual std::size_t journal_waiting() const = 0;
  /// Writes the oldest `count` of them as one group.
  virtual void write_journal(std::size_t count) = 0;

  /// Actors that are alive, those of CAF itself aside.
  virtual std::size_t actors() const = 0;
  /// Tells all actors to end and runs them until none has anything to do; what is then alive is
  /// left over.
  virtual std::size_t end() = 0;
};

}  // namespace troupe
