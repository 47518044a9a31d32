// The server's side of sync over a whole history: three devices and the office, whose steps the
// input chooses; requests in order, again, altered and damaged; restarts and kills between them.
// Disk, clock and random numbers are simulated.

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "baraza/v1/operation.pb.h"
#include "baraza/v1/sync_service.pb.h"
#include "core/base/clock.h"
#include "core/base/random.h"
#include "core/model/operation.h"
#include "core/model/operation_batch.h"
#include "core/model/record_types.h"
#include "sync_server/consolidation/projection.h"
#include "sync_server/ingest/audience.h"
#include "sync_server/ingest/desk.h"
#include "sync_server/ingest/group_commit.h"
#include "sync_server/ingest/sync_handler.h"
#include "sync_server/limits.h"
#include "sync_server/store/programme_store.h"
#include "tests/fuzz/choices.h"
#include "tests/fuzz/target.h"
#include "tests/simulation/disk/sim_disk.h"
#include "tests/unit/sync_server/testing/programme_fixture.h"

namespace baraza::fuzz {
namespace {

using server::testing::MemberOf;
using server::testing::OfficeMember;
using server::testing::ProgrammeId;
using server::testing::TestDevice;
using server::testing::TestId;
using sim::SimDisk;

constexpr char kPath[] = "/server.db";
constexpr int kMostSteps = 60;
constexpr size_t kDevices = 3;

// One programme with all that stands behind SyncService.
class Server {
 public:
  explicit Server(const SimDisk::Image& image) : disk_(1, image) { Open(); }
  Server() : disk_(1) { Open(); }
  ~Server() { Close(); }

  void Open() {
    server::ProgrammeStoreOptions options;
    options.create = true;
    options.programme_id = ProgrammeId();
    options.vfs = disk_.name();
    auto store = server::ProgrammeStore::Open(kPath, options, clock_, random_);
    FUZZ_CHECK(store.ok(), +store.status().ToString());
    store_ = *std::move(store);
    commit_ = std::make_unique<server::GroupCommit>(*store_);
    handler_ = std::make_unique<server::SyncHandler>(*store_, *commit_, clock_);
    desk_ = std::make_unique<server::Desk>(*store_, *commit_, clock_, random_);
    projection_ = std::make_unique<server::Projection>(*store_, *commit_);
    const absl::StatusOr<bool> stale = projection_->Load();
    FUZZ_CHECK(stale.ok(), +stale.status().ToString());
    FUZZ_CHECK(!*stale);
  }

  void Close() {
    handler_.reset();
    desk_.reset();
    projection_.reset();
    commit_.reset();
    store_.reset();
  }

  void Restart(bool kill) {
    if (kill) disk_.Kill();
    Close();
    if (kill) disk_.Restart();
    Open();
  }

  void Flush() {
    while (commit_->Flush() > 0) {
    }
  }

  void Settle() {
    // A chunk is many operations: a few suffice.
    for (int i = 0; i < 1000; ++i) {
      std::optional<absl::StatusOr<bool>> stepped;
      projection_->Step([&](absl::StatusOr<bool> done) { stepped = std::move(done); });
      Flush();
      FUZZ_CHECK(stepped.has_value());
      FUZZ_CHECK(stepped->ok(), +stepped->status().ToString());
      if (!**stepped) return;
    }
    FUZZ_CHECK(false, "the projection does not come to an end");
  }

  absl::StatusOr<v1::SyncResponse> Handle(const v1::SyncRequest& request, server::Caller caller) {
    server::CompleteCaller(*projection_->register_snapshot(), caller);
    std::optional<absl::StatusOr<v1::SyncResponse>> answer;
    handler_->Handle(request, caller, [&answer](absl::StatusOr<v1::SyncResponse> response) {
      FUZZ_CHECK(!answer.has_value(), "answered twice");
      answer = std::move(response);
    });
    Flush();
    FUZZ_CHECK(answer.has_value(), "not answered");
    return *std::move(answer);
  }

  absl::StatusOr<server::Desk::Outcome> Append(const std::string& record_id,
                                               const google::protobuf::Message* before,
                                               const google::protobuf::Message& after) {
    std::optional<absl::StatusOr<server::Desk::Outcome>> outcome;
    desk_->Append(OfficeMember(90, v1::ROLE_ADMINISTRATOR), RecordTypeOf(*after.GetDescriptor()),
                  record_id, before, after, "",
                  [&](absl::StatusOr<server::Desk::Outcome> done) { outcome = std::move(done); });
    Flush();
    FUZZ_CHECK(outcome.has_value());
    return *std::move(outcome);
  }

  absl::Status Redact(const std::string& record_id, const std::string& op_id) {
    v1::Redaction redaction;
    redaction.set_op_id(op_id);
    redaction.add_classes(v1::PRIVACY_TEAM);
    redaction.add_classes(v1::PRIVACY_PROGRAMME);
    std::optional<absl::Status> outcome;
    desk_->Redact(
        OfficeMember(90, v1::ROLE_ADMINISTRATOR), record_id, {redaction}, "",
        [&](const absl::StatusOr<server::Desk::Outcome>& done) { outcome = done.status(); });
    Flush();
    FUZZ_CHECK(outcome.has_value());
    return *outcome;
  }

  // Records and sessions, as bytes.
  std::string Projected() {
    std::string bytes;
    FUZZ_CHECK(store_
                   ->ForEachRecordState(v1::RECORD_TYPE_UNSPECIFIED,
                                        [&](const v1::RecordState& state) {
                                          absl::StrAppend(&bytes, state.SerializeAsString(), "\n");
                                          return absl::OkStatus();
                                        })
                   .ok());
    FUZZ_CHECK(store_
                   ->ForEachSession([&](const v1::Session& session) {
                     absl::StrAppend(&bytes, session.SerializeAsString(), "\n");
                     return absl::OkStatus();
                   })
                   .ok());
    return bytes;
  }

  // Incremental equals rebuilt.
  void CheckRebuild() {
    Settle();
    const std::string before = Projected();
    std::optional<absl::Status> begun;
    projection_->Rebuild([&](const absl::Status& status) { begun = status; });
    Flush();
    FUZZ_CHECK(begun.has_value() && begun->ok());
    Settle();
    FUZZ_CHECK(Projected() == before, "rebuilt otherwise than incrementally");
  }

  // What people look at is there, whatever came in.
  void CheckReads() {
    const auto sessions = projection_->ListSessions({});
    FUZZ_CHECK(sessions.ok(), +sessions.status().ToString());
    std::set<std::string> seen;
    for (const v1::Session& session : *sessions) {
      FUZZ_CHECK(session.members_size() > 0);
      for (const v1::SessionMember& member : session.members()) {
        FUZZ_CHECK(seen.insert(member.report_id()).second, "a report in two sessions");
        const auto found = projection_->GetSession(member.report_id());
        FUZZ_CHECK(found.ok() && found->session_id() == session.session_id());
        FUZZ_CHECK(session.session_id() <= member.report_id());
      }
      FUZZ_CHECK(projection_->ExplainSession(session.session_id()).ok());
    }
    v1::Figure figure;
    const absl::CivilDay day(2026, 10, 1);
    FUZZ_CHECK(projection_->GetFigure(TestId("ind", 1), "2026-Q1", day, figure).ok());
    FUZZ_CHECK(figure.low() <= figure.value() && figure.value() <= figure.high());
    FUZZ_CHECK(static_cast<size_t>(figure.counted_size()) <= sessions->size());
    FUZZ_CHECK(projection_->DrawReviewSample(TestId("ind", 1), "2026-Q1", day, 20, random_).ok());
    const auto queue = projection_->GetReviewQueue();
    for (const v1::ReviewItem& item : queue->items) {
      FUZZ_CHECK(!item.SerializeAsString().empty());
      queue->IsFor(TestId("per", 90), item);
    }
    FUZZ_CHECK(store_->ListQuarantine("", 0, 1000).ok());
    FUZZ_CHECK(store_->ListDevices().ok());
  }

  server::ProgrammeStore& store() { return *store_; }
  SimDisk& disk() { return disk_; }
  FakeClock& clock() { return clock_; }
  Random& random() { return random_; }

 private:
  SimDisk disk_;
  FakeClock clock_;
  SeededRandom random_{7};
  std::unique_ptr<server::ProgrammeStore> store_;
  std::unique_ptr<server::GroupCommit> commit_;
  std::unique_ptr<server::SyncHandler> handler_;
  std::unique_ptr<server::Desk> desk_;
  std::unique_ptr<server::Projection> projection_;
};

// A programme with its register, made once.
const SimDisk::Image& Prepared() {
  static const auto* const image = [] {
    SimDisk::SeedSqlite(1);
    Server server;
    const auto append = [&server](const std::string& id, const google::protobuf::Message& record) {
      const auto outcome = server.Append(id, nullptr, record);
      FUZZ_CHECK(outcome.ok(), +outcome.status().ToString());
    };
    v1::Programme programme;
    programme.mutable_title()->add_values()->set_text("Rights on the coast");
    append(ProgrammeId(), programme);
    v1::Issue issue;
    issue.mutable_title()->add_values()->set_text("land");
    append(TestId("iss", 1), issue);
    for (uint64_t i = 1; i <= kDevices; ++i) {
      v1::Organisation organisation;
      organisation.set_title(absl::StrCat("Organisation ", i));
      append(TestId("org", i), organisation);
      v1::Team team;
      team.set_title(absl::StrCat("Team ", i));
      team.set_organisation_id(TestId("org", i));
      append(TestId("tem", i), team);
    }
    v1::Indicator indicator;
    indicator.mutable_title()->add_values()->set_text("Sessions");
    indicator.add_issue_ids(TestId("iss", 1));
    indicator.set_period_scheme(v1::PERIOD_SCHEME_QUARTER);
    append(TestId("ind", 1), indicator);
    server.Settle();
    server.Close();
    return new SimDisk::Image(server.disk().Snapshot());
  }();
  return *image;
}

struct Device {
  TestDevice log;
  // Of its records, with the last content and operation.
  struct Written {
    std::string id;
    v1::SessionReport report;
    std::string head;
  };
  std::vector<Written> reports;
  uint64_t acknowledged = 0;
  std::optional<v1::SyncRequest> last_request;
};

class History {
 public:
  explicit History(Choices choices) : choices_(choices), server_(Prepared()) {
    for (uint64_t i = 1; i <= kDevices; ++i) {
      devices_.push_back(
          {TestDevice(i, MemberOf(i, i, i == 2 ? v1::ROLE_TEAM_LEAD : v1::ROLE_COLLECTOR)),
           {},
           0,
           std::nullopt});
    }
  }

  void Run() {
    // Half of the time that a history takes.
    const bool rebuild = choices_.Below(4) == 0;
    for (int step = 0; step < kMostSteps && !choices_.empty(); ++step) Step();
    for (Device& device : devices_) {
      Exchange(device, device.log.Request(0), device.log.owner());
    }
    server_.Settle();
    server_.CheckReads();
    if (rebuild) server_.CheckRebuild();
  }

 private:
  void Step() {
    Device& device = devices_[choices_.Below(kDevices)];
    switch (choices_.Below(16)) {
      case 0:
      case 1:
        return Capture(device);
      case 2:
        return Edit(device);
      case 3:
        return CaptureSource(device);
      case 4:
        return Damage(device);
      case 5: {
        server::Caller suspended = device.log.owner();
        suspended.suspended = true;
        return Exchange(device, device.log.Request(After(device)), suspended);
      }
      case 6:
        return Exchange(device, device.log.Request(After(device)), device.log.owner());
      case 7:
        return server_.CheckReads();
      case 8:
        return Altered(device);
      case 9:
        if (device.last_request) Exchange(device, *device.last_request, device.log.owner());
        return;
      case 10:
        return Office(device);
      case 11:
        return server_.Restart(choices_.Below(2) == 1);
      case 12:
        return server_.Settle();
      case 13:
        return server_.clock().Advance(absl::Minutes(choices_.Below(256) * 60));
      case 14:
        return DamagedRequest(device);
      default:
        return Replay(device);
    }
  }

  v1::SessionReport Report(const Device& device) {
    v1::SessionReport report = server::testing::Report(choices_.Below(4));
    report.mutable_narrative()->set_text(NarrativeOf(device.log.owner()));
    report.set_issue_id(TestId("iss", 1 + choices_.Below(8) / 7));
    report.mutable_dates()->set_earliest(absl::StrCat("2026-02-0", 1 + choices_.Below(4)));
    report.set_experiences_shared(static_cast<v1::YesNo>(choices_.Below(4)));
    report.set_learned_from_each_other(v1::YES_NO_YES);
    report.set_reporting_team_present(v1::YES_NO_YES);
    for (uint32_t teams = choices_.Below(3), i = 0; i < teams; ++i) {
      v1::ParticipatingTeam& team = *report.add_participating_teams();
      team.set_element_id(absl::StrCat("t", i));
      if (choices_.Below(3) == 0) {
        team.set_unregistered_name(absl::StrCat("team ", choices_.Below(4)));
      } else {
        team.set_team_id(TestId("tem", 1 + choices_.Below(4)));
      }
    }
    if (choices_.OneIn(4)) report.set_sensitivity(v1::PRIVACY_TEAM);
    if (choices_.OneIn(4)) report.mutable_part_of()->set_report_id(AnyReport());
    return report;
  }

  // Of class TEAM.
  static std::string NarrativeOf(const server::Caller& caller) {
    return absl::StrCat("told within ", caller.membership.team_id());
  }

  std::string AnyReport() {
    const Device& device = devices_[choices_.Below(kDevices)];
    if (device.reports.empty()) return TestId("rep", 1);
    return device.reports[choices_.Below(static_cast<uint32_t>(device.reports.size()))].id;
  }

  void Capture(Device& device) {
    const v1::SessionReport report = Report(device);
    const std::string id = device.log.Capture(report);
    device.reports.push_back({id, report, id});
  }

  void CaptureSource(Device& device) {
    v1::Source source;
    source.set_kind(v1::SOURCE_KIND_KEY_INFORMANT_INTERVIEW);
    source.set_date("2026-02-09");
    source.set_informant_reference(absl::StrCat("informant ", choices_.Below(4)));
    device.log.Capture(source);
  }

  void Edit(Device& device) {
    if (device.reports.empty()) return;
    Device::Written& written =
        device.reports[choices_.Below(static_cast<uint32_t>(device.reports.size()))];
    v1::SessionReport after = written.report;
    // So that there is a change.
    after.mutable_title()->set_text(absl::StrCat("Edited ", ++edits_));
    if (choices_.OneIn(3)) after.clear_participating_teams();
    if (choices_.OneIn(3)) after.mutable_void_mark()->set_voided(true);
    if (choices_.OneIn(3)) after.clear_dates();
    std::vector<std::string> parents = {choices_.OneIn(4) ? written.id : written.head};
    device.log.Edit(written.id, written.report, after, std::move(parents));
    v1::Header header;
    FUZZ_CHECK(header.ParseFromString(device.log.operations().back().header()));
    written.head = header.op_id();
    written.report = std::move(after);
  }

  // Something in an operation that the device holds becomes other than it wrote it.
  void Damage(Device& device) {
    std::vector<v1::WireOperation>& operations = device.log.operations();
    if (operations.empty()) return;
    v1::WireOperation& wire = operations[choices_.Below(static_cast<uint32_t>(operations.size()))];
    v1::Header header;
    const bool parsed = header.ParseFromString(wire.header());
    v1::Part* const part =
        wire.parts_size() == 0
            ? nullptr
            : wire.mutable_parts(choices_.Below(static_cast<uint32_t>(wire.parts_size())));
    switch (choices_.Below(12)) {
      case 0:
        return DamageBytes(*wire.mutable_header());
      case 1:
      case 2:
        if (part != nullptr) DamageBytes(*part->mutable_delta());
        return;
      case 3:
        if (part != nullptr) part->set_privacy(static_cast<v1::Privacy>(choices_.Below(6)));
        return;
      case 4:
        if (part != nullptr) *wire.add_parts() = *part;
        return;
      case 5:
        header.set_lamport(choices_.Number());
        break;
      case 6:
        header.set_op_id(AnyReport());
        break;
      case 7:
        header.set_record_id(AnyReport());
        break;
      case 8:
        header.set_record_type(static_cast<v1::RecordType>(choices_.Below(24)));
        break;
      case 9:
        header.add_parent_op_ids(AnyReport());
        break;
      case 10:
        header.set_schema_level(static_cast<uint32_t>(choices_.Number()));
        break;
      default:
        header.set_author_role(static_cast<v1::Role>(choices_.Below(8)));
        header.set_team_id(TestId("tem", choices_.Below(5)));
    }
    if (parsed) wire.set_header(header.SerializeAsString());
  }

  void DamageBytes(std::string& bytes) {
    if (bytes.empty()) return;
    const uint32_t at = choices_.Below(static_cast<uint32_t>(bytes.size()));
    switch (choices_.Below(3)) {
      case 0:
        bytes.resize(at);
        return;
      case 1:
        bytes.insert(at, choices_.Bytes(16));
        return;
      default:
        bytes[at] = static_cast<char>(choices_.Byte());
    }
  }

  uint64_t After(Device& device) {
    switch (choices_.Below(3)) {
      case 0:
        return device.acknowledged;
      case 1:
        return 0;
      default:
        return choices_.Below(static_cast<uint32_t>(device.log.operations().size() + 1));
    }
  }

  // A request that no client of ours would make.
  void Altered(Device& device) {
    v1::SyncRequest request = device.log.Request(After(device));
    server::Caller caller = device.log.owner();
    switch (choices_.Below(12)) {
      case 0:
        request.set_device_id(devices_[choices_.Below(kDevices)].log.device_id());
        break;
      case 1:
        request.set_database_incarnation(choices_.Bytes(20));
        break;
      case 2:
        request.set_protocol_version(static_cast<uint32_t>(choices_.Number()));
        break;
      case 3:
        request.set_max_schema_level(static_cast<uint32_t>(choices_.Number()));
        request.set_schema_level(static_cast<uint32_t>(choices_.Number()));
        break;
      case 4:
        request.set_max_response_bytes(static_cast<uint32_t>(choices_.Number()));
        break;
      case 5:
        request.mutable_cursor()->set_position(static_cast<int64_t>(choices_.Number()));
        break;
      case 6:
        request.mutable_cursor()->set_epoch(choices_.Bytes(40));
        break;
      case 7:
        caller.suspended = true;
        break;
      case 8:
        caller = devices_[choices_.Below(kDevices)].log.owner();
        break;
      case 9:
        if (request.operations_size() > 1) {
          request.mutable_operations()->SwapElements(0, request.operations_size() - 1);
        }
        break;
      case 10:
        // Sequence numbers that stand for other operations: the database is a copy.
        for (v1::WireOperation& wire : *request.mutable_operations()) {
          wire.set_device_seq(wire.device_seq() + 1);
        }
        break;
      default:
        request.mutable_state()->set_software_version(choices_.Bytes(255));
        request.mutable_state()->set_wall_time_ms(static_cast<int64_t>(choices_.Number()));
    }
    Exchange(device, request, caller);
  }

  void DamagedRequest(Device& device) {
    std::string bytes = device.log.Request(After(device)).SerializeAsString();
    DamageBytes(bytes);
    v1::SyncRequest request;
    if (!request.ParseFromString(bytes)) return;
    Exchange(device, request, device.log.owner());
  }

  // As it comes off the line.
  void Replay(Device& device) {
    v1::SyncRequest request = device.log.Request(After(device));
    v1::SyncRequest packed = request;
    PackOperations(packed);
    if (request.operations_size() > 0) {
      FUZZ_CHECK(UnpackOperations(server::kMaxMessageBytes, packed).ok());
      FUZZ_CHECK(packed.SerializeAsString() == request.SerializeAsString());
    }
    Exchange(device, packed, device.log.owner());
    Exchange(device, packed, device.log.owner());
  }

  void Office(Device& device) {
    absl::Status status;
    switch (choices_.Below(4)) {
      case 0: {
        v1::Ruling ruling;
        ruling.set_kind(choices_.Below(2) == 0 ? v1::RULING_KIND_SAME : v1::RULING_KIND_DIFFERENT);
        ruling.add_report_ids(AnyReport());
        ruling.add_report_ids(AnyReport());
        ruling.mutable_reason()->set_text("seen");
        status = server_.Append("", nullptr, ruling).status();
        break;
      }
      case 1: {
        v1::Team before;
        const uint64_t number = 1 + choices_.Below(kDevices);
        before.set_title(absl::StrCat("Team ", number));
        v1::Team after = before;
        after.add_aliases(absl::StrCat("team ", choices_.Below(4)));
        if (choices_.OneIn(3)) {
          after.set_merged_into(TestId("tem", 1 + choices_.Below(4)));
          merged_ = true;
        }
        status = server_.Append(TestId("tem", number), &before, after).status();
        break;
      }
      case 2: {
        if (device.reports.empty()) return;
        const Device::Written& written = device.reports.back();
        v1::SessionReport after = written.report;
        after.mutable_review()->set_stage(choices_.Below(2) == 0 ? v1::REPORT_STAGE_ENDORSED
                                                                 : v1::REPORT_STAGE_RETURNED);
        status = server_.Append(written.id, &written.report, after).status();
        break;
      }
      default: {
        const std::string id = AnyReport();
        status = server_.Redact(id, id);
      }
    }
    // What is not there yet cannot be changed; nothing is wrong with the server.
    FUZZ_CHECK(status.code() != absl::StatusCode::kInternal &&
                   status.code() != absl::StatusCode::kUnknown &&
                   status.code() != absl::StatusCode::kDataLoss,
               +status.ToString());
  }

  // Sends it twice and holds both answers against what is promised.
  void Exchange(Device& device, const v1::SyncRequest& sent, const server::Caller& caller) {
    v1::SyncRequest request;
    // What does not parse never comes to the handler.
    if (!request.ParseFromString(sent.SerializeAsString())) return;
    device.last_request = request;
    const absl::StatusOr<v1::SyncResponse> first = server_.Handle(request, caller);
    CheckAnswer(request, caller, first);
    if (first.ok() && request.device_id() == device.log.device_id()) {
      device.acknowledged = first->acknowledged_device_seq();
      if (!caller.suspended) device.log.Learn(*first);
    }
    const absl::StatusOr<v1::SyncResponse> second = server_.Handle(request, caller);
    CheckAnswer(request, caller, second);
    FUZZ_CHECK(first.status().code() == second.status().code());
    if (!first.ok()) return;
    FUZZ_CHECK(first->directive() == second->directive());
    FUZZ_CHECK(first->results_size() == second->results_size());
    for (int i = 0; i < first->results_size(); ++i) {
      v1::OperationResult before = first->results(i);
      v1::OperationResult after = second->results(i);
      FUZZ_CHECK(after.replayed() || caller.suspended);
      before.clear_replayed();
      after.clear_replayed();
      FUZZ_CHECK(before.SerializeAsString() == after.SerializeAsString(),
                 +before.DebugString() + after.DebugString());
    }
  }

  void CheckAnswer(const v1::SyncRequest& request, const server::Caller& caller,
                   const absl::StatusOr<v1::SyncResponse>& answer) {
    CheckLog();
    if (!answer.ok()) {
      FUZZ_CHECK(answer.status().code() == absl::StatusCode::kInvalidArgument ||
                     answer.status().code() == absl::StatusCode::kPermissionDenied ||
                     answer.status().code() == absl::StatusCode::kResourceExhausted,
                 +answer.status().ToString());
      FUZZ_CHECK(!answer.status().message().empty());
      return;
    }
    const bool taken = answer->directive() == v1::DEVICE_DIRECTIVE_UNSPECIFIED ||
                       answer->directive() == v1::DEVICE_DIRECTIVE_SUSPENDED;
    FUZZ_CHECK(answer->results_size() == (taken ? request.operations_size() : 0),
               +answer->DebugString());
    for (int i = 0; i < answer->results_size(); ++i) {
      const v1::OperationResult& result = answer->results(i);
      FUZZ_CHECK(result.device_seq() == request.operations(i).device_seq());
      if (result.outcome() == v1::OPERATION_OUTCOME_ACCEPTED) {
        const auto found = server_.store().FindOperation(result.op_id());
        FUZZ_CHECK(found.ok() && found->has_value());
        continue;
      }
      FUZZ_CHECK(result.outcome() == v1::OPERATION_OUTCOME_REJECTED);
      FUZZ_CHECK(result.reason() != v1::REJECTION_REASON_UNSPECIFIED);
      FUZZ_CHECK(!result.message().empty());
    }
    uint64_t& acknowledged = acknowledged_[request.device_id()];
    FUZZ_CHECK(answer->acknowledged_device_seq() >= acknowledged);
    acknowledged = answer->acknowledged_device_seq();
    // Of a suspended device nothing is acknowledged: it sends all again when that is lifted.
    if (!caller.suspended && answer->results_size() > 0) {
      FUZZ_CHECK(acknowledged >= answer->results(answer->results_size() - 1).device_seq());
    }
    CheckFeed(*answer, caller);
  }

  void CheckFeed(const v1::SyncResponse& answer, const server::Caller& caller) const {
    if (caller.suspended) FUZZ_CHECK(answer.feed().empty());
    int64_t position = 0;
    for (const v1::FeedItem& item : answer.feed()) {
      FUZZ_CHECK(item.position() > position);
      position = item.position();
      FUZZ_CHECK(!item.object().empty());
      FUZZ_CHECK(v1::FeedPayload().ParseFromString(item.payload()));
      FUZZ_CHECK((item.action() == v1::FeedItem::ACTION_REMOVE) == item.payload().empty());
      // What one team told itself no other team hears; one that was merged is the same team.
      for (const Device& device : devices_) {
        if (merged_ || device.log.owner().membership.team_id() == caller.membership.team_id()) {
          continue;
        }
        FUZZ_CHECK(!absl::StrContains(item.payload(), NarrativeOf(device.log.owner())));
      }
    }
    if (answer.has_next_cursor()) FUZZ_CHECK(answer.next_cursor().position() >= position);
  }

  // It grows only, and an operation in it stays what it was.
  void CheckLog() {
    const absl::StatusOr<int64_t> position = server_.store().LogPosition();
    FUZZ_CHECK(position.ok());
    FUZZ_CHECK(*position >= position_);
    if (*position == position_) return;
    position_ = *position;
    std::map<std::string, std::string> log;
    FUZZ_CHECK(server_.store()
                   .OperationHashes(position_,
                                    [&](absl::string_view op_id, const Sha256Digest& hash) {
                                      log.emplace(std::string(op_id), hash.ToHex());
                                      return absl::OkStatus();
                                    })
                   .ok());
    for (const auto& [op_id, hash] : log_) {
      const auto found = log.find(op_id);
      FUZZ_CHECK(found != log.end() && found->second == hash);
    }
    log_ = std::move(log);
  }

  Choices choices_;
  Server server_;
  std::vector<Device> devices_;
  uint64_t edits_ = 0;
  bool merged_ = false;
  std::map<std::string, uint64_t> acknowledged_;
  int64_t position_ = 0;
  std::map<std::string, std::string> log_;
};

void OneInput(absl::string_view bytes) {
  const SimDisk::Image& image = Prepared();
  (void)image;
  SimDisk::SeedSqlite(2);
  History(Choices(bytes)).Run();
}

std::vector<std::string> Seeds() {
  // Each step: device, kind, then what it asks for.
  std::vector<std::string> seeds = {
      // Each captures the same, sends, and the server projects.
      std::string("\0\0\1\0\0\1\1\1\1\0\0", 11) + std::string("\1\0\1\0\0\1\1\1\2\0\0", 11) +
          std::string("\0\6\1\1\6\1\0\14", 8),
      // Capture, edit, edit from the first version, send all, send again.
      std::string("\0\0\2\0\1\1\0\0\0", 9) + std::string("\0\2\0\0\0\0\0\0\2\0\0\0\0\3", 14) +
          std::string("\0\6\1\0\11\0\17\1", 8),
      // Damage of each kind.
      std::string("\0\0\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\0\0\4\0\0\1\0\5\0\0\3\3\0\6\1", 32),
      std::string("\2\3\0\2\3\1\2\4\1\0\0\5\2\2\6\1\2\10\7\1\2\13\1\2\17\1", 26),
      // The office rules, merges teams, endorses and erases.
      std::string("\0\0\1\0\0\1\0\0\0\1\0\1\0\0\1\0\0\0\0\6\1\1\6\1", 24) +
          std::string("\0\12\0\0\0\0\1\0\0\12\1\0\1\2\1\0\12\2\0\0\12\3\0\0\0\14\0\13\1", 29),
  };
  // Two of a suspended phone, and what it sends once that is lifted.
  seeds.push_back(std::string("\0\0\1\0\0\1\1\1\1\0\0\0\5\1\0\7\0\6\1\0\14\0\7", 23));
  for (std::string& seed : seeds) seed.insert(0, 1, '\0');
  return seeds;
}

const Registration registration(
    {.name = "sync_request", .one_input = &OneInput, .seeds = &Seeds, .inputs_in_tests = 30});

}  // namespace
}  // namespace baraza::fuzz
