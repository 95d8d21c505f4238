#include "pipeline/event.hpp"

#include <array>

namespace troupe {

namespace {

constexpr std::array<std::string_view, 6> kinds = {"accepted", "stage", "delta",
                                                   "rewind",   "final", "error"};
constexpr std::array<std::string_view, 5> states = {"started", "finished", "retrying", "failed",
                                                    "waiting"};

void field(std::string& out, std::string_view name, std::string_view text) {
  out += ",\"";
  out += name;
  out += "\":";
  append_json_string(out, text);
}

void field(std::string& out, std::string_view name, std::int64_t number) {
  out += ",\"";
  out += name;
  out += "\":";
  out += std::to_string(number);
}

}  // namespace

std::string_view name_of(event_kind kind) noexcept {
  return kinds[static_cast<std::size_t>(kind)];
}

std::string_view name_of(stage_state state) noexcept {
  return states[static_cast<std::size_t>(state)];
}

std::string to_json(const event& e) {
  if (!e.json.empty()) return e.json;
  std::string out = "{\"type\":\"";
  out += name_of(e.kind);
  out += '"';
  if (e.seq) field(out, "seq", static_cast<std::int64_t>(e.seq));
  if (!e.run.empty()) field(out, "run", e.run);
  switch (e.kind) {
    case event_kind::accepted:
      field(out, "id", e.message_id);
      break;
    case event_kind::stage:
      field(out, "stage", e.stage);
      field(out, "state", name_of(e.state));
      field(out, "attempt", e.attempt);
      if (e.state != stage_state::started) field(out, "ms", e.ms);
      if (!e.text.empty()) field(out, "message", e.text);
      break;
    case event_kind::delta:
      field(out, "stage", e.stage);
      field(out, "text", e.text);
      break;
    case event_kind::rewind:
      field(out, "stage", e.stage);
      field(out, "attempt", e.attempt);
      break;
    case event_kind::final:
      field(out, "id", e.message_id);
      out += ",\"reply\":";
      append_json(out, e.reply);
      out += ",\"slots\":";
      append_json(out, e.slots);
      break;
    case event_kind::error:
      if (!e.message_id.empty()) field(out, "id", e.message_id);
      field(out, "code", wire_name(e.code));
      field(out, "message", e.text);
      if (e.retry_after_ms > 0) field(out, "retry_after_ms", e.retry_after_ms);
      break;
  }
  out += '}';
  return out;
}

event past_event(std::uint64_t seq, std::string json) {
  event e;
  e.seq = seq;
  constexpr std::string_view head = "{\"type\":\"";
  for (std::size_t i = 0; i < kinds.size(); ++i)
    if (std::string_view(json).substr(std::min(head.size(), json.size())).starts_with(kinds[i]))
      e.kind = static_cast<event_kind>(i);
  e.json = std::move(json);
  return e;
}

}  // namespace troupe
