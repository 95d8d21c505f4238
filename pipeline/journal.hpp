#pragma once
// The journal: how runs and conversations lie in a `store`, and the batches that keep the promise
// of docs/architecture.md ("accepted is durable, every step is atomic, final is sent once").
//
// Keys ('\0' separates; numbers are big-endian so that they sort):
//   runs           RUN                      -> run_record
//   steps          RUN \0 n                 -> step
//   active         conversation \0 order    -> RUN; order = accept order, removed by the end
//   conversations  CONVERSATION             -> conversation_record
//   turns          CONVERSATION \0 n        -> turn_record
//   events         CONVERSATION \0 seq      -> the JSON text frame
//   messages       CONVERSATION \0 ID       -> RUN; of a job: \0 OWNER \0 ID
//   feedback       RUN \0 n                 -> {rating, comment, at} as JSON
//   dead_letters   RUN                      -> dead_letter
//   graphs         HASH                     -> graph_record; "current" -> the HASH of new runs
//   reviews        RUN \0 task              -> review_record (review.hpp), while it waits
//   timers         due \0 RUN \0 task       -> RUN: when a waiting review expires

#include "pipeline/executor.hpp"
#include "pipeline/gateway.hpp"
#include "pipeline/store.hpp"

namespace troupe {

struct run_record {
  std::string run, conversation, message_id, owner, graph_hash;
  time_point accepted;
  std::uint64_t order = 0;  ///< position among the runs of its conversation
  run_status::state_type state = run_status::state_type::queued;
  value input;  ///< a table
  // once it has ended:
  value reply, slots;
  std::optional<error> failure;
  std::uint64_t final_seq = 0;
};

struct conversation_record {
  std::uint64_t next_seq = 1;
  std::uint64_t next_order = 1;
  std::uint64_t turns = 0;
  std::uint64_t first_event = 1;  ///< older ones were dropped
  value persisted;                ///< a table: slots that outlive runs
  std::string owner;
};

struct turn_record {
  std::string run, user, reply;
};

struct graph_record {
  std::string file, text;
  std::vector<graph_source> inner;  ///< the files of its sub-graphs
};

std::string encode(const run_record& r);
std::string encode(const conversation_record& r);
std::string encode(const turn_record& r);
std::string encode(const graph_record& r);
result<run_record> decode_run(std::string_view bytes);
result<conversation_record> decode_conversation(std::string_view bytes);
result<turn_record> decode_turn(std::string_view bytes);
result<graph_record> decode_graph(std::string_view bytes);

/// `name` \0 big-endian `n`.
std::string numbered_key(std::string_view name, std::uint64_t n);
/// `name` \0 `rest`.
std::string joined_key(std::string_view name, std::string_view rest);
/// The number at the end of a `numbered_key`.
std::uint64_t number_of_key(std::string_view key);

write_op put(family f, std::string key, std::string bytes);
write_op erase(family f, std::string key);
/// [begin, end)
write_op erase_range(family f, std::string begin, std::string end);

/// Reads back what batches wrote.
result<std::optional<run_record>> read_run(const store& s, std::string_view run);
result<std::optional<conversation_record>> read_conversation(const store& s,
                                                             std::string_view conversation);
result<std::vector<step>> read_steps(const store& s, std::string_view run);
/// The last `limit` turns, oldest first.
result<std::vector<turn_record>> read_turns(const store& s, std::string_view conversation,
                                            std::uint64_t count, std::size_t limit);
struct active_run {
  std::string conversation, run;
};
/// All runs that were accepted and have not ended, by conversation, in order of acceptance; those
/// of one conversation if it is named.
result<std::vector<active_run>> read_active(const store& s, std::string_view conversation = {});

/// Of the family `graphs`: where the hash of the graph stands that new runs start on.
inline constexpr const char* current_graph_key = "current";
/// Of the family `graphs`: there while the process that uses the store has been asked to end.
inline constexpr const char* asked_to_end_key = "asked to end";
/// How many accepted runs have not ended, by the hash of the graph that they began on.
result<std::map<std::string, std::size_t>> unfinished_by_graph(const store& s);

}  // namespace troupe
