#include "tests/support/json_schema.hpp"
#include "model/json_constraint.hpp"
#include "model/sampler.hpp"
#include "pipeline/value.hpp"
#include "tests/support/random_schema.hpp"

#include <boost/test/unit_test.hpp>

using namespace troupe;
namespace json = boost::json;
using grammar_ptr = std::shared_ptr<const json_grammar>;

namespace {

grammar_ptr grammar(std::string_view schema) {
  auto g = json_grammar::parse(schema);
  BOOST_REQUIRE_MESSAGE(g.has_value(), schema << ": " << (g ? "" : g.error().message));
  return *g;
}

std::string refusal(std::string_view schema) {
  const auto g = json_grammar::parse(schema);
  return g ? "none" : g.error().message;
}

/// Whether `text` is a whole document.
bool accepts(const grammar_ptr& g, std::string_view text) {
  return json_position::fits(g, text);
}

/// The bytes, and pieces that cross every border of a JSON text.
class small_words final : public tokenizer {
 public:
  small_words() {
    for (int b = 0; b < 256; ++b) pieces_.emplace_back(1, static_cast<char>(b));
    for (const char* p : {"{\"",      "\":",
                          "\": \"",   "\",\"",
                          "\", \"",   "\"}",
                          "}}",       "]}",
                          "[[",       "],[",
                          "[{\"",     "}]",
                          "name",     "kind",
                          "na",       "me\":",
                          "true",     "false",
                          "null",     "al",
                          "12",       "3.5",
                          "-1",       "00",
                          "1e",       ", ",
                          ": ",       "\\n",
                          "\\\"",     "\\u00",
                          "\\ud83d",  "\\ude00",
                          "\xe5\x8c", "\x97\xe4\xba\xac",
                          "\xf0\x9f", "\x98\x80",
                          "\n  ",     "\n",
                          " ",        "hello world",
                          "red",      "gre",
                          "en\"",     "2026-"})
      pieces_.emplace_back(p);
    end_ = static_cast<token_id>(pieces_.size());
    pieces_.emplace_back();
  }
  token_id end() const { return end_; }
  std::int64_t size() const noexcept override { return std::int64_t(pieces_.size()); }
  std::vector<token_id> encode(std::string_view, control_tokens) const override { return {}; }
  std::vector<token_id> opening() const override { return {}; }
  std::string piece(token_id, token_id id) const override { return pieces_[std::size_t(id)]; }
  std::optional<token_id> control(std::string_view) const override { return std::nullopt; }

 private:
  std::vector<std::string> pieces_;
  token_id end_ = 0;
};

struct written {
  std::string text;
  bool whole = false;
  std::int64_t tokens = 0;
};

/// A model with random scores writes up to `most` tokens. With `swift` > 0 the end is that much
/// likelier, as is what closes.
written write(const grammar_ptr& g, const std::shared_ptr<const json_vocabulary>& words,
              token_id end, std::int64_t most, std::uint64_t seed, double swift) {
  random_source random(seed);
  json_constraint constraint(g, words, {end});
  written out;
  std::vector<float> scores(static_cast<std::size_t>(words->size() + 3));  // a padded vocabulary
  while (out.tokens < most) {
    for (float& s : scores) s = static_cast<float>(random.uniform() * 8);
    for (const char c : std::string_view("\"]}"))
      scores[static_cast<std::size_t>(c)] += float(swift);
    scores[static_cast<std::size_t>(end)] += static_cast<float>(swift);
    constraint.restrict(scores, most - out.tokens);
    const auto id = sample_token(scores, {.temperature = 1}, random);
    BOOST_REQUIRE(scores[static_cast<std::size_t>(id)] > -1e9f);
    const auto standing = constraint.accept(id);
    ++out.tokens;
    if (id != end) out.text += words->bytes(id);
    out.whole = standing != token_constraint::standing::open;
    if (standing == token_constraint::standing::closed) break;
  }
  return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(json_schemas)

BOOST_AUTO_TEST_CASE(each_keyword_lets_pass_what_it_means) {
  struct row {
    const char* schema;
    std::vector<std::string> right, wrong;
  };
  const std::vector<row> rows = {
      {"{}",
       {"1", "[]", R"({"a": {"b": [1, "x", null]}})", "-1.5e+10", "\"\\ud83d\\ude00\""},
       {"", "[1,]", "{\"a\"}", "01", "\"\\ud83d\"", "\"\xff\"", "nul", "1 ", "{\"a\":1,\"a\":2}"}},
      {R"({"type":"integer","minimum":5,"maximum":120})",
       {"5", "99", "120"},
       {"4", "121", "-5", "5.0", "05"}},
      {R"({"type":"integer","exclusiveMinimum":-3,"maximum":2.5})",
       {"-2", "0", "2"},
       {"-3", "3", "-0"}},
      {R"({"type":"number","minimum":0.25,"exclusiveMaximum":1})",
       {"0.25", "0.9", "0.5000"},
       {"0.2", "1", "1.0", "0", "0.25e0"}},
      {R"({"type":"string","minLength":2,"maxLength":3})",
       {"\"ab\"", "\"\xe5\x8c\x97\xe4\xba\xac\"", "\"\\u0041\\nb\""},
       {"\"a\"", "\"abcd\""}},
      {R"({"type":"string","pattern":"^[a-c]+$"})", {"\"abc\""}, {"\"abd\"", "\"\""}},
      {R"({"type":"string","pattern":"\\."})", {"\"a.b\"", "\"\\n.\""}, {"\"ab\""}},
      {R"({"type":"string","format":"date"})",
       {"\"2026-11-28\""},
       {"\"2026-13-01\"", "\"2026-04-31\""}},
      {R"({"type":"string","format":"date-time"})",
       {"\"2026-11-28T15:00:00Z\"", "\"2026-11-28T15:00:00.5+08:00\""},
       {"\"2026-11-28\""}},
      {R"({"type":"string","format":"ipv4"})", {"\"10.0.255.1\""}, {"\"256.1.1.1\""}},
      {R"({"type":"string","format":"email"})", {"\"a.b@c.org\""}, {"\"a@b\""}},
      {R"({"type":"string","format":"uuid"})",
       {"\"123e4567-e89b-12d3-a456-426614174000\""},
       {"\"123\""}},
      {R"({"enum":["red","\u5317",12,null,{"a":[1]}]})",
       {"\"red\"", "\"\xe5\x8c\x97\"", "12", "null", "{\"a\":[1]}"},
       {"1", "\"re\"", "\"blue\""}},
      {R"({"enum":[1,12,123]})", {"1", "12", "123"}, {"2", "1234"}},
      {R"({"type":"string","enum":["a",1]})", {"\"a\""}, {"1"}},
      {R"({"const":"x"})", {"\"x\""}, {"\"y\""}},
      {R"({"type":["string","null"]})", {"\"\"", "null"}, {"1"}},
      {R"({"type":"array","items":{"type":"boolean"},"minItems":1,"maxItems":2})",
       {"[true]", "[true, false]", "[\n  true\n]"},
       {"[]", "[1]", "[true,true,true]", "[true ,true]"}},
      {R"({"type":"array","prefixItems":[{"const":1},{"const":2}],"items":false})",
       {"[]", "[1]", "[1,2]"},
       {"[2]", "[1,2,3]", "[1,2,"}},
      {R"({"properties":{"a":{"type":"integer"},"b":{}},"required":["a"],"type":"object","additionalProperties":false})",
       {"{\"a\":1}", "{\"b\":[],\"a\":1}", "{ \"a\": 1}"},
       {"{}", "{\"b\":1}", "{\"a\":1,\"c\":1}", "{\"a\":1,\"a\":1}", "{\"a\":1,\"b\":2,"}},
      {R"({"type":"object","properties":{"a":false},"additionalProperties":{"type":"null"}})",
       {"{}", "{\"ab\":null,\"b\":null}"},
       {"{\"a\":null}", "{\"b\":1}"}},
      {R"({"type":"object","minProperties":1,"maxProperties":2,"required":["r"]})",
       {"{\"r\":1}", "{\"q\":1,\"r\":2}"},
       {"{\"p\":1,\"q\"", "{}"}},
      {R"({"anyOf":[{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"]},{"type":"object","properties":{"a":{"type":"string"}}}]})",
       {"{\"a\":1}", "{\"a\":\"x\"}", "{}"},
       {"{\"a\":null}"}},
      {R"({"$ref":"#/$defs/n","$defs":{"n":{"type":"object","properties":{"next":{"anyOf":[{"$ref":"#/$defs/n"},{"type":"null"}]}},"required":["next"],"additionalProperties":false}}})",
       {"{\"next\":null}", "{\"next\":{\"next\":null}}"},
       {"{}", "{\"next\":{}}"}},
      {R"({"allOf":[{"type":"null"}],"title":"nothing"})", {"null"}, {"1"}},
  };
  for (const row& r : rows) {
    const auto g = grammar(r.schema);
    for (const auto& text : r.right) BOOST_TEST(accepts(g, text), r.schema << " refuses " << text);
    for (const auto& text : r.wrong) BOOST_TEST(!accepts(g, text), r.schema << " takes " << text);
  }
}

BOOST_AUTO_TEST_CASE(what_is_not_supported_is_refused_by_name) {
  auto names = [](std::string_view schema, std::string_view name) {
    const std::string said = refusal(schema);
    BOOST_TEST(said.find(name) != said.npos, schema << ": " << said);
  };
  names(R"({"not":{"type":"null"}})", "`not`");
  names(R"({"type":"object","properties":{"a":{"multipleOf":2}}})", "`#/properties/a`");
  names(R"({"patternProperties":{}})", "`patternProperties`");
  names(R"({"type":"array","uniqueItems":true})", "`uniqueItems`");
  names(R"({"type":"string","format":"hostname"})", "`hostname`");
  names(R"({"type":"string","pattern":"(?=a)b"})", "look-around");
  names(R"({"type":"string","pattern":"(a)\\1"})", "back references");
  names(R"({"type":"string","pattern":"\\bx"})", "`\\b`");
  names(R"({"type":"string","pattern":"["})", "`[`");
  names(R"({"$ref":"other.json"})", "`$ref`");
  names(R"({"$ref":"#/$defs/none"})", "`#/$defs/none`");
  names(R"({"anyOf":[{"type":"null"}],"minLength":1})", "`minLength`");
  names(R"({"allOf":[{},{}]})", "`allOf`");
  names(R"({"oneOf":[{"type":"integer"},{"type":"number"}]})", "`oneOf`");
  names(R"({"type":"text"})", "`type`");
  names(R"({"type":"array","minItems":-1})", "`minItems`");
  names(R"({"type":"integer","minimum":3,"maximum":2})", "no document");
  names(R"({"type":"object","required":["a"],"properties":{"a":{"$ref":"#"}}})", "no document");
  names(R"({"type":"object","required":["a"],"additionalProperties":false})", "no document");
  names("3", "no schema");
  names("{", "no JSON");
}

BOOST_AUTO_TEST_CASE(a_pattern_means_the_same_as_another_implementation_says) {
  const std::vector<std::string> patterns = {"a",          "^a",
                                             "a$",         "^(a|bc)*$",
                                             "^a{2,3}b?$", "^[^ab]$",
                                             "^.$",        "^\\d+(\\.\\d+)?$",
                                             "^\\w\\W$",   "^\\s?a$",
                                             "^a|b$",      "^(?:ab)+?c$",
                                             "^[a-c-]+$",  "^\\x61\\u0062$"};
  random_source random(5);
  const std::string letters = "aabbcc 1.-_";
  for (const std::string& pattern : patterns) {
    const auto parsed = parse_text_pattern(pattern);
    BOOST_REQUIRE(parsed.has_value());
    const auto automaton = text_automaton::compile(*parsed, 0, std::nullopt);
    BOOST_REQUIRE(automaton.has_value());
    const std::regex other(pattern);
    for (int i = 0; i < 400; ++i) {
      std::string text;
      for (auto n = random.below(6); n > 0; --n) text += letters[random.below(letters.size())];
      const auto end = automaton->after(automaton->start(), text);
      const bool found = end != text_automaton::dead && automaton->accepts(end);
      BOOST_TEST(found == std::regex_search(text, other), pattern << " and " << text);
    }
  }
}

BOOST_AUTO_TEST_CASE(characters_outside_of_ascii_are_characters_of_a_pattern) {
  const auto g = grammar(R"({"type":"string","pattern":"^[\u4e00-\u9fff]{2}[^\u4e00-\u9fff]$"})");
  BOOST_TEST(accepts(g, "\"\xe5\x8c\x97\xe4\xba\xac!\""));
  BOOST_TEST(accepts(g, "\"\xe5\x8c\x97\xe4\xba\xac\xf0\x9f\x98\x80\""));
  BOOST_TEST(!accepts(g, "\"\xe5\x8c\x97\""));
  BOOST_TEST(!accepts(g, "\"\xe5\x8c\x97\xe4\xba\xac\xe4\xba\xac\""));
}

BOOST_AUTO_TEST_CASE(whatever_a_model_wants_the_answer_is_a_document_of_the_schema) {
  const auto tokens = std::make_shared<const small_words>();
  const auto words = std::make_shared<const json_vocabulary>(tokens);
  int whole = 0, schemas = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    test::random_schemas random(seed);
    const json::value schema = random.make();
    const auto made = json_grammar::make(schema);
    if (!made) {
      BOOST_TEST(made.error().message.find("no document") != std::string::npos,
                 serialize(schema) << ": " << made.error().message);
      continue;
    }
    ++schemas;
    const test::json_schema judge(schema);
    const auto least = json_constraint(*made, words, {tokens->end()}).least_tokens();
    for (const std::int64_t more : {0, 1, 3, 10, 60, 300}) {
      const auto out = write(*made, words, tokens->end(), std::max<std::int64_t>(1, least + more),
                             seed, more > 20 ? 5 : 0);
      BOOST_TEST(out.whole, serialize(schema)
                                << " with " << least << "+" << more << ": " << out.text);
      json::error_code failed;
      const json::value v = json::parse(out.text, failed);
      BOOST_TEST(!failed, out.text);
      if (failed) continue;
      const auto complaints = judge.complaints(v);
      BOOST_TEST(complaints.empty(), serialize(schema)
                                         << ": " << out.text << " "
                                         << (complaints.empty() ? "" : complaints[0]));
      ++whole;
    }
  }
  BOOST_TEST(schemas > 200);
  BOOST_TEST(whole == schemas * 6);
}

BOOST_AUTO_TEST_CASE(every_document_that_satisfies_a_schema_can_be_written) {
  int tried = 0;
  for (std::uint64_t seed = 1; seed <= 600; ++seed) {
    test::random_schemas random(seed);
    const json::value schema = random.make();
    const auto made = json_grammar::make(schema);
    if (!made) continue;
    const test::json_schema judge(schema);
    for (int i = 0; i < 8; ++i) {
      const auto doc = random.document(schema);
      if (!doc || !judge.complaints(*doc).empty()) continue;
      std::string text;
      append_json(text, from_json(*doc));
      BOOST_TEST(accepts(*made, text), serialize(schema) << " refuses " << text);
      ++tried;
    }
  }
  BOOST_TEST(tried > 1500);
}

BOOST_AUTO_TEST_CASE(at_every_byte_there_is_a_way_to_the_end) {
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    test::random_schemas schemas(seed);
    const json::value schema = schemas.make();
    const auto made = json_grammar::make(schema);
    if (!made) continue;
    const test::json_schema judge(schema);
    random_source random(seed);
    json_position at(*made);
    std::string text;
    for (int i = 0; i < 120 && !at.closed(); ++i) {
      const auto b = static_cast<unsigned char>(
          random.below(3) == 0 ? random.below(256)
                               : static_cast<unsigned char>("\"{}[]:,atn1 -."[random.below(15)]));
      if (!at.step(b)) continue;
      text += static_cast<char>(b);
      const std::string all = text + at.shortest();
      BOOST_TEST(accepts(*made, all), serialize(schema) << ": " << all);
      json::error_code failed;
      const json::value v = json::parse(all, failed);
      BOOST_TEST(!failed, all);
      if (!failed) BOOST_TEST(judge.complaints(v).empty(), serialize(schema) << ": " << all);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_model_that_wants_the_right_thing_is_not_disturbed) {
  const auto tokens = std::make_shared<const small_words>();
  const auto words = std::make_shared<const json_vocabulary>(tokens);
  const auto g =
      grammar(R"({"type":"object","properties":{"name":{"type":"string"}},"required":["name"]})");
  json_constraint constraint(g, words, {tokens->end()});
  const std::vector<std::string> wanted = {"{\"", "name", "\": \"", "hello world", "\"}"};
  std::int64_t left = 40;
  auto standing = token_constraint::standing::open;
  for (const std::string& piece : wanted) {
    token_id id = 0;
    while (words->bytes(id) != piece) ++id;
    std::vector<float> scores(static_cast<std::size_t>(words->size()));
    constraint.restrict(scores, left--);
    BOOST_TEST(scores[static_cast<std::size_t>(id)] == 0.0f, piece);
    BOOST_TEST(std::isinf(scores[static_cast<std::size_t>(tokens->end())]));
    standing = constraint.accept(id);
  }
  BOOST_TEST((standing == token_constraint::standing::closed));
}

BOOST_AUTO_TEST_SUITE_END()
