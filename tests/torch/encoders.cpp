#include "model/encoder_training.hpp"

#include "model/api.hpp"
#include "tests/support/shared_data.hpp"

#include <cmath>
#include <numeric>

using namespace troupe;
namespace fs = std::filesystem;

namespace {

fs::path encoder_folder(const std::string& name) {
  const auto folder = fs::temp_directory_path() / ("troupe_encoder_" + name);
  fs::remove_all(folder);
  fs::create_directories(folder);
  return folder;
}

/// Four meanings in other words each, said of some things, in two languages.
fs::path meanings(const fs::path& folder) {
  const auto file = folder / "groups.tsv";
  std::ofstream out(file);
  for (const char* thing : {"lamp", "kettle", "sofa", "vase", "carpet"}) {
    for (const char* frame : {"cancel my ", "call off the ", "i no longer want the "})
      out << "cancel\t" << frame << thing << '\n';
    for (const char* frame : {"where is my ", "has anyone seen the ", "when will i receive the "})
      out << "track\t" << frame << thing << '\n';
    for (const char* frame : {"how much is the ", "what does it cost, the ", "price of a "})
      out << "price\t" << frame << thing << '\n';
  }
  for (const char* thing : {"台灯", "水壶", "沙发", "花瓶"}) {
    for (const char* frame : {"取消", "我不想要这个", "退掉"})
      out << "cancel\t" << frame << thing << '\n';
    for (const char* end : {"多少钱", "什么价格", "贵不贵"})
      out << "price\t" << thing << end << '\n';
  }
  out << "out_of_scope\ttell me a joke\nout_of_scope\t今天天气怎么样\n";
  return file;
}

encoder_options quick(const fs::path& folder) {
  encoder_options o;
  o.common.data = {meanings(folder)};
  o.common.out = folder / "model";
  o.common.width = 32;
  o.common.batch = 24;
  o.common.epochs = 40;
  return o;
}

model_module& encoders() { return *troupe_model_module(); }

std::shared_ptr<const text_encoder> trained_in(const fs::path& folder) {
  BOOST_REQUIRE(encoders().train_encoder(quick(folder)).has_value());
  auto opened = encoders().load_encoder(folder / "model");
  BOOST_REQUIRE_MESSAGE(opened.has_value(), (opened ? "" : opened.error().message));
  return *opened;
}

double cosine(const text_encoder& e, std::string_view a, std::string_view b) {
  const auto x = e.encode(a), y = e.encode(b);
  return std::inner_product(x.begin(), x.end(), y.begin(), 0.0);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(text_encoders)

BOOST_AUTO_TEST_CASE(texts_that_mean_the_same_are_near_and_others_are_not) {
  const auto e = trained_in(encoder_folder("meaning"));
  BOOST_TEST(cosine(*e, "cancel the table", "i no longer want my table") >
             cosine(*e, "cancel the table", "where is my table") + 0.3);
  BOOST_TEST(cosine(*e, "茶几多少钱", "茶几什么价格") > cosine(*e, "茶几多少钱", "取消茶几") + 0.3);
}

BOOST_AUTO_TEST_CASE(vectors_are_of_length_one_or_zeros_if_nothing_is_known) {
  const auto e = trained_in(encoder_folder("length"));
  for (const char* text : {"where is my lamp", "where is xyzzy plugh", "取消"}) {
    BOOST_TEST(e->encode(text).size() == 32u);
    BOOST_TEST(cosine(*e, text, text) == 1.0, boost::test_tools::tolerance(1e-5));
  }
  for (const char* text : {"", "\xff\xfe", "ψψψ", "🤷"}) BOOST_TEST(cosine(*e, text, text) == 0);
}

BOOST_AUTO_TEST_CASE(an_index_with_an_encoder_finds_what_shares_no_word) {
  const auto e = trained_in(encoder_folder("index"));
  const std::vector<std::string> texts = {"where is it", "call off the whole thing",
                                          "what does one of them cost"};
  const auto plain = troupe_model_module()->make_index(texts, nullptr);
  const auto both = encoders().make_index(texts, e);
  BOOST_REQUIRE((plain.has_value() && both.has_value()));
  BOOST_TEST((*plain)->search("cancel my sofa", 1).at(0).score < 0.1);
  const auto hits = (*both)->search("cancel my sofa", 3);
  BOOST_TEST(hits.at(0).id == 1);
  BOOST_TEST(hits.at(0).score > 0.15);
  for (const auto& text : texts)
    for (const auto& hit : (*both)->search(text, 3)) {
      BOOST_TEST(hit.score <= 1.0001);
      BOOST_TEST(hit.score >= -1.0);
    }
  BOOST_TEST((*both)->search(texts[0], 1).at(0).id == 0);
  for (const auto& hit : (*both)->search("", 3)) BOOST_TEST(hit.score == 0.0);
}

BOOST_AUTO_TEST_CASE(the_same_seed_gives_the_same_encoder_and_another_seed_another) {
  const auto folder = encoder_folder("seeds");
  auto options = quick(folder);
  options.common.epochs = 3;
  auto train = [&](const char* name, std::uint64_t seed) {
    options.common.out = folder / name;
    options.common.seed = seed;
    BOOST_REQUIRE(encoders().train_encoder(options).has_value());
    return test::read_text(folder / name / "model.safetensors");
  };
  const auto one = train("a", 5);
  BOOST_TEST((one == train("b", 5)));
  BOOST_TEST((one != train("c", 6)));
}

BOOST_AUTO_TEST_CASE(measuring_looks_each_text_up_among_the_others_or_elsewhere) {
  const auto folder = encoder_folder("measured");
  trained_in(folder);
  encoder_eval_options options{.model = folder / "model", .data = {folder / "groups.tsv"}};
  const auto among_others = encoders().evaluate_encoder(options);
  BOOST_REQUIRE(among_others.has_value());
  BOOST_TEST(among_others->texts == 69);
  BOOST_TEST(among_others->meaning.top1 > 0.9);
  BOOST_TEST(among_others->meaning.mrr >= among_others->meaning.top1);
  std::ofstream(folder / "asked.tsv") << "cancel\tplease call off my lamp\nunheard_of\twhat\n";
  options.among = options.data;
  options.data = {folder / "asked.tsv"};
  const auto elsewhere = encoders().evaluate_encoder(options);
  BOOST_REQUIRE(elsewhere.has_value());
  BOOST_TEST(elsewhere->texts == 1);
  BOOST_TEST(elsewhere->both.top1 == 1.0);
}

BOOST_AUTO_TEST_CASE(training_an_encoder_can_be_cancelled_and_then_writes_nothing) {
  const auto folder = encoder_folder("cancelled");
  auto options = quick(folder);
  std::stop_source stop;
  options.common.cancel = stop.get_token();
  options.common.progress = [&](const train_progress&) { stop.request_stop(); };
  const auto report = encoders().train_encoder(options);
  BOOST_REQUIRE(!report.has_value());
  BOOST_TEST((report.error().code == errc::cancelled));
  BOOST_TEST(!fs::exists(folder / "model"));
}

BOOST_AUTO_TEST_CASE(what_is_no_encoder_or_no_data_is_an_error_that_names_it) {
  const auto folder = encoder_folder("broken");
  BOOST_TEST((encoders().load_encoder(folder / "none").error().code == errc::not_found));
  const auto classifier =
      encoders().load_encoder(TROUPE_SOURCE_DIR "/examples/customer_service/models/intent");
  BOOST_REQUIRE(!classifier.has_value());
  BOOST_TEST(classifier.error().message.find("models/intent") != std::string::npos);
  std::ofstream(folder / "one.tsv") << "a\tx\na\ty\nb\tz\n";
  encoder_options options;
  options.common.data = {folder / "one.tsv"};
  options.common.out = folder / "model";
  const auto report = encoders().train_encoder(options);
  BOOST_REQUIRE(!report.has_value());
  BOOST_TEST(report.error().message.find("one.tsv") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
