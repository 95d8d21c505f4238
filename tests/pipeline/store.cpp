// Both stores keep the same promise, so both take the same tests.

#include "pipeline/store.hpp"

#include "pipeline/journal.hpp"
#include "pipeline/retry.hpp"
#include "pipeline/store/rocksdb_store.hpp"
#include "support/temporary_folder.hpp"

#include <boost/test/unit_test.hpp>

#include <sys/resource.h>

#include <csignal>
#include <map>

using namespace troupe;

namespace {

void keeps_what_is_written(store& s) {
  BOOST_REQUIRE(s.write(
      {put(family::runs, "a", "1"), put(family::runs, "b", "二"), put(family::turns, "a", "other")},
      durability::synced));
  BOOST_TEST(**s.get(family::runs, "b") == "二");
  BOOST_TEST(**s.get(family::turns, "a") == "other");
  BOOST_TEST(!s.get(family::turns, "b")->has_value());
  BOOST_REQUIRE(s.write({erase(family::runs, "a")}, durability::written));
  BOOST_TEST(!s.get(family::runs, "a")->has_value());
}

void scans_in_order_within_a_prefix(store& s) {
  write_batch batch;
  for (std::uint64_t n : {300U, 2U, 1U, 70000U})
    batch.push_back(put(family::steps, numbered_key("run", n), std::to_string(n)));
  batch.push_back(put(family::steps, numbered_key("run2", 5), "not mine"));
  BOOST_REQUIRE(s.write(batch, durability::written));
  std::vector<std::uint64_t> seen;
  auto all = s.scan(family::steps, joined_key("run", ""), numbered_key("run", 2),
                    [&](std::string_view key, std::string_view) {
                      seen.push_back(number_of_key(key));
                      return seen.size() < 2;
                    });
  BOOST_TEST(bool(all));
  BOOST_TEST((seen == std::vector<std::uint64_t>{2, 300}));
  BOOST_REQUIRE(
      s.write({erase_range(family::steps, numbered_key("run", 1), numbered_key("run", 301))},
              durability::written));
  seen.clear();
  all = s.scan(family::steps, joined_key("run", ""), joined_key("run", ""),
               [&](std::string_view key, std::string_view) {
                 seen.push_back(number_of_key(key));
                 return true;
               });
  BOOST_TEST(bool(all));
  BOOST_TEST((seen == std::vector<std::uint64_t>{70000}));
}

/// Keys of sequences whose names begin alike, and keys too short to be of one.
std::string any_key(std::uint64_t seed) {
  const std::string name(1 + mix(seed, 1) % 3, 'r');
  if (mix(seed, 2) % 10 == 0) return name;
  return numbered_key(name + std::string(mix(seed, 3) % 2, '2'), mix(seed, 4) % 40);
}

void holds_what_a_sorted_map_holds(store& s, std::uint64_t seed) {
  std::map<std::string, std::string> expected;
  for (std::uint64_t i = 0; i < 2000; ++i) {
    const auto draw = mix(seed, i);
    auto key = any_key(mix(draw, 5)), to = any_key(mix(draw, 6));
    write_op op = put(family::steps, key, std::to_string(i));
    if (draw % 8 == 0) {
      op = erase(family::steps, key);
      expected.erase(key);
    } else if (draw % 8 == 1 && key < to) {
      op = erase_range(family::steps, key, to);
      expected.erase(expected.lower_bound(key), expected.lower_bound(to));
    } else {
      expected[key] = std::to_string(i);
    }
    BOOST_REQUIRE(s.write({op}, durability::written));
  }
  std::map<std::string, std::string> seen;
  BOOST_REQUIRE(s.scan(family::steps, "", "", [&](std::string_view key, std::string_view v) {
    return seen.emplace(key, v).second;
  }));
  BOOST_TEST((seen == expected));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(the_stores)

BOOST_AUTO_TEST_CASE(in_memory_hold_what_a_sorted_map_holds) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed)
    holds_what_a_sorted_map_holds(*make_memory_store(), seed);
}

BOOST_AUTO_TEST_CASE(in_memory_keeps_its_promise) {
  auto s = make_memory_store();
  keeps_what_is_written(*s);
  scans_in_order_within_a_prefix(*s);
}

BOOST_AUTO_TEST_CASE(on_rocksdb_keeps_its_promise_also_after_reopening) {
  test::temporary_folder folder;
  {
    auto s = open_rocksdb_store(folder.path());
    BOOST_REQUIRE(bool(s));
    keeps_what_is_written(**s);
    scans_in_order_within_a_prefix(**s);
    auto second = open_rocksdb_store(folder.path());
    BOOST_TEST(!second);
    BOOST_TEST(second.error().message.find(folder.path().string()) != std::string::npos);
  }
  auto s = open_rocksdb_store(folder.path());
  BOOST_REQUIRE(bool(s));
  BOOST_TEST(**(*s)->get(family::runs, "b") == "二");
}

BOOST_AUTO_TEST_CASE(say_when_a_record_is_damaged_instead_of_guessing) {
  run_record r;
  r.run = "r1";
  r.input = value(value::table{{"text", "你好"}});
  const auto bytes = encode(r);
  BOOST_TEST(bool(decode_run(bytes)));
  for (std::size_t n = 0; n < bytes.size(); ++n)
    BOOST_TEST(!decode_run(std::string_view(bytes).substr(0, n)));
}

BOOST_AUTO_TEST_CASE(keep_a_graph_with_the_files_of_its_sub_graphs) {
  const graph_record alone{"a.toml", "text", {}};
  BOOST_TEST(decode_graph(encode(alone))->inner.empty());
  const graph_record whole{"a.toml", "text", {{"b.toml", "乙"}, {"parts/c.toml", ""}}};
  const auto again = decode_graph(encode(whole));
  BOOST_REQUIRE(bool(again));
  BOOST_TEST(again->text == "text");
  BOOST_REQUIRE(again->inner.size() == 2U);
  BOOST_TEST(again->inner[0].text == "乙");
  BOOST_TEST((again->inner[1].file == "parts/c.toml"));
}

BOOST_AUTO_TEST_CASE(on_a_disk_that_takes_no_writes_for_a_while_can_be_read_and_goes_on) {
  const test::temporary_folder folder;
  auto opened = open_rocksdb_store(folder.path(), [](std::string_view) {});
  BOOST_REQUIRE(bool(opened));
  store& s = **opened;
  BOOST_REQUIRE(s.write({put(family::runs, "a", "1")}, durability::synced));
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  BOOST_REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
  const rlimit none{0, before.rlim_max};
  // Nothing may be told meanwhile: that may be a file, too.
  BOOST_REQUIRE(::setrlimit(RLIMIT_FSIZE, &none) == 0);
  const bool refused = !s.write({put(family::runs, "b", "2")}, durability::synced) &&
                       !s.write({put(family::runs, "c", "3")}, durability::synced);
  const auto read = s.get(family::runs, "a");
  ::setrlimit(RLIMIT_FSIZE, &before);
  BOOST_TEST(refused);
  BOOST_REQUIRE(read && *read);
  BOOST_TEST(**read == "1");
  BOOST_REQUIRE(s.write({put(family::runs, "d", "4")}, durability::synced));
  opened->reset();
  auto again = open_rocksdb_store(folder.path(), [](std::string_view) {});
  BOOST_REQUIRE(bool(again));
  BOOST_TEST(**(*again)->get(family::runs, "a") == "1");
  BOOST_TEST(**(*again)->get(family::runs, "d") == "4");
  BOOST_TEST(!(*again)->get(family::runs, "c")->has_value());
}

BOOST_AUTO_TEST_SUITE_END()
