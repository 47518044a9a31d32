#include "tests/crash/device_operations.h"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client_lib/client.h"
#include "client_lib/store/device_store.h"
#include "client_lib/store/schema.h"
#include "core/base/ids.h"
#include "core/base/status.h"
#include "core/sqlite/database.h"
#include "core/sqlite/transaction.h"
#include "sync_server/store/programme_schema.h"
#include "tests/crash/coalition.h"
#include "tests/testing/status_matchers.h"

namespace baraza::crash {
namespace {

using client::Client;
using client::DeviceStore;
using sim::SimDisk;

constexpr char kFreshPath[] = "/w/fresh.db";
constexpr char kOldPath[] = "/w/old.db";

// What a server answers, of which nothing fails: a real one on a disk of its own. The same words
// are answered once for all, since they come again with each fault.
class Answers {
 public:
  explicit Answers(SimDisk::Image server) : server_(std::move(server)) {}

  // To the last of what was said to the server since its image.
  absl::StatusOr<v1::SyncResponse> To(const std::vector<v1::SyncRequest>& said) {
    std::string all;
    for (const v1::SyncRequest& request : said) {
      const std::string bytes = request.SerializeAsString();
      absl::StrAppend(&all, bytes.size(), ":", bytes);
    }
    const auto known = known_.find(all);
    if (known != known_.end()) return known->second;
    SimDisk disk(3, server_);
    Server server(disk);
    BARAZA_RETURN_IF_ERROR(server.Open());
    absl::StatusOr<v1::SyncResponse> response;
    for (const v1::SyncRequest& request : said) {
      response = server.Handle(request, TheCoalition().amina);
    }
    if (response.ok()) {
      // The only thing in which a second answer to the same operation differs.
      for (v1::OperationResult& result : *response->mutable_results()) result.clear_replayed();
    }
    known_[all] = response;
    return response;
  }

 private:
  const SimDisk::Image server_;
  std::map<std::string, absl::StatusOr<v1::SyncResponse>> known_;
};

// The line from one phone to it.
class Line : public client::SyncTransport {
 public:
  explicit Line(std::shared_ptr<Answers> answers) : answers_(std::move(answers)) {}

  absl::StatusOr<v1::SyncResponse> Sync(const v1::SyncRequest& request, absl::Duration) override {
    if (answers_ == nullptr) return absl::UnavailableError("no network here");
    said_.push_back(request);
    absl::StatusOr<v1::SyncResponse> response = answers_->To(said_);
    if (response.ok()) heard_.push_back(*response);
    return response;
  }
  void Cancel() override {}

  const std::vector<v1::SyncRequest>& said() const { return said_; }
  const std::vector<v1::SyncResponse>& heard() const { return heard_; }

 private:
  const std::shared_ptr<Answers> answers_;
  std::vector<v1::SyncRequest> said_;
  std::vector<v1::SyncResponse> heard_;
};

// Does something and answers what its caller is told.
using Act = std::function<absl::StatusOr<std::string>(Client&)>;

class Phone : public Process {
 public:
  Phone(const SimDisk& disk, std::string path, Act act, std::shared_ptr<Answers> answers)
      : vfs_(disk.name()),
        path_(std::move(path)),
        act_(std::move(act)),
        line_(std::move(answers)),
        clock_(Today()),
        random_(5) {}

  absl::Status Do() override {
    if (client_ == nullptr) {
      Client::Options options;
      options.path = path_;
      options.vfs = vfs_;
      options.clock = &clock_;
      options.random = &random_;
      options.transport = &line_;
      options.wait = [](absl::Duration) { return false; };
      BARAZA_ASSIGN_OR_RETURN(client_, Client::Open(std::move(options)));
    }
    BARAZA_ASSIGN_OR_RETURN(told_, act_(*client_));
    return absl::OkStatus();
  }
  void End() override { client_.reset(); }
  std::string Told() const override { return told_; }
  const Line& line() const { return line_; }

 private:
  const std::string vfs_;
  const std::string path_;
  const Act act_;
  Line line_;
  FakeClock clock_;
  SeededRandom random_;
  std::unique_ptr<Client> client_;
  std::string told_;
};

absl::StatusOr<std::string> PhoneState(const SimDisk& disk, const std::string& path) {
  Phone phone(
      disk, path, [](Client& client) { return client.DeviceId(); }, nullptr);
  BARAZA_RETURN_IF_ERROR(phone.Do());
  phone.End();
  BARAZA_ASSIGN_OR_RETURN(std::string state, Dump(disk.name(), path));
  // Random, and another with each attempt to take a new device id.
  const std::string key = "meta|incarnation|";
  const size_t at = state.find(key);
  if (at == std::string::npos) return absl::DataLossError("no incarnation");
  const size_t from = at + key.size();
  return state.replace(from, state.find('\n', from) - from, "...");
}

Operation OnPhone(std::string name, SimDisk::Image before, Act act,
                  std::shared_ptr<Answers> answers = nullptr, const char* path = kPhonePath) {
  Operation operation;
  operation.name = std::move(name);
  // Of the machine's disk, the phone's file alone: less to copy.
  SimDisk disk(1, before);
  for (const std::string& file : disk.FilePaths()) {
    if (!absl::StartsWith(file, path)) disk.Remove(file);
  }
  operation.before = disk.Snapshot();
  operation.start = [path, act = std::move(act), answers](SimDisk& disk) {
    return std::make_unique<Phone>(disk, path, act, answers);
  };
  operation.state = [path](SimDisk& disk) { return PhoneState(disk, path); };
  return operation;
}

absl::StatusOr<std::string> RecordIdOf(const absl::StatusOr<v1::ClientRecord>& record) {
  BARAZA_RETURN_IF_ERROR(record.status());
  return record->state().record_id();
}

// Opens the store alone.
absl::Status WithStore(const SimDisk& disk, const std::function<absl::Status(DeviceStore&)>& work) {
  FakeClock clock(Today());
  SeededRandom random(5);
  IdMinter minter(clock, random);
  DeviceStore::Options options;
  options.path = kPhonePath;
  options.vfs = disk.name();
  BARAZA_ASSIGN_OR_RETURN(const std::unique_ptr<DeviceStore> store,
                          DeviceStore::Open(options, minter, random));
  return work(*store);
}

// A sync commits an answer's results, its feed, and in the end its marks, each by itself.
Operation SyncWith(std::string name, SimDisk::Image before, SimDisk::Image server) {
  auto answers = std::make_shared<Answers>(std::move(server));
  const Act sync = [](Client& client) -> absl::StatusOr<std::string> {
    BARAZA_RETURN_IF_ERROR(client.Sync().status());
    return std::string();
  };
  Operation operation = OnPhone(std::move(name), before, sync, answers);
  operation.repeatable = true;

  SimDisk disk(1, before);
  Phone phone(disk, kPhonePath, sync, answers);
  EXPECT_OK(phone.Do());
  phone.End();
  using Step = std::function<absl::Status(DeviceStore&)>;
  std::vector<Step> steps;
  SimDisk reference(1, operation.before);
  EXPECT_OK(WithStore(reference, [&](DeviceStore& store) -> absl::Status {
    for (const v1::SyncResponse& response : phone.line().heard()) {
      steps.push_back([response](DeviceStore& on) { return on.ApplyResults(response).status(); });
      BARAZA_ASSIGN_OR_RETURN(const client::AppliedResults results, store.ApplyResults(response));
      steps.push_back([response, copy = results.is_a_copy](DeviceStore& on) {
        return copy ? on.TakeNewDeviceId() : on.ApplyFeed(response).status();
      });
      BARAZA_RETURN_IF_ERROR(steps.back()(store));
    }
    return absl::OkStatus();
  }));
  for (size_t count = 1; count <= steps.size(); ++count) {
    operation.between.push_back([steps, count](SimDisk& on) {
      return WithStore(on, [&](DeviceStore& store) -> absl::Status {
        for (size_t i = 0; i < count; ++i) BARAZA_RETURN_IF_ERROR(steps[i](store));
        return absl::OkStatus();
      });
    });
  }
  return operation;
}

// Copies the rows of Amina's phone into a new file of an earlier version.
absl::Status MakeOldFile(SimDisk& disk, size_t version) {
  std::map<std::string, std::string> states;
  BARAZA_RETURN_IF_ERROR(WithStore(disk, [&](DeviceStore& store) {
    return store.ForEachState(v1::RECORD_TYPE_UNSPECIFIED, [&](const v1::RecordState& state) {
      states[state.record_id()] = state.SerializeAsString();
    });
  }));
  DatabaseOptions options;
  options.vfs = disk.name();
  options.mode = DatabaseOptions::Mode::kReadWrite;
  BARAZA_ASSIGN_OR_RETURN(const std::unique_ptr<Database> now, Database::Open(kPhonePath, options));
  options.mode = DatabaseOptions::Mode::kCreate;
  options.schema = client::DeviceSchema();
  options.schema->migrations.resize(version);
  BARAZA_ASSIGN_OR_RETURN(const std::unique_ptr<Database> old, Database::Open(kOldPath, options));
  BARAZA_ASSIGN_OR_RETURN(Transaction transaction, Transaction::Begin(*old));
  std::vector<std::string> tables;
  {
    BARAZA_ASSIGN_OR_RETURN(Statement names,
                            old->Prepare("SELECT name FROM sqlite_schema WHERE type = 'table'"));
    while (true) {
      BARAZA_ASSIGN_OR_RETURN(const bool row, names.Step());
      if (!row) break;
      tables.push_back(names.Text(0));
    }
  }
  for (const std::string& table : tables) {
    std::vector<bool> blobs;
    std::vector<std::string> columns;
    BARAZA_ASSIGN_OR_RETURN(Statement info,
                            old->Prepare(absl::StrCat("PRAGMA table_info(", table, ")")));
    std::string names;
    std::string parameters;
    while (true) {
      BARAZA_ASSIGN_OR_RETURN(const bool row, info.Step());
      if (!row) break;
      columns.push_back(info.Text(1));
      blobs.push_back(info.TextView(2) == "BLOB");
      absl::StrAppend(&names, names.empty() ? "" : ", ", info.TextView(1));
      absl::StrAppend(&parameters, parameters.empty() ? "?" : ", ?", columns.size());
    }
    BARAZA_ASSIGN_OR_RETURN(Statement rows,
                            now->Prepare(absl::StrCat("SELECT ", names, " FROM ", table)));
    while (true) {
      BARAZA_ASSIGN_OR_RETURN(const bool row, rows.Step());
      if (!row) break;
      BARAZA_ASSIGN_OR_RETURN(Statement insert,
                              old->Prepare(absl::StrCat("INSERT INTO ", table, " (", names,
                                                        ") VALUES (", parameters, ")")));
      for (size_t i = 0; i < columns.size(); ++i) {
        const int column = static_cast<int>(i);
        if (version == 1 && table == "records" && columns[i] == "state") {
          insert.Bind(column + 1, Blob{states.at(rows.Text(0))});
        } else if (rows.IsNull(column)) {
          insert.Bind(column + 1, nullptr);
        } else if (blobs[i]) {
          insert.Bind(column + 1, Blob{rows.BlobView(column)});
        } else {
          // STRICT makes a number of what reads as one.
          insert.Bind(column + 1, rows.TextView(column));
        }
      }
      BARAZA_RETURN_IF_ERROR(insert.Run());
    }
  }
  return transaction.Commit();
}

}  // namespace

Operation OpenFreshPhone() {
  Operation operation = OnPhone(
      "open fresh", SimDisk::Image(), [](Client& client) { return client.DeviceId(); }, nullptr,
      kFreshPath);
  operation.invisible = true;
  return operation;
}

Operation OpenCrashedPhone() {
  // The power failed while a report was written: some of it is in the log, torn.
  SimDisk disk(4, TheCoalition().to_push);
  SimDisk::SeedSqlite(4);
  const std::unique_ptr<Process> writer = CaptureReport().start(disk);
  disk.SetFaultHook([](const SimDisk::Call& call) -> SimDisk::Fault {
    if (call.operation != SimDisk::Operation::kSync || call.number < 40) return {};
    return {SimDisk::Fault::Kind::kPowerLoss, SimDisk::PowerLoss::kTorn};
  });
  EXPECT_FALSE(writer->Do().ok());
  EXPECT_TRUE(disk.dead());
  disk.SetFaultHook(nullptr);
  writer->End();
  disk.Restart();
  Operation operation = OnPhone("open after crash", disk.Snapshot(),
                                [](Client& client) -> absl::StatusOr<std::string> {
                                  BARAZA_RETURN_IF_ERROR(client.Status().status());
                                  return client.DeviceId();
                                });
  operation.invisible = true;
  return operation;
}

Operation BindPhone() {
  return OnPhone("bind", TheCoalition().to_push, [](Client& client) -> absl::StatusOr<std::string> {
    BARAZA_RETURN_IF_ERROR(client.Bind(TheCoalition().enrolment, "localhost:2", ""));
    return std::string("another secret");
  });
}

Operation CaptureReport() {
  return OnPhone("capture", TheCoalition().to_push,
                 [](Client& client) { return RecordIdOf(client.Capture(TheCoalition().report)); });
}

Operation SaveDraft() {
  return OnPhone("save draft", TheCoalition().to_push,
                 [](Client& client) -> absl::StatusOr<std::string> {
                   v1::Draft draft;
                   *draft.mutable_record() = TheCoalition().report;
                   BARAZA_ASSIGN_OR_RETURN(draft, client.SaveDraft(std::move(draft)));
                   return draft.draft_id();
                 });
}

Operation CaptureDraft() {
  return OnPhone("capture draft", TheCoalition().to_push, [](Client& client) {
    return RecordIdOf(client.CaptureDraft(TheCoalition().draft));
  });
}

Operation EditReport() {
  return OnPhone("edit", TheCoalition().to_push, [](Client& client) {
    return RecordIdOf(client.Edit(TheCoalition().old_report, TheCoalition().changed_report));
  });
}

Operation VoidReport() {
  return OnPhone("void", TheCoalition().to_push, [](Client& client) {
    v1::LocalText reason;
    reason.set_text("told twice");
    return RecordIdOf(client.Void(TheCoalition().old_report, reason));
  });
}

Operation PushBatch() {
  return SyncWith("push batch", TheCoalition().to_push, TheCoalition().to_push);
}

Operation PullBatch() {
  return SyncWith("pull batch", TheCoalition().to_pull, TheCoalition().to_pull);
}

Operation SyncAfterRestore() {
  SimDisk disk(2, TheCoalition().to_push);
  Server server(disk);
  EXPECT_OK(server.Open());
  {
    const auto writer = server.store().BeginWrite();
    EXPECT_OK(writer);
    EXPECT_OK((*writer)->PutMeta(server::kMetaEpoch, "epo_restored"));
    EXPECT_OK((*writer)->Commit());
  }
  server.Close();
  return SyncWith("sync after restore", TheCoalition().to_pull, disk.Snapshot());
}

Operation SyncAsCopy() {
  // The phone that this one is a copy of has gone on meanwhile.
  SimDisk disk(2, TheCoalition().to_pull);
  auto answers = std::make_shared<Answers>(TheCoalition().to_pull);
  Phone original(
      disk, kPhonePath,
      [](Client& client) -> absl::StatusOr<std::string> {
        BARAZA_RETURN_IF_ERROR(client.Capture(TheCoalition().report).status());
        BARAZA_RETURN_IF_ERROR(client.Sync().status());
        return std::string();
      },
      answers);
  EXPECT_OK(original.Do());
  original.End();
  Server server(disk);
  EXPECT_OK(server.Open());
  for (const v1::SyncRequest& request : original.line().said()) {
    EXPECT_OK(server.Handle(request, TheCoalition().amina));
  }
  server.Close();
  return SyncWith("sync as a copy", TheCoalition().to_pull, disk.Snapshot());
}

Operation MigratePhone(size_t version) {
  SimDisk disk(2, TheCoalition().to_push);
  EXPECT_OK(MakeOldFile(disk, version));
  for (const char* suffix : {"", "-wal", "-shm"}) disk.Remove(absl::StrCat(kPhonePath, suffix));
  Operation operation = OnPhone(
      absl::StrCat("migration from ", version), disk.Snapshot(),
      [](Client& client) { return client.DeviceId(); }, nullptr, kOldPath);
  operation.invisible = true;
  return operation;
}

size_t PhoneVersions() { return client::DeviceSchema().migrations.size(); }

}  // namespace baraza::crash
