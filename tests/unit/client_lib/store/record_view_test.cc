#include "client_lib/store/record_view.h"

#include <gtest/gtest.h>

#include "core/model/merge.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/client_lib/testing/sample.h"

namespace baraza::client {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class RecordViewTest : public testing::Test {
 protected:
  Operation Make(const std::string& op_id, const std::vector<std::string>& parents,
                 uint64_t lamport, const v1::FollowUp* before, const v1::FollowUp& after) {
    OperationStamp stamp;
    stamp.op_id = op_id;
    stamp.record_id = id_;
    stamp.record_type = v1::RECORD_TYPE_FOLLOW_UP;
    stamp.programme_id = sample_.programme;
    stamp.team_id = sample_.team;
    stamp.author_id = sample_.amina;
    stamp.author_role = v1::ROLE_COLLECTOR;
    stamp.lamport = lamport;
    stamp.parent_op_ids = parents;
    absl::StatusOr<Operation> operation = BuildOperation(stamp, before, after);
    EXPECT_OK(operation);
    return *std::move(operation);
  }

  v1::FeedRecord Sent(uint64_t lamport, const std::string& text) {
    v1::FollowUp follow_up = question_;
    if (!text.empty()) follow_up.mutable_answer()->mutable_text()->set_text(text);
    v1::FeedRecord sent;
    sent.set_record_id(id_);
    sent.set_type(v1::RECORD_TYPE_FOLLOW_UP);
    sent.set_team_id(sample_.other_team);
    sent.set_record(follow_up.SerializeAsString());
    sent.add_heads(head_);
    sent.set_lamport(lamport);
    return sent;
  }

  static std::string Answer(const std::optional<v1::RecordState>& state) {
    return RecordAs<v1::FollowUp>(*state)->answer().text().text();
  }

  Sample sample_;
  const std::string id_ = sample_.Id("fup");
  const std::string head_ = sample_.Id("op");
  v1::FollowUp question_ = [this] {
    v1::FollowUp follow_up;
    follow_up.set_report_id(sample_.Id("rep"));
    follow_up.mutable_question()->set_code("free");
    follow_up.mutable_text()->set_text("which town?");
    follow_up.set_addressed_team_id(sample_.team);
    return follow_up;
  }();
};

TEST_F(RecordViewTest, NothingHeldIsNothingShown) {
  EXPECT_EQ(ViewOfRecord({}, {}, std::nullopt, sample_.programme), std::nullopt);
}

TEST_F(RecordViewTest, WithItsCreationARecordIsTheMerge) {
  const Operation created = Make(id_, {}, 3, nullptr, question_);
  const auto view = ViewOfRecord({created}, {}, Sent(9, "elsewhere"), sample_.programme);
  ASSERT_TRUE(view.has_value());
  EXPECT_EQ(view->SerializeAsString(),
            MergeOperations(absl::MakeConstSpan(&created, 1)).SerializeAsString());
}

TEST_F(RecordViewTest, ASentStateStandsAsItIs) {
  const auto view = ViewOfRecord({}, {}, Sent(9, "Mombasa"), sample_.programme);
  ASSERT_TRUE(view.has_value());
  EXPECT_EQ(Answer(view), "Mombasa");
  EXPECT_EQ(view->team_id(), sample_.other_team);
  EXPECT_THAT(view->heads(), ElementsAre(head_));
  EXPECT_TRUE(view->created());
}

TEST_F(RecordViewTest, OwnOperationsAreLaidOverASentState) {
  v1::FollowUp first = question_;
  first.mutable_answer()->mutable_text()->set_text("Kilifi");
  v1::FollowUp second = first;
  second.mutable_answer()->mutable_text()->set_text("Lamu");
  const std::string a = sample_.Id("op");
  const std::string b = sample_.Id("op");
  const auto view =
      ViewOfRecord({Make(a, {head_}, 10, &question_, first), Make(b, {a}, 11, &first, second)},
                   {a, b}, Sent(9, ""), sample_.programme);
  ASSERT_TRUE(view.has_value());
  EXPECT_EQ(Answer(view), "Lamu");
  EXPECT_EQ(RecordAs<v1::FollowUp>(*view)->text().text(), "which town?");
  EXPECT_THAT(view->heads(), ElementsAre(b));
  EXPECT_THAT(view->conflicts(), IsEmpty());
  EXPECT_THAT(view->findings(), IsEmpty());
  EXPECT_EQ(view->lamport(), 11u);
}

TEST_F(RecordViewTest, WhatTheSentStateContainsIsNotLaidOverItAgain) {
  v1::FollowUp answered = question_;
  answered.mutable_answer()->mutable_text()->set_text("Kilifi");
  const std::string a = sample_.Id("op");
  const Operation own = Make(a, {head_}, 10, &question_, answered);
  EXPECT_EQ(Answer(ViewOfRecord({own}, {}, Sent(12, "Lamu"), sample_.programme)), "Lamu");
  // Not acknowledged yet, it is not in there: what the person wrote last is what they see.
  EXPECT_EQ(Answer(ViewOfRecord({own}, {a}, Sent(12, "Lamu"), sample_.programme)), "Kilifi");
}

TEST_F(RecordViewTest, AncestorsOfHeads) {
  const Operation created = Make(id_, {}, 3, nullptr, question_);
  v1::FollowUp first = question_;
  first.mutable_answer()->set_unknown(true);
  v1::FollowUp second = question_;
  second.mutable_answer()->set_number(4);
  const std::string a = sample_.Id("op");
  const std::string b = sample_.Id("op");
  const std::vector<Operation> all = {created, Make(a, {id_}, 4, &question_, first),
                                      Make(b, {id_}, 5, &question_, second)};
  ASSERT_OK_AND_ASSIGN(const std::vector<Operation> of_a, AncestorsOf(all, {a}));
  EXPECT_THAT(of_a, SizeIs(2));
  ASSERT_OK_AND_ASSIGN(const std::vector<Operation> of_both, AncestorsOf(all, {a, b}));
  EXPECT_THAT(of_both, SizeIs(3));
  EXPECT_THAT(AncestorsOf(all, {sample_.Id("op")}), test::StatusIs(absl::StatusCode::kAborted));
}

}  // namespace
}  // namespace baraza::client
