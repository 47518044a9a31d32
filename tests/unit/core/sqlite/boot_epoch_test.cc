#include "core/sqlite/boot_epoch.h"

#include <gtest/gtest.h>

#include "core/sqlite/database.h"
#include "core/sqlite/transaction.h"
#include "tests/testing/fault_vfs.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace baraza {
namespace {

using ::baraza::test::FaultVfs;
using ::baraza::test::IsOkAndHolds;
using ::baraza::test::StatusIs;
using ::baraza::test::TempDir;

TEST(BootEpoch, CountsTheOpenings) {
  TempDir dir;
  for (int64_t expected = 1; expected <= 3; ++expected) {
    ASSERT_OK_AND_ASSIGN(auto db, Database::Open(dir.File("t.db")));
    EXPECT_THAT(BootEpoch(*db), IsOkAndHolds(expected));
  }
}

TEST(BootEpoch, IsSyncedBeforeItReturns) {
  TempDir dir;
  FaultVfs vfs;
  DatabaseOptions options;
  options.vfs = vfs.name();
  ASSERT_OK_AND_ASSIGN(auto db, Database::Open(dir.File("t.db"), options));
  ASSERT_THAT(BootEpoch(*db), IsOkAndHolds(1));
  const int64_t before = vfs.syncs();
  ASSERT_THAT(BootEpoch(*db), IsOkAndHolds(2));
  EXPECT_GT(vfs.syncs(), before);
  vfs.FailAfter(0, FaultVfs::Fault::kSyncError);
  EXPECT_THAT(BootEpoch(*db), StatusIs(absl::StatusCode::kInternal));
}

TEST(BootEpoch, FailsInAnOpenTransaction) {
  ASSERT_OK_AND_ASSIGN(auto db, Database::Open(":memory:"));
  ASSERT_OK_AND_ASSIGN(Transaction transaction, Transaction::Begin(*db));
  EXPECT_THAT(BootEpoch(*db), StatusIs(absl::StatusCode::kFailedPrecondition));
}

}  // namespace
}  // namespace baraza
