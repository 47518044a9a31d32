#ifndef BARAZA_SYNC_SERVER_COMMANDS_OFFLINE_H_
#define BARAZA_SYNC_SERVER_COMMANDS_OFFLINE_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "core/base/clock.h"
#include "core/base/random.h"
#include "sync_server/consolidation/projection.h"
#include "sync_server/ingest/desk.h"
#include "sync_server/ingest/group_commit.h"
#include "sync_server/store/programme_store.h"
#include "sync_server/store/registry_store.h"

namespace baraza::server {

// A programme that is worked on while no server runs: the same store, group commit, desk and
// projection, pumped by the one thread that calls. Whoever makes one holds the DataDirLock.
class OfflineProgramme {
 public:
  static absl::StatusOr<std::unique_ptr<OfflineProgramme>> Open(const std::string& path,
                                                                const std::string& programme_id,
                                                                bool create, Clock& clock,
                                                                Random& random);
  OfflineProgramme(const OfflineProgramme&) = delete;
  OfflineProgramme& operator=(const OfflineProgramme&) = delete;

  ProgrammeStore& store() { return *store_; }

  // Creates a record as the operator of the machine; `record_id` may be empty.
  absl::StatusOr<v1::RecordState> Create(const ProgrammeEntry& programme, v1::RecordType type,
                                         const std::string& record_id,
                                         const google::protobuf::Message& record);

  // Brings the projection up to the log's end, from scratch when `rebuild` or when the stored one
  // was made by other rules. `progress` (may be empty) is given watermark and log end.
  absl::Status Project(bool rebuild, const std::function<void(int64_t, int64_t)>& progress);

 private:
  OfflineProgramme(std::unique_ptr<ProgrammeStore> store, Clock& clock, Random& random)
      : store_(std::move(store)), commit_(*store_), desk_(*store_, commit_, clock, random) {}

  const std::unique_ptr<ProgrammeStore> store_;
  GroupCommit commit_;
  Desk desk_;
};

}  // namespace baraza::server

#endif  // BARAZA_SYNC_SERVER_COMMANDS_OFFLINE_H_
