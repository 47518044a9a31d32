#ifndef BARAZA_TESTS_E2E_FIELD_PHONE_H_
#define BARAZA_TESTS_E2E_FIELD_PHONE_H_

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "baraza/v1/client.pb.h"
#include "baraza/v1/record.pb.h"
#include "tests/e2e/desk.h"
#include "tests/e2e/process.h"

namespace baraza::e2e {

// One device: a field_client process on a database file that outlives it, and what it has
// acknowledged. One thread.
class FieldPhone {
 public:
  FieldPhone(std::string name, const std::string& directory);

  const std::string& name() const { return name_; }
  const std::string& database() const { return database_; }
  // The end of the write-ahead log's path, for a kill switch.
  std::string WalEnd() const { return "/" + name_ + ".db-wal"; }

  // Starts the program; it dies when `kill_switch` says so. Fails the test when it does not come
  // up.
  void Start(const KillSwitch* kill_switch = nullptr);
  bool Running() { return process_ != nullptr && !process_->Ended(); }
  void Kill() { process_->Kill(); }
  // Ends it in an orderly way; its exit code.
  int Quit();

  pid_t pid() const { return process_->pid(); }

  std::string DeviceId();
  // From now on its wall clock is off by so much.
  void SetClock(absl::Duration off);
  // Redeems a code and binds the database.
  void Enrol(const std::string& code, const std::string& address, const std::string& ca = "");

  // What became of a command.
  enum class Answer {
    kDone,
    kError,
    kDied,  // The program ended before it answered.
  };

  // Send... only writes the command, Await... reads to its answer, so that several phones can be
  // busy at a time.
  void SendCapture(const std::string& key, const v1::Record& record);
  Answer AwaitCapture(const std::string& key);
  Answer Capture(const std::string& key, const v1::Record& record);
  void SendSync(const std::string& address);
  Answer AwaitSync();
  Answer Sync(const std::string& address);
  // Of the last sync that was done.
  const v1::SyncSummary& summary() const { return summary_; }
  // Of the last error.
  const std::string& error() const { return error_; }

  v1::ClientStatus Status();
  std::set<std::string> List();

  // Key -> ids of reports that Capture answered OK for, in every life of the program.
  const std::map<std::string, std::set<std::string>>& acknowledged() const { return acknowledged_; }

 private:
  // The rest of the line that begins with `word`; nullopt: it died or answered with an error.
  std::optional<std::string> Await(const std::string& word, Answer* answer);

  const std::string name_;
  const std::string database_;
  const std::string error_file_;
  std::unique_ptr<Process> process_;
  v1::SyncSummary summary_;
  std::string error_;
  std::map<std::string, std::set<std::string>> acknowledged_;
};

}  // namespace baraza::e2e

#endif  // BARAZA_TESTS_E2E_FIELD_PHONE_H_
