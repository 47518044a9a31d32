#include "tests/crash/coalition.h"

#include <gtest/gtest.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "tests/scenarios/world.h"
#include "tests/testing/status_matchers.h"

namespace baraza::crash {
namespace {

using sim::SimDisk;

std::string Capture(testing::Phone& phone, const v1::Record& record) {
  const absl::StatusOr<v1::ClientRecord> captured = phone.client().Capture(record);
  EXPECT_TRUE(captured.ok()) << captured.status();
  return captured.ok() ? captured->state().record_id() : "";
}

void Make(Coalition& made) {
  SimDisk::SeedSqlite(7);
  SimDisk disk(7);
  testing::World world("/w", 7, disk.name());
  made.programme_id = world.programme_id();
  made.office = world.office();
  testing::Phone& amina = world.AddPhone("amina", "pwani");
  testing::Phone& boris = world.AddPhone("boris", "delta");
  const auto report = [&](const char* title, const char* date) {
    return testing::CountingReport(world, title, date, {"delta", "sahel"});
  };
  made.old_report = Capture(amina, report("Land forum", "2026-07-14"));
  Capture(amina, report("Mapping day", "2026-08-02"));
  Capture(boris, report("Forum on land", "2026-07-14"));
  world.SyncAll();

  made.report = report("Water walk", "2026-09-12");
  const absl::StatusOr<v1::ClientRecord> old = amina.client().Get(made.old_report);
  ASSERT_OK(old);
  made.changed_report = old->record();
  made.changed_report.mutable_session_report()->mutable_title()->set_text("Land forum, first day");

  made.new_report = Capture(amina, report("Elders' meeting", "2026-08-20"));
  ASSERT_OK(amina.client().Void(made.new_report, v1::LocalText()));
  Capture(amina, report("Youth exchange", "2026-08-28"));
  v1::Record changed = made.changed_report;
  changed.mutable_session_report()->mutable_title()->set_text("Land forum at the school");
  ASSERT_OK(amina.client().Edit(made.old_report, changed));
  v1::Draft draft;
  *draft.mutable_record() = report("Border round", "2026-09-01");
  const absl::StatusOr<v1::Draft> saved = amina.client().SaveDraft(draft);
  ASSERT_OK(saved);
  made.draft = saved->draft_id();
  made.to_push = disk.Snapshot();

  // What she says to the server then.
  {
    const size_t before = amina.sent().size();
    amina.Sync();
    ASSERT_TRUE(made.push.ParseFromString(amina.sent().substr(before)));
    v1::WireOperation& damaged = *made.push.add_operations();
    damaged = made.push.operations(0);
    damaged.set_device_seq(made.push.operations(made.push.operations_size() - 2).device_seq() + 1);
    damaged.set_header("not a header");
  }
  made.amina = amina.caller();
  made.enrolment.set_credential("another secret");
  made.enrolment.set_credential_id("crd_other");
  *made.enrolment.mutable_membership() = made.amina.membership;
  made.enrolment.set_server_epoch(world.store().epoch());

  for (const char* title : {"Harvest talk", "Well committee", "Forum on the land"}) {
    Capture(boris, report(title, "2026-07-15"));
  }
  boris.Sync();
  made.to_pull = disk.Snapshot();

  // Its answer to Boris is there, the projection is not.
  Capture(boris, report("Grazing routes", "2026-09-03"));
  Capture(boris, report("Routes for grazing", "2026-09-03"));
  ASSERT_OK(boris.client().Sync());
  made.office = world.office();
  made.to_project = disk.Snapshot();
}

}  // namespace

absl::Time Today() {
  return absl::FromCivil(absl::CivilSecond(2026, 10, 1, 9, 0, 0), absl::UTCTimeZone());
}

const Coalition& TheCoalition() {
  static const Coalition* const coalition = [] {
    auto made = std::make_unique<Coalition>();
    Make(*made);
    return made.release();
  }();
  return *coalition;
}

Server::Server(const SimDisk& disk, std::string path)
    : vfs_(disk.name()), path_(std::move(path)), clock_(Today()), random_(11) {}

Server::~Server() { Close(); }

absl::Status Server::Open() {
  if (store_ != nullptr) return absl::OkStatus();
  server::ProgrammeStoreOptions options;
  options.vfs = vfs_;
  options.create = true;
  options.programme_id = TheCoalition().programme_id;
  BARAZA_ASSIGN_OR_RETURN(store_, server::ProgrammeStore::Open(path_, options, clock_, random_));
  commit_ = std::make_unique<server::GroupCommit>(*store_);
  handler_ = std::make_unique<server::SyncHandler>(*store_, *commit_, clock_);
  desk_ = std::make_unique<server::Desk>(*store_, *commit_, clock_, random_);
  return absl::OkStatus();
}

void Server::Close() {
  desk_.reset();
  handler_.reset();
  commit_.reset();
  projection_.reset();
  store_.reset();
}

absl::StatusOr<v1::SyncResponse> Server::Handle(const v1::SyncRequest& request,
                                                const server::Caller& caller) {
  absl::StatusOr<v1::SyncResponse> response = absl::UnknownError("not answered");
  handler_->Handle(request, caller,
                   [&](absl::StatusOr<v1::SyncResponse> done) { response = std::move(done); });
  Flush();
  return response;
}

void Server::Flush() {
  while (commit_->Flush() > 0) {
  }
}

absl::Status Server::BeginRebuild() {
  if (projection_ == nullptr) {
    auto projection = std::make_unique<server::Projection>(*store_, *commit_);
    BARAZA_ASSIGN_OR_RETURN(rebuild_, projection->Load());
    projection_ = std::move(projection);
  }
  if (rebuild_) {
    absl::Status rebuilt = absl::UnknownError("not answered");
    projection_->Rebuild([&](absl::Status done) { rebuilt = std::move(done); });
    Flush();
    BARAZA_RETURN_IF_ERROR(rebuilt);
    rebuild_ = false;
  }
  return absl::OkStatus();
}

absl::Status Server::Project() {
  BARAZA_RETURN_IF_ERROR(BeginRebuild());
  for (bool more = true; more;) {
    absl::StatusOr<bool> stepped = absl::UnknownError("not answered");
    projection_->Step([&](absl::StatusOr<bool> done) { stepped = std::move(done); });
    Flush();
    BARAZA_RETURN_IF_ERROR(stepped.status());
    more = *stepped;
  }
  return absl::OkStatus();
}

}  // namespace baraza::crash
