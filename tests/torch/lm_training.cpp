#include "model/api.hpp"
#include "model/formatted_engine.hpp"
#include "tests/support/temporary_folder.hpp"

#include <boost/test/unit_test.hpp>

#include <fstream>
#include <iterator>

using namespace troupe;
namespace fs = std::filesystem;

namespace {

struct with_trained {
  test::temporary_folder folder;
  lm_options options;

  with_trained() {
    std::ofstream data(folder.path() / "data.jsonl");
    data
        << R"({"prompt": "passage: Delivery costs ¥8. The shop opens at 9:00.\nquestion: How much is delivery?", "answer": "Delivery costs ¥8."})"
        << "\n\n"
        << R"({"prompt": "passage: Delivery costs ¥8. The shop opens at 9:00.\nquestion: When does the shop open?", "answer": "At 9:00 in the morning."})"
        << '\n'
        << R"({"prompt": "资料：运费8元。周一休息。\n问题：哪天休息？", "answer": "周一休息。"})"
        << '\n';
    data.close();
    std::ofstream format(folder.path() / "prompt_format.json");
    format << R"({"format": "delexicalised", "parts": [
      {"name": "question", "role": "asks", "labels": ["question", "问题"]},
      {"name": "text", "role": "sentences", "labels": ["passage", "资料"]}]})";
    format.close();
    options = {.data = {folder.path() / "data.jsonl"},
               .format = folder.path() / "prompt_format.json",
               .seed = 5,
               .steps = 60,
               .batch_tokens = 512,
               .vocabulary = 512,
               .hidden = 32,
               .layers = 2,
               .heads = 2,
               .intermediate = 64,
               .context = 256,
               .learning_rate = 1e-2,
               .held_out = 0,
               .threads = 1};
  }

  fs::path out(const std::string& name) { return folder.path() / name; }

  lm_report train(lm_options o) {
    auto made = troupe_model_module()->train_lm(o);
    BOOST_REQUIRE_MESSAGE(made, (made ? "" : made.error().message));
    return *made;
  }

  static std::string bytes_of(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  std::string ask(const fs::path& model, const std::string& prompt) {
    auto inner = troupe_model_module()->load_engine(model, {.device = "cpu"});
    BOOST_REQUIRE_MESSAGE(inner, (inner ? "" : inner.error().message));
    auto format = read_prompt_format(model);
    BOOST_REQUIRE(format && *format);
    const auto e = make_formatted_engine(*inner, **format);
    generation_request request;
    request.messages.push_back({chat_message::role_type::user, prompt});
    request.max_tokens = 40;
    std::string streamed;
    auto made = e->generate(request, [&](std::string_view text) { streamed += text; });
    BOOST_REQUIRE(made);
    BOOST_TEST(made->text == streamed);
    return made->text;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(language_models_of_our_own, with_trained)

BOOST_AUTO_TEST_CASE(a_tiny_model_learns_a_tiny_corpus_and_the_engine_repeats_it) {
  options.out = out("model");
  const auto report = train(options);
  BOOST_TEST(report.loss > 0);
  BOOST_TEST(report.examples == 3);
  BOOST_TEST(static_cast<std::uintmax_t>(report.bytes) ==
             fs::file_size(options.out / "model.safetensors"));
  BOOST_TEST(!fs::exists(options.out / "checkpoint.safetensors"));
  const std::string passage = "passage: Delivery costs ¥8. The shop opens at 9:00.\n";
  BOOST_TEST(ask(options.out, passage + "question: How much is delivery?") == "Delivery costs ¥8.");
  BOOST_TEST(ask(options.out, passage + "question: When does the shop open?") ==
             "At 9:00 in the morning.");
  BOOST_TEST(ask(options.out, "资料：运费8元。周一休息。\n问题：哪天休息？") == "周一休息。");
  // Facts that it has never seen, in the places of those that it has.
  BOOST_TEST(ask(options.out,
                 "passage: Delivery costs $3,141. The shop opens at 23:17.\n"
                 "question: When does the shop open?") == "At 23:17 in the morning.");
}

BOOST_AUTO_TEST_CASE(a_training_begins_from_another_model_which_may_be_half_as_deep) {
  options.out = out("model");
  train(options);
  lm_options deeper = options;
  deeper.init = options.out;
  deeper.out = out("deeper");
  deeper.layers = 4;
  deeper.steps = 1;
  deeper.learning_rate = 0;
  train(deeper);
  const std::string passage = "passage: Delivery costs ¥8. The shop opens at 9:00.\n";
  BOOST_TEST(ask(deeper.out, passage + "question: How much is delivery?") == "Delivery costs ¥8.");
  deeper.out = out("three");
  deeper.layers = 3;
  const auto refused = troupe_model_module()->train_lm(deeper);
  BOOST_REQUIRE(!refused);
  BOOST_TEST(refused.error().message.find("no model to begin from") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_training_that_was_interrupted_and_resumed_gives_the_same_files) {
  options.steps = 12;
  options.save_every = 5;
  options.out = out("whole");
  train(options);

  lm_options half = options;
  half.out = out("halves");
  std::stop_source stop;
  half.cancel = stop.get_token();
  half.progress = [&](const lm_progress& p) {
    if (p.step == 7) stop.request_stop();
  };
  const auto stopped = troupe_model_module()->train_lm(half);
  BOOST_REQUIRE(!stopped);
  BOOST_TEST((stopped.error().code == errc::cancelled));
  half.cancel = {};
  half.resume = true;
  std::int64_t first = 0;
  half.progress = [&](const lm_progress& p) { first = first ? first : p.step; };
  train(half);
  BOOST_TEST(first == 8);
  for (const char* file : {"model.safetensors", "tokenizer.json", "config.json"})
    BOOST_TEST(bytes_of(half.out / file) == bytes_of(options.out / file));
}

BOOST_AUTO_TEST_CASE(a_checkpoint_of_other_options_is_refused) {
  options.steps = 4;
  options.out = out("model");
  std::stop_source stop;
  options.cancel = stop.get_token();
  options.progress = [&](const lm_progress&) { stop.request_stop(); };
  BOOST_REQUIRE(!troupe_model_module()->train_lm(options));
  options.cancel = {};
  options.resume = true;
  options.learning_rate = 1;
  const auto refused = troupe_model_module()->train_lm(options);
  BOOST_REQUIRE(!refused);
  BOOST_TEST((refused.error().code == errc::conflict));
}

BOOST_AUTO_TEST_CASE(data_that_are_no_examples_are_named_with_their_line) {
  std::ofstream(folder.path() / "bad.jsonl") << "{\"prompt\": \"a\", \"answer\": \"b\"}\n{}\n";
  options.data = {folder.path() / "bad.jsonl"};
  options.out = out("model");
  const auto refused = troupe_model_module()->train_lm(options);
  BOOST_REQUIRE(!refused);
  BOOST_TEST(refused.error().message.find("bad.jsonl`, line 2:") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
