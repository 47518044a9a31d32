#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "tests/crash/device_operations.h"
#include "tests/crash/every_io.h"

namespace baraza::crash {
namespace {

// `least`: calls below which the operation cannot have done what it says.
void Expect(const Operation& operation, int64_t least) {
  const Injections figures = CrashEverywhere(operation);
  EXPECT_GE(figures.calls, least);
  EXPECT_GE(figures.injections, 10 * least);
  EXPECT_GT(figures.told, figures.injections / 4);
  if (operation.invisible) return;
  EXPECT_GT(figures.left.front(), least);
  EXPECT_GT(figures.left.back(), 0);
}

TEST(DeviceCrash, OpenFresh) { Expect(OpenFreshPhone(), 60); }
TEST(DeviceCrash, OpenAfterCrash) { Expect(OpenCrashedPhone(), 30); }
TEST(DeviceCrash, Bind) { Expect(BindPhone(), 40); }
TEST(DeviceCrash, Capture) { Expect(CaptureReport(), 40); }
TEST(DeviceCrash, SaveDraft) { Expect(SaveDraft(), 40); }
TEST(DeviceCrash, CaptureDraft) { Expect(CaptureDraft(), 40); }
TEST(DeviceCrash, Edit) { Expect(EditReport(), 40); }
TEST(DeviceCrash, Void) { Expect(VoidReport(), 40); }
TEST(DeviceCrash, PushBatch) { Expect(PushBatch(), 60); }
TEST(DeviceCrash, PullBatch) { Expect(PullBatch(), 60); }
TEST(DeviceCrash, SyncAfterRestore) { Expect(SyncAfterRestore(), 60); }

TEST(DeviceCrash, SyncAsCopy) { Expect(SyncAsCopy(), 60); }

TEST(DeviceCrash, MigrationFromEachEarlierVersion) {
  ASSERT_GE(PhoneVersions(), 3u);
  for (size_t version = 1; version < PhoneVersions(); ++version) {
    Expect(MigratePhone(version), 35);
  }
}

}  // namespace
}  // namespace baraza::crash
