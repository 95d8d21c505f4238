#include "transport/client_message.hpp"

#include "pipeline/review.hpp"
#include "transport/ids.hpp"
#include "transport/json_reader.hpp"

#include <boost/json.hpp>

#include <algorithm>

namespace troupe {

namespace json = boost::json;

namespace {

constexpr std::size_t comment_bytes = 4096;
constexpr std::size_t review_bytes = 512 * 1024;

/// Parsing a frame of usual size allocates nothing but what the message keeps.
class scratch {
 public:
  json::storage_ptr storage() { return &resource_; }

 private:
  std::array<unsigned char, 4096> bytes_;
  json::monotonic_resource resource_{bytes_.data(), bytes_.size()};
};

value::table table_of(const json::object& o) {
  value::table entries;
  entries.reserve(o.size());
  for (const auto& [key, v] : o) entries.emplace_back(std::string(key), from_json(v));
  return entries;
}

std::optional<when_left> read_on_disconnect(member_reader& members) {
  if (!members.has("on_disconnect")) return std::nullopt;
  const auto what = members.text("on_disconnect", presence::optional, 64);
  if (what == "cancel") return when_left::is_cancelled;
  // `continue` is what it was called before graphs could say it.
  if (what != "finish" && what != "continue")
    members.complain("on_disconnect", "must be `finish` or `cancel`");
  return when_left::continues;
}

result<client_message> read_say(member_reader& members) {
  say_message say;
  say.id = members.id("id", presence::optional);
  auto text = members.text("text", presence::required, say_bytes);
  if (const auto* slots = members.object("slots", presence::optional)) {
    if (slots->contains("text")) members.complain("slots.text", "repeats `text`; leave it out");
    say.input = table_of(*slots);
  }
  say.left = read_on_disconnect(members);
  if (members.problem()) return *members.problem();
  if (say.id.empty()) say.id = make_id("m-");
  say.input.emplace(say.input.begin(), "text", text);
  return client_message(std::move(say));
}

result<client_message> read_cancel(member_reader& members) {
  cancel_message cancel{std::string(members.id("run", presence::required))};
  if (members.problem()) return *members.problem();
  return client_message(std::move(cancel));
}

result<feedback> read_feedback_members(member_reader& members) {
  feedback f;
  f.run = members.id("run", presence::required);
  if (const auto* rating = members.any("rating", presence::required)) {
    if (*rating == 1)
      f.rating = 1;
    else if (*rating == -1)
      f.rating = -1;
    else
      members.complain("rating", "must be 1 or -1");
  }
  if (const auto* comment = members.any("comment", presence::optional);
      comment && *comment != json::value(json::string()))
    f.comment = members.text("comment", presence::optional, comment_bytes);
  if (members.problem()) return *members.problem();
  return f;
}

result<client_message> read_feedback(member_reader& members) {
  auto f = read_feedback_members(members);
  if (!f) return std::move(f).error();
  return client_message(*std::move(f));
}

result<client_message> read_ping(member_reader&) { return client_message(ping_message{}); }

struct message_type {
  std::string_view name;
  result<client_message> (*read)(member_reader&);
};

constexpr std::array<message_type, 4> types = {{
    {"say", read_say},
    {"cancel", read_cancel},
    {"feedback", read_feedback},
    {"ping", read_ping},
}};

}  // namespace

result<client_message> parse_client_message(std::string_view text) {
  scratch memory;
  auto object = parse_object(text, memory.storage());
  if (!object) return std::move(object).error();
  member_reader members(*object);
  auto name = members.text("type", presence::required, 64);
  if (members.problem()) return *members.problem();
  auto type = std::find_if(types.begin(), types.end(),
                           [&](const message_type& t) { return t.name == name; });
  if (type == types.end())
    return error{errc::invalid_request,
                 "`type` is `" + std::string(name) +
                     "`; it must be one of `say`, `cancel`, `feedback`, `ping`"};
  return type->read(members);
}

result<submission> parse_run_body(std::string_view text) {
  scratch memory;
  auto object = parse_object(text, memory.storage());
  if (!object) return std::move(object).error();
  member_reader members(*object);
  submission s;
  s.message_id = members.id("id", presence::optional);
  s.owner = members.id("user", presence::optional);
  s.left = read_on_disconnect(members);
  if (const auto* input = members.object("input", presence::required)) s.input = table_of(*input);
  if (members.problem()) return *members.problem();
  if (s.message_id.empty()) s.message_id = make_id("m-");
  return s;
}

result<review_decision> parse_review_body(std::string_view text) {
  scratch memory;
  auto object = parse_object(text, memory.storage());
  if (!object) return std::move(object).error();
  member_reader members(*object);
  review_decision d;
  const auto what = members.text("verdict", presence::required, 64);
  const auto known = verdict_from_name(what);
  if (!known) members.complain("verdict", "must be `approve`, `reject` or `edit`");
  d.what = known.value_or(verdict::approve);
  // Only an edit has a text, and an edit without one would be an approval.
  const bool edits = d.what == verdict::edit;
  if (edits) d.text = members.text("text", presence::required, review_bytes);
  if (known && !edits && members.has("text"))
    members.complain("text", "belongs to the verdict `edit`");
  if (const auto* comment = members.any("comment", presence::optional);
      comment && *comment != json::value(json::string()))
    d.comment = members.text("comment", presence::optional, comment_bytes);
  d.reviewer = members.id("by", presence::optional);
  if (const auto* task = members.any("task", presence::optional)) {
    if (task->is_int64())
      d.task = task->get_int64();
    else
      members.complain("task", "must be the number of a review");
  }
  if (members.problem()) return *members.problem();
  return d;
}

result<dead_letter_action> parse_dead_letter_body(std::string_view text) {
  scratch memory;
  auto object = parse_object(text, memory.storage());
  if (!object) return std::move(object).error();
  member_reader members(*object);
  const auto action = members.text("action", presence::required, 64);
  if (!members.problem() && action != "retry" && action != "drop")
    members.complain("action", "must be `retry` or `drop`");
  if (members.problem()) return *members.problem();
  return action == "retry" ? dead_letter_action::retry : dead_letter_action::drop;
}

result<feedback> parse_feedback_body(std::string_view text) {
  scratch memory;
  auto object = parse_object(text, memory.storage());
  if (!object) return std::move(object).error();
  member_reader members(*object);
  return read_feedback_members(members);
}

}  // namespace troupe
