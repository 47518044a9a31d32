#ifndef BARAZA_TESTS_E2E_KILL_RIG_H_
#define BARAZA_TESTS_E2E_KILL_RIG_H_

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/base/random.h"
#include "tests/e2e/coalition.h"
#include "tests/e2e/field_phone.h"
#include "tests/e2e/snapshot.h"
#include "tests/testing/temp_dir.h"

namespace baraza::e2e {

// A real server and four phones of two teams, each of which can be killed, and the truth about
// them: who reported which session. After each death it checks what must hold. Its functions fail
// the test; look at HasFailure after each. One thread.
class KillRig {
 public:
  // What to capture: account number `variant` of real session `session`.
  struct Item {
    int session;
    int variant;
    std::string Key() const { return absl::StrCat(session, "/", variant); }
  };

  struct Phone {
    Phone(const std::string& name, const std::string& team_key, const std::string& directory)
        : team(team_key), device(name, directory), kill_switch(directory + "/" + name + ".kill") {}
    const std::string team;
    FieldPhone device;
    KillSwitch kill_switch;
    std::vector<Item> waiting;
  };

  explicit KillRig(uint64_t seed);

  // Everybody enrolled and in sync.
  void SetUp();

  ServerProcess& server() { return coalition_.server(); }
  KillSwitch& server_switch() { return server_switch_; }
  SeededRandom& random() { return random_; }
  const std::vector<std::unique_ptr<Phone>>& phones() const { return phones_; }
  // One of the two that capture, or of the two of the same teams that only read what those sent.
  Phone& AnyAuthor() { return *phones_[random_.Uniform(2)]; }
  Phone& AnyReader() { return *phones_[2 + random_.Uniform(2)]; }

  // What an author captures next: session n is reported by one of them, every third by both.
  Item Next(Phone& phone);
  v1::Record Report(const Phone& phone, const Item& item);
  void Capture(Phone& phone, const Item& item);

  // After its death. `under_way`: what it may have been capturing. Checks that what was
  // acknowledged is there at once.
  void Restart(Phone& phone, const Item* under_way = nullptr);

  // Starts the server, if it is dead, and waits until its projection has caught up. Checks that it
  // has what phones were told, each operation once, and shows the figure that follows from its log.
  void StartServerAtRest();

  // Waits until the projection, and with it the feed, has taken in what is in the log.
  void AwaitProjection();

  Snapshot Look(const Phone& phone) { return Snapshot(phone.device.database(), directory_.path()); }
  Snapshot LookAtServer() { return Snapshot(server().ProgrammeFile(), directory_.path()); }

  // Ids of operations that a phone has not had an answer for.
  std::set<std::string> Pending(const Phone& phone);

  // Where a phone stands in the feed, and what there is for it beyond. Server and phone are at
  // rest.
  int64_t FeedPosition(const Phone& phone);
  struct Due {
    int64_t items = 0;
    int64_t end = 0;  // Position of the last one.
  };
  Due DueFeed(const Phone& phone);

  // Heals everything, and checks that nothing is lost, nothing is there twice, the figure and the
  // sessions are the truth, and every phone shows its team's reports. Ends all processes.
  void CheckTheEnd();

 private:
  void SyncToTheEnd(Phone& phone);
  void CheckSessions(int64_t position);
  // The different real sessions of which there is an operation in `log`.
  std::set<int> SessionsIn(const std::set<std::string>& log) const;

  struct Told {
    int session;
    std::string team;
  };

  test::TempDir directory_;
  KillSwitch server_switch_;
  Coalition coalition_;
  SeededRandom random_;
  std::vector<std::unique_ptr<Phone>> phones_;
  int next_session_ = 0;
  // Every report that a phone holds, acknowledged or not, by its id.
  std::map<std::string, Told> truth_;
};

}  // namespace baraza::e2e

#endif  // BARAZA_TESTS_E2E_KILL_RIG_H_
