#ifndef BARAZA_TESTS_UNIT_SYNC_SERVER_TESTING_PROGRAMME_FIXTURE_H_
#define BARAZA_TESTS_UNIT_SYNC_SERVER_TESTING_PROGRAMME_FIXTURE_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "baraza/v1/operation.pb.h"
#include "baraza/v1/record.pb.h"
#include "baraza/v1/sync_service.pb.h"
#include "core/base/clock.h"
#include "core/base/random.h"
#include "google/protobuf/message.h"
#include "sync_server/ingest/caller.h"
#include "sync_server/ingest/desk.h"
#include "sync_server/ingest/group_commit.h"
#include "sync_server/ingest/sync_handler.h"
#include "sync_server/store/programme_store.h"

namespace baraza::server::testing {

// The n-th id of a prefix: well-formed and the same in every run.
std::string TestId(absl::string_view prefix, uint64_t n);

std::string ProgrammeId();

// A person of a team, with the audiences that this gives.
Caller MemberOf(uint64_t person, uint64_t team, v1::Role role = v1::ROLE_COLLECTOR);

// A person of the office with the whole programme as scope.
Caller OfficeMember(uint64_t person, v1::Role role = v1::ROLE_ME_OFFICER);

// A device with its operations, as a client would have it. Deterministic.
class TestDevice {
 public:
  // `number` makes its id, and those of its operations, its own.
  TestDevice(uint64_t number, Caller owner);

  // Appends operations to the device's log and returns their record.
  std::string Capture(const google::protobuf::Message& record);
  void Edit(const std::string& record_id, const google::protobuf::Message& before,
            const google::protobuf::Message& after, std::vector<std::string> parents);
  // As it stands, with the next sequence number.
  void AppendWire(v1::WireOperation wire);

  // A request with the operations of sequence number > `after`.
  v1::SyncRequest Request(uint64_t after = 0) const;

  // Takes note of what an exchange said.
  void Learn(const v1::SyncResponse& response);

  // As a database that was copied and noticed it: other id, same operations numbered anew.
  void TakeNewDeviceId(uint64_t number);

  std::vector<v1::WireOperation>& operations() { return operations_; }
  const std::string& device_id() const { return device_id_; }
  const Caller& owner() const { return owner_; }
  void set_owner(Caller owner) { owner_ = std::move(owner); }
  uint64_t lamport() const { return lamport_; }
  // By object, as the feed told; what a device keeps.
  const std::map<std::string, std::string>& feed() const { return feed_; }
  const v1::Cursor& cursor() const { return cursor_; }
  std::string NextOpId(absl::string_view prefix);

 private:
  uint64_t number_;
  std::string device_id_;
  std::string incarnation_;
  Caller owner_;
  uint64_t lamport_ = 0;
  uint64_t minted_ = 0;
  std::vector<v1::WireOperation> operations_;
  v1::Cursor cursor_;
  std::map<std::string, std::string> feed_;
};

// A report with the values that the tests look at; `n` makes it its own.
v1::SessionReport Report(uint64_t n);

// One programme on disk with its handler and desk, pumped by hand.
class ProgrammeServer {
 public:
  explicit ProgrammeServer(std::string path, uint64_t seed = 1);

  // Closes the file and opens it again, as a restarted process would.
  void Restart();
  void Close();

  void Pump();
  absl::StatusOr<v1::SyncResponse> Handle(const v1::SyncRequest& request, const Caller& caller);
  // The whole log of the device in one request; fails the test unless it is answered.
  v1::SyncResponse Push(TestDevice& device, uint64_t after = 0);
  // Requests until the feed has come to its end.
  void Pull(TestDevice& device);

  absl::StatusOr<Desk::Outcome> Append(const Caller& caller, v1::RecordType type,
                                       absl::string_view record_id,
                                       const google::protobuf::Message* before,
                                       const google::protobuf::Message& after,
                                       absl::string_view request_id = "",
                                       absl::string_view etag = "");
  absl::StatusOr<Desk::Outcome> Redact(const Caller& caller, absl::string_view record_id,
                                       const std::vector<v1::Redaction>& redactions);

  // Runs one write.
  absl::Status Write(const std::function<absl::Status(StoreWriter&)>& work);

  // "op id hash" of the log, ascending; and every record merged, in bytes, ascending by id.
  std::vector<std::string> AcceptedSet();
  std::map<std::string, std::string> MergedStates();

  ProgrammeStore& store() { return *store_; }
  GroupCommit& commit() { return *commit_; }
  SyncHandler& handler() { return *handler_; }
  Desk& desk() { return *desk_; }
  FakeClock& clock() { return clock_; }
  Random& random() { return random_; }
  const std::string& path() const { return path_; }

 private:
  void OpenStore();

  const std::string path_;
  FakeClock clock_;
  SeededRandom random_;
  std::unique_ptr<ProgrammeStore> store_;
  std::unique_ptr<GroupCommit> commit_;
  std::unique_ptr<SyncHandler> handler_;
  std::unique_ptr<Desk> desk_;
};

}  // namespace baraza::server::testing

#endif  // BARAZA_TESTS_UNIT_SYNC_SERVER_TESTING_PROGRAMME_FIXTURE_H_
