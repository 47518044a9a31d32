#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/base/mutex.h"
#include "tests/testing/temp_dir.h"
#include "tests/unit/sync_server/testing/programme_fixture.h"

namespace baraza::server {
namespace {

using testing::MemberOf;
using testing::ProgrammeServer;
using testing::Report;
using testing::TestDevice;

// A thread that flushes as long as there is something, as the server's pump does.
class Pump {
 public:
  explicit Pump(GroupCommit& commit) : commit_(commit) {
    commit_.SetWakeUp([this] {
      MutexLock lock(mutex_);
      woken_ = true;
      wake_.NotifyOne();
    });
    thread_ = std::thread([this] { Run(); });
  }
  ~Pump() {
    {
      MutexLock lock(mutex_);
      stop_ = true;
      wake_.NotifyOne();
    }
    thread_.join();
  }

 private:
  void Run() {
    while (true) {
      {
        MutexLock lock(mutex_);
        while (!woken_ && !stop_) wake_.Wait(mutex_);
        if (stop_ && !woken_) return;
        woken_ = false;
      }
      while (commit_.Flush() > 0) {
      }
    }
  }

  GroupCommit& commit_;
  Mutex mutex_;
  CondVar wake_;
  bool woken_ BARAZA_GUARDED_BY(mutex_) = false;
  bool stop_ BARAZA_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

TEST(GroupCommitThreadTest, EveryWorkIsRunAndAnsweredOnce) {
  constexpr int kThreads = 4;
  constexpr int kWorks = 100;
  test::TempDir folder;
  ProgrammeServer server(folder.File("programme.db"));
  std::atomic<int> answered{0};
  std::atomic<int> committed{0};
  {
    Pump pump(server.commit());
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < kWorks; ++i) {
          server.commit().Submit(
              [t, i](StoreWriter& writer) -> absl::Status {
                if (i % 10 == 9) return absl::AbortedError("on purpose");
                return writer.PutFeed("p", absl::StrCat("state:", t, ".", i), kNoDay, "x");
              },
              [&](const absl::Status& status) {
                ++answered;
                if (status.ok()) ++committed;
              },
              10);
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  EXPECT_EQ(answered, kThreads * kWorks);
  EXPECT_EQ(committed, kThreads * kWorks * 9 / 10);
  const FeedPage page =
      server.store()
          .ReadFeed({.audiences = {"p"}, .max_bytes = size_t{1} << 30, .max_rows = 100'000})
          .value();
  EXPECT_EQ(page.rows.size(), static_cast<size_t>(committed));
  EXPECT_EQ(page.next_position, committed);
}

TEST(SyncThreadTest, DevicesPushWhileOthersReadAndABackupRuns) {
  constexpr int kDevices = 4;
  constexpr int kReports = 30;
  test::TempDir folder;
  ProgrammeServer server(folder.File("programme.db"));
  std::atomic<bool> stop{false};
  {
    Pump pump(server.commit());
    std::vector<std::thread> threads;
    std::thread reader([&] {
      int64_t last = 0;
      while (!stop) {
        const auto log = server.store().ReadLog(last, 100);
        ASSERT_TRUE(log.ok());
        // Commit order is visible order: nothing turns up behind what was read.
        for (const LogEntry& entry : *log) {
          ASSERT_EQ(entry.position, last + 1);
          last = entry.position;
        }
        ASSERT_TRUE(server.store().ListDevices().ok());
      }
    });
    std::thread backup([&] { ASSERT_TRUE(server.store().BackupTo(folder.File("copy.db")).ok()); });
    for (int d = 1; d <= kDevices; ++d) {
      threads.emplace_back([&, d] {
        TestDevice device(d, MemberOf(d, d % 2));
        for (int i = 0; i < kReports; ++i) device.Capture(Report(i));
        for (uint64_t from = 0; from < kReports; from += 5) {
          // Two at a time, as when a response was slow: one of them finds its results stored.
          std::atomic<int> answers{0};
          for (int twice = 0; twice < 2; ++twice) {
            v1::SyncRequest request = device.Request(from);
            request.mutable_operations()->DeleteSubrange(5, request.operations_size() - 5);
            server.handler().Handle(request, device.owner(),
                                    [&](const absl::StatusOr<v1::SyncResponse>& response) {
                                      ASSERT_TRUE(response.ok()) << response.status();
                                      ASSERT_EQ(response->results_size(), 5);
                                      ++answers;
                                    });
          }
          while (answers < 2) std::this_thread::yield();
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    stop = true;
    reader.join();
    backup.join();
  }
  EXPECT_EQ(server.store().LogPosition().value(), kDevices * kReports);
  EXPECT_EQ(server.AcceptedSet().size(), static_cast<size_t>(kDevices * kReports));
}

}  // namespace
}  // namespace baraza::server
