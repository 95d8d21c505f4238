// The promises made to clients: accepted is synced, events are written before they are told and are
// always the same, an end is synced and told once.

#include "actors/sim/witness.hpp"
#include "pipeline/journal.hpp"

#include <boost/json.hpp>

namespace troupe::sim {

void witness::accepted(const std::string& conversation, const std::string& message_id,
                       const std::string& run) {
  const bool fresh = accepted_.emplace(run, conversation).second;
  if (fresh) ++totals.runs;
  if (conversation.empty()) {
    if (fresh && !records_.is_synced(family::runs, run))
      complain("job " + run + " was accepted before it was synced");
  }
  auto [known, first] = run_of_message_.emplace(std::pair(conversation, message_id), run);
  if (known->second != run)
    complain("message `" + message_id + "` of `" + conversation +
             "` was run twice: " + known->second + " and " + run);
  const auto key =
      joined_key(conversation, conversation.empty() ? joined_key("", message_id) : message_id);
  if (!records_.is_synced(family::messages, key))
    complain("run " + run + " was accepted before it was synced");
}

std::optional<witness::end> witness::end_told(const event& e) {
  if (e.kind != event_kind::final && e.kind != event_kind::error) return std::nullopt;
  boost::system::error_code failed;
  const auto json = boost::json::parse(to_json(e), failed);
  if (failed || !json.is_object()) return std::nullopt;
  auto text = [&](const char* key) {
    const auto* found = json.as_object().if_contains(key);
    return found && found->is_string() ? std::string(found->as_string()) : std::string();
  };
  if (text("run").empty()) return std::nullopt;
  return end{text("run"), text("id")};
}

void witness::told(const std::string& conversation, const event& e) {
  if (e.seq > 0 && !conversation.empty()) {
    auto kept = records_.get(family::events, numbered_key(conversation, e.seq));
    if (!kept || !*kept)
      complain("event " + std::to_string(e.seq) + " of `" + conversation +
               "` was told before it was written");
    else if (!e.json.empty() && **kept != e.json)
      complain("event " + std::to_string(e.seq) + " of `" + conversation +
               "` was told otherwise than it was written");
  }
  const auto ended = end_told(e);
  if (!ended) return;
  const std::string& run = ended->run;
  auto record = read_run(records_, run);
  if (!record || !*record || !records_.is_synced(family::runs, run))
    return complain("the end of run " + run + " was told before it was synced");
  const auto& r = **record;
  const bool good = r.state == run_status::state_type::finished;
  if (!good && r.state != run_status::state_type::failed)
    return complain("the end of run " + run + " was told, and it is not on record");
  if (!good && r.failure->code == errc::cancelled && !cancel_wanted_.contains(run) &&
      plan_of_(r.graph_hash).busy != on_busy::interrupt)
    complain("run " + run + " was cancelled, and nobody wanted that");
  if (good != (e.kind == event_kind::final))
    complain("run " + run + " was told to have ended otherwise than it did");
  if (!r.conversation.empty() && e.seq > 0 && e.seq != r.final_seq)
    complain("run " + run + " ended with event " + std::to_string(r.final_seq) +
             ", and was told to with event " + std::to_string(e.seq));
  const auto text = good ? "final" : std::string(name_of(r.failure->code));
  if (ends_.emplace(run, text).first->second != text) complain("run " + run + " has two ends");
  for (const auto& [number, call] : calls_)
    if (call.run == run && !call.stop.stop_requested())
      complain("run " + run + " has ended, and stage `" + stage_name(call) +
               "` was not told to stop");
}

}  // namespace troupe::sim
