#ifndef BARAZA_TESTS_SCENARIOS_SPECS_PLAY_H_
#define BARAZA_TESTS_SCENARIOS_SPECS_PLAY_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client_lib/client.h"
#include "tests/scenarios/specs/stage.h"

namespace baraza::specs {

// A spec is a text: one step a line, "#" begins a comment. Each step is a verb, words, and settings
// NAME=VALUE:
//
//   phone NAME TEAM            a new phone of a person of team A or B, the first of each team its
//                              collector, the second its lead; it enrols and syncs
//   capture NAME KEY SESSION   reports real session 1 .. 9; every third was cancelled. KEY names
//                              the report from then on
//   edit NAME KEY              changes a word of it; void NAME KEY and unvoid NAME KEY
//   sync NAME                  one sync with its retries
//   lose_request NAME [N]      the next N requests do not arrive
//   lose_response NAME [N]     the next N requests arrive and their answers do not
//   twice NAME                 from now on every request arrives twice
//   restart NAME, restart server
//   clone NAME NEW             a second phone from a copy of the first one's file
//   suspend, resume, revoke, enrol NAME
//   backup, restore            the server, and back to its last backup
//   expect NAME SETTING...     outbox, quarantined, reports (those it has, voided ones too),
//                              conflicts
//   expect server SETTING...   operations (on reports, in the log), quarantine, figure
//   expect same KEY KEY..., expect different KEY KEY...   one session, or sessions of their own
//
// A step ends well, or, with fails=CODE, with just that status.
class Player {
 public:
  explicit Player(Stage& stage);
  ~Player();

  // Plays all of it; an error names the line and what was expected.
  absl::Status Play(absl::string_view spec);

  // One step; what Play does with a line.
  absl::Status Do(absl::string_view line);

 private:
  struct Phone;
  using Settings = std::map<std::string, std::string>;

  absl::Status Dispatch(const std::vector<std::string>& words, const Settings& settings);
  absl::StatusOr<Phone*> Find(const std::string& name);
  absl::StatusOr<std::string> RecordOf(const std::string& key);
  absl::Status Open(Phone& phone);
  absl::Status Enrol(Phone& phone);
  absl::Status AddPhone(const std::vector<std::string>& words);
  absl::Status Capture(Phone& phone, const std::string& key, const std::string& session);
  absl::Status Change(Phone& phone, const std::string& verb, const std::string& key);
  absl::Status Sync(Phone& phone);
  absl::Status Clone(Phone& phone, const std::string& name);
  absl::Status Expect(const std::vector<std::string>& words, const Settings& settings);

  Stage& stage_;
  std::map<std::string, std::unique_ptr<Phone>> phones_;
  std::map<std::string, std::string> records_;
  std::map<std::string, int> persons_of_team_;
  int edits_ = 0;
};

}  // namespace baraza::specs

#endif  // BARAZA_TESTS_SCENARIOS_SPECS_PLAY_H_
