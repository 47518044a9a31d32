#ifndef BARAZA_TESTS_E2E_COALITION_H_
#define BARAZA_TESTS_E2E_COALITION_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "baraza/v1/record.pb.h"
#include "tests/e2e/desk.h"
#include "tests/e2e/server_process.h"

namespace baraza::e2e {

// A small coalition on a real server: one programme of two organisations with two teams each, an
// issue, an indicator, and an administrator's desk.
class Coalition {
 public:
  explicit Coalition(const std::string& directory) : server_(directory), desk_("", "", "") {}

  // Init, start, enrol the administrator, write the register. Check HasFatalFailure afterwards.
  void SetUp(const std::vector<std::string>& tls_hosts = {},
             const KillSwitch* kill_switch = nullptr);

  // After the server was started again.
  void Redial() { desk_.Dial(server_.address(), ca_); }

  ServerProcess& server() { return server_; }
  Desk& desk() { return desk_; }
  // PEM; empty without TLS.
  const std::string& ca() const { return ca_; }
  // "land" (issue), "indicator", "coast", "desert" (organisations), "pwani", "delta", "sahel",
  // "oasis" (teams).
  const std::string& id(const std::string& key) const { return ids_.at(key); }

  // Creates a person of a team (any role but an office's) or of the programme; its id.
  std::string AddPerson(const std::string& team_key, v1::Role role = v1::ROLE_COLLECTOR);

 private:
  ServerProcess server_;
  Desk desk_;
  std::string ca_;
  std::map<std::string, std::string> ids_;
};

// A report on the real session number `session` (0 .. 119), of which every fact follows from the
// number: each has its own place and day of 2026, three days from the next. It would count.
// Variants 0 and 1 are two people's accounts of the same session: another title, other words, the
// other team's view. `team` is the reporting team's key.
v1::Record ReportOn(const Coalition& coalition, int session, int variant, const std::string& team);

// A device id, as a database would mint it.
std::string NewDeviceId();

}  // namespace baraza::e2e

#endif  // BARAZA_TESTS_E2E_COALITION_H_
