#ifndef BARAZA_SYNC_SERVER_STORE_PROGRAMME_STORE_H_
#define BARAZA_SYNC_SERVER_STORE_PROGRAMME_STORE_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/base/clock.h"
#include "core/base/mutex.h"
#include "core/base/random.h"
#include "core/base/thread_annotations.h"
#include "core/sqlite/database.h"
#include "sync_server/store/read_pool.h"
#include "sync_server/store/rows.h"
#include "sync_server/store/store_reads.h"
#include "sync_server/store/store_writer.h"

namespace baraza::server {

struct ProgrammeStoreOptions {
  // The name of a registered SQLite VFS; empty: the default one.
  std::string vfs;
  // Make the file if there is none.
  bool create = false;
  // Whose file it is: written into a new one; an existing one must be of this programme. Empty:
  // any (not with `create`).
  std::string programme_id;
  int max_read_connections = 0;  // 0: the limit of limits.h.
  // A quota: with so many pages (4 KiB each) in the file it is as if the disk were full. 0: none.
  int64_t max_pages = 0;
};

// One programme's file: log, results, devices, feed and projection. One connection writes (and
// checkpoints); a small pool of others reads. All methods are safe from any thread; a write
// transaction waits for the one before it.
class ProgrammeStore {
 public:
  using Options = ProgrammeStoreOptions;

  // Opens the file and commits a boot epoch before anything is served. A file on a full disk opens
  // read-only: writing answers RESOURCE_EXHAUSTED until there is room again. Other errors as
  // Database::Open; FAILED_PRECONDITION: another programme's file. `clock` and `random` name a new
  // file's epoch and must outlive the store.
  static absl::StatusOr<std::unique_ptr<ProgrammeStore>> Open(const std::string& path,
                                                              const Options& options, Clock& clock,
                                                              Random& random);
  ~ProgrammeStore();
  ProgrammeStore(const ProgrammeStore&) = delete;
  ProgrammeStore& operator=(const ProgrammeStore&) = delete;

  // Names the history that devices' cursors and sequence numbers refer to; another after a restore.
  const std::string& epoch() const { return epoch_; }
  const std::string& programme_id() const { return programme_id_; }
  const std::string& path() const { return path_; }

  // True while nothing can be written (the disk is full) or it is not known whether the last write
  // is durable: what is read then must not be acknowledged to anybody.
  bool read_only() const { return read_only_.load(std::memory_order_relaxed); }

  // Begins the one write transaction, waiting for an earlier one to end. RESOURCE_EXHAUSTED: the
  // disk is full.
  absl::StatusOr<std::unique_ptr<StoreWriter>> BeginWrite();

  // Runs `read` on one consistent snapshot.
  absl::Status Read(const std::function<absl::Status(StoreReads&)>& read);

  // Single reads, each on a snapshot of its own; see StoreReads.
  absl::StatusOr<int64_t> LogPosition();
  absl::StatusOr<int64_t> Watermark();
  absl::StatusOr<uint64_t> LamportMax();
  absl::StatusOr<std::vector<LogEntry>> ReadLog(int64_t after, int limit);
  absl::StatusOr<std::optional<LogEntry>> FindOperation(absl::string_view op_id);
  absl::StatusOr<std::vector<Operation>> OperationsOf(absl::string_view record_id);
  absl::Status OperationHashes(
      int64_t up_to, const std::function<absl::Status(absl::string_view, const Sha256Digest&)>& fn);
  absl::StatusOr<std::optional<v1::RecordState>> GetRecordState(absl::string_view record_id);
  absl::Status ForEachRecordState(v1::RecordType type,
                                  const std::function<absl::Status(const v1::RecordState&)>& fn);
  absl::StatusOr<std::vector<v1::RecordState>> ListRecordStates(v1::RecordType type,
                                                                absl::string_view after, int limit);
  absl::StatusOr<std::optional<v1::Session>> GetSession(absl::string_view session_id);
  absl::Status ForEachSession(const std::function<absl::Status(const v1::Session&)>& fn);
  absl::StatusOr<std::optional<std::string>> GetMeta(absl::string_view key);
  absl::StatusOr<FeedPage> ReadFeed(const FeedQuery& query);
  absl::StatusOr<std::optional<DeviceRow>> FindDevice(absl::string_view device_id);
  absl::StatusOr<std::vector<DeviceRow>> ListDevices();
  absl::StatusOr<std::vector<QuarantineRow>> ListQuarantine(absl::string_view after_device_id,
                                                            uint64_t after_device_seq, int limit);

  // Copies the file while it is served, as of one moment: see core/sqlite/backup.h.
  absl::Status BackupTo(const std::string& path,
                        const std::function<bool(int64_t, int64_t)>& progress = {});

 private:
  friend class StoreWriter;

  ProgrammeStore(std::string path, std::unique_ptr<Database> writer,
                 std::unique_ptr<ReadPool> readers);

  // Commits a boot epoch, after which what can be read is durable.
  absl::Status Boot();
  void EndWrite();

  const std::string path_;
  std::string programme_id_;
  std::string epoch_;
  std::atomic<bool> read_only_{false};
  // Backups that are running; they keep the write-ahead log from being emptied.
  std::atomic<int> backups_{0};

  Mutex mutex_;
  CondVar write_ended_;
  bool writing_ BARAZA_GUARDED_BY(mutex_) = false;

  // Of whoever has `writing_`.
  const std::unique_ptr<Database> writer_;
  StoreWriter::Counters counters_;
  int writes_until_try_ = 0;

  const std::unique_ptr<ReadPool> readers_;
};

}  // namespace baraza::server

#endif  // BARAZA_SYNC_SERVER_STORE_PROGRAMME_STORE_H_
