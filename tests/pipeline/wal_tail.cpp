// The end of a journal's log, cut or damaged at any place: what was whole stays, the rest is told.

#include "pipeline/store/wal_tail.hpp"

#include "pipeline/store/rocksdb_store.hpp"
#include "support/temporary_folder.hpp"

#include <boost/test/unit_test.hpp>

#include <fstream>

using namespace troupe;
namespace fs = std::filesystem;

namespace {

fs::path log_of(const fs::path& folder) {
  fs::path last;
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.path().extension() == ".log" && entry.path() > last) last = entry.path();
  return last;
}

/// A store with so many batches, the last of them larger than a block of the log; where each ends.
struct written_store {
  test::temporary_folder folder;
  std::vector<std::uintmax_t> ends;
  written_store() {
    auto s = open_rocksdb_store(folder.path() / "data");
    BOOST_REQUIRE(bool(s));
    ends.push_back(fs::file_size(log_of(data())));
    for (const std::size_t size : {100U, 300U, 70'000U, 50U}) {
      BOOST_REQUIRE(
          bool((*s)->write({{write_op::kind_type::put, family::runs,
                             "run" + std::to_string(ends.size()), std::string(size, 'x')}},
                           durability::synced)));
      ends.push_back(fs::file_size(log_of(data())));
    }
  }
  fs::path data() const { return folder.path() / "data"; }
  fs::path copy() const {
    const auto to = folder.path() / "copy";
    fs::remove_all(to);
    fs::copy(data(), to);
    return to;
  }
};

/// How many runs are read, and what was told.
std::pair<int, std::string> opened(const fs::path& folder) {
  std::string told;
  auto s = open_rocksdb_store(folder, [&](std::string_view what) { told += what; });
  BOOST_REQUIRE_MESSAGE(s, (s ? "" : s.error().message));
  int runs = 0;
  BOOST_REQUIRE(bool((*s)->scan(family::runs, "", "",
                                [&](std::string_view, std::string_view) { return ++runs; })));
  return {runs, told};
}

void flip(const fs::path& file, std::uintmax_t at) {
  std::fstream f(file, std::ios::in | std::ios::out | std::ios::binary);
  f.seekg(static_cast<std::streamoff>(at));
  const int byte = f.get();
  f.seekp(static_cast<std::streamoff>(at));
  f.put(static_cast<char>(byte ^ 0x20));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(wal_tail)

BOOST_AUTO_TEST_CASE(that_is_whole_is_left_as_it_is) {
  const written_store s;
  BOOST_TEST(!find_wal_damage(s.data()));
  const auto [runs, told] = opened(s.copy());
  BOOST_TEST(runs == 4);
  BOOST_TEST(told == "");
}

BOOST_AUTO_TEST_CASE(that_is_cut_anywhere_keeps_all_whole_records) {
  const written_store s;
  for (std::size_t last = 1; last < s.ends.size(); ++last) {
    const auto from = s.ends[last - 1], to = s.ends[last];
    for (const auto size : {from, from + 1, from + 6, from + 8, from + (to - from) / 2, to - 1}) {
      const auto folder = s.copy();
      fs::resize_file(log_of(folder), size);
      const auto [runs, told] = opened(folder);
      BOOST_TEST(runs == static_cast<int>(last) - 1, "cut at " << size);
      BOOST_TEST((told.find("damaged") != std::string::npos) == (size != from), told);
    }
  }
}

BOOST_AUTO_TEST_CASE(whose_last_record_is_damaged_keeps_those_before_it_and_the_damaged_bytes) {
  const written_store s;
  const auto from = s.ends[s.ends.size() - 2], to = s.ends.back();
  for (auto at = from; at < to; at += 5) {
    const auto folder = s.copy();
    const auto log = log_of(folder);
    flip(log, at);
    const auto [runs, told] = opened(folder);
    BOOST_TEST(runs == 3, "flipped at " << at);
    BOOST_TEST(told.find("byte " + std::to_string(from)) != std::string::npos, told);
    const auto aside = log.string() + "-" + std::to_string(from) + ".damaged";
    BOOST_TEST(fs::file_size(aside) == to - from);
  }
}

BOOST_AUTO_TEST_CASE(with_room_that_was_never_written_is_whole) {
  const written_store s;
  const auto folder = s.copy();
  fs::resize_file(log_of(folder), s.ends.back() + 5000);
  const auto [runs, told] = opened(folder);
  BOOST_TEST(runs == 4);
  BOOST_TEST(told == "");
}

BOOST_AUTO_TEST_CASE(damage_before_whole_records_is_an_error_and_changes_nothing) {
  const written_store s;
  for (std::size_t record = 0; record + 2 < s.ends.size(); ++record) {
    const auto folder = s.copy();
    const auto log = log_of(folder);
    const auto size = fs::file_size(log);
    flip(log, (s.ends[record] + s.ends[record + 1]) / 2);
    auto opened = open_rocksdb_store(folder);
    BOOST_REQUIRE(!opened);
    BOOST_TEST(opened.error().message.find("whole records follow") != std::string::npos,
               opened.error().message);
    BOOST_TEST(fs::file_size(log) == size);
  }
}

BOOST_AUTO_TEST_SUITE_END()
