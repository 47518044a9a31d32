// A disk that fills up, or fails, at every I/O in turn: devices are told, nothing acknowledged is
// lost, and the same process goes on once there is room again.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>

#include "sync_server/ingest/group_commit.h"
#include "sync_server/ingest/sync_handler.h"
#include "sync_server/store/programme_store.h"
#include "tests/testing/fault_vfs.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"
#include "tests/unit/sync_server/testing/programme_fixture.h"

namespace baraza::server {
namespace {

using test::FaultVfs;
using testing::MemberOf;
using testing::Report;
using testing::TestDevice;

constexpr int kReports = 12;
constexpr int kBatch = 4;

class ProgrammeFaultTest : public ::testing::Test {
 protected:
  absl::StatusOr<std::unique_ptr<ProgrammeStore>> Open(const std::string& path,
                                                       const std::string& vfs) {
    ProgrammeStoreOptions options;
    options.vfs = vfs;
    options.create = true;
    options.programme_id = testing::ProgrammeId();
    options.max_read_connections = 1;
    return ProgrammeStore::Open(path, options, clock_, random_);
  }

  absl::StatusOr<v1::SyncResponse> Push(ProgrammeStore& store, const v1::SyncRequest& request,
                                        const Caller& caller) {
    GroupCommit commit(store);
    SyncHandler handler(store, commit, clock_);
    absl::StatusOr<v1::SyncResponse> answer = absl::InternalError("no answer");
    handler.Handle(request, caller, [&answer](absl::StatusOr<v1::SyncResponse> response) {
      answer = std::move(response);
    });
    while (commit.Flush() > 0) {
    }
    return answer;
  }

  FakeClock clock_;
  SeededRandom random_{1};
};

class EveryFaultTest : public ProgrammeFaultTest,
                       public ::testing::WithParamInterface<FaultVfs::Fault> {};

TEST_P(EveryFaultTest, NothingAcknowledgedIsLostAndTheProcessGoesOn) {
  const absl::StatusCode expected = GetParam() == FaultVfs::Fault::kDiskFull
                                        ? absl::StatusCode::kResourceExhausted
                                        : absl::StatusCode::kInternal;
  TestDevice device(1, MemberOf(1, 1));
  for (int i = 0; i < kReports; ++i) device.Capture(Report(i));
  bool triggered = true;
  int refused = 0;
  for (int64_t n = 0; triggered; ++n) {
    SCOPED_TRACE(n);
    ASSERT_LT(n, 1000);
    test::TempDir dir;
    FaultVfs vfs;
    uint64_t acknowledged = 0;
    vfs.FailAfter(n, GetParam());
    absl::StatusOr<std::unique_ptr<ProgrammeStore>> store = Open(dir.File("p.db"), vfs.name());
    if (store.ok()) {
      for (int from = 0; from < kReports; from += kBatch) {
        v1::SyncRequest request = device.Request(from);
        request.mutable_operations()->DeleteSubrange(kBatch, request.operations_size() - kBatch);
        const absl::StatusOr<v1::SyncResponse> response = Push(**store, request, device.owner());
        if (response.ok()) {
          acknowledged = response->acknowledged_device_seq();
          ASSERT_EQ(acknowledged, static_cast<uint64_t>(from + kBatch));
        } else {
          ASSERT_THAT(response, test::StatusIs(expected));
          ++refused;
          // Asking is not answered with what may not be durable.
          const auto pulled = Push(**store, device.Request(kReports), device.owner());
          if (pulled.ok()) {
            ASSERT_LE(pulled->acknowledged_device_seq(), acknowledged);
          }
        }
      }
      triggered = vfs.triggered();
      vfs.Heal();
      const absl::StatusOr<v1::SyncResponse> again =
          Push(**store, device.Request(), device.owner());
      ASSERT_OK(again);
      ASSERT_EQ(again->acknowledged_device_seq(), static_cast<uint64_t>(kReports));
      for (uint64_t i = 0; i < acknowledged; ++i) ASSERT_TRUE(again->results(i).replayed());
      ASSERT_EQ((*store)->LogPosition().value(), kReports);
    } else {
      triggered = vfs.triggered();
      vfs.Heal();
      ASSERT_THAT(store, test::StatusIs(expected));
    }
    store = absl::UnknownError("closed");
    ASSERT_OK_AND_ASSIGN(store, Open(dir.File("p.db"), ""));
    const auto response = Push(**store, device.Request(), device.owner());
    ASSERT_OK(response);
    ASSERT_EQ((*store)->LogPosition().value(), kReports);
  }
  EXPECT_GT(refused, 3);
}

INSTANTIATE_TEST_SUITE_P(Faults, EveryFaultTest,
                         ::testing::Values(FaultVfs::Fault::kDiskFull, FaultVfs::Fault::kWriteError,
                                           FaultVfs::Fault::kSyncError));

// A full disk at start-up: the file opens, can be read, and takes writes when there is room again.
TEST_F(ProgrammeFaultTest, OpensReadOnlyOnAFullDisk) {
  TestDevice device(1, MemberOf(1, 1));
  for (int i = 0; i < kReports; ++i) device.Capture(Report(i));
  test::TempDir dir;
  FaultVfs vfs;
  {
    ASSERT_OK_AND_ASSIGN(auto store, Open(dir.File("p.db"), vfs.name()));
    v1::SyncRequest request = device.Request();
    request.mutable_operations()->DeleteSubrange(kBatch, kReports - kBatch);
    ASSERT_OK(Push(*store, request, device.owner()));
  }
  vfs.FailAfter(0, FaultVfs::Fault::kDiskFull);
  ASSERT_OK_AND_ASSIGN(auto store, Open(dir.File("p.db"), vfs.name()));
  EXPECT_TRUE(store->read_only());
  EXPECT_THAT(store->LogPosition(), test::IsOkAndHolds(kBatch));
  EXPECT_THAT(Push(*store, device.Request(kBatch), device.owner()),
              test::StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(Push(*store, device.Request(kReports), device.owner()),
              test::StatusIs(absl::StatusCode::kResourceExhausted));
  vfs.Heal();
  const auto response = Push(*store, device.Request(), device.owner());
  ASSERT_OK(response);
  EXPECT_FALSE(store->read_only());
  EXPECT_EQ(response->acknowledged_device_seq(), static_cast<uint64_t>(kReports));
  EXPECT_TRUE(response->results(0).replayed());
  EXPECT_FALSE(response->results(kBatch).replayed());
}

}  // namespace
}  // namespace baraza::server
