// troupe complete DIR --prompt TEXT | --ids 1,2,3: what a model says next, without a graph.

#include "cli/command.hpp"
#include "model/engines.hpp"
#include "model/text_stream.hpp"
#include "pipeline/json_file.hpp"

#include <boost/json.hpp>

#include <iostream>

namespace troupe {

namespace {

namespace json = boost::json;

struct complete_flags {
  model_spec model;
  std::string prompt, schema_file;
  completion_request request;
  bool json = false;
};

std::string text_of(const tokenizer& words, token_id previous, const std::vector<token_id>& ids) {
  text_stream stream({});
  std::string out;
  for (const token_id id : ids) out += stream.push(words.piece(std::exchange(previous, id), id));
  return out + stream.finish();
}

void print_json(const completion_request& request, const completion& done,
                const language_model& model, const std::string& text) {
  const engine_facts facts = model.facts();
  json::object o;
  o["prompt_ids"] = json::value_from(request.ids);
  o["ids"] = json::value_from(done.ids);
  o["logprobs"] = json::value_from(done.log_probabilities);
  o["text"] = text;
  o["finish_reason"] = done.reason == finish_reason::stop ? "stop" : "length";
  o["device"] = facts.device;
  o["dtype"] = facts.dtype;
  std::cout << json::serialize(o) << '\n';
}

void complete(command_context& c, const complete_flags& flags) {
  auto model = open_language_model(flags.model, ".");
  if (!model) return complain(c, model.error().message);
  const tokenizer& words = (*model)->words();
  completion_request request = flags.request;
  if (!flags.schema_file.empty()) {
    const auto schema = read_json_file(flags.schema_file);
    if (!schema) return complain(c, schema.error().message);
    append_json(request.json_schema, *schema);
  }
  if (request.ids.empty()) {
    request.ids = words.opening();
    const auto ids = words.encode(flags.prompt, control_tokens::recognise);
    request.ids.insert(request.ids.end(), ids.begin(), ids.end());
  }
  const auto done = (*model)->complete(request);
  if (!done) return complain(c, done.error().message);
  const std::string text = text_of(words, request.ids.back(), done->ids);
  if (flags.json)
    print_json(request, *done, **model, text);
  else
    std::cout << text << '\n';
}

}  // namespace

void add_complete(CLI::App& app, command_context& c) {
  auto* sub = app.add_subcommand("complete", "what a model says next, without a graph");
  auto flags = std::make_shared<complete_flags>();
  flags->model.kind.value = "local";
  flags->request.max_tokens = 64;
  sub->add_option("model", flags->model.path.value,
                  "a model's folder: config.json, tokenizer.json, *.safetensors")
      ->required();
  auto* given = sub->add_option_group("what is given");
  given->add_option("--prompt", flags->prompt, "a text; control tokens in it are read as such");
  given->add_option("--ids", flags->request.ids, "token ids: 1,2,3")->delimiter(',');
  given->require_option(1);
  auto& sampling = flags->request.sampling;
  sub->add_option("--max-tokens", flags->request.max_tokens, "at most so many; default 64")
      ->check(CLI::PositiveNumber);
  sub->add_option("--temperature", sampling.temperature, "0, the default, takes the likeliest")
      ->check(CLI::NonNegativeNumber);
  sub->add_option("--top-k", sampling.top_k, "only the so many likeliest; 0: all")
      ->check(CLI::NonNegativeNumber);
  sub->add_option("--top-p", sampling.top_p, "only the likeliest that make up this probability")
      ->check(CLI::Range(0.0, 1.0));
  sub->add_option("--min-p", sampling.min_p, "only those at least so likely as the likeliest")
      ->check(CLI::Range(0.0, 1.0));
  sub->add_option("--repetition-penalty", sampling.repetition_penalty,
                  "above 1: what is there already gets less likely")
      ->check(CLI::PositiveNumber);
  sub->add_option("--seed", flags->request.seed, "of the drawing; default 0");
  sub->add_option("--dtype", flags->model.dtype.value, "auto, fp32, bf16, fp16 or int8");
  sub->add_option("--device", flags->model.device.value, "auto, cpu, cuda or cuda:N");
  sub->add_option("--json-schema", flags->schema_file,
                  "a file with a JSON Schema: what is written is a document that satisfies it");
  sub->add_flag("--json", flags->json, "ids and log-probabilities as JSON");
  sub->callback([&c, flags] {
    flags->model.name.value = flags->model.path.value;
    complete(c, *flags);
  });
}

}  // namespace troupe
