#ifndef BARAZA_SYNC_SERVER_COMMANDS_SETUP_H_
#define BARAZA_SYNC_SERVER_COMMANDS_SETUP_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "core/base/clock.h"
#include "core/base/random.h"

namespace baraza::server {

// Making data directories, programmes, certificates and enrolment codes on the machine itself,
// while no server runs on the directory. All fail with FAILED_PRECONDITION when one does. `random`
// must be cryptographic.

// Where a server listens, and devices dial, when nothing else is said.
inline constexpr char kDefaultListen[] = "127.0.0.1:7443";

struct ProgrammeRequest {
  std::string title;
  // BCP 47.
  std::string language = "en";
  // What people call the first administrator.
  std::string administrator;
  // "host:port" for the administrator's device.
  std::string address = kDefaultListen;
};

// What is shown once.
struct ProgrammeMade {
  std::string programme_id;
  std::string person_id;
  std::string code;
  int64_t expires_ms = 0;
};

// The folders and the registry. ALREADY_EXISTS when there is one.
absl::Status InitDataDir(const std::string& data_dir);

// An authority (kept when there is one: devices trust it) and a server certificate for these names
// and this machine's loopback ones.
absl::Status MakeCertificates(const std::string& data_dir, const std::vector<std::string>& names,
                              Random& random);

// A programme with its first administrator, and that person's enrolment code.
absl::StatusOr<ProgrammeMade> CreateProgramme(const std::string& data_dir,
                                              const ProgrammeRequest& request, Clock& clock,
                                              Random& random);

struct CodeOptions {
  // Empty: the only one that there is.
  std::string programme_id;
  std::string person_id;
  // Zero: the default.
  absl::Duration lifetime;
  std::string address = kDefaultListen;
};
// A code for a person whose record stands in the log.
absl::StatusOr<ProgrammeMade> CreateCode(const std::string& data_dir, const CodeOptions& options,
                                         Clock& clock, Random& random);

}  // namespace baraza::server

#endif  // BARAZA_SYNC_SERVER_COMMANDS_SETUP_H_
