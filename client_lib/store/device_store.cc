#include "client_lib/store/device_store.h"

#include <algorithm>
#include <array>
#include <deque>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "client_lib/limits.h"
#include "client_lib/store/draft_table.h"
#include "client_lib/store/feed_table.h"
#include "client_lib/store/meta_table.h"
#include "client_lib/store/operation_table.h"
#include "client_lib/store/record_table.h"
#include "client_lib/store/record_view.h"
#include "client_lib/store/schema.h"
#include "core/base/sha256.h"
#include "core/base/status.h"
#include "core/model/limits.h"
#include "core/model/merge.h"
#include "core/model/record_types.h"
#include "core/sqlite/boot_epoch.h"
#include "core/sqlite/transaction.h"

namespace baraza::client {
namespace {

constexpr char kDeviceId[] = "device_id";
constexpr char kIncarnation[] = "incarnation";
constexpr char kMembership[] = "membership";
constexpr char kEnrolled[] = "enrolled";
constexpr char kAddress[] = "address";
constexpr char kCaCertificate[] = "ca_certificate";
constexpr char kCredential[] = "credential";
constexpr char kServerEpoch[] = "server_epoch";
constexpr char kLamport[] = "lamport";
constexpr char kCursor[] = "cursor";
constexpr char kGeneration[] = "generation";
constexpr char kResetting[] = "resetting";
constexpr char kLastSyncMs[] = "last_sync_ms";
constexpr char kClockSkewMs[] = "clock_skew_ms";

constexpr size_t kIncarnationBytes = 16;
constexpr absl::string_view kOperationObject = "op:";

std::string MintIncarnation(Random& random) {
  std::array<uint8_t, kIncarnationBytes> bytes;
  random.Fill(absl::MakeSpan(bytes));
  return std::string(bytes.begin(), bytes.end());
}

absl::Status NoSuchRecord(absl::string_view record_id) {
  return RecordError(absl::StatusCode::kNotFound, record_id, "", "a record of this device", "none");
}

bool IsRegisterType(v1::RecordType type) {
  switch (type) {
    case v1::RECORD_TYPE_SOURCE:
    case v1::RECORD_TYPE_SESSION_REPORT:
    case v1::RECORD_TYPE_FOLLOW_UP:
      return false;
    default:
      return true;
  }
}

// Whether an operation of that role may return a report.
bool MayReturn(v1::Role role) { return role != v1::ROLE_COLLECTOR && role != v1::ROLE_TEAM_LEAD; }

// Takes over redactions: a part that `copy` has only the hash of is erased in `mine`. True: it
// changed.
bool TakeOverErasures(const v1::WireOperation& copy, v1::WireOperation& mine) {
  bool changed = false;
  for (const v1::Part& erased : copy.parts()) {
    if (erased.redacted_sha256().empty()) continue;
    for (v1::Part& part : *mine.mutable_parts()) {
      if (part.privacy() != erased.privacy() || part.delta().empty()) continue;
      if (Sha256(part.delta()).AsBytes() != absl::string_view(erased.redacted_sha256())) continue;
      part = erased;
      changed = true;
    }
  }
  return changed;
}

// The tables of one open connection.
struct Tables {
  explicit Tables(std::unique_ptr<Database> db)
      : database(std::move(db)),
        meta(*database),
        operations(*database),
        records(*database, operations),
        drafts(*database),
        feed(*database) {}
  std::unique_ptr<Database> database;
  MetaTable meta;
  OperationTable operations;
  RecordTable records;
  DraftTable drafts;
  FeedTable feed;
};

// Of the type that its id says, and in that type's form: else every list of such records would
// fail.
bool IsReadable(const v1::FeedRecord& sent) {
  const absl::StatusOr<v1::RecordType> type = RecordTypeOfId(sent.record_id());
  if (!type.ok() || sent.type() != *type) return false;
  const std::unique_ptr<google::protobuf::Message> record = NewRecord(*type);
  return record != nullptr && record->ParseFromString(sent.record());
}

}  // namespace

class DeviceStore::Impl {
 public:
  Impl(Options options, IdMinter& minter, Random& random)
      : options_(std::move(options)), minter_(minter), random_(random) {}

  absl::Status OpenFirst();
  template <typename Body>
  absl::Status Write(const Body& body);
  absl::Status Rebuild(absl::string_view record_id);
  absl::Status RebuildAll(const absl::btree_set<std::string>& record_ids);
  absl::StatusOr<v1::ClientRecord> ToClientRecord(v1::RecordState state);
  absl::StatusOr<AppliedFeed> ApplyItems(const v1::SyncResponse& response, bool reset);
  absl::Status ApplyOperation(const v1::WireOperation& wire, int64_t generation,
                              AppliedFeed& applied);
  absl::Status Redact(const Operation& redaction, AppliedFeed& applied);
  absl::Status PutNewDeviceId(MetaTable& meta);
  absl::Status NoteLamport(uint64_t lamport);
  // Remembers the server's epoch; whether it is another than before.
  absl::StatusOr<bool> NoteEpoch(const std::string& epoch);
  // What is kept in memory, as the database says it.
  struct Kept;
  absl::StatusOr<Kept> Read();
  void Keep(Kept kept);
  absl::Status Load();

  // The view changed: by that record, by that object of the feed, by more than can be told.
  void NoteRecord(absl::string_view record_id);
  void NoteFeedObject(absl::string_view object);
  void ForgetChanges();
  std::optional<std::vector<ViewChange>> ChangesSince(uint64_t version) const;

  const Options options_;
  IdMinter& minter_;
  Random& random_;
  std::unique_ptr<Tables> tables_;
  bool disk_full_ = false;

  // What the database says, as of the last commit.
  Identity identity_;
  Connection connection_;
  v1::Cursor cursor_;
  int64_t generation_ = 0;
  bool resetting_ = false;
  uint64_t lamport_ = 0;
  uint64_t last_seq_ = 0;
  SyncMarks marks_;
  uint64_t register_version_ = 1;
  uint64_t reports_version_ = 1;

 private:
  // Once, before anything is written; see BootEpoch.
  absl::Status BeginWriting();
  void Note(ViewChange::Kind kind, absl::string_view id);

  bool has_begun_ = false;
  // What the last steps of reports_version_ were about, one each; at most kMaxNotedChanges.
  std::deque<ViewChange> changes_;
};

absl::Status DeviceStore::Impl::OpenFirst() {
  DatabaseOptions database_options;
  database_options.vfs = options_.vfs;
  database_options.schema = DeviceSchema();
  // Two programs would number operations each on its own, and two writers can damage the log.
  database_options.exclusive = true;
  absl::StatusOr<std::unique_ptr<Database>> database =
      Database::Open(options_.path, database_options);
  if (absl::IsUnavailable(database.status())) {
    return absl::UnavailableError(
        absl::StrCat(options_.path,
                     ": another program has this device's store open; try again when it is done"));
  }
  BARAZA_RETURN_IF_ERROR(database.status());
  tables_ = std::make_unique<Tables>(*std::move(database));
  // Erased parts and deleted drafts must not linger in free pages.
  BARAZA_RETURN_IF_ERROR(tables_->database->Execute("PRAGMA secure_delete = ON"));
  const absl::Status begun = BeginWriting();
  // On a full disk what is there can be read, unless it does not even say which device this is.
  disk_full_ = absl::IsResourceExhausted(begun);
  if (!disk_full_) BARAZA_RETURN_IF_ERROR(begun);
  BARAZA_ASSIGN_OR_RETURN(const std::string device_id, tables_->meta.Get(kDeviceId));
  if (device_id.empty()) return begun;
  return Load();
}

absl::Status DeviceStore::Impl::BeginWriting() {
  BARAZA_RETURN_IF_ERROR(BootEpoch(*tables_->database).status());
  BARAZA_ASSIGN_OR_RETURN(const std::string device_id, tables_->meta.Get(kDeviceId));
  if (device_id.empty()) {
    BARAZA_ASSIGN_OR_RETURN(Transaction transaction, Transaction::Begin(*tables_->database));
    BARAZA_RETURN_IF_ERROR(PutNewDeviceId(tables_->meta));
    BARAZA_RETURN_IF_ERROR(transaction.Commit());
  }
  has_begun_ = true;
  return absl::OkStatus();
}

struct DeviceStore::Impl::Kept {
  Identity identity;
  Connection connection;
  v1::Cursor cursor;
  int64_t generation = 0;
  bool resetting = false;
  uint64_t lamport = 0;
  uint64_t last_seq = 0;
  SyncMarks marks;
};

absl::StatusOr<DeviceStore::Impl::Kept> DeviceStore::Impl::Read() {
  MetaTable& meta = tables_->meta;
  Kept kept;
  BARAZA_ASSIGN_OR_RETURN(kept.identity.device_id, meta.Get(kDeviceId));
  BARAZA_ASSIGN_OR_RETURN(kept.identity.incarnation, meta.Get(kIncarnation));
  BARAZA_ASSIGN_OR_RETURN(const int64_t enrolled, meta.GetInt(kEnrolled));
  kept.identity.enrolled = enrolled != 0;
  BARAZA_RETURN_IF_ERROR(meta.GetMessage(kMembership, kept.identity.membership));
  BARAZA_ASSIGN_OR_RETURN(kept.identity.server_epoch, meta.Get(kServerEpoch));
  BARAZA_ASSIGN_OR_RETURN(kept.connection.address, meta.Get(kAddress));
  BARAZA_ASSIGN_OR_RETURN(kept.connection.ca_certificate, meta.Get(kCaCertificate));
  BARAZA_ASSIGN_OR_RETURN(kept.connection.credential, meta.Get(kCredential));
  BARAZA_RETURN_IF_ERROR(meta.GetMessage(kCursor, kept.cursor));
  BARAZA_ASSIGN_OR_RETURN(kept.generation, meta.GetInt(kGeneration));
  BARAZA_ASSIGN_OR_RETURN(const int64_t resetting, meta.GetInt(kResetting));
  kept.resetting = resetting != 0;
  BARAZA_ASSIGN_OR_RETURN(kept.marks.last_sync_ms, meta.GetInt(kLastSyncMs));
  BARAZA_ASSIGN_OR_RETURN(kept.marks.clock_skew_ms, meta.GetInt(kClockSkewMs));
  BARAZA_ASSIGN_OR_RETURN(const int64_t seen, meta.GetInt(kLamport));
  BARAZA_ASSIGN_OR_RETURN(const uint64_t held, tables_->operations.MaxLamport());
  kept.lamport = std::max(static_cast<uint64_t>(seen), held);
  BARAZA_ASSIGN_OR_RETURN(kept.last_seq, tables_->operations.LastSeq());
  return kept;
}

void DeviceStore::Impl::Keep(Kept kept) {
  ++register_version_;
  ForgetChanges();
  identity_ = std::move(kept.identity);
  connection_ = std::move(kept.connection);
  cursor_ = std::move(kept.cursor);
  generation_ = kept.generation;
  resetting_ = kept.resetting;
  lamport_ = kept.lamport;
  last_seq_ = kept.last_seq;
  marks_ = kept.marks;
}

absl::Status DeviceStore::Impl::Load() {
  BARAZA_ASSIGN_OR_RETURN(Kept kept, Read());
  Keep(std::move(kept));
  return absl::OkStatus();
}

void DeviceStore::Impl::NoteRecord(absl::string_view record_id) {
  const absl::StatusOr<v1::RecordType> type = RecordTypeOfId(record_id);
  if (type.ok() && IsRegisterType(*type)) {
    ++register_version_;
  } else {
    Note(ViewChange::Kind::kRecord, record_id);
  }
}

void DeviceStore::Impl::NoteFeedObject(absl::string_view object) {
  Note(ViewChange::Kind::kFeedObject, object);
}

void DeviceStore::Impl::Note(ViewChange::Kind kind, absl::string_view id) {
  ++reports_version_;
  changes_.push_back({kind, std::string(id)});
  if (changes_.size() > kMaxNotedChanges) changes_.pop_front();
}

void DeviceStore::Impl::ForgetChanges() {
  ++reports_version_;
  changes_.clear();
}

std::optional<std::vector<ViewChange>> DeviceStore::Impl::ChangesSince(uint64_t version) const {
  if (version > reports_version_ || reports_version_ - version > changes_.size()) {
    return std::nullopt;
  }
  const auto steps = static_cast<std::ptrdiff_t>(reports_version_ - version);
  return std::vector<ViewChange>(changes_.end() - steps, changes_.end());
}

// Runs `body` in a transaction. After an error everything is as before, in memory too.
template <typename Body>
absl::Status DeviceStore::Impl::Write(const Body& body) {
  // Opened while the disk was full; perhaps there is room by now.
  if (!has_begun_) BARAZA_RETURN_IF_ERROR(BeginWriting());
  // What a body may change before the commit. The disk that failed may not be there to read it
  // from.
  std::string server_epoch = identity_.server_epoch;
  const int64_t generation = generation_;
  const bool resetting = resetting_;
  const uint64_t lamport = lamport_;
  const absl::Status status = [&]() -> absl::Status {
    BARAZA_ASSIGN_OR_RETURN(Transaction transaction, Transaction::Begin(*tables_->database));
    BARAZA_RETURN_IF_ERROR(body());
    return transaction.Commit();
  }();
  if (status.ok()) {
    disk_full_ = false;
    return status;
  }
  if (absl::IsResourceExhausted(status)) disk_full_ = true;
  identity_.server_epoch = std::move(server_epoch);
  generation_ = generation;
  resetting_ = resetting;
  lamport_ = lamport;
  ++register_version_;
  ForgetChanges();
  return status;
}

absl::Status DeviceStore::Impl::PutNewDeviceId(MetaTable& meta) {
  BARAZA_RETURN_IF_ERROR(meta.Put(kDeviceId, minter_.Mint(IdPrefixOf(v1::RECORD_TYPE_DEVICE))));
  return meta.Put(kIncarnation, MintIncarnation(random_));
}

absl::Status DeviceStore::Impl::NoteLamport(uint64_t lamport) {
  // The last ones are left to operations: a bad server must not stop capture.
  if (lamport <= lamport_ || lamport > kMaxLamport / 2) return absl::OkStatus();
  lamport_ = lamport;
  return tables_->meta.PutInt(kLamport, static_cast<int64_t>(lamport));
}

absl::StatusOr<bool> DeviceStore::Impl::NoteEpoch(const std::string& epoch) {
  if (epoch.empty() || epoch == identity_.server_epoch) return false;
  BARAZA_RETURN_IF_ERROR(tables_->meta.Put(kServerEpoch, epoch));
  const bool changed = !identity_.server_epoch.empty();
  identity_.server_epoch = epoch;
  return changed;
}

absl::Status DeviceStore::Impl::Rebuild(absl::string_view record_id) {
  BARAZA_ASSIGN_OR_RETURN(OperationTable::Effective effective,
                          tables_->operations.EffectiveOfRecord(record_id));
  BARAZA_ASSIGN_OR_RETURN(const std::optional<v1::FeedRecord> sent,
                          tables_->feed.FindRecord(record_id));
  const bool derived =
      effective.operations.size() == 1 && effective.operations[0].header.op_id() == record_id;
  const std::optional<v1::RecordState> state =
      ViewOfRecord(std::move(effective.operations), effective.pending, sent,
                   identity_.membership.programme_id());
  NoteRecord(record_id);
  if (state.has_value()) {
    return tables_->records.Put(
        *state, derived ? RecordTable::Storing::kDerived : RecordTable::Storing::kState);
  }
  BARAZA_RETURN_IF_ERROR(tables_->records.Delete(record_id));
  BARAZA_ASSIGN_OR_RETURN(const std::vector<OperationTable::OwnRow> own,
                          tables_->operations.OwnOfRecord(record_id));
  return own.empty() ? tables_->records.DeleteLocal(record_id) : absl::OkStatus();
}

absl::Status DeviceStore::Impl::RebuildAll(const absl::btree_set<std::string>& record_ids) {
  for (const std::string& record_id : record_ids) {
    BARAZA_RETURN_IF_ERROR(Rebuild(record_id));
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::ClientRecord> DeviceStore::Impl::ToClientRecord(v1::RecordState state) {
  v1::ClientRecord result;
  BARAZA_ASSIGN_OR_RETURN(const bool pending, tables_->operations.IsPending(state.record_id()));
  result.set_pending(pending);
  BARAZA_ASSIGN_OR_RETURN(const std::string local, tables_->records.FindLocal(state.record_id()));
  google::protobuf::Message* record = MutableMember(*result.mutable_record(), state.type());
  // A type of a newer schema has its state only.
  if (record != nullptr && !record->ParseFromString(state.record())) {
    return absl::DataLossError(
        absl::StrCat(state.record_id(), ": the stored record does not parse"));
  }
  if (!local.empty()) {
    google::protobuf::Message* values = MutableMember(*result.mutable_local(), state.type());
    if (values == nullptr || !values->ParseFromString(local)) {
      return absl::DataLossError(
          absl::StrCat(state.record_id(), ": the stored local values do not parse"));
    }
  }
  *result.mutable_state() = std::move(state);
  return result;
}

DeviceStore::DeviceStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
DeviceStore::~DeviceStore() = default;

absl::StatusOr<std::unique_ptr<DeviceStore>> DeviceStore::Open(const Options& options,
                                                               IdMinter& minter, Random& random) {
  auto impl = std::make_unique<Impl>(options, minter, random);
  BARAZA_RETURN_IF_ERROR(impl->OpenFirst());
  return std::unique_ptr<DeviceStore>(new DeviceStore(std::move(impl)));
}

bool DeviceStore::read_only() const { return impl_->disk_full_; }
const Identity& DeviceStore::identity() const { return impl_->identity_; }
const Connection& DeviceStore::connection() const { return impl_->connection_; }
const v1::Cursor& DeviceStore::cursor() const { return impl_->cursor_; }
uint64_t DeviceStore::last_device_seq() const { return impl_->last_seq_; }
uint64_t DeviceStore::NextLamport() const { return impl_->lamport_ + 1; }
SyncMarks DeviceStore::sync_marks() const { return impl_->marks_; }
uint64_t DeviceStore::register_version() const { return impl_->register_version_; }
uint64_t DeviceStore::reports_version() const { return impl_->reports_version_; }
std::optional<std::vector<ViewChange>> DeviceStore::ChangesSince(uint64_t version) const {
  return impl_->ChangesSince(version);
}

// --- Who this is
// -----------------------------------------------------------------------------------

absl::Status DeviceStore::Bind(const v1::EnrolResponse& enrolment, absl::string_view address,
                               absl::string_view ca_certificate) {
  Impl& impl = *impl_;
  const v1::Membership& membership = enrolment.membership();
  const v1::Membership& former = impl.identity_.membership;
  const bool was_bound = !former.person_id().empty();
  const bool same_person = was_bound && former.person_id() == membership.person_id() &&
                           former.programme_id() == membership.programme_id();
  const bool hands_over = was_bound && !same_person;
  Impl::Kept kept;
  if (hands_over) {
    BARAZA_ASSIGN_OR_RETURN(const StoreCounts counts, Counts());
    if (counts.outbox > 0) {
      return absl::FailedPreconditionError(
          absl::StrCat("this device holds ", counts.outbox,
                       " operations of another person that are not on the server yet; sync first, "
                       "or enrol that person again"));
    }
    if (counts.quarantined > 0) {
      return absl::FailedPreconditionError(absl::StrCat(
          "this device holds ", counts.quarantined,
          " rejected operations of another person; capture them again or dismiss them first"));
    }
    if (counts.drafts > 0) {
      return absl::FailedPreconditionError(
          absl::StrCat("this device holds ", counts.drafts,
                       " drafts of another person; capture or delete them first"));
    }
  }
  const absl::Status status = impl.Write([&]() -> absl::Status {
    MetaTable& meta = impl.tables_->meta;
    if (hands_over) {
      BARAZA_RETURN_IF_ERROR(impl.tables_->operations.GiveUpOwn(impl.generation_));
      BARAZA_RETURN_IF_ERROR(impl.PutNewDeviceId(impl.tables_->meta));
      // The new person's view starts afresh; what it does not hold is deleted at the feed's end.
      BARAZA_RETURN_IF_ERROR(meta.PutMessage(kCursor, v1::Cursor()));
    }
    BARAZA_RETURN_IF_ERROR(meta.PutInt(kEnrolled, 1));
    BARAZA_RETURN_IF_ERROR(meta.PutMessage(kMembership, membership));
    BARAZA_RETURN_IF_ERROR(meta.Put(kAddress, address));
    BARAZA_RETURN_IF_ERROR(meta.Put(kCaCertificate, ca_certificate));
    BARAZA_RETURN_IF_ERROR(meta.Put(kCredential, enrolment.credential()));
    // A known epoch stays: whether the server was restored since is for the next sync to see.
    if (impl.identity_.server_epoch.empty() || hands_over) {
      BARAZA_RETURN_IF_ERROR(meta.Put(kServerEpoch, enrolment.server_epoch()));
    }
    BARAZA_ASSIGN_OR_RETURN(kept, impl.Read());
    return absl::OkStatus();
  });
  BARAZA_RETURN_IF_ERROR(status);
  impl.Keep(std::move(kept));
  return absl::OkStatus();
}

absl::Status DeviceStore::TakeNewDeviceId() {
  Impl& impl = *impl_;
  Impl::Kept kept;
  BARAZA_RETURN_IF_ERROR(impl.Write([&]() -> absl::Status {
    BARAZA_RETURN_IF_ERROR(impl.PutNewDeviceId(impl.tables_->meta));
    // The sequence numbers have no gaps, so they serve the new id as they are. What the server has
    // of it already it recognises by the op ids.
    BARAZA_RETURN_IF_ERROR(impl.tables_->operations.ForgetAnswers(1, impl.last_seq_).status());
    BARAZA_ASSIGN_OR_RETURN(kept, impl.Read());
    return absl::OkStatus();
  }));
  impl.Keep(std::move(kept));
  return absl::OkStatus();
}

absl::Status DeviceStore::SetMembership(const v1::Membership& membership) {
  Impl& impl = *impl_;
  BARAZA_RETURN_IF_ERROR(
      impl.Write([&] { return impl.tables_->meta.PutMessage(kMembership, membership); }));
  impl.identity_.membership = membership;
  return absl::OkStatus();
}

// --- Capture
// ---------------------------------------------------------------------------------------

absl::StatusOr<DeviceStore::Appended> DeviceStore::Append(NewOperation added) {
  Impl& impl = *impl_;
  Operation& operation = added.operation;
  operation.wire.set_device_seq(impl.last_seq_ + 1);
  const std::string& record_id = operation.header.record_id();
  Appended appended;
  v1::RecordState& state = appended.state;
  const absl::Status status = impl.Write([&]() -> absl::Status {
    Tables& tables = *impl.tables_;
    BARAZA_RETURN_IF_ERROR(tables.operations.InsertOwn(operation));
    if (added.local != nullptr) {
      BARAZA_RETURN_IF_ERROR(tables.records.PutLocal(record_id, *added.local));
    }
    if (!added.draft_id.empty()) BARAZA_RETURN_IF_ERROR(tables.drafts.Delete(added.draft_id));
    for (const std::string& op_id : added.replaces) {
      BARAZA_RETURN_IF_ERROR(tables.operations.SetDismissed(op_id));
    }
    if (operation.header.op_id() == record_id) {
      // A record that was just minted has this operation only.
      appended.record = std::move(added.record);
      state = appended.record == nullptr ? MergeOperations(absl::MakeConstSpan(&operation, 1))
                                         : StateOfCreation(operation, appended.record.get());
      BARAZA_RETURN_IF_ERROR(tables.records.Put(state, MayReturn(operation.header.author_role())
                                                           ? RecordTable::Storing::kDerived
                                                           : RecordTable::Storing::kSubmitted));
      impl.NoteRecord(record_id);
      return absl::OkStatus();
    }
    BARAZA_RETURN_IF_ERROR(impl.Rebuild(record_id));
    BARAZA_ASSIGN_OR_RETURN(std::optional<v1::RecordState> merged, tables.records.Find(record_id));
    if (!merged.has_value()) return NoSuchRecord(record_id);
    state = *std::move(merged);
    return absl::OkStatus();
  });
  BARAZA_RETURN_IF_ERROR(status);
  ++impl.last_seq_;
  impl.lamport_ = std::max(impl.lamport_, operation.header.lamport());
  return appended;
}

absl::StatusOr<v1::RecordState> DeviceStore::Preview(const Operation& operation) {
  Impl& impl = *impl_;
  const std::string& record_id = operation.header.record_id();
  BARAZA_ASSIGN_OR_RETURN(OperationTable::Effective effective,
                          impl.tables_->operations.EffectiveOfRecord(record_id));
  BARAZA_ASSIGN_OR_RETURN(const std::optional<v1::FeedRecord> sent,
                          impl.tables_->feed.FindRecord(record_id));
  effective.operations.push_back(operation);
  effective.pending.insert(operation.header.op_id());
  std::optional<v1::RecordState> state =
      ViewOfRecord(std::move(effective.operations), effective.pending, sent,
                   impl.identity_.membership.programme_id());
  if (!state.has_value()) return NoSuchRecord(record_id);
  return *std::move(state);
}

absl::StatusOr<std::unique_ptr<google::protobuf::Message>> DeviceStore::GetLocal(
    v1::RecordType type, absl::string_view record_id) {
  BARAZA_ASSIGN_OR_RETURN(const std::string bytes, impl_->tables_->records.FindLocal(record_id));
  std::unique_ptr<google::protobuf::Message> local = NewRecord(type);
  if (local == nullptr || !local->ParseFromString(bytes)) {
    return absl::DataLossError(absl::StrCat(record_id, ": the stored local values do not parse"));
  }
  return local;
}

absl::Status DeviceStore::PutLocal(absl::string_view record_id,
                                   const google::protobuf::Message& local) {
  return impl_->Write([&] { return impl_->tables_->records.PutLocal(record_id, local); });
}

// --- Records
// ---------------------------------------------------------------------------------------

absl::StatusOr<v1::RecordState> DeviceStore::GetState(absl::string_view record_id) {
  BARAZA_ASSIGN_OR_RETURN(std::optional<v1::RecordState> state,
                          impl_->tables_->records.Find(record_id));
  if (!state.has_value()) return NoSuchRecord(record_id);
  return *std::move(state);
}

absl::StatusOr<v1::RecordState> DeviceStore::GetStateAt(absl::string_view record_id,
                                                        absl::Span<const std::string> heads) {
  BARAZA_ASSIGN_OR_RETURN(v1::RecordState state, GetState(record_id));
  std::vector<std::string> wanted(heads.begin(), heads.end());
  std::sort(wanted.begin(), wanted.end());
  if (std::equal(wanted.begin(), wanted.end(), state.heads().begin(), state.heads().end())) {
    return state;
  }
  BARAZA_ASSIGN_OR_RETURN(const OperationTable::Effective effective,
                          impl_->tables_->operations.EffectiveOfRecord(record_id));
  BARAZA_ASSIGN_OR_RETURN(const std::vector<Operation> ancestors,
                          AncestorsOf(effective.operations, wanted));
  v1::RecordState then = MergeOperations(ancestors);
  if (!then.created()) {
    return RecordError(absl::StatusCode::kAborted, record_id, "",
                       "heads that this device can go back to",
                       "older ones; read the record again");
  }
  return then;
}

absl::StatusOr<v1::ClientRecord> DeviceStore::GetRecord(absl::string_view record_id) {
  BARAZA_ASSIGN_OR_RETURN(v1::RecordState state, GetState(record_id));
  return impl_->ToClientRecord(std::move(state));
}

absl::StatusOr<std::vector<v1::ClientRecord>> DeviceStore::ListRecords(
    v1::RecordType type, absl::string_view after_id, size_t limit, bool show_voided,
    absl::string_view only_team_id) {
  BARAZA_ASSIGN_OR_RETURN(
      std::vector<v1::RecordState> states,
      impl_->tables_->records.List(type, after_id, limit, show_voided, only_team_id));
  std::vector<v1::ClientRecord> records;
  records.reserve(states.size());
  for (v1::RecordState& state : states) {
    BARAZA_ASSIGN_OR_RETURN(v1::ClientRecord record, impl_->ToClientRecord(std::move(state)));
    records.push_back(std::move(record));
  }
  return records;
}

absl::Status DeviceStore::ForEachState(v1::RecordType type,
                                       const std::function<void(const v1::RecordState&)>& visit) {
  return impl_->tables_->records.ForEach(type, visit);
}

// --- Drafts
// ----------------------------------------------------------------------------------------

absl::Status DeviceStore::PutDraft(const v1::Draft& draft) {
  return impl_->Write([&] { return impl_->tables_->drafts.Put(draft); });
}

absl::StatusOr<v1::Draft> DeviceStore::GetDraft(absl::string_view draft_id) {
  return impl_->tables_->drafts.Get(draft_id);
}

absl::Status DeviceStore::DeleteDraft(absl::string_view draft_id) {
  return impl_->Write([&] { return impl_->tables_->drafts.Delete(draft_id); });
}

absl::StatusOr<std::vector<v1::Draft>> DeviceStore::ListDrafts() {
  return impl_->tables_->drafts.List();
}

// --- Outbox and quarantine
// -------------------------------------------------------------------------

absl::StatusOr<DeviceStore::Batch> DeviceStore::NextBatch(size_t max_bytes, size_t max_operations) {
  BARAZA_ASSIGN_OR_RETURN(OperationTable::Batch batch,
                          impl_->tables_->operations.NextBatch(max_bytes, max_operations));
  return Batch{std::move(batch.operations), batch.bytes, batch.more};
}

absl::StatusOr<AppliedResults> DeviceStore::ApplyResults(const v1::SyncResponse& response) {
  Impl& impl = *impl_;
  AppliedResults applied;
  const absl::Status status = impl.Write([&]() -> absl::Status {
    Tables& tables = *impl.tables_;
    std::vector<v1::OperationResult> results;
    absl::btree_set<std::string> touched;
    absl::btree_set<uint64_t> seen;
    for (const v1::OperationResult& result : response.results()) {
      if (result.outcome() != v1::OPERATION_OUTCOME_ACCEPTED &&
          result.outcome() != v1::OPERATION_OUTCOME_REJECTED) {
        continue;
      }
      BARAZA_ASSIGN_OR_RETURN(const std::optional<OperationTable::OwnRow> own,
                              tables.operations.FindOwnBySeq(result.device_seq()));
      // A malformed operation may come back without the id that nobody could read.
      if (!own.has_value() || (!result.op_id().empty() && result.op_id() != own->op_id)) continue;
      if (!seen.insert(result.device_seq()).second) continue;
      results.push_back(result);
      results.back().set_op_id(own->op_id);
      if (!own->answered) {
        ++applied.answered;
        ++(result.outcome() == v1::OPERATION_OUTCOME_ACCEPTED ? applied.accepted
                                                              : applied.rejected);
      }
      const bool was_out = own->fate == OperationTable::Fate::kRejected;
      const bool is_out = OperationTable::FateOf(result) == OperationTable::Fate::kRejected;
      if (was_out != is_out) touched.insert(own->record_id);
      applied.changed_records.insert(own->record_id);
    }
    for (const v1::OperationResult& result : results) {
      BARAZA_RETURN_IF_ERROR(tables.operations.SetResult(result));
    }
    BARAZA_RETURN_IF_ERROR(impl.RebuildAll(touched));
    BARAZA_RETURN_IF_ERROR(impl.NoteLamport(response.lamport_max()));

    // With a directive nothing is said of what the server has; its epoch is then for the next
    // answer to compare.
    if (response.directive() != v1::DEVICE_DIRECTIVE_UNSPECIFIED) return absl::OkStatus();
    BARAZA_ASSIGN_OR_RETURN(applied.epoch_changed, impl.NoteEpoch(response.server_epoch()));
    const uint64_t acknowledged = response.acknowledged_device_seq();
    applied.is_a_copy = acknowledged > impl.last_seq_;
    if (!applied.epoch_changed) {
      BARAZA_ASSIGN_OR_RETURN(applied.lost_by_server,
                              tables.operations.ForgetAnswers(acknowledged + 1, impl.last_seq_));
      // The suspension is lifted. The greatest number acknowledged does not tell of these: newer
      // operations may have gone before them.
      BARAZA_ASSIGN_OR_RETURN(const uint32_t held, tables.operations.ForgetHeld());
      applied.lost_by_server += held;
      return absl::OkStatus();
    }
    // A server that was restored counts this request's operations too, so its number may hide that
    // earlier ones are gone, and a request after an earlier restore has gaps. All but what it has
    // just answered go again; what it has it recognises.
    BARAZA_ASSIGN_OR_RETURN(applied.lost_by_server,
                            tables.operations.ForgetAnswers(1, impl.last_seq_));
    for (const v1::OperationResult& result : results) {
      if (result.device_seq() > acknowledged) continue;
      BARAZA_RETURN_IF_ERROR(tables.operations.SetResult(result));
      --applied.lost_by_server;
    }
    return absl::OkStatus();
  });
  BARAZA_RETURN_IF_ERROR(status);
  return applied;
}

absl::StatusOr<std::vector<v1::QuarantineEntry>> DeviceStore::Quarantine() {
  BARAZA_ASSIGN_OR_RETURN(const std::vector<OperationTable::OwnRow> rows,
                          impl_->tables_->operations.ListQuarantined());
  std::vector<v1::QuarantineEntry> entries;
  for (const OperationTable::OwnRow& row : rows) {
    v1::QuarantineEntry& entry = entries.emplace_back();
    entry.set_device_seq(row.wire.device_seq());
    entry.set_op_id(row.op_id);
    entry.set_record_id(row.record_id);
    entry.set_reason(row.result.reason());
    entry.set_message(row.result.message());
    entry.set_field(row.result.field());
    *entry.mutable_operation() = row.wire;
  }
  return entries;
}

absl::Status DeviceStore::Dismiss(absl::string_view op_id) {
  return impl_->Write([&] { return impl_->tables_->operations.SetDismissed(op_id); });
}

absl::StatusOr<std::vector<v1::WireOperation>> DeviceStore::OwnOperationsOf(
    absl::string_view record_id) {
  BARAZA_ASSIGN_OR_RETURN(std::vector<OperationTable::OwnRow> rows,
                          impl_->tables_->operations.OwnOfRecord(record_id));
  std::vector<v1::WireOperation> operations;
  for (OperationTable::OwnRow& row : rows) operations.push_back(std::move(row.wire));
  return operations;
}

// --- Feed
// ------------------------------------------------------------------------------------------

// A record's operation that came with the feed. An own one stays as it is, but for what was
// redacted and for a rejection that the office has lifted.
absl::Status DeviceStore::Impl::ApplyOperation(const v1::WireOperation& wire, int64_t generation,
                                               AppliedFeed& applied) {
  absl::StatusOr<Operation> parsed = ParseOperation(wire);
  if (!parsed.ok()) {
    ++applied.unreadable;
    return absl::OkStatus();
  }
  const v1::Header& header = parsed->header;
  BARAZA_ASSIGN_OR_RETURN(std::optional<OperationTable::OwnRow> own,
                          tables_->operations.FindOwn(header.op_id()));
  if (own.has_value()) {
    if (TakeOverErasures(wire, own->wire)) {
      BARAZA_RETURN_IF_ERROR(tables_->operations.ReplaceOwnParts(own->op_id, own->wire));
      applied.changed_records.insert(own->record_id);
    }
    if (own->fate == OperationTable::Fate::kRejected) {
      BARAZA_RETURN_IF_ERROR(
          tables_->operations.SetFate(own->op_id, OperationTable::Fate::kAccepted));
      applied.changed_records.insert(own->record_id);
    }
    return absl::OkStatus();
  }
  BARAZA_RETURN_IF_ERROR(tables_->operations.UpsertFeed(*parsed, generation));
  BARAZA_RETURN_IF_ERROR(NoteLamport(header.lamport()));
  applied.changed_records.insert(header.record_id());
  if (!header.redactions().empty()) return Redact(*parsed, applied);
  return absl::OkStatus();
}

// Withdrawn consent: the bytes go from this device too.
absl::Status DeviceStore::Impl::Redact(const Operation& redaction, AppliedFeed& applied) {
  const v1::Role role = redaction.header.author_role();
  if (role != v1::ROLE_ME_OFFICER && role != v1::ROLE_ADMINISTRATOR) return absl::OkStatus();
  for (const v1::Redaction& target : redaction.header.redactions()) {
    std::vector<v1::Privacy> classes;
    for (const int value : target.classes()) classes.push_back(static_cast<v1::Privacy>(value));
    BARAZA_ASSIGN_OR_RETURN(std::optional<OperationTable::OwnRow> own,
                            tables_->operations.FindOwn(target.op_id()));
    if (own.has_value() && own->record_id == redaction.header.record_id() &&
        EraseParts(own->wire, classes)) {
      BARAZA_RETURN_IF_ERROR(tables_->operations.ReplaceOwnParts(own->op_id, own->wire));
    }
    BARAZA_ASSIGN_OR_RETURN(std::optional<v1::WireOperation> sent,
                            tables_->operations.FindFeed(target.op_id()));
    if (sent.has_value() && EraseParts(*sent, classes)) {
      BARAZA_RETURN_IF_ERROR(tables_->operations.ReplaceFeedParts(target.op_id(), *sent));
    }
  }
  applied.changed_records.insert(redaction.header.record_id());
  return absl::OkStatus();
}

absl::StatusOr<AppliedFeed> DeviceStore::Impl::ApplyItems(const v1::SyncResponse& response,
                                                          bool reset) {
  AppliedFeed applied;
  Tables& tables = *tables_;
  int64_t position = reset ? 0 : cursor_.position();
  for (const v1::FeedItem& item : response.feed()) {
    if (item.position() < position) {
      return absl::DataLossError(absl::StrCat("feed: expected positions from ", position,
                                              " upwards, got ", item.position()));
    }
    position = item.position();
    ++applied.items;
    if (item.object().empty() || item.object().size() > kMaxFeedObjectBytes ||
        item.payload().size() > kMaxFeedPayloadBytes) {
      ++applied.unreadable;
      continue;
    }
    absl::string_view op_id = item.object();
    const bool is_operation = absl::ConsumePrefix(&op_id, kOperationObject);
    if (item.action() == v1::FeedItem::ACTION_REMOVE) {
      if (is_operation) {
        BARAZA_RETURN_IF_ERROR(tables.operations.DeleteFeed(op_id, applied.changed_records));
      } else {
        BARAZA_RETURN_IF_ERROR(tables.feed.Delete(item.object(), applied.changed_records));
        NoteFeedObject(item.object());
      }
      continue;
    }
    v1::FeedPayload payload;
    if (item.action() != v1::FeedItem::ACTION_UPSERT || !payload.ParseFromString(item.payload())) {
      ++applied.unreadable;
      continue;
    }
    const google::protobuf::Message* member = nullptr;
    std::string record_id;
    switch (payload.payload_case()) {
      case v1::FeedPayload::kOperation:
        BARAZA_RETURN_IF_ERROR(ApplyOperation(payload.operation(), generation_, applied));
        continue;
      case v1::FeedPayload::kRecord:
        record_id = payload.record().record_id();
        if (!IsReadable(payload.record())) {
          ++applied.unreadable;
          continue;
        }
        BARAZA_RETURN_IF_ERROR(NoteLamport(payload.record().lamport()));
        applied.changed_records.insert(record_id);
        member = &payload.record();
        break;
      case v1::FeedPayload::kSession:
        member = &payload.session();
        break;
      case v1::FeedPayload::kQuestion:
        member = &payload.question();
        break;
      case v1::FeedPayload::kDigest:
        member = &payload.digest();
        break;
      case v1::FeedPayload::kFigure:
        member = &payload.figure();
        break;
      case v1::FeedPayload::PAYLOAD_NOT_SET:
        // Of a newer server; it comes again when this software's schema level is newer too.
        ++applied.unreadable;
        continue;
    }
    BARAZA_RETURN_IF_ERROR(
        tables.feed.Upsert(item.object(), payload.payload_case(), record_id, generation_, *member));
    NoteFeedObject(item.object());
  }
  if (response.next_cursor().position() < position) {
    return absl::DataLossError(absl::StrCat("feed: expected a cursor from ", position,
                                            " upwards, got ", response.next_cursor().position()));
  }
  return applied;
}

absl::StatusOr<AppliedFeed> DeviceStore::ApplyFeed(const v1::SyncResponse& response) {
  Impl& impl = *impl_;
  AppliedFeed applied;
  const v1::Cursor& next = response.next_cursor();
  // A server that answers from its start says so; one that only changes epoch, scope or level, or
  // that is asked for the first time, does the same.
  const bool reset = response.feed_reset() || next.epoch() != impl.cursor_.epoch() ||
                     next.scope_hash() != impl.cursor_.scope_hash() ||
                     next.schema_level() != impl.cursor_.schema_level();
  const absl::Status status = impl.Write([&]() -> absl::Status {
    Tables& tables = *impl.tables_;
    if (reset) {
      BARAZA_RETURN_IF_ERROR(tables.meta.PutInt(kGeneration, ++impl.generation_));
      if (!impl.resetting_) BARAZA_RETURN_IF_ERROR(tables.meta.PutInt(kResetting, 1));
      impl.resetting_ = true;
    }
    BARAZA_ASSIGN_OR_RETURN(applied, impl.ApplyItems(response, reset));
    if (impl.resetting_ && !response.has_more()) {
      BARAZA_RETURN_IF_ERROR(
          tables.operations.DeleteFeedBefore(impl.generation_, applied.changed_records));
      BARAZA_RETURN_IF_ERROR(tables.feed.DeleteBefore(impl.generation_, applied.changed_records));
      impl.ForgetChanges();
      BARAZA_RETURN_IF_ERROR(tables.meta.PutInt(kResetting, 0));
      impl.resetting_ = false;
      applied.reset_finished = true;
    }
    BARAZA_RETURN_IF_ERROR(impl.RebuildAll(applied.changed_records));
    return tables.meta.PutMessage(kCursor, next);
  });
  BARAZA_RETURN_IF_ERROR(status);
  impl.cursor_ = next;
  return applied;
}

absl::StatusOr<std::optional<v1::Session>> DeviceStore::FindSession(absl::string_view report_id) {
  v1::Session session;
  BARAZA_ASSIGN_OR_RETURN(const bool by_name,
                          impl_->tables_->feed.Find(v1::FeedPayload::kSession,
                                                    absl::StrCat("session:", report_id), session));
  if (by_name) return std::optional<v1::Session>(std::move(session));
  std::optional<v1::Session> found;
  BARAZA_RETURN_IF_ERROR(impl_->tables_->feed.ForEach(
      v1::FeedPayload::kSession, [&](absl::string_view, absl::string_view payload) {
        if (!session.ParseFromArray(payload.data(), static_cast<int>(payload.size()))) return true;
        for (const v1::SessionMember& member : session.members()) {
          if (member.report_id() == report_id) {
            found = std::move(session);
            return false;
          }
        }
        return true;
      }));
  return found;
}

absl::StatusOr<std::vector<v1::OpenQuestion>> DeviceStore::Questions() {
  std::vector<v1::OpenQuestion> questions;
  BARAZA_RETURN_IF_ERROR(impl_->tables_->feed.ForEach(
      v1::FeedPayload::kQuestion, [&](absl::string_view, absl::string_view payload) {
        v1::OpenQuestion question;
        if (question.ParseFromArray(payload.data(), static_cast<int>(payload.size()))) {
          questions.push_back(std::move(question));
        }
        return true;
      }));
  return questions;
}

absl::Status DeviceStore::ForEachDigest(
    const std::function<void(absl::string_view object, const v1::SessionDigest&)>& visit) {
  return impl_->tables_->feed.ForEach(
      v1::FeedPayload::kDigest, [&](absl::string_view object, absl::string_view payload) {
        v1::SessionDigest digest;
        if (digest.ParseFromArray(payload.data(), static_cast<int>(payload.size()))) {
          visit(object, digest);
        }
        return true;
      });
}

absl::StatusOr<std::optional<v1::SessionDigest>> DeviceStore::FindDigest(absl::string_view object) {
  v1::SessionDigest digest;
  BARAZA_ASSIGN_OR_RETURN(const bool found,
                          impl_->tables_->feed.Find(v1::FeedPayload::kDigest, object, digest));
  return found ? std::optional<v1::SessionDigest>(std::move(digest)) : std::nullopt;
}

absl::StatusOr<std::vector<v1::FeedFigure>> DeviceStore::Figures() {
  std::vector<v1::FeedFigure> figures;
  BARAZA_RETURN_IF_ERROR(impl_->tables_->feed.ForEach(
      v1::FeedPayload::kFigure, [&](absl::string_view, absl::string_view payload) {
        v1::FeedFigure figure;
        if (figure.ParseFromArray(payload.data(), static_cast<int>(payload.size()))) {
          figures.push_back(std::move(figure));
        }
        return true;
      }));
  return figures;
}

// --- Status
// ----------------------------------------------------------------------------------------

absl::StatusOr<StoreCounts> DeviceStore::Counts() {
  Tables& tables = *impl_->tables_;
  StoreCounts counts;
  BARAZA_ASSIGN_OR_RETURN(counts.drafts, tables.drafts.Count());
  BARAZA_ASSIGN_OR_RETURN(counts.outbox, tables.operations.CountUnanswered());
  BARAZA_ASSIGN_OR_RETURN(counts.quarantined, tables.operations.CountQuarantined());
  BARAZA_ASSIGN_OR_RETURN(counts.returned_reports,
                          tables.records.CountAttention(RecordTable::kReturned));
  BARAZA_ASSIGN_OR_RETURN(counts.conflicts, tables.records.CountAttention(RecordTable::kConflict));
  BARAZA_ASSIGN_OR_RETURN(counts.oldest_pending_ms, tables.operations.OldestUnansweredMs());
  return counts;
}

absl::Status DeviceStore::SetSyncMarks(const SyncMarks& marks) {
  Impl& impl = *impl_;
  BARAZA_RETURN_IF_ERROR(impl.Write([&]() -> absl::Status {
    BARAZA_RETURN_IF_ERROR(impl.tables_->meta.PutInt(kLastSyncMs, marks.last_sync_ms));
    return impl.tables_->meta.PutInt(kClockSkewMs, marks.clock_skew_ms);
  }));
  impl.marks_ = marks;
  return absl::OkStatus();
}

}  // namespace baraza::client
