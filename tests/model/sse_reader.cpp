#include "model/sse_reader.hpp"

#include <boost/test/unit_test.hpp>

#include <vector>

using namespace troupe;

namespace {

using texts = std::vector<std::string>;

/// Events of `stream`, given in pieces of `size` bytes.
texts events(std::string_view stream, std::size_t size) {
  sse_reader reader;
  texts all;
  for (; !stream.empty(); stream.remove_prefix(std::min(size, stream.size()))) {
    auto read = reader.push(stream.substr(0, size), [&](std::string_view data) {
      all.emplace_back(data);
      return true;
    });
    BOOST_REQUIRE(read);
  }
  return all;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(events_of_a_stream)

BOOST_AUTO_TEST_CASE(are_the_same_however_the_bytes_are_cut) {
  const std::string stream =
      "\xEF\xBB\xBF"
      "data: one\n\n: a comment\n\ndata:two\r\n\r\nevent: x\rid: 7\rdata: 第三\r\r"
      "data: a\ndata\ndata: b\n\nretry: 9\n\ndata: not whole";
  for (std::size_t size : {1u, 2u, 3u, 7u, 1000u}) {
    const auto all = events(stream, size);
    BOOST_TEST(all == (texts{"one", "two", "第三", "a\n\nb"}), boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(keep_all_but_one_leading_space) {
  BOOST_TEST(events("data:  {\"a\": 1} \n\n", 4) == texts{" {\"a\": 1} "},
             boost::test_tools::per_element());
  BOOST_TEST(events("data\n\n", 1) == texts{""}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(end_when_nobody_wants_more) {
  sse_reader reader;
  int seen = 0;
  auto once = [&](std::string_view) { return ++seen < 1; };
  BOOST_TEST(bool(reader.push("data: [DONE]\n\ndata: x\n\n", once)));
  BOOST_TEST(bool(reader.push("data: y\n\n", once)));
  BOOST_TEST(seen == 1);
}

BOOST_AUTO_TEST_CASE(have_a_bound) {
  sse_reader reader(100);
  auto any = [](std::string_view) { return true; };
  BOOST_TEST(bool(reader.push("data: " + std::string(60, 'x') + "\n\n", any)));
  auto many = reader.push("data: " + std::string(60, 'x') + "\ndata: " + std::string(60, 'x'), any);
  BOOST_REQUIRE(!many);
  BOOST_TEST((many.error().code == errc::unavailable));
  BOOST_TEST(!bool(sse_reader(100).push(std::string(200, ':'), any)));
}

BOOST_AUTO_TEST_SUITE_END()
