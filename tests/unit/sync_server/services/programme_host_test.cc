#include "sync_server/services/programme_host.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "absl/strings/match.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "core/base/clock.h"
#include "core/base/random.h"
#include "sync_server/commands/setup.h"
#include "sync_server/services/data_dir.h"
#include "sync_server/services/event_log.h"
#include "sync_server/services/worker_pool.h"
#include "sync_server/store/registry_store.h"
#include "tests/testing/fault_vfs.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"
#include "tests/unit/sync_server/testing/programme_fixture.h"

namespace baraza::server {
namespace {

using ::baraza::test::StatusIs;

// The disk got full between a person's record and that person's grants, and the server starts anew.
TEST(ProgrammeHostTest, StartsWithoutRoomForGrantsAndBringsThemUpOnceThereIs) {
  const test::TempDir directory;
  SystemClock clock;
  SystemRandom random;
  const DataDir dir(directory.File("data"));
  ASSERT_OK(InitDataDir(dir.path()));
  ProgrammeRequest request;
  request.title = "Rights on the coast";
  request.administrator = "Administrator";
  ASSERT_OK_AND_ASSIGN(const ProgrammeMade made,
                       CreateProgramme(dir.path(), request, clock, random));
  // A registry that knows of no person yet.
  const std::string path = directory.File("registry.db");
  {
    ASSERT_OK_AND_ASSIGN(const auto fresh, RegistryStore::Open(path, {.vfs = "", .create = true}));
    ASSERT_OK(fresh->AddProgramme({made.programme_id, made.person_id, 1}));
  }
  test::FaultVfs vfs;
  vfs.FailAfter(0, test::FaultVfs::Fault::kDiskFull);
  ASSERT_OK_AND_ASSIGN(const std::unique_ptr<RegistryStore> registry,
                       RegistryStore::Open(path, {.vfs = vfs.name()}));
  WorkerPool workers(1);
  absl::Notification refused;
  EventLog log(clock, [&refused](absl::string_view line) {
    if (absl::StrContains(line, "\"grants\"") && !refused.HasBeenNotified()) refused.Notify();
  });
  ASSERT_OK_AND_ASSIGN(const std::unique_ptr<ProgrammeHost> host,
                       ProgrammeHost::Open(dir.Programme(made.programme_id), made.programme_id,
                                           {*registry, clock, random, workers, log}));
  // The first step tried again, and there is no other until something is written.
  refused.WaitForNotification();
  EXPECT_THAT(registry->GetPerson(made.programme_id, made.person_id),
              StatusIs(absl::StatusCode::kNotFound));

  vfs.Heal();
  Caller office = testing::OfficeMember(1, v1::ROLE_ADMINISTRATOR);
  office.grant.programme_id = made.programme_id;
  office.membership.set_programme_id(made.programme_id);
  v1::Organisation organisation;
  organisation.set_title("One more");
  absl::Notification written;
  host->desk().Append(office, v1::RECORD_TYPE_ORGANISATION, "", nullptr, organisation, "request-1",
                      [&written](const absl::StatusOr<Desk::Outcome>& outcome) {
                        EXPECT_OK(outcome);
                        written.Notify();
                      });
  written.WaitForNotification();
  absl::Status known = absl::NotFoundError("");
  for (int i = 0; i < 30'000 && !known.ok(); ++i) {
    known = registry->GetPerson(made.programme_id, made.person_id).status();
    absl::SleepFor(absl::Milliseconds(1));
  }
  EXPECT_OK(known);
}

}  // namespace
}  // namespace baraza::server
