#ifndef BARAZA_TESTS_SCENARIOS_WORLD_H_
#define BARAZA_TESTS_SCENARIOS_WORLD_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "baraza/v1/record.pb.h"
#include "baraza/v1/sync_service.pb.h"
#include "client_lib/client.h"
#include "core/base/clock.h"
#include "core/base/random.h"
#include "sync_server/consolidation/projection.h"
#include "sync_server/ingest/caller.h"
#include "sync_server/ingest/desk.h"
#include "sync_server/ingest/group_commit.h"
#include "sync_server/ingest/sync_handler.h"
#include "sync_server/store/programme_store.h"

namespace baraza::testing {

class World;

// One phone: a real client on a database file of its own, with its own clock. What lies between it
// and the server is a function call over serialized messages, which can be made to fail.
class Phone : public client::SyncTransport {
 public:
  Phone(World& world, std::string name, std::string path, std::string vfs, server::Caller caller,
        uint64_t seed);

  client::Client& client() { return *client_; }
  server::Caller& caller() { return caller_; }
  FakeClock& clock() { return clock_; }
  const std::string& path() const { return path_; }
  const std::string& team_id() const { return caller_.membership.team_id(); }

  // Ends the program and starts it again on the same file.
  void Restart();
  void Close() { client_.reset(); }
  void Open();
  // Syncs once; fails the test unless it succeeds.
  v1::SyncSummary Sync();

  // The next `n` answers never arrive, though the server acted on the requests.
  void LoseResponses(int n) { lose_responses_ = n; }
  // Every request reaches the server twice; the second answer is the one that arrives.
  void DeliverTwice(bool twice) { deliver_twice_ = twice; }
  // Everything that came down to this phone, serialized.
  const std::string& received() const { return received_; }
  const std::string& sent() const { return sent_; }

  absl::StatusOr<v1::SyncResponse> Sync(const v1::SyncRequest& request,
                                        absl::Duration deadline) override;
  void Cancel() override {}

 private:
  World& world_;
  const std::string name_;
  const std::string path_;
  const std::string vfs_;
  server::Caller caller_;
  FakeClock clock_;
  SeededRandom random_;
  std::unique_ptr<client::Client> client_;
  int lose_responses_ = 0;
  bool deliver_twice_ = false;
  std::string received_;
  std::string sent_;
};

// A server and its phones in one thread: the real stores, handlers, projection and clients, without
// a network. One programme with three organisations, four teams and two issues.
class World {
 public:
  // Files are made in `directory`, which exists and is empty, by the SQLite VFS of that name
  // (empty: the default one; with another there is no ClonePhone and no RestoreFrom).
  explicit World(std::string directory, uint64_t seed = 1, std::string vfs = "");
  ~World();

  // A phone of a person in the team "pwani", "delta", "sahel" or "andes"; several may be made per
  // team. It has synced the register when this returns.
  Phone& AddPhone(const std::string& name, const std::string& team,
                  v1::Role role = v1::ROLE_COLLECTOR);
  // A phone on a copy of the closed or open phone's file.
  Phone& ClonePhone(Phone& original, const std::string& name);
  Phone& phone(const std::string& name) { return *phones_.at(name); }

  const std::string& id(const std::string& key) const { return ids_.at(key); }
  const std::string& programme_id() const { return programme_id_; }
  server::Caller& office() { return office_; }
  server::ProgrammeStore& store() { return *store_; }
  server::Projection& projection() { return *projection_; }
  server::Desk& desk() { return *desk_; }

  // Writes at the desk; fails the test unless it succeeds.
  server::Desk::Outcome Append(v1::RecordType type, const google::protobuf::Message& after,
                               const std::string& record_id = "",
                               const google::protobuf::Message* before = nullptr);
  // The server's answer to one request of this caller.
  absl::StatusOr<v1::SyncResponse> Handle(const v1::SyncRequest& request, server::Caller& caller);
  // Commits what is queued and lets the projection take in a chunk of the log. Whether there is
  // more.
  bool Step();
  // Until there is no more.
  void Settle();
  // Syncs each phone and settles, twice around, so that everybody has what everybody wrote.
  void SyncAll();

  void BackUp(const std::string& path);
  // Stops the server, restores the backup over its file and starts it again.
  void RestoreFrom(const std::string& path);
  void RestartServer();

  // Everything that must not depend on the order of arrival: records, sessions, feed and figures,
  // less log positions, receipt times, watermarks and epochs.
  std::string StateWithoutPositions();
  v1::Figure Figure(const std::string& period = "2026-Q3");

 private:
  friend class Phone;
  void OpenServer();
  void CloseServer();
  void RefreshCaller(server::Caller& caller);

  const std::string directory_;
  const std::string vfs_;
  FakeClock clock_;
  SeededRandom random_;
  std::string programme_id_;
  server::Caller office_;
  std::map<std::string, std::string> ids_;
  std::unique_ptr<server::ProgrammeStore> store_;
  std::unique_ptr<server::GroupCommit> commit_;
  std::unique_ptr<server::SyncHandler> handler_;
  std::unique_ptr<server::Desk> desk_;
  std::unique_ptr<server::Projection> projection_;
  std::map<std::string, std::unique_ptr<Phone>> phones_;
  uint64_t next_seed_;
};

// A report that would count: held, on the programme's issue, with `teams` present, learning on both
// sides.
v1::Record CountingReport(World& world, const std::string& title, const std::string& date,
                          const std::vector<std::string>& teams, bool reporter_present = true);

}  // namespace baraza::testing

#endif  // BARAZA_TESTS_SCENARIOS_WORLD_H_
