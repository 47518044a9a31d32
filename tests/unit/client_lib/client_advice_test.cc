// Duplicate hints and what is missing for a session to count.

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/client_lib/testing/device.h"

namespace baraza::client {
namespace {

using test::StatusIs;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class ClientAdviceTest : public testing::Test {
 protected:
  ClientAdviceTest() {
    phone_.Enrol(sample_);
    v1::Team own;
    own.set_title("Kisauni");
    own.set_organisation_id(sample_.organisation);
    PublishRecord(sample_.team, v1::RECORD_TYPE_TEAM, own);
    v1::Team other;
    other.set_title("Likoni");
    other.set_organisation_id(sample_.organisation);
    PublishRecord(sample_.other_team, v1::RECORD_TYPE_TEAM, other);
    v1::Issue issue;
    issue.mutable_title()->add_values()->set_text("Water");
    PublishRecord(issue_, v1::RECORD_TYPE_ISSUE, issue);
    phone_.Sync();
  }

  void PublishRecord(const std::string& id, v1::RecordType type,
                     const google::protobuf::Message& values) {
    const std::unique_ptr<google::protobuf::Message> record(values.New());
    record->CopyFrom(values);
    record->GetReflection()->SetString(record.get(), record->GetDescriptor()->FindFieldByName("id"),
                                       id);
    v1::FeedPayload payload;
    payload.mutable_record()->set_record_id(id);
    payload.mutable_record()->set_type(type);
    payload.mutable_record()->set_record(record->SerializeAsString());
    payload.mutable_record()->add_heads(id);
    payload.mutable_record()->set_lamport(1);
    server_.Publish("state:" + id, payload);
  }

  // A full report on one occasion.
  v1::Record Full(const std::string& title, int day) {
    v1::Record record = Sample::Report(title, day);
    v1::SessionReport& report = *record.mutable_session_report();
    report.set_issue_id(issue_);
    report.mutable_venue()->set_name("Social Hall");
    report.mutable_venue()->set_locality("Mombasa");
    report.mutable_venue()->set_country("KE");
    report.set_reporting_team_present(v1::YES_NO_YES);
    v1::ParticipatingTeam& team = *report.add_participating_teams();
    team.set_team_id(sample_.other_team);
    team.set_present(v1::YES_NO_YES);
    report.set_experiences_shared(v1::YES_NO_YES);
    report.set_learned_from_each_other(v1::YES_NO_YES);
    return record;
  }

  FakeServer server_;
  Sample sample_;
  const std::string issue_ = sample_.Id("iss");
  Phone phone_{server_};
};

TEST_F(ClientAdviceTest, HintsAtAnOwnReportOnTheSameOccasion) {
  const std::string known = phone_.Capture(Full("Coast water forum", 5)).state().record_id();
  phone_.Capture(Full("Budget hearing in another month", 28));
  ASSERT_OK_AND_ASSIGN(const auto hints,
                       phone_.client->DuplicateHints(Full("Coast water forum", 5)));
  ASSERT_THAT(hints, Not(IsEmpty()));
  EXPECT_EQ(hints[0].report_id(), known);
  EXPECT_EQ(hints[0].facts().title().text(), "Coast water forum");
  EXPECT_EQ(hints[0].explanation().score_milli_nats(), hints[0].score_milli_nats());
  EXPECT_THAT(hints[0].explanation().fields(), Not(IsEmpty()));
  // A report is no duplicate of itself.
  ASSERT_OK_AND_ASSIGN(const auto own, phone_.client->DuplicateHintsFor(known));
  EXPECT_TRUE(std::none_of(own.begin(), own.end(), [&](const v1::DuplicateHint& hint) {
    return hint.report_id() == known;
  }));
}

TEST_F(ClientAdviceTest, HintsAtADigestForADraft) {
  v1::FeedPayload payload;
  payload.mutable_digest()->set_report_id(sample_.Id("rep"));
  *payload.mutable_digest()->mutable_facts() = Full("Coast water forum", 5).session_report();
  v1::Draft draft;
  *draft.mutable_record() = Full("Coast water forum", 5);
  ASSERT_OK_AND_ASSIGN(draft, phone_.client->SaveDraft(draft));
  EXPECT_THAT(*phone_.client->DuplicateHintsFor(draft.draft_id()), IsEmpty());
  // The view is made anew after a sync that brings the digest, and after one that takes it.
  server_.Publish("digest:" + payload.digest().report_id(), payload);
  phone_.Sync();
  ASSERT_OK_AND_ASSIGN(const auto hints, phone_.client->DuplicateHintsFor(draft.draft_id()));
  ASSERT_THAT(hints, SizeIs(1));
  EXPECT_EQ(hints[0].report_id(), payload.digest().report_id());
  server_.Remove("digest:" + payload.digest().report_id());
  phone_.Sync();
  EXPECT_THAT(*phone_.client->DuplicateHintsFor(draft.draft_id()), IsEmpty());
}

TEST_F(ClientAdviceTest, WhatChangesAfterAHintIsSeenByTheNext) {
  const v1::Record probe = Full("Coast water forum", 5);
  v1::FeedPayload payload;
  payload.mutable_digest()->set_report_id(sample_.Id("rep"));
  const std::string object = "digest:" + payload.digest().report_id();
  const auto publish = [&](int day) {
    *payload.mutable_digest()->mutable_facts() = Full("Coast water forum", day).session_report();
    server_.Publish(object, payload);
    phone_.Sync();
  };
  publish(5);
  EXPECT_THAT(*phone_.client->DuplicateHints(probe), SizeIs(1));
  publish(25);
  EXPECT_THAT(*phone_.client->DuplicateHints(probe), IsEmpty());
  publish(5);
  const std::string own = phone_.Capture(Full("Coast water forum", 6)).state().record_id();
  EXPECT_THAT(*phone_.client->DuplicateHints(probe), SizeIs(2));
  ASSERT_OK(phone_.client->Void(own, v1::LocalText()));
  EXPECT_THAT(*phone_.client->DuplicateHints(probe), SizeIs(1));
  // Under a changed register everything is made anew.
  v1::Team team;
  team.set_title("Renamed");
  PublishRecord(sample_.other_team, v1::RECORD_TYPE_TEAM, team);
  phone_.Sync();
  EXPECT_THAT(*phone_.client->DuplicateHints(probe), SizeIs(1));
}

TEST_F(ClientAdviceTest, VoidedReportsAreNoDuplicates) {
  const std::string known = phone_.Capture(Full("Coast water forum", 5)).state().record_id();
  ASSERT_OK(phone_.client->Void(known, v1::LocalText()));
  EXPECT_THAT(*phone_.client->DuplicateHints(Full("Coast water forum", 5)), IsEmpty());
}

TEST_F(ClientAdviceTest, SaysWhatIsMissingForASessionToCount) {
  ASSERT_OK_AND_ASSIGN(v1::WillItCount full, phone_.client->WillItCount(Full("Forum", 5)));
  EXPECT_EQ(full.qualification().qualifies(), v1::QUALIFIES_YES)
      << full.qualification().DebugString();
  EXPECT_THAT(full.missing(), IsEmpty());

  v1::Record record = Full("Forum", 5);
  record.mutable_session_report()->clear_learned_from_each_other();
  ASSERT_OK_AND_ASSIGN(const v1::WillItCount open, phone_.client->WillItCount(record));
  EXPECT_EQ(open.qualification().qualifies(), v1::QUALIFIES_UNDETERMINED);
  ASSERT_THAT(open.missing(), SizeIs(1));
  EXPECT_EQ(open.missing(0).code(), "learned_from_each_other");

  record.mutable_session_report()->set_held_status(v1::HELD_STATUS_PLANNED);
  const std::string id = phone_.Capture(record).state().record_id();
  ASSERT_OK_AND_ASSIGN(const v1::WillItCount planned, phone_.client->WillItCountFor(id));
  EXPECT_EQ(planned.qualification().qualifies(), v1::QUALIFIES_NO);
}

TEST_F(ClientAdviceTest, AsksForAnIndicatorThatIsThereAndForReportsOnly) {
  EXPECT_THAT(phone_.client->WillItCount(Full("Forum", 5), sample_.Id("ind")),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(phone_.client->WillItCount(Sample::Interview("A")),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(phone_.client->DuplicateHints(Sample::Interview("A")),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(phone_.client->DuplicateHintsFor(sample_.Id("rep")),
              StatusIs(absl::StatusCode::kNotFound));
  v1::Indicator indicator;
  indicator.add_issue_ids(sample_.Id("iss"));
  const std::string id = sample_.Id("ind");
  PublishRecord(id, v1::RECORD_TYPE_INDICATOR, indicator);
  phone_.Sync();
  ASSERT_OK_AND_ASSIGN(const v1::WillItCount other, phone_.client->WillItCount(Full("F", 5), id));
  EXPECT_EQ(other.qualification().qualifies(), v1::QUALIFIES_NO);
}

}  // namespace
}  // namespace baraza::client
