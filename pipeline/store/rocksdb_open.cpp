#include "pipeline/store/rocksdb_open.hpp"

#include "pipeline/store/wal_tail.hpp"

#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/listener.h>
#include <rocksdb/table.h>

#include <algorithm>
#include <chrono>
#include <thread>

namespace troupe {

namespace {

constexpr auto family_count = static_cast<std::size_t>(family::count);

/// RocksDB writes a log beside its data, and ends the process when that cannot be written: on a
/// full disk, say. What matters in it comes back as errors.
class no_log final : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char*, va_list) override {}
};

rocksdb::Options options_of_store() {
  rocksdb::Options options;
  options.info_log = std::make_shared<no_log>();
  // A torn last record is what a crash leaves; damage further inside is an error, not a loss.
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  return options;
}

/// RocksDB would try by itself to write again when a disk was full, from a thread of its own, and
/// lets in writes meanwhile to a log that is broken. Here the next write asks it to (`write`).
struct no_automatic_recovery final : rocksdb::EventListener {
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status,
                            bool* automatic) override {
    *automatic = false;
  }
};

/// Another process has it, or this one; not a lock's file that cannot be made.
bool is_locked(const rocksdb::Status& s) {
  const std::string text = s.ToString();
  return s.IsIOError() &&
         (text.find("lock file") != text.npos || text.find("lock hold by") != text.npos);
}

/// Why a store does not open, and what to do.
error cannot_open(const std::filesystem::path& folder, const rocksdb::Status& s) {
  const std::string text = s.ToString();
  std::string advice = "can this user write there, and is the disk in order?";
  if (is_locked(s))
    advice = "another process has it open: stop that one, or choose another folder with --data";
  else if (s.IsNoSpace())
    advice = "the disk is full: make room";
  else if (s.IsCorruption() || s.IsPathNotFound() || text.find("No such file") != text.npos)
    advice = std::string(damaged_store);
  return {errc::unavailable,
          "cannot open the store in `" + folder.string() + "`: " + text + "; " + advice};
}

/// Until `attempt` does not fail for a lock: a process that was just killed holds its own until the
/// kernel has taken it apart.
template <class Attempt>
rocksdb::Status patiently(Attempt attempt) {
  rocksdb::Status s = attempt();
  for (int i = 0; i < 30 && is_locked(s); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    s = attempt();
  }
  return s;
}

/// A log's end is mended only while nobody can be writing to it.
result<std::optional<std::string>> mend(const std::filesystem::path& folder) {
  if (!std::filesystem::exists(folder / "CURRENT")) return std::optional<std::string>();
  auto* env = rocksdb::Env::Default();
  rocksdb::FileLock* lock = nullptr;
  const auto locked = patiently([&] { return env->LockFile((folder / "LOCK").string(), &lock); });
  if (!locked.ok()) return cannot_open(folder, locked);
  auto mended = mend_wal_tail(folder);
  env->UnlockFile(lock);
  return mended;
}

}  // namespace

result<std::unique_ptr<opened_db>> open_db(const std::filesystem::path& folder,
                                           const std::function<void(std::string_view)>& report) {
  std::error_code ec;
  std::filesystem::create_directories(folder, ec);
  if (ec)
    return error{errc::internal, "cannot make the data folder `" + folder.string() +
                                     "`: " + ec.message() + "; choose another with --data"};
  auto mended = mend(folder);
  if (!mended) return std::move(mended).error();
  if (*mended) report(**mended);
  rocksdb::Options options = options_of_store();
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  options.max_background_jobs = 2;
  options.max_total_wal_size = 256 << 20;
  options.listeners.push_back(std::make_shared<no_automatic_recovery>());
  rocksdb::ColumnFamilyOptions family_options;
  family_options.write_buffer_size = 16 << 20;
  rocksdb::BlockBasedTableOptions table;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  family_options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));

  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (std::size_t i = 0; i < family_count; ++i)
    families.emplace_back(std::string(name_of(static_cast<family>(i))), family_options);
  families.emplace_back(rocksdb::kDefaultColumnFamilyName, family_options);

  rocksdb::DB* db = nullptr;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  const auto s = patiently(
      [&] { return rocksdb::DB::Open(options, folder.string(), families, &handles, &db); });
  if (!s.ok()) return cannot_open(folder, s);
  return std::make_unique<opened_db>(db, std::move(handles));
}

result<std::unique_ptr<opened_db>> read_db(const std::filesystem::path& folder) {
  rocksdb::Options options = options_of_store();
  auto failed = [&](const rocksdb::Status& s) {
    return error{errc::unavailable,
                 "cannot read the store in `" + folder.string() + "`: " + s.ToString() +
                     (s.IsIOError() ? "; is it a data folder of `troupe serve --data`?" : "")};
  };
  std::vector<std::string> there;
  if (auto s = rocksdb::DB::ListColumnFamilies(options, folder.string(), &there); !s.ok())
    return failed(s);
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < family_count; ++i) {
    std::string name(name_of(static_cast<family>(i)));
    if (std::find(there.begin(), there.end(), name) == there.end()) continue;
    families.emplace_back(std::move(name), rocksdb::ColumnFamilyOptions());
    places.push_back(i);
  }
  families.emplace_back(rocksdb::kDefaultColumnFamilyName, rocksdb::ColumnFamilyOptions());
  places.push_back(family_count);

  // The writer may delete a file between the reading of the list and of the file.
  rocksdb::DB* db = nullptr;
  std::vector<rocksdb::ColumnFamilyHandle*> opened;
  rocksdb::Status s;
  for (int i = 0; i < 5; ++i) {
    s = rocksdb::DB::OpenForReadOnly(options, folder.string(), families, &opened, &db);
    if (s.ok()) break;
  }
  if (!s.ok()) return failed(s);
  std::vector<rocksdb::ColumnFamilyHandle*> handles(family_count + 1);
  for (std::size_t i = 0; i < opened.size(); ++i) handles[places[i]] = opened[i];
  return std::make_unique<opened_db>(db, std::move(handles));
}

}  // namespace troupe
