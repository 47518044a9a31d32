// Real clients and a real server on a disk without room: whatever was acknowledged is there, what
// cannot be done says so, what is there can be read, and once there is room everything goes on.

#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/e2e/field_test.h"

namespace baraza::e2e {
namespace {

using ::testing::HasSubstr;
using ::testing::IsSubsetOf;
using Answer = FieldPhone::Answer;

using FileLimitTest = FieldTest;

// RLIMIT_FSIZE stands in for a full disk: a write past it fails, and a program that does not expect
// that dies of SIGXFSZ.
TEST_F(FileLimitTest, AServerWithoutRoomLosesNothingAndGoesOn) {
  FieldPhone& amina = AddPhone("amina", "pwani");
  ASSERT_FALSE(HasFailure());
  Capture(amina, "pwani", 1, 0);
  SyncUntilDone(amina, server().address());
  const pid_t pid = server().process().pid();
  rlimit before{};
  ASSERT_EQ(prlimit(pid, RLIMIT_FSIZE, nullptr, &before), 0);
  const rlimit full = {4096, before.rlim_max};
  ASSERT_EQ(prlimit(pid, RLIMIT_FSIZE, &full, nullptr), 0);
  for (int session = 2; session < 6; ++session) Capture(amina, "pwani", session, 0);
  EXPECT_EQ(amina.Sync(server().address()), Answer::kError);
  EXPECT_THAT(amina.error(), HasSubstr("RESOURCE_EXHAUSTED"));
  EXPECT_TRUE(server().Running());
  EXPECT_EQ(amina.Status().outbox(), 4u);
  ASSERT_EQ(prlimit(pid, RLIMIT_FSIZE, &before, nullptr), 0);
  SyncUntilDone(amina, server().address());
  CheckTheEnd();
}

TEST_F(FileLimitTest, APhoneWithoutRoomSaysSoAndGoesOn) {
  FieldPhone& amina = AddPhone("amina", "pwani");
  ASSERT_FALSE(HasFailure());
  Capture(amina, "pwani", 1, 0);
  rlimit before{};
  ASSERT_EQ(prlimit(amina.pid(), RLIMIT_FSIZE, nullptr, &before), 0);
  const rlimit full = {4096, before.rlim_max};
  ASSERT_EQ(prlimit(amina.pid(), RLIMIT_FSIZE, &full, nullptr), 0);
  EXPECT_EQ(amina.Capture(Key(2, 0), ReportOn(coalition_, 2, 0, "pwani")), Answer::kError);
  EXPECT_THAT(amina.error(), HasSubstr("RESOURCE_EXHAUSTED"));
  ASSERT_EQ(prlimit(amina.pid(), RLIMIT_FSIZE, &before, nullptr), 0);
  Capture(amina, "pwani", 2, 0);
  SyncUntilDone(amina, server().address());
  CheckTheEnd();
}

// Why this process may not mount, or "" once it may: as root, or as the root of a user namespace of
// its own. Its mounts are seen by its children alone and end with it. To be called before there are
// threads.
std::string EnterMountNamespace() {
  const uid_t user = geteuid();
  const gid_t group = getegid();
  int flags = CLONE_NEWNS;
  if (user != 0) flags |= CLONE_NEWUSER;
  if (unshare(flags) != 0) return absl::StrCat("unshare: ", std::strerror(errno));
  if (user != 0) {
    std::ofstream("/proc/self/setgroups") << "deny";
    std::ofstream("/proc/self/uid_map") << "0 " << user << " 1";
    std::ofstream("/proc/self/gid_map") << "0 " << group << " 1";
  }
  if (mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
    return absl::StrCat("making mounts private: ", std::strerror(errno));
  }
  return "";
}

class SmallDiskTest : public FieldTest {
 protected:
  static void SetUpTestSuite() { reason_ = EnterMountNamespace(); }

  void SetUp() override {
    if (!reason_.empty()) GTEST_SKIP() << "no tmpfs may be mounted here: " << reason_;
    for (const std::string& where : {server().data(), Pocket()}) {
      std::filesystem::create_directory(where);
      if (mount("none", where.c_str(), "tmpfs", 0, "size=6m,mode=700") != 0) {
        GTEST_SKIP() << "no tmpfs may be mounted here: " << std::strerror(errno);
      }
      mounted_.push_back(where);
    }
    FieldTest::SetUp();
  }
  void TearDown() override {
    phones_.clear();
    for (const std::string& where : mounted_) umount2(where.c_str(), MNT_DETACH);
  }

  // Where a phone on a small disk has its file.
  std::string Pocket() const { return directory_.File("pocket"); }

  // Something else fills the disk but for `left` bytes.
  void Fill(const std::string& where, int64_t left) {
    const auto room = std::filesystem::space(where);
    std::ofstream ballast(where + "/ballast", std::ios::binary | std::ios::app);
    const std::string block(4096, 'x');
    for (int64_t free = static_cast<int64_t>(room.available); free >= left + 4096; free -= 4096) {
      ballast << block;
    }
  }
  void MakeRoom(const std::string& where) { std::filesystem::remove(where + "/ballast"); }

 private:
  inline static std::string reason_;
  std::vector<std::string> mounted_;
};

TEST_F(SmallDiskTest, AServerWithoutRoomLosesNothingReadsAndGoesOn) {
  FieldPhone& amina = AddPhone("amina", "pwani");
  FieldPhone& omar = AddPhone("omar", "sahel");
  ASSERT_FALSE(HasFailure());
  Fill(server().data(), 1 << 20);
  int session = 0;
  Answer answer = Answer::kDone;
  for (; session < 100 && answer == Answer::kDone; session += 3) {
    for (int i = 0; i < 3; ++i) Capture(amina, "pwani", session + i, 0);
    answer = amina.Sync(server().address());
  }
  ASSERT_EQ(answer, Answer::kError) << "the disk does not get full";
  ASSERT_GT(session, 3) << "nothing was stored";
  EXPECT_THAT(amina.error(), HasSubstr("RESOURCE_EXHAUSTED"));
  EXPECT_THAT(amina.error(), HasSubstr("room"));
  Fill(server().data(), 0);
  const auto waiting = amina.Status().outbox();
  EXPECT_GT(waiting, 0u);

  // As it is, and started anew without room. (One that was stopped in an orderly way needs a few
  // pages for SQLite's shared memory, and does not start before it has them.)
  for (const bool anew : {false, true}) {
    SCOPED_TRACE(anew);
    if (anew) {
      server().Kill();
      // What an end gives back somebody else takes.
      Fill(server().data(), 0);
      ASSERT_TRUE(server().Start());
      coalition_.Redial();
    }
    EXPECT_TRUE(server().Running());
    const auto figure = coalition_.desk().Figure(coalition_.id("indicator"), "2026", 0);
    EXPECT_TRUE(figure.ok()) << figure.status();
    v1::GetSessionRequest request;
    request.set_name(coalition_.desk().SessionName(*amina.acknowledged().at(Key(0, 0)).begin()));
    const auto read =
        coalition_.desk().Call<v1::SessionService>(&v1::SessionService::Stub::GetSession, request);
    EXPECT_TRUE(read.ok()) << read.status();
    // What a checkpoint or the end of the projection's work gave back.
    Fill(server().data(), 0);
    v1::CreateRecordRequest written;
    written.set_parent(coalition_.desk().Programme());
    written.mutable_record()->mutable_organisation()->set_title("One more");
    const auto refused = coalition_.desk().Call<v1::ProgrammeService>(
        &v1::ProgrammeService::Stub::CreateRecord, written);
    EXPECT_TRUE(absl::IsResourceExhausted(refused.status())) << refused.status();
    EXPECT_THAT(refused.status().ToString(), HasSubstr("room"));
    EXPECT_EQ(amina.Sync(server().address()), Answer::kError);
    EXPECT_THAT(amina.error(), HasSubstr("RESOURCE_EXHAUSTED"));
    EXPECT_EQ(amina.Status().outbox(), waiting);
  }

  MakeRoom(server().data());
  SyncUntilDone(amina, server().address());
  Capture(omar, "sahel", 0, 1);
  SyncUntilDone(omar, server().address());
  CheckTheEnd();
}

TEST_F(SmallDiskTest, APhoneWithoutRoomLosesNothingReadsAndGoesOn) {
  FieldPhone& amina = AddPhone("amina", "pwani", Pocket());
  FieldPhone& leila = AddPhone("leila", "pwani");
  ASSERT_FALSE(HasFailure());
  Fill(Pocket(), 256 << 10);
  int session = 0;
  Answer answer = Answer::kDone;
  for (; session < 110; ++session) {
    answer = amina.Capture(Key(session, 0), ReportOn(coalition_, session, 0, "pwani"));
    if (answer != Answer::kDone) break;
  }
  ASSERT_EQ(answer, Answer::kError) << "the disk does not get full";
  ASSERT_GT(session, 0) << "nothing was stored";
  EXPECT_THAT(amina.error(), HasSubstr("RESOURCE_EXHAUSTED"));
  EXPECT_THAT(amina.error(), HasSubstr("room"));
  Fill(Pocket(), 0);
  // What comes for it meanwhile.
  for (int other = 0; other < 5; ++other) Capture(leila, "pwani", session + 1 + other, 0);
  SyncUntilDone(leila, server().address());

  for (const bool anew : {false, true}) {
    SCOPED_TRACE(anew);
    if (anew) {
      amina.Kill();
      amina.Start();
      ASSERT_FALSE(HasFailure());
    }
    EXPECT_TRUE(amina.Status().read_only());
    EXPECT_EQ(amina.Status().outbox(), static_cast<uint32_t>(session));
    EXPECT_EQ(amina.List().size(), static_cast<size_t>(session));
    EXPECT_EQ(amina.Capture(Key(session, 0), ReportOn(coalition_, session, 0, "pwani")),
              Answer::kError);
    EXPECT_THAT(amina.error(), HasSubstr("RESOURCE_EXHAUSTED"));
    EXPECT_EQ(amina.Sync(server().address()), Answer::kError);
    EXPECT_THAT(amina.error(), HasSubstr("RESOURCE_EXHAUSTED"));
  }

  MakeRoom(Pocket());
  Capture(amina, "pwani", session, 0);
  SyncUntilDone(amina, server().address());
  EXPECT_FALSE(amina.Status().read_only());
  // The others' come once the projection has got to them.
  const size_t all = static_cast<size_t>(session) + 6;
  for (int i = 0; i < 100 && amina.List().size() < all; ++i) {
    absl::SleepFor(absl::Milliseconds(100));
    SyncUntilDone(amina, server().address());
  }
  EXPECT_EQ(amina.List().size(), all);
  CheckTheEnd();
}

}  // namespace
}  // namespace baraza::e2e
