// `troupe tokenize` and `troupe complete` as a script meets them.

#include "support/command_line.hpp"
#include "support/random_model.hpp"

using namespace troupe;
using namespace troupe::test;
namespace json = boost::json;

namespace {

struct small_model : command_line {
  const std::string model = folder.path() / "model";

  small_model() {
    const auto config = small_config("llama", "LlamaForCausalLM");
    write_model(model, config, random_weights(config, 3));
  }
  finished_command with_input(const std::string& words, const std::string& input) {
    return run(
        {"/bin/sh", "-c", TROUPE_BINARY_DIR "/troupe " + words + " < " + file("input", input)});
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(engine_commands, small_model)

BOOST_AUTO_TEST_CASE(tokenize_gives_a_list_of_ids_for_each_line) {
  const auto got = with_input("tokenize " + model, "\"ab\"\n\"\"\n\"你\"\n");
  BOOST_TEST(got.code == 0, got.err);
  BOOST_TEST(got.out == "[35,100,101]\n[]\n[35,231,192,163]\n");
}

BOOST_AUTO_TEST_CASE(tokenize_says_which_line_is_no_json_string) {
  const auto got = with_input("tokenize " + model, "\"ab\"\nab\n");
  BOOST_TEST(got.code == 1);
  BOOST_TEST(got.err.find("line 2 of the input") != std::string::npos, got.err);
}

BOOST_AUTO_TEST_CASE(tokenize_reads_or_leaves_control_tokens_in_qwens_vocabulary) {
  const auto qwen = shared_data("tokenizer_qwen3");
  if (!qwen) return;
  const std::string text = "\"<|im_start|>user\\n\\u4f60\\u597d\"\n";
  BOOST_TEST(with_input("tokenize " + qwen->string(), text).out == "[151644,872,198,108386]\n");
  const auto plain = with_input("tokenize --plain " + qwen->string(), text);
  BOOST_TEST(plain.code == 0, plain.err);
  BOOST_TEST(plain.out.find("151644") == std::string::npos, plain.out);
}

BOOST_AUTO_TEST_CASE(complete_tells_ids_and_how_likely_they_were) {
  const auto got = troupe({"complete", model, "--ids", "1,70,300", "--max-tokens", "5", "--json"});
  BOOST_TEST(got.code == 0, got.err);
  const auto told = json::parse(got.out);
  BOOST_TEST(told.at("ids").as_array().size() == 5u);
  BOOST_TEST(told.at("logprobs").as_array().size() == 5u);
  for (auto& p : told.at("logprobs").as_array()) BOOST_TEST(p.to_number<double>() < 0);
  BOOST_TEST(told.at("prompt_ids") == json::array({1, 70, 300}));
  BOOST_TEST(told.at("finish_reason").as_string() == "length");
  BOOST_TEST(told.at("dtype").as_string() == "fp32");
  const auto again =
      troupe({"complete", model, "--ids", "1,70,300", "--max-tokens", "5", "--json"});
  BOOST_TEST(again.out == got.out);
}

BOOST_AUTO_TEST_CASE(complete_keeps_to_a_schema_and_says_what_it_cannot_keep_to) {
  const std::string schema = R"({"type": "object", "required": ["order"],
    "properties": {"order": {"type": "integer", "minimum": 100, "maximum": 999}},
    "additionalProperties": false})";
  auto held = [&](const std::string& text, const std::string& tokens) {
    return troupe({"complete", model, "--ids", "1,70", "--max-tokens", tokens, "--temperature", "1",
                   "--json-schema", file("schema.json", text)});
  };
  const auto got = held(schema, "40");
  BOOST_TEST(got.code == 0, got.err);
  const auto order = json::parse(got.out).at("order").as_int64();
  BOOST_TEST((order >= 100 && order <= 999));
  const auto long_one = held(schema, "3");
  BOOST_TEST(long_one.code == 1);
  BOOST_TEST(long_one.err.find("max_tokens") != std::string::npos, long_one.err);
  const auto refused = held(R"({"not": {}})", "40");
  BOOST_TEST(refused.code == 1);
  BOOST_TEST(refused.err.find("`not`") != std::string::npos, refused.err);
}

BOOST_AUTO_TEST_CASE(complete_opens_a_text_as_the_models_tokenizer_does) {
  const auto got = troupe({"complete", model, "--prompt", "ab", "--max-tokens", "1", "--json"});
  BOOST_TEST(got.code == 0, got.err);
  BOOST_TEST(json::parse(got.out).at("prompt_ids") == json::array({1, 35, 100, 101}));
}

BOOST_AUTO_TEST_CASE(complete_draws_as_its_seed_says) {
  auto drawn = [&](const std::string& seed) {
    return troupe({"complete", model, "--ids", "1", "--temperature", "1", "--seed", seed,
                   "--max-tokens", "20", "--json"})
        .out;
  };
  BOOST_TEST(drawn("4") == drawn("4"));
  BOOST_TEST(drawn("4") != drawn("5"));
}

BOOST_AUTO_TEST_CASE(complete_prints_a_story) {
  const auto stories = shared_data("stories260K");
  if (!stories) return;
  const auto got = troupe({"complete", *stories / "hf", "--prompt", "", "--max-tokens", "24"});
  BOOST_TEST(got.code == 0, got.err);
  BOOST_TEST(got.out ==
             "Once upon a time, there was a little girl named Lily. She loved to play outsid\n");
}

BOOST_AUTO_TEST_CASE(bench_tells_how_fast_a_model_is) {
  const auto got = troupe({"bench", "model", model, "--prompt", "32", "--tokens", "4",
                           "--sequences", "3", "--times", "1", "--json"});
  BOOST_TEST(got.code == 0, got.err);
  const auto told = json::parse(got.out);
  BOOST_TEST(told.at("family").as_string() == "llama");
  BOOST_REQUIRE(!told.at("results").as_array().empty());
  for (const auto& r : told.at("results").as_array()) {
    for (const char* key :
         {"prefill", "decode", "together", "first_token_turn_2_ms", "first_token_turn_20_ms"})
      BOOST_TEST(r.at(key).to_number<double>() > 0);
    BOOST_TEST(r.at("sequences").as_int64() == 3);
  }
  const auto table = troupe({"bench", "model", model, "--prompt", "32", "--tokens", "4",
                             "--sequences", "3", "--times", "1", "--dtype", "fp32,bf16"});
  BOOST_TEST(table.out.starts_with(model + ": llama on cpu\n"), table.out + table.err);
  BOOST_TEST(table.out.find("\nfp32 ") != std::string::npos, table.out);
  BOOST_TEST(table.out.find("\nbf16 ") != std::string::npos, table.out);
}

BOOST_AUTO_TEST_CASE(complete_says_what_is_wrong_with_its_words_and_its_model) {
  BOOST_TEST(troupe({"complete", model}).code == 2);
  BOOST_TEST(troupe({"complete", model, "--prompt", "a", "--ids", "1"}).code == 2);
  const auto missing = troupe({"complete", "nowhere", "--prompt", "a"});
  BOOST_TEST(missing.code == 1);
  BOOST_TEST(missing.err.find("nowhere` is no folder") != std::string::npos, missing.err);
  const auto outside = troupe({"complete", model, "--ids", "1,320"});
  BOOST_TEST(outside.code == 1);
  BOOST_TEST(outside.err.find("token 320") != std::string::npos, outside.err);
  const auto type = troupe({"complete", model, "--ids", "1", "--dtype", "int3"});
  BOOST_TEST(type.code == 1);
  BOOST_TEST(type.err.find("unknown dtype `int3`") != std::string::npos, type.err);
}

BOOST_AUTO_TEST_SUITE_END()
