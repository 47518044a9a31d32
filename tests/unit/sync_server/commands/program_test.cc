#include "sync_server/commands/program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/base/clock.h"
#include "core/base/random.h"
#include "core/base/sha256.h"
#include "core/match/model.h"
#include "sync_server/auth/secret.h"
#include "sync_server/commands/backup.h"
#include "sync_server/commands/exit_code.h"
#include "sync_server/commands/maintain.h"
#include "sync_server/commands/prior.h"
#include "sync_server/commands/setup.h"
#include "sync_server/services/data_dir.h"
#include "sync_server/store/programme_store.h"
#include "sync_server/store/registry_store.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace baraza::server {
namespace {

using ::baraza::test::StatusIs;
using ::testing::HasSubstr;

class ProgramTest : public ::testing::Test {
 protected:
  struct Result {
    int code = 0;
    std::string out, err;
  };
  Result Run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "baraza-server");
    std::vector<const char*> argv;
    for (const std::string& argument : arguments) argv.push_back(argument.c_str());
    ::testing::internal::CaptureStdout();
    ::testing::internal::CaptureStderr();
    Result result;
    result.code = RunProgram(static_cast<int>(argv.size()), argv.data());
    result.out = ::testing::internal::GetCapturedStdout();
    result.err = ::testing::internal::GetCapturedStderr();
    return result;
  }
  ProgrammeMade MakeProgramme() {
    EXPECT_OK(InitDataDir(data_));
    ProgrammeRequest request;
    request.title = "Coast coalition";
    request.administrator = "Amina";
    const auto made = CreateProgramme(data_, request, clock_, random_);
    EXPECT_OK(made);
    return made.ok() ? *made : ProgrammeMade();
  }
  std::string EpochOf(const std::string& data, const std::string& programme_id) {
    ProgrammeStore::Options options;
    options.programme_id = programme_id;
    const auto store =
        ProgrammeStore::Open(DataDir(data).Programme(programme_id), options, clock_, random_);
    EXPECT_OK(store);
    return store.ok() ? (*store)->epoch() : "";
  }

  test::TempDir dir_;
  const std::string data_ = dir_.File("data");
  SystemClock clock_;
  SystemRandom random_;
};

TEST_F(ProgramTest, InitMakesADirectoryAndAnAdministratorOnce) {
  const Result made =
      Run({"init", "--data", data_, "--programme", "Coast", "--admin", "Amina", "--tls-host",
           "baraza.example.org", "--address", "baraza.example.org:7443", "--json"});
  EXPECT_EQ(made.code, kExitOk) << made.err;
  EXPECT_THAT(made.out, HasSubstr("\"programme_id\":\"prg_"));
  const size_t start = made.out.find("baraza1:");
  ASSERT_NE(start, std::string::npos);
  ASSERT_OK_AND_ASSIGN(
      const v1::EnrolmentCode code,
      DecodeEnrolmentCode(made.out.substr(start, made.out.find('"', start) - start)));
  EXPECT_EQ(code.address(), "baraza.example.org:7443");
  EXPECT_THAT(code.ca_certificate(), HasSubstr("BEGIN CERTIFICATE"));
  const auto mode = std::filesystem::status(data_ + "/tls/server.key").permissions();
  EXPECT_EQ(mode & (std::filesystem::perms::group_all | std::filesystem::perms::others_all),
            std::filesystem::perms::none);
  const Result again = Run({"init", "--data", data_});
  EXPECT_EQ(again.code, kExitRefused);
  EXPECT_THAT(again.err, HasSubstr("already"));
}

TEST_F(ProgramTest, ExitCodesTellWhatIsWrong) {
  EXPECT_EQ(Run({}).code, kExitUsage);
  EXPECT_EQ(Run({"conquer"}).code, kExitUsage);
  EXPECT_EQ(Run({"serve", "--no-such-flag"}).code, kExitUsage);
  EXPECT_EQ(Run({"init"}).code, kExitUsage);
  EXPECT_EQ(Run({"serve", "--data", dir_.File("none")}).code, kExitNotFound);
  EXPECT_EQ(Run({"verify", "--data", dir_.File("none")}).code, kExitNotFound);
  EXPECT_EQ(Run({"--help"}).code, kExitOk);
  EXPECT_THAT(Run({"--help"}).out, HasSubstr("5 damaged data"));
  MakeProgramme();
  const Result open = Run({"serve", "--data", data_, "--listen", "0.0.0.0:0"});
  EXPECT_EQ(open.code, kExitRefused);
  EXPECT_THAT(open.err, HasSubstr("without TLS"));
}

TEST_F(ProgramTest, AFlagComesBeforeTheEnvironmentAndThatBeforeTheFile) {
  MakeProgramme();
  const std::string config = dir_.File("server.toml");
  test::WriteFile(config, absl::StrCat("data = \"", dir_.File("from-file"),
                                       "\"\n[serve]\nlisten = \"0.0.0.0:0\"\nworkers = 3\n"));
  // From the file alone.
  Result result = Run({"serve", "--config", config});
  EXPECT_EQ(result.code, kExitNotFound);
  EXPECT_THAT(result.err, HasSubstr("from-file"));
  // The environment before the file.
  ASSERT_EQ(setenv("BARAZA_DATA", dir_.File("from-environment").c_str(), 1), 0);
  result = Run({"serve", "--config", config});
  EXPECT_THAT(result.err, HasSubstr("from-environment"));
  // The flag before both; the file's listen address still holds.
  result = Run({"serve", "--config", config, "--data", data_});
  unsetenv("BARAZA_DATA");
  EXPECT_EQ(result.code, kExitRefused);
  EXPECT_THAT(result.err, HasSubstr("0.0.0.0:0"));

  test::WriteFile(config, "[serve]\nlissten = \"x\"\n");
  result = Run({"serve", "--config", config, "--data", data_});
  EXPECT_EQ(result.code, kExitUsage);
  EXPECT_THAT(result.err, HasSubstr("serve.lissten"));
  test::WriteFile(config, "= nonsense");
  EXPECT_EQ(Run({"serve", "--config", config, "--data", data_}).code, kExitUsage);
}

TEST_F(ProgramTest, ABackupRestoresWithANewEpochAndItsCodes) {
  const ProgrammeMade made = MakeProgramme();
  const std::string epoch = EpochOf(data_, made.programme_id);
  const std::string backup = dir_.File("backup");
  ASSERT_OK(BackupDataDir(data_, backup, {}));
  EXPECT_THAT(BackupDataDir(data_, backup, {}), StatusIs(absl::StatusCode::kAlreadyExists));
  const std::string restored = dir_.File("restored");
  ASSERT_OK(RestoreDataDir(backup, restored, false, clock_, random_));
  EXPECT_THAT(RestoreDataDir(backup, restored, false, clock_, random_),
              StatusIs(absl::StatusCode::kAlreadyExists));
  ASSERT_OK(VerifyDataDir(restored, clock_, random_, {}));
  // What a killed server or a reader leaves beside the files is no obstacle.
  for (const std::string& file :
       {DataDir(restored).Registry(), DataDir(restored).Programme(made.programme_id)}) {
    test::WriteFile(file + "-wal", "left over");
  }
  ASSERT_OK(RestoreDataDir(backup, restored, true, clock_, random_));
  const std::string restored_epoch = EpochOf(restored, made.programme_id);
  EXPECT_FALSE(restored_epoch.empty());
  EXPECT_NE(restored_epoch, epoch);
  EXPECT_EQ(EpochOf(data_, made.programme_id), epoch);
  CodeOptions code;
  code.person_id = made.person_id;
  EXPECT_OK(CreateCode(restored, code, clock_, random_));
}

TEST_F(ProgramTest, WhatWasForbiddenAfterTheBackupStaysForbidden) {
  const ProgrammeMade made = MakeProgramme();
  const auto open = [](const std::string& data) {
    auto registry = RegistryStore::Open(DataDir(data).Registry(), {});
    EXPECT_OK(registry);
    return *std::move(registry);
  };
  const auto enrol = [&](RegistryStore& registry, const std::string& name) {
    EXPECT_OK(registry.AddEnrolmentCode(
        Sha256(name), {made.programme_id, made.person_id, made.person_id, 1, 1'000}));
    return registry.Redeem(
        {Sha256(name), "dev_" + name, name, "crd_" + name, Sha256("token of " + name), 100});
  };
  std::unique_ptr<RegistryStore> registry = open(data_);
  for (const char* name : {"kept", "lent", "lost"}) ASSERT_OK(enrol(*registry, name));
  ASSERT_OK(registry->AddEnrolmentCode(
      Sha256("later"), {made.programme_id, made.person_id, made.person_id, 1, 1'000}));
  const std::string backup = dir_.File("backup");
  ASSERT_OK(BackupDataDir(data_, backup, {}));
  ASSERT_OK(registry->SetCredentialState("crd_lent", v1::CREDENTIAL_STATE_SUSPENDED));
  ASSERT_OK(registry->SetCredentialState("crd_lost", v1::CREDENTIAL_STATE_REVOKED));
  ASSERT_OK(registry->Redeem(
      {Sha256("later"), "dev_later", "later", "crd_later", Sha256("token of later"), 100}));
  registry.reset();

  ASSERT_OK_AND_ASSIGN(const RestoredRegistry restored,
                       RestoreDataDir(backup, data_, /*replace=*/true, clock_, random_));
  EXPECT_TRUE(restored.restrictions_kept);
  EXPECT_EQ(restored.restricted, 3);
  registry = open(data_);
  const auto state = [&](const char* id) { return registry->GetCredential(id)->state; };
  EXPECT_EQ(state("crd_kept"), v1::CREDENTIAL_STATE_ACTIVE);
  EXPECT_EQ(state("crd_lent"), v1::CREDENTIAL_STATE_SUSPENDED);
  EXPECT_EQ(state("crd_lost"), v1::CREDENTIAL_STATE_REVOKED);
  // Enrolled after the backup: has to enrol again, with another code.
  EXPECT_THAT(registry->GetCredential("crd_later"), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(registry->Redeem({Sha256("later"), "dev_thief", "x", "crd_thief", Sha256("t"), 200}),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  // A person who has left since.
  PersonGrant left = *registry->GetPerson(made.programme_id, made.person_id);
  left.active = false;
  ASSERT_OK(registry->PutPerson(left));
  registry.reset();

  // The registry is gone, as a kill between two renames leaves it: the one put aside still counts.
  std::filesystem::create_directory(DataDir(data_).Replaced(2));
  test::WriteFile(DataDir(data_).UnfinishedRestore(), "2 registry");
  std::filesystem::rename(DataDir(data_).Registry(), DataDir(data_).Replaced(2) + "/registry.db");
  ASSERT_OK_AND_ASSIGN(const RestoredRegistry again,
                       RestoreDataDir(backup, data_, /*replace=*/true, clock_, random_));
  EXPECT_TRUE(again.restrictions_kept);
  registry = open(data_);
  EXPECT_EQ(state("crd_kept"), v1::CREDENTIAL_STATE_SUSPENDED);
  EXPECT_EQ(state("crd_lost"), v1::CREDENTIAL_STATE_REVOKED);
  registry.reset();

  // Damaged, or none: it is said.
  test::WriteFile(DataDir(data_).Registry(), std::string(10'000, 'x'));
  ASSERT_OK_AND_ASSIGN(const RestoredRegistry damaged,
                       RestoreDataDir(backup, data_, /*replace=*/true, clock_, random_));
  EXPECT_FALSE(damaged.restrictions_kept);
  // Those that were replaced before have the last word then.
  EXPECT_EQ(open(data_)->GetCredential("crd_lost")->state, v1::CREDENTIAL_STATE_REVOKED);
  EXPECT_EQ(open(data_)->GetCredential("crd_lent")->state, v1::CREDENTIAL_STATE_SUSPENDED);
  // A second time it is not known either: the damaged one is what was replaced.
  ASSERT_OK_AND_ASSIGN(const RestoredRegistry after_damage,
                       RestoreDataDir(backup, data_, /*replace=*/true, clock_, random_));
  EXPECT_FALSE(after_damage.restrictions_kept);
  const Result elsewhere = Run({"restore", "--from", backup, "--data", dir_.File("elsewhere")});
  EXPECT_EQ(elsewhere.code, kExitOk);
  EXPECT_THAT(elsewhere.out, HasSubstr("baraza credentials list"));
  EXPECT_THAT(Run({"restore", "--from", backup, "--data", dir_.File("elsewhere"), "--replace"}).out,
              HasSubstr("0 stay so"));
}

TEST_F(ProgramTest, ARevocationOutlivesTheRestoreOfABackupThatIsTooOld) {
  const ProgrammeMade made = MakeProgramme();
  const std::string too_old = dir_.File("too-old");
  ASSERT_OK(BackupDataDir(data_, too_old, {}));
  {
    ASSERT_OK_AND_ASSIGN(const auto registry, RegistryStore::Open(DataDir(data_).Registry(), {}));
    ASSERT_OK(registry->AddEnrolmentCode(
        Sha256("code"), {made.programme_id, made.person_id, made.person_id, 1, 1'000}));
    ASSERT_OK(registry->Redeem({Sha256("code"), "dev_a", "", "crd_a", Sha256("token"), 100}));
  }
  const std::string right = dir_.File("right");
  ASSERT_OK(BackupDataDir(data_, right, {}));
  {
    ASSERT_OK_AND_ASSIGN(const auto registry, RegistryStore::Open(DataDir(data_).Registry(), {}));
    ASSERT_OK(registry->SetCredentialState("crd_a", v1::CREDENTIAL_STATE_REVOKED));
  }
  ASSERT_OK(RestoreDataDir(too_old, data_, /*replace=*/true, clock_, random_));
  ASSERT_OK_AND_ASSIGN(const RestoredRegistry restored,
                       RestoreDataDir(right, data_, /*replace=*/true, clock_, random_));
  EXPECT_TRUE(restored.restrictions_kept);
  {
    ASSERT_OK_AND_ASSIGN(const auto registry, RegistryStore::Open(DataDir(data_).Registry(), {}));
    EXPECT_EQ(registry->GetCredential("crd_a")->state, v1::CREDENTIAL_STATE_REVOKED);
  }
  // A new programme in the place of the old one knows nobody of it.
  const std::string fresh = dir_.File("fresh");
  ASSERT_OK(RestoreDataDir(too_old, fresh, false, clock_, random_));
  ASSERT_OK_AND_ASSIGN(const RestoredRegistry unknown,
                       RestoreDataDir(right, fresh, /*replace=*/true, clock_, random_));
  EXPECT_FALSE(unknown.restrictions_kept);
}

TEST_F(ProgramTest, ASuspensionOutlivesTheRestoreOfABackupThatIsTooOldUntilItIsLifted) {
  const ProgrammeMade made = MakeProgramme();
  const std::string too_old = dir_.File("too-old");
  ASSERT_OK(BackupDataDir(data_, too_old, {}));
  const auto registry = [&] { return *RegistryStore::Open(DataDir(data_).Registry(), {}); };
  ASSERT_OK(registry()->AddEnrolmentCode(
      Sha256("code"), {made.programme_id, made.person_id, made.person_id, 1, 1'000}));
  ASSERT_OK(registry()->Redeem({Sha256("code"), "dev_a", "", "crd_a", Sha256("token"), 100}));
  const std::string right = dir_.File("right");
  ASSERT_OK(BackupDataDir(data_, right, {}));
  ASSERT_OK(registry()->SetCredentialState("crd_a", v1::CREDENTIAL_STATE_SUSPENDED));
  ASSERT_OK(RestoreDataDir(too_old, data_, /*replace=*/true, clock_, random_));
  ASSERT_OK_AND_ASSIGN(const RestoredRegistry restored,
                       RestoreDataDir(right, data_, /*replace=*/true, clock_, random_));
  EXPECT_TRUE(restored.restrictions_kept);
  EXPECT_EQ(registry()->GetCredential("crd_a")->state, v1::CREDENTIAL_STATE_SUSPENDED);
  // Lifted: what an older registry says does not come back.
  ASSERT_OK(registry()->SetCredentialState("crd_a", v1::CREDENTIAL_STATE_ACTIVE));
  ASSERT_OK(RestoreDataDir(right, data_, /*replace=*/true, clock_, random_));
  EXPECT_EQ(registry()->GetCredential("crd_a")->state, v1::CREDENTIAL_STATE_ACTIVE);
}

TEST_F(ProgramTest, AnInterruptedRestoreIsRunAgainBeforeAnythingElse) {
  const ProgrammeMade made = MakeProgramme();
  const std::string epoch = EpochOf(data_, made.programme_id);
  const std::string backup = dir_.File("backup");
  ASSERT_OK(BackupDataDir(data_, backup, {}));
  const DataDir dir(data_);
  const std::string programme = dir.Programme(made.programme_id);
  const std::string aside = absl::StrCat(dir.Replaced(1), "/", made.programme_id, ".db");
  // Killed when the programme was in place and the registry not.
  std::filesystem::create_directory(dir.Replaced(1));
  test::WriteFile(dir.UnfinishedRestore(), "1 registry");
  std::filesystem::rename(programme, aside);
  std::filesystem::copy_file(DataDir(backup).Programme(made.programme_id), programme);
  const Result serve = Run({"serve", "--data", data_, "--listen", "127.0.0.1:0"});
  EXPECT_EQ(serve.code, kExitRefused);
  EXPECT_THAT(serve.err, HasSubstr("restore --replace again"));
  EXPECT_EQ(Run({"verify", "--data", data_}).code, kExitRefused);
  EXPECT_EQ(Run({"rebuild", "--data", data_}).code, kExitRefused);
  EXPECT_EQ(Run({"backup", "--data", data_, "--to", dir_.File("mixture")}).code, kExitRefused);
  ASSERT_OK(RestoreDataDir(backup, data_, /*replace=*/true, clock_, random_));
  EXPECT_FALSE(dir.Exists(dir.UnfinishedRestore()));
  EXPECT_NE(EpochOf(data_, made.programme_id), epoch);
  // The next one has a folder of its own.
  ASSERT_OK(RestoreDataDir(backup, data_, /*replace=*/true, clock_, random_));
  EXPECT_TRUE(dir.Exists(absl::StrCat(dir.Replaced(2), "/", made.programme_id, ".db")));
  // What was there before the first run, not what that run had put there.
  std::filesystem::rename(aside, programme);
  EXPECT_EQ(EpochOf(data_, made.programme_id), epoch);

  test::WriteFile(dir.UnfinishedRestore(), "nonsense");
  EXPECT_THAT(RestoreDataDir(backup, data_, /*replace=*/true, clock_, random_),
              StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(ProgramTest, ANewMachineIsToldSoAlsoWhenTheRestoreWasInterrupted) {
  const ProgrammeMade made = MakeProgramme();
  ASSERT_OK_AND_ASSIGN(const auto registry, RegistryStore::Open(DataDir(data_).Registry(), {}));
  ASSERT_OK(registry->AddEnrolmentCode(
      Sha256("code"), {made.programme_id, made.person_id, made.person_id, 1, 1'000}));
  ASSERT_OK(registry->Redeem({Sha256("code"), "dev_a", "", "crd_a", Sha256("token"), 100}));
  const std::string backup = dir_.File("backup");
  ASSERT_OK(BackupDataDir(data_, backup, {}));
  const std::string fresh = dir_.File("fresh");
  ASSERT_OK(RestoreDataDir(backup, fresh, false, clock_, random_));
  // Killed at its very end, before it could say anything.
  test::WriteFile(DataDir(fresh).UnfinishedRestore(), "1 none");
  ASSERT_OK_AND_ASSIGN(const RestoredRegistry restored,
                       RestoreDataDir(backup, fresh, /*replace=*/true, clock_, random_));
  EXPECT_FALSE(restored.restrictions_kept);
}

TEST_F(ProgramTest, WritesFilesBesideItself) {
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(dir_.path());
  EXPECT_OK(WriteWholeFile("beside.txt", "x", /*secret=*/false));
  std::filesystem::current_path(before);
  EXPECT_EQ(test::ReadFile(dir_.File("beside.txt")), "x");
}

TEST_F(ProgramTest, ADamagedBackupReplacesNothing) {
  const ProgrammeMade made = MakeProgramme();
  const std::string backup = dir_.File("backup");
  ASSERT_OK(BackupDataDir(data_, backup, {}));
  const std::string file = DataDir(backup).Programme(made.programme_id);
  std::string bytes = test::ReadFile(file);
  for (size_t i = 4096; i < bytes.size(); ++i) bytes[i] = static_cast<char>(bytes[i] ^ 0x5a);
  test::WriteFile(file, bytes);
  EXPECT_THAT(RestoreDataDir(backup, data_, true, clock_, random_),
              StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_OK(VerifyDataDir(data_, clock_, random_, {}));
}

TEST_F(ProgramTest, VerifyAndRebuildWorkOnWhatIsThere) {
  MakeProgramme();
  EXPECT_EQ(Run({"verify", "--data", data_}).code, kExitOk);
  EXPECT_EQ(Run({"rebuild", "--data", data_}).code, kExitOk);
  EXPECT_EQ(Run({"verify", "--data", data_}).code, kExitOk);
}

TEST_F(ProgramTest, WithoutReportsThePriorIsTheModels) {
  MakeProgramme();
  ASSERT_OK_AND_ASSIGN(const PriorEstimate found,
                       EstimateProgrammePrior(data_, "", clock_, random_, {}));
  EXPECT_EQ(found.pairs, 0);
  EXPECT_EQ(found.prior_milli_nats, ShippedModel().prior_milli_nats());
  EXPECT_THAT(EstimateProgrammePrior(data_, "prg_nosuch", clock_, random_, {}),
              StatusIs(absl::StatusCode::kNotFound));
}

}  // namespace
}  // namespace baraza::server
