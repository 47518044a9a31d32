#include "core/sqlite/statement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <memory>
#include <optional>
#include <string>

#include "core/sqlite/database.h"
#include "tests/testing/status_matchers.h"

namespace baraza {
namespace {

using ::baraza::test::IsOkAndHolds;
using ::baraza::test::StatusIs;
using ::testing::HasSubstr;
using ::testing::Not;

class StatementTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK_AND_ASSIGN(db_, Database::Open(":memory:"));
    ASSERT_OK(
        db_->Execute("CREATE TABLE t (id INTEGER PRIMARY KEY, txt TEXT, bin BLOB, num INTEGER,"
                     " CHECK (num < 100)) STRICT; CREATE UNIQUE INDEX t_txt ON t (txt)"));
  }

  std::unique_ptr<Database> db_;
};

TEST_F(StatementTest, ValuesComeBackAsTheyWentIn) {
  const std::string bytes("\0\xff\0x", 4);
  {
    ASSERT_OK_AND_ASSIGN(Statement insert, db_->Prepare("INSERT INTO t VALUES (?1, ?2, ?3, ?4)"));
    ASSERT_OK(insert.BindAll(7, "caf\xc3\xa9", Blob{bytes}, int64_t{-5}).Run());
    EXPECT_EQ(db_->LastInsertRowId(), 7);
    EXPECT_EQ(db_->Changes(), 1);
    ASSERT_OK(insert.BindAll(8, nullptr, Blob{""}, std::optional<int>()).Run());
    ASSERT_OK(insert.BindAll(9, std::string(), nullptr, std::optional<uint32_t>(3)).Run());
  }
  ASSERT_OK_AND_ASSIGN(Statement select,
                       db_->Prepare("SELECT id, txt, bin, num FROM t ORDER BY id"));
  EXPECT_EQ(select.ColumnCount(), 4);
  ASSERT_THAT(select.Step(), IsOkAndHolds(true));
  EXPECT_EQ(select.Int64(0), 7);
  EXPECT_EQ(select.Text(1), "caf\xc3\xa9");
  EXPECT_EQ(select.BlobString(2), bytes);
  EXPECT_EQ(select.Int64(3), -5);
  ASSERT_THAT(select.Step(), IsOkAndHolds(true));
  EXPECT_TRUE(select.IsNull(1));
  EXPECT_EQ(select.TextView(1), "");
  EXPECT_FALSE(select.IsNull(2));
  EXPECT_EQ(select.BlobView(2), "");
  EXPECT_TRUE(select.IsNull(3));
  ASSERT_THAT(select.Step(), IsOkAndHolds(true));
  EXPECT_FALSE(select.IsNull(1));
  EXPECT_TRUE(select.IsNull(2));
  EXPECT_EQ(select.Int64(3), 3);
  EXPECT_THAT(select.Step(), IsOkAndHolds(false));
}

TEST_F(StatementTest, AValueIsCopiedWhenBound) {
  ASSERT_OK_AND_ASSIGN(Statement echo, db_->Prepare("SELECT ?1"));
  std::string text = "before";
  echo.Bind(1, text);
  text = "AFTER!";
  ASSERT_OK(echo.StepToOnlyRow());
  EXPECT_EQ(echo.Text(0), "before");
}

TEST_F(StatementTest, BoundTextIsNeverSql) {
  const std::string hostile = "x'); DROP TABLE t; --";
  ASSERT_OK_AND_ASSIGN(Statement insert, db_->Prepare("INSERT INTO t (txt) VALUES (?1)"));
  ASSERT_OK(insert.BindAll(hostile).Run());
  ASSERT_OK_AND_ASSIGN(Statement find, db_->Prepare("SELECT count(*) FROM t WHERE txt = ?1"));
  ASSERT_OK(find.BindAll(hostile).StepToOnlyRow());
  EXPECT_EQ(find.Int64(0), 1);
}

TEST_F(StatementTest, ResetClearsParameters) {
  ASSERT_OK_AND_ASSIGN(Statement echo, db_->Prepare("SELECT ?1"));
  ASSERT_OK(echo.BindAll(5).StepToOnlyRow());
  echo.Reset();
  ASSERT_OK(echo.StepToOnlyRow());
  EXPECT_TRUE(echo.IsNull(0));
}

TEST_F(StatementTest, AStatementGivenBackForgetsItsParameters) {
  {
    ASSERT_OK_AND_ASSIGN(Statement echo, db_->Prepare("SELECT ?1"));
    ASSERT_OK(echo.BindAll("a secret").StepToOnlyRow());
  }
  ASSERT_OK_AND_ASSIGN(Statement echo, db_->Prepare("SELECT ?1"));
  ASSERT_OK(echo.StepToOnlyRow());
  EXPECT_TRUE(echo.IsNull(0));
}

TEST_F(StatementTest, TheSameTextMayBeInUseTwice) {
  ASSERT_OK_AND_ASSIGN(Statement outer, db_->Prepare("SELECT ?1"));
  ASSERT_OK(outer.BindAll(1).StepToOnlyRow());
  ASSERT_OK_AND_ASSIGN(Statement inner, db_->Prepare("SELECT ?1"));
  ASSERT_OK(inner.BindAll(2).StepToOnlyRow());
  EXPECT_EQ(outer.Int64(0), 1);
  EXPECT_EQ(inner.Int64(0), 2);
  outer = std::move(inner);
  EXPECT_EQ(outer.Int64(0), 2);
}

TEST_F(StatementTest, BindErrorsAreReportedByTheNextStep) {
  ASSERT_OK_AND_ASSIGN(Statement echo, db_->Prepare("SELECT ?1"));
  echo.Bind(2, 1);
  EXPECT_THAT(echo.Step(), StatusIs(absl::StatusCode::kInternal));
  echo.Reset();
  echo.Bind(1, std::numeric_limits<uint64_t>::max());
  EXPECT_THAT(echo.Step(), StatusIs(absl::StatusCode::kOutOfRange));
  echo.Reset();
  echo.Bind(1, uint64_t{std::numeric_limits<int64_t>::max()});
  EXPECT_THAT(echo.Step(), IsOkAndHolds(true));
}

TEST_F(StatementTest, TooLargeAValueIsAnErrorAndNothingElse) {
  ASSERT_OK_AND_ASSIGN(Statement insert, db_->Prepare("INSERT INTO t (bin) VALUES (?1)"));
  const std::string huge(33 << 20, 'x');
  EXPECT_THAT(insert.BindAll(Blob{huge}).Run(), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_OK(insert.BindAll(Blob{"small"}).Run());
}

TEST_F(StatementTest, ConstraintsHaveTheirCodesAndNoValuesInTheirMessages) {
  ASSERT_OK_AND_ASSIGN(Statement insert,
                       db_->Prepare("INSERT INTO t (id, txt, num) VALUES (?1, ?2, ?3)"));
  ASSERT_OK(insert.BindAll(1, "canary", 1).Run());
  const absl::Status primary = insert.BindAll(1, "other-canary", 1).Run();
  EXPECT_THAT(primary, StatusIs(absl::StatusCode::kAlreadyExists, HasSubstr("t.id")));
  const absl::Status unique = insert.BindAll(2, "canary", 1).Run();
  EXPECT_THAT(unique, StatusIs(absl::StatusCode::kAlreadyExists, HasSubstr("t.txt")));
  const absl::Status checked = insert.BindAll(3, "third-canary", 100).Run();
  EXPECT_THAT(checked, StatusIs(absl::StatusCode::kFailedPrecondition));
  const absl::Status typed = insert.BindAll(4, "fourth", "canary").Run();
  EXPECT_THAT(typed, StatusIs(absl::StatusCode::kFailedPrecondition));
  for (const absl::Status& status : {primary, unique, checked, typed}) {
    EXPECT_THAT(std::string(status.message()), Not(HasSubstr("canary")));
  }
  // And the statement works on.
  EXPECT_OK(insert.BindAll(5, "fifth", 1).Run());
}

TEST_F(StatementTest, RunTimeMessagesDoNotQuoteValues) {
  ASSERT_OK_AND_ASSIGN(Statement bad, db_->Prepare("SELECT json_extract(?1, ?2)"));
  EXPECT_THAT(bad.BindAll("{}", "canary").Step(),
              StatusIs(absl::StatusCode::kInternal, Not(HasSubstr("canary"))));
}

TEST_F(StatementTest, NotFoundWhenTheOnlyRowIsMissing) {
  ASSERT_OK_AND_ASSIGN(Statement none, db_->Prepare("SELECT id FROM t"));
  EXPECT_THAT(none.StepToOnlyRow(), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(StatementTest, PrepareTakesOneStatementOnly) {
  EXPECT_THAT(db_->Prepare("SELEC 1"), StatusIs(absl::StatusCode::kInternal, HasSubstr("SELEC")));
  EXPECT_THAT(db_->Prepare("SELECT 1; SELECT 2"), StatusIs(absl::StatusCode::kInternal));
  EXPECT_THAT(db_->Prepare(""), StatusIs(absl::StatusCode::kInternal));
  EXPECT_THAT(db_->Prepare("-- nothing"), StatusIs(absl::StatusCode::kInternal));
  EXPECT_OK(db_->Prepare("SELECT 1; \n"));
}

}  // namespace
}  // namespace baraza
