#include <gtest/gtest.h>

#include "tests/crash/every_io.h"
#include "tests/crash/server_operations.h"

namespace baraza::crash {
namespace {

// A server's operations read much: each call meets a third of the faults.
constexpr int64_t kStride = 3;

// `least`: calls below which the operation cannot have done what it says.
void Expect(const Operation& operation, int64_t least) {
  const Injections figures = CrashEverywhere(operation, kStride);
  EXPECT_GE(figures.calls, least);
  EXPECT_GE(figures.injections, 10 * least / kStride);
  EXPECT_GT(figures.told, figures.injections / 4);
  if (operation.invisible) return;
  EXPECT_GT(figures.left.front(), least / kStride);
  EXPECT_GT(figures.left.back(), 0);
}

TEST(ServerCrash, OpenFresh) { Expect(OpenFreshServer(), 60); }
TEST(ServerCrash, OpenAfterCrash) { Expect(OpenCrashedServer(), 30); }
TEST(ServerCrash, TakePush) { Expect(TakePush(), 60); }
TEST(ServerCrash, CommitGroup) { Expect(CommitGroup(), 60); }
TEST(ServerCrash, AppendAtDesk) { Expect(AppendAtDesk(), 60); }
TEST(ServerCrash, RedactAtDesk) { Expect(RedactAtDesk(), 60); }
TEST(ServerCrash, Consolidate) { Expect(Consolidate(), 60); }
TEST(ServerCrash, RebuildProjection) { Expect(RebuildProjection(), 60); }
TEST(ServerCrash, CountOpening) { Expect(CountOpening(), 30); }
TEST(ServerCrash, OpenFreshRegistry) { Expect(OpenFreshRegistry(), 60); }
TEST(ServerCrash, AddPerson) { Expect(AddPerson(), 40); }
TEST(ServerCrash, RedeemCode) { Expect(RedeemCode(), 40); }
TEST(ServerCrash, RevokeCredential) { Expect(RevokeCredential(), 40); }

}  // namespace
}  // namespace baraza::crash
