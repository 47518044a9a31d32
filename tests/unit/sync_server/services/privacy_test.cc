#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "baraza/v1/options.pb.h"
#include "sync_server/auth/policy.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/sync_server/services/server_fixture.h"

namespace baraza::server {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using testing::TestDevice;

// Whether any text may stand in the field; others are ids, dates, codes.
bool IsFreeText(const FieldDescriptor& field) {
  static const auto& names = *new std::set<std::string>{"text",
                                                        "name",
                                                        "locality",
                                                        "unregistered_name",
                                                        "locator",
                                                        "media_type",
                                                        "description",
                                                        "document_title",
                                                        "document_reference",
                                                        "informant_reference",
                                                        "import_key",
                                                        "informant_name",
                                                        "informant_contact"};
  return field.cpp_type() == FieldDescriptor::CPPTYPE_STRING && names.contains(field.name());
}

// Fills every free text of a record with "<mark>:<class>:<field>".
void FillTexts(Message& message, const std::string& mark, v1::Privacy inherited, bool root) {
  const auto* reflection = message.GetReflection();
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor& field = *message.GetDescriptor()->field(i);
    v1::Privacy privacy = field.options().GetExtension(v1::privacy);
    if (privacy == v1::PRIVACY_UNSPECIFIED) privacy = inherited;
    // A part of a conference does not count beside it.
    if (root &&
        (field.name() == "void_mark" || field.name() == "review" || field.name() == "part_of")) {
      continue;
    }
    const std::string value =
        absl::StrCat(mark, ":", v1::Privacy_Name(privacy).substr(8), ":", field.name());
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      // Elements need ids and references, which the caller has filled in.
      if (field.is_repeated() && field.message_type()->name() != "LocalText") {
        for (int k = 0; k < reflection->FieldSize(message, &field); ++k) {
          FillTexts(*reflection->MutableRepeatedMessage(&message, &field, k), mark, privacy, false);
        }
      } else {
        Message* inner = field.is_repeated() ? reflection->AddMessage(&message, &field)
                                             : reflection->MutableMessage(&message, &field);
        FillTexts(*inner, mark, privacy, false);
      }
    } else if (IsFreeText(field) && !field.is_repeated()) {
      // Of a choice, what the caller chose stays.
      const auto* choice = field.containing_oneof();
      if (choice != nullptr && reflection->HasOneof(message, choice)) continue;
      reflection->SetString(&message, &field, value);
    }
  }
}

class PrivacyTest : public ServerTest {
 protected:
  struct Report {
    std::string report_id, source_id;
  };
  // A source and a report on it, marked in every text, synced by this member's device.
  Report SyncMarked(Member& member, uint64_t device_number, const std::string& mark,
                    v1::Privacy sensitivity, const std::string& issue, const std::string& date,
                    const std::vector<std::string>& teams) {
    TestDevice device(device_number, member.caller);
    v1::Source source;
    source.set_kind(v1::SOURCE_KIND_DOCUMENT);
    source.set_date("2026-08-20");
    v1::ClaimedCount& claim = *source.add_claimed_counts();
    claim.set_at_least(4);
    if (sensitivity != v1::PRIVACY_UNSPECIFIED) source.set_sensitivity(sensitivity);
    FillTexts(source, mark, v1::PRIVACY_PROGRAMME, true);
    Report made;
    made.source_id = device.Capture(source);
    v1::SessionReport report;
    report.mutable_review()->set_stage(v1::REPORT_STAGE_SUBMITTED);
    report.set_held_status(v1::HELD_STATUS_HELD);
    report.set_issue_id(issue);
    report.mutable_dates()->set_earliest(date);
    report.mutable_dates()->set_precision(v1::DATE_PRECISION_DAY);
    report.mutable_venue()->set_country("KE");
    report.set_experiences_shared(v1::YES_NO_YES);
    report.set_learned_from_each_other(v1::YES_NO_YES);
    for (const std::string& id : teams) {
      v1::ParticipatingTeam& present = *report.add_participating_teams();
      present.set_element_id(absl::StrCat("t", report.participating_teams_size()));
      present.set_team_id(id);
      present.set_present(v1::YES_NO_YES);
    }
    // Somebody whom nobody knows: a question that quotes the name.
    v1::ParticipatingTeam& stranger = *report.add_participating_teams();
    stranger.set_element_id("x");
    stranger.set_unregistered_name(absl::StrCat(mark, ":PROGRAMME:stranger"));
    v1::Citation& citation = *report.add_citations();
    citation.set_element_id("c1");
    citation.set_source_id(made.source_id);
    report.mutable_organiser()->set_team_id(teams[0]);
    if (sensitivity != v1::PRIVACY_UNSPECIFIED) report.set_sensitivity(sensitivity);
    FillTexts(report, mark, v1::PRIVACY_PROGRAMME, true);
    report.set_import_key(absl::StrCat(mark, ":TEAM:import_key:", date));
    made.report_id = device.Capture(report);
    const auto response = member.api(&v1::SyncService::Stub::Sync, device.Request());
    EXPECT_OK(response);
    if (response.ok()) {
      for (const v1::OperationResult& result : response->results()) {
        EXPECT_EQ(result.outcome(), v1::OPERATION_OUTCOME_ACCEPTED) << result.message();
      }
    }
    return made;
  }

  // Everything that this member is told by any call, one after the other.
  std::string Everything(Member& member, uint64_t device_number, const std::vector<Report>& reports,
                         const std::string& indicator) {
    std::string all;
    const auto ask = [&](const std::string& method_name, const Message& request) {
      const auto* method =
          google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(method_name);
      const auto answer = member.api.Any(*method, request);
      // Bytes may be compressed nowhere but on the wire: this is the message.
      absl::StrAppend(&all, answer.ok() ? *answer : std::string(answer.status().message()), "\n");
      asked_.insert(method_name);
    };
    v1::GetRecordRequest record;
    v1::GetSessionRequest session;
    v1::ExplainSessionRequest explain;
    for (const Report& report : reports) {
      for (const std::string& id : {report.report_id, report.source_id}) {
        record.set_name(RecordName(id));
        ask("baraza.v1.ProgrammeService.GetRecord", record);
      }
      session.set_name(SessionName(report.report_id));
      ask("baraza.v1.SessionService.GetSession", session);
      explain.set_name(SessionName(report.report_id));
      ask("baraza.v1.SessionService.ExplainSession", explain);
      v1::ExplainPairRequest pair;
      pair.set_parent(parent());
      pair.set_left_report_id(reports[0].report_id);
      pair.set_right_report_id(report.report_id);
      ask("baraza.v1.SessionService.ExplainPair", pair);
    }
    for (int type = v1::RecordType_MIN + 1; type <= v1::RecordType_MAX; ++type) {
      v1::ListRecordsRequest list;
      list.set_parent(parent());
      list.set_type(static_cast<v1::RecordType>(type));
      ask("baraza.v1.ProgrammeService.ListRecords", list);
    }
    v1::ListSessionsRequest sessions;
    sessions.set_parent(parent());
    ask("baraza.v1.SessionService.ListSessions", sessions);
    v1::GetFigureRequest figure;
    figure.set_name(parent() + "/indicators/" + indicator + "/figures/2026-Q3");
    figure.set_as_of("2026-12-01");
    ask("baraza.v1.IndicatorService.GetFigure", figure);
    const auto shown = member.api(&v1::IndicatorService::Stub::GetFigure, figure);
    EXPECT_OK(shown);
    if (shown.ok()) {
      // The number is the same for everybody, and there is something beside it to look through.
      EXPECT_EQ(shown->value(), 2u);
      EXPECT_EQ(shown->undetermined_size(), 1);
      EXPECT_TRUE(absl::StrContains(shown->qualitative().SerializeAsString(), "plain:PROGRAMME:"));
    }
    v1::ListFiguresRequest figures;
    figures.set_parent(parent());
    figures.set_period("2026-Q3");
    figures.set_as_of("2026-12-01");
    ask("baraza.v1.IndicatorService.ListFigures", figures);
    v1::ListPublishedFiguresRequest published;
    published.set_parent(parent());
    ask("baraza.v1.IndicatorService.ListPublishedFigures", published);
    v1::ListReviewQueueRequest queue;
    queue.set_parent(parent());
    ask("baraza.v1.ReviewService.ListReviewQueue", queue);
    v1::ListRulingsRequest rulings;
    rulings.set_parent(parent());
    ask("baraza.v1.ReviewService.ListRulings", rulings);
    v1::ListRulingHistoriesRequest histories;
    histories.set_parent(parent());
    for (const Report& report : reports) {
      histories.clear_report_ids();
      histories.add_report_ids(report.report_id);
      ask("baraza.v1.ReviewService.ListRulingHistories", histories);
    }
    v1::ListFollowUpsRequest follow_ups;
    follow_ups.set_parent(parent());
    ask("baraza.v1.ReviewService.ListFollowUps", follow_ups);
    v1::ListQuarantineRequest quarantine;
    quarantine.set_parent(parent());
    ask("baraza.v1.ProgrammeService.ListQuarantine", quarantine);
    v1::ListCredentialsRequest credentials;
    credentials.set_parent(parent());
    ask("baraza.v1.EnrolmentService.ListCredentials", credentials);
    ask("baraza.v1.EnrolmentService.GetMembership", v1::GetMembershipRequest());
    TestDevice device(device_number, member.caller);
    for (int i = 0; i < 20; ++i) {
      const auto pull = member.api(&v1::SyncService::Stub::Sync, device.Request());
      if (!pull.ok()) break;
      device.Learn(*pull);
      absl::StrAppend(&all, pull->SerializeAsString(), "\n");
      if (!pull->has_more()) break;
    }
    asked_.insert("baraza.v1.SyncService.Sync");
    return all;
  }

  std::set<std::string> asked_;
};

TEST_F(PrivacyTest, NobodyIsToldMoreThanHisClass) {
  MakeTwoTeams();
  const std::string indicator = CreateIndicator();
  Member author = NewMember(*administrator_, v1::ROLE_COLLECTOR, team_, TeamScope(team_));
  const std::vector<std::string> both = {team_, other_};
  const std::vector<Report> reports = {
      SyncMarked(author, 51, "plain", v1::PRIVACY_UNSPECIFIED, issue_, "2026-08-04", both),
      SyncMarked(author, 52, "hush", v1::PRIVACY_TEAM, issue_, "2026-07-09", both),
      // One registered team: whether there were two hangs on who the stranger is.
      SyncMarked(author, 53, "hush", v1::PRIVACY_TEAM, issue_, "2026-09-15", {team_})};
  // Rulings that contradict one another, on a plain session and on a sensitive one; the later one
  // leaves the count what it was.
  for (const size_t i : {size_t{0}, size_t{1}}) {
    for (const v1::RulingKind kind : {v1::RULING_KIND_DOES_NOT_COUNT, v1::RULING_KIND_COUNTS}) {
      v1::CreateRulingRequest rule;
      rule.set_parent(parent());
      rule.mutable_ruling()->set_kind(kind);
      rule.mutable_ruling()->add_report_ids(reports[i].report_id);
      rule.mutable_ruling()->mutable_reason()->set_text(
          absl::StrCat(i == 0 ? "plain" : "hush", ":TEAM:ruling reason"));
      ASSERT_OK(administrator_->api(&v1::ReviewService::Stub::CreateRuling, rule));
    }
  }
  Settle();

  struct Viewer {
    Member member;
    bool sees_team;
  };
  std::vector<Viewer> viewers;
  viewers.push_back(
      {NewMember(*administrator_, v1::ROLE_COLLECTOR, team_, TeamScope(team_)), true});
  viewers.push_back(
      {NewMember(*administrator_, v1::ROLE_COLLECTOR, other_, TeamScope(other_)), false});
  viewers.push_back(
      {NewMember(*administrator_, v1::ROLE_TEAM_LEAD, other_, TeamScope(other_)), false});
  for (const v1::Role role : {v1::ROLE_ME_OFFICER, v1::ROLE_ADMINISTRATOR, v1::ROLE_AUDITOR}) {
    viewers.push_back({NewMember(*administrator_, role, "", ProgrammeScope()), true});
    viewers.push_back({NewMember(*administrator_, role, "", TeamScope(other_)), false});
    viewers.push_back({NewMember(*administrator_, role, "", v1::Scope()), false});
  }
  Settle();
  uint64_t device = 60;
  for (Viewer& viewer : viewers) {
    SCOPED_TRACE(viewer.member.membership.ShortDebugString());
    const std::string told = Everything(viewer.member, ++device, reports, indicator);
    // What never leaves a device was never in the bytes.
    EXPECT_FALSE(absl::StrContains(told, ":DEVICE:"));
    // The searches have power.
    EXPECT_TRUE(absl::StrContains(told, "plain:PROGRAMME:"));
    if (viewer.sees_team) {
      EXPECT_TRUE(absl::StrContains(told, "plain:TEAM:"));
      EXPECT_TRUE(absl::StrContains(told, "hush:PROGRAMME:"));
    } else {
      const size_t team_class = told.find("plain:TEAM:");
      EXPECT_EQ(team_class, std::string::npos) << told.substr(team_class, 40);
      const size_t sensitive = told.find("hush:");
      EXPECT_EQ(sensitive, std::string::npos) << told.substr(sensitive, 40);
    }
  }
  // Every call that only reads was asked.
  for (const auto* service : AllServices()) {
    for (int i = 0; i < service->method_count(); ++i) {
      const auto& method = *service->method(i);
      if (method.options().idempotency_level() ==
          google::protobuf::MethodOptions::NO_SIDE_EFFECTS) {
        EXPECT_TRUE(asked_.contains(method.full_name())) << method.full_name();
      }
    }
  }
  const std::string log = Log();
  for (const char* mark : {"plain:", "hush:"}) EXPECT_FALSE(absl::StrContains(log, mark));
}

// What the members of several teams are told of how reports compare that differ in nothing but what
// belongs to their teams.
class ExplanationTest : public ServerTest {
 protected:
  void SetUp() override {
    ServerTest::SetUp();
    MakeTwoTeams();
    CreateIndicator();
  }

  static v1::SessionReport Account(const std::string& issue, const std::string& team,
                                   const std::string& other) {
    v1::SessionReport report;
    report.mutable_review()->set_stage(v1::REPORT_STAGE_SUBMITTED);
    report.set_held_status(v1::HELD_STATUS_HELD);
    report.mutable_title()->set_text("Coast forum on land rights");
    report.mutable_title()->set_language("en");
    report.set_issue_id(issue);
    report.mutable_dates()->set_earliest("2026-08-04");
    report.mutable_dates()->set_precision(v1::DATE_PRECISION_DAY);
    report.mutable_venue()->set_locality("Kilifi");
    for (const std::string& id : {team, other}) {
      v1::ParticipatingTeam& present = *report.add_participating_teams();
      present.set_element_id(absl::StrCat("t", report.participating_teams_size()));
      present.set_team_id(id);
      present.set_present(v1::YES_NO_YES);
    }
    return report;
  }

  v1::SessionReport Account() const { return Account(issue_, team_, other_); }

  // One that cites a page of the document, under a source record of its own.
  v1::SessionReport Citing(TestDevice& device, const std::string& page) const {
    v1::Source source;
    source.set_kind(v1::SOURCE_KIND_DOCUMENT);
    source.set_document_reference("CLF/2026/114");
    v1::SessionReport report = Account();
    v1::Citation& citation = *report.add_citations();
    citation.set_element_id("c1");
    citation.set_source_id(device.Capture(source));
    citation.set_locator(page);
    return report;
  }

  void Sync(Member& member, TestDevice& device) {
    const auto response = member.api(&v1::SyncService::Stub::Sync, device.Request());
    ASSERT_OK(response);
    for (const v1::OperationResult& result : response->results()) {
      EXPECT_EQ(result.outcome(), v1::OPERATION_OUTCOME_ACCEPTED) << result.message();
    }
  }

  v1::PairExplanation Explain(Member& member, const std::string& left, const std::string& right) {
    v1::ExplainPairRequest request;
    request.set_parent(parent());
    request.set_left_report_id(left);
    request.set_right_report_id(right);
    const auto explained = member.api(&v1::SessionService::Stub::ExplainPair, request);
    EXPECT_OK(explained);
    if (!explained.ok()) return {};
    ExpectSum(*explained);
    return *explained;
  }

  static void ExpectSum(const v1::PairExplanation& pair) {
    int32_t sum = pair.prior_milli_nats();
    for (const v1::FieldComparison& field : pair.fields()) sum += field.milli_nats();
    EXPECT_EQ(sum, pair.score_milli_nats()) << pair.DebugString();
  }

  // All that it says but of which two.
  static std::string Said(v1::PairExplanation pair) {
    pair.clear_left_report_id();
    pair.clear_right_report_id();
    return pair.DebugString();
  }

  static std::string LevelOf(const v1::PairExplanation& pair, v1::MatchField field) {
    for (const v1::FieldComparison& compared : pair.fields()) {
      if (compared.field() == field) return compared.level();
    }
    return "";
  }

  static bool Says(const v1::PairExplanation& pair, const std::string& code) {
    for (const v1::CodedText& text : pair.sentence()) {
      if (text.code() == code) return true;
    }
    return false;
  }
};

TEST_F(ExplanationTest, AProberDoesNotLearnWhichPageAnotherTeamCites) {
  Member author = NewMember(*administrator_, v1::ROLE_COLLECTOR, team_, TeamScope(team_));
  Member prober = NewMember(*administrator_, v1::ROLE_COLLECTOR, other_, TeamScope(other_));
  TestDevice theirs(71, author.caller);
  const std::string target = theirs.Capture(Citing(theirs, "p. 12"));
  ASSERT_NO_FATAL_FAILURE(Sync(author, theirs));
  TestDevice probing(72, prober.caller);
  const std::string right_page = probing.Capture(Citing(probing, "p. 12"));
  const std::string wrong_page = probing.Capture(Citing(probing, "p. 13"));
  const std::string no_document = probing.Capture(Account());
  ASSERT_NO_FATAL_FAILURE(Sync(prober, probing));
  Settle();

  // The office sees all of it, so there is something to hide.
  const v1::PairExplanation hit = Explain(*administrator_, target, right_page);
  const v1::PairExplanation miss = Explain(*administrator_, target, wrong_page);
  EXPECT_EQ(LevelOf(hit, v1::MATCH_FIELD_PASSAGE), "same_passage");
  EXPECT_EQ(LevelOf(miss, v1::MATCH_FIELD_PASSAGE), "different_passages");
  EXPECT_EQ(LevelOf(hit, v1::MATCH_FIELD_DOCUMENT), "same_document");
  EXPECT_TRUE(Says(hit, "same_passage"));
  EXPECT_TRUE(Says(miss, "passages_apart"));
  EXPECT_NE(hit.score_milli_nats(), miss.score_milli_nats());

  const std::string told = Said(Explain(prober, target, right_page));
  EXPECT_EQ(told, Said(Explain(prober, target, wrong_page)));
  EXPECT_EQ(told, Said(Explain(prober, target, no_document)));
  // What everybody may read is compared for everybody.
  EXPECT_TRUE(Says(Explain(prober, target, right_page), "same_title"));
}

TEST_F(ExplanationTest, AForeignMemberDoesNotLearnWhoWroteAReportNorWhatCollectorsAnswered) {
  Member author = NewMember(*administrator_, v1::ROLE_COLLECTOR, team_, TeamScope(team_));
  Member colleague = NewMember(*administrator_, v1::ROLE_COLLECTOR, team_, TeamScope(team_));
  Member foreign = NewMember(*administrator_, v1::ROLE_TEAM_LEAD, other_, TeamScope(other_));
  TestDevice first(73, author.caller);
  const std::string report = first.Capture(Account());
  const std::string by_author = first.Capture(Account());
  ASSERT_NO_FATAL_FAILURE(Sync(author, first));
  TestDevice second(74, colleague.caller);
  const std::string by_colleague = second.Capture(Account());
  std::vector<std::string> answered;
  for (const v1::HintAnswer::Answer answer :
       {v1::HintAnswer::ANSWER_SAME, v1::HintAnswer::ANSWER_DIFFERENT}) {
    v1::SessionReport account = Account();
    v1::HintAnswer& hint = *account.add_hint_answers();
    hint.set_element_id("h1");
    hint.set_other_report_id(report);
    hint.set_answer(answer);
    answered.push_back(second.Capture(account));
  }
  ASSERT_NO_FATAL_FAILURE(Sync(colleague, second));
  // One of the foreign team's own, so that its session is of both.
  TestDevice third(75, foreign.caller);
  const std::string own = third.Capture(Account());
  ASSERT_NO_FATAL_FAILURE(Sync(foreign, third));
  Settle();

  EXPECT_TRUE(Says(Explain(*administrator_, report, by_author), "same_author"));
  EXPECT_TRUE(Says(Explain(*administrator_, report, by_colleague), "same_reporting_team"));
  EXPECT_TRUE(Says(Explain(*administrator_, report, answered[0]), "collector_said_same"));
  EXPECT_TRUE(Says(Explain(*administrator_, report, answered[1]), "collector_said_different"));

  const std::string told = Said(Explain(foreign, report, by_author));
  EXPECT_EQ(told, Said(Explain(foreign, report, by_colleague)));
  EXPECT_EQ(told, Said(Explain(foreign, report, answered[0])));
  EXPECT_EQ(told, Said(Explain(foreign, report, answered[1])));
  EXPECT_EQ(told, Said(Explain(foreign, report, own)));

  // A session is explained by the same rule.
  v1::ExplainSessionRequest explain;
  explain.set_name(SessionName(report));
  ASSERT_OK_AND_ASSIGN(const v1::Session whole,
                       administrator_->api(&v1::SessionService::Stub::ExplainSession, explain));
  ASSERT_OK_AND_ASSIGN(const v1::Session shown,
                       foreign.api(&v1::SessionService::Stub::ExplainSession, explain));
  ASSERT_GT(whole.pairs_size(), 1);
  ASSERT_EQ(shown.pairs_size(), whole.pairs_size());
  std::set<std::string> whole_pairs;
  for (const v1::PairExplanation& pair : whole.pairs()) {
    ExpectSum(pair);
    whole_pairs.insert(Said(pair));
  }
  EXPECT_GT(whole_pairs.size(), 1u);
  for (const v1::PairExplanation& pair : shown.pairs()) {
    ExpectSum(pair);
    EXPECT_EQ(Said(pair), told);
  }
}

TEST_F(ExplanationTest, ARulingDecidesForWhoMaySeeIt) {
  Member author = NewMember(*administrator_, v1::ROLE_COLLECTOR, team_, TeamScope(team_));
  Member foreign = NewMember(*administrator_, v1::ROLE_TEAM_LEAD, other_, TeamScope(other_));
  TestDevice device(76, author.caller);
  const std::string report = device.Capture(Account());
  const std::string twin = device.Capture(Account());
  const std::string third = device.Capture(Account());
  ASSERT_NO_FATAL_FAILURE(Sync(author, device));
  const auto rule = [&](const std::string& left, const std::string& right, bool sensitive) {
    v1::CreateRulingRequest request;
    request.set_parent(parent());
    request.mutable_ruling()->set_kind(v1::RULING_KIND_DIFFERENT);
    request.mutable_ruling()->add_report_ids(left);
    request.mutable_ruling()->add_report_ids(right);
    if (sensitive) request.mutable_ruling()->set_sensitivity(v1::PRIVACY_TEAM);
    EXPECT_OK(administrator_->api(&v1::ReviewService::Stub::CreateRuling, request));
  };
  rule(report, twin, false);
  rule(report, third, true);
  Settle();
  EXPECT_EQ(Explain(*administrator_, report, twin).ruling_effect(), v1::RULING_EFFECT_DIFFERENT);
  EXPECT_EQ(Explain(*administrator_, report, third).ruling_effect(), v1::RULING_EFFECT_DIFFERENT);
  const v1::PairExplanation plain = Explain(foreign, report, twin);
  EXPECT_EQ(plain.ruling_effect(), v1::RULING_EFFECT_DIFFERENT);
  EXPECT_NE(plain.ruling_id(), "");
  const v1::PairExplanation sensitive = Explain(foreign, report, third);
  EXPECT_EQ(sensitive.ruling_effect(), v1::RULING_EFFECT_UNSPECIFIED);
  EXPECT_EQ(sensitive.ruling_id(), "");
}

}  // namespace
}  // namespace baraza::server
