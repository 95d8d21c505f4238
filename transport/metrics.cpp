#include "transport/metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <array>
#include <atomic>

namespace troupe {

namespace {

constexpr std::array<int, 21> statuses = {101, 200, 202, 204, 304, 400, 401, 403, 404, 405, 408,
                                          409, 413, 414, 415, 422, 426, 429, 431, 500, 503};

/// Looking a counter up by its labels costs a lock and a map: each is looked up once.
using counters_by_status = std::array<std::atomic<prometheus::Counter*>, statuses.size() + 1>;

const prometheus::Histogram::BucketBoundaries run_seconds = {
    .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60};

}  // namespace

struct transport_metrics::state {
  explicit state(std::vector<std::string_view> names)
      : routes(std::move(names)), requests(routes.size() + 1) {}

  prometheus::Registry registry;
  std::vector<std::string_view> routes;

  prometheus::Family<prometheus::Gauge>& connections = prometheus::BuildGauge()
                                                           .Name("troupe_connections")
                                                           .Help("Open connections by kind")
                                                           .Register(registry);
  std::array<prometheus::Gauge*, 2> open = {&connections.Add({{"kind", "http"}}),
                                            &connections.Add({{"kind", "websocket"}})};
  prometheus::Counter& refused = prometheus::BuildCounter()
                                     .Name("troupe_connections_refused_total")
                                     .Help("Connections above the bound")
                                     .Register(registry)
                                     .Add({});
  prometheus::Family<prometheus::Counter>& request_family =
      prometheus::BuildCounter()
          .Name("troupe_http_requests_total")
          .Help("Answered requests by route and status")
          .Register(registry);
  std::vector<counters_by_status> requests;
  prometheus::Family<prometheus::Counter>& message_family =
      prometheus::BuildCounter()
          .Name("troupe_websocket_messages_total")
          .Help("WebSocket messages by direction")
          .Register(registry);
  std::array<prometheus::Counter*, 2> messages = {&message_family.Add({{"direction", "in"}}),
                                                  &message_family.Add({{"direction", "out"}})};
  prometheus::Counter& cut = prometheus::BuildCounter()
                                 .Name("troupe_clients_cut_total")
                                 .Help("Clients that read too slowly and were cut off")
                                 .Register(registry)
                                 .Add({});
  prometheus::Family<prometheus::Histogram>& run_family =
      prometheus::BuildHistogram()
          .Name("troupe_ingress_run_seconds")
          .Help("Time of a run as its client sees it")
          .Register(registry);
  std::array<prometheus::Histogram*, 2> runs = {
      &run_family.Add({{"outcome", "finished"}}, run_seconds),
      &run_family.Add({{"outcome", "failed"}}, run_seconds)};
};

transport_metrics::transport_metrics(std::vector<std::string_view> routes)
    : state_(std::make_unique<state>(std::move(routes))) {}

transport_metrics::~transport_metrics() = default;

void transport_metrics::connection_opened(connection_kind kind) {
  state_->open[static_cast<std::size_t>(kind)]->Increment();
}

void transport_metrics::connection_closed(connection_kind kind) {
  state_->open[static_cast<std::size_t>(kind)]->Decrement();
}

void transport_metrics::connection_refused() { state_->refused.Increment(); }

void transport_metrics::request(std::size_t route, int status) {
  route = std::min(route, state_->routes.size());
  auto index = static_cast<std::size_t>(std::find(statuses.begin(), statuses.end(), status) -
                                        statuses.begin());
  auto& slot = state_->requests[route][index];
  auto* counter = slot.load(std::memory_order_acquire);
  if (!counter) {
    std::string name(route < state_->routes.size() ? state_->routes[route] : "none");
    auto label = index < statuses.size() ? std::to_string(status) : std::string("other");
    counter = &state_->request_family.Add({{"route", name}, {"status", label}});
    slot.store(counter, std::memory_order_release);
  }
  counter->Increment();
}

void transport_metrics::websocket_message(direction d) {
  state_->messages[static_cast<std::size_t>(d)]->Increment();
}

void transport_metrics::client_cut() { state_->cut.Increment(); }

void transport_metrics::run_ended(run_outcome outcome, std::chrono::steady_clock::duration took) {
  state_->runs[static_cast<std::size_t>(outcome)]->Observe(
      std::chrono::duration<double>(took).count());
}

std::string transport_metrics::text() const {
  return prometheus::TextSerializer().Serialize(state_->registry.Collect());
}

}  // namespace troupe
