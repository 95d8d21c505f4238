#include "model/guarded_engine.hpp"

#include <algorithm>
#include <atomic>
#include <mutex>

namespace troupe {

namespace {

/// What an error says of the engine.
struct verdict {
  bool steps_aside;  ///< another engine may do better
  bool is_down;      ///< counts towards the breaker
};

verdict meaning_of(errc code) {
  switch (code) {
    case errc::unavailable:
    case errc::timeout:
    case errc::rate_limited:
    case errc::unauthorized:
    case errc::forbidden:
    case errc::not_found:
    case errc::internal:
    case errc::crashed:
    case errc::dropped:
      return {true, true};
    case errc::overloaded:
      return {true, false};
    default:
      return {false, false};
  }
}

class present {
 public:
  explicit present(std::atomic<int>& count) : count_(count) { ++count_; }
  ~present() { --count_; }
  present(const present&) = delete;
  present& operator=(const present&) = delete;

 private:
  std::atomic<int>& count_;
};

class guarded_engine final : public resilient_engine {
 public:
  guarded_engine(std::shared_ptr<engine> inner, guard_options options)
      : inner_(std::move(inner)), options_(std::move(options)), breaker_(options_.breaker) {}

  result<engine_answer> answer(const engine_call& call) override {
    if (const auto refused = refusal(call))
      return options_.fallback ? fall_back(call, call.request, *refused)
                               : result<engine_answer>(*refused);
    ++requests_;
    bool shown = false;
    std::int64_t wasted = 0;
    const auto begun = options_.time->now();
    std::optional<duration> first;
    engine_call asked = call;
    asked.on_text = [&](std::string_view piece) {
      shown = true;
      if (!first) first = options_.time->now() - begun;
      if (call.on_text) call.on_text(piece);
    };
    asked.wasted = [&](usage u) {
      wasted += u.tokens;
      if (call.wasted) call.wasted(u);
    };
    if (call.rewind)
      asked.rewind = [&] {
        shown = false;
        call.rewind();
      };
    if (options_.fallback) asked.begin_by = half_time(call);
    auto answered = [&] {
      const present here(running_);
      return ask(*inner_, asked);
    }();
    judge(answered, first, options_.time->now() - begun);
    if (answered) return answered;
    const auto& request = call.request;
    const bool late = request.cancel.stop_requested() || options_.time->now() >= request.deadline;
    if (!options_.fallback || !meaning_of(answered.error().code).steps_aside || late ||
        (shown && !call.rewind))
      return answered;
    if (shown) call.rewind();
    if (call.wasted) call.wasted({.model_calls = 1, .tokens = 0});
    generation_request rest = request;
    rest.total_tokens -= wasted;
    return fall_back(call, rest, answered.error());
  }

  engine_figures figures() const override {
    engine_figures f = figures_of(*inner_);
    f.model = options_.name;
    f.requests = requests_;
    f.running = running_;
    std::lock_guard lock(mutex_);
    f.failures = kept_.failures;
    f.fallbacks = kept_.fallbacks;
    f.prompt_tokens = kept_.prompt_tokens;
    f.output_tokens = kept_.output_tokens;
    f.answered = kept_.answered;
    f.first_text = kept_.first_text;
    f.whole = kept_.whole;
    f.breaker_open = breaker_.now() != breaker::state::closed;
    return f;
  }

 private:
  /// Nothing if the engine may be asked.
  std::optional<error> refusal(const engine_call& call) {
    std::lock_guard lock(mutex_);
    const auto now = options_.time->now();
    if (call.again && failed_last_ && options_.fallback)
      return error{errc::unavailable, "model `" + options_.name + "` has just failed"};
    if (breaker_.admit(now)) return std::nullopt;
    return error{errc::unavailable,
                 "model `" + options_.name + "` has failed too often and is left alone for a while",
                 std::chrono::ceil<std::chrono::milliseconds>(breaker_.wait(now))};
  }

  time_point half_time(const engine_call& call) const {
    if (call.request.deadline == time_point::max()) return call.begin_by;
    const auto now = options_.time->now();
    return std::min(call.begin_by, now + (call.request.deadline - now) / 2);
  }

  void judge(const result<engine_answer>& answered, std::optional<duration> first, duration took) {
    std::lock_guard lock(mutex_);
    const auto* made = answered ? &answered->made : nullptr;
    const bool silent = made && made->reason == finish_reason::deadline && made->text.empty();
    const bool down = silent || (!made && meaning_of(answered.error().code).is_down);
    if (!made || silent) ++kept_.failures;
    if (first) kept_.first_text.add(*first);
    kept_.whole.add(took);
    if (made) {
      kept_.prompt_tokens += static_cast<std::uint64_t>(made->prompt_tokens);
      kept_.output_tokens += static_cast<std::uint64_t>(made->output_tokens);
      ++kept_.answered[static_cast<std::size_t>(made->reason)];
    }
    if (down) {
      breaker_.failed(options_.time->now());
      failed_last_ = true;
    } else if (!made || made->reason == finish_reason::cancelled) {
      breaker_.undecided();
    } else {
      breaker_.succeeded();
      failed_last_ = false;
    }
  }

  result<engine_answer> fall_back(const engine_call& call, const generation_request& request,
                                  const error& why) {
    {
      std::lock_guard lock(mutex_);
      ++kept_.fallbacks;
    }
    auto answered = ask(*options_.fallback, {.request = request,
                                             .on_text = call.on_text,
                                             .rewind = call.rewind,
                                             .wasted = call.wasted,
                                             .begin_by = call.begin_by,
                                             .again = call.again});
    if (!answered)
      answered.error().message = why.message + "; its fallback: " + answered.error().message;
    return answered;
  }

  const std::shared_ptr<engine> inner_;
  const guard_options options_;
  mutable std::mutex mutex_;
  breaker breaker_;
  bool failed_last_ = false;
  engine_figures kept_;  ///< what is counted under the lock
  std::atomic<std::uint64_t> requests_{0};
  std::atomic<int> running_{0};
};

}  // namespace

std::shared_ptr<resilient_engine> make_guarded_engine(std::shared_ptr<engine> inner,
                                                      guard_options options) {
  return std::make_shared<guarded_engine>(std::move(inner), std::move(options));
}

}  // namespace troupe
