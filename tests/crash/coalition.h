#ifndef BARAZA_TESTS_CRASH_COALITION_H_
#define BARAZA_TESTS_CRASH_COALITION_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "baraza/v1/enrolment_service.pb.h"
#include "baraza/v1/record.pb.h"
#include "baraza/v1/sync_service.pb.h"
#include "core/base/clock.h"
#include "core/base/random.h"
#include "sync_server/consolidation/projection.h"
#include "sync_server/ingest/caller.h"
#include "sync_server/ingest/desk.h"
#include "sync_server/ingest/group_commit.h"
#include "sync_server/ingest/sync_handler.h"
#include "sync_server/store/programme_store.h"
#include "tests/simulation/disk/sim_disk.h"

namespace baraza::crash {

inline constexpr char kServerPath[] = "/w/server.db";
inline constexpr char kPhonePath[] = "/w/amina.db";

// The time of everything: where a clock is asked does not matter here.
absl::Time Today();

// A small coalition's disks, made once by the real parts: a server that two phones have synced
// with, and moments of it to begin from. The processes were killed while they had the files open.
struct Coalition {
  std::string programme_id;
  server::Caller amina;
  server::Caller office;
  v1::EnrolResponse enrolment;  // Amina's.
  // Of Amina's phone: a report that the server has, and one that it has not.
  std::string old_report;
  std::string new_report;
  std::string draft;
  // The record of another that Amina could capture, and how `old_report` could be changed.
  v1::Record report;
  v1::Record changed_report;

  // Amina has two reports, a change and a draft that the server has not; it has nothing for her.
  sim::SimDisk::Image to_push;
  // Everything of hers is on the server, which has others' reports and sessions for her.
  sim::SimDisk::Image to_pull;
  // As `to_pull`, and the log holds reports that the projection has not taken in.
  sim::SimDisk::Image to_project;
  // Amina's request with all that she has to push, and one more operation that is damaged.
  v1::SyncRequest push;
};
const Coalition& TheCoalition();

// The parts of a server on a disk, without threads.
class Server {
 public:
  // Makes the file if there is none.
  explicit Server(const sim::SimDisk& disk, std::string path = kServerPath);
  ~Server();

  // Opens what is not open.
  absl::Status Open();
  void Close();
  absl::StatusOr<v1::SyncResponse> Handle(const v1::SyncRequest& request,
                                          const server::Caller& caller);
  // Commits what is queued.
  void Flush();
  // Loads the projection if that was not done, rebuilds it if that is due, and brings it to the
  // log's end.
  absl::Status Project();
  // Loads the projection and, if a rebuild is due, empties what is stored.
  absl::Status BeginRebuild();

  server::ProgrammeStore& store() { return *store_; }
  server::GroupCommit& commit() { return *commit_; }
  server::Desk& desk() { return *desk_; }

 private:
  const std::string vfs_;
  const std::string path_;
  FakeClock clock_;
  SeededRandom random_;
  std::unique_ptr<server::ProgrammeStore> store_;
  std::unique_ptr<server::GroupCommit> commit_;
  std::unique_ptr<server::SyncHandler> handler_;
  std::unique_ptr<server::Desk> desk_;
  std::unique_ptr<server::Projection> projection_;
  bool rebuild_ = false;
};

}  // namespace baraza::crash

#endif  // BARAZA_TESTS_CRASH_COALITION_H_
