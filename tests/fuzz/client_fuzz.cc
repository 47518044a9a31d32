// The calls of the client library in any order, with sync step by step against a server that
// answers well, badly or not at all; restarts and kills between them. Disk, clock and random
// numbers are simulated.

#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <variant>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client_lib/client.h"
#include "core/base/clock.h"
#include "core/base/ids.h"
#include "core/base/random.h"
#include "core/model/limits.h"
#include "core/model/record_types.h"
#include "tests/fuzz/choices.h"
#include "tests/fuzz/target.h"
#include "tests/simulation/disk/sim_disk.h"

namespace baraza::fuzz {
namespace {

using client::Client;
using client::SyncEngine;
using sim::SimDisk;

constexpr int kMostSteps = 80;
// Stands in a field of class DEVICE and must never leave.
constexpr char kSecret[] = "Zawadi-the-informant";

std::string Id(absl::string_view prefix, uint8_t number) {
  Uuid uuid{};
  uuid[15] = number;
  return absl::StrCat(prefix, "_", EncodeIdSuffix(uuid));
}

v1::Membership MembershipOf(uint8_t person) {
  v1::Membership membership;
  membership.set_programme_id(Id("prg", 1));
  membership.set_person_id(Id("per", person));
  membership.set_team_id(Id("tem", 1));
  membership.set_organisation_id(Id("org", 1));
  membership.set_role(person == 2 ? v1::ROLE_TEAM_LEAD : v1::ROLE_COLLECTOR);
  membership.mutable_scope()->set_team_id(Id("tem", 1));
  return membership;
}

class Session {
 public:
  explicit Session(Choices choices) : choices_(choices) {
    Open();
    if (choices_.Below(8) != 7) Bind();
  }

  ~Session() {
    run_.reset();
    client_.reset();
  }

  void Run() {
    for (int step = 0; step < kMostSteps && !choices_.empty(); ++step) {
      Step();
      // Whatever was called and answered: the client goes on.
      const absl::StatusOr<v1::ClientStatus> status = client_->Status();
      FUZZ_CHECK(status.ok(), +status.status().ToString());
    }
    run_.reset();
    Restart(true);
    CheckKept();
  }

 private:
  void Open() {
    Client::Options options;
    options.path = "/device.db";
    options.vfs = disk_.name();
    options.clock = &clock_;
    options.random = &random_;
    options.software_version = "fuzz";
    absl::StatusOr<std::unique_ptr<Client>> client = Client::Open(options);
    FUZZ_CHECK(client.ok(), +client.status().ToString());
    client_ = *std::move(client);
  }

  void Restart(bool kill) {
    run_.reset();
    if (kill) disk_.Kill();
    client_.reset();
    if (kill) disk_.Restart();
    Open();
  }

  // What was answered OK is there.
  void CheckKept() {
    for (const std::string& id : captured_) {
      const auto record = client_->Get(id);
      FUZZ_CHECK(record.ok(), +record.status().ToString());
    }
    for (const std::string& id : drafts_) FUZZ_CHECK(client_->GetDraft(id).ok());
  }

  void Step() {
    switch (choices_.Below(24)) {
      case 0:
      case 1:
        return Captured(client_->Capture(Record()));
      case 2:
        return SaveDraft();
      case 3:
        return CaptureDraft();
      case 4:
      case 5:
        return Edit();
      case 6: {
        v1::LocalText reason;
        reason.set_text(choices_.Bytes(8));
        return Called(client_->Void(AnyId(), reason).status());
      }
      case 7:
        return Called(client_->Unvoid(AnyId()).status());
      case 8: {
        const v1::Record record = Record();
        Called(client_->DuplicateHints(record, AnyId()).status());
        Called(client_->WillItCount(record).status());
        return Called(client_->DuplicateHintsFor(AnyId()).status());
      }
      case 9: {
        Called(client_->WillItCountFor(AnyId(), Id("ind", choices_.Below(2))).status());
        Called(client_->GetSession(AnyId()).status());
        Called(client_->Figures().status());
        return Called(client_->FollowUps().status());
      }
      case 10:
        return List();
      case 11: {
        v1::FollowUp::Answer answer;
        answer.set_yes_no(static_cast<v1::YesNo>(choices_.Below(4)));
        answer.mutable_text()->set_text("seen");
        return Called(client_->AnswerFollowUp(AnyId(), answer).status());
      }
      case 12:
        return Called(client_->ResolveConflict(AnyId(), choices_.Below(60), "", AnyId()).status());
      case 13:
        return Quarantine();
      case 14:
        return Restart(choices_.Below(2) == 1);
      case 15:
        return clock_.Advance(absl::Minutes(choices_.Below(256)));
      case 16:
        return Bind();
      case 17: {
        const std::string id = drafts_.empty() ? AnyId() : *drafts_.begin();
        const absl::Status status = client_->DeleteDraft(id);
        if (status.ok()) drafts_.erase(id);
        return Called(status);
      }
      default:
        return Sync();
    }
  }

  // No call fails for a reason that is the library's own.
  static void Called(const absl::Status& status) {
    switch (status.code()) {
      case absl::StatusCode::kInternal:
      case absl::StatusCode::kUnknown:
      case absl::StatusCode::kDataLoss:
      case absl::StatusCode::kResourceExhausted:
        FUZZ_CHECK(false, +status.ToString());
      default:
        FUZZ_CHECK(status.ok() || !status.message().empty());
    }
  }

  void Captured(const absl::StatusOr<v1::ClientRecord>& record) {
    Called(record.status());
    if (!record.ok()) return;
    captured_.insert(record->state().record_id());
    last_operation_ = record->state().heads_size() > 0 ? record->state().heads(0) : "";
  }

  v1::Record Record() {
    v1::Record record;
    switch (choices_.Below(8)) {
      case 0: {
        v1::Source& source = *record.mutable_source();
        source.set_kind(v1::SOURCE_KIND_KEY_INFORMANT_INTERVIEW);
        source.set_date("2026-03-09");
        source.set_informant_name(kSecret);
        break;
      }
      case 1:
        // Whatever the bytes say, as an app might have read it from somewhere.
        (void)record.ParseFromString(choices_.Bytes(250));
        break;
      case 2: {
        const auto type =
            AllRecordTypes()[choices_.Below(static_cast<uint32_t>(AllRecordTypes().size()))];
        (void)MutableMember(record, type)->ParseFromString(choices_.Bytes(120));
        break;
      }
      default: {
        v1::SessionReport& report = *record.mutable_session_report();
        report.mutable_title()->set_text(absl::StrCat("Forum ", choices_.Below(3)));
        report.mutable_title()->set_language("en");
        report.set_held_status(v1::HELD_STATUS_HELD);
        report.set_issue_id(Id("iss", 1));
        report.mutable_dates()->set_earliest(absl::StrCat("2026-03-0", choices_.Below(5)));
        report.mutable_dates()->set_precision(v1::DATE_PRECISION_DAY);
        report.mutable_private_notes()->set_text(kSecret);
        for (uint32_t teams = choices_.Below(3); teams > 0; --teams) {
          report.add_participating_teams()->set_team_id(Id("tem", choices_.Below(3)));
        }
        if (choices_.OneIn(4)) report.add_citations()->set_source_id(AnyId());
        if (choices_.OneIn(8)) report.mutable_narrative()->set_text(std::string(5000, 'x'));
      }
    }
    return record;
  }

  std::string AnyId() {
    const uint32_t choice = choices_.Below(8);
    if (choice == 7) return choices_.Bytes(40);
    if (choice == 6) return last_operation_;
    if (choice == 5 && !drafts_.empty()) return *drafts_.begin();
    if (captured_.empty()) return Id("rep", 1);
    auto it = captured_.begin();
    std::advance(it, choices_.Below(static_cast<uint32_t>(captured_.size())));
    return *it;
  }

  void SaveDraft() {
    v1::Draft draft;
    if (choices_.Below(4) == 3) {
      (void)draft.ParseFromString(choices_.Bytes(120));
    } else {
      *draft.mutable_record() = Record();
    }
    const absl::StatusOr<v1::Draft> saved = client_->SaveDraft(draft);
    Called(saved.status());
    if (!saved.ok()) return;
    drafts_.insert(saved->draft_id());
    const absl::Status found = client_->GetDraft(saved->draft_id()).status();
    FUZZ_CHECK(found.ok(), +found.ToString());
  }

  void CaptureDraft() {
    const std::string id = drafts_.empty() ? AnyId() : *drafts_.begin();
    const absl::StatusOr<v1::ClientRecord> record = client_->CaptureDraft(id);
    Captured(record);
    if (record.ok()) {
      drafts_.erase(id);
      FUZZ_CHECK(!client_->GetDraft(id).ok());
    } else if (drafts_.contains(id)) {
      FUZZ_CHECK(client_->GetDraft(id).ok(), "an error must leave the draft");
    }
  }

  void Edit() {
    const std::string id = AnyId();
    const absl::StatusOr<v1::ClientRecord> before = client_->Get(id);
    v1::Record after = Record();
    Client::EditOptions options;
    if (before.ok() && choices_.Below(2) == 0) {
      if (google::protobuf::Message* member = MutableMember(after, before->state().type())) {
        v1::Record changed;
        (void)MutableMember(changed, before->state().type())
            ->ParseFromString(before->state().record());
        if (changed.has_session_report()) {
          changed.mutable_session_report()->mutable_title()->set_text(choices_.Bytes(12));
        }
        (void)member;
        after = changed;
      }
      for (const std::string& head : before->state().heads()) options.base_heads.push_back(head);
    }
    Captured(client_->Edit(id, after, options));
  }

  void List() {
    v1::ListRequest request;
    request.set_type(static_cast<v1::RecordType>(choices_.Below(22)));
    request.set_page_size(choices_.Below(4));
    request.set_show_voided(choices_.Below(2) == 1);
    if (choices_.OneIn(4)) request.set_page_token(choices_.Bytes(40));
    for (int page = 0; page < 100; ++page) {
      const absl::StatusOr<v1::ListResult> result = client_->List(request);
      Called(result.status());
      if (!result.ok() || result->next_page_token().empty()) return;
      FUZZ_CHECK(request.page_token() != result->next_page_token());
      request.set_page_token(result->next_page_token());
    }
  }

  void Quarantine() {
    const auto entries = client_->Quarantine();
    Called(entries.status());
    if (!entries.ok()) return;
    for (const v1::QuarantineEntry& entry : *entries) {
      switch (choices_.Below(4)) {
        case 0:
          Called(client_->DismissQuarantined(entry.op_id()));
          break;
        case 1:
          Captured(client_->RecaptureQuarantined(entry.op_id()));
          break;
        case 2:
          Captured(client_->RecaptureQuarantined(entry.op_id(), Record()));
          break;
        default:
          break;
      }
    }
    Called(client_->DismissQuarantined(AnyId()));
  }

  void Bind() {
    v1::EnrolResponse enrolment;
    enrolment.set_credential("secret");
    enrolment.set_credential_id("crd");
    enrolment.set_server_epoch("epoch-0");
    *enrolment.mutable_membership() = MembershipOf(choices_.Below(8) == 7 ? 2 : 1);
    if (choices_.OneIn(8)) (void)enrolment.ParseFromString(choices_.Bytes(120));
    // Another person's database holds what the first one wrote no more.
    const absl::Status status = client_->Bind(enrolment, "127.0.0.1:1", "");
    Called(status);
    if (!status.ok()) return;
    for (auto it = captured_.begin(); it != captured_.end();) {
      it = client_->Get(*it).ok() ? std::next(it) : captured_.erase(it);
    }
  }

  // One step of a sync.
  void Sync() {
    if (run_ == nullptr) {
      absl::StatusOr<std::unique_ptr<client::SyncRun>> run = client_->StartSync({});
      Called(run.status());
      if (!run.ok()) return;
      run_ = *std::move(run);
    }
    if (choices_.OneIn(8)) {
      run_.reset();
      return;
    }
    const SyncEngine::Instruction next = run_->Next();
    if (const auto* send = std::get_if<SyncEngine::Send>(&next)) {
      const std::string bytes = send->request.SerializeAsString();
      FUZZ_CHECK(!absl::StrContains(bytes, kSecret), "a value of class DEVICE leaves the device");
      Answer(send->request);
    } else if (std::holds_alternative<SyncEngine::Wait>(next)) {
      run_->OnWaited();
    } else {
      run_.reset();
    }
  }

  void Answer(const v1::SyncRequest& request) {
    if (choices_.OneIn(8)) {
      constexpr absl::StatusCode kCodes[] = {
          absl::StatusCode::kUnavailable,       absl::StatusCode::kDeadlineExceeded,
          absl::StatusCode::kUnauthenticated,   absl::StatusCode::kPermissionDenied,
          absl::StatusCode::kResourceExhausted, absl::StatusCode::kInvalidArgument,
          absl::StatusCode::kInternal};
      run_->OnError(absl::Status(kCodes[choices_.Below(7)], "so it goes"));
      return;
    }
    v1::SyncResponse response = Good(request);
    for (uint32_t changes = choices_.Below(3); changes > 0; --changes) Mangle(response);
    std::string bytes = response.SerializeAsString();
    if (choices_.OneIn(4) && !bytes.empty()) {
      bytes[choices_.Below(static_cast<uint32_t>(bytes.size()))] =
          static_cast<char>(choices_.Byte());
    }
    v1::SyncResponse arrived;
    if (!arrived.ParseFromString(bytes)) {
      run_->OnError(absl::UnavailableError("the answer does not parse"));
      return;
    }
    run_->OnResponse(arrived);
    // A server may take a device's records away again, and can say what it likes of them.
    for (auto it = captured_.begin(); it != captured_.end();) {
      it = client_->Get(*it).ok() ? std::next(it) : captured_.erase(it);
    }
  }

  v1::SyncResponse Good(const v1::SyncRequest& request) {
    v1::SyncResponse response;
    for (const v1::WireOperation& wire : request.operations()) {
      v1::OperationResult& result = *response.add_results();
      v1::Header header;
      FUZZ_CHECK(header.ParseFromString(wire.header()));
      result.set_device_seq(wire.device_seq());
      result.set_op_id(header.op_id());
      result.set_outcome(v1::OPERATION_OUTCOME_ACCEPTED);
      response.set_acknowledged_device_seq(wire.device_seq());
    }
    response.set_server_epoch(absl::StrCat("epoch-", epoch_));
    response.set_server_time_ms(1'767'225'600'000);
    response.set_lamport_max(++lamport_);
    *response.mutable_membership() = MembershipOf(1);
    v1::Cursor& cursor = *response.mutable_next_cursor();
    cursor.set_epoch(response.server_epoch());
    cursor.set_schema_level(kSchemaLevel);
    cursor.set_position(position_);
    for (uint32_t items = choices_.Below(4); items > 0; --items) AddItem(response, request);
    cursor.set_position(position_);
    return response;
  }

  void AddItem(v1::SyncResponse& response, const v1::SyncRequest& request) {
    v1::FeedItem& item = *response.add_feed();
    item.set_position(++position_);
    item.set_action(choices_.OneIn(6) ? v1::FeedItem::ACTION_REMOVE : v1::FeedItem::ACTION_UPSERT);
    v1::FeedPayload payload;
    switch (choices_.Below(6)) {
      case 0: {
        v1::Team team;
        team.set_title(absl::StrCat("Team ", choices_.Below(4)));
        v1::FeedRecord& record = *payload.mutable_record();
        record.set_record_id(Id("tem", choices_.Below(4)));
        record.set_type(v1::RECORD_TYPE_TEAM);
        record.set_record(choices_.OneIn(4) ? choices_.Bytes(20) : team.SerializeAsString());
        record.add_heads(record.record_id());
        item.set_object(absl::StrCat("state:", record.record_id()));
        break;
      }
      case 1: {
        // An operation of one's own, or one that is damaged, comes back.
        if (request.operations_size() > 0) {
          *payload.mutable_operation() =
              request.operations(choices_.Below(static_cast<uint32_t>(request.operations_size())));
        }
        v1::Header header;
        (void)header.ParseFromString(payload.operation().header());
        if (choices_.OneIn(3)) {
          header.set_op_id(Id("op", choices_.Byte()));
          header.set_lamport(choices_.Number());
          header.add_parent_op_ids(header.record_id());
          payload.mutable_operation()->set_header(header.SerializeAsString());
        }
        item.set_object(absl::StrCat("op:", header.op_id()));
        break;
      }
      case 2: {
        v1::Session& session = *payload.mutable_session();
        session.set_session_id(AnyId());
        session.add_members()->set_report_id(AnyId());
        item.set_object(absl::StrCat("session:", AnyId()));
        break;
      }
      case 3: {
        v1::OpenQuestion& question = *payload.mutable_question();
        (void)question.ParseFromString(choices_.Bytes(60));
        item.set_object(absl::StrCat("question:", choices_.Below(4)));
        break;
      }
      case 4: {
        v1::SessionDigest& digest = *payload.mutable_digest();
        digest.set_report_id(Id("rep", choices_.Below(4)));
        digest.mutable_facts()->mutable_title()->set_text(
            absl::StrCat("Forum ", choices_.Below(3)));
        digest.mutable_facts()->mutable_dates()->set_earliest(
            absl::StrCat("2026-03-0", choices_.Below(12)));
        item.set_object(absl::StrCat("digest:", Id("rep", choices_.Below(4))));
        break;
      }
      default: {
        v1::FeedFigure& figure = *payload.mutable_figure();
        figure.set_indicator_id(Id("ind", 1));
        figure.set_period("2026-Q1");
        figure.set_value(choices_.Byte());
        item.set_object(absl::StrCat("figure:", Id("ind", 1), "/2026-Q1"));
      }
    }
    if (choices_.OneIn(8)) item.set_object(choices_.Bytes(20));
    if (item.action() == v1::FeedItem::ACTION_UPSERT) {
      item.set_payload(payload.SerializeAsString());
    }
  }

  void Mangle(v1::SyncResponse& response) {
    v1::OperationResult* const result = response.results_size() == 0
                                            ? nullptr
                                            : response.mutable_results(choices_.Below(
                                                  static_cast<uint32_t>(response.results_size())));
    switch (choices_.Below(14)) {
      case 0:
      case 1:
        if (result == nullptr) return;
        result->set_outcome(static_cast<v1::OperationOutcome>(choices_.Below(4)));
        result->set_reason(static_cast<v1::RejectionReason>(choices_.Below(12)));
        result->set_message("no");
        return;
      case 2:
        if (result != nullptr) result->set_device_seq(choices_.Number());
        return;
      case 3:
        if (result != nullptr) result->set_op_id(AnyId());
        return;
      case 4:
        response.set_acknowledged_device_seq(choices_.Number());
        return;
      case 5:
        response.set_server_epoch(absl::StrCat("epoch-", ++epoch_));
        return;
      case 6:
        response.set_lamport_max(choices_.Number());
        return;
      case 7:
        response.set_directive(static_cast<v1::DeviceDirective>(choices_.Below(5)));
        return;
      case 8:
        response.set_feed_reset(true);
        return;
      case 9:
        response.set_has_more(true);
        return;
      case 10:
        response.set_retry_after_ms(static_cast<uint32_t>(choices_.Number()));
        return;
      case 11:
        response.mutable_next_cursor()->set_position(static_cast<int64_t>(choices_.Number()));
        return;
      case 12:
        if (response.results_size() > 0) response.mutable_results()->RemoveLast();
        return;
      default:
        response.mutable_limits()->set_max_batch_bytes(static_cast<uint32_t>(choices_.Number()));
        response.mutable_limits()->set_max_operation_bytes(
            static_cast<uint32_t>(choices_.Number()));
        response.mutable_limits()->set_max_response_bytes(static_cast<uint32_t>(choices_.Number()));
        if (choices_.OneIn(2)) *response.mutable_membership() = MembershipOf(choices_.Below(4));
    }
  }

  Choices choices_;
  SimDisk disk_{1};
  FakeClock clock_;
  SeededRandom random_{3};
  std::unique_ptr<Client> client_;
  std::unique_ptr<client::SyncRun> run_;
  std::set<std::string> captured_;
  std::set<std::string> drafts_;
  std::string last_operation_;
  uint64_t lamport_ = 0;
  int64_t position_ = 0;
  int epoch_ = 0;
};

void OneInput(absl::string_view bytes) {
  SimDisk::SeedSqlite(2);
  Session(Choices(bytes)).Run();
}

std::vector<std::string> Seeds() {
  return {
      // Bind, capture two reports, look for duplicates, sync to the end.
      std::string("\0\0\0\3\1\2\1\1\1\0\0\0\0\0\3\1\2\0\0\0\10\3\1\2\0\0\0\22\0\0\2\0\0\0\1\0",
                  36) +
          std::string("\22\0\0\0\0\22\0\0", 8),
      // A source with a name, a draft, its capture, a rejection, quarantine.
      std::string("\0\0\0\0\2\0\3\0\1\0\0\0\0\3\0\22\0\0\0\1\0\2\3\0\0\0\22\0\0\15\1\1", 32),
      // Edit, void, restart with a kill, another epoch.
      std::string("\0\0\0\3\0\0\0\0\0\4\0\0\0\0\2ab\6\0\1c\16\1\22\0\0\1\0\0\1\5\0\22\0\0\0\0", 36),
      std::string("\0\0\0\3\0\0\0\0\0\22\0\0\3\2\1\0\0\4\1\1\1\7\0\0\22\0\0\0\1\10\0\22\0", 33),
      std::string("\7\2\3\2\1\0\20\0\0\0\11\0\1\13\0\1\14\0\1\0\12\0\0\1\0", 25),
  };
}

const Registration registration(
    {.name = "client", .one_input = &OneInput, .seeds = &Seeds, .inputs_in_tests = 30});

}  // namespace
}  // namespace baraza::fuzz
