#ifndef BARAZA_CLIENT_LIB_CLI_CONTEXT_H_
#define BARAZA_CLIENT_LIB_CLI_CONTEXT_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "client_lib/cli/cli.h"
#include "client_lib/cli/exit_code.h"
#include "client_lib/client.h"
#include "core/model/register.h"
#include "google/protobuf/message.h"

namespace baraza::client {

class Office;

// One run of the program: the options that every command has, and what it stands on, opened when
// first asked for. One thread.
class Cli {
 public:
  explicit Cli(const CliEnvironment& environment);
  ~Cli();
  Cli(const Cli&) = delete;
  Cli& operator=(const Cli&) = delete;

  const CliEnvironment& env() const { return env_; }

  // --- Options of every command ------------------------------------------------------------------
  std::string db_option;
  bool json = false;
  std::string language_option;
  int timeout_seconds = 60;

  // The language to answer in: --lang, else LANG, else English.
  std::string Language() const;

  // The database file: --db, else BARAZA_DB, else $XDG_DATA_HOME/baraza/baraza.db.
  absl::StatusOr<std::string> DatabasePath() const;

  // The device's database. Makes it, with its folder, readable by its owner only.
  absl::StatusOr<Client*> Device();
  // The same, or NotEnrolledError.
  absl::StatusOr<Client*> EnrolledDevice();
  // The server, asked with the credential of this database. NotEnrolledError.
  absl::StatusOr<Office*> Desk();
  // The register as of the last sync.
  absl::StatusOr<const Register*> LocalRegister();
  // Forgets what LocalRegister read.
  void ForgetRegister() { register_read_ = false; }

  // Which command to run; set by the parser, run by RunCli.
  void SetAction(std::function<absl::Status()> action) { action_ = std::move(action); }
  const std::function<absl::Status()>& action() const { return action_; }

  // A code other than the status's: partial success.
  void SetExitCode(ExitCode code) { exit_code_ = code; }
  ExitCode exit_code() const { return exit_code_; }

  // --- Answers -----------------------------------------------------------------------------------
  std::ostream& out() const { return env_.out; }
  std::ostream& err() const { return env_.err; }
  // One object on one line, in the proto3 JSON form.
  void PrintJson(const google::protobuf::Message& message) const;
  // A heading, bold on a terminal.
  void Heading(absl::string_view text) const;
  // A remark about how it went, to `err`; not with --json.
  void Note(absl::string_view text) const;

 private:
  CliEnvironment env_;
  std::unique_ptr<Client> client_;
  std::unique_ptr<Office> office_;
  Register register_;
  bool register_read_ = false;
  std::function<absl::Status()> action_;
  ExitCode exit_code_ = ExitCode::kOk;
};

// The message in the proto3 JSON form, on one line with its end.
std::string JsonLine(const google::protobuf::Message& message);

// A file's content, or of `-` the standard input's. INVALID_ARGUMENT when it is larger than
// kMaxInputBytes, NOT_FOUND when there is none.
absl::StatusOr<std::string> ReadInput(const Cli& cli, const std::string& path);

// Writes a file that its owner alone can read, whole or not at all.
absl::Status WritePrivateFile(const std::string& path, absl::string_view content);

// Software version as told to the server.
absl::string_view SoftwareVersion();

}  // namespace baraza::client

#endif  // BARAZA_CLIENT_LIB_CLI_CONTEXT_H_
