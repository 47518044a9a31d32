// SQLite runs out of memory at every of its allocations, in the same operations that crash at every
// I/O call.

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <cstdint>
#include <iostream>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/crash/device_operations.h"
#include "tests/crash/every_io.h"
#include "tests/crash/server_operations.h"
#include "tests/testing/effort.h"

namespace baraza::crash {
namespace {

using sim::SimDisk;

// There are thousands: each plan tries every so-manieth, other plans other ones; scripts/nightly
// tries all of them.
constexpr int kStride = 17;
constexpr int64_t kMost = 100'000;

// --- SQLite's allocator, with faults -------------------------------------------------------------

sqlite3_mem_methods real;
// Allocations until one fails; negative: none does.
int64_t left = -1;
// How many fail from then on.
int64_t failing = 0;
int64_t failed = 0;
int64_t asked = 0;

bool Fails() {
  ++asked;
  if (left < 0) return false;
  if (left > 0) {
    --left;
    return false;
  }
  if (--failing <= 0) left = -1;
  ++failed;
  return true;
}

void* Allocate(int bytes) { return Fails() ? nullptr : real.xMalloc(bytes); }
void* Reallocate(void* old, int bytes) { return Fails() ? nullptr : real.xRealloc(old, bytes); }

void FailAt(int64_t n, int64_t count) {
  left = n;
  failing = count;
  failed = 0;
}
void Heal() { left = -1; }

// Before main: sqlite3_config works before the first use only.
const bool installed = [] {
  if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real) != SQLITE_OK) return false;
  sqlite3_mem_methods ours = real;
  ours.xMalloc = Allocate;
  ours.xRealloc = Reallocate;
  return sqlite3_config(SQLITE_CONFIG_MALLOC, &ours) == SQLITE_OK;
}();

// --- The test ------------------------------------------------------------------------------------

struct Plan {
  const char* name;
  int64_t count;
};
constexpr Plan kPlans[] = {{"one", 1}, {"twenty", 20}, {"all", kMost}};

void RunOutEverywhere(const Operation& operation) {
  ASSERT_TRUE(installed);
  const Outcomes outcomes(operation);
  ASSERT_FALSE(::testing::Test::HasFailure());
  int64_t injections = 0;
  int64_t told = 0;
  int64_t allocations = 0;
  int64_t first = 0;
  const int64_t stride = test::CrashStride(kStride);
  for (const Plan& plan : kPlans) {
    bool triggered = true;
    for (int64_t n = first++; triggered && n < kMost; n += stride) {
      SCOPED_TRACE(absl::StrCat(operation.name, ": ", plan.name, " from allocation ", n));
      SimDisk::SeedSqlite(1);
      SimDisk disk(static_cast<uint64_t>(n), operation.before);
      const std::unique_ptr<Process> process = operation.start(disk);
      const int64_t asked_before = asked;
      FailAt(n, plan.count);
      const absl::Status done = process->Do();
      Heal();
      triggered = failed > 0;
      if (triggered) {
        ++injections;
      } else {
        allocations = asked - asked_before;
        EXPECT_TRUE(done.ok()) << done;
      }
      const std::string told_of = done.ok() ? process->Told() : "";
      const int left_as = outcomes.Check(operation, disk, told_of);
      if (done.ok()) {
        EXPECT_EQ(left_as, outcomes.last()) << "it said OK";
      } else {
        ++told;
        EXPECT_EQ(done.code(), absl::StatusCode::kResourceExhausted) << done;
        const absl::Status redone = process->Do();
        EXPECT_TRUE(redone.ok()) << "the same process, with memory: " << redone << "\nafter "
                                 << done;
      }
      process->End();
      EXPECT_EQ(outcomes.Check(operation, disk), outcomes.last()) << "in the end; first " << done;
      if (::testing::Test::HasFailure()) return;
    }
    EXPECT_FALSE(triggered) << "endless";
  }
  std::cout << operation.name << ": " << allocations << " allocations, " << injections
            << " times out of memory, " << told << " answered with an error\n";
  EXPECT_GT(allocations, 500);
  EXPECT_GT(injections, allocations / stride);
  EXPECT_GT(told, injections / 4);
}

TEST(AllocationDevice, OpenFresh) { RunOutEverywhere(OpenFreshPhone()); }
TEST(AllocationDevice, OpenAfterCrash) { RunOutEverywhere(OpenCrashedPhone()); }
TEST(AllocationDevice, Bind) { RunOutEverywhere(BindPhone()); }
TEST(AllocationDevice, Capture) { RunOutEverywhere(CaptureReport()); }
TEST(AllocationDevice, SaveDraft) { RunOutEverywhere(SaveDraft()); }
TEST(AllocationDevice, CaptureDraft) { RunOutEverywhere(CaptureDraft()); }
TEST(AllocationDevice, Edit) { RunOutEverywhere(EditReport()); }
TEST(AllocationDevice, Void) { RunOutEverywhere(VoidReport()); }
TEST(AllocationDevice, PushBatch) { RunOutEverywhere(PushBatch()); }
TEST(AllocationDevice, PullBatch) { RunOutEverywhere(PullBatch()); }
TEST(AllocationDevice, SyncAfterRestore) { RunOutEverywhere(SyncAfterRestore()); }
TEST(AllocationDevice, SyncAsCopy) { RunOutEverywhere(SyncAsCopy()); }
TEST(AllocationDevice, Migration) { RunOutEverywhere(MigratePhone(1)); }

TEST(AllocationServer, OpenFresh) { RunOutEverywhere(OpenFreshServer()); }
TEST(AllocationServer, OpenAfterCrash) { RunOutEverywhere(OpenCrashedServer()); }
TEST(AllocationServer, TakePush) { RunOutEverywhere(TakePush()); }
TEST(AllocationServer, CommitGroup) { RunOutEverywhere(CommitGroup()); }
TEST(AllocationServer, AppendAtDesk) { RunOutEverywhere(AppendAtDesk()); }
TEST(AllocationServer, RedactAtDesk) { RunOutEverywhere(RedactAtDesk()); }
TEST(AllocationServer, Consolidate) { RunOutEverywhere(Consolidate()); }
TEST(AllocationServer, RebuildProjection) { RunOutEverywhere(RebuildProjection()); }
TEST(AllocationServer, CountOpening) { RunOutEverywhere(CountOpening()); }
TEST(AllocationServer, OpenFreshRegistry) { RunOutEverywhere(OpenFreshRegistry()); }
TEST(AllocationServer, AddPerson) { RunOutEverywhere(AddPerson()); }
TEST(AllocationServer, RedeemCode) { RunOutEverywhere(RedeemCode()); }
TEST(AllocationServer, RevokeCredential) { RunOutEverywhere(RevokeCredential()); }

}  // namespace
}  // namespace baraza::crash
