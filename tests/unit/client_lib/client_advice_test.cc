// Duplicate hints and what is missing for a session to count.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
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

TEST_F(ClientAdviceTest, TheOwnReportIsShownAndItsDigestWhenItIsGone) {
  const std::string own = phone_.Capture(Full("Coast water forum", 5)).state().record_id();
  const auto title = [&] {
    const auto hints = phone_.client->DuplicateHints(Full("Coast water forum", 5));
    EXPECT_OK(hints);
    return hints.ok() && hints->size() == 1 ? hints->front().facts().title().text() : "none";
  };
  EXPECT_EQ(title(), "Coast water forum");
  // Digests come under their session's id; the representative report may be any.
  for (const char* object : {"digest:2", "digest:1"}) {
    v1::FeedPayload payload;
    payload.mutable_digest()->set_report_id(own);
    *payload.mutable_digest()->mutable_facts() =
        Full(absl::StrCat("Coast water forum ", object), 5).session_report();
    server_.Publish(object, payload);
  }
  phone_.Sync();
  EXPECT_EQ(title(), "Coast water forum");
  ASSERT_OK(phone_.client->Void(own, v1::LocalText()));
  EXPECT_EQ(title(), "Coast water forum digest:1");
  server_.Remove("digest:1");
  phone_.Sync();
  EXPECT_EQ(title(), "Coast water forum digest:2");
  ASSERT_OK(phone_.client->Unvoid(own));
  EXPECT_EQ(title(), "Coast water forum");
  server_.Remove("digest:2");
  phone_.Sync();
  EXPECT_EQ(title(), "Coast water forum");
}

// Changes of all kinds at random, with a phone that is asked all the time.
class AdviceAfterChangesTest : public ClientAdviceTest, public testing::WithParamInterface<int> {
 protected:
  AdviceAfterChangesTest() {
    for (int i = 0; i < 4; ++i) sessions_.push_back(sample_.Id("rep"));
    for (int i = 0; i < 2; ++i) team_reports_.push_back(sample_.Id("rep"));
  }

  uint64_t Uniform(uint64_t n) { return random_.Uniform(n); }
  std::string OneOf(const std::vector<std::string>& ids) {
    return ids.empty() ? "none" : ids[Uniform(ids.size())];
  }

  v1::Record AnyReport() {
    static constexpr const char* kTitles[] = {"Coast water forum", "Budget hearing",
                                              "Coast forum on water"};
    v1::Record record = Full(kTitles[Uniform(3)], static_cast<int>(5 + 2 * Uniform(4)));
    if (!sources_.empty() && Uniform(2) == 0) {
      v1::Citation& citation = *record.mutable_session_report()->add_citations();
      citation.set_source_id(OneOf(sources_));
      citation.set_locator("p. 3");
    }
    return record;
  }
  static void FillSource(uint64_t number, v1::Source& source) {
    source.set_kind(v1::SOURCE_KIND_DOCUMENT);
    source.set_document_reference(absl::StrCat("Minutes of the coast forum no. ", number));
  }

  void CaptureOrEditSource() {
    v1::Record record;
    if (sources_.size() < 3) {
      FillSource(Uniform(3), *record.mutable_source());
      sources_.push_back(phone_.Capture(record).state().record_id());
      return;
    }
    const std::string id = OneOf(sources_);
    const auto source = phone_.client->Get(id);
    // One that was rejected is gone.
    if (absl::IsNotFound(source.status())) return;
    ASSERT_OK(source);
    if (source->state().voided()) {
      ASSERT_OK(phone_.client->Unvoid(id));
    } else if (Uniform(4) == 0) {
      ASSERT_OK(phone_.client->Void(id, v1::LocalText()));
    } else {
      record = source->record();
      FillSource(Uniform(3), *record.mutable_source());
      // Perhaps it is what it was.
      phone_.client->Edit(id, record).status().IgnoreError();
    }
  }

  void EditReport() {
    if (own_.empty()) return;
    const std::string id = OneOf(own_);
    const auto report = phone_.client->Get(id);
    if (absl::IsNotFound(report.status())) return;
    ASSERT_OK(report);
    if (report->state().voided()) {
      ASSERT_OK(phone_.client->Unvoid(id));
    } else if (Uniform(2) == 0) {
      ASSERT_OK(phone_.client->Void(id, v1::LocalText()));
    } else {
      v1::Record after = report->record();
      const v1::Record other = AnyReport();
      *after.mutable_session_report()->mutable_title() = other.session_report().title();
      *after.mutable_session_report()->mutable_dates() = other.session_report().dates();
      phone_.client->Edit(id, after).status().IgnoreError();
    }
  }

  void ChangeADigest() {
    const std::string object = "digest:" + OneOf(sessions_);
    v1::FeedPayload payload;
    switch (Uniform(6)) {
      case 0:
        server_.Remove(object);
        return;
      case 1:
        payload.mutable_figure()->set_indicator_id("ind_1");
        break;
      default:
        payload.mutable_digest()->set_report_id(
            OneOf(Uniform(2) == 0 && !own_.empty() ? own_ : sessions_));
        *payload.mutable_digest()->mutable_facts() = AnyReport().session_report();
        break;
    }
    server_.Publish(object, payload);
  }

  void ChangeATeamReport() {
    const std::string id = OneOf(team_reports_);
    if (Uniform(3) == 0) {
      server_.Remove("state:" + id);
    } else {
      PublishRecord(id, v1::RECORD_TYPE_SESSION_REPORT, AnyReport().session_report());
    }
  }

  // Some of what was sent before is not sent again.
  void StartTheFeedAnew() {
    FakeServer::Data data = server_.Backup();
    data.feed.erase("digest:" + OneOf(sessions_));
    data.feed.erase("state:" + OneOf(team_reports_));
    server_.Restore(std::move(data), absl::StrCat("epoch-", 2 + Uniform(1000)));
  }

  void ChangeSomething() {
    switch (Uniform(12)) {
      case 0:
      case 1:
      case 2:
        own_.push_back(phone_.Capture(AnyReport()).state().record_id());
        break;
      case 3:
      case 4:
        EditReport();
        break;
      case 5:
        CaptureOrEditSource();
        break;
      case 6:
      case 7:
      case 8:
        ChangeADigest();
        break;
      case 9:
        ChangeATeamReport();
        break;
      case 10:
        StartTheFeedAnew();
        break;
      default: {
        v1::Team team;
        team.set_title(absl::StrCat("Team ", Uniform(3)));
        PublishRecord(sample_.other_team, v1::RECORD_TYPE_TEAM, team);
        break;
      }
    }
  }

  void SyncSomehow() {
    const bool rejects = Uniform(6) == 0;
    const bool breaks = Uniform(6) == 0;
    server_.SetFeedPage(1 + Uniform(20));
    if (rejects)
      server_.SetJudge([](const v1::Header&) { return v1::REJECTION_REASON_INVALID_VALUE; });
    if (breaks) {
      // The page is applied and rolled back.
      server_.SetMangle(
          [](v1::SyncResponse& response) { response.mutable_next_cursor()->set_position(-1); });
    }
    phone_.client->Sync().status().IgnoreError();
    server_.SetJudge(nullptr);
    server_.SetMangle(nullptr);
  }

  // All that is told about these reports.
  static std::vector<std::string> Told(Client& client, const std::vector<v1::Record>& probes,
                                       const std::vector<std::string>& ids) {
    std::vector<std::string> told;
    const auto add = [&](const absl::StatusOr<std::vector<v1::DuplicateHint>>& hints) {
      // An own report may be gone.
      if (!hints.ok()) told.push_back(absl::StrCat(hints.status().raw_code()));
      if (!hints.ok()) return;
      for (const v1::DuplicateHint& hint : *hints) told.push_back(hint.DebugString());
      told.push_back("");
    };
    for (const v1::Record& probe : probes) {
      add(client.DuplicateHints(probe));
      const auto outlook = client.WillItCount(probe);
      EXPECT_OK(outlook);
      if (outlook.ok()) told.push_back(outlook->DebugString());
    }
    for (const std::string& id : ids) add(client.DuplicateHintsFor(id));
    return told;
  }

  // The same of a client that is opened on a copy of the phone's file.
  std::vector<std::string> ToldAnew(const std::vector<v1::Record>& probes,
                                    const std::vector<std::string>& ids) {
    const test::TempDir dir;
    for (const char* suffix : {"", "-wal"}) {
      std::filesystem::copy_file(phone_.path() + suffix, dir.File("device.db") + suffix);
    }
    FakeClock clock;
    SeededRandom random(7);
    Client::Options options;
    options.path = dir.File("device.db");
    options.clock = &clock;
    options.random = &random;
    const auto client = Client::Open(options);
    EXPECT_OK(client);
    return client.ok() ? Told(**client, probes, ids) : std::vector<std::string>();
  }

  SeededRandom random_{static_cast<uint64_t>(GetParam())};
  std::vector<std::string> own_;
  std::vector<std::string> sources_;
  std::vector<std::string> sessions_;
  std::vector<std::string> team_reports_;
};

TEST_P(AdviceAfterChangesTest, IsThatOfANewlyOpenedClient) {
  size_t hints = 0;
  for (int round = 0; round < 40; ++round) {
    for (uint64_t more = 1 + Uniform(3); more > 0; --more) {
      ChangeSomething();
      if (Uniform(2) == 0) SyncSomehow();
    }
    const std::vector<v1::Record> probes = {AnyReport(), AnyReport(), AnyReport()};
    const std::vector<std::string> ids = {OneOf(own_), OneOf(own_)};
    const std::vector<std::string> told = Told(*phone_.client, probes, ids);
    ASSERT_EQ(told, ToldAnew(probes, ids)) << "round " << round;
    hints += told.size();
  }
  EXPECT_GT(hints, 40u * 8);
}

INSTANTIATE_TEST_SUITE_P(Seeds, AdviceAfterChangesTest, testing::Range(1, 5));

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
