#include "transport/stage_metrics.hpp"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <limits>

namespace troupe {

namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

MetricFamily family(std::string name, std::string help, MetricType type) {
  MetricFamily f;
  f.name = std::move(name);
  f.help = std::move(help);
  f.type = type;
  return f;
}

double seconds(duration d) { return std::chrono::duration<double>(d).count(); }

// A row of a family stands for a stage, or for a model under the label that vLLM gives it.
struct label_of {
  std::vector<ClientMetric::Label> operator()(const stage_figures& s) const {
    return {{"stage", s.stage}};
  }
  std::vector<ClientMetric::Label> operator()(const engine_figures& e) const {
    return {{"model_name", e.model}};
  }
};

/// One figure of every row.
template <class Row, class Figure>
MetricFamily each(const std::vector<Row>& rows, std::string name, std::string help, MetricType type,
                  Figure figure) {
  auto f = family(std::move(name), std::move(help), type);
  for (const Row& r : rows) {
    ClientMetric m;
    m.label = label_of()(r);
    const auto x = static_cast<double>(figure(r));
    if (type == MetricType::Counter)
      m.counter.value = x;
    else
      m.gauge.value = x;
    f.metric.push_back(std::move(m));
  }
  return f;
}

template <class Row>
MetricFamily times(const std::vector<Row>& rows, std::string name, std::string help,
                   histogram Row::*which) {
  auto f = family(std::move(name), std::move(help), MetricType::Histogram);
  for (const Row& r : rows) {
    const histogram& h = r.*which;
    ClientMetric m;
    m.label = label_of()(r);
    std::uint64_t count = 0;
    for (std::size_t i = 0; i < h.counts().size(); ++i) {
      count += h.counts()[i];
      const double bound = i < histogram::bounds.size() ? seconds(histogram::bounds[i])
                                                        : std::numeric_limits<double>::infinity();
      m.histogram.bucket.push_back({count, bound});
    }
    m.histogram.sample_count = count;
    m.histogram.sample_sum = seconds(h.sum());
    f.metric.push_back(std::move(m));
  }
  return f;
}

MetricFamily gauge(std::string name, std::string help, std::size_t n) {
  auto f = family(std::move(name), std::move(help), MetricType::Gauge);
  ClientMetric m;
  m.gauge.value = static_cast<double>(n);
  f.metric.push_back(std::move(m));
  return f;
}

/// Answers by model and by why they ended.
MetricFamily successes(const std::vector<engine_figures>& engines) {
  constexpr std::array<const char*, 4> reasons = {"stop", "length", "abort", "deadline"};
  auto f = family("vllm:request_success_total", "Requests that were answered, by how they ended",
                  MetricType::Counter);
  for (const engine_figures& e : engines)
    for (std::size_t i = 0; i < reasons.size(); ++i) {
      ClientMetric m;
      m.label = {{"model_name", e.model}, {"finished_reason", reasons[i]}};
      m.counter.value = static_cast<double>(e.answered[i]);
      f.metric.push_back(std::move(m));
    }
  return f;
}

/// Under vLLM's own names what it counts as well, so that its dashboards serve here.
std::vector<MetricFamily> of_engines(const system_figures& all) {
  const auto counter = MetricType::Counter, level = MetricType::Gauge;
  using engine = const engine_figures&;
  const auto& engines = all.engines;
  return {
      each(engines, "vllm:num_requests_running", "Requests that are being answered", level,
           [](engine e) { return std::max<std::int64_t>(0, e.running - e.waiting); }),
      each(engines, "vllm:num_requests_waiting", "Requests that wait for a place in the batch",
           level, [](engine e) { return e.waiting; }),
      each(engines, "vllm:kv_cache_usage_perc", "Part of the key/value cache in use; 1 is all",
           level, [](engine e) { return e.cache_used; }),
      each(engines, "vllm:prompt_tokens_total", "Tokens of prompts", counter,
           [](engine e) { return e.prompt_tokens; }),
      each(engines, "vllm:generation_tokens_total", "Tokens of answers", counter,
           [](engine e) { return e.output_tokens; }),
      each(engines, "vllm:prefix_cache_hits_total",
           "Tokens of prompts that were in the key/value cache already", counter,
           [](engine e) { return e.reused_tokens; }),
      successes(engines),
      times(engines, "vllm:time_to_first_token_seconds",
            "From the request to the first piece of text", &engine_figures::first_text),
      times(engines, "vllm:e2e_request_latency_seconds", "From the request to its last token",
            &engine_figures::whole),
      each(engines, "troupe_engine_requests_total", "Requests", counter,
           [](engine e) { return e.requests; }),
      each(engines, "troupe_engine_failures_total", "Requests that ended with an error", counter,
           [](engine e) { return e.failures; }),
      each(engines, "troupe_engine_retries_total", "Further tries of a remote engine", counter,
           [](engine e) { return e.retries; }),
      each(engines, "troupe_engine_fallbacks_total", "Requests that another engine was asked",
           counter, [](engine e) { return e.fallbacks; }),
      each(engines, "troupe_engine_cancelled_total", "Requests that nobody wanted any more",
           counter, [](engine e) { return e.cancelled; }),
      each(engines, "troupe_engine_tokens_after_cancel_total",
           "Tokens drawn for requests after that: one each at most", counter,
           [](engine e) { return e.tokens_after_cancel; }),
      each(engines, "troupe_engine_breaker_open", "1 while it is not asked", level,
           [](engine e) { return e.breaker_open ? 1 : 0; }),
  };
}

}  // namespace

std::string metrics_text(const system_figures& all) {
  const auto counter = MetricType::Counter, level = MetricType::Gauge;
  using stage = const stage_figures&;
  std::vector<MetricFamily> families = {
      each(all.stages, "troupe_stage_calls_total", "Calls of a stage", counter,
           [](stage s) { return s.calls; }),
      each(all.stages, "troupe_stage_failures_total",
           "Calls that were answered with an error, or worked on until their time was up", counter,
           [](stage s) { return s.failures; }),
      each(all.stages, "troupe_stage_restarts_total", "Replicas that were put in another's place",
           counter, [](stage s) { return s.restarts; }),
      each(all.stages, "troupe_stage_overruns_total",
           "Calls that answered after nobody waited for them any more", counter,
           [](stage s) { return s.overruns; }),
      each(all.stages, "troupe_stage_outstanding", "Calls that are out", level,
           [](stage s) { return s.outstanding; }),
      each(all.stages, "troupe_stage_replicas_up", "Replicas that take calls", level,
           [](stage s) { return s.replicas_up; }),
      each(all.stages, "troupe_stage_zombies", "Replicas that hang and were replaced", level,
           [](stage s) { return s.zombies; }),
      times(all.stages, "troupe_stage_queue_seconds", "From the call until the stage took it up",
            &stage_figures::queued),
      times(all.stages, "troupe_stage_work_seconds", "How long the stage worked on a call",
            &stage_figures::worked),
      gauge("troupe_conversations_live", "Conversations in memory", all.live_conversations),
      gauge("troupe_reviews_waiting", "Runs' reviews that nobody has decided", all.reviews_waiting),
      gauge("troupe_dead_letters", "Runs that could not be finished", all.dead_letters),
  };
  // A graph without a model has none.
  if (!all.engines.empty()) std::ranges::move(of_engines(all), std::back_inserter(families));
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace troupe
