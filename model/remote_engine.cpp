#include "model/remote_engine.hpp"

#include "model/access_token.hpp"
#include "model/remote_chat.hpp"
#include "model/remote_failure.hpp"
#include "model/sse_reader.hpp"
#include "model/text_stream.hpp"
#include "model/token_estimate.hpp"
#include "pipeline/retry.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>

namespace troupe {

namespace {

constexpr std::size_t largest_answer = std::size_t{64} << 20;

/// False if `cancel` was set before the time was over.
bool wait(duration time, const std::stop_token& cancel) {
  std::mutex mutex;
  std::condition_variable_any changed;
  std::unique_lock lock(mutex);
  changed.wait_for(lock, cancel, time, [] { return false; });
  return !cancel.stop_requested();
}

/// `text` without a secret that the server may have repeated.
std::string without(std::string text, const std::string& secret) {
  if (secret.empty()) return text;
  for (std::size_t at; (at = text.find(secret)) != text.npos;) text.replace(at, secret.size(), "…");
  return text;
}

/// One try: the answer as it comes, until it is whole or something is wrong with it.
class chat_try {
 public:
  chat_try(const engine_call& call, const clock& time, time_point begin_by)
      : call_(call),
        request_(call.request),
        time_(time),
        begin_by_(begin_by),
        text_(call.request.stop) {}

  http_body take(const http_response& head, std::string_view bytes) {
    if (!kind_) kind_ = kind_of(head);
    if (*kind_ == kind::events) {
      auto read = events_.push(
          bytes, [&](std::string_view data) { return take_piece(answer_.take_event(data)); });
      if (!read) broken_ = failure_of(std::move(read).error());
    } else if (*kind_ == kind::whole) {
      whole_ += bytes;
    } else {
      broken_ = {
          {errc::unavailable, "the API answered with `" + std::string(head.header("Content-Type")) +
                                  "`, which is no chat completion; is `url` right?"},
          ask_again::never};
    }
    if (!broken_ && !begun_ && time_.now() >= begin_by_)
      broken_ = failure_of(error{errc::timeout, "no text has come for too long"});
    if (broken_ || text_.stopped() || request_.cancel.stop_requested()) return http_body::stop;
    return answer_.over() ? http_body::enough : http_body::more;
  }

  /// What has come of it, when the exchange is over.
  std::optional<remote_failure> end(const result<http_response>& response) {
    if (broken_) return broken_;
    if (text_.stopped()) return std::nullopt;
    if (!response) return failure_of(response.error());
    if (response->status / 100 != 2) return failure_of(*response, time_.now());
    if (kind_ == kind::whole) take_piece(answer_.take_whole(whole_));
    if (broken_ || text_.stopped()) return broken_;
    auto reason = answer_.end();
    if (!reason) return failure_of(std::move(reason).error());
    made_.reason = *reason;
    return std::nullopt;
  }

  /// The text so far, with what a stop string held back.
  engine_answer finish(std::int64_t prompt_estimate) {
    if (made_.reason != finish_reason::cancelled) show(text_.finish());
    made_.prompt_tokens = answer_.prompt_tokens() >= 0 ? answer_.prompt_tokens() : prompt_estimate;
    made_.output_tokens = answer_.output_tokens() >= 0 ? answer_.output_tokens() : written();
    return {std::move(made_), std::move(reasoning_)};
  }
  engine_answer finish(finish_reason reason, std::int64_t prompt_estimate) {
    made_.reason = reason;
    return finish(prompt_estimate);
  }

  /// Whether the caller was given text.
  bool shown() const noexcept { return !made_.text.empty(); }
  /// Tokens that a try has used which began to answer.
  std::int64_t spent(std::int64_t prompt_estimate) const {
    return begun_ ? prompt_estimate + written() : 0;
  }

 private:
  enum class kind : std::uint8_t { events, whole, other };

  static kind kind_of(const http_response& head) {
    const auto type = head.header("Content-Type");
    auto is = [&](std::string_view name) {
      return type.size() >= name.size() && same_header_name(type.substr(0, name.size()), name);
    };
    return is("text/event-stream")  ? kind::events
           : is("application/json") ? kind::whole
                                    : kind::other;
  }

  bool take_piece(result<chat_piece> piece) {
    if (!piece) {
      broken_ = failure_of(std::move(piece).error());
      return false;
    }
    if (request_.cancel.stop_requested()) return false;
    begun_ |= !piece->text.empty() || !piece->reasoning.empty();
    reasoning_ += piece->reasoning;
    raw_ += piece->text;
    show(text_.push(piece->text));
    return !text_.stopped() && !answer_.over();
  }

  void show(const std::string& text) {
    if (text.empty()) return;
    made_.text += text;
    if (call_.on_text) call_.on_text(text);
  }

  std::int64_t written() const { return estimated_tokens(raw_) + estimated_tokens(reasoning_); }

  const engine_call& call_;
  const generation_request& request_;
  const clock& time_;
  const time_point begin_by_;
  std::optional<kind> kind_;
  sse_reader events_;
  chat_answer answer_;
  text_stream text_;
  generation made_;
  std::string reasoning_, whole_, raw_;
  bool begun_ = false;
  std::optional<remote_failure> broken_;
};

class remote_engine final : public resilient_engine {
 public:
  remote_engine(remote_options options, std::shared_ptr<http_streamer> http, const clock& time,
                entropy& random)
      : options_(std::move(options)), http_(std::move(http)), time_(time), random_(random) {
    if (options_.oauth) token_.emplace(*options_.oauth, *http_, time_);
  }

  engine_figures figures() const override {
    engine_figures f;
    f.retries = retries_.load();
    return f;
  }

  result<engine_answer> answer(const engine_call& call) override {
    const generation_request& request = call.request;
    const std::int64_t prompt = estimated_tokens(request.messages);
    std::int64_t left = request.total_tokens;
    bool renewed = false;
    for (int attempt = 1;; ++attempt) {
      if (left - prompt <= 0)
        return error{errc::budget, "model `" + options_.name + "`: the prompt has about " +
                                       std::to_string(prompt) + " tokens, and " +
                                       std::to_string(std::max<std::int64_t>(0, left)) +
                                       " are left"};
      auto bearer = bearer_token(call);
      chat_try one(call, time_, begin_by(call));
      const auto failed =
          bearer ? try_once(one, call, std::min(request.max_tokens, left - prompt), *bearer)
                 : std::optional(failure_of(std::move(bearer).error()));
      if (!failed) return one.finish(prompt);
      if (request.cancel.stop_requested()) return one.finish(finish_reason::cancelled, prompt);
      if (time_.now() >= request.deadline) return one.finish(finish_reason::deadline, prompt);

      const std::int64_t spent = one.spent(prompt);
      left -= spent;
      const bool renews = failed->again == ask_again::with_new_token && token_ && !renewed;
      const auto pause = renews ? duration(0) : pause_before(attempt + 1, failed->what);
      const bool again = renews || (failed->again == ask_again::later && is_worth(call, pause) &&
                                    attempt < options_.retry.attempts);
      if (!again || (one.shown() && !call.rewind)) {
        if (call.wasted && spent > 0) call.wasted({.model_calls = 0, .tokens = spent});
        return told(failed->what, bearer ? *bearer : std::string());
      }
      if (call.wasted) call.wasted({.model_calls = 1, .tokens = spent});
      if (one.shown()) call.rewind();
      if (renews) {
        renewed = true;
        --attempt;
        token_->refused(*bearer);
      }
      ++retries_;
      if (!wait(pause, request.cancel))
        return engine_answer{{.text = {}, .reason = finish_reason::cancelled}, {}};
    }
  }

 private:
  result<std::string> bearer_token(const engine_call& call) {
    if (token_)
      return token_->get(call.request.cancel, std::min(call.request.deadline, call.begin_by));
    return options_.api_key;
  }

  time_point begin_by(const engine_call& call) const {
    return std::min(call.begin_by, time_.now() + options_.first_token);
  }

  std::optional<remote_failure> try_once(chat_try& one, const engine_call& call,
                                         std::int64_t max_tokens, const std::string& bearer) {
    http_request h;
    h.method = "POST";
    h.url = options_.url + "/chat/completions";
    h.headers = {{"Content-Type", "application/json"}, {"Accept", "text/event-stream"}};
    if (!bearer.empty()) h.headers.emplace_back("Authorization", "Bearer " + bearer);
    h.body = chat_request(options_, call.request, max_tokens);
    h.max_body = largest_answer;
    const auto wait_for_text = begin_by(call) - time_.now();
    return one.end(http_->stream(
        h, {std::min(options_.connect, wait_for_text), wait_for_text, options_.idle},
        [&](const http_response& head, std::string_view bytes) { return one.take(head, bytes); },
        call.request.cancel, call.request.deadline));
  }

  duration pause_before(int attempt, const error& failed) {
    return retry_pause(options_.retry, failed, attempt, random_.draw());
  }

  /// Whether a pause of that length leaves anything to wait for.
  bool is_worth(const engine_call& call, duration pause) const {
    if (pause > std::max(options_.retry.backoff_min, options_.retry.backoff_max)) return false;
    const auto latest = std::min(call.request.deadline, call.begin_by);
    return latest == time_point::max() || time_.now() + pause < latest;
  }

  error told(error e, const std::string& bearer) const {
    e.message = "model `" + options_.name + "`: " + without(std::move(e.message), bearer);
    return e;
  }

  const remote_options options_;
  const std::shared_ptr<http_streamer> http_;
  const clock& time_;
  entropy& random_;
  std::optional<access_token> token_;
  std::atomic<std::uint64_t> retries_{0};
};

}  // namespace

std::shared_ptr<resilient_engine> make_remote_engine(remote_options options,
                                                     std::shared_ptr<http_streamer> http,
                                                     const clock& time, entropy& random) {
  return std::make_shared<remote_engine>(std::move(options), std::move(http), time, random);
}

}  // namespace troupe
