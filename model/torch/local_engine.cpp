#include "model/torch/local_engine.hpp"

#include "model/answer.hpp"
#include "model/chat_prompt.hpp"
#include "model/cpu_linear.hpp"
#include "model/json_constraints.hpp"
#include "model/torch/decode_loop.hpp"

#include <algorithm>
#include <future>

namespace troupe {

namespace {

bool is_stored_in_16_bits(const weight_files& files) {
  const auto [file, entry] = files.find("model.embed_tokens.weight");
  return entry && bytes_of(entry->type) == 2;
}

result<decoder_place> place_of(const engine_options& o, const weight_files& files) {
  const bool cuda = torch::cuda::is_available();
  if (o.device.starts_with("cuda") && !cuda)
    return error{errc::unavailable, "device `" + o.device + "` is not there; use `cpu` or `auto`"};
  const torch::Device device(o.device == "auto" ? (cuda ? "cuda" : "cpu") : o.device);
  auto chosen = [&](at::ScalarType type, weight_form form = weight_form::as_type) {
    return decoder_place{device, type, form, o.cpu_kernels};
  };
  auto refused = [](const std::string& why) { return error{errc::invalid_request, why}; };
  switch (o.dtype) {
    case engine_dtype::f32:
      return chosen(at::kFloat);
    case engine_dtype::bf16:
      return chosen(at::kBFloat16);
    case engine_dtype::f16:
      if (device.is_cpu())
        return refused(
            "dtype `fp16` needs a CUDA device; a CPU has no 16-bit products of this "
            "kind here: use `fp32` or `bf16`");
      return chosen(at::kHalf);
    case engine_dtype::int8:
      if (!device.is_cpu()) return refused("dtype `int8` is for a CPU: use `fp16` on this device");
      if (!has_cpu_kernels() || !o.cpu_kernels)
        return refused("dtype `int8` needs a CPU with AVX-512, VNNI and BF16: use `fp32`");
      return chosen(at::kBFloat16, weight_form::eight_bits);
    case engine_dtype::automatic:
      break;
  }
  if (!device.is_cpu()) return chosen(at::kHalf);
  const bool short_weights = has_cpu_kernels() && is_stored_in_16_bits(files);
  return chosen(short_weights ? at::kBFloat16 : at::kFloat);
}

/// Without a wish, as much as all sequences of a full batch can use, but no more than this.
constexpr std::int64_t usual_cache_bytes = std::int64_t{1} << 30;

scheduler_options schedule_of(const decoder& model, const engine_options& o) {
  scheduler_options out{.max_running = o.batch, .max_waiting = o.queue};
  const auto block_bytes = model.bytes_per_token() * out.block_size;
  const auto block_of_all =
      (model.config().context + out.block_size - 1) / out.block_size * o.batch;
  const auto bytes = o.cache_bytes > 0 ? o.cache_bytes : usual_cache_bytes;
  out.blocks = std::clamp<std::int64_t>(bytes / block_bytes, 1, block_of_all);
  return out;
}

class local_engine final : public language_model {
 public:
  local_engine(std::shared_ptr<const decoder> model, std::shared_ptr<const tokenizer> words,
               chat_template style, bool thinking, const scheduler_options& schedule)
      : words_(std::move(words)),
        constraints_(words_),
        style_(std::move(style)),
        thinking_(thinking),
        loop_(std::move(model), schedule) {}

  result<generation> generate(const generation_request& request,
                              const std::function<void(std::string_view)>& on_text) override {
    return generate_without({}, request, on_text);
  }

  result<generation> generate_without(
      std::span<const token_id> banned, const generation_request& request,
      const std::function<void(std::string_view)>& on_text) override {
    // A document is no thought.
    const bool thinks = thinking_ && request.json_schema.empty();
    const chat_prompt prompt = make_chat_prompt(style_, *words_, config().begin, request.messages,
                                                {.thinking = thinks});
    if (auto wrong = refuse(prompt.ids)) return *std::move(wrong);
    const auto given = std::ssize(prompt.ids);
    if (given >= request.total_tokens)
      return error{errc::budget, "the prompt has " + std::to_string(given) + " tokens, and only " +
                                     std::to_string(request.total_tokens) + " are left"};
    const auto limit =
        std::min({request.max_tokens, loop_.longest() - given, request.total_tokens - given});
    const auto early =
        limit < 1 ? finish_reason::length : interrupted(request.cancel, request.deadline);
    if (early) return generation{.text = {}, .reason = *early, .prompt_tokens = given};

    auto constraint = constraint_for(request.json_schema, prompt.end, limit);
    if (!constraint) return std::move(constraint).error();
    const auto text = std::make_shared<answer>(request.stop);
    loop_.submit({.prompt = prompt.ids,
                  .max_tokens = limit,
                  .sampling = sampling_of(request, banned),
                  .constraint = *std::move(constraint),
                  .seed = request.seed,
                  .log_probabilities = request.log_probabilities,
                  .cancel = request.cancel,
                  .deadline = request.deadline,
                  .on_token =
                      [this, text, more_ends = prompt.end, last = prompt.ids.back()](
                          token_id id, double log_probability) mutable {
                        if (is_in(config().end, id) || is_in(more_ends, id)) {
                          text->count_last(log_probability);
                          return false;
                        }
                        return text->push(words_->piece(std::exchange(last, id), id),
                                          log_probability);
                      },
                  .on_end = [text](result<finish_reason> how) { text->end(std::move(how)); }});
    auto out = text->wait(request.cancel, request.deadline, on_text);
    if (out) out->prompt_tokens = given;
    return out;
  }

  result<completion> complete(const completion_request& request) override {
    if (auto wrong = refuse(request.ids)) return *std::move(wrong);
    const auto limit = std::min(request.max_tokens, loop_.longest() - std::ssize(request.ids));
    if (limit < 1) return completion{};
    auto constraint = constraint_for(request.json_schema, {}, limit);
    if (!constraint) return std::move(constraint).error();
    struct shared {
      completion out;
      std::promise<result<finish_reason>> end;
    };
    const auto state = std::make_shared<shared>();
    auto end = state->end.get_future();
    loop_.submit(
        {.prompt = request.ids,
         .max_tokens = limit,
         .sampling = request.sampling,
         .constraint = *std::move(constraint),
         .seed = request.seed,
         .log_probabilities = true,
         .cancel = request.cancel,
         .deadline = request.deadline,
         .on_token =
             [this, state, ignore_end = request.ignore_end](token_id id, double log_probability) {
               state->out.ids.push_back(id);
               state->out.log_probabilities.push_back(log_probability);
               return ignore_end || !is_in(config().end, id);
             },
         .on_end = [state](result<finish_reason> how) { state->end.set_value(std::move(how)); }});
    const auto how = end.get();
    if (!how) return how.error();
    state->out.reason = *how;
    return std::move(state->out);
  }

  const tokenizer& words() const noexcept override { return *words_; }
  engine_load load() const override { return loop_.load(); }
  engine_facts facts() const override { return loop_.facts(); }

 private:
  /// Null without a schema. `ends`: tokens that end this text besides the model's own.
  result<std::shared_ptr<token_constraint>> constraint_for(const std::string& schema,
                                                           std::vector<token_id> ends,
                                                           std::int64_t limit) {
    if (schema.empty()) return std::shared_ptr<token_constraint>();
    ends.insert(ends.end(), config().end.begin(), config().end.end());
    return constraints_.make(schema, std::move(ends), limit);
  }

  const model_config& config() const noexcept { return loop_.model().config(); }

  static bool is_in(const std::vector<token_id>& ids, token_id id) {
    return std::ranges::find(ids, id) != ids.end();
  }

  sampling_options sampling_of(const generation_request& r,
                               std::span<const token_id> banned) const {
    sampling_options out{.temperature = r.temperature,
                         .top_p = r.top_p,
                         .top_k = r.top_k,
                         .min_p = r.min_p,
                         .repetition_penalty = r.repetition_penalty,
                         .banned = {banned.begin(), banned.end()}};
    for (const std::string& text : r.banned) {
      const auto ids = words_->encode(text, control_tokens::as_text);
      if (auto id = words_->control(text))
        out.banned.push_back(*id);
      else if (ids.size() == 1)
        out.banned.push_back(ids[0]);
    }
    return out;
  }

  std::optional<error> refuse(const std::vector<token_id>& ids) const {
    if (ids.empty()) return error{errc::invalid_request, "the prompt is empty"};
    if (std::ssize(ids) >= loop_.longest())
      return error{errc::invalid_request, "the prompt has " + std::to_string(ids.size()) +
                                              " tokens; the model's context holds " +
                                              std::to_string(loop_.longest()) +
                                              ": shorten the history or the passages"};
    for (token_id id : ids)
      if (id < 0 || id >= config().vocabulary)
        return error{errc::invalid_request, "token " + std::to_string(id) +
                                                " is outside of the model's vocabulary: the "
                                                "tokenizer belongs to another model"};
    return std::nullopt;
  }

  const std::shared_ptr<const tokenizer> words_;
  json_constraints constraints_;
  const chat_template style_;
  const bool thinking_;
  decode_loop loop_;
};

}  // namespace

result<std::shared_ptr<language_model>> open_local_engine(const std::filesystem::path& folder,
                                                          const engine_options& options) try {
  auto config = read_model_config(folder);
  if (!config) return config.error();
  auto words = open_tokenizer(folder, config->vocabulary);
  if (!words) return words.error();
  auto files = weight_files::open(folder);
  if (!files) return files.error();
  const auto place = place_of(options, *files);
  if (!place) return place.error();
  auto model = decoder::load(*config, *files, *place);
  if (!model) return model.error();
  const auto schedule = schedule_of(**model, options);
  return std::shared_ptr<language_model>(std::make_shared<local_engine>(
      *std::move(model), *words, read_chat_template(folder, **words), options.thinking, schedule));
} catch (const c10::Error& e) {
  return error{errc::internal,
               "cannot load `" + folder.string() + "`: " + e.what_without_backtrace()};
} catch (const std::bad_alloc&) {
  return error{errc::internal, "cannot load `" + folder.string() +
                                   "`: it does not fit into memory; use a smaller model or "
                                   "`dtype = \"int8\"`, or lower `cache_mb`"};
}

}  // namespace troupe
