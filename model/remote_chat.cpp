#include "model/remote_chat.hpp"

#include "model/json_fields.hpp"
#include "model/remote_failure.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <array>

namespace troupe {

namespace {

namespace json = boost::json;

constexpr std::size_t most_stop_strings = 4;
/// A seed that every API can read as a number.
constexpr std::uint64_t seed_mask = 0x7FFFFFFF;

std::string_view name_of(chat_message::role_type role) {
  constexpr std::array<std::string_view, 3> names = {"system", "user", "assistant"};
  return names[static_cast<std::size_t>(role)];
}

enum class finish_kind : std::uint8_t { stop, length, filtered, tool, no_room };

struct finish_row {
  std::string_view name;
  finish_kind kind;
};
/// Those that end an answer otherwise than well; all others mean that the model was done.
constexpr std::array finishes = {finish_row{"length", finish_kind::length},
                                 finish_row{"max_tokens", finish_kind::length},
                                 finish_row{"content_filter", finish_kind::filtered},
                                 finish_row{"tool_calls", finish_kind::tool},
                                 finish_row{"function_call", finish_kind::tool},
                                 finish_row{"insufficient_system_resource", finish_kind::no_room}};

const json::object* object_at(const json::object& o, std::string_view key) {
  const auto* v = o.if_contains(key);
  return v ? v->if_object() : nullptr;
}

std::int64_t count_at(const json::object& o, std::string_view key) {
  const auto* v = o.if_contains(key);
  return v && v->is_int64() && v->as_int64() >= 0 ? v->as_int64() : -1;
}

error no_completion(std::string_view what) {
  return {errc::unavailable, "the answer is no chat completion: " + std::string(what)};
}

}  // namespace

std::string chat_request(const remote_options& options, const generation_request& request,
                         std::int64_t max_tokens) {
  json::object o{{"model", options.model}};
  json::array messages;
  for (const chat_message& m : request.messages)
    messages.push_back(json::object{{"role", name_of(m.role)}, {"content", m.text}});
  o["messages"] = std::move(messages);
  o[options.token_limit] = max_tokens;
  o["temperature"] = request.temperature;
  if (request.top_p < 1) o["top_p"] = request.top_p;
  if (request.top_k > 0) o["top_k"] = request.top_k;
  if (request.min_p > 0) o["min_p"] = request.min_p;
  if (request.repetition_penalty != 1) o["repetition_penalty"] = request.repetition_penalty;
  o["seed"] = request.seed & seed_mask;
  json::array stop;
  for (const std::string& s : request.stop)
    if (!s.empty() && stop.size() < most_stop_strings) stop.emplace_back(s);
  if (!stop.empty()) o["stop"] = std::move(stop);
  if (!request.json_schema.empty())
    o["response_format"] = json::object{
        {"type", "json_schema"},
        {"json_schema",
         json::object{{"name", "answer"}, {"schema", json::parse(request.json_schema)}}}};
  o["stream"] = true;
  o["stream_options"] = json::object{{"include_usage", true}};
  for (const auto& [key, v] : options.body) o[key] = v;
  for (const std::string& field : options.omit) o.erase(field);
  return json::serialize(o);
}

namespace {

/// The text and thoughts of a message or of what is new in one. APIs have two names for thoughts.
chat_piece piece_of(const json::object& message) {
  chat_piece piece{text_or_empty(message, "content"), text_or_empty(message, "reasoning_content")};
  if (piece.reasoning.empty()) piece.reasoning = text_or_empty(message, "reasoning");
  return piece;
}

}  // namespace

result<chat_piece> chat_answer::take_event(std::string_view data) {
  if (data == "[DONE]") {
    over_ = true;
    return chat_piece();
  }
  return take(data);
}

result<chat_piece> chat_answer::take_whole(std::string_view body) {
  over_ = true;
  return take(body);
}

result<chat_piece> chat_answer::take(std::string_view body) {
  json::error_code failed;
  const auto parsed = json::parse(body, failed);
  const auto* o = failed ? nullptr : parsed.if_object();
  if (!o) return no_completion(failed ? failed.message() : "no JSON object");
  if (const auto* e = o->if_contains("error"); e && !e->is_null()) return api_error(*e);
  if (const auto* used = object_at(*o, "usage")) {
    prompt_tokens_ = count_at(*used, "prompt_tokens");
    output_tokens_ = count_at(*used, "completion_tokens");
  }
  const auto* choices = o->if_contains("choices");
  const auto* list = choices ? choices->if_array() : nullptr;
  if (!list) return no_completion("it has no `choices`");
  if (list->empty()) return chat_piece();
  const auto* choice = list->front().if_object();
  if (!choice) return no_completion("a choice is no object");
  if (auto finish = text_or_empty(*choice, "finish_reason"); !finish.empty()) finish_ = finish;
  for (std::string_view key : {"delta", "message"})
    if (const auto* message = object_at(*choice, key)) return piece_of(*message);
  return chat_piece();
}

result<finish_reason> chat_answer::end() const {
  if (finish_.empty() && !over_) return error{errc::unavailable, "the answer was cut off"};
  const auto* row = std::ranges::find(finishes, std::string_view(finish_), &finish_row::name);
  switch (row == finishes.end() ? finish_kind::stop : row->kind) {
    case finish_kind::length:
      return finish_reason::length;
    case finish_kind::filtered:
      return error{errc::failed, "the API's content filter ended the answer"};
    case finish_kind::tool:
      return error{errc::failed, "the model called a tool, and there is none"};
    case finish_kind::no_room:
      return error{errc::overloaded, "the API ran out of room for the answer"};
    case finish_kind::stop:
      break;
  }
  return finish_reason::stop;
}

}  // namespace troupe
