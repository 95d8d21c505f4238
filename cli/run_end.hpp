#pragma once
// The end of a run as a command tells it: its reply, why it failed, or that it waits for a decision
// and how that is made.

#include "cli/command.hpp"
#include "pipeline/event.hpp"

namespace troupe {

struct end_options {
  std::string data;   ///< folder of the journal; empty: nothing is kept
  bool json = false;  ///< print the event
};

/// True if the run of this event waits.
bool waits(const event& e);

/// The reply goes to stdout, and nothing else does. A run that waits is no failure if its journal
/// is kept.
void print_end(command_context& c, const event& end, const end_options& o);

/// How an accepted run of this runtime ends, or that it waits; for one that has no sink of its own.
event wait_for_run(troupe::runtime& runtime, const std::string& run);

/// Who decides, when a run of a command waits for a review.
enum class decider : std::uint8_t { nobody, terminal, approves_all };

/// Whoever sits at the terminal, if there is one; but not for a run that is kept in a data folder,
/// where it can wait.
decider decider_at_terminal(const std::string& data);

/// Decides the oldest review of the run that this event says waits. False: nobody did.
bool decide(troupe::runtime& runtime, const event& waiting, decider who);

}  // namespace troupe
