#include "tests/simulation/sim_server.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "core/base/ids.h"
#include "core/base/status.h"
#include "core/model/operation_batch.h"
#include "sync_server/auth/grants.h"
#include "sync_server/ingest/audience.h"
#include "sync_server/limits.h"
#include "sync_server/store/backup.h"
#include "tests/testing/english.h"

namespace baraza::sim {
namespace {

constexpr char kAddress[] = "127.0.0.1:1";
// Of a backup's registry, after the name of its programme's file.
constexpr char kRegistrySuffix[] = ".registry";
constexpr int kTeams = 2;
constexpr int kPersonsOfATeam = 2;

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::FILE* file = std::fopen(path.c_str(), "rb");
  if (file == nullptr) return absl::NotFoundError(path);
  std::string bytes;
  char buffer[1 << 16];
  for (size_t read = 0; (read = std::fread(buffer, 1, sizeof buffer, file)) > 0;) {
    bytes.append(buffer, read);
  }
  std::fclose(file);
  return bytes;
}

void RemoveDatabase(const std::string& path) {
  for (const char* suffix : {"", "-wal", "-shm"}) unlink((path + suffix).c_str());
}

// Whoever makes the foundation cannot go on without it.
void Must(const absl::Status& status, const char* what) {
  if (status.ok()) return;
  std::fprintf(stderr, "simulation: foundation: %s: %s\n", what, status.ToString().c_str());
  std::abort();
}

std::string LaterOrganisation(int number) { return absl::StrCat("Later organisation ", number); }

}  // namespace

std::string LaterTeam(int number) { return absl::StrCat("Later team ", number); }

absl::Time StartOfRun() {
  return absl::FromCivil(absl::CivilSecond(2026, 10, 1, 8, 0, 0), absl::UTCTimeZone());
}

bool Foundation::IsLead(int person) { return person >= kTeams; }

const Foundation& Foundation::Get() {
  static const Foundation* const made = [] {
    auto* foundation = new Foundation;
    Scheduler scheduler;
    Choices choices(1, nullptr);
    SimDisk::SeedSqlite(1);
    SimServer server(scheduler, choices, {});
    FakeClock& clock = server.clock_;
    Random& random = choices.Stream("foundation");
    server::ProgrammeEntry entry;
    entry.programme_id = MintId("prg", clock, random);
    entry.operator_person_id = MintId("per", clock, random);
    entry.created_ms = absl::ToUnixMillis(clock.Now());
    foundation->programme_id = entry.programme_id;
    {
      server::RegistryStore::Options options;
      options.vfs = server.disk_.name();
      options.create = true;
      auto registry = server::RegistryStore::Open(SimServer::kRegistryFile, options);
      Must(registry.status(), "registry");
      Must((*registry)->AddProgramme(entry), "programme");
      server::ProgrammeStoreOptions store_options;
      store_options.vfs = server.disk_.name();
      store_options.create = true;
      store_options.programme_id = entry.programme_id;
      auto store =
          server::ProgrammeStore::Open(SimServer::kProgrammeFile, store_options, clock, random);
      Must(store.status(), "store");
    }
    server.Start();
    if (!server.up()) Must(absl::InternalError("does not start"), "server");
    server::Caller operating;
    const server::PersonGrant grant = server::OperatorGrant(entry);
    operating.grant = {.programme_id = entry.programme_id,
                       .person_id = entry.operator_person_id,
                       .team_ids = grant.team_ids,
                       .roles = grant.roles};
    operating.membership = grant.membership;
    const auto append = [&](v1::RecordType type, const google::protobuf::Message& record,
                            const std::string& id = "") {
      absl::StatusOr<server::Desk::Outcome> outcome = absl::UnknownError("not answered");
      server.core_->desk->Append(
          operating, type, id, nullptr, record, "",
          [&](absl::StatusOr<server::Desk::Outcome> done) { outcome = std::move(done); });
      if (!server.Settle()) Must(absl::InternalError("does not settle"), "server");
      Must(outcome.status(), "record");
      return outcome->state.record_id();
    };
    v1::Programme programme;
    *programme.mutable_title() = test::InEnglish("Rights on the coast");
    append(v1::RECORD_TYPE_PROGRAMME, programme, entry.programme_id);
    v1::Issue issue;
    *issue.mutable_title() = test::InEnglish("land");
    foundation->issue_id = append(v1::RECORD_TYPE_ISSUE, issue);
    for (int i = 0; i < kTeams; ++i) {
      v1::Organisation organisation;
      organisation.set_title(absl::StrCat("Organisation ", i));
      v1::Team team;
      team.set_title(absl::StrCat("Team ", std::string(1, static_cast<char>('A' + i))));
      team.set_organisation_id(append(v1::RECORD_TYPE_ORGANISATION, organisation));
      foundation->team_ids.push_back(append(v1::RECORD_TYPE_TEAM, team));
    }
    v1::Indicator indicator;
    *indicator.mutable_title() = test::InEnglish("Sessions");
    indicator.add_issue_ids(foundation->issue_id);
    indicator.set_period_scheme(v1::PERIOD_SCHEME_QUARTER);
    foundation->indicator_id = append(v1::RECORD_TYPE_INDICATOR, indicator);
    v1::Person administrator;
    administrator.set_display_name("Administrator");
    administrator.set_role(v1::ROLE_ADMINISTRATOR);
    administrator.mutable_scope()->set_programme(true);
    foundation->administrator_id = append(v1::RECORD_TYPE_PERSON, administrator);
    for (int i = 0; i < kTeams * kPersonsOfATeam; ++i) {
      v1::Person person;
      const std::string& team = foundation->team_ids[static_cast<size_t>(i % kTeams)];
      person.set_display_name(absl::StrCat("Person ", i));
      person.set_team_id(team);
      person.set_role(Foundation::IsLead(i) ? v1::ROLE_TEAM_LEAD : v1::ROLE_COLLECTOR);
      person.mutable_scope()->set_team_id(team);
      foundation->person_ids.push_back(append(v1::RECORD_TYPE_PERSON, person));
    }
    Must(server::ReconcileGrants(*server.core_->store, *server.core_->registry).status(), "grants");
    server.Kill();
    foundation->disk = server.disk_.Snapshot();
    return foundation;
  }();
  return *made;
}

SimServer::Core::~Core() {
  // Works that wait are answered before what they would touch goes.
  commit.reset();
}

SimServer::SimServer(Scheduler& scheduler, Choices& choices, Observer observer)
    : scheduler_(scheduler),
      choices_(choices),
      observer_(std::move(observer)),
      disk_(choices.Stream("server/disk").Next64()),
      clock_(StartOfRun()) {}

SimServer::~SimServer() { Bury(); }

void SimServer::Tick() {
  clock_.Advance(scheduler_.now() - ticked_);
  ticked_ = scheduler_.now();
}

absl::StatusOr<std::unique_ptr<SimServer::Core>> SimServer::Open() {
  auto core = std::make_unique<Core>();
  Random& random = choices_.Stream("server/random");
  server::RegistryStore::Options registry_options;
  registry_options.vfs = disk_.name();
  BARAZA_ASSIGN_OR_RETURN(core->registry,
                          server::RegistryStore::Open(kRegistryFile, registry_options));
  BARAZA_ASSIGN_OR_RETURN(const std::vector<server::ProgrammeEntry> programmes,
                          core->registry->ListProgrammes());
  if (programmes.empty()) return absl::DataLossError("the registry has lost its programme");
  core->authenticator = std::make_unique<server::Authenticator>(*core->registry, clock_);
  core->enrolment = std::make_unique<server::Enrolment>(*core->registry, clock_, random);
  server::ProgrammeStoreOptions options;
  options.vfs = disk_.name();
  options.programme_id = programmes.front().programme_id;
  options.max_read_connections = 2;
  BARAZA_ASSIGN_OR_RETURN(core->store,
                          server::ProgrammeStore::Open(kProgrammeFile, options, clock_, random));
  core->commit = std::make_unique<server::GroupCommit>(*core->store);
  core->projection = std::make_unique<server::Projection>(*core->store, *core->commit);
  core->handler = std::make_unique<server::SyncHandler>(*core->store, *core->commit, clock_);
  core->desk = std::make_unique<server::Desk>(*core->store, *core->commit, clock_, random);
  BARAZA_ASSIGN_OR_RETURN(core->rebuild, core->projection->Load());
  BARAZA_RETURN_IF_ERROR(server::ReconcileGrants(*core->store, *core->registry).status());
  core->reconciled = core->projection->register_snapshot();
  return core;
}

void SimServer::Start() {
  start_due_ = false;
  if (up()) return;
  Tick();
  if (disk_.dead()) disk_.Restart();
  absl::StatusOr<std::unique_ptr<Core>> core = Open();
  if (!core.ok() || disk_.dead()) {
    // A fault in the middle of opening; the machine's supervisor starts it again.
    core = absl::UnavailableError("did not start");
    ++generation_;
    if (!start_due_) {
      start_due_ = true;
      scheduler_.After(absl::Seconds(1 + choices_.Below("server/restart", 10)),
                       [this] { Start(); });
    }
    return;
  }
  core_ = *std::move(core);
  core_->commit->AddObserver([this](int64_t position) {
    if (observer_.committed) observer_.committed(position);
    ScheduleStep();
  });
  core_->commit->SetWakeUp([this] { ScheduleFlush(); });
  if (observer_.started) observer_.started();
  if (up()) ScheduleStep();
}

void SimServer::Bury() {
  if (core_ == nullptr) return;
  ++generation_;
  core_ = nullptr;
}

void SimServer::LookAfter() {
  if (!disk_.dead()) return;
  const bool was_up = up();
  Bury();
  if (was_up && observer_.died) observer_.died();
  if (start_due_) return;
  start_due_ = true;
  scheduler_.After(absl::Seconds(1 + choices_.Below("server/restart", 60)), [this] { Start(); });
}

void SimServer::Kill() {
  disk_.Kill();
  LookAfter();
}

void SimServer::CutPower(SimDisk::PowerLoss how) {
  disk_.CutPower(choices_.Stream("server/power"), how);
  LookAfter();
}

void SimServer::ScheduleFlush() {
  if (!up() || core_->flush_due) return;
  core_->flush_due = true;
  scheduler_.After(absl::Milliseconds(choices_.Below("server/flush", 30)),
                   [this, generation = generation_] {
                     if (generation != generation_ || !up()) return;
                     core_->flush_due = false;
                     Flush();
                   });
}

void SimServer::Flush() {
  Tick();
  while (up() && !disk_.dead() && core_->commit->Flush() > 0) {
  }
  LookAfter();
}

void SimServer::ScheduleStep() {
  if (!up() || core_->step_due) return;
  core_->step_due = true;
  scheduler_.After(absl::Milliseconds(choices_.Below("server/step", 400)),
                   [this, generation = generation_] {
                     if (generation != generation_ || !up()) return;
                     core_->step_due = false;
                     Step();
                   });
}

void SimServer::Step() {
  if (core_->stepping) {
    ScheduleStep();
    return;
  }
  Tick();
  core_->stepping = true;
  const auto guarded = [this, generation = generation_](const absl::Status& status, bool more) {
    if (generation != generation_ || !up()) return;
    core_->stepping = false;
    AfterStep(status, more);
  };
  if (core_->rebuild) {
    core_->projection->Rebuild([this, guarded](const absl::Status& status) {
      if (up() && status.ok()) core_->rebuild = false;
      guarded(status, true);
    });
  } else {
    core_->projection->Step([guarded](const absl::StatusOr<bool>& more) {
      guarded(more.status(), more.ok() && *more);
    });
  }
  LookAfter();
}

void SimServer::AfterStep(const absl::Status& status, bool more) {
  if (disk_.dead()) return;
  if (!status.ok()) {
    // As the pump does, but not as often: virtual time is cheap, its events are not.
    scheduler_.After(absl::Minutes(1), [this] { ScheduleStep(); });
    return;
  }
  if (const auto now = core_->projection->register_snapshot(); now != core_->reconciled) {
    if (server::ReconcileGrants(*core_->store, *core_->registry).ok()) core_->reconciled = now;
  }
  if (more) ScheduleStep();
}

void SimServer::OnRequest(const std::string& request, const std::string& credential, Reply reply) {
  if (!up()) {
    reply(absl::UnavailableError("nobody listens"));
    return;
  }
  Tick();
  v1::SyncRequest in;
  absl::Status status;
  if (!in.ParseFromString(request)) {
    status = absl::InternalError("the request does not parse");
  } else if (!in.packed_operations().empty()) {
    status = UnpackOperations(server::kMaxMessageBytes, in);
  }
  const absl::StatusOr<server::Caller> authenticated =
      status.ok() ? core_->authenticator->Authenticate(absl::StrCat("Bearer ", credential))
                  : absl::StatusOr<server::Caller>(status);
  if (!authenticated.ok()) {
    if (!disk_.dead()) reply(authenticated.status());
    LookAfter();
    return;
  }
  server::Caller caller = *authenticated;
  server::CompleteCaller(*core_->projection->register_snapshot(), caller);
  core_->handler->Handle(
      in, caller,
      [this, generation = generation_, reply](absl::StatusOr<v1::SyncResponse> response) {
        // What a dead process would have said nobody hears.
        if (generation != generation_ || disk_.dead()) return;
        if (!response.ok()) {
          reply(response.status());
        } else {
          reply(response->SerializeAsString());
        }
      });
  LookAfter();
}

absl::StatusOr<v1::EnrolResponse> SimServer::Enrol(const std::string& person_id,
                                                   const std::string& device_id) {
  if (!up()) return absl::UnavailableError("nobody listens");
  Tick();
  const auto enrol = [&]() -> absl::StatusOr<v1::EnrolResponse> {
    server::Enrolment::CodeRequest code_request;
    code_request.programme_id = core_->store->programme_id();
    code_request.person_id = person_id;
    code_request.created_by = Foundation::Get().administrator_id;
    code_request.address = kAddress;
    BARAZA_ASSIGN_OR_RETURN(const v1::CreateEnrolmentCodeResponse code,
                            core_->enrolment->CreateCode(code_request));
    std::string bytes;
    v1::EnrolmentCode content;
    if (!absl::WebSafeBase64Unescape(code.code().substr(code.code().find(':') + 1), &bytes) ||
        !content.ParseFromString(bytes)) {
      return absl::InternalError("the code does not parse");
    }
    v1::EnrolRequest request;
    request.set_secret(content.secret());
    request.set_device_id(device_id);
    BARAZA_ASSIGN_OR_RETURN(server::Enrolment::Enrolled enrolled,
                            core_->enrolment->Enrol(request, "ipv4:127.0.0.1:9"));
    v1::EnrolResponse response;
    response.set_credential(enrolled.token);
    response.set_credential_id(enrolled.credential.credential_id);
    server::Caller caller;
    caller.membership = std::move(enrolled.person.membership);
    server::CompleteCaller(*core_->projection->register_snapshot(), caller);
    *response.mutable_membership() = std::move(caller.membership);
    response.set_server_epoch(core_->store->epoch());
    return response;
  };
  absl::StatusOr<v1::EnrolResponse> response = enrol();
  if (disk_.dead()) response = absl::UnavailableError("the connection broke");
  LookAfter();
  return response;
}

absl::Status SimServer::SetCredential(const std::string& credential_id, v1::CredentialState state) {
  if (!up()) return absl::UnavailableError("nobody listens");
  Tick();
  const absl::Status status = core_->registry->SetCredentialState(credential_id, state).status();
  LookAfter();
  return status;
}

server::Caller SimServer::CallerOf(const std::string& person_id) {
  server::Caller caller;
  const auto person = core_->registry->GetPerson(core_->store->programme_id(), person_id);
  if (!person.ok()) return caller;
  caller.grant = {.programme_id = core_->store->programme_id(),
                  .person_id = person_id,
                  .team_ids = person->team_ids,
                  .roles = person->roles};
  caller.membership = person->membership;
  server::CompleteCaller(*core_->projection->register_snapshot(), caller);
  return caller;
}

void SimServer::Write(v1::RecordType type, const std::string& id,
                      const google::protobuf::Message* before,
                      const google::protobuf::Message& after, const std::string& request_id) {
  core_->desk->Append(CallerOf(Foundation::Get().administrator_id), type, id, before, after,
                      request_id, [](const absl::StatusOr<server::Desk::Outcome>&) {});
  LookAfter();
}

template <typename T>
bool SimServer::FindEntry(v1::RecordType type, const std::string& title, T& entry) {
  bool found = false;
  const absl::Status read =
      core_->store->ForEachRecordState(type, [&](const v1::RecordState& state) {
        T candidate;
        if (found || state.voided() || !candidate.ParseFromString(state.record()) ||
            candidate.title() != title) {
          return absl::OkStatus();
        }
        entry = std::move(candidate);
        found = true;
        return absl::OkStatus();
      });
  LookAfter();
  return read.ok() && found && up();
}

void SimServer::AddOrganisation(int number) {
  if (!up()) return;
  Tick();
  v1::Organisation organisation;
  organisation.set_title(LaterOrganisation(number));
  Write(v1::RECORD_TYPE_ORGANISATION, "", nullptr, organisation,
        absl::StrCat("organisation-", number));
}

void SimServer::AddTeam(int number) {
  if (!up()) return;
  Tick();
  v1::Organisation organisation;
  if (!FindEntry(v1::RECORD_TYPE_ORGANISATION, LaterOrganisation(number), organisation)) return;
  v1::Team team;
  team.set_title(LaterTeam(number));
  team.set_organisation_id(organisation.id());
  Write(v1::RECORD_TYPE_TEAM, "", nullptr, team, absl::StrCat("team-", number));
}

template <typename T, typename F>
void SimServer::Change(v1::RecordType type, const std::string& title, F&& change) {
  if (!up()) return;
  Tick();
  T entry;
  if (!FindEntry(type, title, entry)) return;
  T after = entry;
  if (change(after)) Write(type, entry.id(), &entry, after);
}

void SimServer::VoidOrganisation(int number) {
  Change<v1::Organisation>(v1::RECORD_TYPE_ORGANISATION, LaterOrganisation(number),
                           [](v1::Organisation& organisation) {
                             organisation.mutable_void_mark()->set_voided(true);
                             return true;
                           });
}

void SimServer::VoidTeam(int number) {
  Change<v1::Team>(v1::RECORD_TYPE_TEAM, LaterTeam(number), [](v1::Team& team) {
    team.mutable_void_mark()->set_voided(true);
    return true;
  });
}

void SimServer::MergeTeam(int number, int into) {
  Change<v1::Team>(v1::RECORD_TYPE_TEAM, LaterTeam(number), [&](v1::Team& team) {
    v1::Team target;
    target.set_id(Foundation::Get().team_ids.front());
    if (into >= 0 && !FindEntry(v1::RECORD_TYPE_TEAM, LaterTeam(into), target)) return false;
    team.set_merged_into(target.id());
    return true;
  });
}

void SimServer::AskInVain(const std::string& title, std::function<void(const absl::Status&)> done) {
  if (!up()) return;
  Tick();
  v1::Organisation organisation;
  organisation.set_title(title);
  core_->desk->Append(CallerOf(Foundation::Get().person_ids[0]), v1::RECORD_TYPE_ORGANISATION, "",
                      nullptr, organisation, "",
                      [this, generation = generation_, done = std::move(done)](
                          const absl::StatusOr<server::Desk::Outcome>& outcome) {
                        if (generation == generation_ && !disk_.dead()) done(outcome.status());
                      });
  LookAfter();
}

absl::Status SimServer::BackUp(const std::string& path) {
  if (!up()) return absl::UnavailableError("nobody listens");
  Tick();
  absl::Status status = core_->store->BackupTo(path);
  // The registry last, as the real command does.
  if (status.ok()) status = core_->registry->BackupTo(path + kRegistrySuffix);
  if (disk_.dead()) status = absl::UnavailableError("the server died");
  LookAfter();
  return status;
}

absl::StatusOr<std::string> SimServer::RestoredRegistry(const std::string& path) {
  server::RegistryStore::Options options;
  options.vfs = disk_.name();
  options.read_only = true;
  BARAZA_ASSIGN_OR_RETURN(const std::unique_ptr<server::RegistryStore> replaced,
                          server::RegistryStore::Open(kRegistryFile, options));
  BARAZA_ASSIGN_OR_RETURN(const server::Restrictions restrictions, replaced->ListRestrictions());
  const std::string restored = path + ".restored";
  RemoveDatabase(restored);
  {
    options.vfs = "";
    BARAZA_ASSIGN_OR_RETURN(const std::unique_ptr<server::RegistryStore> backup,
                            server::RegistryStore::Open(path + kRegistrySuffix, options));
    BARAZA_RETURN_IF_ERROR(backup->BackupTo(restored));
  }
  {
    BARAZA_ASSIGN_OR_RETURN(const std::unique_ptr<server::RegistryStore> made,
                            server::RegistryStore::Open(restored, {}));
    BARAZA_RETURN_IF_ERROR(made->Restrict(restrictions).status());
    BARAZA_RETURN_IF_ERROR(made->Checkpoint());
  }
  BARAZA_ASSIGN_OR_RETURN(std::string bytes, ReadFile(restored));
  RemoveDatabase(restored);
  return bytes;
}

absl::Status SimServer::RestoreFrom(const std::string& path) {
  Tick();
  const bool was_up = up();
  if (!disk_.dead()) disk_.Kill();
  Bury();
  if (was_up && observer_.died) observer_.died();
  disk_.Restart();
  absl::StatusOr<std::string> registry = RestoredRegistry(path);
  if (!registry.ok()) {
    // Whoever restores has seen to the disk first; else it would be for him to revoke again.
    disk_.Heal();
    if (disk_.dead()) disk_.Restart();
    registry = RestoredRegistry(path);
  }
  BARAZA_RETURN_IF_ERROR(registry.status());
  // The real restore, beside the simulated disk; then the file is copied onto it.
  const std::string restored = path + ".restored";
  unlink(restored.c_str());
  BARAZA_RETURN_IF_ERROR(
      server::RestoreProgramme(path, restored, clock_, choices_.Stream("server/random")));
  BARAZA_ASSIGN_OR_RETURN(const std::string programme, ReadFile(restored));
  RemoveDatabase(restored);
  for (const auto& [file, bytes] :
       {std::pair<const char*, const std::string&>(kProgrammeFile, programme),
        {kRegistryFile, *registry}}) {
    for (const char* suffix : {"", "-wal", "-shm"}) disk_.Remove(absl::StrCat(file, suffix));
    disk_.Put(file, bytes);
  }
  Start();
  return absl::OkStatus();
}

bool SimServer::Settle() {
  Tick();
  for (int round = 0; round < 1000; ++round) {
    if (!up()) return false;
    while (core_->commit->Flush() > 0) {
    }
    if (disk_.dead()) break;
    absl::StatusOr<bool> more = absl::UnknownError("not answered");
    if (core_->rebuild) {
      core_->projection->Rebuild([&](const absl::Status& status) {
        more = status.ok() ? absl::StatusOr<bool>(true) : status;
      });
    } else {
      core_->projection->Step([&](absl::StatusOr<bool> stepped) { more = std::move(stepped); });
    }
    while (core_->commit->Flush() > 0) {
    }
    if (disk_.dead() || !more.ok()) break;
    core_->rebuild = false;
    if (!*more) return true;
  }
  LookAfter();
  return false;
}

absl::StatusOr<std::map<std::string, v1::WireOperation>> SimServer::Log() {
  std::map<std::string, v1::WireOperation> log;
  int64_t after = 0;
  while (true) {
    BARAZA_ASSIGN_OR_RETURN(const std::vector<server::LogEntry> page,
                            core_->store->ReadLog(after, 1000));
    if (page.empty()) return log;
    for (const server::LogEntry& entry : page) log[entry.op_id] = entry.wire;
    after = page.back().position;
  }
}

std::set<std::string> SimServer::Quarantined() {
  std::set<std::string> found;
  const auto rows = core_->store->ListQuarantine("", 0, 100'000);
  if (!rows.ok()) return found;
  for (const server::QuarantineRow& row : *rows) found.insert(row.op_id);
  return found;
}

v1::Figure SimServer::Figure() {
  v1::Figure figure;
  core_->projection
      ->GetFigure(Foundation::Get().indicator_id, "2026-Q3", absl::CivilDay(2026, 10, 1), figure)
      .IgnoreError();
  return figure;
}

}  // namespace baraza::sim
