// `cache`: the reply to a question that was asked before. `cache_store`: keeps one for later.
//
// `cache` reads `question` and `scope?` (text: what else must be equal, e.g. the user's language or
// tenant). Writes `hit` (bool) and `reply` (text; empty without a hit).
// Parameters: `name`, of the cache, shared by all stages of the graph's folder that name it;
//   `threshold`, least score of a question in other words; `ttl`, how long a reply is good;
//   `max_entries`, of which the oldest go first; `encoder`, folder of a model made by
//   `troupe train encoder`: questions are then alike by wording and meaning. Without it, by wording
//   alone. Stages that share a cache name the same encoder.
// `cache_store` reads `question`, `reply` and `scope?`. Parameter: `name`.
// Only a question with the same numbers, ids and negations hits (answer_cache.hpp).
// Put the look-up where the reply depends on the question alone: what an order's state is changes.
// Entries live in memory, per process.
//
//   [stage.cache]
//   use  = "cache"
//   with = { ttl = "1h", max_entries = 1000 }
//   [[stage.cache.next]]
//   when = "hit"
//   to   = "feedback"
//   [[stage.cache.next]]
//   to   = "answer"
//
//   [stage.remember]                      # after `answer`
//   use  = "cache_store"

#include "actors/stages/answer_cache.hpp"
#include "actors/stages/builtin.hpp"
#include "actors/stages/text.hpp"

namespace troupe::stages {

namespace {

struct cache {
  static constexpr std::string_view name = "cache";
  static constexpr std::string_view summary = "gives the reply to a question asked before";
  struct params {
    std::string name = "answers";
    double threshold = 0.9;
    std::chrono::milliseconds ttl = std::chrono::hours(1);
    std::int64_t max_entries = 1000;
    std::string encoder;
  };
  struct input {
    std::string question;
    std::optional<std::string> scope;
  };
  struct output {
    bool hit = false;
    std::string reply;
  };

  static void describe(describer<cache>& d) {
    d.param("name", &params::name, "of the cache, shared by the stages that name it");
    d.param("threshold", &params::threshold, "least score of a question that is worded otherwise")
        .min(0)
        .max(1);
    d.param("ttl", &params::ttl, "how long a reply is good");
    d.param("max_entries", &params::max_entries, "most replies that are kept")
        .min(1)
        .max(1'000'000);
    d.param("encoder", &params::encoder, "folder of a trained encoder, to compare by meaning too")
        .model();
    d.in("question", &input::question, "what is asked");
    d.in("scope", &input::scope, "what else must be equal for a hit");
    d.out("hit", &output::hit, "whether it was asked before");
    d.out("reply", &output::reply, "what was replied then, or empty");
  }

  result<void> open(const stage_services& services) {
    answers_ = answer_cache::shared(services.base, p.name, services.models);
    answers_->set_limit(static_cast<std::size_t>(p.max_entries));
    if (p.encoder.empty()) return {};
    return answers_->use_encoder(services.resolve(p.encoder));
  }

  result<output> run(const input& in, run_context& ctx) {
    auto found =
        answers_->find(in.question, in.scope.value_or(""), {p.threshold, p.ttl}, ctx.clock().now());
    if (!found) return output{};
    return output{true, std::move(*found)};
  }

  params p;
  std::shared_ptr<answer_cache> answers_;
};

struct cache_store {
  static constexpr std::string_view name = "cache_store";
  static constexpr std::string_view summary = "keeps a reply for when it is asked for again";
  struct params {
    std::string name = "answers";
  };
  struct input {
    std::string question, reply;
    std::optional<std::string> scope;
  };
  struct output {};

  static void describe(describer<cache_store>& d) {
    d.param("name", &params::name, "of the cache, shared by the stages that name it");
    d.in("question", &input::question, "what was asked");
    d.in("reply", &input::reply, "what was replied");
    d.in("scope", &input::scope, "what else must be equal for a hit");
  }

  result<void> open(const stage_services& services) {
    answers_ = answer_cache::shared(services.base, p.name, services.models);
    return {};
  }

  result<output> run(const input& in, run_context& ctx) {
    if (!is_blank(in.question) && !is_blank(in.reply))
      answers_->store(in.question, in.scope.value_or(""), in.reply, ctx.clock().now());
    return output{};
  }

  params p;
  std::shared_ptr<answer_cache> answers_;
};

}  // namespace

void add_cache(registry& r) {
  r.add<cache>();
  r.add<cache_store>();
}

}  // namespace troupe::stages
