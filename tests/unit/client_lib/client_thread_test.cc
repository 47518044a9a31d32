// Capture, edit, list and sync from several threads at once.

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "tests/unit/client_lib/testing/device.h"

namespace baraza::client {
namespace {

class CountingObserver final : public ClientObserver {
 public:
  void OnStatusChanged(const v1::ClientStatus&) override { ++statuses; }
  void OnRecordsChanged(absl::Span<const std::string> ids) override {
    records += static_cast<int>(ids.size());
  }
  std::atomic<int> statuses{0};
  std::atomic<int> records{0};
};

TEST(ClientThreadTest, CaptureGoesOnWhileSyncRuns) {
  FakeServer server;
  Sample sample;
  Phone phone(server);
  phone.Enrol(sample);
  const auto observer = std::make_shared<CountingObserver>();
  phone.client->AddObserver(observer);

  constexpr int kThreads = 3;
  constexpr int kReports = 25;
  std::atomic<int> running{kThreads};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kReports; ++i) {
        const auto captured = phone.client->Capture(Sample::Report("Forum", 1 + i));
        EXPECT_OK(captured);
        if (!captured.ok()) continue;
        v1::Record after = captured->record();
        after.mutable_session_report()->mutable_venue()->set_locality("Town " + std::to_string(t));
        EXPECT_OK(phone.client->Edit(captured->state().record_id(), after));
        v1::ListRequest list;
        list.set_type(v1::RECORD_TYPE_SESSION_REPORT);
        EXPECT_OK(phone.client->List(list));
        EXPECT_OK(phone.client->Status());
      }
      --running;
    });
  }
  threads.emplace_back([&] {
    while (running > 0) {
      const auto summary = phone.client->Sync();
      EXPECT_TRUE(summary.ok() || absl::IsCancelled(summary.status())) << summary.status();
    }
  });
  threads.emplace_back([&] {
    for (int i = 0; i < 20; ++i) {
      phone.client->CancelSync();
      phone.client->DeviceId();
      phone.client->GetConnection();
    }
  });
  for (std::thread& thread : threads) thread.join();

  const auto last = phone.client->Sync();
  ASSERT_OK(last);
  EXPECT_EQ(server.OperationCount(), 2u * kThreads * kReports);
  EXPECT_EQ(phone.Status().outbox(), 0u);
  EXPECT_EQ(phone.Ids(v1::RECORD_TYPE_SESSION_REPORT).size(), size_t{kThreads * kReports});
  EXPECT_GT(observer->statuses, 0);
  EXPECT_GE(observer->records, 2 * kThreads * kReports);
  // device_seq has no gaps, whichever thread came first.
  uint64_t expected = 1;
  for (const v1::SyncRequest& request : server.Requests()) {
    for (const v1::WireOperation& wire : request.operations()) {
      EXPECT_EQ(wire.device_seq(), expected);
      ++expected;
    }
  }
}

}  // namespace
}  // namespace baraza::client
