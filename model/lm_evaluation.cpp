#include "model/engines.hpp"
#include "model/facts.hpp"
#include "model/lm_training.hpp"

#include <chrono>

namespace troupe {

namespace {

/// A number that stands nowhere in the prompt.
bool has_invented_number(std::string_view reply, std::string_view prompt) {
  for (std::size_t at = 0; at < reply.size();) {
    const auto begin = reply.find_first_of("0123456789", at);
    if (begin == reply.npos) return false;
    at = std::min(reply.find_first_not_of("0123456789", begin), reply.size());
    if (prompt.find(reply.substr(begin, at - begin)) == prompt.npos) return true;
  }
  return false;
}

}  // namespace

result<lm_eval_report> evaluate_lm(const lm_eval_options& options) {
  auto examples = read_lm_examples(options.data);
  if (!examples) return examples.error();
  auto model = open_model_folder(options.model, {});
  if (!model) return model.error();
  const auto begin = std::chrono::steady_clock::now();
  lm_eval_report out{.examples = std::ssize(*examples)};
  for (const lm_example& e : *examples) {
    generation_request request;
    request.messages.push_back({chat_message::role_type::user, e.prompt});
    request.max_tokens = options.max_tokens;
    auto made = (*model)->generate(request, nullptr);
    if (!made) return made.error();
    const bool exact = made->text == e.answer;
    const bool told = !e.fact.empty() && made->text.find(e.fact) != std::string::npos;
    out.exact += exact;
    out.with_fact += !e.fact.empty();
    out.fact_told += told;
    out.invented += has_invented_number(made->text, e.prompt);
    if (e.fact.empty() ? !exact : !told) out.misses.push_back({e.prompt, e.answer, made->text});
  }
  out.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return out;
}

}  // namespace troupe
