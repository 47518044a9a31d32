// Files of the three stores, damaged: whatever their bytes, opening and using them ends, with a
// status or an answer. The input chooses a store, whether its log still has transactions, and the
// damage. The disk is simulated.

#include <sqlite3.h>

#include <memory>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client_lib/store/device_store.h"
#include "core/base/clock.h"
#include "core/base/ids.h"
#include "core/base/random.h"
#include "sync_server/consolidation/projection.h"
#include "sync_server/ingest/desk.h"
#include "sync_server/ingest/group_commit.h"
#include "sync_server/ingest/sync_handler.h"
#include "sync_server/store/programme_store.h"
#include "sync_server/store/registry_store.h"
#include "tests/fuzz/choices.h"
#include "tests/fuzz/target.h"
#include "tests/simulation/disk/sim_disk.h"
#include "tests/unit/sync_server/testing/programme_fixture.h"

namespace baraza::fuzz {
namespace {

using server::testing::MemberOf;
using server::testing::OfficeMember;
using server::testing::ProgrammeId;
using server::testing::TestDevice;
using server::testing::TestId;
using sim::SimDisk;

constexpr char kPath[] = "/store.db";
constexpr int kMostDamages = 24;

// An error that says what is the matter is an answer.
void Ended(const absl::Status& status) {
  FUZZ_CHECK(status.ok() || !status.message().empty());
  FUZZ_CHECK(status.code() != absl::StatusCode::kUnknown, +status.ToString());
}

void Require(const absl::Status& status) { FUZZ_CHECK(status.ok(), +status.ToString()); }

// --- The three stores
// -----------------------------------------------------------------------------

// Each writes what the file holds, and uses what it finds in it. `whole`: it is not damaged.

struct Surroundings {
  explicit Surroundings(SimDisk& simulated) : disk(simulated) {}
  SimDisk& disk;
  FakeClock clock;
  SeededRandom random{5};
  IdMinter minter{clock, random};
};

absl::StatusOr<std::unique_ptr<client::DeviceStore>> OpenDevice(Surroundings& at) {
  return client::DeviceStore::Open({.path = kPath, .vfs = at.disk.name()}, at.minter, at.random);
}

absl::Status AppendReport(client::DeviceStore& store, Surroundings& at, absl::string_view title) {
  v1::SessionReport report;
  report.mutable_title()->set_text(std::string(title));
  OperationStamp stamp;
  stamp.record_id = at.minter.Mint("rep");
  stamp.op_id = stamp.record_id;
  stamp.record_type = v1::RECORD_TYPE_SESSION_REPORT;
  stamp.programme_id = ProgrammeId();
  stamp.team_id = TestId("tem", 1);
  stamp.author_id = TestId("per", 1);
  stamp.author_role = v1::ROLE_COLLECTOR;
  stamp.lamport = store.NextLamport();
  client::DeviceStore::NewOperation added;
  absl::StatusOr<Operation> built = BuildOperation(stamp, nullptr, report);
  // A clock that came out of the damaged file may be past its end.
  if (!built.ok()) return built.status();
  added.operation = *std::move(built);
  return store.Append(std::move(added)).status();
}

void FillDevice(Surroundings& at, const std::function<void()>& then) {
  auto store = *OpenDevice(at);
  v1::EnrolResponse enrolment;
  enrolment.set_credential("secret");
  enrolment.set_server_epoch("epoch");
  enrolment.mutable_membership()->set_programme_id(ProgrammeId());
  enrolment.mutable_membership()->set_person_id(TestId("per", 1));
  enrolment.mutable_membership()->set_team_id(TestId("tem", 1));
  enrolment.mutable_membership()->set_role(v1::ROLE_COLLECTOR);
  Require(store->Bind(enrolment, "127.0.0.1:1", ""));
  for (int i = 0; i < 5; ++i) Require(AppendReport(*store, at, absl::StrCat("Forum ", i)));
  v1::Draft draft;
  draft.set_draft_id("drf_1");
  draft.mutable_record()->mutable_session_report();
  Require(store->PutDraft(draft));
  v1::SyncResponse response;
  response.set_server_epoch("epoch");
  v1::FeedItem& item = *response.add_feed();
  item.set_position(1);
  item.set_action(v1::FeedItem::ACTION_UPSERT);
  item.set_object("figure:x");
  v1::FeedPayload payload;
  payload.mutable_figure()->set_value(3);
  item.set_payload(payload.SerializeAsString());
  response.mutable_next_cursor()->set_position(1);
  Require(store->ApplyFeed(response).status());
  then();
}

void UseDevice(Surroundings& at, bool whole) {
  auto opened = OpenDevice(at);
  if (whole) Require(opened.status());
  if (!opened.ok()) return Ended(opened.status());
  client::DeviceStore& store = **opened;
  const auto records = store.ListRecords(v1::RECORD_TYPE_UNSPECIFIED, "", 100, true, "");
  Ended(records.status());
  if (records.ok()) {
    if (whole) FUZZ_CHECK(records->size() == 5);
    for (const v1::ClientRecord& record : *records) {
      Ended(store.GetState(record.state().record_id()).status());
      Ended(store.OwnOperationsOf(record.state().record_id()).status());
    }
  }
  Ended(store.ListDrafts().status());
  Ended(store.Quarantine().status());
  Ended(store.Questions().status());
  Ended(store.Figures().status());
  Ended(store.Counts().status());
  Ended(store.ForEachDigest([](absl::string_view, const v1::SessionDigest&) {}));
  const auto batch = store.NextBatch(1 << 16, 100);
  Ended(batch.status());
  v1::SyncResponse response;
  response.set_server_epoch("epoch");
  if (batch.ok()) {
    for (const v1::WireOperation& wire : batch->operations) {
      v1::OperationResult& result = *response.add_results();
      result.set_device_seq(wire.device_seq());
      result.set_outcome(v1::OPERATION_OUTCOME_ACCEPTED);
    }
  }
  Ended(store.ApplyResults(response).status());
  Ended(AppendReport(store, at, "After the damage"));
}

absl::StatusOr<std::unique_ptr<server::ProgrammeStore>> OpenProgramme(Surroundings& at) {
  server::ProgrammeStoreOptions options;
  options.vfs = at.disk.name();
  options.create = true;
  options.programme_id = ProgrammeId();
  return server::ProgrammeStore::Open(kPath, options, at.clock, at.random);
}

struct Programme {
  Programme(server::ProgrammeStore& opened, Surroundings& at)
      : store(opened), commit(store), handler(store, commit, at.clock), projection(store, commit) {}

  void Flush() {
    while (commit.Flush() > 0) {
    }
  }

  absl::Status Sync(const v1::SyncRequest& request, const server::Caller& caller) {
    std::optional<absl::Status> answered;
    handler.Handle(request, caller, [&](const absl::StatusOr<v1::SyncResponse>& response) {
      answered = response.status();
    });
    Flush();
    FUZZ_CHECK(answered.has_value());
    return *answered;
  }

  absl::Status Settle() {
    for (int i = 0; i < 20; ++i) {
      std::optional<absl::StatusOr<bool>> stepped;
      projection.Step([&](absl::StatusOr<bool> done) { stepped = std::move(done); });
      Flush();
      FUZZ_CHECK(stepped.has_value());
      if (!stepped->ok() || !**stepped) return stepped->status();
    }
    return absl::OkStatus();
  }

  server::ProgrammeStore& store;
  server::GroupCommit commit;
  server::SyncHandler handler;
  server::Projection projection;
};

void FillProgramme(Surroundings& at, const std::function<void()>& then) {
  auto store = *OpenProgramme(at);
  Programme programme(*store, at);
  Require(programme.projection.Load().status());
  TestDevice device(1, MemberOf(1, 1));
  for (int i = 0; i < 5; ++i) device.Capture(server::testing::Report(i));
  Require(programme.Sync(device.Request(), device.owner()));
  Require(programme.Settle());
  then();
}

void UseProgramme(Surroundings& at, bool whole) {
  auto opened = OpenProgramme(at);
  if (whole) Require(opened.status());
  if (!opened.ok()) return Ended(opened.status());
  server::ProgrammeStore& store = **opened;
  const auto log = store.ReadLog(0, 1000);
  Ended(log.status());
  if (whole) FUZZ_CHECK(log->size() == 5);
  Ended(store.LamportMax().status());
  Ended(store.ListDevices().status());
  Ended(store.ListQuarantine("", 0, 100).status());
  Ended(store.ForEachRecordState(v1::RECORD_TYPE_UNSPECIFIED,
                                 [](const v1::RecordState&) { return absl::OkStatus(); }));
  Ended(store.ForEachSession([](const v1::Session&) { return absl::OkStatus(); }));
  Ended(store.OperationHashes(
      1 << 20, [](absl::string_view, const Sha256Digest&) { return absl::OkStatus(); }));
  Programme programme(store, at);
  const absl::StatusOr<bool> loaded = programme.projection.Load();
  Ended(loaded.status());
  TestDevice device(2, MemberOf(2, 1));
  device.Capture(server::testing::Report(9));
  Ended(programme.Sync(device.Request(), device.owner()));
  if (loaded.ok()) Ended(programme.Settle());
}

absl::StatusOr<std::unique_ptr<server::RegistryStore>> OpenRegistry(Surroundings& at) {
  return server::RegistryStore::Open(kPath, {.vfs = at.disk.name(), .create = true});
}

server::RegistryStore::Redemption Redemption(int number) {
  server::RegistryStore::Redemption redemption;
  redemption.secret_hash = Sha256(absl::StrCat("code ", number));
  redemption.device_id = TestId("dev", number);
  redemption.credential_id = TestId("crd", number);
  redemption.token_hash = Sha256(absl::StrCat("token ", number));
  return redemption;
}

void FillRegistry(Surroundings& at, const std::function<void()>& then) {
  auto store = *OpenRegistry(at);
  Require(store->AddProgramme({ProgrammeId(), TestId("per", 9), 0}));
  for (int i = 1; i <= 4; ++i) {
    server::PersonGrant person;
    person.membership = MemberOf(i, 1).membership;
    person.roles.insert(v1::ROLE_COLLECTOR);
    Require(store->PutPerson(person).status());
    server::EnrolmentCodeEntry code;
    code.programme_id = ProgrammeId();
    code.person_id = TestId("per", i);
    code.expires_ms = 1'000'000;
    Require(store->AddEnrolmentCode(Sha256(absl::StrCat("code ", i)), code));
    if (i < 4) Require(store->Redeem(Redemption(i)).status());
  }
  then();
}

void UseRegistry(Surroundings& at, bool whole) {
  auto opened = OpenRegistry(at);
  if (whole) Require(opened.status());
  if (!opened.ok()) return Ended(opened.status());
  server::RegistryStore& store = **opened;
  Ended(store.ListProgrammes().status());
  Ended(store.ListPersons(ProgrammeId()).status());
  Ended(store.ListCredentials(ProgrammeId(), "", 100).status());
  const auto credential = store.FindCredential(Sha256("token 1"));
  if (whole) Require(credential.status());
  Ended(credential.status());
  Ended(store.GetPerson(ProgrammeId(), TestId("per", 2)).status());
  Ended(store.Redeem(Redemption(4)).status());
  Ended(store.SetCredentialState(TestId("crd", 2), v1::CREDENTIAL_STATE_REVOKED).status());
  Ended(store.CheckIntegrity());
  Ended(store.Checkpoint());
}

struct Kind {
  void (*fill)(Surroundings& at, const std::function<void()>& then);
  void (*use)(Surroundings& at, bool whole);
};
constexpr Kind kKinds[] = {
    {&FillDevice, &UseDevice}, {&FillProgramme, &UseProgramme}, {&FillRegistry, &UseRegistry}};

// --- Damage
// ---------------------------------------------------------------------------------------

// The files of a store: closed, or as they are when the process dies.
const SimDisk::Image& Whole(size_t kind, bool with_log) {
  static auto* const images = new std::vector<SimDisk::Image>([] {
    std::vector<SimDisk::Image> made;
    for (const Kind& each : kKinds) {
      for (const bool killed : {false, true}) {
        SimDisk::SeedSqlite(1);
        SimDisk disk(1);
        Surroundings at(disk);
        SimDisk::Image image;
        each.fill(at, [&] { image = disk.Snapshot(); });
        made.push_back(killed ? image : disk.Snapshot());
      }
    }
    return made;
  }());
  return (*images)[kind * 2 + (with_log ? 1 : 0)];
}

// A file of the disk, opened as SQLite does.
class RawFile {
 public:
  RawFile(const SimDisk& disk, const std::string& path) : path_(path) {
    sqlite3_vfs* const vfs = sqlite3_vfs_find(disk.name().c_str());
    memory_.resize(static_cast<size_t>(vfs->szOsFile) / sizeof(uint64_t) + 1);
    const int kind = path == kPath ? SQLITE_OPEN_MAIN_DB : SQLITE_OPEN_WAL;
    FUZZ_CHECK(vfs->xOpen(vfs, path_.c_str(), file(), SQLITE_OPEN_READWRITE | kind, nullptr) ==
               SQLITE_OK);
  }
  ~RawFile() { file()->pMethods->xClose(file()); }
  RawFile(const RawFile&) = delete;
  RawFile& operator=(const RawFile&) = delete;

  int64_t Size() {
    sqlite3_int64 size = 0;
    file()->pMethods->xFileSize(file(), &size);
    return size;
  }
  void Write(int64_t at, const std::string& bytes) {
    file()->pMethods->xWrite(file(), bytes.data(), static_cast<int>(bytes.size()), at);
  }
  void Truncate(int64_t size) { file()->pMethods->xTruncate(file(), size); }

 private:
  sqlite3_file* file() { return reinterpret_cast<sqlite3_file*>(memory_.data()); }

  std::string path_;
  std::vector<uint64_t> memory_;
};

// Returns whether anything was changed.
bool Damage(SimDisk& disk, Choices& choices) {
  bool changed = false;
  for (int i = 0; i < kMostDamages && !choices.empty(); ++i) {
    const std::vector<std::string> paths = disk.FilePaths();
    if (paths.empty()) return changed;
    const std::string& path = paths[choices.Below(static_cast<uint32_t>(paths.size()))];
    RawFile file(disk, path);
    const auto size = static_cast<uint32_t>(file.Size());
    if (size == 0) continue;
    changed = true;
    switch (choices.Below(6)) {
      case 0:
        file.Truncate(choices.Below(size));
        break;
      case 1: {
        // A page of another place.
        const uint32_t pages = size / 4096;
        if (pages < 2) break;
        const std::string page(disk.Bytes(path).substr(size_t{4096} * choices.Below(pages), 4096));
        file.Write(int64_t{4096} * choices.Below(pages), page);
        break;
      }
      case 2:
        // The head of a page: its kind, its cells.
        file.Write(int64_t{4096} * choices.Below(size / 4096 + 1) + choices.Below(16),
                   choices.Bytes(8));
        break;
      default: {
        const uint32_t at = choices.Below(size);
        file.Write(at, choices.Bytes(16));
      }
    }
  }
  return changed;
}

void OneInput(absl::string_view bytes) {
  Choices choices(bytes);
  const uint32_t kind = choices.Below(3);
  SimDisk disk(1, Whole(kind, choices.Below(2) == 1));
  const bool damaged = Damage(disk, choices);
  SimDisk::SeedSqlite(2);
  Surroundings at(disk);
  // Another time, so that nothing is the same by chance.
  at.clock.Advance(absl::Hours(1));
  kKinds[kind].use(at, !damaged);
}

std::vector<std::string> Seeds() {
  std::vector<std::string> seeds;
  for (char kind = 0; kind < 3; ++kind) {
    for (char with_log = 0; with_log < 2; ++with_log) {
      const std::string head = {kind, with_log};
      seeds.push_back(head);
      seeds.push_back(head + std::string("\0\0\20\0", 4));
      seeds.push_back(head + std::string("\0\1\1\2", 4));
      seeds.push_back(head + std::string("\0\2\1\0\1\12", 6));
      seeds.push_back(head + std::string("\0\3\0\22\1\7", 6));
      seeds.push_back(head + std::string("\1\3\1\0\4abcd\0\3\40\0\2xy", 15));
    }
  }
  return seeds;
}

const Registration registration(
    {.name = "open_store", .one_input = &OneInput, .seeds = &Seeds, .inputs_in_tests = 30});

}  // namespace
}  // namespace baraza::fuzz
