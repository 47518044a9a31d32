#include "tests/scenarios/specs/play.h"

#include <functional>
#include <set>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/base/status.h"

namespace baraza::specs {
namespace {

struct RealSession {
  const char* title;
  const char* date;
  const char* town;
};
constexpr RealSession kRealSessions[] = {
    {"Forum on forest access", "2026-07-02", "Mombasa"},
    {"Exchange about school meals", "2026-07-11", "Kampala"},
    {"Garden inventory walk", "2026-07-20", "Cusco"},
    {"Radio debate on fishing rights", "2026-07-29", "Dakar"},
    {"Round table on street lighting", "2026-08-08", "Brno"},
    {"Bicycle repair afternoon", "2026-08-17", "Bamako"},
    {"Learning day of the water committees", "2026-08-26", "Maputo"},
    {"Hearing about land registers", "2026-09-04", "Quito"},
    {"Choir rehearsal", "2026-09-13", "Lima"},
};

void SetText(v1::LocalText* text, const std::string& value) {
  text->set_text(value);
  text->set_language("en");
}

absl::Status Expected(absl::string_view what, absl::string_view expected, absl::string_view got) {
  return absl::FailedPreconditionError(absl::StrCat(what, ": expected ", expected, ", got ", got));
}

// A line that can be told to lose what it carries.
class Line final : public client::SyncTransport {
 public:
  Line(Stage& stage, std::unique_ptr<client::SyncTransport> line)
      : stage_(stage), line_(std::move(line)) {}

  absl::StatusOr<v1::SyncResponse> Sync(const v1::SyncRequest& request,
                                        absl::Duration deadline) override {
    if (*lose_requests > 0) {
      --*lose_requests;
      return stage_.Lose(Stage::Loss::kRequest, *line_, request, deadline);
    }
    // No line over TCP doubles a request: on every stage the phone says it again.
    if (*twice) line_->Sync(request, deadline).IgnoreError();
    if (*lose_responses > 0) {
      --*lose_responses;
      return stage_.Lose(Stage::Loss::kAnswer, *line_, request, deadline);
    }
    return line_->Sync(request, deadline);
  }
  void Cancel() override { line_->Cancel(); }

  // Of the phone: they outlive a line.
  int* lose_requests = nullptr;
  int* lose_responses = nullptr;
  bool* twice = nullptr;

 private:
  Stage& stage_;
  const std::unique_ptr<client::SyncTransport> line_;
};

}  // namespace

absl::Status Stage::Lose(Loss loss, client::SyncTransport& line, const v1::SyncRequest& request,
                         absl::Duration deadline) {
  if (loss == Loss::kRequest) return absl::UnavailableError("the request was lost");
  line.Sync(request, deadline).IgnoreError();
  return absl::UnavailableError("the answer was lost");
}

struct Player::Phone {
  std::string name;
  std::string team;
  int person = 0;
  std::string credential_id;
  int lose_requests = 0;
  int lose_responses = 0;
  bool twice = false;
  // Before the client that uses it.
  std::unique_ptr<Line> line;
  std::unique_ptr<client::Client> client;
};

Player::Player(Stage& stage) : stage_(stage) {}
Player::~Player() = default;

absl::Status Player::Play(absl::string_view spec) {
  int number = 0;
  for (const absl::string_view line : absl::StrSplit(spec, '\n')) {
    ++number;
    BARAZA_RETURN_IF_ERROR(Annotate(Do(line), absl::StrCat("line ", number, ": ", line)));
  }
  return absl::OkStatus();
}

absl::Status Player::Do(absl::string_view line) {
  const std::vector<std::string> all =
      absl::StrSplit(line.substr(0, line.find('#')), ' ', absl::SkipEmpty());
  std::vector<std::string> words;
  Settings settings;
  for (const std::string& word : all) {
    const size_t equals = word.find('=');
    if (equals == std::string::npos) {
      words.push_back(word);
    } else {
      settings[word.substr(0, equals)] = word.substr(equals + 1);
    }
  }
  if (words.empty()) return absl::OkStatus();
  const auto fails = settings.find("fails");
  if (fails == settings.end()) return Dispatch(words, settings);
  const std::string wanted = fails->second;
  settings.erase(fails);
  const absl::Status status = Dispatch(words, settings);
  const std::string code = absl::StatusCodeToString(status.code());
  return code == wanted ? absl::OkStatus() : Expected(words[0], wanted, code);
}

absl::Status Player::Dispatch(const std::vector<std::string>& words, const Settings& settings) {
  const std::string& verb = words[0];
  const auto word = [&words](size_t i) { return i < words.size() ? words[i] : std::string(); };
  if (verb == "backup") return stage_.BackUp();
  if (verb == "restore") return stage_.Restore();
  if (verb == "expect") return Expect(words, settings);
  if (verb == "phone") return AddPhone(words);
  if (verb == "restart" && word(1) == "server") return stage_.RestartServer();
  BARAZA_ASSIGN_OR_RETURN(Phone* const phone, Find(word(1)));
  if (verb == "capture") return Capture(*phone, word(2), word(3));
  if (verb == "edit" || verb == "void" || verb == "unvoid") return Change(*phone, verb, word(2));
  if (verb == "sync") return Sync(*phone);
  if (verb == "clone") return Clone(*phone, word(2));
  if (verb == "enrol") return Enrol(*phone);
  int times = 1;
  if (words.size() > 2 && !absl::SimpleAtoi(words[2], &times)) {
    return Expected("times", "a number", words[2]);
  }
  if (verb == "lose_request") {
    phone->lose_requests = times;
  } else if (verb == "lose_response") {
    phone->lose_responses = times;
  } else if (verb == "twice") {
    phone->twice = true;
  } else if (verb == "restart") {
    phone->client = nullptr;
    return Open(*phone);
  } else if (verb == "suspend") {
    return stage_.SetCredential(phone->credential_id, v1::CREDENTIAL_STATE_SUSPENDED);
  } else if (verb == "resume") {
    return stage_.SetCredential(phone->credential_id, v1::CREDENTIAL_STATE_ACTIVE);
  } else if (verb == "revoke") {
    return stage_.SetCredential(phone->credential_id, v1::CREDENTIAL_STATE_REVOKED);
  } else {
    return absl::InvalidArgumentError(absl::StrCat("an unknown verb: ", verb));
  }
  return absl::OkStatus();
}

absl::StatusOr<Player::Phone*> Player::Find(const std::string& name) {
  const auto found = phones_.find(name);
  if (found == phones_.end()) return absl::NotFoundError(absl::StrCat("no phone ", name));
  return found->second.get();
}

absl::StatusOr<std::string> Player::RecordOf(const std::string& key) {
  const auto found = records_.find(key);
  if (found == records_.end()) return absl::NotFoundError(absl::StrCat("no report ", key));
  return found->second;
}

absl::Status Player::Open(Phone& phone) {
  client::Client::Options options;
  options.path = stage_.PhoneFile(phone.name);
  options.vfs = stage_.PhoneVfs(phone.name);
  options.clock = &stage_.clock();
  options.random = &stage_.random();
  options.software_version = "spec";
  // Between two attempts no time passes.
  options.wait = [](absl::Duration) { return true; };
  BARAZA_ASSIGN_OR_RETURN(phone.client, client::Client::Open(options));
  return absl::OkStatus();
}

absl::Status Player::Enrol(Phone& phone) {
  BARAZA_ASSIGN_OR_RETURN(const v1::EnrolResponse enrolment,
                          stage_.Enrol(phone.team, phone.person, phone.client->DeviceId()));
  phone.credential_id = enrolment.credential_id();
  return phone.client->Bind(enrolment, stage_.address(), "");
}

absl::Status Player::AddPhone(const std::vector<std::string>& words) {
  if (words.size() != 3) return Expected("phone", "a name and a team", "others");
  auto phone = std::make_unique<Phone>();
  phone->name = words[1];
  phone->team = words[2];
  phone->person = persons_of_team_[phone->team]++;
  BARAZA_RETURN_IF_ERROR(Open(*phone));
  BARAZA_RETURN_IF_ERROR(Enrol(*phone));
  Phone& made = *(phones_[words[1]] = std::move(phone));
  return Sync(made);
}

absl::Status Player::Capture(Phone& phone, const std::string& key, const std::string& session) {
  size_t number = 0;
  if (!absl::SimpleAtoi(session, &number) || number < 1 || number > std::size(kRealSessions)) {
    return Expected("session", "1 to 9", session);
  }
  const RealSession& real = kRealSessions[number - 1];
  v1::Record record;
  v1::SessionReport& report = *record.mutable_session_report();
  SetText(report.mutable_title(), real.title);
  report.set_issue_id(stage_.issue_id());
  report.set_held_status(number % 3 == 0 ? v1::HELD_STATUS_CANCELLED : v1::HELD_STATUS_HELD);
  report.mutable_dates()->set_earliest(real.date);
  report.mutable_dates()->set_precision(v1::DATE_PRECISION_DAY);
  report.mutable_venue()->set_locality(real.town);
  int element = 0;
  for (const std::string& team : stage_.team_ids()) {
    v1::ParticipatingTeam& participant = *report.add_participating_teams();
    participant.set_element_id(absl::StrCat("t", ++element));
    participant.set_team_id(team);
    participant.set_present(v1::YES_NO_YES);
  }
  report.set_reporting_team_present(v1::YES_NO_YES);
  report.set_experiences_shared(v1::YES_NO_YES);
  report.set_learned_from_each_other(v1::YES_NO_YES);
  BARAZA_ASSIGN_OR_RETURN(const v1::ClientRecord captured, phone.client->Capture(record));
  records_[key] = captured.state().record_id();
  return absl::OkStatus();
}

absl::Status Player::Change(Phone& phone, const std::string& verb, const std::string& key) {
  BARAZA_ASSIGN_OR_RETURN(const std::string record_id, RecordOf(key));
  if (verb == "void") {
    v1::LocalText reason;
    SetText(&reason, "by mistake");
    return phone.client->Void(record_id, reason).status();
  }
  if (verb == "unvoid") return phone.client->Unvoid(record_id).status();
  BARAZA_ASSIGN_OR_RETURN(const v1::ClientRecord now, phone.client->Get(record_id));
  v1::Record after = now.record();
  SetText(after.mutable_session_report()->mutable_follow_up_agreed(),
          absl::StrCat("edit ", ++edits_));
  return phone.client->Edit(record_id, after).status();
}

absl::Status Player::Sync(Phone& phone) {
  BARAZA_ASSIGN_OR_RETURN(std::unique_ptr<client::SyncTransport> dialled,
                          stage_.Dial(*phone.client->GetConnection()));
  phone.line = std::make_unique<Line>(stage_, std::move(dialled));
  phone.line->lose_requests = &phone.lose_requests;
  phone.line->lose_responses = &phone.lose_responses;
  phone.line->twice = &phone.twice;
  phone.client->SetTransport(phone.line.get());
  const absl::StatusOr<v1::SyncSummary> summary = phone.client->Sync();
  phone.client->SetTransport(nullptr);
  return summary.status();
}

absl::Status Player::Clone(Phone& phone, const std::string& name) {
  phone.client = nullptr;
  stage_.CopyPhone(phone.name, name);
  auto clone = std::make_unique<Phone>();
  clone->name = name;
  clone->team = phone.team;
  clone->person = phone.person;
  clone->credential_id = phone.credential_id;
  BARAZA_RETURN_IF_ERROR(Open(phone));
  BARAZA_RETURN_IF_ERROR(Open(*clone));
  phones_[name] = std::move(clone);
  return absl::OkStatus();
}

absl::Status Player::Expect(const std::vector<std::string>& words, const Settings& settings) {
  const std::string what = words.size() > 1 ? words[1] : "";
  if (what == "same" || what == "different") {
    std::set<std::string> sessions;
    for (size_t i = 2; i < words.size(); ++i) {
      BARAZA_ASSIGN_OR_RETURN(const std::string record_id, RecordOf(words[i]));
      BARAZA_ASSIGN_OR_RETURN(const std::string session, stage_.SessionOf(record_id));
      sessions.insert(session);
    }
    const size_t wanted = what == "same" ? 1 : words.size() - 2;
    return sessions.size() == wanted
               ? absl::OkStatus()
               : Expected("sessions", absl::StrCat(wanted), absl::StrCat(sessions.size()));
  }
  std::map<std::string, int64_t> got;
  if (what == "server") {
    BARAZA_ASSIGN_OR_RETURN(const Stage::View view, stage_.Look());
    got = {
        {"operations", view.operations}, {"quarantine", view.quarantine}, {"figure", view.figure}};
  } else {
    BARAZA_ASSIGN_OR_RETURN(Phone* const phone, Find(what));
    BARAZA_ASSIGN_OR_RETURN(const v1::ClientStatus status, phone->client->Status());
    v1::ListRequest request;
    request.set_type(v1::RECORD_TYPE_SESSION_REPORT);
    request.set_page_size(1000);
    request.set_show_voided(true);
    BARAZA_ASSIGN_OR_RETURN(const v1::ListResult list, phone->client->List(request));
    got = {{"outbox", status.outbox()},
           {"quarantined", status.quarantined()},
           {"conflicts", status.conflicts()},
           {"reports", list.records_size()}};
  }
  if (settings.empty()) return Expected("expect", "a setting", "none");
  for (const auto& [name, value] : settings) {
    const auto found = got.find(name);
    if (found == got.end()) return absl::InvalidArgumentError(absl::StrCat("unknown: ", name));
    if (absl::StrCat(found->second) != value) {
      return Expected(absl::StrCat(what, " ", name), value, absl::StrCat(found->second));
    }
  }
  return absl::OkStatus();
}

}  // namespace baraza::specs
