#include "tests/crash/server_operations.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/base/sha256.h"
#include "core/base/status.h"
#include "core/sqlite/boot_epoch.h"
#include "core/sqlite/database.h"
#include "sync_server/store/programme_schema.h"
#include "sync_server/store/registry_store.h"
#include "tests/crash/coalition.h"
#include "tests/testing/status_matchers.h"

namespace baraza::crash {
namespace {

using server::RegistryStore;
using sim::SimDisk;

constexpr char kFreshPath[] = "/w/fresh.db";
constexpr char kRegistryPath[] = "/w/registry.db";

SimDisk::Image Only(const SimDisk::Image& image, const std::string& path) {
  SimDisk disk(1, image);
  for (const std::string& file : disk.FilePaths()) {
    if (!absl::StartsWith(file, path)) disk.Remove(file);
  }
  return disk.Snapshot();
}

// --- A programme ---------------------------------------------------------------------------------

using Act = std::function<absl::StatusOr<std::string>(Server&)>;

class ServerProcess : public Process {
 public:
  ServerProcess(const SimDisk& disk, const std::string& path, Act act)
      : server_(disk, path), act_(std::move(act)) {}

  absl::Status Do() override {
    BARAZA_RETURN_IF_ERROR(server_.Open());
    BARAZA_ASSIGN_OR_RETURN(told_, act_(server_));
    return absl::OkStatus();
  }
  void End() override { server_.Close(); }
  std::string Told() const override { return told_; }

 private:
  Server server_;
  const Act act_;
  std::string told_;
};

Operation OnServer(std::string name, const SimDisk::Image& before, Act act,
                   const char* path = kServerPath, const char* without_column = "") {
  Operation operation;
  operation.name = std::move(name);
  operation.before = Only(before, path);
  operation.start = [path, act = std::move(act)](SimDisk& disk) {
    return std::make_unique<ServerProcess>(disk, path, act);
  };
  operation.state = [path, without_column](SimDisk& disk) -> absl::StatusOr<std::string> {
    {
      Server server(disk, path);
      BARAZA_RETURN_IF_ERROR(server.Open());
    }
    return Dump(disk.name(), path, {.with_openings = false, .without_column = without_column});
  };
  return operation;
}

// The desk mints ids, which are in the hash of an operation and of a request.
Operation AtDesk(std::string name, Act act) {
  return OnServer(std::move(name), TheCoalition().to_push, std::move(act), kServerPath, "hash");
}

absl::StatusOr<std::string> Epoch(Server& server) { return server.store().epoch(); }

absl::StatusOr<std::string> Project(Server& server) {
  BARAZA_RETURN_IF_ERROR(server.Project());
  return std::string();
}

// Sessions and feed as rules made them that are none any more.
absl::Status Outdate(Server& server) {
  BARAZA_ASSIGN_OR_RETURN(const auto writer, server.store().BeginWrite());
  BARAZA_RETURN_IF_ERROR(writer->PutMeta("projection_version", "0/old rules"));
  BARAZA_RETURN_IF_ERROR(
      writer->PutFeed("programme", "session:ses_that_the_old_rules_made", server::kNoDay, "old"));
  return writer->Commit();
}

// --- The registry --------------------------------------------------------------------------------

constexpr char kPerson[] = "per_01m3v7me00f529919fe11k0aaa";
constexpr char kOther[] = "per_01m3v7me00f529919fe11k0bbb";
constexpr char kProgramme[] = "prg_01m3v7me00f529919fe11k0ccc";
constexpr char kCredential[] = "crd_01m3v7me00f529919fe11k0ddd";

server::PersonGrant Grant(const char* person) {
  server::PersonGrant grant;
  grant.membership.set_programme_id(kProgramme);
  grant.membership.set_person_id(person);
  grant.membership.set_team_id("tem_1");
  grant.team_ids = {"tem_1", "tem_2"};
  grant.roles = {v1::ROLE_COLLECTOR, v1::ROLE_TEAM_LEAD};
  return grant;
}

RegistryStore::Redemption Redemption(const char* secret, const char* credential) {
  RegistryStore::Redemption redemption;
  redemption.secret_hash = Sha256(secret);
  redemption.device_id = "dev_1";
  redemption.label = "a phone";
  redemption.credential_id = credential;
  redemption.token_hash = Sha256(absl::StrCat(secret, " token"));
  redemption.now_ms = 20;
  return redemption;
}

using RegistryAct = std::function<absl::StatusOr<std::string>(RegistryStore&)>;

class RegistryProcess : public Process {
 public:
  RegistryProcess(const SimDisk& disk, RegistryAct act) : vfs_(disk.name()), act_(std::move(act)) {}

  absl::Status Do() override {
    if (registry_ == nullptr) {
      BARAZA_ASSIGN_OR_RETURN(registry_,
                              RegistryStore::Open(kRegistryPath, {.vfs = vfs_, .create = true}));
    }
    BARAZA_ASSIGN_OR_RETURN(told_, act_(*registry_));
    return absl::OkStatus();
  }
  void End() override { registry_.reset(); }
  std::string Told() const override { return told_; }

 private:
  const std::string vfs_;
  const RegistryAct act_;
  std::unique_ptr<RegistryStore> registry_;
  std::string told_;
};

absl::StatusOr<std::string> Nothing(RegistryStore&) { return std::string(); }

Operation OnRegistry(std::string name, const SimDisk::Image& before, RegistryAct act) {
  Operation operation;
  operation.name = std::move(name);
  operation.before = before;
  operation.start = [act = std::move(act)](SimDisk& disk) {
    return std::make_unique<RegistryProcess>(disk, act);
  };
  operation.state = [](SimDisk& disk) -> absl::StatusOr<std::string> {
    RegistryProcess opened(disk, Nothing);
    BARAZA_RETURN_IF_ERROR(opened.Do());
    opened.End();
    return Dump(disk.name(), kRegistryPath);
  };
  return operation;
}

// With two persons, a device of one of them, and a code that she may use for it again.
SimDisk::Image ARegistry() {
  SimDisk disk(5);
  RegistryProcess process(disk, [](RegistryStore& registry) -> absl::StatusOr<std::string> {
    server::ProgrammeEntry programme;
    programme.programme_id = kProgramme;
    programme.operator_person_id = kOther;
    BARAZA_RETURN_IF_ERROR(registry.AddProgramme(programme));
    BARAZA_RETURN_IF_ERROR(registry.PutPerson(Grant(kPerson)).status());
    for (const char* secret : {"first", "second"}) {
      server::EnrolmentCodeEntry code;
      code.programme_id = kProgramme;
      code.person_id = kPerson;
      code.created_by = kOther;
      code.expires_ms = 100;
      BARAZA_RETURN_IF_ERROR(registry.AddEnrolmentCode(Sha256(secret), code));
    }
    return registry.Redeem(Redemption("first", kCredential)).status().ok()
               ? absl::StatusOr<std::string>(std::string())
               : absl::InternalError("not redeemed");
  });
  EXPECT_OK(process.Do());
  const SimDisk::Image image = disk.Snapshot();
  process.End();
  return image;
}

}  // namespace

Operation OpenFreshServer() {
  Operation operation = OnServer("server: open fresh", SimDisk::Image(), Epoch, kFreshPath);
  operation.invisible = true;
  return operation;
}

Operation OpenCrashedServer() {
  SimDisk disk(4, TheCoalition().to_project);
  SimDisk::SeedSqlite(4);
  const std::unique_ptr<Process> writer = TakePush().start(disk);
  disk.SetFaultHook([](const SimDisk::Call& call) -> SimDisk::Fault {
    if (call.operation != SimDisk::Operation::kSync || call.number < 100) return {};
    return {SimDisk::Fault::Kind::kPowerLoss, SimDisk::PowerLoss::kTorn};
  });
  EXPECT_FALSE(writer->Do().ok());
  EXPECT_TRUE(disk.dead());
  disk.SetFaultHook(nullptr);
  writer->End();
  disk.Restart();
  Operation operation = OnServer("server: open after crash", disk.Snapshot(), Epoch);
  operation.invisible = true;
  return operation;
}

Operation TakePush() {
  Operation operation =
      OnServer("server: push batch", TheCoalition().to_push,
               [](Server& server) -> absl::StatusOr<std::string> {
                 const v1::SyncRequest& push = TheCoalition().push;
                 BARAZA_ASSIGN_OR_RETURN(const v1::SyncResponse response,
                                         server.Handle(push, TheCoalition().amina));
                 if (response.results_size() != push.operations_size()) {
                   return absl::InternalError("not every operation is answered");
                 }
                 return response.results(0).op_id();
               });
  operation.repeatable = true;
  return operation;
}

Operation CommitGroup() {
  using Work = server::GroupCommit::Work;
  const Work first = [](server::StoreWriter& writer) {
    return writer.PutMeta("first", "told first");
  };
  const Work failing = [](server::StoreWriter& writer) -> absl::Status {
    BARAZA_RETURN_IF_ERROR(writer.PutMeta("failing", "never there"));
    return absl::InvalidArgumentError("this one fails");
  };
  const Work last = [](server::StoreWriter& writer) -> absl::Status {
    BARAZA_RETURN_IF_ERROR(writer.PutFeed("office", "a", server::kNoDay, "feed"));
    return writer.PutMeta("last", "told last");
  };
  const auto commit = [](Server& server, const std::vector<Work>& works) {
    std::vector<absl::Status> answers(works.size(), absl::UnknownError("not answered"));
    for (size_t i = 0; i < works.size(); ++i) {
      server.commit().Submit(works[i],
                             [&answers, i](absl::Status done) { answers[i] = std::move(done); });
    }
    server.Flush();
    return answers;
  };
  Operation operation =
      OnServer("server: group commit", TheCoalition().to_push,
               [=](Server& server) -> absl::StatusOr<std::string> {
                 const std::vector<absl::Status> answers = commit(server, {first, failing, last});
                 EXPECT_FALSE(answers[1].ok());
                 BARAZA_RETURN_IF_ERROR(answers[0]);
                 BARAZA_RETURN_IF_ERROR(answers[2]);
                 return std::string("told last");
               });
  // Each stands for itself: one may fail for want of memory, and the other be committed.
  for (const Work& alone : {first, last}) {
    operation.between.push_back([=](SimDisk& disk) -> absl::Status {
      Server server(disk);
      BARAZA_RETURN_IF_ERROR(server.Open());
      return commit(server, {alone})[0];
    });
  }
  return operation;
}

Operation AppendAtDesk() {
  return AtDesk("server: desk", [](Server& server) -> absl::StatusOr<std::string> {
    v1::Organisation organisation;
    organisation.set_title("Another one");
    absl::StatusOr<server::Desk::Outcome> outcome = absl::UnknownError("not answered");
    server.desk().Append(
        TheCoalition().office, v1::RECORD_TYPE_ORGANISATION, "", nullptr, organisation, "request-1",
        [&](absl::StatusOr<server::Desk::Outcome> done) { outcome = std::move(done); });
    server.Flush();
    BARAZA_RETURN_IF_ERROR(outcome.status());
    return outcome->op_id;
  });
}

Operation RedactAtDesk() {
  return AtDesk("server: redaction", [](Server& server) -> absl::StatusOr<std::string> {
    const std::string& report = TheCoalition().old_report;
    v1::Redaction redaction;
    redaction.set_op_id(report);
    redaction.add_classes(v1::PRIVACY_PROGRAMME);
    absl::StatusOr<server::Desk::Outcome> outcome = absl::UnknownError("not answered");
    server.desk().Redact(
        TheCoalition().office, report, {redaction}, "request-2",
        [&](absl::StatusOr<server::Desk::Outcome> done) { outcome = std::move(done); });
    server.Flush();
    BARAZA_RETURN_IF_ERROR(outcome.status());
    return outcome->op_id;
  });
}

Operation Consolidate() {
  Operation operation = OnServer("server: consolidation step", TheCoalition().to_project, Project);
  operation.repeatable = true;
  return operation;
}

Operation RebuildProjection() {
  SimDisk disk(6, TheCoalition().to_push);
  Server server(disk);
  EXPECT_OK(server.Open());
  EXPECT_OK(Outdate(server));
  server.Close();
  // Whose rebuild it was is no part of it: one that is begun anew counts on.
  Operation operation =
      OnServer("server: rebuild", disk.Snapshot(), Project, kServerPath, "generation");
  operation.state = [inner = operation.state](SimDisk& on) -> absl::StatusOr<std::string> {
    BARAZA_ASSIGN_OR_RETURN(std::string state, inner(on));
    const size_t at = state.find("meta|store.feed_generation|");
    return at == std::string::npos ? state : state.erase(at, state.find('\n', at) - at + 1);
  };
  // Cleared, and not yet made anew.
  operation.between.push_back([](SimDisk& on) -> absl::Status {
    Server half(on);
    BARAZA_RETURN_IF_ERROR(half.Open());
    return half.BeginRebuild();
  });
  return operation;
}

Operation CountOpening() {
  class Opening : public Process {
   public:
    explicit Opening(const SimDisk& disk) : vfs_(disk.name()) {}
    absl::Status Do() override {
      if (database_ == nullptr) {
        DatabaseOptions options;
        options.vfs = vfs_;
        BARAZA_ASSIGN_OR_RETURN(database_, Database::Open(kServerPath, options));
      }
      BARAZA_ASSIGN_OR_RETURN(const int64_t epoch, BootEpoch(*database_));
      told_ = absl::StrCat("boot_epoch|1|", epoch, "\n");
      return absl::OkStatus();
    }
    void End() override { database_.reset(); }
    std::string Told() const override { return told_; }

   private:
    const std::string vfs_;
    std::unique_ptr<Database> database_;
    std::string told_;
  };
  Operation operation;
  operation.name = "count of openings";
  operation.before = Only(TheCoalition().to_push, kServerPath);
  operation.start = [](SimDisk& disk) { return std::make_unique<Opening>(disk); };
  operation.state = [](SimDisk& disk) {
    return Dump(disk.name(), kServerPath, {.with_openings = true, .without_column = ""});
  };
  return operation;
}

Operation OpenFreshRegistry() {
  Operation operation = OnRegistry("registry: open fresh", SimDisk::Image(), Nothing);
  operation.invisible = true;
  return operation;
}

Operation AddPerson() {
  return OnRegistry("registry: add person", ARegistry(),
                    [](RegistryStore& registry) -> absl::StatusOr<std::string> {
                      BARAZA_RETURN_IF_ERROR(registry.PutPerson(Grant(kOther)).status());
                      return std::string(kOther);
                    });
}

Operation RedeemCode() {
  return OnRegistry("registry: redeem code", ARegistry(),
                    [](RegistryStore& registry) -> absl::StatusOr<std::string> {
                      BARAZA_ASSIGN_OR_RETURN(const server::CredentialEntry credential,
                                              registry.Redeem(Redemption("second", "crd_second")));
                      return credential.credential_id;
                    });
}

Operation RevokeCredential() {
  return OnRegistry(
      "registry: revoke credential", ARegistry(),
      [](RegistryStore& registry) -> absl::StatusOr<std::string> {
        BARAZA_RETURN_IF_ERROR(
            registry.SetCredentialState(kCredential, v1::CREDENTIAL_STATE_REVOKED).status());
        return std::string();
      });
}

}  // namespace baraza::crash
