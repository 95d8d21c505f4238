#pragma once
// What a run tells the outside while it goes, and the sink that takes it.

#include "pipeline/clock.hpp"
#include "pipeline/value.hpp"

#include <memory>

namespace troupe {

enum class event_kind : std::uint8_t { accepted, stage, delta, rewind, final, error };
enum class stage_state : std::uint8_t { started, finished, retrying, failed, waiting };

std::string_view name_of(event_kind kind) noexcept;
std::string_view name_of(stage_state state) noexcept;

struct event {
  event_kind kind = event_kind::stage;
  std::uint64_t seq = 0;  ///< rises by one per event of a conversation; 0 for `accepted`
  std::string run;
  std::string message_id;  ///< accepted, final: the client's own id
  std::string stage;       ///< stage, delta, rewind
  stage_state state = stage_state::started;
  int attempt = 1;
  std::int64_t ms = 0;   ///< stage finished/failed: how long the attempt took
  std::string text;      ///< delta: the piece; final: the reply as text; error: the message
  value reply;           ///< final: the output slot
  value slots;           ///< final: a table of the run's slots
  errc code = errc::internal;  ///< error
  std::int64_t retry_after_ms = 0;
  std::string json;  ///< what `to_json` gives, if somebody needed it already
};

/// The JSON text frame of docs/protocol.md, without a line end.
std::string to_json(const event& e);

/// An event of the past: `json` is what `to_json` gave then. Only `kind`, `seq` and `json` are set.
event past_event(std::uint64_t seq, std::string json);

using event_ptr = std::shared_ptr<const event>;

/// Takes events from any thread, must not block and must not throw. Bounded: a sink that cannot
/// keep up answers false, is forgotten, and its client resumes later with `last_seq`.
class event_sink {
 public:
  virtual ~event_sink() = default;
  virtual bool deliver(const event_ptr& e) = 0;
};

}  // namespace troupe
