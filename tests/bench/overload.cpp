// What a served graph does with more than it can serve. Starts `troupe serve` on a stage of 20 ms
// with two replicas, a hundred runs a second, and comes to it
//   - with an open loop: requests at a fixed rate, whether or not the ones before are answered;
//   - with 500 clients that keep to `retry_after`, where the graph takes 50 at once;
//   - with 100 clients that read one byte a second, beside a load that it could well serve.
// Prints goodput, refusals, latency and the server's memory:  build/tests/bench_overload [SECONDS]

#include "integration/nap_graph.hpp"

#include <algorithm>
#include <cstdio>
#include <deque>
#include <list>
#include <random>
#include <thread>

using namespace troupe::test;
using std::chrono::milliseconds;
using steady = std::chrono::steady_clock;

namespace {

constexpr double capacity = 100;

struct tally {
  std::vector<double> latencies;  ///< of what was served, in ms
  std::vector<double> waits;      ///< `retry_after_ms` of what was refused
  int offered = 0, served = 0, refused = 0, failed = 0, unsent = 0;
  int came_back = 0, let_in = 0;  ///< after the time that they were told

  static double at(std::vector<double>& all, double share) {
    if (all.empty()) return 0;
    std::sort(all.begin(), all.end());
    return all[std::min(all.size() - 1, static_cast<std::size_t>(share * double(all.size())))];
  }
};

/// One kept-alive connection with one request at a time.
class client : public std::enable_shared_from_this<client> {
 public:
  client(asio::io_context& context, std::uint16_t port, tally& t)
      : socket_(context), port_(port), tally_(t) {}

  bool is_free() const { return !busy_; }
  /// `then` gets the wait that was asked for, 0 if it was served.
  void ask(std::function<void(double)> then) {
    busy_ = true;
    then_ = std::move(then);
    begun_ = steady::now();
    if (socket_.is_open()) return write();
    socket_.async_connect({asio::ip::address_v4::loopback(), port_},
                          [me = shared_from_this(), this](auto ec) { ec ? fail() : write(); });
  }

 private:
  void write() {
    request_ = {http::verb::post, "/v1/runs", 11};
    request_.set(http::field::host, "127.0.0.1");
    request_.set(http::field::content_type, "application/json");
    request_.body() = R"({"input":{"text":"x"}})";
    request_.prepare_payload();
    http::async_write(socket_, request_,
                      [me = shared_from_this(), this](auto ec, auto) { ec ? fail() : read(); });
  }
  void read() {
    response_ = {};
    http::async_read(socket_, buffer_, response_, [me = shared_from_this(), this](auto ec, auto) {
      if (ec) return fail();
      done();
    });
  }
  void done() {
    busy_ = false;
    if (response_.result() == http::status::ok) {
      ++tally_.served;
      tally_.latencies.push_back(
          std::chrono::duration<double, std::milli>(steady::now() - begun_).count());
      return then_(0);
    }
    if (response_.result_int() != 429) return fail();
    ++tally_.refused;
    const double wait =
        json::parse(response_.body()).at("error").at("retry_after_ms").to_number<double>();
    tally_.waits.push_back(wait);
    then_(wait);
  }
  void fail() {
    busy_ = false;
    ++tally_.failed;
    socket_.close();
    then_(1000);
  }

  tcp::socket socket_;
  const std::uint16_t port_;
  tally& tally_;
  bool busy_ = false;
  std::function<void(double)> then_;
  steady::time_point begun_;
  http::request<http::string_body> request_;
  beast::flat_buffer buffer_;
  http_reply response_;
};

double rss_mb(pid_t id) {
  std::ifstream in("/proc/" + std::to_string(id) + "/status");
  for (std::string line; std::getline(in, line);)
    if (line.starts_with("VmRSS:")) return std::stod(line.substr(6)) / 1024;
  return 0;
}

void report(const char* what, tally& t, double seconds, pid_t server) {
  std::printf(
      "%-22s offered %6.1f/s  served %6.1f/s  refused %6.1f/s  failed %d  unsent %d  "
      "latency p50 %.0f p99 %.0f ms  retry_after p50 %.0f p99 %.0f ms  RSS %.1f MB\n",
      what, t.offered / seconds, t.served / seconds, t.refused / seconds, t.failed, t.unsent,
      tally::at(t.latencies, 0.5), tally::at(t.latencies, 0.99), tally::at(t.waits, 0.5),
      tally::at(t.waits, 0.99), rss_mb(server));
  if (t.came_back > 0)
    std::printf("%-22s came back when they were told to: %d, let in then: %.0f %%\n", "",
                t.came_back, 100.0 * t.let_in / t.came_back);
  std::fflush(stdout);
}

/// Requests at `rate` for `seconds`, over at most 500 connections.
double open_loop(const served_graph& server, double rate, double seconds, const char* what) {
  asio::io_context context;
  tally t;
  std::vector<std::shared_ptr<client>> clients;
  asio::steady_timer timer(context);
  const auto begun = steady::now();
  const auto end =
      begun + std::chrono::duration_cast<steady::duration>(std::chrono::duration<double>(seconds));
  std::function<void()> next = [&] {
    for (const auto due = std::chrono::duration<double>(steady::now() - begun).count() * rate;
         t.offered < due;) {
      ++t.offered;
      auto free = std::ranges::find_if(clients, [](auto& c) { return c->is_free(); });
      if (free == clients.end() && clients.size() < 500) {
        clients.push_back(std::make_shared<client>(context, server.port(), t));
        free = clients.end() - 1;
      }
      if (free == clients.end())
        ++t.unsent;
      else
        (*free)->ask([](double) {});
    }
    if (steady::now() >= end) return;
    timer.expires_after(milliseconds(2));
    timer.async_wait([&](auto) { next(); });
  };
  next();
  context.run_until(end);
  const double served = t.served / seconds;
  report(what, t, seconds, server.pid());
  context.run_for(std::chrono::seconds(3));
  return served;
}

/// `count` clients, each of whom asks again when it was answered, or when it was told to.
void closed_loop(const served_graph& server, int count, double seconds, const char* what) {
  asio::io_context context;
  tally t;
  std::list<asio::steady_timer> timers;
  std::vector<std::function<void(bool)>> asks(static_cast<std::size_t>(count));
  for (auto& ask : asks) {
    auto c = std::make_shared<client>(context, server.port(), t);
    auto& timer = timers.emplace_back(context);
    ask = [&, c](bool came_back) {
      ++t.offered;
      t.came_back += came_back;
      c->ask([&, came_back](double wait) {
        if (wait == 0 && came_back) ++t.let_in;
        timer.expires_after(std::chrono::microseconds(static_cast<int>(wait * 1000)));
        timer.async_wait([&ask, wait](auto ec) {
          if (!ec) ask(wait > 0);
        });
      });
    };
    ask(false);
  }
  context.run_for(
      std::chrono::duration_cast<steady::duration>(std::chrono::duration<double>(seconds)));
  report(what, t, seconds, server.pid());
  for (auto& timer : timers) timer.cancel();
  asks.clear();
  context.stop();
}

/// Says long things and reads one byte a second.
class slow_reader {
 public:
  slow_reader(std::uint16_t port, int number) : name_("slow" + std::to_string(number)) {
    auto& socket = stream_.next_layer();
    socket.open(tcp::v4());
    socket.set_option(asio::socket_base::receive_buffer_size(4096));
    socket.connect({asio::ip::address_v4::loopback(), port});
    stream_.handshake("127.0.0.1", "/v1/chat?conversation=" + name_);
  }
  void say() {
    const std::string text(30'000, 'z');
    stream_.write(asio::buffer(json::serialize(
        json::object{{"type", "say"}, {"id", "m" + std::to_string(said_++)}, {"text", text}})));
  }
  void read_a_byte() {
    char byte = 0;
    stream_.next_layer().read_some(asio::buffer(&byte, 1));
  }

 private:
  const std::string name_;
  asio::io_context context_;
  beast::websocket::stream<tcp::socket> stream_{context_};
  int said_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  const double seconds = argc > 1 ? std::stod(argv[1]) : 8;
  nap_graph graph;
  graph.write("replicas = 2\nqueue = 48\n", ", nap = \"20ms\"");
  served_graph server(graph.file(), graph.folder());
  server.start();
  std::printf("%-22s RSS %.1f MB\n", "at rest", rss_mb(server.pid()));
  double peak = 0, last = 0;
  for (const auto& [times, what] :
       {std::pair{0.5, "open loop, 0.5 x"}, std::pair{1.0, "open loop, 1 x"},
        std::pair{2.0, "open loop, 2 x"}, std::pair{4.0, "open loop, 4 x"}}) {
    last = open_loop(server, times * capacity, seconds, what);
    peak = std::max(peak, last);
  }
  std::printf("goodput at 4 x capacity: %.0f %% of the peak\n", 100 * last / peak);
  closed_loop(server, 500, seconds, "500 clients");

  std::list<slow_reader> slow;
  for (int i = 0; i < 100; ++i) slow.emplace_back(server.port(), i);
  std::jthread readers([&](const std::stop_token& over) {
    for (std::size_t second = 0; !over.stop_requested(); ++second) {
      std::size_t i = 0;
      for (slow_reader& s : slow) {
        if (i++ % 4 == second % 4) s.say();
        s.read_a_byte();
      }
      std::this_thread::sleep_for(std::chrono::seconds(1));
    }
  });
  open_loop(server, 0.5 * capacity, 2 * seconds, "beside 100 slow ones");
  readers.request_stop();
  readers.join();
  slow.clear();
  open_loop(server, 0.5 * capacity, seconds, "after them");
  std::printf("ends with %d\n", server.stop());
}
