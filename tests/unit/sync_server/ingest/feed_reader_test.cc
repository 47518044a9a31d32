#include "sync_server/ingest/feed_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/base/civil_date.h"
#include "sync_server/ingest/audience.h"
#include "sync_server/limits.h"
#include "tests/testing/temp_dir.h"
#include "tests/unit/sync_server/testing/programme_fixture.h"

namespace baraza::server {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Key;
using testing::MemberOf;
using testing::OfficeMember;
using testing::ProgrammeServer;
using testing::Report;
using testing::TestDevice;
using testing::TestId;

std::string QuestionPayload(absl::string_view id, size_t padding = 0) {
  v1::FeedPayload payload;
  payload.mutable_question()->set_id(std::string(id));
  payload.mutable_question()->mutable_question()->set_code(std::string(padding, 'x'));
  return payload.SerializeAsString();
}

std::string DigestPayload(absl::string_view report_id) {
  v1::FeedPayload payload;
  payload.mutable_digest()->set_report_id(std::string(report_id));
  return payload.SerializeAsString();
}

class FeedReaderTest : public ::testing::Test {
 protected:
  void Put(absl::string_view audience, absl::string_view object, absl::string_view payload,
           int32_t day = kNoDay) {
    ASSERT_TRUE(server_
                    .Write([&](StoreWriter& writer) {
                      return writer.PutFeed(audience, object, day, payload);
                    })
                    .ok());
  }
  void Remove(absl::string_view audience, absl::string_view object) {
    ASSERT_TRUE(
        server_.Write([&](StoreWriter& writer) { return writer.RemoveFeed(audience, object); })
            .ok());
  }
  // What one request tells: "+object" and "-object".
  std::vector<std::string> News(TestDevice& device) {
    const v1::SyncResponse response =
        server_.Handle(device.Request(device.operations().size()), device.owner()).value();
    device.Learn(response);
    std::vector<std::string> news;
    for (const v1::FeedItem& item : response.feed()) {
      news.push_back(
          absl::StrCat(item.action() == v1::FeedItem::ACTION_REMOVE ? "-" : "+", item.object()));
    }
    return news;
  }

  test::TempDir folder_;
  ProgrammeServer server_{folder_.File("programme.db")};
  const std::string team_ = TeamAudience(TestId("tem", 1));
  const std::string issue_ = IssueAudience(TestId("iss", 1));
  TestDevice phone_{1, MemberOf(1, 1)};
};

TEST_F(FeedReaderTest, OnlyTheCallersAudiences) {
  Put("p", "state:1", QuestionPayload("1"));
  Put(team_, "question:2", QuestionPayload("2"));
  Put(TeamAudience(TestId("tem", 2)), "question:3", QuestionPayload("3"));
  Put("o", "state:4", QuestionPayload("4"));
  EXPECT_THAT(News(phone_), ElementsAre("+state:1", "+question:2"));
  TestDevice office(2, OfficeMember(9));
  EXPECT_THAT(News(office), ElementsAre("+state:1", "+state:4"));
}

TEST_F(FeedReaderTest, EqualBytesGetNoNewPositionAndChangedOnesDo) {
  Put("p", "state:1", QuestionPayload("1"));
  Put("p", "state:2", QuestionPayload("2"));
  EXPECT_THAT(News(phone_), ElementsAre("+state:1", "+state:2"));
  const int64_t position = phone_.cursor().position();
  Put("p", "state:1", QuestionPayload("1"));
  EXPECT_THAT(News(phone_), IsEmpty());
  EXPECT_EQ(phone_.cursor().position(), position);
  Put("p", "state:1", QuestionPayload("1b"));
  EXPECT_THAT(News(phone_), ElementsAre("+state:1"));
  EXPECT_GT(phone_.cursor().position(), position);
  // A newcomer sees each object once, at its last position.
  TestDevice newcomer(2, MemberOf(2, 1));
  EXPECT_THAT(News(newcomer), ElementsAre("+state:2", "+state:1"));
}

TEST_F(FeedReaderTest, Removal) {
  Put("p", "state:1", QuestionPayload("1"));
  Put("p", "state:2", QuestionPayload("2"));
  server_.Pull(phone_);
  Remove("p", "state:1");
  Remove("p", "state:1");
  Remove("p", "state:never");
  EXPECT_THAT(News(phone_), ElementsAre("-state:1"));
  EXPECT_THAT(News(phone_), IsEmpty());
  EXPECT_THAT(phone_.feed(), ElementsAre(Key("state:2")));
  // Who starts anew has nothing to remove.
  TestDevice newcomer(2, MemberOf(2, 1));
  EXPECT_THAT(News(newcomer), ElementsAre("+state:2"));
  // And back, with the bytes it had.
  Put("p", "state:1", QuestionPayload("1"));
  EXPECT_THAT(News(phone_), ElementsAre("+state:1"));
  EXPECT_THAT(News(newcomer), ElementsAre("+state:1"));
}

TEST_F(FeedReaderTest, AnObjectThatMovesBetweenAudiencesOfOneViewerStays) {
  Put("p", "digest:1", QuestionPayload("1"));
  server_.Pull(phone_);
  Put(team_, "digest:1", QuestionPayload("1"));
  Remove("p", "digest:1");
  EXPECT_THAT(News(phone_), ElementsAre("+digest:1"));
  EXPECT_THAT(phone_.feed(), ElementsAre(Key("digest:1")));
  Remove(team_, "digest:1");
  EXPECT_THAT(News(phone_), ElementsAre("-digest:1"));
}

TEST_F(FeedReaderTest, PagesHaveTheSizeAskedForAndTogetherHoldEverything) {
  for (int i = 0; i < 40; ++i) {
    Put(i % 2 == 0 ? "p" : team_, absl::StrCat("state:", i), QuestionPayload("q", 1000));
  }
  int pages = 0;
  bool first = true;
  while (true) {
    v1::SyncRequest request = phone_.Request();
    request.set_max_response_bytes(8 << 10);
    const v1::SyncResponse response = server_.Handle(request, phone_.owner()).value();
    EXPECT_LE(response.ByteSizeLong(), 8u << 10);
    EXPECT_EQ(response.feed_reset(), first);
    for (int i = 1; i < response.feed_size(); ++i) {
      EXPECT_LT(response.feed(i - 1).position(), response.feed(i).position());
    }
    // The same request again gives the same bytes.
    EXPECT_EQ(server_.Handle(request, phone_.owner()).value().SerializeAsString(),
              response.SerializeAsString());
    phone_.Learn(response);
    first = false;
    ++pages;
    if (!response.has_more()) break;
  }
  EXPECT_GE(pages, 6);
  EXPECT_EQ(phone_.feed().size(), 40u);
}

TEST_F(FeedReaderTest, OneItemAlwaysFits) {
  Put("p", "state:1", QuestionPayload("1", 100'000));
  Put("p", "state:2", QuestionPayload("2", 100'000));
  v1::SyncRequest request = phone_.Request();
  request.set_max_response_bytes(1);
  const v1::SyncResponse response = server_.Handle(request, phone_.owner()).value();
  EXPECT_EQ(response.feed_size(), 1);
  EXPECT_TRUE(response.has_more());
}

TEST_F(FeedReaderTest, TheFeedStartsAnewWhenTheScopeChanges) {
  Put("p", "state:1", QuestionPayload("1"));
  Put(team_, "question:2", QuestionPayload("2"));
  Put(TeamAudience(TestId("tem", 2)), "question:3", QuestionPayload("3"));
  server_.Pull(phone_);
  EXPECT_EQ(phone_.feed().size(), 2u);
  phone_.set_owner(MemberOf(1, 2));
  const v1::SyncResponse response = server_.Handle(phone_.Request(), phone_.owner()).value();
  EXPECT_TRUE(response.feed_reset());
  phone_.Learn(response);
  EXPECT_THAT(phone_.feed(), ElementsAre(Key("question:3"), Key("state:1")));
  EXPECT_FALSE(server_.Handle(phone_.Request(), phone_.owner()).value().feed_reset());

  for (const auto& change : std::vector<std::function<void(v1::Cursor&)>>{
           [](v1::Cursor& cursor) { cursor.set_epoch("another"); },
           [](v1::Cursor& cursor) { cursor.set_schema_level(99); },
           [](v1::Cursor& cursor) { cursor.set_position(-1); }}) {
    v1::SyncRequest request = phone_.Request();
    change(*request.mutable_cursor());
    const v1::SyncResponse anew = server_.Handle(request, phone_.owner()).value();
    EXPECT_TRUE(anew.feed_reset());
    EXPECT_EQ(anew.feed_size(), 2);
  }
}

TEST_F(FeedReaderTest, OldDigestsAreLeftOut) {
  server_.clock().SetNow(absl::FromCivil(absl::CivilDay(2026, 3, 31), absl::UTCTimeZone()));
  Put(issue_, "digest:old", DigestPayload("old"), CivilDayToDays(absl::CivilDay(2025, 2, 27)));
  Put(issue_, "digest:edge", DigestPayload("edge"), CivilDayToDays(absl::CivilDay(2025, 2, 28)));
  Put(issue_, "digest:new", DigestPayload("new"), CivilDayToDays(absl::CivilDay(2026, 3, 1)));
  Put("p", "state:1", QuestionPayload("1"));
  EXPECT_THAT(News(phone_), ElementsAre("+digest:edge", "+digest:new", "+state:1"));
}

TEST_F(FeedReaderTest, OnlyTheNewestDigestsOfAnIssue) {
  for (int i = 0; i < 5; ++i) Put(issue_, absl::StrCat("digest:", i), DigestPayload("d"), 100);
  Put(issue_, "digest:early", DigestPayload("d"), 99);
  Put("p", "state:1", QuestionPayload("1"));
  FeedQuery query{.audiences = {issue_, "p"},
                  .max_dated_per_audience = 3,
                  .max_bytes = 100'000,
                  .max_rows = 100};
  std::vector<std::string> objects;
  const FeedPage page = server_.store().ReadFeed(query).value();
  for (const FeedRow& row : page.rows) objects.push_back(row.object);
  EXPECT_THAT(objects, ElementsAre("digest:2", "digest:3", "digest:4", "state:1"));
}

TEST_F(FeedReaderTest, WhatTheCallerMayNotSeeIsTakenOutAgain) {
  // As if the projection had put a report whole where the whole programme hears of it.
  phone_.Capture(Report(1));
  v1::FeedPayload operation;
  *operation.mutable_operation() = phone_.operations()[0];
  ASSERT_EQ(operation.operation().parts_size(), 2);
  Put("p", "op:1", operation.SerializeAsString());
  v1::FeedPayload record;
  record.mutable_record()->set_record_id(TestId("rep", 5));
  record.mutable_record()->set_type(v1::RECORD_TYPE_SESSION_REPORT);
  record.mutable_record()->set_record(Report(1).SerializeAsString());
  Put("p", "state:1", record.SerializeAsString());
  Put(team_, "op:2", operation.SerializeAsString());
  Put("p", "state:broken", "\xff\xff");

  server_.Pull(phone_);
  ASSERT_THAT(phone_.feed(), ElementsAre(Key("op:1"), Key("op:2"), Key("state:1")));
  v1::FeedPayload seen;
  ASSERT_TRUE(seen.ParseFromString(phone_.feed().at("op:1")));
  ASSERT_EQ(seen.operation().parts_size(), 1);
  EXPECT_EQ(seen.operation().parts(0).privacy(), v1::PRIVACY_PROGRAMME);
  ASSERT_TRUE(seen.ParseFromString(phone_.feed().at("op:2")));
  EXPECT_EQ(seen.operation().SerializeAsString(), phone_.operations()[0].SerializeAsString());
  ASSERT_TRUE(seen.ParseFromString(phone_.feed().at("state:1")));
  v1::SessionReport report;
  ASSERT_TRUE(report.ParseFromString(seen.record().record()));
  EXPECT_FALSE(report.has_narrative());
  EXPECT_EQ(report.title().text(), Report(1).title().text());
}

}  // namespace
}  // namespace baraza::server
