// What is broken is refused with its reason, and what stands around it goes through.

#include "core/base/ids.h"
#include "core/model/limits.h"
#include "core/model/operation.h"
#include "tests/scenarios/scenario_test.h"

namespace baraza::testing {
namespace {

class BadInputTest : public ScenarioTest {
 protected:
  BadInputTest() : world_(NewDirectory()), phone_(world_.AddPhone("phone", "pwani")) {
    request_.set_device_id(MintId("dev", clock_, random_));
    request_.set_database_incarnation(std::string(16, 'i'));
    request_.set_protocol_version(kProtocolVersion);
    request_.set_schema_level(kSchemaLevel);
    request_.set_min_schema_level(1);
    request_.set_max_schema_level(kSchemaLevel);
  }

  // A sound operation that creates a report.
  v1::WireOperation Good(const std::string& title) {
    const std::string id = MintId("rep", clock_, random_);
    const v1::Record record = CountingReport(world_, title, "2026-07-07", {"sahel"});
    const server::Caller& caller = phone_.caller();
    OperationStamp stamp;
    stamp.op_id = id;
    stamp.record_id = id;
    stamp.record_type = v1::RECORD_TYPE_SESSION_REPORT;
    stamp.programme_id = world_.programme_id();
    stamp.team_id = caller.membership.team_id();
    stamp.author_id = caller.membership.person_id();
    stamp.author_role = caller.membership.role();
    stamp.lamport = 1000 + ++lamport_;
    auto operation = BuildOperation(stamp, nullptr, record.session_report());
    EXPECT_TRUE(operation.ok()) << operation.status();
    return operation.ok() ? std::move(operation->wire) : v1::WireOperation();
  }

  // The same with its header altered.
  template <typename F>
  v1::WireOperation WithHeader(const std::string& title, F change) {
    v1::WireOperation operation = Good(title);
    v1::Header header;
    EXPECT_TRUE(header.ParseFromString(operation.header()));
    change(header);
    operation.set_header(header.SerializeAsString());
    return operation;
  }

  // The same with the record inside its first part altered.
  template <typename F>
  v1::WireOperation WithRecord(const std::string& title, F change) {
    v1::WireOperation operation = Good(title);
    for (v1::Part& part : *operation.mutable_parts()) {
      if (part.privacy() != v1::PRIVACY_PROGRAMME) continue;
      v1::Delta delta;
      EXPECT_TRUE(delta.ParseFromString(part.delta()));
      v1::SessionReport report;
      EXPECT_TRUE(report.ParseFromString(delta.record()));
      change(report);
      delta.set_record(report.SerializeAsString());
      part.set_delta(delta.SerializeAsString());
    }
    return operation;
  }

  void Add(v1::WireOperation operation) {
    operation.set_device_seq(static_cast<uint64_t>(request_.operations_size()) + 1);
    *request_.add_operations() = std::move(operation);
  }

  v1::SyncResponse Send() {
    auto response = world_.Handle(request_, phone_.caller());
    EXPECT_TRUE(response.ok()) << response.status();
    world_.Settle();
    return response.ok() ? *response : v1::SyncResponse();
  }

  // Sends `bad` between two good operations and expects just it to be refused.
  v1::OperationResult ExpectRejected(v1::WireOperation bad) {
    Add(Good("Before the bad one"));
    Add(std::move(bad));
    Add(Good("After the bad one"));
    const v1::SyncResponse response = Send();
    EXPECT_EQ(response.results_size(), 3);
    if (response.results_size() != 3) return {};
    EXPECT_EQ(response.results(0).outcome(), v1::OPERATION_OUTCOME_ACCEPTED);
    EXPECT_EQ(response.results(1).outcome(), v1::OPERATION_OUTCOME_REJECTED);
    EXPECT_EQ(response.results(2).outcome(), v1::OPERATION_OUTCOME_ACCEPTED);
    EXPECT_EQ(response.acknowledged_device_seq(), 3u);
    auto quarantine = world_.store().ListQuarantine("", 0, 10);
    EXPECT_TRUE(quarantine.ok());
    EXPECT_EQ(quarantine->size(), 1u);
    // The answer does not depend on when it is asked for.
    auto again = world_.Handle(request_, phone_.caller());
    EXPECT_TRUE(again.ok());
    EXPECT_TRUE(again->results(1).replayed());
    EXPECT_EQ(again->results(1).reason(), response.results(1).reason());
    EXPECT_EQ(again->results(1).message(), response.results(1).message());
    return response.results(1);
  }

  FakeClock clock_;
  SeededRandom random_{99};
  uint64_t lamport_ = 0;
  World world_;
  Phone& phone_;
  v1::SyncRequest request_;
};

TEST_F(BadInputTest, TruncatedHeader) {
  v1::WireOperation bad = Good("x");
  bad.mutable_header()->resize(bad.header().size() / 2);
  EXPECT_EQ(ExpectRejected(bad).reason(), v1::REJECTION_REASON_MALFORMED);
}

TEST_F(BadInputTest, TruncatedDelta) {
  v1::WireOperation bad = Good("x");
  std::string& delta = *bad.mutable_parts(0)->mutable_delta();
  delta.resize(delta.size() - 3);
  EXPECT_EQ(ExpectRejected(bad).reason(), v1::REJECTION_REASON_MALFORMED);
}

TEST_F(BadInputTest, InvalidUtf8InOneOperationOfABatch) {
  v1::WireOperation bad = Good("a title that turns bad");
  bool found = false;
  for (v1::Part& part : *bad.mutable_parts()) {
    const size_t at = part.delta().find("turns bad");
    if (at == std::string::npos) continue;
    (*part.mutable_delta())[at] = '\xff';
    found = true;
  }
  ASSERT_TRUE(found);
  const v1::OperationResult result = ExpectRejected(bad);
  EXPECT_EQ(result.reason(), v1::REJECTION_REASON_INVALID_UTF8);
  EXPECT_THAT(result.field(), ::testing::HasSubstr("title"));
}

TEST_F(BadInputTest, ADateThatIsNotInTheCalendar) {
  const v1::OperationResult result = ExpectRejected(WithRecord(
      "x", [](v1::SessionReport& report) { report.mutable_dates()->set_earliest("2026-02-31"); }));
  EXPECT_EQ(result.reason(), v1::REJECTION_REASON_INVALID_VALUE);
  EXPECT_EQ(result.field(), "dates.earliest");
  EXPECT_THAT(result.message(), ::testing::HasSubstr("rep_"));
  EXPECT_THAT(result.message(), ::testing::HasSubstr("2026-02-31"));
}

TEST_F(BadInputTest, TenMegabytesOfText) {
  const v1::OperationResult result = ExpectRejected(WithRecord("x", [](v1::SessionReport& report) {
    report.mutable_title()->set_text(std::string(10 << 20, 'x'));
  }));
  EXPECT_EQ(result.reason(), v1::REJECTION_REASON_TOO_LARGE);
}

// So many alike of one day that they are not all compared: the figure says so, and still counts
// one.
TEST_F(BadInputTest, AFigureSaysWhatWasHeldBack) {
  constexpr int kReports = 300;
  for (int i = 0; i < kReports; ++i) {
    Add(WithRecord(absl::StrCat("Land forum account ", i), [i](v1::SessionReport& report) {
      report.mutable_participants()->set_total(20 + i);
    }));
  }
  EXPECT_EQ(Send().acknowledged_device_seq(), static_cast<uint64_t>(kReports));
  const v1::Figure figure = world_.Figure();
  ASSERT_GE(figure.held_back_size(), 1);
  const v1::HeldBack& held = figure.held_back(0);
  EXPECT_EQ(held.reason().code(), "crowded_block");
  EXPECT_EQ(held.report_ids_size(), 100);
  EXPECT_TRUE(std::is_sorted(held.report_ids().begin(), held.report_ids().end()));
  EXPECT_EQ(world_.Figure("2026-Q1").held_back_size(), 0) << "of another period";
}

TEST_F(BadInputTest, AnUnknownEnumValueIsCarried) {
  Add(WithRecord(
      "x", [](v1::SessionReport& report) { report.set_modality(static_cast<v1::Modality>(77)); }));
  const v1::SyncResponse response = Send();
  ASSERT_EQ(response.results_size(), 1);
  EXPECT_EQ(response.results(0).outcome(), v1::OPERATION_OUTCOME_ACCEPTED);
  auto state = world_.store().GetRecordState(response.results(0).op_id());
  ASSERT_TRUE(state.ok() && state->has_value());
  v1::SessionReport report;
  ASSERT_TRUE(report.ParseFromString((*state)->record()));
  EXPECT_EQ(static_cast<int>(report.modality()), 77);
}

TEST_F(BadInputTest, AnUnknownIssueIsAFindingThatHoldsTheReportBackUntilItIsRegistered) {
  v1::Issue issue;
  issue.mutable_title()->add_values()->set_text("soil");
  const std::string missing = MintId("iss", clock_, random_);
  Add(WithRecord("x", [&](v1::SessionReport& report) { report.set_issue_id(missing); }));
  const v1::SyncResponse response = Send();
  ASSERT_EQ(response.results(0).outcome(), v1::OPERATION_OUTCOME_ACCEPTED);
  const std::string id = response.results(0).op_id();
  EXPECT_EQ(world_.projection().GetSession(id).status().code(), absl::StatusCode::kNotFound);
  auto state = world_.store().GetRecordState(id);
  ASSERT_TRUE(state.ok() && state->has_value());
  ASSERT_GE((*state)->findings_size(), 1);
  EXPECT_EQ((*state)->findings(0).kind(), v1::Finding::KIND_UNKNOWN_REFERENCE);

  world_.Append(v1::RECORD_TYPE_ISSUE, issue, missing);
  world_.Settle();
  EXPECT_TRUE(world_.projection().GetSession(id).ok());
}

TEST_F(BadInputTest, ForeignProgramme) {
  EXPECT_EQ(ExpectRejected(WithHeader("x",
                                      [&](v1::Header& header) {
                                        header.set_programme_id(MintId("prg", clock_, random_));
                                      }))
                .reason(),
            v1::REJECTION_REASON_NOT_AUTHORISED);
}

TEST_F(BadInputTest, ForeignTeam) {
  EXPECT_EQ(
      ExpectRejected(
          WithHeader("x", [&](v1::Header& header) { header.set_team_id(world_.id("sahel")); }))
          .reason(),
      v1::REJECTION_REASON_NOT_AUTHORISED);
}

TEST_F(BadInputTest, AnotherAuthor) {
  EXPECT_EQ(ExpectRejected(WithHeader("x",
                                      [&](v1::Header& header) {
                                        header.set_author_id(MintId("per", clock_, random_));
                                      }))
                .reason(),
            v1::REJECTION_REASON_NOT_AUTHORISED);
}

TEST_F(BadInputTest, ARoleThatWasNeverGiven) {
  EXPECT_EQ(ExpectRejected(WithHeader("x",
                                      [](v1::Header& header) {
                                        header.set_author_role(v1::ROLE_ADMINISTRATOR);
                                      }))
                .reason(),
            v1::REJECTION_REASON_NOT_AUTHORISED);
}

TEST_F(BadInputTest, AnInformantsNameThatShouldNeverHaveLeftThePhone) {
  const std::string id = MintId("src", clock_, random_);
  v1::WireOperation bad = Good("x");
  v1::Header header;
  ASSERT_TRUE(header.ParseFromString(bad.header()));
  header.set_op_id(id);
  header.set_record_id(id);
  header.set_record_type(v1::RECORD_TYPE_SOURCE);
  bad.set_header(header.SerializeAsString());
  v1::Source source;
  source.set_informant_name("somebody");
  v1::Delta delta;
  delta.set_record(source.SerializeAsString());
  bad.clear_parts();
  v1::Part& part = *bad.add_parts();
  part.set_privacy(v1::PRIVACY_TEAM);
  part.set_delta(delta.SerializeAsString());
  const v1::OperationResult result = ExpectRejected(bad);
  EXPECT_EQ(result.reason(), v1::REJECTION_REASON_PRIVACY_CLASS);
  EXPECT_EQ(result.field(), "informant_name");
  EXPECT_THAT(result.message(), ::testing::Not(::testing::HasSubstr("somebody")));
}

TEST_F(BadInputTest, ATeamsWordInAPartForEverybody) {
  const v1::OperationResult result = ExpectRejected(WithRecord("x", [](v1::SessionReport& report) {
    report.mutable_narrative()->set_text("for the team only");
  }));
  EXPECT_EQ(result.reason(), v1::REJECTION_REASON_PRIVACY_CLASS);
  EXPECT_EQ(result.field(), "narrative");
}

TEST_F(BadInputTest, ACollectorCannotEndorse) {
  v1::WireOperation bad = Good("x");
  v1::SessionReport report;
  report.mutable_review()->set_stage(v1::REPORT_STAGE_ENDORSED);
  v1::Delta delta;
  delta.set_record(report.SerializeAsString());
  for (v1::Part& part : *bad.mutable_parts()) {
    if (part.privacy() == v1::PRIVACY_TEAM) part.set_delta(delta.SerializeAsString());
  }
  if (bad.parts(bad.parts_size() - 1).privacy() != v1::PRIVACY_TEAM) {
    v1::Part& part = *bad.add_parts();
    part.set_privacy(v1::PRIVACY_TEAM);
    part.set_delta(delta.SerializeAsString());
  }
  EXPECT_EQ(ExpectRejected(bad).reason(), v1::REJECTION_REASON_NOT_AUTHORISED);
}

TEST_F(BadInputTest, TheSameIdWithOtherWords) {
  v1::WireOperation good = Good("x");
  Add(good);
  Send();
  request_.clear_operations();
  v1::WireOperation other = WithRecord("y", [](v1::SessionReport&) {});
  v1::Header first, second;
  ASSERT_TRUE(first.ParseFromString(good.header()));
  ASSERT_TRUE(second.ParseFromString(other.header()));
  second.set_op_id(first.op_id());
  second.set_record_id(first.record_id());
  other.set_header(second.SerializeAsString());
  other.set_device_seq(2);
  *request_.add_operations() = other;
  const v1::SyncResponse response = Send();
  ASSERT_EQ(response.results_size(), 1);
  EXPECT_EQ(response.results(0).reason(), v1::REJECTION_REASON_ID_REUSED);
}

TEST_F(BadInputTest, ARecordWithoutItsCreationWaitsForIt) {
  const v1::WireOperation creation = Good("late");
  v1::Header header;
  ASSERT_TRUE(header.ParseFromString(creation.header()));
  v1::SessionReport before =
      CountingReport(world_, "late", "2026-07-07", {"sahel"}).session_report();
  v1::SessionReport after = before;
  after.mutable_title()->set_text("edited before it was made");
  OperationStamp stamp;
  stamp.op_id = MintId("op", clock_, random_);
  stamp.record_id = header.record_id();
  stamp.record_type = v1::RECORD_TYPE_SESSION_REPORT;
  stamp.programme_id = header.programme_id();
  stamp.team_id = header.team_id();
  stamp.author_id = header.author_id();
  stamp.author_role = header.author_role();
  stamp.lamport = header.lamport() + 1;
  stamp.parent_op_ids = {header.op_id()};
  auto edit = BuildOperation(stamp, &before, after);
  ASSERT_TRUE(edit.ok()) << edit.status();
  Add(edit->wire);
  EXPECT_EQ(Send().results(0).outcome(), v1::OPERATION_OUTCOME_ACCEPTED);
  EXPECT_FALSE(world_.projection().GetSession(header.record_id()).ok());
  EXPECT_EQ(world_.Figure().value(), 0u);
  Add(creation);
  Send();
  auto session = world_.projection().GetSession(header.record_id());
  ASSERT_TRUE(session.ok()) << session.status();
  EXPECT_EQ(session->values().title().text(), "edited before it was made");
  EXPECT_EQ(world_.Figure().value(), 1u);
}

}  // namespace
}  // namespace baraza::testing
