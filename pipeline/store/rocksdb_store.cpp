#include "pipeline/store/rocksdb_store.hpp"

#include "pipeline/store/rocksdb_open.hpp"

#include <rocksdb/write_batch.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <fstream>
#include <iostream>
#include <shared_mutex>

namespace troupe {

namespace {

using opener = std::function<result<std::unique_ptr<opened_db>>()>;

rocksdb::Slice slice(std::string_view s) { return {s.data(), s.size()}; }

/// Whether files in there can grow: by as much as a journal is soon to need.
std::error_code try_to_write(const std::filesystem::path& folder) {
  const auto probe = folder / "probe";
  errno = 0;
  std::ofstream file(probe, std::ios::binary);
  file << std::string(256 * 1024, '\0') << std::flush;
  const std::error_code failure(file ? 0 : std::max(errno, EIO), std::generic_category());
  file.close();
  std::error_code ignored;
  std::filesystem::remove(probe, ignored);
  return failure;
}

class rocksdb_store final : public store {
 public:
  /// `again`: opens it once more; none for one that is only read.
  rocksdb_store(std::filesystem::path folder, std::unique_ptr<opened_db> now, opener again)
      : folder_(std::move(folder)), now_(std::move(now)), again_(std::move(again)) {}

  result<void> write(write_batch batch, durability level) override {
    // After a failed write RocksDB takes no other until it is told that the cause is gone.
    if (stuck_.load(std::memory_order_relaxed))
      if (auto s = get_unstuck(); !s) return s;
    std::shared_lock lock(mutex_);
    if (!now_) return closed();
    rocksdb::WriteBatch b;
    for (const write_op& op : batch) {
      auto* cf = now_->handle(op.family);
      rocksdb::Status s;
      switch (op.kind) {
        case write_op::kind_type::put:
          s = b.Put(cf, op.key, op.value);
          break;
        case write_op::kind_type::erase:
          s = b.Delete(cf, op.key);
          break;
        case write_op::kind_type::erase_range:
          s = b.DeleteRange(cf, op.key, op.value);
          break;
      }
      if (!s.ok()) return failed("add to a batch of", s);
    }
    rocksdb::WriteOptions options;
    options.sync = level == durability::synced;
    if (auto s = now_->db->Write(options, &b); !s.ok()) {
      stuck_ = true;
      return failed("write to", s);
    }
    return {};
  }

  result<std::optional<std::string>> get(family f, std::string_view key) const override {
    std::string out;
    std::shared_lock lock(mutex_);
    if (!now_) return closed();
    auto* cf = now_->handle(f);
    if (!cf) return std::optional<std::string>();
    auto s = now_->db->Get(rocksdb::ReadOptions(), cf, slice(key), &out);
    if (s.IsNotFound()) return std::optional<std::string>();
    if (!s.ok()) return failed("read from", s);
    return std::optional<std::string>(std::move(out));
  }

  result<void> scan(
      family f, std::string_view prefix, std::string_view from,
      const std::function<bool(std::string_view, std::string_view)>& each) const override {
    std::shared_lock lock(mutex_);
    if (!now_) return closed();
    auto* cf = now_->handle(f);
    if (!cf) return {};
    std::unique_ptr<rocksdb::Iterator> it(now_->db->NewIterator(rocksdb::ReadOptions(), cf));
    for (it->Seek(slice(std::max(prefix, from))); it->Valid(); it->Next()) {
      if (!it->key().starts_with(slice(prefix))) break;
      if (!each(it->key().ToStringView(), it->value().ToStringView())) break;
    }
    if (!it->status().ok()) return failed("read from", it->status());
    return {};
  }

 private:
  /// RocksDB goes on by itself when a disk was full. After other failures of its log (a disk that
  /// was read-only, a file that could not grow) it only does when it is opened again; until that
  /// can work, it is kept for reading.
  result<void> get_unstuck() {
    std::unique_lock lock(mutex_);
    if (!stuck_) return {};
    if (now_) {
      const auto s = now_->db->Resume();
      if (!s.ok() && (s.severity() <= rocksdb::Status::kHardError || !again_))
        return failed("write to", s);
      if (!s.ok()) {
        if (const auto why = try_to_write(folder_))
          return error{errc::internal,
                       "cannot write to the store in `" + folder_.string() + "`: " + why.message()};
        now_ = nullptr;
      }
    }
    if (!now_) {
      auto fresh = again_();
      if (!fresh) return std::move(fresh).error();
      now_ = std::move(*fresh);
    }
    stuck_ = false;
    return {};
  }

  error closed() const {
    return {errc::unavailable,
            "the store in `" + folder_.string() + "` cannot be opened again after a failed write"};
  }
  error failed(std::string_view doing, const rocksdb::Status& s) const {
    return {errc::internal, "cannot " + std::string(doing) + " the store in `" + folder_.string() +
                                "`: " + s.ToString() +
                                (s.IsCorruption() ? "; " + std::string(damaged_store) : "")};
  }

  const std::filesystem::path folder_;
  mutable std::shared_mutex mutex_;  ///< of `now_`
  std::unique_ptr<opened_db> now_;
  const opener again_;
  std::atomic<bool> stuck_{false};
};

}  // namespace

result<std::unique_ptr<store>> open_rocksdb_store(const std::filesystem::path& folder) {
  return open_rocksdb_store(folder, [](std::string_view what) { std::clog << what << '\n'; });
}

result<std::unique_ptr<store>> open_rocksdb_store(
    const std::filesystem::path& folder, const std::function<void(std::string_view)>& report) {
  const opener open = [folder, report] { return open_db(folder, report); };
  auto now = open();
  if (!now) return std::move(now).error();
  return std::unique_ptr<store>(std::make_unique<rocksdb_store>(folder, std::move(*now), open));
}

result<std::unique_ptr<store>> open_rocksdb_reader(const std::filesystem::path& folder) {
  auto now = read_db(folder);
  if (!now) return std::move(now).error();
  return std::unique_ptr<store>(std::make_unique<rocksdb_store>(folder, std::move(*now), opener()));
}

}  // namespace troupe
