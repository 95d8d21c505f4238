#pragma once
// An engine that answers from a script, in place of a model: graphs are tried with it offline, and
// every time alike.

#include "pipeline/engine_script.hpp"
#include "pipeline/services.hpp"
#include "pipeline/skipping_clock.hpp"

#include <mutex>

namespace troupe {

/// A token is counted as four bytes, rounded up. Thread-safe; calls are answered one after another.
class scripted_engine final : public engine {
 public:
  /// `name` is how errors call it; `time` is skipped by what an answer `takes`, and outlives it.
  scripted_engine(std::string name, skipping_clock& time) : name_(std::move(name)), time_(time) {}

  /// From now on answers come from here, from its beginning.
  void play(engine_script script);

  /// Stop strings and `max_tokens` are kept. A prompt that no rule holds for is the error `failed`,
  /// with the prompt in it; an answer that takes longer than the request's deadline allows comes
  /// back empty, as of a model that ran out of time.
  result<generation> generate(const generation_request& request,
                              const std::function<void(std::string_view)>& on_text) override;

 private:
  result<scripted_answer> next_answer(const std::string& asked);

  std::string name_;
  skipping_clock& time_;
  std::mutex mutex_;
  engine_script script_;
  std::vector<std::size_t> given_;  ///< by rule
};

}  // namespace troupe
