// Fuzz target: any bytes as what a client says, over a WebSocket and in the body of each route.
// What is accepted has names that can be keys, and a text within its bound.

#include "transport/client_message.hpp"
#include "transport/url.hpp"

#include <cstdlib>

namespace {

void must(bool holds) {
  if (!holds) std::abort();
}

void look_at(const troupe::client_message& m) {
  using namespace troupe;
  if (const auto* say = std::get_if<say_message>(&m)) {
    must(is_valid_id(say->id));
    must(!say->input.empty() && say->input.front().first == "text");
    must(say->input.front().second.as_text().size() <= say_bytes);
  } else if (const auto* cancel = std::get_if<cancel_message>(&m)) {
    must(is_valid_id(cancel->run));
  } else if (const auto* f = std::get_if<feedback>(&m)) {
    must(is_valid_id(f->run) && (f->rating == 1 || f->rating == -1));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace troupe;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto message = parse_client_message(text);
  if (message)
    look_at(*message);
  else
    must(message.error().code == errc::invalid_request && !message.error().message.empty());
  if (const auto run = parse_run_body(text)) {
    must(is_valid_id(run->message_id) && run->conversation.empty());
    must(run->owner.empty() || is_valid_id(run->owner));
    for (const auto& [slot, v] : run->input) (void)v.to_text();
  }
  if (const auto review = parse_review_body(text))
    must((review->what == verdict::edit) != review->text.empty());
  if (const auto f = parse_feedback_body(text)) must(f->rating == 1 || f->rating == -1);
  (void)parse_dead_letter_body(text);
  return 0;
}
