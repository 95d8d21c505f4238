#pragma once
// One actor per live conversation (or job). It takes requests one after another, so a conversation
// is serial by construction; it drives the executor of the run at hand, journals every step, and
// tells attached sinks what happens once that is written.

#include "actors/deployments.hpp"
#include "actors/journal_writer.hpp"
#include "actors/run_gate.hpp"
#include "pipeline/entropy.hpp"
#include "pipeline/journal.hpp"

namespace troupe {

/// What becomes of the journal of a run that has ended.
enum class retention : std::uint8_t { keep, drop };

/// What all conversations share. Outlives them.
struct conversation_environment {
  const store* records = nullptr;
  journal_writer* journal = nullptr;
  const clock* time = nullptr;
  entropy* random = &system_entropy();
  run_gate* gate = nullptr;
  deployments* versions = nullptr;
  duration idle = std::chrono::seconds(30);  ///< until an unused conversation leaves
  std::size_t max_waiting = 16;              ///< runs that may wait behind the one at hand
  std::size_t history_turns = 20;            ///< kept in memory for stages
  retention ended_runs = retention::keep;
  /// Of the process that runs are taken over from.
  process_end last_end = process_end::without_warning;
  /// The gateway actor, for `may_leave`; set before any conversation is there. An address, for the
  /// gateway holds the environment, too.
  caf::actor_addr directory;
};

/// Jobs live in conversations of their own, whose names no client can give.
std::string job_name(std::string_view run);
bool is_job(std::string_view conversation) noexcept;

/// A sortable id: 48 bits of milliseconds, 48 random ones, in 24 hexadecimal digits.
std::string make_run_id(time_point now, entropy& random);

/// Whoever asked is told, if anybody waits for an answer.
void answer_error(conversation_request& r, const error& why);

caf::actor spawn_conversation(caf::actor_system& system, std::string name,
                              std::shared_ptr<const conversation_environment> env);

}  // namespace troupe
