#include "model/api.hpp"
#include "model/safetensors.hpp"
#include "model/tokenizer.hpp"
#include "tests/support/random_model.hpp"

#include <thread>

using namespace troupe;
using test::shared_data;
namespace fs = std::filesystem;
namespace json = boost::json;

namespace {

std::shared_ptr<engine> stories(const fs::path& folder) {
  auto e = troupe_model_module()->load_engine(folder / "hf", {.device = "cpu"});
  BOOST_REQUIRE_MESSAGE(e.has_value(), (e ? "" : e.error().message));
  return *e;
}

generation_request asking(std::string prompt, std::int64_t tokens) {
  return {.messages = {{chat_message::role_type::user, std::move(prompt)}}, .max_tokens = tokens};
}

struct heard {
  generation out;
  std::string streamed;
};

heard ask(engine& e, const generation_request& request) {
  heard h;
  auto g = e.generate(request, [&](std::string_view text) { h.streamed += text; });
  BOOST_REQUIRE(g.has_value());
  h.out = *g;
  BOOST_TEST(h.out.text == h.streamed);
  return h;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(local_engines)

BOOST_AUTO_TEST_CASE(greedy_continuations_are_the_golden_ones) {
  const auto folder = shared_data("stories260K");
  if (!folder) return;
  const auto e = stories(*folder);
  const json::value golden = test::read_json(*folder / "golden_greedy.json");
  for (auto& c : golden.at("cases").as_array()) {
    const std::string prompt(c.at("prompt").as_string()), whole(c.at("text").as_string());
    const auto given = std::int64_t(c.at("prompt_ids").as_array().size());
    const auto h = ask(*e, asking(prompt, std::int64_t(c.at("ids").as_array().size()) - given));
    BOOST_TEST(prompt + h.out.text == whole);
    BOOST_TEST(h.out.prompt_tokens == given);
    BOOST_TEST((h.out.reason == finish_reason::length));
  }
}

BOOST_AUTO_TEST_CASE(each_piece_that_is_streamed_is_that_of_the_golden_token) {
  const auto folder = shared_data("stories260K");
  if (!folder) return;
  const auto e = stories(*folder);
  const auto words = *open_tokenizer(*folder / "hf", 512);
  const json::value golden = test::read_json(*folder / "golden_greedy.json");
  for (auto& c : golden.at("cases").as_array()) {
    const auto ids = json::value_to<std::vector<token_id>>(c.at("ids"));
    const std::size_t given = c.at("prompt_ids").as_array().size();
    std::vector<std::string> expected, pieces;
    for (std::size_t i = given; i < ids.size(); ++i)
      expected.push_back(words->piece(ids[i - 1], ids[i]));
    const auto request =
        asking(std::string(c.at("prompt").as_string()), std::int64_t(ids.size() - given));
    BOOST_REQUIRE(e->generate(request, [&](std::string_view t) { pieces.emplace_back(t); }));
    BOOST_TEST(pieces == expected, boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(a_long_prompt_is_understood_as_its_tokens_one_by_one_were) {
  const auto folder = shared_data("stories260K");
  if (!folder) return;
  const auto e = stories(*folder);
  std::vector<std::string> pieces;
  BOOST_REQUIRE(e->generate(asking("", 380), [&](std::string_view t) { pieces.emplace_back(t); }));
  BOOST_REQUIRE(pieces.size() > 370u);
  // Control tokens, as at the end of a story, have no piece; there are none in the first 340.
  std::string prompt, rest;
  for (std::size_t i = 0; i < pieces.size(); ++i) (i < 340 ? prompt : rest) += pieces[i];
  const auto h = ask(*e, asking(prompt, 380 - 340));
  BOOST_TEST(h.out.prompt_tokens == 341);
  BOOST_TEST(h.out.text == rest);
}

BOOST_AUTO_TEST_CASE(a_request_that_waits_for_another_can_be_cancelled_and_can_run_late) {
  const auto folder = shared_data("stories260K");
  if (!folder) return;
  const auto opened =
      troupe_model_module()->load_engine(*folder / "hf", {.device = "cpu", .batch = 1});
  BOOST_REQUIRE(opened.has_value());
  language_model& e = **opened;
  std::stop_source stop;
  auto cancelled = asking("The dog", 5), late = cancelled;
  cancelled.cancel = stop.get_token();
  bool asked = false;
  std::optional<finish_reason> first, second;
  const auto outer = e.generate(asking("", 400), [&](std::string_view) {
    if (std::exchange(asked, true)) return;
    // The engine is busy with the long story, so neither of the two gets its turn.
    late.deadline = system_clock().now() + std::chrono::milliseconds(1);
    std::jthread one([&] { first = e.generate(cancelled, {})->reason; });
    std::jthread two([&] { second = e.generate(late, {})->reason; });
    stop.request_stop();
  });
  BOOST_REQUIRE(outer.has_value());
  BOOST_TEST((first == finish_reason::cancelled));
  BOOST_TEST((second == finish_reason::deadline));
  BOOST_TEST(ask(e, asking("The dog", 5)).out.output_tokens == 5);
}

BOOST_AUTO_TEST_CASE(an_answer_that_is_held_to_a_schema_is_whole_beside_one_that_is_not) {
  const test::temporary_folder folder;
  const auto config = test::small_config("llama", "LlamaForCausalLM");
  test::write_model(folder.path(), config, test::random_weights(config, 5));
  const auto opened = troupe_model_module()->load_engine(folder.path(), {.device = "cpu"});
  BOOST_REQUIRE(opened.has_value());
  completion_request free{.ids = {1, 70, 80}, .max_tokens = 30, .ignore_end = true};
  const auto alone = (*opened)->complete(free);
  BOOST_REQUIRE(alone.has_value());
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    completion_request held = free;
    held.ignore_end = false;
    held.seed = seed;
    held.sampling.temperature = 2;
    held.max_tokens = 12 + std::int64_t(seed) * 4;
    held.json_schema = R"({"type":"array","items":{"enum":["ab",12,null]},"minItems":2})";
    std::optional<result<completion>> beside;
    std::jthread other([&] { beside = (*opened)->complete(free); });
    const auto got = (*opened)->complete(held);
    other.join();
    BOOST_REQUIRE(got.has_value());
    BOOST_TEST((got->reason == finish_reason::stop));
    const auto text = decode((*opened)->words(), got->ids);
    json::error_code failed;
    const json::value v = json::parse(text, failed);
    BOOST_REQUIRE_MESSAGE(!failed, text);
    BOOST_TEST(v.as_array().size() >= 2u);
    BOOST_TEST((*beside)->ids == alone->ids, boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(bf16_on_a_cpu_tells_the_story_in_fewer_bits) {
  const auto folder = shared_data("stories260K");
  if (!folder) return;
  const auto e = troupe_model_module()->load_engine(*folder / "hf",
                                                    {.device = "cpu", .dtype = engine_dtype::bf16});
  BOOST_REQUIRE(e.has_value());
  const auto h = ask(**e, asking("", 12));
  BOOST_TEST(h.out.text.starts_with("Once upon a time, there was a little"));
}

BOOST_AUTO_TEST_CASE(a_stop_string_over_token_borders_ends_the_text_and_never_shows) {
  const auto folder = shared_data("stories260K");
  if (!folder) return;
  auto request = asking("", 100);
  request.stop = {"park. One", "zzz"};
  const auto h = ask(*stories(*folder), request);
  BOOST_TEST(h.out.text ==
             "Once upon a time, there was a little girl named Lily. She loved to "
             "play outside in the ");
  BOOST_TEST((h.out.reason == finish_reason::stop));
}

BOOST_AUTO_TEST_CASE(cancelling_while_it_speaks_takes_effect_at_the_next_token) {
  const auto folder = shared_data("stories260K");
  if (!folder) return;
  std::stop_source stop;
  auto request = asking("", 200);
  request.cancel = stop.get_token();
  int pieces = 0;
  const auto g = stories(*folder)->generate(request, [&](std::string_view) {
    if (++pieces == 3) stop.request_stop();
  });
  BOOST_REQUIRE(g.has_value());
  BOOST_TEST(pieces == 3);
  BOOST_TEST((g->reason == finish_reason::cancelled));
}

BOOST_AUTO_TEST_CASE(a_deadline_that_has_passed_gives_no_token) {
  const auto folder = shared_data("stories260K");
  if (!folder) return;
  auto request = asking("", 200);
  request.deadline = system_clock().now() - std::chrono::seconds(1);
  const auto h = ask(*stories(*folder), request);
  BOOST_TEST((h.out.reason == finish_reason::deadline));
  BOOST_TEST(h.out.output_tokens == 0);
}

BOOST_AUTO_TEST_CASE(sampling_is_a_matter_of_its_seed) {
  const auto folder = shared_data("stories260K");
  if (!folder) return;
  const auto e = stories(*folder);
  auto request = asking("The dog", 60);
  request.temperature = 1;
  request.top_p = 0.9;
  request.seed = 11;
  const auto first = ask(*e, request).out.text;
  BOOST_TEST(ask(*e, request).out.text == first);
  request.seed = 12;
  BOOST_TEST(ask(*e, request).out.text != first);
}

BOOST_AUTO_TEST_CASE(callers_side_by_side_get_the_same_as_one_after_another) {
  const auto folder = shared_data("stories260K");
  if (!folder) return;
  const auto e = stories(*folder);
  const std::array<std::string, 3> prompts = {"The dog", "Lily and Tom", "Once upon a time"};
  std::array<std::string, 3> alone, together;
  for (std::size_t i = 0; i < 3; ++i) alone[i] = e->generate(asking(prompts[i], 40), {})->text;
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < 3; ++i)
      threads.emplace_back([&, i] { together[i] = e->generate(asking(prompts[i], 40), {})->text; });
  }
  BOOST_TEST(alone == together, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_context_is_filled_and_not_exceeded) {
  const auto folder = shared_data("stories260K");
  if (!folder) return;
  const auto e = stories(*folder);
  const auto h = ask(*e, asking("The dog", 100000));
  if (h.out.reason == finish_reason::length)
    BOOST_TEST(h.out.prompt_tokens + h.out.output_tokens == 512);
  std::string long_prompt;
  for (int i = 0; i < 600; ++i) long_prompt += "dog ";
  const auto refused = e->generate(asking(long_prompt, 1), {});
  BOOST_REQUIRE(!refused.has_value());
  BOOST_TEST((refused.error().code == errc::invalid_request));
  BOOST_TEST(refused.error().message.find("512") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(shards_give_what_one_file_gives_and_wrong_shapes_are_named) {
  const auto folder = shared_data("stories260K");
  if (!folder) return;
  const auto copy = fs::temp_directory_path() / "troupe_sharded";
  fs::remove_all(copy);
  fs::create_directories(copy);
  fs::copy(*folder / "hf" / "config.json", copy / "config.json");
  fs::copy(*folder / "tok512.bin", copy / "tok512.bin");
  const auto whole = *safetensors_file::open(*folder / "hf" / "model.safetensors");
  json::object map;
  std::array<std::vector<tensor_view>, 2> parts;
  for (auto& t : whole->header().tensors) {
    const std::size_t part = map.size() % 2;
    map[t.name] = part ? "two.safetensors" : "one.safetensors";
    parts[part].push_back({t.name, t.type, t.shape, whole->data(t)});
  }
  BOOST_REQUIRE(write_safetensors(copy / "one.safetensors", parts[0], {}));
  BOOST_REQUIRE(write_safetensors(copy / "two.safetensors", parts[1], {}));
  std::ofstream(copy / "model.safetensors.index.json")
      << json::serialize(json::object{{"weight_map", map}});
  auto sharded = troupe_model_module()->load_engine(copy, {});
  BOOST_REQUIRE(sharded.has_value());
  BOOST_TEST((*sharded)->generate(asking("The dog", 30), {})->text ==
             stories(*folder)->generate(asking("The dog", 30), {})->text);

  auto config = test::read_json(copy / "config.json");
  config.at("intermediate_size") = 171;
  std::ofstream(copy / "config.json") << json::serialize(config);
  const auto wrong = troupe_model_module()->load_engine(copy, {});
  BOOST_REQUIRE(!wrong.has_value());
  BOOST_TEST(wrong.error().message.find("[172, 64]") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_device_or_type_that_is_not_there_is_named) {
  const auto folder = shared_data("stories260K");
  if (!folder) return;
  const auto half = troupe_model_module()->load_engine(
      *folder / "hf", {.device = "cpu", .dtype = engine_dtype::f16});
  BOOST_REQUIRE(!half.has_value());
  BOOST_TEST(half.error().message.find("`fp16`") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
