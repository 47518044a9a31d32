#include "tests/simulation/simulation.h"

#include <unistd.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/base/civil_date.h"
#include "core/base/status.h"
#include "core/model/operation.h"
#include "core/model/operation_batch.h"
#include "core/sqlite/database.h"
#include "sync_server/ingest/audience.h"
#include "sync_server/limits.h"
#include "tests/simulation/choices.h"
#include "tests/simulation/oracle.h"
#include "tests/simulation/scheduler.h"
#include "tests/simulation/sim_phone.h"
#include "tests/simulation/sim_server.h"
#include "tests/simulation/state.h"
#include "tests/testing/temp_dir.h"

namespace baraza::sim {
namespace {

constexpr int kSessions = 8;

// Real sessions, so far apart in every respect that nobody takes one for another. Every fourth was
// cancelled: it does not count.
struct RealSession {
  const char* title;
  const char* date;
  const char* town;
};
constexpr RealSession kRealSessions[kSessions] = {
    {"Forum on forest access", "2026-07-02", "Mombasa"},
    {"Exchange about school meals", "2026-07-13", "Kampala"},
    {"Radio debate on fishing rights", "2026-07-24", "Dakar"},
    {"Garden inventory walk", "2026-08-03", "Cusco"},
    {"Round table on street lighting", "2026-08-14", "Brno"},
    {"Learning day of the water committees", "2026-08-25", "Maputo"},
    {"Hearing about land registers", "2026-09-05", "Quito"},
    {"Bicycle repair afternoon", "2026-09-16", "Bamako"},
};
bool Counts(int session) { return session % 4 != 3; }

// What never may be in the log, what never may leave a phone, and what only a team's own people may
// see.
constexpr char kAskedInVain[] = "organisation-asked-for-in-vain";
constexpr char kDeviceCanary[] = "canary-of-the-device";
std::string TeamCanary(const std::string& team_id) { return absl::StrCat("canary-of-", team_id); }
std::string Mark(int deed) { return absl::StrCat("deed-", deed, ";"); }

void SetText(v1::LocalText* text, const std::string& value) {
  text->set_text(value);
  text->set_language("en");
}

// What else there is to a report.
struct Extras {
  // This one (see LaterTeam) took part as well, by its name; -1: none.
  int named_team = -1;
  // For the team and the office only.
  bool sensitive = false;
};

v1::Record MakeReport(int session, const std::string& team_id, int deed, const Extras& extras) {
  const RealSession& real = kRealSessions[session];
  v1::Record record;
  v1::SessionReport& report = *record.mutable_session_report();
  SetText(report.mutable_title(), real.title);
  report.set_issue_id(Foundation::Get().issue_id);
  report.set_held_status(Counts(session) ? v1::HELD_STATUS_HELD : v1::HELD_STATUS_CANCELLED);
  report.mutable_dates()->set_earliest(real.date);
  report.mutable_dates()->set_precision(v1::DATE_PRECISION_DAY);
  report.mutable_venue()->set_locality(real.town);
  int element = 0;
  for (const std::string& team : Foundation::Get().team_ids) {
    v1::ParticipatingTeam& participant = *report.add_participating_teams();
    participant.set_element_id(absl::StrCat("t", ++element));
    participant.set_team_id(team);
    participant.set_present(v1::YES_NO_YES);
  }
  if (extras.sensitive) report.set_sensitivity(v1::PRIVACY_TEAM);
  if (extras.named_team >= 0) {
    v1::ParticipatingTeam& participant = *report.add_participating_teams();
    participant.set_element_id(absl::StrCat("t", ++element));
    participant.set_unregistered_name(LaterTeam(extras.named_team));
    participant.set_present(v1::YES_NO_YES);
  }
  report.set_reporting_team_present(v1::YES_NO_YES);
  report.set_experiences_shared(v1::YES_NO_YES);
  report.set_learned_from_each_other(v1::YES_NO_YES);
  SetText(report.mutable_narrative(), absl::StrCat(Mark(deed), " ", TeamCanary(team_id)));
  SetText(report.mutable_private_notes(), kDeviceCanary);
  return record;
}

class Simulation {
 public:
  Simulation(const Plan& plan, std::ostream* trace)
      : plan_(plan),
        trace_(trace),
        choices_(plan.seed, trace),
        server_(scheduler_, choices_,
                {.committed = [this](int64_t position) { OnCommit(position); },
                 .died = [] {},
                 .started = [this] { OnServerStart(); }}),
        spoils_(std::any_of(plan.steps.begin(), plan.steps.end(),
                            [](const Step& step) { return step.verb == "spoil"; })) {}

  Outcome Run() {
    SimDisk::SeedSqlite(plan_.seed);
    server_.disk().Restore(Foundation::Get().disk);
    server_.Start();
    for (int i = 1; i <= plan_.phones; ++i) {
      SimPhone& phone = AddPhone(absl::StrCat("phone", i), i - 1);
      phone.Boot();
      EnrolUntilDone(phone);
    }
    for (const Step& step : plan_.steps) {
      if (step.at_ms > plan_.length_ms) continue;
      scheduler_.At(absl::Milliseconds(step.at_ms), [this, &step] {
        if (trace_ != nullptr) *trace_ << Now() << " " << step.verb << " " << step.node << "\n";
        Do(step);
      });
    }
    const absl::Duration end = absl::Milliseconds(plan_.length_ms);
    while (!Broken() && scheduler_.RunOne(end)) {
      if (scheduler_.executed() > kMaxEvents) Break("the run does not come to an end");
    }
    if (!Broken()) Quiesce();
    if (!Broken()) CheckTheEnd();
    Finish();
    return std::move(outcome_);
  }

 private:
  static constexpr uint64_t kMaxEvents = 200'000;

  struct Window {
    std::string node;
    absl::Duration until;
    const Step* step;
  };

  // --- Bookkeeping -------------------------------------------------------------------------------

  std::string Now() const { return absl::FormatDuration(scheduler_.now()); }
  bool Broken() const { return !outcome_.violation.empty(); }
  void Break(const std::string& what) {
    if (Broken()) return;
    outcome_.violation = absl::StrCat(Now(), ": ", what);
    if (trace_ != nullptr) *trace_ << "VIOLATION " << outcome_.violation << "\n";
  }
  void Require(bool holds, const std::string& what) {
    if (!holds) Break(what);
  }
  Tally& tally() { return outcome_.tally; }

  SimPhone& AddPhone(const std::string& name, int person) {
    phones_[name] = std::make_unique<SimPhone>(
        scheduler_, choices_, name, person,
        [this](SimPhone& phone, std::string request, SimPhone::Answered answered) {
          OnSend(phone, std::move(request), std::move(answered));
        },
        SimPhone::Observer{.booted = [this](SimPhone& phone) { OnBoot(phone); },
                           .synced = [this](SimPhone& phone) { OnSynced(phone); }});
    return *phones_[name];
  }
  SimPhone* Find(const std::string& name) {
    const auto found = phones_.find(name);
    return found == phones_.end() ? nullptr : found->second.get();
  }

  // --- Steps -------------------------------------------------------------------------------------

  void Do(const Step& step) {
    if (step.node == "server") {
      DoServer(step);
      server_.LookAfter();
      return;
    }
    SimPhone* phone = Find(step.node);
    if (phone == nullptr) return;
    DoPhone(step, *phone);
    phone->LookAfter();
  }

  void DoServer(const Step& step) {
    if (step.verb == "kill") {
      ++tally().kills;
      server_.Kill();
    } else if (step.verb == "power") {
      ++tally().power_cuts;
      server_.CutPower(static_cast<SimDisk::PowerLoss>(step.Get("how")));
    } else if (step.verb == "clock") {
      server_.clock().SetNow(server_.clock().Now() + absl::Milliseconds(step.Get("by_ms")));
    } else if (step.verb == "organisation") {
      server_.AddOrganisation(static_cast<int>(step.Get("number")));
    } else if (step.verb == "team") {
      server_.AddTeam(static_cast<int>(step.Get("number")));
    } else if (step.verb == "void_organisation") {
      server_.VoidOrganisation(static_cast<int>(step.Get("number")));
    } else if (step.verb == "void_team") {
      server_.VoidTeam(static_cast<int>(step.Get("number")));
    } else if (step.verb == "merge_team") {
      server_.MergeTeam(static_cast<int>(step.Get("number")), static_cast<int>(step.Get("into")));
    } else if (step.verb == "in_vain") {
      server_.AskInVain(kAskedInVain, [this](const absl::Status& status) {
        Require(!status.ok(), "a collector makes an organisation");
      });
    } else if (step.verb == "backup") {
      if (!server_.BackUp(backup_).ok()) return;
      // The last one is overwritten.
      backed_up_ = false;
      const auto log = server_.up() ? server_.Log() : absl::UnavailableError("down");
      if (!log.ok()) return;
      in_backup_.clear();
      for (const auto& [op_id, wire] : *log) in_backup_.insert(op_id);
      oracle_.BackUpServer(backup_, in_backup_);
      backed_up_ = true;
    } else if (step.verb == "restore") {
      if (!backed_up_) return;
      ++tally().restores;
      restored_ = true;
      oracle_.RestoreServer(backup_);
      last_position_ = 0;
      const absl::Status restored = server_.RestoreFrom(backup_);
      Require(restored.ok(), absl::StrCat("restore: ", restored.ToString()));
    } else {
      DoDisk(step, server_.disk());
    }
  }

  void DoPhone(const Step& step, SimPhone& phone) {
    if (step.verb == "capture") {
      Capture(phone, static_cast<int>(step.Get("session")), step.Get("draft") != 0,
              {.named_team = static_cast<int>(step.Get("team", -1)),
               .sensitive = step.Get("sensitive") != 0});
    } else if (step.verb == "edit") {
      Change(phone, step.Get("pick"), Oracle::Kind::kEdit);
    } else if (step.verb == "edit_any") {
      EditAny(phone, step.Get("pick"));
    } else if (step.verb == "void") {
      Change(phone, step.Get("pick"), Oracle::Kind::kVoid);
    } else if (step.verb == "sync") {
      phone.Sync();
    } else if (step.verb == "kill") {
      ++tally().kills;
      phone.Kill();
    } else if (step.verb == "power") {
      ++tally().power_cuts;
      phone.CutPower(static_cast<SimDisk::PowerLoss>(step.Get("how")));
    } else if (step.verb == "clock") {
      absl::Time to = phone.clock().Now() + absl::Milliseconds(step.Get("by_ms"));
      if (const int64_t year = step.Get("to_year"); year != 0) {
        to = absl::FromCivil(absl::CivilSecond(year, 1, 1), absl::UTCTimeZone());
      }
      phone.clock().SetNow(to);
    } else if (step.verb == "net") {
      windows_.push_back({phone.name(), absl::Milliseconds(step.Get("until")), &step});
    } else if (step.verb == "image") {
      images_[phone.name()] = phone.disk().Snapshot();
      oracle_.TakeImage(phone.name(), phone.name());
    } else if (step.verb == "put_back") {
      if (images_.count(phone.name()) == 0) return;
      ++tally().copies;
      oracle_.PutBack(phone.name(), phone.name());
      seen_[phone.name()].clear();
      phone.Become(images_[phone.name()]);
    } else if (step.verb == "clone") {
      const std::string name = absl::StrCat("clone", step.Get("number"));
      if (Find(name) != nullptr) return;
      ++tally().copies;
      SimPhone& clone = AddPhone(name, phone.person());
      oracle_.Copy(phone.name(), name);
      clone.Become(phone.disk().Snapshot());
    } else if (step.verb == "wipe") {
      ++tally().copies;
      oracle_.Wipe(phone.name());
      seen_[phone.name()].clear();
      phone.Become(SimDisk::Image());
      EnrolUntilDone(phone);
    } else if (step.verb == "suspend") {
      server_.SetCredential(phone.credential_id(), v1::CREDENTIAL_STATE_SUSPENDED).IgnoreError();
    } else if (step.verb == "resume") {
      server_.SetCredential(phone.credential_id(), v1::CREDENTIAL_STATE_ACTIVE).IgnoreError();
    } else if (step.verb == "revoke") {
      if (server_.SetCredential(phone.credential_id(), v1::CREDENTIAL_STATE_REVOKED).ok()) {
        revoked_.insert(phone.credential_id());
      }
    } else if (step.verb == "enrol") {
      Enrol(phone);
    } else if (step.verb == "outdated") {
      phone.set_outdated(step.Get("on") != 0);
    } else if (step.verb == "narrow") {
      phone.set_narrow();
    } else if (step.verb == "spoil") {
      to_spoil_.insert(phone.name());
    } else {
      DoDisk(step, phone.disk());
    }
  }

  void DoDisk(const Step& step, SimDisk& disk) {
    if (step.verb == "disk") {
      SimDisk::Fault fault;
      fault.kind = static_cast<SimDisk::Fault::Kind>(step.Get("kind"));
      fault.how = static_cast<SimDisk::PowerLoss>(step.Get("how"));
      disk.FailAt(step.Get("after"), fault, step.Get("persistent") != 0);
    } else if (step.verb == "fill") {
      int64_t used = 0;
      for (const std::string& path : disk.FilePaths()) {
        used += static_cast<int64_t>(disk.Bytes(path).size());
      }
      disk.SetCapacity(used + step.Get("bytes") + 1);
    } else if (step.verb == "heal") {
      disk.Heal();
      disk.SetCapacity(0);
    } else {
      Break(absl::StrCat("the plan has an unknown verb: ", step.verb));
    }
  }

  bool Enrol(SimPhone& phone) {
    if (!phone.up()) return false;
    const absl::StatusOr<v1::EnrolResponse> enrolment =
        server_.Enrol(Foundation::Get().person_ids[static_cast<size_t>(phone.person())],
                      phone.client().DeviceId());
    if (!enrolment.ok()) return false;
    credential_ids_[enrolment->credential()] = enrolment->credential_id();
    const bool bound = phone.Bind(*enrolment).ok();
    return bound;
  }

  void EnrolUntilDone(SimPhone& phone) {
    if (Enrol(phone)) {
      phone.Sync();
      return;
    }
    scheduler_.After(absl::Minutes(30), [this, &phone] {
      if (phone.up() && phone.client().GetConnection().has_value()) return;
      EnrolUntilDone(phone);
    });
  }

  // --- What people do on a phone -----------------------------------------------------------------

  void Capture(SimPhone& phone, int wanted, bool from_draft, const Extras& extras) {
    phone.Tick();
    if (!phone.up() || !phone.client().GetConnection().has_value()) return;
    // Nobody reports one session twice.
    int session = -1;
    for (int i = 0; i < kSessions && session < 0; ++i) {
      const int candidate = (wanted + i) % kSessions;
      if (reported_.count({phone.person(), candidate}) == 0) session = candidate;
    }
    if (session < 0) return;
    Oracle::Deed deed;
    deed.session = session;
    deed.counts = Counts(session);
    const int number = oracle_.Begin(deed);
    reported_.insert({phone.person(), session});
    const v1::Record report = MakeReport(session, phone.team_id(), number, extras);
    absl::StatusOr<v1::ClientRecord> captured = absl::UnknownError("not asked");
    if (from_draft) {
      v1::Draft draft;
      *draft.mutable_record() = report;
      absl::StatusOr<v1::Draft> saved = phone.client().SaveDraft(draft);
      if (!saved.ok()) return;
      captured = phone.client().CaptureDraft(saved->draft_id());
      if (phone.disk().dead()) return;
      // Either the draft is there or the report.
      const auto drafts = phone.client().ListDrafts();
      Require(!drafts.ok() || captured.ok() != ContainsDraft(*drafts, saved->draft_id()),
              absl::StrCat(phone.name(), ": a draft is captured and still a draft, or neither"));
    } else {
      captured = phone.client().Capture(report);
    }
    RequireNoObjection(captured.status());
    if (!captured.ok()) return;
    Did(phone, number, *captured);
    made_[phone.name()].push_back({number, captured->state().record_id()});
  }

  void Change(SimPhone& phone, int64_t pick, Oracle::Kind kind) {
    phone.Tick();
    const std::vector<Made>& made = made_[phone.name()];
    if (!phone.up() || made.empty()) return;
    const Made& report = made[static_cast<size_t>(pick) % made.size()];
    const absl::StatusOr<v1::ClientRecord> now = phone.client().Get(report.record_id);
    if (!now.ok() || now->state().voided() || !now->state().created()) return;
    Oracle::Deed deed;
    deed.kind = kind;
    deed.of = report.deed;
    const int number = oracle_.Begin(deed);
    absl::StatusOr<v1::ClientRecord> changed = absl::UnknownError("not asked");
    if (kind == Oracle::Kind::kVoid) {
      v1::LocalText reason;
      SetText(&reason, Mark(number));
      changed = phone.client().Void(report.record_id, reason);
    } else {
      v1::Record after = now->record();
      SetText(after.mutable_session_report()->mutable_follow_up_agreed(), Mark(number));
      changed = phone.client().Edit(report.record_id, after);
    }
    RequireNoObjection(changed.status());
    if (changed.ok()) Did(phone, number, *changed);
  }

  // A disk may fail; but what people ask for here is right.
  void RequireNoObjection(const absl::Status& status) {
    Require(!absl::IsInvalidArgument(status) && !absl::IsPermissionDenied(status),
            absl::StrCat("a phone refuses: ", status.ToString()));
  }

  static bool ContainsDraft(const std::vector<v1::Draft>& drafts, const std::string& id) {
    for (const v1::Draft& draft : drafts) {
      if (draft.draft_id() == id) return true;
    }
    return false;
  }

  // A colleague changes what somebody else of the team may be changing too.
  void EditAny(SimPhone& phone, int64_t pick) {
    phone.Tick();
    if (!phone.up()) return;
    v1::ListRequest request;
    request.set_type(v1::RECORD_TYPE_SESSION_REPORT);
    request.set_page_size(1000);
    const absl::StatusOr<v1::ListResult> reports = phone.client().List(request);
    if (!reports.ok() || reports->records().empty()) return;
    const v1::ClientRecord& report =
        reports->records(static_cast<int>(pick) % reports->records_size());
    if (!report.state().created()) return;
    // A collector may change his own, a lead all of the team's.
    if (!phone.is_lead() && report.state().author_id() != phone.person_id()) return;
    Oracle::Deed deed;
    deed.kind = Oracle::Kind::kEdit;
    const int number = oracle_.Begin(deed);
    v1::Record after = report.record();
    SetText(after.mutable_session_report()->mutable_follow_up_agreed(), Mark(number));
    client::Client::EditOptions options;
    options.base_heads.assign(report.state().heads().begin(), report.state().heads().end());
    const absl::StatusOr<v1::ClientRecord> changed =
        phone.client().Edit(report.state().record_id(), after, options);
    RequireNoObjection(changed.status());
    if (changed.ok()) Did(phone, number, *changed);
  }

  void Did(SimPhone& phone, int deed, const v1::ClientRecord& record) {
    ++tally().captured;
    // An edit or a void joins the heads that there were.
    const std::string op_id =
        record.state().heads_size() > 0 ? record.state().heads(0) : std::string();
    Require(record.state().heads_size() == 1,
            absl::StrCat(Mark(deed), " left ", record.state().heads_size(), " heads"));
    oracle_.Done(deed, phone.name(), op_id);
    // It was made with all in view that there is, so nothing stands against it.
    Require(oracle_.deed(deed).kind == Oracle::Kind::kVoid
                ? record.state().voided()
                : absl::StrContains(record.state().record(), Mark(deed)),
            absl::StrCat(Mark(deed), " was answered OK and the record does not say it"));
    if (phone.disk().dead() || !choices_.Chance("check/phone", 120)) return;
    // What the phone said OK to is there when the power goes at once.
    AfterPowerCut(phone, [&](client::Client& client) {
      const auto found = client.Get(record.state().record_id());
      Require(found.ok() && found->state().heads_size() > 0 && found->state().heads(0) == op_id,
              absl::StrCat(phone.name(), ": ", Mark(deed),
                           " was answered OK and is gone after a power cut"));
    });
  }

  // Opens a copy of the phone from whose disk all is gone that a power cut may take.
  void AfterPowerCut(SimPhone& phone, const std::function<void(client::Client&)>& look) {
    ++tally().forks;
    SimDisk fork(plan_.seed, phone.disk().Snapshot());
    fork.CutPower(choices_.Stream("check/power"), SimDisk::PowerLoss::kAllLost);
    fork.Restart();
    client::Client::Options options;
    options.path = SimPhone::kFile;
    options.vfs = fork.name();
    FakeClock clock(phone.clock().Now());
    SeededRandom random(plan_.seed);
    options.clock = &clock;
    options.random = &random;
    const auto client = client::Client::Open(options);
    Require(client.ok(), absl::StrCat(phone.name(), " does not open after a power cut: ",
                                      client.status().ToString()));
    if (client.ok()) look(**client);
  }

  // The same for the server's programme.
  void AfterPowerCut(const std::function<void(server::ProgrammeStore&)>& look) {
    ++tally().forks;
    SimDisk fork(plan_.seed, server_.disk().Snapshot());
    fork.CutPower(choices_.Stream("check/power"), SimDisk::PowerLoss::kAllLost);
    fork.Restart();
    server::ProgrammeStoreOptions options;
    options.vfs = fork.name();
    FakeClock clock(server_.clock().Now());
    SeededRandom random(plan_.seed);
    const auto store =
        server::ProgrammeStore::Open(SimServer::kProgrammeFile, options, clock, random);
    Require(store.ok(), absl::StrCat("the server's file does not open after a power cut: ",
                                     store.status().ToString()));
    if (store.ok()) look(**store);
  }

  // --- Phones, as they go ------------------------------------------------------------------------

  static std::string ReportsOn(client::Client& client) {
    v1::ListRequest request;
    request.set_type(v1::RECORD_TYPE_SESSION_REPORT);
    request.set_page_size(1000);
    request.set_show_voided(true);
    const auto listed = client.List(request);
    if (!listed.ok()) return "";
    std::string heads;
    for (const v1::ClientRecord& record : listed->records()) {
      for (const std::string& head : record.state().heads()) absl::StrAppend(&heads, head, " ");
    }
    return heads;
  }

  // What a program that starts finds on its disk, perhaps of one that was killed in the middle of a
  // commit, stays there.
  void OnBoot(SimPhone& phone) {
    // A copy, or a phone that was put back, brings the credential of its file.
    if (const auto connection = phone.client().GetConnection(); connection.has_value()) {
      phone.set_credential_id(credential_ids_[connection->credential]);
    }
    const auto status = phone.client().Status();
    const std::string reports = ReportsOn(phone.client());
    if (!status.ok() || status->read_only() || reports.empty() || phone.disk().dead()) return;
    AfterPowerCut(phone, [&](client::Client& client) {
      Require(ReportsOn(client) == reports,
              absl::StrCat(phone.name(), " shows what a power cut takes away"));
    });
  }

  void OnSynced(SimPhone& phone) {
    const auto status = phone.client().Status();
    Require(!status.ok() || status->outbox() == 0,
            absl::StrCat(phone.name(), " says that it has synced and has not"));
  }

  // --- The network -------------------------------------------------------------------------------

  // Delivers once, twice or never.
  void Carry(SimPhone& phone, const char* direction, const std::function<void()>& deliver,
             const std::function<void()>& reset) {
    const std::string stream = absl::StrCat("net/", phone.name(), "/", direction);
    int64_t drop = 0;
    int64_t twice = 0;
    int64_t delay_ms = 400;
    int64_t resets = 0;
    for (const Window& window : windows_) {
      if (window.node != phone.name() || window.until < scheduler_.now()) continue;
      drop = std::max(drop, window.step->Get(absl::StrCat("drop_", direction)));
      twice = std::max(twice, window.step->Get("double"));
      delay_ms = std::max(delay_ms, window.step->Get("delay_ms"));
      resets = std::max(resets, window.step->Get("reset"));
    }
    const auto delay = [&] {
      return absl::Milliseconds(20 + choices_.Below(stream, static_cast<uint64_t>(delay_ms)));
    };
    if (drop > 0 && choices_.Chance(stream, static_cast<uint64_t>(drop))) {
      ++tally().messages_lost;
      if (resets > 0 && choices_.Chance(stream, static_cast<uint64_t>(resets))) {
        scheduler_.After(delay(), reset);
      }
      return;
    }
    scheduler_.After(delay(), deliver);
    if (twice > 0 && choices_.Chance(stream, static_cast<uint64_t>(twice))) {
      ++tally().messages_doubled;
      scheduler_.After(delay(), deliver);
    }
  }

  // Operations that come out of a phone otherwise than they went in, always in the same way: the
  // server has to refuse them. Only ones that have not gone out whole.
  void Spoil(SimPhone& phone, std::string& bytes) {
    v1::SyncRequest request;
    if (!request.ParseFromString(bytes) ||
        (!request.packed_operations().empty() &&
         !UnpackOperations(server::kMaxMessageBytes, request).ok())) {
      return;
    }
    for (v1::WireOperation& wire : *request.mutable_operations()) {
      v1::Header header;
      if (!header.ParseFromString(wire.header())) continue;
      if (went_out_.insert(header.op_id()).second && to_spoil_.erase(phone.name()) > 0) {
        spoiled_.insert(header.op_id());
      }
      if (spoiled_.count(header.op_id()) == 0) continue;
      header.set_author_role(v1::ROLE_AUDITOR);
      wire.set_header(header.SerializeAsString());
    }
    PackOperations(request);
    bytes = request.SerializeAsString();
  }

  void OnSend(SimPhone& phone, std::string request, SimPhone::Answered answered) {
    if (spoils_) Spoil(phone, request);
    const std::string device_id = CheckRequest(phone, request);
    ++tally().round_trips;
    const auto connection = phone.client().GetConnection();
    const std::string credential = connection.has_value() ? connection->credential : "";
    const auto reset = [answered] { answered(absl::UnavailableError("connection reset")); };
    Carry(
        phone, "up",
        [this, &phone, request = std::move(request), device_id, credential, answered, reset] {
          const bool revoked = revoked_.count(credential_ids_[credential]) > 0;
          server_.OnRequest(
              request, credential,
              [this, &phone, device_id, answered, reset,
               revoked](const absl::StatusOr<std::string>& in) {
                Require(!in.ok() || !revoked,
                        absl::StrCat(phone.name(), "'s credential is revoked, and it is answered"));
                if (in.ok()) OnAnswer(phone, device_id, *in);
                Carry(
                    phone, "down", [answered, in] { answered(in); }, reset);
              });
        },
        reset);
  }

  // Returns the device's id.
  std::string CheckRequest(SimPhone& phone, const std::string& bytes) {
    v1::SyncRequest request;
    Require(request.ParseFromString(bytes) &&
                (request.packed_operations().empty() ||
                 UnpackOperations(server::kMaxMessageBytes, request).ok()),
            "a request does not parse");
    Require(!absl::StrContains(request.SerializeAsString(), kDeviceCanary),
            "a value of class DEVICE leaves a phone");
    if (server_.up() && choices_.Chance("check/cursor", 100)) CheckCursor(phone, request.cursor());
    if (server_.up() && choices_.Chance("check/figure", 100)) CheckFigure();
    if (server_.up() && choices_.Chance("check/view", 200)) CheckNothingVanished(phone);
    // What is read here may be the call that the disk was told to die at.
    server_.LookAfter();
    return request.device_id();
  }

  // Nobody is told of more than what is in the file.
  void CheckFigure() {
    const auto watermark = server_.store().Watermark();
    Require(!watermark.ok() || server_.Figure().log_position() <= *watermark,
            "a figure is shown that is not in the server's file");
  }

  // A report that a phone once showed and that the server has had all the time does not go, not
  // even for a while.
  void CheckNothingVanished(SimPhone& phone) {
    std::set<std::string>& seen = seen_[phone.name()];
    for (const std::string& id : seen) {
      if (restored_ && in_backup_.count(id) == 0) continue;
      if (!absl::IsNotFound(phone.client().Get(id).status())) continue;
      const auto state = server_.store().GetRecordState(id);
      Require(!state.ok() || !state->has_value() || !(*state)->created(),
              absl::StrCat(phone.name(), " does not show a report any more that it has shown"));
    }
    seen.clear();
    v1::ListRequest request;
    request.set_type(v1::RECORD_TYPE_SESSION_REPORT);
    request.set_page_size(1000);
    request.set_show_voided(true);
    const auto listed = phone.client().List(request);
    if (!listed.ok()) return;
    for (const v1::ClientRecord& record : listed->records()) {
      if (!record.pending()) seen.insert(record.state().record_id());
    }
  }

  // What lies behind the cursor is on the phone.
  void CheckCursor(SimPhone& phone, const v1::Cursor& cursor) {
    const server::Caller caller =
        server_.CallerOf(Foundation::Get().person_ids[static_cast<size_t>(phone.person())]);
    const Sha256Digest scope = server::ScopeHash(caller.audiences, caller.membership);
    if (cursor.epoch() != server_.store().epoch() ||
        cursor.scope_hash() != absl::string_view(reinterpret_cast<const char*>(scope.bytes.data()),
                                                 scope.bytes.size())) {
      return;
    }
    server::FeedQuery query;
    query.audiences = caller.audiences;
    query.max_dated_per_audience = 10'000;
    query.max_bytes = 64 << 20;
    query.max_rows = 1'000'000;
    const auto page = server_.store().ReadFeed(query);
    if (!page.ok()) return;
    for (const server::FeedRow& row : page->rows) {
      v1::FeedPayload payload;
      if (row.position > cursor.position() || row.action != v1::FeedItem::ACTION_UPSERT ||
          !payload.ParseFromString(row.payload)) {
        continue;
      }
      std::string record_id = payload.record().record_id();
      if (payload.has_operation()) {
        const auto operation = ParseOperation(payload.operation());
        if (operation.ok()) record_id = operation->header.record_id();
      }
      if (record_id.empty()) continue;
      const auto found = phone.client().Get(record_id);
      Require(!absl::IsNotFound(found.status()),
              absl::StrCat(phone.name(), "'s cursor is ahead of what it has"));
    }
  }

  // What the server says, in the moment in which it says it.
  void OnAnswer(SimPhone& phone, const std::string& device_id, const std::string& bytes) {
    for (const std::string& team : Foundation::Get().team_ids) {
      Require(team == phone.team_id() || !absl::StrContains(bytes, TeamCanary(team)),
              absl::StrCat(phone.name(), " is sent what only ", team, " may see"));
    }
    v1::SyncResponse response;
    Require(response.ParseFromString(bytes), "an answer does not parse");
    for (const v1::FeedItem& item : response.feed()) {
      v1::FeedPayload payload;
      Require(payload.ParseFromString(item.payload()), "a feed item does not parse");
      if (!payload.has_operation()) continue;
      const auto operation = ParseOperation(payload.operation());
      Require(operation.ok() && operation->header.team_id() == phone.team_id(),
              absl::StrCat(phone.name(), " is sent an operation of another team"));
    }
    std::vector<std::string> accepted;
    std::vector<std::string> rejected;
    for (const v1::OperationResult& result : response.results()) {
      if (result.outcome() == v1::OPERATION_OUTCOME_ACCEPTED) {
        ++tally().acknowledged;
        oracle_.Acknowledged(result.op_id());
        accepted.push_back(result.op_id());
        const std::string& first =
            accepted_as_
                .try_emplace({response.server_epoch(), device_id, result.device_seq()},
                             result.op_id())
                .first->second;
        Require(first == result.op_id(),
                absl::StrCat(phone.name(), " is acknowledged two operations under one number"));
      } else {
        Require(result.outcome() == v1::OPERATION_OUTCOME_REJECTED, "a result says nothing");
        rejected.push_back(result.op_id());
        if (result.reason() != v1::REJECTION_REASON_SUSPENDED) ++tally().refused;
      }
    }
    if (choices_.Chance("check/projected", 200)) CheckProjected();
    CheckSuspension(phone, response, acknowledged_[{response.server_epoch(), device_id}]);
    uint64_t& greatest = acknowledged_[{response.server_epoch(), device_id}];
    Require(response.acknowledged_device_seq() >= greatest ||
                response.directive() == v1::DEVICE_DIRECTIVE_UPDATE_SOFTWARE,
            absl::StrCat(phone.name(), " was acknowledged up to ", greatest, ", and now up to ",
                         response.acknowledged_device_seq()));
    greatest = std::max(greatest, response.acknowledged_device_seq());
    if (accepted.empty() && rejected.empty()) return;
    if (!choices_.Chance("check/server", 200)) return;
    AfterPowerCut([&](server::ProgrammeStore& store) {
      for (const std::string& op_id : accepted) {
        const auto found = store.FindOperation(op_id);
        Require(found.ok() && found->has_value(),
                "the server acknowledges an operation that a power cut takes away");
      }
      std::set<std::string> quarantined;
      const auto rows = store.ListQuarantine("", 0, 100'000);
      if (rows.ok()) {
        for (const server::QuarantineRow& row : *rows) quarantined.insert(row.op_id);
      }
      for (const std::string& op_id : rejected) {
        Require(quarantined.count(op_id) > 0,
                "the server rejects an operation and a power cut takes it from the quarantine");
      }
    });
  }

  // The projection holds what it says that it has read, no more and no less.
  void CheckProjected() {
    int64_t read = 0;
    int64_t held = 0;
    const absl::Status status =
        server_.store().Read([&](server::StoreReads& reads) -> absl::Status {
          BARAZA_ASSIGN_OR_RETURN(const int64_t watermark, reads.Watermark());
          BARAZA_RETURN_IF_ERROR(
              reads.OperationHashes(watermark, [&](absl::string_view, const Sha256Digest&) {
                ++read;
                return absl::OkStatus();
              }));
          return reads.ForEachRecordState(v1::RECORD_TYPE_UNSPECIFIED,
                                          [&](const v1::RecordState& state) {
                                            held += state.operation_count();
                                            return absl::OkStatus();
                                          });
        });
    Require(!status.ok() || read == held, absl::StrCat("the projection says that it has read ",
                                                       read, " operations, and holds ", held));
  }

  // A suspended device is told nothing, and what it sends is not acknowledged: that would say that
  // it need not come again. `before` was acknowledged earlier.
  void CheckSuspension(SimPhone& phone, const v1::SyncResponse& response, uint64_t before) {
    Require(response.directive() != v1::DEVICE_DIRECTIVE_SUSPENDED ||
                (response.feed().empty() && !response.has_next_cursor()),
            absl::StrCat(phone.name(), " is suspended and sent what is new"));
    uint64_t held = 0;
    uint64_t others = before;
    for (const v1::OperationResult& result : response.results()) {
      uint64_t& greatest = result.outcome() == v1::OPERATION_OUTCOME_REJECTED &&
                                   result.reason() == v1::REJECTION_REASON_SUSPENDED
                               ? held
                               : others;
      greatest = std::max(greatest, result.device_seq());
    }
    Require(held <= others || response.acknowledged_device_seq() < held,
            absl::StrCat(phone.name(), " is suspended and acknowledged"));
  }

  // --- The server, as it goes --------------------------------------------------------------------

  void OnCommit(int64_t position) {
    Require(position > last_position_,
            absl::StrCat("the log goes from ", last_position_, " to ", position));
    last_position_ = position;
  }

  void OnServerStart() {
    const auto position = server_.store().LogPosition();
    if (!position.ok()) return;
    Require(*position >= last_position_,
            absl::StrCat("the log was at ", last_position_, " and is at ", *position));
    last_position_ = *position;
    for (const std::string& op_id : oracle_.acknowledged()) {
      const auto found = server_.store().FindOperation(op_id);
      Require(!found.ok() || found->has_value(),
              "an operation that the server acknowledged is gone after its restart");
    }
    CheckProjected();
    if (server_.store().read_only()) return;
    const auto watermark = server_.store().Watermark();
    if (!watermark.ok() || server_.disk().dead()) return;
    AfterPowerCut([&](server::ProgrammeStore& store) {
      const auto durable_position = store.LogPosition();
      const auto durable_watermark = store.Watermark();
      Require(durable_position.ok() && *durable_position == *position && durable_watermark.ok() &&
                  *durable_watermark == *watermark,
              "the server shows what a power cut takes away");
    });
  }

  // --- The end -----------------------------------------------------------------------------------

  void RunUntil(const std::function<bool()>& reached, const char* what) {
    const uint64_t from = scheduler_.executed();
    while (!Broken() && !reached()) {
      if (!scheduler_.RunOne() || scheduler_.executed() - from > 20'000) {
        Break(absl::StrCat("with everything healed, ", what));
      }
    }
  }

  // Everything is mended, and everybody syncs until nobody has anything new.
  void Quiesce() {
    windows_.clear();
    server_.disk().Heal();
    server_.disk().SetCapacity(0);
    for (auto& [name, phone] : phones_) {
      phone->disk().Heal();
      phone->disk().SetCapacity(0);
      phone->set_outdated(false);
    }
    RunUntil([this] { return server_.up(); }, "the server does not start");
    for (auto& [name, phone] : phones_) {
      SimPhone* const at = phone.get();
      RunUntil([at] { return at->up(); }, "a phone does not start");
      RunUntil([at] { return !at->syncing(); }, "a sync does not end");
    }
    if (Broken()) return;
    Require(server_.Settle(), "with everything healed, the projection does not come to its end");
    constexpr int kRounds = 8;
    for (int round = 0; round < kRounds && !Broken(); ++round) {
      bool news = false;
      for (auto& [name, phone] : phones_) news = SyncOnce(*phone, round) || news;
      if (Broken() || !news) return;
    }
    Break("with everything healed, devices and server do not come to rest");
  }

  // Whether the sync moved anything.
  bool SyncOnce(SimPhone& phone, int round) {
    if (round == 0) {
      if (!phone.client().GetConnection().has_value()) Enrol(phone);
      server_.SetCredential(phone.credential_id(), v1::CREDENTIAL_STATE_ACTIVE).IgnoreError();
      revoked_.clear();
    }
    phone.Sync();
    RunUntil([&phone] { return !phone.syncing(); }, "a sync does not end");
    if (Broken()) return false;
    if (absl::IsUnauthenticated(phone.last_sync())) {
      // Two copies of one phone, as long as neither has found out, take the credential from each
      // other again and again.
      Require(Enrol(phone), absl::StrCat(phone.name(), " cannot enrol again"));
      phone.Sync();
      RunUntil([&phone] { return !phone.syncing(); }, "a sync does not end");
    }
    Require(phone.last_sync().ok(), absl::StrCat("with everything healed, ", phone.name(),
                                                 " does not sync: ", phone.last_sync().ToString()));
    Require(server_.Settle(), "with everything healed, the projection does not come to its end");
    const v1::SyncSummary& summary = phone.last_summary();
    return summary.progress().operations_sent() > 0 || summary.progress().items_received() > 0 ||
           summary.accepted() > 0 || summary.took_new_device_id() || summary.feed_was_reset();
  }

  void CheckTheEnd() {
    const auto read = server_.Log();
    Require(read.ok(), absl::StrCat("the log cannot be read: ", read.status().ToString()));
    if (Broken()) return;
    const std::map<std::string, v1::WireOperation>& log = *read;
    const std::set<std::string> quarantined = server_.Quarantined();
    for (const std::string& op_id : oracle_.Required()) {
      Require(log.count(op_id) > 0 || quarantined.count(op_id) > 0,
              "an acknowledged operation is neither in the log nor in quarantine");
    }
    // Which deeds there are, told by what they say.
    std::map<std::string, int> deed_of_mark;
    for (int deed = 0; deed < oracle_.deeds(); ++deed) deed_of_mark[Mark(deed)] = deed;
    std::set<int> present;
    for (const auto& [op_id, wire] : log) {
      const std::string bytes = wire.SerializeAsString();
      Require(!absl::StrContains(bytes, kAskedInVain), "what was refused is in the log");
      for (size_t at = bytes.find("deed-"); at != std::string::npos;
           at = bytes.find("deed-", at + 1)) {
        const auto deed = deed_of_mark.find(bytes.substr(at, bytes.find(';', at) - at + 1));
        if (deed == deed_of_mark.end()) continue;
        Require(present.insert(deed->second).second, "one deed is in the log twice");
        Require(
            oracle_.deed(deed->second).op_id.empty() || oracle_.deed(deed->second).op_id == op_id,
            "a deed is in the log as another operation than it was done as");
      }
    }
    const int expected = oracle_.SessionsThatCount(present);
    const v1::Figure figure = server_.Figure();
    Require(static_cast<int>(figure.value()) == expected,
            absl::StrCat("the figure is ", figure.value(), ", and ", expected,
                         " different sessions count"));
    CheckOrganisations();
    CheckRebuilt(log);
    for (auto& [name, phone] : phones_) CheckView(*phone, figure);
    if (Broken()) return;
    const int64_t position = last_position_;
    for (auto& [name, phone] : phones_) {
      Require(!SyncOnce(*phone, 2), absl::StrCat(name, ": a second sync moves something"));
    }
    Require(position == last_position_, "a second sync writes to the log");
    CheckFiles();
  }

  // What the office asked for twice is there once.
  void CheckOrganisations() {
    std::set<std::string> titles;
    const absl::Status read = server_.store().ForEachRecordState(
        v1::RECORD_TYPE_ORGANISATION, [&](const v1::RecordState& state) {
          v1::Organisation organisation;
          Require(organisation.ParseFromString(state.record()) &&
                      titles.insert(organisation.title()).second,
                  "one request made two organisations");
          return absl::OkStatus();
        });
    Require(read.ok(), "the server does not list its records");
  }

  // The same operations in another order, in an empty store, come to the same state.
  void CheckRebuilt(const std::map<std::string, v1::WireOperation>& log) {
    if (Broken() || !choices_.Chance("check/rebuild", 250)) return;
    std::vector<v1::WireOperation> operations;
    for (const auto& [op_id, wire] : log) operations.push_back(wire);
    for (size_t i = operations.size(); i > 1; --i) {
      std::swap(operations[i - 1], operations[choices_.Stream("check/order").Uniform(i)]);
    }
    const absl::StatusOr<std::string> other = StateOf(operations, plan_.seed);
    const absl::StatusOr<std::string> state = StateOf(server_.store(), server_.projection());
    Require(other.ok() && state.ok(),
            absl::StrCat("state: ", state.status().ToString(), " ", other.status().ToString()));
    if (Broken()) return;
    Require(*other == *state, absl::StrCat("in another order the state is another: ",
                                           FirstDifference(*state, *other)));
  }

  // What the phone has is what its person may see.
  void CheckView(SimPhone& phone, const v1::Figure& figure) {
    if (Broken()) return;
    client::Client& client = phone.client();
    const auto list = [&](v1::RecordType type) {
      std::map<std::string, v1::ClientRecord> records;
      v1::ListRequest request;
      request.set_type(type);
      request.set_page_size(1000);
      request.set_show_voided(true);
      const auto listed = client.List(request);
      Require(listed.ok(), "a phone does not list its records");
      if (!listed.ok()) return records;
      for (const v1::ClientRecord& record : listed->records()) {
        // Of some only a later edit is left: their creation was lost with a restored server, after
        // the phone that made it was wiped.
        if (record.state().created()) records[record.state().record_id()] = record;
      }
      return records;
    };
    for (const v1::RecordType type :
         {v1::RECORD_TYPE_ORGANISATION, v1::RECORD_TYPE_TEAM, v1::RECORD_TYPE_ISSUE,
          v1::RECORD_TYPE_INDICATOR, v1::RECORD_TYPE_SESSION_REPORT}) {
      const bool reports = type == v1::RECORD_TYPE_SESSION_REPORT;
      std::map<std::string, v1::RecordState> expected;
      const absl::Status read =
          server_.store().ForEachRecordState(type, [&](const v1::RecordState& state) {
            if (state.created() && (!reports || state.team_id() == phone.team_id())) {
              expected[state.record_id()] = state;
            }
            return absl::OkStatus();
          });
      Require(read.ok(), "the server does not list its records");
      const std::map<std::string, v1::ClientRecord> records = list(type);
      for (const auto& [id, state] : expected) {
        const auto found = records.find(id);
        Require(found != records.end(),
                absl::StrCat(phone.name(), " lacks a record of type ", v1::RecordType_Name(type)));
        if (found == records.end() || !reports) continue;
        Require(found->second.state().record() == state.record() &&
                    found->second.state().voided() == state.voided(),
                absl::StrCat(phone.name(), " has a report otherwise than the server"));
        Require(!found->second.pending(), absl::StrCat(phone.name(), ": a report is pending"));
        const auto session = client.GetSession(id);
        const auto on_server = server_.projection().GetSession(id);
        Require(session.ok() == on_server.ok() &&
                    (!session.ok() || session->session_id() == on_server->session_id()),
                absl::StrCat(phone.name(), " sees a report in another session"));
      }
      Require(records.size() == expected.size(),
              absl::StrCat(phone.name(), " has ", records.size(), " records of type ",
                           v1::RecordType_Name(type), ", and may have ", expected.size()));
    }
    const auto status = client.Status();
    Require(status.ok() && status->outbox() == 0, absl::StrCat(phone.name(), " has an outbox"));
    const auto figures = client.Figures();
    Require(figures.ok(), "a phone does not list its figures");
    if (!figures.ok()) return;
    for (const v1::FeedFigure& known : *figures) {
      Require(known.period() != "2026-Q3" || known.value() == figure.value(),
              absl::StrCat(phone.name(), " shows ", known.value(), " for a figure of ",
                           figure.value()));
    }
  }

  void CheckFiles() {
    if (Broken()) return;
    const auto check = [this](SimDisk& disk, const char* path, const std::string& node) {
      if (!disk.dead()) disk.Kill();
      disk.Restart();
      DatabaseOptions options;
      options.mode = DatabaseOptions::Mode::kReadWrite;
      options.vfs = disk.name();
      const auto database = Database::Open(path, options);
      Require(database.ok() && (*database)->CheckIntegrity().ok(),
              absl::StrCat(node, ": ", path, " is damaged"));
    };
    for (auto& [name, phone] : phones_) {
      phone->Kill();
      check(phone->disk(), SimPhone::kFile, name);
    }
    server_.Kill();
    check(server_.disk(), SimServer::kProgrammeFile, "server");
    check(server_.disk(), SimServer::kRegistryFile, "server");
  }

  void Finish() {
    ++tally().runs;
    tally().device_ms +=
        absl::ToInt64Milliseconds(scheduler_.now()) * static_cast<int64_t>(phones_.size());
    tally().io_faults += server_.disk().counters().faults;
    for (const auto& [name, phone] : phones_) {
      tally().io_faults += phone->disk().counters().faults;
    }
    tally().events = static_cast<int64_t>(scheduler_.executed());
    tally().decisions = static_cast<int64_t>(choices_.decisions());
    unlink(backup_.c_str());
  }

  struct Made {
    int deed;
    std::string record_id;
  };

  const Plan& plan_;
  std::ostream* const trace_;
  Scheduler scheduler_;
  Choices choices_;
  Oracle oracle_;
  SimServer server_;
  std::map<std::string, std::unique_ptr<SimPhone>> phones_;
  std::vector<Window> windows_;
  std::map<std::string, SimDisk::Image> images_;
  std::map<std::string, std::set<std::string>> seen_;  // Ids of reports, by phone.
  std::map<std::string, std::vector<Made>> made_;
  std::set<std::pair<int, int>> reported_;
  // By device number: the operation that was acknowledged under it; of each epoch and device.
  std::map<std::tuple<std::string, std::string, uint64_t>, std::string> accepted_as_;
  std::map<std::string, std::string> credential_ids_;  // By credential.
  std::set<std::string> revoked_;                      // Ids of credentials.
  // Whether the plan spoils anything; phones whose next new operation is to be; operations.
  const bool spoils_;
  std::set<std::string> to_spoil_;
  std::set<std::string> went_out_;
  std::set<std::string> spoiled_;
  std::map<std::pair<std::string, std::string>, uint64_t> acknowledged_;
  const test::TempDir directory_;
  const std::string backup_ = directory_.File("backup.db");
  bool backed_up_ = false;
  std::set<std::string> in_backup_;  // Ids of operations.
  bool restored_ = false;
  int64_t last_position_ = 0;
  Outcome outcome_;
};

}  // namespace

void Tally::Add(const Tally& other) {
  runs += other.runs;
  device_ms += other.device_ms;
  captured += other.captured;
  acknowledged += other.acknowledged;
  refused += other.refused;
  round_trips += other.round_trips;
  messages_lost += other.messages_lost;
  messages_doubled += other.messages_doubled;
  kills += other.kills;
  power_cuts += other.power_cuts;
  io_faults += other.io_faults;
  restores += other.restores;
  copies += other.copies;
  forks += other.forks;
  events += other.events;
  decisions += other.decisions;
}

Outcome Simulate(const Plan& plan, std::ostream* trace) { return Simulation(plan, trace).Run(); }

}  // namespace baraza::sim
