// Load over real WebSockets, from one thread: `bench_websocket PORT [SECONDS [CLIENTS]]` against a
// server on this machine. Every client says something, waits for the final and says the next; what
// is printed is finals a second and the time from `say` to `final`. By hand:
//
//   build/troupe serve tests/bench/trivial.toml --port 8080 --data /tmp/bench-data
//   build/bench_websocket 8080 10 64

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/websocket.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;
using steady = std::chrono::steady_clock;

namespace {

struct figures {
  steady::time_point from, until;
  std::vector<double> latencies_ms;
  std::size_t errors = 0;
};

class client : public std::enable_shared_from_this<client> {
 public:
  client(asio::io_context& context, std::string name, figures& f)
      : stream_(context), name_(std::move(name)), figures_(f) {}

  void start(const tcp::endpoint& server) {
    stream_.next_layer().connect(server);
    stream_.next_layer().set_option(tcp::no_delay(true));
    stream_.handshake("127.0.0.1", "/v1/chat?conversation=" + name_);
    say();
  }

 private:
  void say() {
    frame_ = R"({"type":"say","id":"m)" + std::to_string(++said_) +
             R"(","text":"Where is my order 4711, and when will it be here?"})";
    said_at_ = steady::now();
    stream_.async_write(asio::buffer(frame_),
                        [me = shared_from_this()](const beast::error_code& ec, std::size_t) {
                          if (ec) me->lost(ec);
                        });
    read();
  }

  void read() {
    buffer_.clear();
    stream_.async_read(buffer_,
                       [me = shared_from_this()](const beast::error_code& ec, std::size_t) {
                         if (ec) return me->lost(ec);
                         me->heard();
                       });
  }

  void heard() {
    const std::string_view text(static_cast<const char*>(buffer_.data().data()), buffer_.size());
    if (text.starts_with(R"({"type":"error")")) {
      if (figures_.errors++ == 0) std::fprintf(stderr, "%.*s\n", int(text.size()), text.data());
    } else if (!text.starts_with(R"({"type":"final")")) {
      return read();
    }
    const auto now = steady::now();
    if (now >= figures_.until) return;
    if (said_at_ >= figures_.from)
      figures_.latencies_ms.push_back(
          std::chrono::duration<double, std::milli>(now - said_at_).count());
    say();
  }

  void lost(const beast::error_code& ec) {
    ++figures_.errors;
    std::fprintf(stderr, "%s: %s\n", name_.c_str(), ec.message().c_str());
  }

  beast::websocket::stream<tcp::socket> stream_;
  const std::string name_;
  figures& figures_;
  beast::flat_buffer buffer_;
  std::string frame_;
  int said_ = 0;
  steady::time_point said_at_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: bench_websocket PORT [SECONDS [CLIENTS]]\n");
    return 2;
  }
  const auto port = static_cast<unsigned short>(std::atoi(argv[1]));
  const int seconds = argc > 2 ? std::atoi(argv[2]) : 10;
  const int clients = argc > 3 ? std::atoi(argv[3]) : 64;

  // A first second is not counted: connections, first conversations, first files.
  figures f;
  f.from = steady::now() + std::chrono::seconds(1);
  f.until = f.from + std::chrono::seconds(seconds);
  asio::io_context context(1);
  // Conversations of another call of this program must not answer to these message ids.
  const auto call = std::to_string(steady::now().time_since_epoch().count());
  try {
    for (int i = 0; i < clients; ++i)
      std::make_shared<client>(context, "bench-" + call + "-" + std::to_string(i), f)
          ->start({asio::ip::address_v4::loopback(), port});
    context.run();
  } catch (const boost::system::system_error& e) {
    std::fprintf(stderr, "no server on port %d: %s\n", port, e.what());
    return 1;
  }

  auto& all = f.latencies_ms;
  if (all.empty()) return 1;
  std::sort(all.begin(), all.end());
  auto quantile = [&](double q) {
    return all[static_cast<std::size_t>(q * static_cast<double>(all.size() - 1))];
  };
  std::printf("%d clients, %d s: %.0f runs/s, p50 %.1f ms, p99 %.1f ms, max %.1f ms, %zu errors\n",
              clients, seconds, static_cast<double>(all.size()) / seconds, quantile(0.5),
              quantile(0.99), all.back(), f.errors);
  return f.errors == 0 ? 0 : 1;
}
