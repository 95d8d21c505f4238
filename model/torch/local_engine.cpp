#include "model/torch/local_engine.hpp"

#include "model/chat_prompt.hpp"
#include "model/sampler.hpp"
#include "model/text_stream.hpp"
#include "model/torch/decoder.hpp"

#include <algorithm>
#include <condition_variable>
#include <limits>
#include <mutex>
#include <numeric>

namespace troupe {

namespace {

/// So many tokens of a prompt are read at once: enough to fill the cores, few enough that a
/// cancelled request ends soon and that the scores, chunk times length, stay small.
constexpr std::size_t prompt_chunk = 256;

constexpr std::int64_t block_size = 32;

/// One decode at a time, as two would only share the same cores. A request that waits can be
/// cancelled, and its deadline can pass.
class turnstile {
 public:
  bool enter(const std::stop_token& cancel, time_point deadline) {
    std::unique_lock lock(mutex_);
    // A wait until the end of time would overflow the library's own clock.
    const auto latest = std::min(deadline, system_clock().now() + std::chrono::hours(24 * 365));
    if (!free_.wait_until(lock, cancel, latest, [this] { return !busy_; })) return false;
    busy_ = true;
    return true;
  }

  void leave() {
    {
      std::lock_guard lock(mutex_);
      busy_ = false;
    }
    free_.notify_one();
  }

 private:
  std::mutex mutex_;
  std::condition_variable_any free_;
  bool busy_ = false;
};

/// Where and in what precision a model runs.
result<std::pair<torch::Device, at::ScalarType>> place_of(const engine_options& o) {
  const bool cuda = torch::cuda::is_available();
  if (o.device.starts_with("cuda") && !cuda)
    return error{errc::unavailable, "device `" + o.device + "` is not there; use `cpu` or `auto`"};
  const torch::Device device(o.device == "auto" ? (cuda ? "cuda" : "cpu") : o.device);
  switch (o.dtype) {
    case engine_dtype::f32:
      return std::pair(device, at::kFloat);
    case engine_dtype::bf16:
      return std::pair(device, at::kBFloat16);
    case engine_dtype::f16:
      if (device.is_cpu())
        return error{errc::invalid_request,
                     "dtype `fp16` needs a CUDA device; a CPU has no "
                     "16-bit products here: use `fp32` or `bf16`"};
      return std::pair(device, at::kHalf);
    case engine_dtype::automatic:
      break;
  }
  return std::pair(device, device.is_cpu() ? at::kFloat : at::kHalf);
}

class local_engine final : public language_model {
 public:
  local_engine(std::shared_ptr<const decoder> model, std::shared_ptr<const tokenizer> words)
      : model_(std::move(model)), words_(std::move(words)) {
    const auto count = (model_->config().context + block_size - 1) / block_size;
    store_ = model_->make_store(count, block_size);
    blocks_.resize(static_cast<std::size_t>(count));
    std::iota(blocks_.begin(), blocks_.end(), 0);
  }

  const tokenizer& words() const noexcept override { return *words_; }

  result<completion> complete(const completion_request& request) override try {
    if (auto wrong = refuse(request.ids)) return *std::move(wrong);
    completion out;
    if (!turnstile_.enter(request.cancel, request.deadline)) {
      out.reason = interrupted(request).value_or(finish_reason::deadline);
      return out;
    }
    const exit at_end{turnstile_};
    random_source random(request.seed);
    const auto room = model_->config().context - std::ssize(request.ids);
    std::vector<token_id> ids = request.ids;
    std::int64_t read = 0;
    while (std::ssize(out.ids) < std::min(request.max_tokens, room)) {
      if (auto reason = interrupted(request)) {
        out.reason = *reason;
        break;
      }
      const auto logits = read_up_to(ids, read);
      if (logits.empty()) continue;
      const token_id id = sample_token(logits, request.sampling, random);
      out.ids.push_back(id);
      out.log_probabilities.push_back(log_probability(logits, id));
      if (ends(id, {})) {
        out.reason = finish_reason::stop;
        break;
      }
      ids.push_back(id);
    }
    return out;
  } catch (const c10::Error& e) {
    return error{errc::internal, std::string("the model failed: ") + e.what_without_backtrace()};
  }

  result<generation> generate(const generation_request& request,
                              const std::function<void(std::string_view)>& on_text) override try {
    const chat_prompt prompt = make_chat_prompt(*words_, model_->config().begin, request.messages);
    if (auto wrong = refuse(prompt.ids)) return *std::move(wrong);
    if (std::ssize(prompt.ids) >= request.total_tokens)
      return error{errc::budget, "the prompt has " + std::to_string(prompt.ids.size()) +
                                     " tokens, and only " + std::to_string(request.total_tokens) +
                                     " are left"};
    if (!turnstile_.enter(request.cancel, request.deadline))
      return generation{.text = {},
                        .reason = interrupted(request).value_or(finish_reason::deadline),
                        .prompt_tokens = std::ssize(prompt.ids)};
    const exit at_end{turnstile_};
    return decode(request, prompt, on_text);
  } catch (const c10::Error& e) {
    return error{errc::internal, std::string("the model failed: ") + e.what_without_backtrace()};
  }

 private:
  struct exit {
    turnstile& t;
    ~exit() { t.leave(); }
  };

  /// Reads the next part of `ids`, of which `read` are read already. Gives the scores of the token
  /// that follows, or nothing if there is more to read.
  std::span<const float> read_up_to(std::span<const token_id> ids, std::int64_t& read) {
    const auto unread = ids.subspan(static_cast<std::size_t>(read));
    const bool all = unread.size() <= prompt_chunk;
    const sequence_rows rows{.tokens = all ? unread : unread.first(prompt_chunk),
                             .from = read,
                             .length = std::ssize(ids),
                             .blocks = blocks_,
                             .wants_scores = all};
    scores_ = model_->forward({&rows, 1}, store_);
    read += std::ssize(rows.tokens);
    if (!all) return {};
    return {scores_.data_ptr<float>(), static_cast<std::size_t>(scores_.numel())};
  }

  std::optional<error> refuse(const std::vector<token_id>& ids) const {
    const model_config& c = model_->config();
    if (ids.empty()) return error{errc::invalid_request, "the prompt is empty"};
    if (std::ssize(ids) >= c.context)
      return error{errc::invalid_request, "the prompt has " + std::to_string(ids.size()) +
                                              " tokens; the model's context holds " +
                                              std::to_string(c.context) +
                                              ": shorten the history or the passages"};
    for (token_id id : ids)
      if (id < 0 || id >= c.vocabulary)
        return error{errc::invalid_request, "token " + std::to_string(id) +
                                                " is outside of the model's vocabulary: the "
                                                "tokenizer belongs to another model"};
    return std::nullopt;
  }

  bool ends(token_id id, const chat_prompt& prompt) const {
    auto has = [id](const std::vector<token_id>& ids) {
      return std::find(ids.begin(), ids.end(), id) != ids.end();
    };
    return has(model_->config().end) || has(prompt.end);
  }

  static std::optional<finish_reason> interrupted(const auto& request) {
    if (request.cancel.stop_requested()) return finish_reason::cancelled;
    if (request.deadline != time_point::max() && system_clock().now() >= request.deadline)
      return finish_reason::deadline;
    return std::nullopt;
  }

  std::vector<token_id> banned_ids(const generation_request& request) const {
    std::vector<token_id> out;
    for (const std::string& text : request.banned)
      if (auto id = words_->control(text); id && *id < model_->config().vocabulary)
        out.push_back(*id);
    return out;
  }

  generation decode(const generation_request& request, const chat_prompt& prompt,
                    const std::function<void(std::string_view)>& on_text) {
    generation out{
        .text = {}, .reason = finish_reason::length, .prompt_tokens = std::ssize(prompt.ids)};
    text_stream stream(request.stop);
    auto show = [&](const std::string& text) {
      out.text += text;
      if (!text.empty() && on_text) on_text(text);
    };
    const sampling_options sampling{request.temperature, request.top_p, request.top_k};
    random_source random(request.seed);
    const auto banned = banned_ids(request);
    std::vector<token_id> ids = prompt.ids;
    std::int64_t read = 0;
    const auto room = model_->config().context - std::ssize(prompt.ids);
    const auto limit =
        std::min({request.max_tokens, room, request.total_tokens - std::ssize(prompt.ids)});
    while (out.output_tokens < limit) {
      if (auto reason = interrupted(request)) {
        out.reason = *reason;
        break;
      }
      const auto logits = read_up_to(ids, read);
      if (logits.empty()) continue;
      for (token_id id : banned)
        scores_.data_ptr<float>()[id] = -std::numeric_limits<float>::infinity();
      const token_id id = sample_token(logits, sampling, random);
      ++out.output_tokens;
      if (ends(id, prompt)) {
        out.reason = finish_reason::stop;
        break;
      }
      show(stream.push(words_->piece(ids.back(), id)));
      if (stream.stopped()) {
        out.reason = finish_reason::stop;
        break;
      }
      ids.push_back(id);
    }
    show(stream.finish());
    return out;
  }

  const std::shared_ptr<const decoder> model_;
  const std::shared_ptr<const tokenizer> words_;
  kv_store store_;                    ///< of the one sequence that is decoded
  std::vector<std::int32_t> blocks_;  ///< all of it
  torch::Tensor scores_;
  turnstile turnstile_;
};

}  // namespace

result<std::shared_ptr<language_model>> open_local_engine(const std::filesystem::path& folder,
                                                          const engine_options& options) try {
  auto config = read_model_config(folder);
  if (!config) return config.error();
  auto place = place_of(options);
  if (!place) return place.error();
  auto words = open_tokenizer(folder, config->vocabulary);
  if (!words) return words.error();
  auto files = weight_files::open(folder);
  if (!files) return files.error();
  auto model = decoder::load(*config, *files, place->first, place->second);
  if (!model) return model.error();
  return std::shared_ptr<language_model>(
      std::make_shared<local_engine>(*std::move(model), *std::move(words)));
} catch (const c10::Error& e) {
  return error{errc::internal,
               "cannot load `" + folder.string() + "`: " + e.what_without_backtrace()};
}

}  // namespace troupe
