#include "model/safetensors.hpp"
#include "model/weight_files.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <fstream>

using namespace troupe;
namespace fs = std::filesystem;
namespace data = boost::unit_test::data;

namespace {

std::string framed(const std::string& header, const std::string& bytes = "") {
  std::string out;
  for (int i = 0; i < 8; ++i) out.push_back(static_cast<char>(header.size() >> (8 * i)));
  return out + header + bytes;
}

result<safetensors_header> parse(const std::string& file) {
  return parse_safetensors_header(std::as_bytes(std::span(file)), file.size(), "x");
}

const std::vector<std::string> hostile = {
    "",
    "1234567",
    std::string(8, '\xff'),
    framed("{"),
    framed("[]"),
    framed("{\"a\":1}"),
    framed(R"({"a":{"dtype":"F32","shape":[1]}})"),
    framed(R"({"a":{"dtype":"F33","shape":[1],"data_offsets":[0,4]}})", "abcd"),
    framed(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}})", "abcd"),
    framed(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,8]}})", "abcd"),
    framed(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}})", "abcd"),
    framed(R"({"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}})", "abcd"),
    framed(R"({"a":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}})", "abcd"),
    framed(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}})", "abcd"),
    framed(R"({"a":{"dtype":"I8","shape":[4294967296,4294967297],"data_offsets":[0,4]}})", "abcd"),
    framed(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[18446744073709551612,0]}})", "abcd"),
    framed(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", "abcdefgh"),
    framed(R"({"a":{"dtype":"I8","shape":[2],"data_offsets":[0,2]},)"
           R"("b":{"dtype":"I8","shape":[2],"data_offsets":[1,3]}})",
           "abc"),
    framed(R"({"a":{"dtype":"I8","shape":[1],"data_offsets":[1,2]}})", "ab"),
    framed(R"({"__metadata__":{"k":1}})"),
};

fs::path fresh_folder(const std::string& name) {
  const auto folder = fs::temp_directory_path() / ("troupe_" + name);
  fs::remove_all(folder);
  fs::create_directories(folder);
  return folder;
}

void write_one(const fs::path& file, const std::string& tensor, const std::vector<float>& values) {
  BOOST_REQUIRE(write_safetensors(file,
                                  {{tensor,
                                    tensor_type::f32,
                                    {static_cast<std::int64_t>(values.size())},
                                    std::as_bytes(std::span(values))}},
                                  {{"format", "pt"}}));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(safetensors)

BOOST_DATA_TEST_CASE(a_hostile_file_is_refused, data::xrange(hostile.size())) {
  const auto parsed = parse(hostile[sample]);
  BOOST_REQUIRE(!parsed.has_value());
  BOOST_TEST(parsed.error().message.find("`x` is no valid safetensors file") == 0u);
}

BOOST_AUTO_TEST_CASE(empty_and_scalar_tensors_are_fine) {
  const auto parsed = parse(framed(R"({"s":{"dtype":"F32","shape":[],"data_offsets":[0,4]},)"
                                   R"("e":{"dtype":"BF16","shape":[0,7],"data_offsets":[4,4]}})",
                                   "abcd"));
  BOOST_REQUIRE(parsed.has_value());
  BOOST_TEST(parsed->tensors.size() == 2u);
  BOOST_TEST(parsed->tensors[0].name == "s");
}

BOOST_AUTO_TEST_CASE(what_is_written_is_read_back) {
  const auto file = fresh_folder("round_trip") / "model.safetensors";
  write_one(file, "w", {1.5f, -2.0f, 3.25f});
  const auto opened = safetensors_file::open(file);
  BOOST_REQUIRE(opened.has_value());
  const tensor_entry* w = (*opened)->find("w");
  BOOST_REQUIRE(w);
  BOOST_TEST((w->type == tensor_type::f32));
  BOOST_TEST(w->shape == std::vector<std::int64_t>{3}, boost::test_tools::per_element());
  float second = 0;
  std::memcpy(&second, (*opened)->data(*w).data() + 4, 4);
  BOOST_TEST(second == -2.0f);
  BOOST_TEST((*opened)->header().data % 8 == 0u);
  BOOST_TEST((*opened)->header().metadata.front().second == "pt");
  BOOST_TEST(!(*opened)->find("v"));
}

BOOST_AUTO_TEST_CASE(missing_files_and_folders_are_errors) {
  BOOST_TEST((safetensors_file::open("/nowhere/m.safetensors").error().code == errc::not_found));
  BOOST_TEST(!safetensors_file::open(fs::temp_directory_path()).has_value());
  BOOST_TEST(!write_safetensors("/nowhere/m.safetensors", {}, {}).has_value());
}

BOOST_AUTO_TEST_CASE(shards_are_found_through_their_index) {
  const auto folder = fresh_folder("shards");
  write_one(folder / "a.safetensors", "one", {1});
  write_one(folder / "b.safetensors", "two", {2});
  std::ofstream(folder / "model.safetensors.index.json")
      << R"({"weight_map":{"one":"a.safetensors","two":"b.safetensors"}})";
  const auto files = weight_files::open(folder);
  BOOST_REQUIRE(files.has_value());
  BOOST_TEST(files->find("one").entry);
  BOOST_TEST((files->find("two").file->path() == folder / "b.safetensors"));
  BOOST_TEST(!files->find("three").entry);
}

BOOST_AUTO_TEST_CASE(an_index_cannot_reach_out_of_its_folder) {
  const auto folder = fresh_folder("escape");
  std::ofstream(folder / "model.safetensors.index.json")
      << R"({"weight_map":{"one":"../escape.safetensors"}})";
  const auto files = weight_files::open(folder);
  BOOST_REQUIRE(!files.has_value());
  BOOST_TEST(files.error().message.find("`../escape.safetensors`") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_shard_that_is_missing_or_stray_is_named) {
  const auto folder = fresh_folder("bad_shards");
  auto said = [&](const char* map) {
    std::ofstream(folder / "model.safetensors.index.json") << R"({"weight_map":)" << map << "}";
    const auto files = weight_files::open(folder);
    return files ? std::string() : files.error().message;
  };
  auto has = [](const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
  };
  write_one(folder / "a.safetensors", "one", {1});
  write_one(folder / "b.safetensors", "two", {2});
  write_one(folder / "c.safetensors", "one", {3});
  const auto lacks = said(R"({"one":"a.safetensors","x":"x-1.safetensors","y":"x-2.safetensors"})");
  BOOST_TEST(has(lacks, "`x-1.safetensors` and 1 more, which the folder lacks"));
  const auto twice = said(R"({"one":"a.safetensors","two":"c.safetensors"})");
  BOOST_TEST(has(twice, "tensor `one` is in `" + (folder / "a.safetensors").string() + "` and in"));
  const auto elsewhere = said(R"({"one":"b.safetensors","two":"a.safetensors"})");
  BOOST_TEST(has(elsewhere, "says that tensor `one` is in `b.safetensors`, but it is in `"));
  const auto nowhere = said(R"({"one":"a.safetensors","three":"b.safetensors"})");
  BOOST_TEST(has(nowhere, "`three` is in `b.safetensors`, but it is in no shard"));
  BOOST_TEST(said(R"({"one":"a.safetensors","two":"b.safetensors"})") == "");
}

BOOST_AUTO_TEST_SUITE_END()
