#include "model/model_config.hpp"

#include "model/engines.hpp"
#include "model/library.hpp"
#include "tests/support/temporary_folder.hpp"

#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>

#include <cmath>
#include <cstdlib>
#include <fstream>

using namespace troupe;
namespace json = boost::json;

namespace {

json::object base() {
  return {{"model_type", "llama"},          {"hidden_size", 64},        {"intermediate_size", 172},
          {"num_hidden_layers", 5},         {"num_attention_heads", 8}, {"num_key_value_heads", 4},
          {"max_position_embeddings", 512}, {"vocab_size", 512},        {"eos_token_id", {2, 3}}};
}

std::string refusal(const char* key, const json::value& v) {
  json::object o = base();
  o[key] = v;
  const auto parsed = parse_model_config(json::serialize(o), "config.json");
  return parsed ? "" : parsed.error().message;
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

model_spec spec_of(const std::string& kind, const std::string& path) {
  model_spec spec;
  spec.name.value = "writer";
  spec.kind.value = kind;
  spec.path.value = path;
  return spec;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(models)

BOOST_AUTO_TEST_CASE(a_llama_config_is_read_and_defaults_fill_the_rest) {
  const auto c = parse_model_config(json::serialize(base()), "config.json");
  BOOST_REQUIRE(c.has_value());
  BOOST_TEST(c->head_size == 8);
  BOOST_TEST(c->rope.theta == 10000.0);
  BOOST_TEST((c->end == std::vector<token_id>{2, 3}));
  BOOST_TEST(!c->begin.has_value());
  BOOST_TEST(!c->tied_embeddings);
}

BOOST_AUTO_TEST_CASE(what_the_decoder_cannot_do_is_refused_by_name) {
  BOOST_TEST(has(refusal("model_type", "gpt2"), "`model_type` = \"gpt2\" is not supported"));
  BOOST_TEST(has(refusal("hidden_act", "gelu"), "`hidden_act`"));
  BOOST_TEST(has(refusal("architectures", {"LlamaForSequenceClassification"}),
                 "`architectures` = [\"LlamaForSequenceClassification\"] is not supported"));
  BOOST_TEST(has(refusal("architectures", "LlamaForCausalLM"), "`architectures`"));
  BOOST_TEST(refusal("architectures", json::array{"LlamaForCausalLM"}) == "");
  BOOST_TEST(has(refusal("mlp_bias", 1), "`mlp_bias`"));
  BOOST_TEST(has(refusal("tie_word_embeddings", "yes"), "`tie_word_embeddings`"));
  BOOST_TEST(has(refusal("quantization_config", json::object{}), "`quantization_config`"));
  BOOST_TEST(has(refusal("quantization_config", {{"quant_method", "gptq"}, {"bits", 4}}),
                 "`quantization_config` = "));
  BOOST_TEST(
      has(refusal("quantization_config", {{"quant_method", "fp8"}}), "`quantization_config` = "));
  BOOST_TEST(has(
      refusal("quantization_config", {{"quant_method", "fp8"}, {"weight_block_size", {128, 0}}}),
      "`quantization_config.weight_block_size`"));
  BOOST_TEST(has(refusal("layer_types", {"full_attention", "sliding_attention"}), "`layer_types`"));
}

BOOST_AUTO_TEST_CASE(a_sliding_window_is_refused_if_it_is_shorter_than_the_context) {
  json::object o = base();
  o["use_sliding_window"] = true;
  o["sliding_window"] = 512;
  BOOST_TEST(parse_model_config(json::serialize(o), "config.json").has_value());
  o["sliding_window"] = 511;
  o["max_window_layers"] = 4;
  const auto c = parse_model_config(json::serialize(o), "config.json");
  BOOST_TEST(has(c.error().message, "`use_sliding_window`"));
  // It is for the layers from there on, and there are five.
  o["max_window_layers"] = 5;
  BOOST_TEST(parse_model_config(json::serialize(o), "config.json").has_value());
  o["layer_types"] = json::array{"full_attention", "sliding_attention"};
  BOOST_TEST(
      has(parse_model_config(json::serialize(o), "config.json").error().message, "`layer_types`"));
}

BOOST_AUTO_TEST_CASE(positions_can_be_scaled_in_every_known_way_and_in_no_other) {
  auto scaled = [](const json::object& scaling) { return refusal("rope_scaling", scaling); };
  BOOST_TEST(scaled({{"rope_type", "default"}}) == "");
  BOOST_TEST(scaled({{"type", "linear"}, {"factor", 2.0}}) == "");
  BOOST_TEST(scaled({{"rope_type", "yarn"}, {"factor", 4}}) == "");
  BOOST_TEST(has(scaled({{"rope_type", "longrope"}}), "`rope_scaling` = "));
  BOOST_TEST(has(scaled({{"rope_type", "yarn"}}), "`rope_scaling.factor` is missing"));
  BOOST_TEST(has(scaled({{"rope_type", "linear"}, {"factor", 0.5}}), "is below 1"));
  BOOST_TEST(has(scaled({{"rope_type", "llama3"}, {"factor", 8}, {"low_freq_factor", 5}}),
                 "`rope_scaling.high_freq_factor`"));
  BOOST_TEST(has(refusal("rope_parameters", {{"rope_type", "su"}}), "`rope_parameters`"));
  BOOST_TEST(has(refusal("rope_parameters", 5), "`rope_parameters`"));
  BOOST_TEST(
      has(refusal("rope_parameters", {{"full_attention", json::object{{"rope_type", "default"}}}}),
          "`rope_parameters`"));
  BOOST_TEST(has(refusal("partial_rotary_factor", 0.5), "`partial_rotary_factor` = "));
  BOOST_TEST(
      has(refusal("rope_parameters", {{"rope_type", "default"}, {"partial_rotary_factor", 0.25}}),
          "`rope_parameters.partial_rotary_factor` = "));
}

BOOST_AUTO_TEST_CASE(settings_of_positions_that_say_nothing_are_as_good_as_none) {
  auto rope = [](const json::object& more) {
    json::object o = base();
    for (auto& [key, v] : more) o[key] = v;
    const auto c = parse_model_config(json::serialize(o), "config.json");
    BOOST_REQUIRE_MESSAGE(c.has_value(), (c ? "" : c.error().message));
    return c->rope;
  };
  BOOST_TEST((rope({{"rope_scaling", json::object{}}}).kind == rope_kind::plain));
  const auto only_base = rope({{"rope_parameters", json::object{{"rope_theta", 5e5}}}});
  BOOST_TEST((only_base.kind == rope_kind::plain && only_base.theta == 5e5));
  const auto zeros = rope({{"rope_scaling", json::object{{"rope_type", "yarn"},
                                                         {"factor", 4},
                                                         {"mscale", 0},
                                                         {"mscale_all_dim", 0},
                                                         {"attention_factor", nullptr}}}});
  BOOST_TEST(rope_attention_factor(zeros) == 0.1 * std::log(4.0) + 1);
  BOOST_TEST(rope_score_factor(zeros) == 1);
  // The dynamic kind grows from the context that the file names, whatever came before.
  const auto dynamic =
      rope({{"rope_scaling", json::object{{"rope_type", "dynamic"},
                                          {"factor", 4},
                                          {"original_max_position_embeddings", 64}}}});
  BOOST_TEST(dynamic.original_context == 512);
  const auto both = rope({{"rope_scaling", json::object{{"type", "linear"}, {"factor", 2}}},
                          {"rope_parameters", json::object{{"rope_type", "default"}}}});
  BOOST_TEST((both.kind == rope_kind::linear));
}

BOOST_AUTO_TEST_CASE(a_stretched_context_is_as_long_as_its_kind_makes_it) {
  auto context = [](const json::object& scaling) {
    json::object o = base();
    o["rope_scaling"] = scaling;
    return parse_model_config(json::serialize(o), "config.json")->context;
  };
  BOOST_TEST(context({{"type", "linear"}, {"factor", 4}}) == 512);
  BOOST_TEST(context({{"type", "yarn"}, {"factor", 4}}) == 2048);
  BOOST_TEST(context({{"type", "dynamic"}, {"factor", 4}}) == 2048);
  BOOST_TEST(
      context({{"type", "yarn"}, {"factor", 4}, {"original_max_position_embeddings", 128}}) == 512);
}

BOOST_AUTO_TEST_CASE(each_family_has_its_own_defaults) {
  auto read = [](const json::object& more) {
    json::object o = base();
    for (auto& [key, v] : more) o[key] = v;
    return *parse_model_config(json::serialize(o), "config.json");
  };
  const auto llama = read({{"attention_bias", true}});
  BOOST_TEST((llama.qkv_bias && llama.output_bias && !llama.mlp_bias && !llama.head_norms));
  const auto qwen2 = read({{"model_type", "qwen2"}});
  BOOST_TEST((qwen2.qkv_bias && !qwen2.output_bias && !qwen2.head_norms));
  const auto qwen3 = read({{"model_type", "qwen3"}});
  BOOST_TEST((!qwen3.qkv_bias && qwen3.head_norms));
  BOOST_TEST(qwen3.head_size == 128);
}

BOOST_AUTO_TEST_CASE(tokens_that_end_a_text_also_come_from_the_generation_config) {
  const test::temporary_folder folder;
  std::ofstream(folder.path() / "config.json") << json::serialize(base());
  std::ofstream(folder.path() / "generation_config.json") << R"({"eos_token_id": [3, 7, 600]})";
  const auto c = read_model_config(folder.path());
  BOOST_REQUIRE(c.has_value());
  BOOST_TEST((c->end == std::vector<token_id>{2, 3, 7}));
}

BOOST_AUTO_TEST_CASE(the_rotary_base_is_found_where_newer_files_keep_it) {
  json::object o = base();
  o["rope_parameters"] = json::object{{"rope_type", "default"}, {"rope_theta", 5e5}};
  const auto c = parse_model_config(json::serialize(o), "config.json");
  BOOST_REQUIRE(c.has_value());
  BOOST_TEST(c->rope.theta == 5e5);
}

BOOST_AUTO_TEST_CASE(sizes_that_do_not_fit_are_refused_by_name) {
  BOOST_TEST(has(refusal("hidden_size", 0), "`hidden_size`"));
  BOOST_TEST(has(refusal("hidden_size", -64), "`hidden_size`"));
  BOOST_TEST(has(refusal("hidden_size", "64"), "`hidden_size`"));
  BOOST_TEST(has(refusal("vocab_size", nullptr), "`vocab_size` is missing"));
  BOOST_TEST(has(refusal("num_key_value_heads", 3), "`num_attention_heads`"));
  BOOST_TEST(has(refusal("head_dim", 7), "`head_dim`"));
  BOOST_TEST(has(refusal("rope_theta", -1), "`rope_theta`"));
  BOOST_TEST(has(refusal("eos_token_id", 512), "`eos_token_id`"));
  BOOST_TEST(!parse_model_config("[]", "config.json").has_value());
  BOOST_TEST(!parse_model_config("{", "config.json").has_value());
}

BOOST_AUTO_TEST_CASE(an_engine_needs_a_known_kind_a_folder_and_a_known_device) {
  const auto remote = open_engine(spec_of("remote", ""), ".", {});
  BOOST_REQUIRE(!remote.has_value());
  BOOST_TEST(has(remote.error().message, "no HTTP client"));
  const auto missing = open_engine(spec_of("local", "nowhere"), "/tmp", {});
  BOOST_REQUIRE(!missing.has_value());
  BOOST_TEST(has(missing.error().message, "`/tmp/nowhere`"));
  model_spec spec = spec_of("local", ".");
  for (const char* device : {"gpu", "cuda:", "cuda:x", "cuda:123"}) {
    spec.device.value = device;
    BOOST_TEST(!engine_options_of(spec).has_value());
  }
  spec.device.value = "cuda:1";
  spec.dtype.value = "int3";
  BOOST_TEST(has(engine_options_of(spec).error().message, "`int3`"));
  spec.dtype.value = "bf16";
  BOOST_TEST((engine_options_of(spec)->dtype == engine_dtype::bf16));
}

BOOST_AUTO_TEST_CASE(the_engines_own_keys_are_whole_numbers_within_bounds) {
  auto options = [](const char* key, value v) {
    model_spec spec = spec_of("local", ".");
    spec.all.entries.push_back({{.value = key}, {.plain = std::move(v)}});
    return engine_options_of(spec);
  };
  BOOST_TEST(options("batch", value(std::int64_t{4}))->batch == 4);
  BOOST_TEST(options("queue", value(std::int64_t{0}))->queue == 0);
  BOOST_TEST(options("cache_mb", value(std::int64_t{3}))->cache_bytes == 3 << 20);
  BOOST_TEST(has(options("batch", value(std::int64_t{0})).error().message,
                 "`batch` is a whole number from 1 to 1024"));
  BOOST_TEST(has(options("cache_mb", value(std::string("1GB"))).error().message, "`cache_mb`"));
}

BOOST_AUTO_TEST_CASE(a_missing_module_is_an_error_value_that_says_what_to_do) {
  const char* before = std::getenv("TROUPE_LIB_DIR");
  const std::string kept = before ? before : "";
  ::setenv("TROUPE_LIB_DIR", "/nowhere", 1);
  const auto c = open_model_library()->load_classifier("x");
  if (before)
    ::setenv("TROUPE_LIB_DIR", kept.c_str(), 1);
  else
    ::unsetenv("TROUPE_LIB_DIR");
  BOOST_REQUIRE(!c.has_value());
  BOOST_TEST((c.error().code == errc::unavailable));
  BOOST_TEST(has(c.error().message, "TROUPE_LIB_DIR"));
}

BOOST_AUTO_TEST_SUITE_END()
