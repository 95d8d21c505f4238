// `generate`: text from a language model.
//
// Reads the slots named in `system` and `prompt`. Writes `text`, and `lines` (list of texts: the
// lines of the text that say something, without numbers and bullets; an outline for `each`). With a
// schema also `json`, the answer as a value; with `logprob` also `logprob` (float); with `reasoning`
// also `reasoning`, what a reasoning model thought before it answered, if its engine tells it apart.
// Parameters: `model`, a [model.NAME] of the graph (may be left out if there is only one);
//   `system` and `prompt`, templates (see prompt.hpp); `history`, how many earlier turns of the
//   conversation go before the prompt; `max_tokens`, `temperature` (0: always the likeliest token),
//   `top_p`, `top_k` (0: all), `min_p`, `repetition_penalty`, `banned` (texts of tokens that are
//   never chosen), `seed` (default: the run's own), `stop` (texts that end the answer);
//   `json_schema`, a JSON Schema as a table, or `json_schema_file`: the answer is a document that
//   satisfies it; `logprob`, whether to write the mean log-probability of the answer's tokens;
//   `stream`, whether the user sees the text while it grows; `moderate`, files of words to hide in
//   the text and in what is streamed of it (see moderate.cpp); `reasoning`, whether to write that
//   slot: it is for logs and judges, and nothing of it is streamed.
// It never asks for more tokens than the run's budget has left; none left is the error `budget`.
//
//   [stage.answer]
//   use  = "generate"
//   with = { model = "writer", system = "Answer from the passage.",
//            prompt = "Passage: {passage}\nQuestion: {question}", max_tokens = 96, stream = true }
//   out  = { text = "reply" }

#include "actors/stages/answer_schema.hpp"
#include "actors/stages/builtin.hpp"
#include "actors/stages/moderation_filter.hpp"
#include "actors/stages/prompt.hpp"
#include "actors/stages/text.hpp"
#include "model/resilient_engine.hpp"

#include <algorithm>

namespace troupe::stages {

namespace {

using role = chat_message::role_type;

constexpr const char* reasoning_port = "reasoning";
constexpr const char* json_port = "json";
constexpr const char* logprob_port = "logprob";

struct generate {
  static constexpr std::string_view name = "generate";
  static constexpr std::string_view summary = "writes text with a language model";
  static constexpr placement where = placement::own_thread;
  static constexpr bool streams = true;
  struct params {
    std::string model, system, prompt;
    std::int64_t history = 0;
    std::int64_t max_tokens = 256;
    double temperature = 0;
    double top_p = 1;
    std::int64_t top_k = 0;
    double min_p = 0;
    double repetition_penalty = 1;
    std::vector<std::string> banned;
    std::optional<std::int64_t> seed;
    std::vector<std::string> stop;
    value::table json_schema;
    std::string json_schema_file;
    bool logprob = false;
    bool stream = false;
    std::vector<std::string> moderate;
    bool reasoning = false;
  };
  struct input {
    value::table slots;
  };
  struct output {
    std::string text;
    std::vector<std::string> lines;
    value::table more;
  };

  static void describe(describer<generate>& d) {
    d.param("model", &params::model, "a [model.NAME] of the graph; the only one if left out")
        .engine();
    d.param("system", &params::system, "what the model is told about its role; a template")
        .prompt();
    d.param("prompt", &params::prompt, "what the model is asked; a template").not_empty().prompt();
    d.param("history", &params::history, "earlier turns of the conversation to show it")
        .min(0)
        .max(100);
    d.param("max_tokens", &params::max_tokens, "most tokens to write").min(1);
    d.param("temperature", &params::temperature, "0: always the likeliest token").min(0).max(2);
    d.param("top_p", &params::top_p, "choose among the likeliest tokens of this total probability")
        .min(0)
        .max(1);
    d.param("top_k", &params::top_k, "choose among this many likeliest tokens; 0: all").min(0);
    d.param("min_p", &params::min_p, "no token less likely than this part of the likeliest one")
        .min(0)
        .max(1);
    d.param("repetition_penalty", &params::repetition_penalty,
            "above 1: tokens that prompt or answer have already get less likely")
        .min(0.1)
        .max(10);
    d.param("banned", &params::banned, "texts of tokens that are never chosen");
    d.param("seed", &params::seed, "the same seed gives the same text; default: the run's own");
    d.param("stop", &params::stop, "texts that end the answer and are not part of it");
    d.param("json_schema", &params::json_schema,
            "a JSON Schema: the answer is a document that satisfies it, also as the slot `json`");
    d.param("json_schema_file", &params::json_schema_file, "the same from a file of JSON").file();
    d.param("logprob", &params::logprob, "whether to write how likely the model found its answer");
    d.param("stream", &params::stream, "whether the user sees the text while it grows");
    d.param("moderate", &params::moderate, "files of words that are hidden, streamed or not")
        .file();
    d.param("reasoning", &params::reasoning, "whether to write what the model thought first");
    d.more_in(&input::slots);
    d.more_out(&output::more);
    d.out("text", &output::text, "what the model wrote");
    d.out("lines", &output::lines, "its lines, without numbers and bullets");
  }

  static result<port_set> more_ports(const params& p) {
    port_set ports;
    for (const std::string* text : {&p.system, &p.prompt}) {
      auto parsed = prompt::parse(*text);
      if (!parsed) return std::move(parsed).error();
      merge_ports(ports.in, parsed->ports());
    }
    if (p.reasoning)
      ports.out.push_back(
          {reasoning_port, slot_type::text, false, "what the model thought before it answered"});
    if (p.logprob)
      ports.out.push_back({logprob_port, slot_type::floating, false,
                           "mean natural logarithm of its tokens' probabilities"});
    if (auto added = add_json_port(p, ports); !added) return std::move(added).error();
    return ports;
  }

  static call_cost cost(const params& p) {
    return {.model_calls = 1, .model = p.model, .output_tokens = p.max_tokens};
  }

  result<void> open(const stage_services& services) {
    auto system = prompt::parse(p.system), user = prompt::parse(p.prompt);
    if (!system) return std::move(system).error();
    if (!user) return std::move(user).error();
    system_ = std::move(*system);
    user_ = std::move(*user);
    auto found = services.find_engine(p.model);
    if (!found) return std::move(found).error();
    engine_ = std::move(*found);
    if (auto read = open_schema(services); !read) return std::move(read).error();
    return open_lists(services);
  }

  result<output> run(const input& in, run_context& ctx) {
    auto request = make_request(in, ctx);
    if (!request) return std::move(request).error();
    std::optional<moderation_filter> filter;
    if (words_) filter.emplace(words_);
    // What the user has seen is taken back by `retry` of the stage, not within one attempt.
    auto answered = ask(*engine_, {.request = *request,
                                   .on_text =
                                       [&](std::string_view piece) {
                                         if (p.stream) emit(ctx, filter, piece);
                                       },
                                   .rewind = p.stream ? std::function<void()>() : [] {},
                                   .wasted = [&](usage u) { ctx.count(u); },
                                   .again = ctx.info().attempt > 1});
    if (!answered) {
      ctx.count({.model_calls = 1});
      return std::move(answered).error();
    }
    generation* made = &answered->made;
    ctx.count({.model_calls = 1, .tokens = made->prompt_tokens + made->output_tokens});
    switch (made->reason) {
      case finish_reason::cancelled:
        return error{errc::cancelled, "stage `" + ctx.info().stage.str() +
                                          "` was cancelled after " +
                                          std::to_string(made->output_tokens) + " tokens"};
      case finish_reason::deadline:
        return error{errc::timeout, "stage `" + ctx.info().stage.str() +
                                        "` ran out of time after " +
                                        std::to_string(made->output_tokens) +
                                        " tokens; raise its `timeout` or lower `max_tokens`"};
      case finish_reason::stop:
      case finish_reason::length:
        break;
    }
    if (filter) {
      if (p.stream) emit(ctx, filter, std::nullopt);
      made->text = moderated(made->text);
    }
    auto lines = plain_lines(made->text);
    value::table more;
    if (p.reasoning) more.emplace_back(reasoning_port, clean_utf8(answered->reasoning));
    if (p.logprob)
      more.emplace_back(logprob_port,
                        made->log_probability /
                            static_cast<double>(std::max<std::int64_t>(1, made->output_tokens)));
    if (schema_) {
      auto document = schema_.read(made->text);
      if (!document)
        return error{document.error().code,
                     "stage `" + ctx.info().stage.str() + "`: " + document.error().message};
      more.emplace_back(json_port, *std::move(document));
    }
    return output{std::move(made->text), std::move(lines), std::move(more)};
  }

  params p;
  prompt system_, user_;
  std::shared_ptr<engine> engine_;
  answer_schema schema_;
  std::shared_ptr<const word_patterns> words_;  ///< null without `moderate`

 private:
  /// What does not go together with a schema is said when the graph loads, like what a schema asks
  /// for and cannot be had.
  static result<void> add_json_port(const params& p, port_set& ports) {
    if (p.json_schema.empty() && p.json_schema_file.empty()) return {};
    auto refused = [](const std::string& why) { return error{errc::invalid_request, why}; };
    if (!p.json_schema.empty() && !p.json_schema_file.empty())
      return refused("`json_schema` and `json_schema_file` are both given");
    if (!p.stop.empty() || !p.moderate.empty())
      return refused(std::string(p.stop.empty() ? "`moderate`" : "`stop`") +
                     " would break the document that `json_schema` asks for");
    slot_type type = slot_type::table;  // a file's schema is for an object
    if (!p.json_schema.empty()) {
      auto schema = answer_schema::make(p.json_schema);
      if (!schema) return std::move(schema).error();
      type = schema->type();
    }
    ports.out.push_back({json_port, type, false, "the answer as a value"});
    return {};
  }

  result<void> open_schema(const stage_services& services) {
    if (p.json_schema.empty() && p.json_schema_file.empty()) return {};
    auto schema = p.json_schema_file.empty()
                      ? answer_schema::make(p.json_schema)
                      : answer_schema::load(services.resolve(p.json_schema_file));
    if (!schema) return std::move(schema).error();
    schema_ = *std::move(schema);
    if (!p.json_schema_file.empty() && schema_.type() != slot_type::table)
      return error{errc::invalid_request, "`" + p.json_schema_file +
                                              "` describes something other than an object; write "
                                              "such a schema into the graph, as `json_schema`"};
    return {};
  }

  result<void> open_lists(const stage_services& services) {
    if (p.moderate.empty()) return {};
    std::vector<std::filesystem::path> files;
    for (const auto& file : p.moderate) files.push_back(services.resolve(file));
    auto loaded = word_patterns::load(files);
    if (!loaded) return std::move(loaded).error();
    words_ = std::move(*loaded);
    return {};
  }

  std::string moderated(const std::string& text) const {
    std::string clean;
    moderation_filter filter(words_);
    filter.push(text, clean);
    filter.finish(clean);
    return clean;
  }

  /// Streams a piece, or what is left when there are no more, as clean as it must be.
  static void emit(run_context& ctx, std::optional<moderation_filter>& filter,
                   std::optional<std::string_view> piece) {
    if (!filter) return ctx.emit(*piece);
    std::string clean;
    if (piece)
      filter->push(*piece, clean);
    else
      filter->finish(clean);
    if (!clean.empty()) ctx.emit(clean);
  }

  result<generation_request> make_request(const input& in, run_context& ctx) const {
    auto left = ctx.info().tokens_left;
    if (left == 0)
      return error{errc::budget, "stage `" + ctx.info().stage.str() +
                                     "` has no tokens left; raise `budget` of the graph"};
    auto system = system_.render(in.slots), user = user_.render(in.slots);
    if (!system) return std::move(system).error();
    if (!user) return std::move(user).error();

    generation_request request;
    if (!system->empty()) request.messages.push_back({role::system, clean_utf8(*system)});
    const auto& turns = ctx.history();
    auto shown = std::min(turns.size(), static_cast<std::size_t>(p.history));
    for (auto turn = turns.end() - static_cast<std::ptrdiff_t>(shown); turn != turns.end();
         ++turn) {
      request.messages.push_back({role::user, turn->user});
      request.messages.push_back({role::assistant, turn->reply});
    }
    request.messages.push_back({role::user, clean_utf8(*user)});
    request.max_tokens = left < 0 ? p.max_tokens : std::min(p.max_tokens, left);
    if (left >= 0) request.total_tokens = left;
    request.temperature = p.temperature;
    request.top_p = p.top_p;
    request.top_k = p.top_k;
    request.min_p = p.min_p;
    request.repetition_penalty = p.repetition_penalty;
    request.banned = p.banned;
    request.json_schema = schema_.text();
    request.log_probabilities = p.logprob;
    request.seed = p.seed ? static_cast<std::uint64_t>(*p.seed) : ctx.seed();
    request.stop = p.stop;
    request.cancel = ctx.stop();
    request.deadline = ctx.deadline();
    return request;
  }
};

}  // namespace

void add_generate(registry& r) { r.add<generate>(); }

}  // namespace troupe::stages
