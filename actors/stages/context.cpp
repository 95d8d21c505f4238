// `context`: what the user's text means at this point of the conversation.
//
// Reads `text`; `entities?` (table: the one it wrote in the turn before; persist it under the same
// slot name); `label?` (text: the intent, for rules that go by it); and the conversation's history.
// Writes `question` (text: the user's text with references resolved, see resolve.hpp), `entities`
// (table: the latest value of everything named so far by name, and under `all` every value, oldest
// first) and `language` (text: en or zh).
// Without `entities` from before, they are found again in the history.
// Parameters: `rules`, a file of entity rules (see entity_rules.hpp); `language`, for a text that
// shows none at the start of a conversation.
//
//   [graph]
//   persist = ["entities"]
//
//   [stage.context]
//   use  = "context"
//   with = { rules = "data/context.toml" }
//   in   = { label = "intent" }

#include "actors/stages/builtin.hpp"
#include "actors/stages/resolve.hpp"
#include "actors/stages/text.hpp"

namespace troupe::stages {

namespace {

struct context {
  static constexpr std::string_view name = "context";
  static constexpr std::string_view summary = "resolves what a text refers to in its conversation";
  struct params {
    std::string rules;
    std::string language = "en";
  };
  struct input {
    std::string text;
    std::optional<value::table> entities;
    std::optional<std::string> label;
  };
  struct output {
    std::string question;
    value::table entities;
    std::string language;
  };

  static void describe(describer<context>& d) {
    d.param("rules", &params::rules, "file of entity rules").required().file();
    d.param("language", &params::language, "assumed until the user's texts show one")
        .one_of({"en", "zh"});
    d.in("text", &input::text, "what the user said");
    d.in("entities", &input::entities, "what was named in earlier turns");
    d.in("label", &input::label, "the intent of the text");
    d.out("question", &output::question, "the text, with what it refers to put in");
    d.out("entities", &output::entities, "what has been named so far, by name");
    d.out("language", &output::language, "language of the text: en or zh");
  }

  result<void> open(const stage_services& services) {
    auto loaded = entity_rules::load(services.resolve(p.rules));
    if (!loaded) return std::move(loaded).error();
    rules_ = std::move(*loaded);
    return {};
  }

  result<output> run(const input& in, run_context& ctx) {
    dialogue known{rules_,
                   ctx.history(),
                   memory(in, ctx),
                   in.label ? *in.label : std::string_view(),
                   ctx.clock().now(),
                   p.language};
    auto resolved = resolve(clean_utf8(in.text), known);
    return output{std::move(resolved.question), resolved.entities.to_table(),
                  std::move(resolved.language)};
  }

  params p;
  entity_rules rules_;

 private:
  entity_memory memory(const input& in, run_context& ctx) const {
    if (in.entities) return entity_memory(*in.entities, rules_);
    entity_memory found;
    for (const auto& turn : ctx.history()) {
      std::string said = clean_utf8(turn.user);
      for (const auto& m : rules_.find(said, std::nullopt)) {
        const auto& rule = rules_.entities()[m.entity];
        if (rule.keep) found.note(rule.name, m.value);
      }
    }
    return found;
  }
};

}  // namespace

void add_context(registry& r) { r.add<context>(); }

}  // namespace troupe::stages
