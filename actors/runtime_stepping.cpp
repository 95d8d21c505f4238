#include "actors/runtime_stepping.hpp"

#include <caf/scheduler/test_coordinator.hpp>

namespace troupe {

namespace {

class coordinator_stepping final : public stepping {
 public:
  explicit coordinator_stepping(runtime::inside& in)
      : inside_(in),
        coordinator_(dynamic_cast<caf::scheduler::test_coordinator&>(in.system->scheduler())) {}

  std::size_t ready() const override { return coordinator_.jobs.size(); }

  void run(std::size_t which) override {
    auto& jobs = coordinator_.jobs;
    const auto chosen = jobs.begin() + static_cast<std::ptrdiff_t>(which);
    std::rotate(jobs.begin(), chosen, chosen + 1);
    coordinator_.run_once();
  }

  std::optional<duration> next_timer() const override {
    const auto& clock = coordinator_.clock();
    if (clock.schedule().empty()) return std::nullopt;
    const auto due = clock.schedule().begin()->first;
    if (due <= clock.current_time) return duration(0);
    return std::chrono::ceil<duration>(due - clock.current_time);
  }

  void advance(duration by) override { coordinator_.advance_time(by); }

  std::size_t journal_waiting() const override { return inside_.journal->waiting(); }
  void write_journal(std::size_t count) override { inside_.journal->write_oldest(count); }

  std::size_t actors() const override { return inside_.system->registry().running(); }

  std::size_t end() override {
    inside_.end_actors();
    coordinator_.run();
    return actors();
  }

 private:
  runtime::inside& inside_;
  caf::scheduler::test_coordinator& coordinator_;
};

}  // namespace

std::unique_ptr<stepping> make_stepping(runtime::inside& in) {
  return std::make_unique<coordinator_stepping>(in);
}

}  // namespace troupe
