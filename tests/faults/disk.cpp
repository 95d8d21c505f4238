// The data folder: killed on, full, read-only, in use.

#include "faults/faulty_server.hpp"
#include "faults/scenarios.hpp"

#include <sys/mount.h>
#include <sys/resource.h>

#include <boost/test/unit_test.hpp>

namespace troupe::test {

namespace {

/// A small disk of its own, where this is allowed.
class small_disk {
 public:
  explicit small_disk(const std::filesystem::path& where) : where_(where) {
    std::filesystem::create_directories(where);
    mounted_ = ::mount("tmpfs", where.c_str(), "tmpfs", 0, "size=6m") == 0;
  }
  ~small_disk() {
    if (mounted_) ::umount2(where_.c_str(), MNT_DETACH);
  }
  bool mounted() const noexcept { return mounted_; }
  void fill() {
    std::ofstream ballast(where_ / "ballast", std::ios::binary);
    const std::string piece(4096, 'x');
    while (ballast.write(piece.data(), 4096).flush()) {
    }
  }
  void make_room() { std::filesystem::remove(where_ / "ballast"); }
  bool make_read_only() {
    return ::mount("tmpfs", where_.c_str(), "tmpfs", MS_REMOUNT | MS_RDONLY, "size=6m") == 0;
  }

 private:
  const std::filesystem::path where_;
  bool mounted_ = false;
};

/// What was refused is taken now, and outlives the process, as does `m1` from before the trouble.
void keeps_all_from_now_on(faulty_server& server, const std::string& refused) {
  const auto late = server.say(refused, std::string(20'000, 'x'));
  BOOST_TEST(late.status == 200);
  const auto turns = server.turns();
  server.kill_now();
  BOOST_REQUIRE(server.start());
  BOOST_TEST(run_of(server.say(refused, std::string(20'000, 'x'))) == run_of(late));
  BOOST_TEST(server.turns() == turns);
  BOOST_TEST(reply_of(server.say("m1", "one")) == "<one>");
  BOOST_TEST(server.stop() == 0);
}

}  // namespace

void process_is_killed() {
  faulty_server server;
  BOOST_REQUIRE(server.start());
  const auto first = server.say("m1", "一");
  BOOST_TEST(reply_of(first) == "<一>");
  server.kill_now();
  BOOST_REQUIRE(server.start());
  const auto again = server.say("m1", "一");
  BOOST_TEST(reply_of(again) == "<一>");
  BOOST_TEST(run_of(again) == run_of(first));
  BOOST_TEST(server.turns() == 1U);
  BOOST_TEST(server.stop() == 0);
}

/// A full disk where one can be mounted; otherwise files that may not grow.
void disk_is_full() {
  faulty_server server;
  const auto disk_folder = server.folder() / "disk";
  small_disk disk(disk_folder);
  if (!disk.mounted()) {
    BOOST_TEST_MESSAGE("no disk can be mounted here: a full one was not tried");
    BOOST_TEST(true);
    return;
  }
  server.put_data_into(disk_folder / "data");
  BOOST_REQUIRE(server.start());
  BOOST_TEST(reply_of(server.say("m1", "one")) == "<one>");
  disk.fill();

  // What cannot be stored is not promised. Some small ones may still fit.
  int refused = 0;
  std::string id;
  for (int i = 2; i < 100 && refused == 0; ++i) {
    id = "m" + std::to_string(i);
    const auto answer = server.say(id, std::string(20'000, 'x'));
    if (answer.status == 200) continue;
    BOOST_TEST(answer.status / 100 == 5);
    ++refused;
  }
  BOOST_TEST(refused == 1);
  BOOST_TEST(server.health() == 200);
  BOOST_TEST(server.ready() == 503);
  BOOST_TEST(server.has_said("No space left"));

  // Room is made: it goes on by itself.
  disk.make_room();
  BOOST_TEST(faulty_server::comes_true([&] { return server.ready() == 200; }));
  BOOST_TEST(
      faulty_server::comes_true([&] { return reply_of(server.say("after", "b")) == "<b>"; }));
  keeps_all_from_now_on(server, id);
}

void disk_is_read_only() {
  faulty_server server;
  const auto disk_folder = server.folder() / "disk";
  small_disk disk(disk_folder);
  if (disk.mounted()) {
    server.put_data_into(disk_folder / "data");
    BOOST_REQUIRE(server.start());
    BOOST_TEST(reply_of(server.say("m1", "one")) == "<one>");
    server.kill_now();
    BOOST_REQUIRE(disk.make_read_only());
  } else {
    server.put_data_into("/proc/troupe");
  }
  BOOST_TEST(!server.start());
  BOOST_TEST(server.code() == 1);
  BOOST_TEST(server.has_said(server.data().string()));
  if (disk.mounted()) BOOST_TEST(server.has_said("Read-only file system"));
}

namespace {

/// The kernel refuses writes to files that would grow beyond `limit`, while it is running.
void refuses_until_files_may_grow(rlim_t limit) {
  faulty_server server;
  BOOST_REQUIRE(server.start());
  BOOST_TEST(reply_of(server.say("m1", "one")) == "<one>");
  server.limit_files(limit);
  http_answer refused;
  std::string id;
  for (int i = 2; i < 100 && refused.status / 100 != 5; ++i) {
    id = "m" + std::to_string(i);
    refused = server.say(id, std::string(20'000, 'x'));
  }
  BOOST_TEST(refused.status == 500);
  BOOST_TEST(json::serialize(refused.body).find("File too large") != std::string::npos);
  BOOST_TEST(server.health() == 200);
  BOOST_TEST(server.ready() == 503);
  // What is stored can be read.
  BOOST_TEST(server.turns() >= 1U);
  BOOST_TEST(server.say("still", "no").status == 500);

  server.limit_files(RLIM_INFINITY);
  BOOST_TEST(faulty_server::comes_true([&] { return server.ready() == 200; }));
  keeps_all_from_now_on(server, id);
}

}  // namespace

/// No disk that can be mounted here turns read-only while a file on it is being written; a process
/// whose files may not grow at all is refused the same writes.
void disk_turns_read_only() { refuses_until_files_may_grow(0); }

void files_may_not_grow() { refuses_until_files_may_grow(128 * 1024); }

void folder_is_in_use() {
  faulty_server server;
  BOOST_REQUIRE(server.start());
  const auto second = run_command(server.command(), server.folder());
  BOOST_TEST(second.code == 1);
  BOOST_TEST(second.err.find("another process has it open") != std::string::npos);
  BOOST_TEST(reply_of(server.say("m1", "one")) == "<one>");
  BOOST_TEST(server.ready() == 200);
  BOOST_TEST(server.stop() == 0);
}

}  // namespace troupe::test
