#ifndef BARAZA_TESTS_UNIT_CLIENT_LIB_TESTING_FAKE_SERVER_H_
#define BARAZA_TESTS_UNIT_CLIENT_LIB_TESTING_FAKE_SERVER_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "baraza/v1/sync_service.pb.h"
#include "client_lib/sync/transport.h"
#include "core/base/mutex.h"

namespace baraza::client {

// The server's side of the sync contract in memory, with the faults that a network and an operator
// can bring. Everybody is one team. Safe from any thread.
class FakeServer {
 public:
  // What a backup holds.
  struct Data {
    std::map<std::string, v1::WireOperation> operations;
    std::map<std::string, v1::OperationResult> results;
    // Device id -> device_seq -> op id.
    std::map<std::string, std::map<uint64_t, std::string>> sequences;
    // Object -> position and item.
    std::map<std::string, v1::FeedItem> feed;
    int64_t position = 0;
    uint64_t lamport = 0;
  };

  absl::StatusOr<v1::SyncResponse> Handle(const v1::SyncRequest& request);

  // --- What it holds -----------------------------------------------------------------------------
  Data Backup();
  // A restored server has another epoch.
  void Restore(Data data, const std::string& epoch);
  size_t OperationCount();
  bool Holds(const std::string& op_id);
  // Every byte it ever was sent.
  std::string Received();
  std::vector<v1::SyncRequest> Requests();

  // --- What it sends -----------------------------------------------------------------------------
  void Publish(const std::string& object, const v1::FeedPayload& payload);
  void Remove(const std::string& object);

  // --- How it behaves ----------------------------------------------------------------------------
  void SetEpoch(const std::string& epoch);
  // A changed scope makes the feed start anew.
  void SetScope(const std::string& scope);
  void SetMembership(const v1::Membership& membership);
  void SetDirective(v1::DeviceDirective directive);
  void SetRetryAfterMs(uint32_t retry_after_ms);
  // Items in one response.
  void SetFeedPage(size_t items);
  // Rejects operations for which it gives a reason.
  void SetJudge(std::function<std::optional<v1::RejectionReason>(const v1::Header&)> judge);
  // The next calls fail so, before anything is taken.
  void FailNext(int calls, absl::Status status);
  // The next answers are lost after everything was taken.
  void LoseNextResponses(int responses);
  // Requests with more than so many bytes of operations time out; 0: none do.
  void SetTimeoutAbove(size_t bytes);
  // Changes each answer before it goes out.
  void SetMangle(std::function<void(v1::SyncResponse&)> mangle);

 private:
  v1::SyncResponse Answer(const v1::SyncRequest& request) BARAZA_REQUIRES(mutex_);
  void Take(const v1::WireOperation& wire, const std::string& device_id, v1::SyncResponse& response)
      BARAZA_REQUIRES(mutex_);
  void AddFeed(const v1::SyncRequest& request, v1::SyncResponse& response) BARAZA_REQUIRES(mutex_);

  Mutex mutex_;
  Data data_ BARAZA_GUARDED_BY(mutex_);
  std::string epoch_ BARAZA_GUARDED_BY(mutex_) = "epoch-1";
  std::string scope_ BARAZA_GUARDED_BY(mutex_) = "scope-1";
  std::optional<v1::Membership> membership_ BARAZA_GUARDED_BY(mutex_);
  v1::DeviceDirective directive_ BARAZA_GUARDED_BY(mutex_) = v1::DEVICE_DIRECTIVE_UNSPECIFIED;
  uint32_t retry_after_ms_ BARAZA_GUARDED_BY(mutex_) = 0;
  size_t feed_page_ BARAZA_GUARDED_BY(mutex_) = 1000;
  std::function<std::optional<v1::RejectionReason>(const v1::Header&)> judge_
      BARAZA_GUARDED_BY(mutex_);
  std::deque<absl::Status> failures_ BARAZA_GUARDED_BY(mutex_);
  int lose_ BARAZA_GUARDED_BY(mutex_) = 0;
  size_t timeout_above_ BARAZA_GUARDED_BY(mutex_) = 0;
  std::function<void(v1::SyncResponse&)> mangle_ BARAZA_GUARDED_BY(mutex_);
  std::string received_ BARAZA_GUARDED_BY(mutex_);
  std::vector<v1::SyncRequest> requests_ BARAZA_GUARDED_BY(mutex_);
};

// A direct line to the fake, which can also be down, or hang until its deadline or Cancel.
class FakeTransport final : public SyncTransport {
 public:
  explicit FakeTransport(FakeServer& server) : server_(server) {}

  absl::StatusOr<v1::SyncResponse> Sync(const v1::SyncRequest& request,
                                        absl::Duration deadline) override;
  void Cancel() override;

  void SetDown(bool down);
  void SetHang(bool hang);
  // Blocks until a call hangs.
  void AwaitHanging();

 private:
  FakeServer& server_;
  Mutex mutex_;
  CondVar changed_;
  bool down_ BARAZA_GUARDED_BY(mutex_) = false;
  bool hang_ BARAZA_GUARDED_BY(mutex_) = false;
  int hanging_ BARAZA_GUARDED_BY(mutex_) = 0;
  uint64_t cancels_ BARAZA_GUARDED_BY(mutex_) = 0;
};

}  // namespace baraza::client

#endif  // BARAZA_TESTS_UNIT_CLIENT_LIB_TESTING_FAKE_SERVER_H_
