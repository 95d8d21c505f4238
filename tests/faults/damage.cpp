// Files of the data folder that are not what was written.

#include "faults/faulty_server.hpp"
#include "faults/scenarios.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

namespace troupe::test {

namespace {

namespace fs = std::filesystem;

std::vector<fs::path> files_of(const fs::path& folder, std::string_view beginning,
                               std::string_view ending) {
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const auto name = entry.path().filename().string();
    if (name.starts_with(beginning) && name.ends_with(ending)) found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

void flip(const fs::path& file, std::uintmax_t at) {
  std::fstream f(file, std::ios::in | std::ios::out | std::ios::binary);
  f.seekg(static_cast<std::streamoff>(at));
  const int byte = f.get();
  f.seekp(static_cast<std::streamoff>(at));
  f.put(static_cast<char>(byte ^ 0x5A));
}

/// Three messages were answered, and the process killed behind them.
void say_three(faulty_server& server) {
  BOOST_REQUIRE(server.start());
  for (const char* id : {"m1", "m2", "m3"})
    BOOST_REQUIRE(reply_of(server.say(id, id)) == "<" + std::string(id) + ">");
  server.kill_now();
}

using damage = void (*)(const fs::path& log);

}  // namespace

void end_of_journal_is_damaged() {
  const damage torn = [](const fs::path& log) { fs::resize_file(log, fs::file_size(log) - 5); };
  const damage flipped = [](const fs::path& log) { flip(log, fs::file_size(log) - 5); };
  const damage unwritten = [](const fs::path& log) {
    const auto size = fs::file_size(log);
    fs::resize_file(log, size - 40);
    fs::resize_file(log, size);
  };
  for (const damage harm : {torn, flipped, unwritten}) {
    faulty_server server;
    say_three(server);
    harm(files_of(server.data(), "", ".log").back());
    BOOST_REQUIRE_MESSAGE(server.start(), server.said());
    BOOST_TEST(server.has_said("the journal's end was damaged"), server.said());
    BOOST_TEST(files_of(server.data(), "", ".damaged").size() == 1U);
    // The last record was the end of the third run: it is brought to an end once more.
    BOOST_TEST(reply_of(server.say("m3", "m3")) == "<m3>");
    BOOST_TEST(reply_of(server.say("m1", "m1")) == "<m1>");
    BOOST_TEST(server.turns() == 3U);
    BOOST_TEST(server.stop() == 0);
    BOOST_REQUIRE(server.start());
    BOOST_TEST(!server.has_said("damaged"));
    BOOST_TEST(server.stop() == 0);
  }
}

void middle_of_journal_is_damaged() {
  faulty_server server;
  say_three(server);
  const auto log = files_of(server.data(), "", ".log").back();
  flip(log, fs::file_size(log) / 2);
  BOOST_TEST(!server.start());
  BOOST_TEST(server.code() == 1);
  BOOST_TEST(server.has_said(log.string()));
  BOOST_TEST(server.has_said("whole records follow"));
  BOOST_TEST(server.has_said("backup"));
}

void file_of_store_is_damaged() {
  const damage flipped = [](const fs::path& folder) {
    const auto manifest = files_of(folder, "MANIFEST-", "").back();
    flip(manifest, fs::file_size(manifest) / 2);
  };
  const damage missing = [](const fs::path& folder) {
    fs::remove(files_of(folder, "MANIFEST-", "").back());
  };
  for (const damage harm : {flipped, missing}) {
    faulty_server server;
    say_three(server);
    harm(server.data());
    BOOST_TEST(!server.start());
    BOOST_TEST(server.code() == 1);
    BOOST_TEST(server.has_said("restore the folder from a backup"), server.said());
  }
}

void record_of_store_is_damaged() {
  faulty_server server;
  say_three(server);
  // At a start what is in the log goes into tables.
  BOOST_REQUIRE(server.start());
  server.kill_now();
  const auto tables = files_of(server.data(), "", ".sst");
  BOOST_REQUIRE(!tables.empty());
  for (const auto& table : tables) flip(table, 20);
  if (!server.start()) {
    BOOST_TEST(server.code() == 1);
    BOOST_TEST(server.has_said("damaged"), server.said());
    return;
  }
  // What cannot be read is an error and not another answer; the rest is served.
  const auto answer = server.say("m1", "m1");
  BOOST_TEST((answer.status >= 500 || reply_of(answer) == "<m1>"));
  BOOST_TEST(server.health() == 200);
  BOOST_TEST(server.stop() == 0);
}

}  // namespace troupe::test
