#include "transport/exchange.hpp"

#include <array>
#include <charconv>

namespace troupe {

exchange::~exchange() {
  if (stage_ == stage::waiting)
    send(error_response({errc::internal, "the request was dropped without an answer"}));
  else if (stage_ == stage::streaming)
    context_.close();
}

response_frame exchange::frame() const {
  return {context_.request_id, context_.date, context_.keep_alive, context_.http_1_0,
          context_.head};
}

bool exchange::advance(stage from, stage to) { return stage_.compare_exchange_strong(from, to); }

void exchange::send(web_response r) {
  if (!advance(stage::waiting, stage::done)) return;
  // Later is not enough: it has to be another server.
  if (r.status == 429 && context_.draining && *context_.draining) r.status = 503;
  context_.metrics->request(context_.route, r.status);
  std::string bytes;
  append_response(bytes, r, frame());
  context_.out->answer(bytes);
}

void exchange::begin(web_response head) {
  if (!advance(stage::waiting, stage::streaming)) return;
  context_.metrics->request(context_.route, head.status);
  std::string bytes;
  append_stream_head(bytes, head, frame());
  context_.out->append_control(bytes);
}

bool exchange::write(std::string_view piece) {
  if (stage_ != stage::streaming) return false;
  if (piece.empty()) return true;
  if (context_.http_1_0) return context_.out->append(piece);
  std::array<char, 20> size{};
  auto end = std::to_chars(size.data(), size.data() + 16, piece.size(), 16).ptr;
  *end++ = '\r';
  *end++ = '\n';
  return context_.out->append({size.data(), static_cast<std::size_t>(end - size.data())}, piece,
                              "\r\n");
}

void exchange::end() {
  if (!advance(stage::streaming, stage::done)) return;
  context_.out->finish(context_.http_1_0 ? "" : "0\r\n\r\n");
}

void exchange::when_gone(std::function<void()> f) {
  std::lock_guard lock(mutex_);
  gone_ = std::move(f);
}

void exchange::client_is_gone() {
  std::function<void()> f;
  {
    std::lock_guard lock(mutex_);
    f.swap(gone_);
  }
  if (f && stage_ != stage::done) f();
}

}  // namespace troupe
