#include "sync_server/store/programme_store.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/ids.h"
#include "core/base/status.h"
#include "core/sqlite/backup.h"
#include "core/sqlite/boot_epoch.h"
#include "core/sqlite/transaction.h"
#include "sync_server/limits.h"
#include "sync_server/store/programme_schema.h"

namespace baraza::server {
namespace {

// A long read (a backup) can be in the way of emptying the log; then it is tried again after so
// many writes, since each try may wait.
constexpr int kWritesBetweenTries = 16;

absl::Status DiskFull(const std::string& path) {
  return absl::ResourceExhaustedError(
      absl::StrCat(path, ": the disk is full; nothing can be written until there is room"));
}

}  // namespace

ProgrammeStore::ProgrammeStore(std::string path, std::unique_ptr<Database> writer,
                               std::unique_ptr<ReadPool> readers)
    : path_(std::move(path)), writer_(std::move(writer)), readers_(std::move(readers)) {}

ProgrammeStore::~ProgrammeStore() = default;

absl::StatusOr<std::unique_ptr<ProgrammeStore>> ProgrammeStore::Open(const std::string& path,
                                                                     const Options& options,
                                                                     Clock& clock, Random& random) {
  DatabaseOptions writer_options{
      .mode = options.create ? DatabaseOptions::Mode::kCreate : DatabaseOptions::Mode::kReadWrite,
      .vfs = options.vfs,
      .schema = ProgrammeSchema(),
      .cache_kib = kWriterCacheKib};
  BARAZA_ASSIGN_OR_RETURN(std::unique_ptr<Database> writer, Database::Open(path, writer_options));

  if (options.max_pages > 0) {
    BARAZA_RETURN_IF_ERROR(
        writer->Execute(absl::StrCat("PRAGMA max_page_count = ", options.max_pages)));
  }
  DatabaseOptions reader_options = writer_options;
  reader_options.mode = DatabaseOptions::Mode::kReadOnly;
  reader_options.cache_kib = kReadCacheKib;
  const int connections =
      options.max_read_connections > 0 ? options.max_read_connections : kMaxReadConnections;
  std::unique_ptr<ProgrammeStore> store(new ProgrammeStore(
      path, std::move(writer), std::make_unique<ReadPool>(path, reader_options, connections)));

  // Whatever a killed process left visible is made durable before anybody is told of it.
  const absl::Status booted = store->Boot();
  if (absl::IsResourceExhausted(booted)) {
    store->read_only_ = true;
  } else if (!booted.ok()) {
    return booted;
  }

  StoreReads reads(*store->writer_);
  BARAZA_ASSIGN_OR_RETURN(std::optional<std::string> programme, reads.GetMeta(kMetaProgramme));
  BARAZA_ASSIGN_OR_RETURN(std::optional<std::string> epoch, reads.GetMeta(kMetaEpoch));
  if (!programme.has_value() || !epoch.has_value()) {
    if (options.programme_id.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat(path, ": expected the id of the programme that the new file is for"));
    }
    programme = options.programme_id;
    epoch = MintId("epo", clock, random);
    BARAZA_ASSIGN_OR_RETURN(std::unique_ptr<StoreWriter> transaction, store->BeginWrite());
    BARAZA_RETURN_IF_ERROR(transaction->PutMeta(kMetaProgramme, *programme));
    BARAZA_RETURN_IF_ERROR(transaction->PutMeta(kMetaEpoch, *epoch));
    BARAZA_RETURN_IF_ERROR(transaction->Commit());
  }
  if (!options.programme_id.empty() && *programme != options.programme_id) {
    return RecordError(absl::StatusCode::kFailedPrecondition, path, "programme",
                       options.programme_id, *programme);
  }
  store->programme_id_ = *std::move(programme);
  store->epoch_ = *std::move(epoch);
  return store;
}

absl::Status ProgrammeStore::Boot() {
  BARAZA_RETURN_IF_ERROR(BootEpoch(*writer_).status());
  // Whether a commit that failed is in the file is known only now.
  const bool erased = counters_.erased;
  BARAZA_ASSIGN_OR_RETURN(counters_, StoreWriter::LoadCounters(*writer_));
  counters_.erased = erased;
  read_only_ = false;
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<StoreWriter>> ProgrammeStore::BeginWrite() {
  {
    MutexLock lock(mutex_);
    while (writing_) write_ended_.Wait(mutex_);
    writing_ = true;
  }
  if (read_only_.load()) {
    const absl::Status booted = Boot();
    if (!booted.ok()) {
      EndWrite();
      return absl::IsResourceExhausted(booted) ? DiskFull(path_) : booted;
    }
  }
  absl::StatusOr<Transaction> transaction = Transaction::Begin(*writer_);
  if (!transaction.ok()) {
    EndWrite();
    return transaction.status();
  }
  return std::unique_ptr<StoreWriter>(
      new StoreWriter(*writer_, *std::move(transaction), &counters_, [this] { EndWrite(); }));
}

void ProgrammeStore::EndWrite() {
  if (counters_.doubtful) read_only_ = true;
  // What was erased still stands in the write-ahead log until that is emptied.
  if (counters_.erased && backups_.load() == 0 && writes_until_try_-- <= 0) {
    if (writer_->Checkpoint(Database::CheckpointMode::kTruncate).ok()) {
      counters_.erased = false;
      writes_until_try_ = 0;
    } else {
      writes_until_try_ = kWritesBetweenTries;
    }
  }
  MutexLock lock(mutex_);
  writing_ = false;
  write_ended_.NotifyOne();
}

absl::Status ProgrammeStore::Read(const std::function<absl::Status(StoreReads&)>& read) {
  BARAZA_ASSIGN_OR_RETURN(ReadPool::Lease lease, readers_->Borrow());
  BARAZA_ASSIGN_OR_RETURN(Transaction snapshot, Transaction::BeginRead(*lease));
  StoreReads reads(*lease);
  return read(reads);
}

namespace {

// Runs one method of StoreReads on a snapshot.
template <typename Result, typename Method, typename... Arguments>
Result ReadOne(ProgrammeStore& store, Method method, const Arguments&... arguments) {
  Result result = absl::UnknownError("not read");
  const absl::Status status = store.Read([&](StoreReads& reads) {
    result = (reads.*method)(arguments...);
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return result;
}

}  // namespace

absl::StatusOr<int64_t> ProgrammeStore::LogPosition() {
  return ReadOne<absl::StatusOr<int64_t>>(*this, &StoreReads::LogPosition);
}
absl::StatusOr<int64_t> ProgrammeStore::Watermark() {
  return ReadOne<absl::StatusOr<int64_t>>(*this, &StoreReads::Watermark);
}
absl::StatusOr<uint64_t> ProgrammeStore::LamportMax() {
  return ReadOne<absl::StatusOr<uint64_t>>(*this, &StoreReads::LamportMax);
}
absl::StatusOr<std::vector<LogEntry>> ProgrammeStore::ReadLog(int64_t after, int limit) {
  return ReadOne<absl::StatusOr<std::vector<LogEntry>>>(*this, &StoreReads::ReadLog, after, limit);
}
absl::StatusOr<std::optional<LogEntry>> ProgrammeStore::FindOperation(absl::string_view op_id) {
  return ReadOne<absl::StatusOr<std::optional<LogEntry>>>(*this, &StoreReads::FindOperation, op_id);
}
absl::StatusOr<std::vector<Operation>> ProgrammeStore::OperationsOf(absl::string_view record_id) {
  return ReadOne<absl::StatusOr<std::vector<Operation>>>(*this, &StoreReads::OperationsOf,
                                                         record_id);
}
absl::Status ProgrammeStore::OperationHashes(
    int64_t up_to, const std::function<absl::Status(absl::string_view, const Sha256Digest&)>& fn) {
  return ReadOne<absl::Status>(*this, &StoreReads::OperationHashes, up_to, fn);
}
absl::StatusOr<std::optional<v1::RecordState>> ProgrammeStore::GetRecordState(
    absl::string_view record_id) {
  return ReadOne<absl::StatusOr<std::optional<v1::RecordState>>>(*this, &StoreReads::GetRecordState,
                                                                 record_id);
}
absl::Status ProgrammeStore::ForEachRecordState(
    v1::RecordType type, const std::function<absl::Status(const v1::RecordState&)>& fn) {
  return ReadOne<absl::Status>(*this, &StoreReads::ForEachRecordState, type, fn);
}
absl::StatusOr<std::vector<v1::RecordState>> ProgrammeStore::ListRecordStates(
    v1::RecordType type, absl::string_view after, int limit) {
  return ReadOne<absl::StatusOr<std::vector<v1::RecordState>>>(*this, &StoreReads::ListRecordStates,
                                                               type, after, limit);
}
absl::StatusOr<std::optional<v1::Session>> ProgrammeStore::GetSession(
    absl::string_view session_id) {
  return ReadOne<absl::StatusOr<std::optional<v1::Session>>>(*this, &StoreReads::GetSession,
                                                             session_id);
}
absl::Status ProgrammeStore::ForEachSession(
    const std::function<absl::Status(const v1::Session&)>& fn) {
  return ReadOne<absl::Status>(*this, &StoreReads::ForEachSession, fn);
}
absl::StatusOr<std::optional<std::string>> ProgrammeStore::GetMeta(absl::string_view key) {
  return ReadOne<absl::StatusOr<std::optional<std::string>>>(*this, &StoreReads::GetMeta, key);
}
absl::StatusOr<FeedPage> ProgrammeStore::ReadFeed(const FeedQuery& query) {
  return ReadOne<absl::StatusOr<FeedPage>>(*this, &StoreReads::ReadFeed, query);
}
absl::StatusOr<std::optional<DeviceRow>> ProgrammeStore::FindDevice(absl::string_view device_id) {
  return ReadOne<absl::StatusOr<std::optional<DeviceRow>>>(*this, &StoreReads::FindDevice,
                                                           device_id);
}
absl::StatusOr<std::vector<DeviceRow>> ProgrammeStore::ListDevices() {
  return ReadOne<absl::StatusOr<std::vector<DeviceRow>>>(*this, &StoreReads::ListDevices);
}
absl::StatusOr<std::vector<QuarantineRow>> ProgrammeStore::ListQuarantine(
    absl::string_view after_device_id, uint64_t after_device_seq, int limit) {
  return ReadOne<absl::StatusOr<std::vector<QuarantineRow>>>(
      *this, &StoreReads::ListQuarantine, after_device_id, after_device_seq, limit);
}

absl::Status ProgrammeStore::BackupTo(const std::string& path,
                                      const std::function<bool(int64_t, int64_t)>& progress) {
  BARAZA_ASSIGN_OR_RETURN(ReadPool::Lease lease, readers_->Borrow());
  ++backups_;
  const absl::Status status = Backup(*lease, path, progress);
  --backups_;
  return status;
}

}  // namespace baraza::server
