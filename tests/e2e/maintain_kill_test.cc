// kill -9 of the real `baraza-server backup` and `restore` at their writes, syncs, renames and
// deletions: what is left is refused, or it is the old state or the new one, and the same command
// again brings it to its end.
//
// The kill is in the place of a call, so that the next one's is after it. Renames and deletions are
// all tried, of writes and syncs every kStride-th, in the nightly runs all.

#include <cstring>
#include <filesystem>
#include <functional>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/base/sha256.h"
#include "gtest/gtest.h"
#include "tests/e2e/coalition.h"
#include "tests/e2e/desk.h"
#include "tests/e2e/snapshot.h"
#include "tests/testing/effort.h"
#include "tests/testing/temp_dir.h"

namespace baraza::e2e {
namespace {

namespace fs = std::filesystem;

constexpr int kStride = 7;
constexpr uint32_t kNever = 1u << 30;

// Of a programme's file.
struct State {
  std::string epoch;
  int64_t operations = 0;
  friend bool operator==(const State&, const State&) = default;
};

// What is in the files of a folder, by their paths within it.
std::map<std::string, std::string> Hashes(const std::string& folder) {
  std::map<std::string, std::string> hashes;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    const std::string path = entry.path().string();
    // Made by looking into a database.
    if (path.ends_with("-shm") || path.ends_with("-wal")) continue;
    hashes[path.substr(folder.size())] = Sha256(test::ReadFile(path)).ToHex();
  }
  return hashes;
}

class MaintainKillTest : public ::testing::Test {
 protected:
  MaintainKillTest() : switch_(directory_.File("kill")), coalition_(directory_.path()) {}

  // A server that died with operations and a revocation in its logs, and a backup that is older.
  void SetUp() override {
    coalition_.SetUp({"localhost"});
    ASSERT_FALSE(HasFailure());
    const std::string person = coalition_.AddPerson("pwani");
    Desk other(server().address(), coalition_.ca(), "");
    ASSERT_TRUE(other.Enrol(coalition_.desk().NewCode(person), NewDeviceId()).ok());
    ASSERT_EQ(server().Command({"backup", "--to", backup_}).ending.code, 0);
    for (int i = 0; i < 3; ++i) coalition_.AddPerson("pwani");
    Revoke(person);
    ASSERT_FALSE(HasFailure());
    server().Kill();
    // The next one tells of it, too.
    fs::rename(server().data(), old_);
    backed_up_ = StateOf(backup_);
    old_state_ = StateOf(old_);
    ASSERT_EQ(backed_up_.epoch, old_state_.epoch);
    ASSERT_LT(backed_up_.operations, old_state_.operations);
    ASSERT_EQ(RevokedIn(backup_), 0);
    ASSERT_EQ(RevokedIn(old_), 1);
  }

  void Revoke(const std::string& person) {
    Desk& desk = coalition_.desk();
    v1::ListCredentialsRequest list;
    list.set_parent(desk.Programme());
    const auto listed =
        desk.Call<v1::EnrolmentService>(&v1::EnrolmentService::Stub::ListCredentials, list);
    ASSERT_TRUE(listed.ok()) << listed.status();
    for (const v1::Credential& credential : listed->credentials()) {
      if (credential.person_id() != person) continue;
      v1::RevokeCredentialRequest request;
      request.set_credential_id(credential.credential_id());
      const auto revoked =
          desk.Call<v1::EnrolmentService>(&v1::EnrolmentService::Stub::RevokeCredential, request);
      ASSERT_TRUE(revoked.ok()) << revoked.status();
    }
  }

  int64_t RevokedIn(const std::string& data) {
    Snapshot registry(data + "/registry.db", directory_.path());
    return registry.Int(absl::StrCat("SELECT count(*) FROM credential WHERE state = ",
                                     v1::CREDENTIAL_STATE_REVOKED));
  }

  ServerProcess& server() { return coalition_.server(); }

  std::string ProgrammeIn(const std::string& data) {
    return absl::StrCat(data, "/programmes/", server().programme_id(), ".db");
  }

  State StateOf(const std::string& data) { return StateOfFile(ProgrammeIn(data)); }

  State StateOfFile(const std::string& file) {
    Snapshot programme(file, directory_.path());
    EXPECT_EQ(programme.Integrity(), "ok");
    return {.epoch = programme.Text("SELECT value FROM meta WHERE key = 'store.epoch'"),
            .operations = programme.Int("SELECT count(*) FROM log")};
  }

  RunResult RunServer(std::vector<std::string> arguments,
                      const std::map<std::string, std::string>& environment = {}) {
    arguments.insert(arguments.begin(), BARAZA_E2E_SERVER);
    return e2e::Run(arguments, directory_.path(), "", environment);
  }

  static void Replace(const std::string& folder, const std::string& by) {
    fs::remove_all(folder);
    if (!by.empty()) fs::copy(by, folder, fs::copy_options::recursive);
  }

  // Kills the command at each call on files in `folder`. `reset` comes before each, `check` after.
  void KillEverywhere(const char* name, const std::vector<std::string>& arguments,
                      const std::string& folder, const std::function<void()>& reset,
                      const std::function<void()>& check) {
    reset();
    switch_.ArmFolder(folder, {{BARAZA_KILL_NAME, kNever, 0, 0, 0}});
    const RunResult whole = RunServer(arguments, switch_.Environment());
    ASSERT_EQ(whole.ending.code, 0) << whole.err;
    const BarazaKillControl calm = switch_.Read();
    ASSERT_GT(calm.names, 3u);
    ASSERT_GT(calm.writes, 20u);
    // What it said is done outlives the power.
    for (const auto& unsynced : calm.unsynced) EXPECT_STREQ(unsynced, "") << "renamed, not synced";

    const auto stride_of_writes = static_cast<uint32_t>(test::CrashStride(kStride));
    int kills = 0;
    for (const auto& [kinds, stride] : std::vector<std::pair<uint32_t, uint32_t>>{
             {BARAZA_KILL_NAME, 1}, {BARAZA_KILL_WRITE | BARAZA_KILL_SYNC, stride_of_writes}}) {
      for (uint32_t n = 1;; n += stride) {
        SCOPED_TRACE(absl::StrCat(name, ": kind ", kinds, ", call ", n));
        reset();
        switch_.ArmFolder(folder, {{kinds, n, 0, 0, 0}});
        const RunResult killed = RunServer(arguments, switch_.Environment());
        switch_.Disarm();
        if (killed.ending.signal == 0) {
          EXPECT_EQ(killed.ending.code, 0) << killed.err;
          break;
        }
        ++kills;
        check();
        const RunResult again = RunServer(arguments);
        // It may have come to its end.
        EXPECT_TRUE(again.ending.code == 0 || Done()) << again.err;
        ExpectDone();
        ASSERT_FALSE(HasFailure());
      }
    }
    std::cout << name << ": killed at " << kills << " calls\n";
    EXPECT_GT(kills, 20);
  }

  virtual bool Done() { return false; }
  virtual void ExpectDone() = 0;

  test::TempDir directory_;
  KillSwitch switch_;
  Coalition coalition_;
  const std::string backup_ = directory_.File("backup");
  const std::string old_ = directory_.File("old");
  const std::string target_ = directory_.File("target");
  State backed_up_;
  State old_state_;
};

class RestoreKillTest : public MaintainKillTest {
 protected:
  // The old directory has been restored once before, and what that replaced is still there.
  void SetUp() override {
    MaintainKillTest::SetUp();
    if (HasFailure()) return;
    fs::create_directory(old_ + kEarlier);
    fs::copy(backup_ + "/registry.db", old_ + kEarlier + "/registry.db");
    fs::copy(ProgrammeIn(backup_),
             old_ + kEarlier + "/" + fs::path(ProgrammeIn(backup_)).filename().string());
    earlier_ = Hashes(old_ + kEarlier);
    ASSERT_EQ(earlier_.size(), 2u);
  }

  bool IsNew(const State& state) const {
    return state.epoch != old_state_.epoch && state.operations == backed_up_.operations;
  }
  void ExpectDone() override {
    EXPECT_TRUE(IsNew(StateOf(target_)));
    EXPECT_EQ(RevokedIn(target_), revoked_);
    if (moved_away_ || unfinished_) {
      // What the first run replaced, not what it had put there.
      EXPECT_EQ(StateOfFile(target_ + "/replaced-2/" +
                            fs::path(ProgrammeIn(target_)).filename().string()),
                old_state_);
    }
    if (replaces_) {
      EXPECT_EQ(Hashes(target_ + kEarlier), earlier_);
    }
    const RunResult verified = RunServer({"verify", "--data-dir", target_});
    EXPECT_EQ(verified.ending.code, 0) << verified.err;
  }

  static constexpr const char* kEarlier = "/replaced-1";
  std::map<std::string, std::string> earlier_;
  // There was something before.
  bool replaces_ = false;
  // The old file was in its place no more when the process died, and the new one not yet.
  bool moved_away_ = false;
  // It died while it put files in place.
  bool unfinished_ = false;
  // What was revoked stays so, where it was known.
  int64_t revoked_ = 0;
};

TEST_F(RestoreKillTest, WhatIsReplacedIsTheOldOneOrTheNewOne) {
  const auto backup_before = Hashes(backup_);
  revoked_ = 1;
  replaces_ = true;
  KillEverywhere(
      "restore --replace", {"restore", "--from", backup_, "--replace", "--data-dir", target_},
      target_, [this] { Replace(target_, old_); },
      [&] {
        EXPECT_EQ(Hashes(backup_), backup_before);
        moved_away_ = !fs::exists(ProgrammeIn(target_));
        unfinished_ = fs::exists(target_ + "/restore.unfinished");
        if (moved_away_) {
          // Between the old one and the new one: nothing that a server would begin anew.
          EXPECT_NE(RunServer({"verify", "--data-dir", target_}).ending.code, 0);
          return;
        }
        const State state = StateOf(target_);
        EXPECT_TRUE(state == old_state_ || IsNew(state))
            << state.epoch << " with " << state.operations << " operations";
      });
}

TEST_F(RestoreKillTest, WhereNothingIsItIsNothingOrTheNewOne) {
  KillEverywhere(
      "restore", {"restore", "--from", backup_, "--replace", "--data-dir", target_}, target_,
      [this] { Replace(target_, ""); },
      [&] {
        if (fs::exists(ProgrammeIn(target_))) {
          EXPECT_TRUE(IsNew(StateOf(target_)));
        }
      });
}

class BackupKillTest : public MaintainKillTest {
 protected:
  bool Done() override { return fs::exists(target_ + "/registry.db"); }
  void ExpectDone() override {
    ASSERT_TRUE(Done());
    EXPECT_EQ(StateOf(target_), old_state_);
    EXPECT_EQ(StateOf(old_), old_state_);
  }
};

TEST_F(BackupKillTest, ItIsRefusedOrWhole) {
  const std::string restored = directory_.File("restored");
  KillEverywhere(
      "backup", {"backup", "--to", target_, "--data-dir", old_}, target_,
      [this] { Replace(target_, ""); },
      [&] {
        fs::remove_all(restored);
        const int code =
            RunServer({"restore", "--from", target_, "--data-dir", restored}).ending.code;
        EXPECT_EQ(code == 0, Done());
        if (Done()) {
          EXPECT_EQ(StateOf(target_), old_state_);
        }
      });
}

}  // namespace
}  // namespace baraza::e2e
