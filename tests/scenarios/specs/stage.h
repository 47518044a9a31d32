#ifndef BARAZA_TESTS_SCENARIOS_SPECS_STAGE_H_
#define BARAZA_TESTS_SCENARIOS_SPECS_STAGE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "baraza/v1/enrolment_service.pb.h"
#include "client_lib/store/device_store.h"
#include "client_lib/sync/transport.h"
#include "core/base/clock.h"
#include "core/base/random.h"

namespace baraza::specs {

// What a spec is played on: a server with a programme of two teams ("A", "B"), one issue and
// an indicator by quarters, the line to it, and where phones keep their files. The phones
// themselves are real clients on every stage. One thread.
class Stage {
 public:
  virtual ~Stage() = default;

  // --- Where phones keep their files ---
  virtual std::string PhoneFile(const std::string& phone) = 0;
  // The SQLite VFS of that file; empty: the machine's.
  virtual std::string PhoneVfs(const std::string& phone) = 0;
  // A copy of a phone's file for another phone. Nobody has either open.
  virtual void CopyPhone(const std::string& from, const std::string& to) = 0;
  virtual Clock& clock() = 0;
  virtual Random& random() = 0;

  // --- The line ---
  virtual absl::StatusOr<std::unique_ptr<client::SyncTransport>> Dial(
      const client::Connection& connection) = 0;
  // Where Bind is told that the server is.
  virtual std::string address() = 0;
  // A message of the next exchange over `line` gets lost. What the device hears of it: never OK.
  enum class Loss { kRequest, kAnswer };
  virtual absl::Status Lose(Loss loss, client::SyncTransport& line, const v1::SyncRequest& request,
                            absl::Duration deadline);

  // --- The office ---
  // Enrols a device as person `number` of a team: 0 is its collector, 1 its lead.
  virtual absl::StatusOr<v1::EnrolResponse> Enrol(const std::string& team, int number,
                                                  const std::string& device_id) = 0;
  virtual absl::Status SetCredential(const std::string& credential_id,
                                     v1::CredentialState state) = 0;
  virtual std::vector<std::string> team_ids() = 0;
  virtual std::string issue_id() = 0;

  // --- The server's machine ---
  virtual absl::Status RestartServer() = 0;
  virtual absl::Status BackUp() = 0;
  // Back to the last backup.
  virtual absl::Status Restore() = 0;

  // --- What there is on the server, once everything is consolidated ---
  struct View {
    int64_t operations = 0;  // On session reports, in the log.
    int64_t quarantine = 0;
    uint32_t figure = 0;  // 2026-Q3
  };
  virtual absl::StatusOr<View> Look() = 0;
  // The id of the session that holds a report; NOT_FOUND: none does.
  virtual absl::StatusOr<std::string> SessionOf(const std::string& report_id) = 0;
};

// Server and line in this thread, everything on simulated disks.
std::unique_ptr<Stage> MakeDirectStage(const std::string& directory);

// The server with its threads and gRPC on loopback, everything on files under `directory`.
std::unique_ptr<Stage> MakeGrpcStage(const std::string& directory);

// The program baraza-server as a process, killed where it restarts, backed up and restored by its
// own commands; phones in this process, over gRPC and a line that resets connections.
std::unique_ptr<Stage> MakeProcessStage(const std::string& directory);

}  // namespace baraza::specs

#endif  // BARAZA_TESTS_SCENARIOS_SPECS_STAGE_H_
