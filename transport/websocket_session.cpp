#include "transport/websocket_session.hpp"

#include "transport/websocket_sink.hpp"

#include <boost/asio/write.hpp>

#include <variant>

namespace troupe {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using boost::system::error_code;

namespace {

/// RFC 6455, 5.5.2: a ping without payload.
constexpr std::string_view ping_frame("\x89\x00", 2);

}  // namespace

websocket_session::websocket_session(asio::ip::tcp::socket socket, std::shared_ptr<io_thread> home,
                                     std::shared_ptr<service> s, websocket_start start)
    : home_(std::move(home)),
      service_(std::move(s)),
      start_(std::move(start)),
      out_(std::make_shared<client_outbox>(outbox_limits{
          service_->options.limits.outgoing_bytes, service_->options.limits.outgoing_events})),
      stream_(std::move(socket), out_),
      sink_(std::make_shared<websocket_sink>(out_, service_->metrics)) {
  service_->metrics->connection_opened(connection_kind::websocket);
  ++service_->connections;
}

websocket_session::~websocket_session() {
  service_->metrics->connection_closed(connection_kind::websocket);
  --service_->connections;
}

std::shared_ptr<websocket_session> websocket_session::self() {
  return std::static_pointer_cast<websocket_session>(shared_from_this());
}

void websocket_session::start(const http::request<http::string_body>& request) {
  out_->wake_by([ref = connection_ref(home_, weak_from_this())] {
    ref.post([](connection& c) { c.flush(); });
  });
  sink_->wake_by([ref = connection_ref(home_, weak_from_this())] {
    ref.post([](connection& c) { c.flush(); });
  });
  last_heard_ = std::chrono::steady_clock::now();
  deadline_ = last_heard_ + service_->options.timeouts.header;
  // Deadlines are compared in `tick`, for all connections at once.
  stream_.set_option(websocket::stream_base::timeout{websocket::stream_base::none(),
                                                     websocket::stream_base::none(), false});
  stream_.set_option(websocket::stream_base::decorator(
      [id = start_.request_id](websocket::response_type& response) {
        response.set(http::field::server, "troupe");
        response.set("X-Request-Id", id);
      }));
  stream_.read_message_max(service_->options.limits.frame_bytes);
  stream_.control_callback([this](websocket::frame_type, beast::string_view) {
    last_heard_ = std::chrono::steady_clock::now();
    pinged_at_.reset();
  });
  stream_.async_accept(request, [me = self(), this](const error_code& ec) {
    if (phase_ != phase::shaking) return;
    if (ec) return finish();
    phase_ = phase::open;
    deadline_ = steady_time::max();
    attached_ = true;
    service_->gate.attach(start_.conversation, start_.after, sink_);
    read();
  });
}

void websocket_session::read() {
  stream_.async_read(buffer_,
                     [me = self(), this](const error_code& ec, std::size_t) { on_read(ec); });
}

void websocket_session::on_read(const error_code& ec) {
  if (phase_ == phase::closed) return;
  if (ec) return finish();
  last_heard_ = std::chrono::steady_clock::now();
  pinged_at_.reset();
  service_->metrics->websocket_message(direction::in);
  if (stream_.got_text()) {
    auto bytes = buffer_.data();
    on_message({static_cast<const char*>(bytes.data()), bytes.size()});
  } else {
    sink_->send_error({errc::invalid_request, "binary frames are not taken; send JSON as text"});
  }
  buffer_.consume(buffer_.size());
  if (phase_ != phase::closed) read_on();
}

void websocket_session::read_on() {
  waits_ = sink_->owes() >= websocket_sink::most_owed;
  if (!waits_) return read();
  last_heard_ = std::chrono::steady_clock::now();
  // Answers may have come before `waits_` was set, and woken nobody.
  if (sink_->owes() < websocket_sink::most_owed) read_on();
}

void websocket_session::on_message(std::string_view text) {
  auto message = parse_client_message(text);
  if (!message) return sink_->send_error(message.error());
  if (auto* m = std::get_if<say_message>(&*message)) {
    say(std::move(*m));
  } else if (auto* cancel = std::get_if<cancel_message>(&*message)) {
    sink_->asked();
    service_->gate.cancel(cancel->run, [sink = sink_, run = cancel->run](result<void> done) {
      if (!done) sink->send_error(done.error(), run);
      sink->answered();
    });
  } else if (auto* f = std::get_if<feedback>(&*message)) {
    sink_->asked();
    service_->gate.give_feedback(*f, [sink = sink_, run = f->run](result<void> done) {
      if (!done) sink->send_error(done.error(), run);
      sink->answered();
    });
  } else {
    sink_->send(R"({"type":"pong"})");
  }
}

void websocket_session::say(say_message m) {
  submission s;
  s.conversation = start_.conversation;
  s.message_id = std::move(m.id);
  s.owner = start_.user;
  s.input = std::move(m.input);
  s.left = m.left;
  sink_->asked();
  service_->gate.submit(std::move(s), sink_, follow::none);
}

void websocket_session::flush() {
  if (phase_ == phase::closed || phase_ == phase::lingering) return;
  if (waits_ && phase_ == phase::open) read_on();
  if (out_->was_cut() && phase_ == phase::open) {
    service_->metrics->client_cut();
    start_closing(websocket::close_code::try_again_later,
                  "reading too slowly; reconnect with last_seq");
  }
  if (writing_) return;
  if (out_->take(writing_bytes_)) {
    writing_ = true;
    write_started_ = std::chrono::steady_clock::now();
    asio::async_write(stream_.next_layer().socket(), asio::buffer(writing_bytes_),
                      [me = self(), this](const error_code& ec, std::size_t) {
                        writing_ = false;
                        if (ec) return close();
                        flush();
                      });
  } else if (finished_) {
    linger();
  } else if (phase_ == phase::open) {
    if (auto after = sink_->catch_up()) service_->gate.attach(start_.conversation, *after, sink_);
  }
}

void websocket_session::start_closing(websocket::close_code code, std::string_view reason) {
  detach();
  phase_ = phase::closing;
  deadline_ = std::chrono::steady_clock::now() + service_->options.timeouts.linger;
  stream_.async_close({code, beast::string_view(reason.data(), reason.size())},
                      [me = self(), this](const error_code&) { finish(); });
}

void websocket_session::detach() {
  if (!std::exchange(attached_, false)) return;
  service_->gate.detach(start_.conversation, sink_);
}

/// The client has ended the connection, or it is broken: not the server.
void websocket_session::tell_of_departure() {
  if (phase_ != phase::open) return;
  for (std::string& run : sink_->take_open_runs())
    service_->gate.client_left(start_.conversation, std::move(run));
}

void websocket_session::finish() {
  if (finished_ || phase_ == phase::closed) return;
  tell_of_departure();
  finished_ = true;
  detach();
  if (phase_ != phase::closing) {
    phase_ = phase::closing;
    deadline_ = std::chrono::steady_clock::now() + service_->options.timeouts.linger;
  }
  flush();
}

void websocket_session::linger() {
  phase_ = phase::lingering;
  error_code ec;
  auto& socket = stream_.next_layer().socket();
  socket.shutdown(asio::ip::tcp::socket::shutdown_send, ec);
  if (ec) return close();
  buffer_.clear();
  socket.async_read_some(buffer_.prepare(4096),
                         [me = self(), this](const error_code& end, std::size_t) {
                           if (phase_ == phase::closed) return;
                           if (end) return close();
                           linger();
                         });
}

void websocket_session::tick(steady_time now) {
  const auto& timeouts = service_->options.timeouts;
  const bool stuck = writing_ && now - write_started_ > timeouts.write;
  if (stuck) service_->metrics->client_cut();
  if (stuck || now >= deadline_) return close();
  if (phase_ != phase::open) return;
  if (pinged_at_ && now - *pinged_at_ >= timeouts.ping) return close();
  if (pinged_at_ || now - last_heard_ < timeouts.ping) return;
  pinged_at_ = now;
  out_->append_control(ping_frame);
}

void websocket_session::shut_down() {
  if (phase_ == phase::shaking) return close();
  if (phase_ == phase::open)
    start_closing(websocket::close_code::service_restart,
                  "the server restarts; come back with last_seq");
}

void websocket_session::close() {
  if (phase_ == phase::closed) return;
  tell_of_departure();
  phase_ = phase::closed;
  detach();
  out_->close();
  error_code ignored;
  stream_.next_layer().socket().close(ignored);
  home_->remove(this);
}

}  // namespace troupe
