#include "model/api.hpp"
#include "tests/support/shared_data.hpp"

#include <set>

using namespace troupe;
namespace fs = std::filesystem;

namespace {

fs::path fresh_folder(const std::string& name) {
  const auto folder = fs::temp_directory_path() / ("troupe_" + name);
  fs::remove_all(folder);
  fs::create_directories(folder);
  return folder;
}

/// Three intents in two languages, each made of a few frames and objects.
fs::path small_data(const fs::path& folder) {
  const auto file = folder / "data.tsv";
  std::ofstream out(file);
  for (const char* what : {"my order", "the purchase", "order 12345", "this order", "it"}) {
    for (const char* frame : {"cancel ", "please cancel ", "i want to cancel ", "can you cancel "})
      out << "cancel\t" << frame << what << '\n';
    for (const char* frame : {"where is ", "track ", "when will i get ", "has anyone seen "})
      out << "track\t" << frame << what << '\n';
  }
  for (const char* what : {"我的订单", "这个订单", "那一单", "昨天买的东西"}) {
    for (const char* frame : {"取消", "我要取消", "请帮我取消", "能不能取消"})
      out << "cancel\t" << frame << what << '\n';
    for (const char* frame : {"查一下", "请问到哪了，", "什么时候能收到", "追踪"})
      out << "track\t" << frame << what << '\n';
  }
  for (const char* text : {"tell me a joke", "what is the weather", "sing a song", "今天天气怎么样",
                           "讲个笑话", "who won the match", "你会唱歌吗", "how tall is everest"})
    out << "out_of_scope\t" << text << '\n';
  return file;
}

train_options small_options(const fs::path& folder) {
  train_options o;
  o.data = {small_data(folder)};
  o.out = folder / "model";
  o.epochs = 30;
  o.batch = 16;
  o.width = 32;
  o.least = 1;
  return o;
}

model_module& module() { return *troupe_model_module(); }

std::string best(const classifier& c, std::string_view text) { return c.classify(text)->label; }

}  // namespace

BOOST_AUTO_TEST_SUITE(classifiers)

BOOST_AUTO_TEST_CASE(a_trained_classifier_knows_new_phrasings_typos_and_both_languages) {
  const auto folder = fresh_folder("classifier");
  const auto report = module().train(small_options(folder));
  BOOST_REQUIRE_MESSAGE(report.has_value(), "training works");
  BOOST_TEST(report->labels == 3);
  BOOST_TEST(report->validation.examples > 0);
  const auto c = module().load_classifier(folder / "model");
  BOOST_REQUIRE(c.has_value());
  BOOST_TEST(best(**c, "I'd like to CANCEL that purchase") == "cancel");
  BOOST_TEST(best(**c, "cancle my oder plz") == "cancel");
  BOOST_TEST(best(**c, "我想取消一下訂單") == "cancel");
  BOOST_TEST(best(**c, "where's my order 99887") == "track");
  BOOST_TEST(best(**c, "我的单什么时候能到") == "track");
  const auto scores = (*c)->classify("where is it")->scores;
  double sum = 0;
  for (auto& s : scores) sum += s.second;
  BOOST_TEST(sum == 1.0, boost::test_tools::tolerance(1e-5));
  BOOST_TEST(scores[0].second >= scores[1].second);
}

BOOST_AUTO_TEST_CASE(a_text_of_nothing_known_still_gets_an_answer) {
  const auto folder = fresh_folder("unknown_text");
  BOOST_REQUIRE(module().train(small_options(folder)).has_value());
  const auto c = module().load_classifier(folder / "model");
  BOOST_REQUIRE(c.has_value());
  for (const char* text : {"", " ", "\xff\xfe", "ψψψ", "🤷"}) {
    const auto answer = (*c)->classify(text);
    BOOST_REQUIRE(answer.has_value());
    BOOST_TEST(answer->confidence > 0.0);
    BOOST_TEST(answer->confidence < 1.0);
  }
}

BOOST_AUTO_TEST_CASE(the_same_seed_gives_the_same_files_and_another_seed_others) {
  const auto folder = fresh_folder("seeds");
  auto options = small_options(folder);
  auto train = [&](const char* name, std::uint64_t seed) {
    options.out = folder / name;
    options.seed = seed;
    BOOST_REQUIRE(module().train(options).has_value());
    return test::read_text(folder / name / "model.safetensors");
  };
  const auto one = train("a", 5);
  BOOST_TEST((one == train("b", 5)));
  BOOST_TEST((one != train("c", 6)));
}

BOOST_AUTO_TEST_CASE(progress_is_told_and_cancelling_writes_nothing) {
  const auto folder = fresh_folder("cancel");
  auto options = small_options(folder);
  std::stop_source stop;
  options.cancel = stop.get_token();
  std::set<std::string> phases;
  options.progress = [&](const train_progress& p) {
    phases.insert(p.phase);
    if (p.phase == "final") stop.request_stop();
  };
  const auto report = module().train(options);
  BOOST_REQUIRE(!report.has_value());
  BOOST_TEST((report.error().code == errc::cancelled));
  BOOST_TEST(phases.size() == 2u);
  BOOST_TEST(!fs::exists(folder / "model" / "model.safetensors"));
}

BOOST_AUTO_TEST_CASE(evaluation_and_cross_validation_score_every_example_once) {
  const auto folder = fresh_folder("evaluation");
  const auto options = small_options(folder);
  BOOST_REQUIRE(module().train(options).has_value());
  const auto seen = module().evaluate({options.out, options.data, 0.5});
  BOOST_REQUIRE(seen.has_value());
  BOOST_TEST(seen->examples == 80);
  BOOST_TEST(seen->accuracy > 0.95);
  const auto unseen = module().cross_validate(options, 4);
  BOOST_REQUIRE(unseen.has_value());
  BOOST_TEST(unseen->examples == 80);
  BOOST_TEST(unseen->in_scope_accuracy > 0.8);
  BOOST_TEST(!module().cross_validate(options, 1).has_value());
}

BOOST_AUTO_TEST_CASE(a_folder_that_is_no_classifier_is_an_error_that_names_it) {
  const auto folder = fresh_folder("broken");
  BOOST_TEST((module().load_classifier(folder / "none").error().code == errc::not_found));
  BOOST_REQUIRE(module().train(small_options(folder)).has_value());
  const auto config = folder / "model" / "config.json";
  const std::string whole = test::read_text(config);
  for (const std::string& text : {std::string("{}"), whole.substr(0, whole.size() / 2),
                                  std::string(R"({"architecture":"other","version":1})")}) {
    std::ofstream(config) << text;
    const auto c = module().load_classifier(folder / "model");
    BOOST_REQUIRE(!c.has_value());
    BOOST_TEST(c.error().message.find("model") != std::string::npos);
  }
  // Labels that do not fit the weights.
  auto fewer = boost::json::parse(whole);
  fewer.at("labels").as_array().pop_back();
  std::ofstream(config) << boost::json::serialize(fewer);
  BOOST_TEST(!module().load_classifier(folder / "model").has_value());
}

BOOST_AUTO_TEST_CASE(one_label_is_not_enough) {
  const auto folder = fresh_folder("one_label");
  std::ofstream(folder / "one.tsv") << "a\tx\na\ty\n";
  train_options options;
  options.data = {folder / "one.tsv"};
  options.out = folder / "model";
  const auto report = module().train(options);
  BOOST_REQUIRE(!report.has_value());
  BOOST_TEST(report.error().message.find("`a`") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
