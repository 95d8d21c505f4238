#include "transport/stage_metrics.hpp"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

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

/// One figure of every stage.
template <class Figure>
MetricFamily by_stage(const system_figures& all, std::string name, std::string help,
                      MetricType type, Figure figure) {
  auto f = family(std::move(name), std::move(help), type);
  for (const stage_figures& s : all.stages) {
    ClientMetric m;
    m.label = {{"stage", s.stage}};
    const auto x = static_cast<double>(figure(s));
    if (type == MetricType::Counter)
      m.counter.value = x;
    else
      m.gauge.value = x;
    f.metric.push_back(std::move(m));
  }
  return f;
}

MetricFamily times(const system_figures& all, std::string name, std::string help,
                   histogram stage_figures::*which) {
  auto f = family(std::move(name), std::move(help), MetricType::Histogram);
  for (const stage_figures& s : all.stages) {
    const histogram& h = s.*which;
    ClientMetric m;
    m.label = {{"stage", s.stage}};
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

}  // namespace

std::string metrics_text(const system_figures& all) {
  const auto counter = MetricType::Counter, level = MetricType::Gauge;
  using stage = const stage_figures&;
  return prometheus::TextSerializer().Serialize({
      by_stage(all, "troupe_stage_calls_total", "Calls of a stage", counter,
               [](stage s) { return s.calls; }),
      by_stage(all, "troupe_stage_failures_total", "Calls that were answered with an error",
               counter, [](stage s) { return s.failures; }),
      by_stage(all, "troupe_stage_restarts_total", "Replicas that were put in another's place",
               counter, [](stage s) { return s.restarts; }),
      by_stage(all, "troupe_stage_overruns_total",
               "Calls that answered after nobody waited for them any more", counter,
               [](stage s) { return s.overruns; }),
      by_stage(all, "troupe_stage_outstanding", "Calls that are out", level,
               [](stage s) { return s.outstanding; }),
      by_stage(all, "troupe_stage_replicas_up", "Replicas that take calls", level,
               [](stage s) { return s.replicas_up; }),
      by_stage(all, "troupe_stage_zombies", "Replicas that hang and were replaced", level,
               [](stage s) { return s.zombies; }),
      times(all, "troupe_stage_queue_seconds", "From the call until the stage took it up",
            &stage_figures::queued),
      times(all, "troupe_stage_work_seconds", "How long the stage worked on a call",
            &stage_figures::worked),
      gauge("troupe_conversations_live", "Conversations in memory", all.live_conversations),
      gauge("troupe_reviews_waiting", "Runs' reviews that nobody has decided", all.reviews_waiting),
      gauge("troupe_dead_letters", "Runs that could not be finished", all.dead_letters),
  });
}

}  // namespace troupe
