#include "tests/scenarios/world.h"

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "core/base/civil_date.h"
#include "core/base/ids.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sync_server/ingest/audience.h"
#include "sync_server/store/backup.h"
#include "tests/testing/english.h"

namespace baraza::testing {
namespace {

absl::Time StartOfTest() {
  return absl::FromCivil(absl::CivilSecond(2026, 10, 1, 8, 0, 0), absl::UTCTimeZone());
}

}  // namespace

Phone::Phone(World& world, std::string name, std::string path, std::string vfs,
             server::Caller caller, uint64_t seed)
    : world_(world),
      name_(std::move(name)),
      path_(std::move(path)),
      vfs_(std::move(vfs)),
      caller_(std::move(caller)),
      clock_(StartOfTest()),
      random_(seed) {
  Open();
}

void Phone::Open() {
  client::Client::Options options;
  options.path = path_;
  options.vfs = vfs_;
  options.clock = &clock_;
  options.random = &random_;
  options.transport = this;
  options.software_version = "test";
  options.wait = [this](absl::Duration wait) {
    clock_.Advance(wait);
    return true;
  };
  auto client = client::Client::Open(options);
  ASSERT_TRUE(client.ok()) << client.status();
  client_ = *std::move(client);
}

void Phone::Restart() {
  client_.reset();
  Open();
}

v1::SyncSummary Phone::Sync() {
  auto summary = client_->Sync();
  EXPECT_TRUE(summary.ok()) << name_ << ": " << summary.status();
  world_.Settle();
  return summary.ok() ? *summary : v1::SyncSummary();
}

absl::StatusOr<v1::SyncResponse> Phone::Sync(const v1::SyncRequest& request, absl::Duration) {
  v1::SyncRequest arrived;
  const std::string bytes = request.SerializeAsString();
  sent_ += bytes;
  if (!arrived.ParseFromString(bytes)) return absl::InternalError("the request does not parse");
  absl::StatusOr<v1::SyncResponse> response = world_.Handle(arrived, caller_);
  if (deliver_twice_) response = world_.Handle(arrived, caller_);
  if (lose_responses_ > 0) {
    --lose_responses_;
    return absl::UnavailableError("the answer was lost");
  }
  if (response.ok()) received_ += response->SerializeAsString();
  return response;
}

World::World(std::string directory, uint64_t seed, std::string vfs)
    : directory_(std::move(directory)),
      vfs_(std::move(vfs)),
      clock_(StartOfTest()),
      random_(seed),
      next_seed_(seed * 1000) {
  programme_id_ = MintId("prg", clock_, random_);
  OpenServer();

  const std::string officer = MintId("per", clock_, random_);
  office_.grant = {.programme_id = programme_id_,
                   .person_id = officer,
                   .team_ids = {},
                   .roles = {v1::ROLE_ADMINISTRATOR}};
  office_.membership.set_programme_id(programme_id_);
  office_.membership.set_person_id(officer);
  office_.membership.set_role(v1::ROLE_ADMINISTRATOR);
  office_.membership.mutable_scope()->set_programme(true);

  v1::Programme programme;
  *programme.mutable_title() = test::InEnglish("Rights on the coast");
  Append(v1::RECORD_TYPE_PROGRAMME, programme, programme_id_);
  for (const char* key : {"coast", "desert", "highland"}) {
    v1::Organisation organisation;
    organisation.set_title(absl::StrCat("Organisation ", key));
    ids_[key] = Append(v1::RECORD_TYPE_ORGANISATION, organisation).state.record_id();
  }
  for (const char* key : {"land", "water"}) {
    v1::Issue issue;
    *issue.mutable_title() = test::InEnglish(key);
    if (key == std::string("water")) issue.add_related_issue_ids(ids_.at("land"));
    ids_[key] = Append(v1::RECORD_TYPE_ISSUE, issue).state.record_id();
  }
  const std::pair<const char*, const char*> teams[] = {
      {"pwani", "coast"}, {"delta", "coast"}, {"sahel", "desert"}, {"andes", "highland"}};
  for (const auto& [key, organisation] : teams) {
    v1::Team team;
    team.set_title(absl::StrCat("Team ", key));
    team.add_aliases(absl::StrCat(key, " people"));
    team.set_organisation_id(ids_.at(organisation));
    ids_[key] = Append(v1::RECORD_TYPE_TEAM, team).state.record_id();
  }
  v1::Indicator indicator;
  *indicator.mutable_title() = test::InEnglish("Sessions");
  indicator.add_issue_ids(ids_.at("land"));
  indicator.set_period_scheme(v1::PERIOD_SCHEME_QUARTER);
  ids_["indicator"] = Append(v1::RECORD_TYPE_INDICATOR, indicator).state.record_id();
  Settle();
}

World::~World() {
  phones_.clear();
  CloseServer();
}

void World::OpenServer() {
  server::ProgrammeStoreOptions options;
  options.vfs = vfs_;
  options.create = true;
  options.programme_id = programme_id_;
  auto store = server::ProgrammeStore::Open(absl::StrCat(directory_, "/server.db"), options, clock_,
                                            random_);
  ASSERT_TRUE(store.ok()) << store.status();
  store_ = *std::move(store);
  commit_ = std::make_unique<server::GroupCommit>(*store_);
  handler_ = std::make_unique<server::SyncHandler>(*store_, *commit_, clock_);
  desk_ = std::make_unique<server::Desk>(*store_, *commit_, clock_, random_);
  projection_ = std::make_unique<server::Projection>(*store_, *commit_);
  auto stale = projection_->Load();
  ASSERT_TRUE(stale.ok()) << stale.status();
  ASSERT_FALSE(*stale);
}

void World::CloseServer() {
  desk_.reset();
  handler_.reset();
  commit_.reset();
  projection_.reset();
  store_.reset();
}

void World::RestartServer() {
  CloseServer();
  OpenServer();
  Settle();
}

void World::BackUp(const std::string& path) {
  const absl::Status status = store_->BackupTo(path);
  ASSERT_TRUE(status.ok()) << status;
}

void World::RestoreFrom(const std::string& path) {
  CloseServer();
  const std::string file = absl::StrCat(directory_, "/server.db");
  for (const char* suffix : {"", "-wal", "-shm"}) {
    std::filesystem::remove(absl::StrCat(file, suffix));
  }
  const absl::Status restored = server::RestoreProgramme(path, file, clock_, random_);
  ASSERT_TRUE(restored.ok()) << restored;
  OpenServer();
  Settle();
}

Phone& World::AddPhone(const std::string& name, const std::string& team, v1::Role role) {
  const std::string person = MintId("per", clock_, random_);
  server::Caller caller;
  caller.grant = {.programme_id = programme_id_,
                  .person_id = person,
                  .team_ids = {ids_.at(team)},
                  .roles = {role}};
  caller.membership.set_programme_id(programme_id_);
  caller.membership.set_person_id(person);
  caller.membership.set_team_id(ids_.at(team));
  caller.membership.set_role(role);
  caller.membership.mutable_scope()->set_team_id(ids_.at(team));
  caller.credential_id = absl::StrCat("crd_", name);
  auto made = std::make_unique<Phone>(*this, name, absl::StrCat(directory_, "/", name, ".db"), vfs_,
                                      caller, ++next_seed_);
  Phone& phone = *(phones_[name] = std::move(made));
  v1::EnrolResponse enrolment;
  enrolment.set_credential("secret");
  enrolment.set_credential_id(caller.credential_id);
  *enrolment.mutable_membership() = caller.membership;
  enrolment.set_server_epoch(store_->epoch());
  const absl::Status bound = phone.client().Bind(enrolment, "127.0.0.1:1", "");
  EXPECT_TRUE(bound.ok()) << bound;
  phone.Sync();
  return phone;
}

Phone& World::ClonePhone(Phone& original, const std::string& name) {
  original.Close();
  const std::string path = absl::StrCat(directory_, "/", name, ".db");
  for (const char* suffix : {"", "-wal"}) {
    const std::string from = absl::StrCat(original.path(), suffix);
    if (std::filesystem::exists(from)) {
      std::filesystem::copy_file(from, absl::StrCat(path, suffix));
    }
  }
  original.Open();
  phones_[name] = std::make_unique<Phone>(*this, name, path, vfs_, original.caller(), ++next_seed_);
  return *phones_[name];
}

server::Desk::Outcome World::Append(v1::RecordType type, const google::protobuf::Message& after,
                                    const std::string& record_id,
                                    const google::protobuf::Message* before) {
  RefreshCaller(office_);
  absl::StatusOr<server::Desk::Outcome> outcome = absl::UnknownError("not answered");
  desk_->Append(office_, type, record_id, before, after, "",
                [&](absl::StatusOr<server::Desk::Outcome> done) { outcome = std::move(done); });
  while (commit_->Flush() > 0) {
  }
  EXPECT_TRUE(outcome.ok()) << outcome.status();
  return outcome.ok() ? *std::move(outcome) : server::Desk::Outcome();
}

absl::StatusOr<v1::SyncResponse> World::Handle(const v1::SyncRequest& request,
                                               server::Caller& caller) {
  RefreshCaller(caller);
  absl::StatusOr<v1::SyncResponse> response = absl::UnknownError("not answered");
  handler_->Handle(request, caller,
                   [&](absl::StatusOr<v1::SyncResponse> done) { response = std::move(done); });
  while (commit_->Flush() > 0) {
  }
  return response;
}

void World::RefreshCaller(server::Caller& caller) {
  server::CompleteCaller(*projection_->register_snapshot(), caller);
}

bool World::Step() {
  while (commit_->Flush() > 0) {
  }
  absl::StatusOr<bool> stepped = absl::UnknownError("not answered");
  projection_->Step([&](absl::StatusOr<bool> done) { stepped = std::move(done); });
  while (commit_->Flush() > 0) {
  }
  EXPECT_TRUE(stepped.ok()) << stepped.status();
  return stepped.ok() && *stepped;
}

void World::Settle() {
  while (Step()) {
  }
}

void World::SyncAll() {
  for (int round = 0; round < 2; ++round) {
    for (auto& [name, phone] : phones_) phone->Sync();
  }
}

std::string World::StateWithoutPositions() {
  Settle();
  std::string state;
  const auto add = [&](absl::string_view what, const google::protobuf::Message& message) {
    absl::StrAppend(&state, what, "\n", message.DebugString(), "\n");
  };
  absl::Status status = store_->ForEachRecordState(
      v1::RECORD_TYPE_UNSPECIFIED, [&](const v1::RecordState& record) -> absl::Status {
        add("record", record);
        return absl::OkStatus();
      });
  EXPECT_TRUE(status.ok()) << status;
  status = store_->ForEachSession([&](const v1::Session& session) -> absl::Status {
    add("session", session);
    return absl::OkStatus();
  });
  EXPECT_TRUE(status.ok()) << status;

  server::FeedQuery query;
  query.audiences = {server::kProgrammeAudience, server::kOfficeAudience};
  for (const auto& [key, id] : ids_) {
    query.audiences.push_back(server::TeamAudience(id));
    query.audiences.push_back(server::IssueAudience(id));
  }
  query.max_dated_per_audience = 10'000;
  query.max_bytes = 64 << 20;
  query.max_rows = 1'000'000;
  auto page = store_->ReadFeed(query);
  EXPECT_TRUE(page.ok()) << page.status();
  EXPECT_FALSE(page->has_more);
  std::map<std::string, std::string> feed;
  for (const server::FeedRow& row : page->rows) {
    if (row.action != v1::FeedItem::ACTION_UPSERT) continue;
    feed[absl::StrCat(row.audience, " ", row.object, " ", row.day)] = row.payload;
  }
  for (const auto& [key, payload] : feed) absl::StrAppend(&state, "feed ", key, " ", payload, "\n");

  v1::Figure figure = Figure();
  figure.clear_log_position();
  add("figure", figure);
  return state;
}

v1::Figure World::Figure(const std::string& period) {
  v1::Figure figure;
  const absl::Status filled =
      projection_->GetFigure(ids_.at("indicator"), period, absl::CivilDay(2026, 10, 1), figure);
  EXPECT_TRUE(filled.ok()) << filled;
  return figure;
}

v1::Record CountingReport(World& world, const std::string& title, const std::string& date,
                          const std::vector<std::string>& teams, bool reporter_present) {
  v1::Record record;
  v1::SessionReport& report = *record.mutable_session_report();
  report.mutable_title()->set_text(title);
  report.mutable_title()->set_language("en");
  report.set_issue_id(world.id("land"));
  report.set_held_status(v1::HELD_STATUS_HELD);
  report.mutable_dates()->set_earliest(date);
  report.mutable_dates()->set_precision(v1::DATE_PRECISION_DAY);
  report.mutable_venue()->set_locality("Mombasa");
  report.mutable_venue()->set_country("KE");
  int element = 0;
  for (const std::string& team : teams) {
    v1::ParticipatingTeam& participant = *report.add_participating_teams();
    participant.set_element_id(absl::StrCat("t", ++element));
    participant.set_team_id(world.id(team));
    participant.set_present(v1::YES_NO_YES);
  }
  report.set_reporting_team_present(reporter_present ? v1::YES_NO_YES : v1::YES_NO_NO);
  report.set_experiences_shared(v1::YES_NO_YES);
  report.set_learned_from_each_other(v1::YES_NO_YES);
  return record;
}

}  // namespace baraza::testing
