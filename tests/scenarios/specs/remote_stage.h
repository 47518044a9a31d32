#ifndef BARAZA_TESTS_SCENARIOS_SPECS_REMOTE_STAGE_H_
#define BARAZA_TESTS_SCENARIOS_SPECS_REMOTE_STAGE_H_

#include <map>
#include <string>
#include <vector>

#include "tests/e2e/desk.h"
#include "tests/scenarios/specs/stage.h"

namespace baraza::specs {

// A stage with a server that only its API and its files tell of, over gRPC on loopback, and phones'
// files under a directory. What runs the server is left to who derives. An office that cannot be
// set up fails the test.
class RemoteStage : public Stage {
 public:
  std::string PhoneFile(const std::string& phone) override;
  std::string PhoneVfs(const std::string&) override { return ""; }
  void CopyPhone(const std::string& from, const std::string& to) override;
  Clock& clock() override { return clock_; }
  Random& random() override { return random_; }

  absl::StatusOr<std::unique_ptr<client::SyncTransport>> Dial(
      const client::Connection& connection) override;
  std::string address() override { return ServerAddress(); }

  absl::StatusOr<v1::EnrolResponse> Enrol(const std::string& team, int number,
                                          const std::string& device_id) override;
  absl::Status SetCredential(const std::string& credential_id, v1::CredentialState state) override;
  std::vector<std::string> team_ids() override { return team_ids_; }
  std::string issue_id() override { return issue_id_; }

  absl::StatusOr<View> Look() override;
  absl::StatusOr<std::string> SessionOf(const std::string& report_id) override;

 protected:
  explicit RemoteStage(const std::string& directory) : directory_(directory), desk_("", "", "") {}

  // Where the server listens now.
  virtual std::string ServerAddress() = 0;
  virtual std::string ProgrammeFile() = 0;

  // With the server running: enrols the administrator by the first code and writes the register.
  void OpenOffice(const std::string& code);
  // Around the server's end: what hears nothing does not hold it up.
  void HangUp() { desk_.HangUp(); }
  void Redial() { desk_.Dial(ServerAddress()); }

  // Waits until the projection has taken in the log: what others did is in the feed then, as it is
  // after a while.
  absl::StatusOr<v1::Figure> Settle();

  const std::string& directory() const { return directory_; }

 private:
  const std::string directory_;
  SystemClock clock_;
  SystemRandom random_;
  e2e::Desk desk_;
  std::string issue_id_;
  std::string indicator_id_;
  std::vector<std::string> team_ids_;
  std::map<std::string, std::string> persons_;
};

}  // namespace baraza::specs

#endif  // BARAZA_TESTS_SCENARIOS_SPECS_REMOTE_STAGE_H_
