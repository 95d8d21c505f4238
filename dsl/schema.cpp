#include "dsl/schema.hpp"

#include <boost/json.hpp>

namespace troupe {

namespace {

using boost::json::array;
using boost::json::object;

constexpr const char* name_pattern = "^[A-Za-z_][A-Za-z0-9_]*$";
constexpr const char* duration_pattern = "^[0-9]+(\\.[0-9]+)?(us|ms|s|m|h)$";
constexpr const char* backoff_pattern =
    "^[0-9]+(\\.[0-9]+)?(us|ms|s|m|h)(\\.\\.[0-9]+(\\.[0-9]+)?(us|ms|s|m|h))?$";

object described(object schema, std::string_view text) {
  if (!text.empty()) schema["description"] = text;
  return schema;
}

object refer(std::string_view definition) {
  return {{"$ref", "#/definitions/" + std::string(definition)}};
}

/// Draft 7 ignores what stands beside a `$ref`.
object refer(std::string_view definition, std::string_view text) {
  return described({{"allOf", array{refer(definition)}}}, text);
}

object text(std::string_view what) {
  return described({{"type", "string"}, {"minLength", 1}}, what);
}

object count(std::int64_t min, std::int64_t max, std::string_view what) {
  return described({{"type", "integer"}, {"minimum", min}, {"maximum", max}}, what);
}

object words(std::initializer_list<std::string_view> all, std::string_view what) {
  array list;
  for (std::string_view word : all) list.emplace_back(word);
  return described({{"enum", std::move(list)}}, what);
}

object list_of(object items, std::string_view what) {
  return described({{"type", "array"}, {"items", std::move(items)}}, what);
}

/// A table with these keys and no others.
object table(object properties, std::initializer_list<std::string_view> required,
             std::string_view what) {
  object o{
      {"type", "object"}, {"properties", std::move(properties)}, {"additionalProperties", false}};
  if (required.size() > 0) {
    array names;
    for (std::string_view name : required) names.emplace_back(name);
    o["required"] = std::move(names);
  }
  return described(std::move(o), what);
}

/// [FAMILY.NAME]
object named_tables(object each, std::string_view what) {
  return described({{"type", "object"},
                    {"propertyNames", refer("name")},
                    {"additionalProperties", std::move(each)}},
                   what);
}

object graph_table() {
  return table({{"name", refer("name", "for logs, metrics and clients")},
                {"start", refer("name", "the stage where every run begins")},
                {"output", refer("name", "the slot that is given back to the caller")},
                {"persist", list_of(refer("name"), "slots that outlive the run, per conversation")},
                {"deadline", refer("duration", "of a whole run; 30s if it is left out")},
                {"budget", table({{"tokens", count(1, 1'000'000'000, "of prompts and answers")}},
                                 {"tokens"}, "what a run may use")},
                {"on_busy", words({"queue", "reject", "interrupt"},
                                  "a message that comes during a run of its conversation")},
                {"on_disconnect", words({"finish", "cancel"},
                                        "what becomes of a run when its last client has gone")}},
               {"name", "start", "output"}, "the graph as a whole");
}

object input_entry() {
  object type = words({"text", "bool", "int", "float", "list", "table"}, "the type of the slot");
  object with_default = table({{"type", type}, {"default", object{}}}, {"type"}, "");
  return {{"anyOf", array{std::move(type), std::move(with_default)}}};
}

object model_table() {
  object price = table({{"input", object{{"type", "number"}, {"minimum", 0}}},
                        {"output", object{{"type", "number"}, {"minimum", 0}}},
                        {"currency", text("USD if it is left out")}},
                       {"input", "output"}, "per million tokens");
  object oauth = table({{"token_url", text("where access tokens are given out")},
                        {"client_id_env", text("the environment variable that holds the id")},
                        {"client_secret_env", text("the one that holds the secret")},
                        {"scope", text("")}},
                       {"token_url", "client_id_env", "client_secret_env"},
                       "an access token by client credentials, in place of a key");
  return described(
      {{"type", "object"},
       {"required", array{"kind"}},
       {"properties",
        object{
            {"kind", words({"local", "remote"}, "where it runs")},
            {"path", text("folder with config.json, tokenizer.json, *.safetensors")},
            {"device", described({{"type", "string"}, {"pattern", "^(auto|cpu|cuda(:[0-9]+)?)$"}},
                                 "auto, cpu, cuda or cuda:N")},
            {"dtype", words({"auto", "fp16", "bf16", "fp32", "int8"}, "of the weights")},
            {"url", text("of an OpenAI-compatible API")},
            {"model", text("the name that the API knows the model by")},
            {"api_key_env", text("the environment variable that holds the key")},
            {"fallback", refer("name", "another model, when this one is down")},
            {"context", count(1, 100'000'000, "tokens that one call can hold")},
            {"price", std::move(price)},
            {"ca_file", text("PEM file of a CA that is trusted besides the system's")},
            {"tls", words({"1.2", "1.3"}, "the least version; 1.3 if it is left out")},
            {"token_limit", words({"max_tokens", "max_completion_tokens"},
                                  "what the API calls the most tokens of an answer")},
            {"timeouts", table({{"connect", refer("duration")},
                                {"first_token", refer("duration")},
                                {"idle", refer("duration")}},
                               {}, "of an API; 5s, 30s and 30s if they are left out")},
            {"retry", table({{"attempts", count(1, 100, "the first included; 3 if left out")},
                             {"backoff", refer("backoff", "200ms..5s if it is left out")}},
                            {}, "how often an API is asked that refuses or is down")},
            {"oauth", std::move(oauth)},
            {"body", described({{"type", "object"}}, "more fields of each request")},
            {"omit", list_of(text(""), "fields of a request that are not sent")},
            {"breaker",
             table({{"failures", count(1, 1'000'000, "in a row")}, {"open", refer("duration")}}, {},
                   "leave the engine alone for a while after failures in a row")}}},
       {"allOf",
        array{object{{"if", object{{"properties", object{{"kind", object{{"const", "local"}}}}}}},
                     {"then", object{{"required", array{"path"}}}},
                     {"else", object{{"required", array{"url", "model"}}}}}}}},
      "a language model");
}

object edge_table() {
  return table(
      {{"to", refer("name", "the stage it leads to")},
       {"when", text("a condition over slots; without one it always holds")},
       {"max", count(1, 1'000'000, "how often a run may take it; a way back needs it")},
       {"best_by", refer("name", "a number; the slots of the attempt where it was largest go on")},
       {"plateau", count(1, 1'000'000, "give up after this many attempts that are no better")},
       {"exhausted", refer("name", "where to go when the edge is used up")}},
      {"to"}, "where a run may go next");
}

object next_of_stage() {
  object fan_out =
      table({{"all", object{{"type", "array"}, {"items", refer("name")}, {"minItems", 1}}},
             {"join", refer("name", "where all branches meet")}},
            {"all", "join"}, "stages that run side by side");
  object edges{{"type", "array"}, {"items", edge_table()}, {"minItems", 1}};
  return described(
      {{"anyOf", array{refer("name"), std::move(edges), std::move(fan_out)}}},
      "a stage; a list of edges, tried in order; or { all, join }. Left out: the end of the run");
}

object renames(const std::vector<port>& ports, std::string_view what) {
  object known;
  for (const port& p : ports)
    known[p.name] = refer("name", p.doc + " (" + std::string(name_of(p.type)) + ")");
  return described({{"type", "object"},
                    {"properties", std::move(known)},
                    {"additionalProperties", refer("name")}},
                   what);
}

object retry_table() {
  return table(
      {{"attempts", count(1, 100, "the first included")},
       {"backoff", refer("backoff", "the pause, which doubles from the first to the second")},
       {"on", list_of(words({"timeout", "unavailable", "overloaded", "rate_limited", "crashed",
                             "dropped", "failed", "internal"},
                            ""),
                      "what is tried again")}},
      {"attempts"}, "further attempts after a failure");
}

object stage_properties(const registry& types) {
  array names;
  for (const auto& [name, type] : types.all()) names.emplace_back(name);
  return {{"use", described({{"enum", std::move(names)}}, "the type of the stage")},
          {"with", described({{"type", "object"}}, "its parameters")},
          {"in", renames({}, "renames: an input of the stage, and the slot it reads instead")},
          {"out", renames({}, "renames: an output of the stage, and the slot it writes instead")},
          {"replicas", count(1, 1024, "actors of this stage")},
          {"timeout", refer("duration", "of one attempt")},
          {"retry", retry_table()},
          {"restart", table({{"max", count(0, 1'000'000, "deaths until it is left alone")},
                             {"within", refer("duration")},
                             {"backoff", refer("backoff")}},
                            {}, "how its actors are restarted")},
          {"queue", count(1, 1'000'000, "calls that may be out beyond `replicas`")},
          {"breaker",
           table({{"failures", count(1, 1'000'000, "in a row")}, {"open", refer("duration")}}, {},
                 "refuse calls for a while after failures in a row")},
          {"on_error", refer("name", "where the run goes when the attempts are used up")},
          {"each", table({{"over", refer("name", "the slot with the list")},
                          {"as", refer("name", "the slot that holds the item")},
                          {"concurrency", count(1, 1024, "items at a time")},
                          {"max", count(1, 1'000'000, "items at most; 64 if it is left out")}},
                         {"over", "as"}, "once per item of a list")},
          {"next", next_of_stage()}};
}

object type_of(slot_type type) {
  switch (type) {
    case slot_type::boolean:
      return {{"type", "boolean"}};
    case slot_type::integer:
      return {{"type", "integer"}};
    case slot_type::floating:
      return {{"type", "number"}};
    case slot_type::text:
      return {{"type", "string"}};
    case slot_type::list:
      return {{"type", "array"}};
    case slot_type::table:
      return {{"type", "object"}};
    default:
      return {};
  }
}

/// Whole numbers without a point.
boost::json::value number(double x) {
  const auto whole = static_cast<std::int64_t>(x);
  if (static_cast<double>(whole) == x) return whole;
  return x;
}

object parameter(const param& p) {
  object o = type_of(p.type);
  array one_of;
  for (const std::string& word : p.one_of) one_of.emplace_back(word);
  if (p.type == slot_type::list) {
    object items = type_of(p.items);
    if (!one_of.empty()) items["enum"] = std::move(one_of);
    if (!items.empty()) o["items"] = std::move(items);
    if (p.not_empty) o["minItems"] = 1;
  } else if (!one_of.empty()) {
    o["enum"] = std::move(one_of);
  }
  if (p.meaning == param::meaning_type::time_span) {
    o["pattern"] = duration_pattern;
  } else {
    if (p.min) o["minimum"] = number(*p.min);
    if (p.max) o["maximum"] = number(*p.max);
  }
  if (p.not_empty && p.type == slot_type::text) o["minLength"] = 1;
  if (p.not_empty && p.type == slot_type::table) o["minProperties"] = 1;
  if (!p.required && !p.fallback.is_none()) o["default"] = to_json(p.fallback);
  return described(std::move(o), p.doc);
}

object parameters(const stage_type& type) {
  object properties;
  array required;
  for (const param& p : type.params) {
    properties[p.name] = parameter(p);
    if (p.required) required.emplace_back(p.name);
  }
  object o{
      {"type", "object"}, {"properties", std::move(properties)}, {"additionalProperties", false}};
  if (!required.empty()) o["required"] = std::move(required);
  return described(std::move(o), type.summary);
}

/// What follows when `use` is this type.
object when_used(const stage_type& type) {
  object then{{"properties", object{{"with", refer("with_" + type.name)},
                                    {"in", renames(type.ports.in, "")},
                                    {"out", renames(type.ports.out, "")}}}};
  for (const param& p : type.params)
    if (p.required) then["required"] = array{"with"};
  return {{"if", object{{"properties", object{{"use", object{{"const", type.name}}}}}}},
          {"then", std::move(then)}};
}

}  // namespace

boost::json::value schema_of(const registry& types) {
  object definitions{{"name", object{{"type", "string"}, {"pattern", name_pattern}}},
                     {"duration", object{{"type", "string"}, {"pattern", duration_pattern}}},
                     {"backoff", object{{"type", "string"}, {"pattern", backoff_pattern}}}};
  object stage{{"type", "object"},
               {"required", array{"use"}},
               {"properties", stage_properties(types)},
               {"additionalProperties", false}};
  array by_type;
  for (const auto& [name, type] : types.all()) {
    definitions["with_" + name] = parameters(type);
    by_type.push_back(when_used(type));
  }
  if (!by_type.empty()) stage["allOf"] = std::move(by_type);
  definitions["stage"] = std::move(stage);

  object top =
      table({{"graph", graph_table()},
             {"input", named_tables(input_entry(), "the slots that the caller supplies")},
             {"model", named_tables(model_table(), "language models")},
             {"plugins", table({{"load", list_of(text(""), "shared libraries with stages")}}, {},
                               "stages of one's own")},
             {"stage", named_tables(refer("stage"), "the steps")}},
            {"graph", "stage"}, "a graph of Troupe");
  top["$schema"] = "http://json-schema.org/draft-07/schema#";
  top["title"] = "Troupe graph";
  top["definitions"] = std::move(definitions);
  return top;
}

}  // namespace troupe
