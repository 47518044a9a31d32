#ifndef BARAZA_TESTS_E2E_SERVER_PROCESS_H_
#define BARAZA_TESTS_E2E_SERVER_PROCESS_H_

#include <memory>
#include <string>
#include <vector>

#include "tests/e2e/process.h"

namespace baraza::e2e {

// The real baraza-server on a data directory of its own, listening on a free port of 127.0.0.1. One
// thread.
class ServerProcess {
 public:
  // `directory` exists; data, logs and port file go into it.
  explicit ServerProcess(std::string directory);

  // `baraza-server init` with one programme. Fails the test on an error. `tls_hosts` not empty:
  // with certificates.
  void Init(const std::vector<std::string>& tls_hosts = {});

  // Starts `baraza-server serve` and waits until it listens. False, with a failure of the test,
  // when it does not.
  bool Start(const KillSwitch* kill_switch = nullptr,
             const std::vector<std::string>& more_arguments = {});
  // From now on it listens where it did last: databases keep the address that they enrolled at.
  void ListenOnTheSamePort() { listen_ = address_; }
  // SIGTERM and wait.
  Ending Stop();
  // kill -9.
  void Kill();
  // Whether it runs.
  bool Running() { return process_ != nullptr && !process_->Ended(); }
  // Waits for an end that somebody else brings about; false: it still runs after `timeout`.
  bool AwaitEnd(absl::Duration timeout);
  Process& process() { return *process_; }

  // Runs another command of the program on this data directory: {"backup", "--out", "x"}.
  RunResult Command(const std::vector<std::string>& arguments, const std::string& input = "");

  const std::string& directory() const { return directory_; }
  std::string data() const { return directory_ + "/data"; }
  // Where it listens: "127.0.0.1:<port>".
  const std::string& address() const { return address_; }
  // From Init: the programme, and the first administrator's one-time code.
  const std::string& programme_id() const { return programme_id_; }
  const std::string& administrator_code() const { return administrator_code_; }
  std::string ProgrammeFile() const;
  std::string RegistryFile() const { return data() + "/registry.db"; }
  // All that every run so far wrote to standard error.
  std::string Log() const;

 private:
  const std::string directory_;
  std::string programme_id_;
  std::string administrator_code_;
  std::string address_;
  std::string listen_ = "127.0.0.1:0";
  int runs_ = 0;
  std::unique_ptr<Process> process_;
};

}  // namespace baraza::e2e

#endif  // BARAZA_TESTS_E2E_SERVER_PROCESS_H_
