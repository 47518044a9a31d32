#include "sync_server/services/figure_ledger.h"

#include <gtest/gtest.h>

namespace baraza::server {
namespace {

v1::Figure FigureAt(int64_t log_position, const std::string& as_of) {
  v1::Figure figure;
  figure.set_name("programmes/prg_1/indicators/ind_1/figures/2026-Q3");
  figure.set_value(1);
  figure.add_counted()->set_session_id("rep_1");
  figure.set_log_position(log_position);
  figure.set_operations_sha256(std::to_string(log_position));
  figure.set_as_of(as_of);
  return figure;
}

TEST(FigureLedgerTest, LeavesTheFigureAsItWas) {
  FigureLedger ledger;
  v1::Figure figure = FigureAt(7, "2026-10-01");
  ledger.Note(figure);
  EXPECT_EQ(figure.SerializeAsString(), FigureAt(7, "2026-10-01").SerializeAsString());
  EXPECT_TRUE(ledger.IsAsShown(figure, 7));
  EXPECT_FALSE(ledger.IsAsShown(figure, 6));
  EXPECT_EQ(figure.SerializeAsString(), FigureAt(7, "2026-10-01").SerializeAsString());
}

TEST(FigureLedgerTest, TellsWhatIsSignedFromHowMuchWasRead) {
  FigureLedger ledger;
  v1::Figure shown = FigureAt(7, "2026-10-01");
  ledger.Note(shown);
  v1::Figure later = FigureAt(9, "2026-10-02");
  EXPECT_TRUE(ledger.IsAsShown(later, 7));
  later.mutable_counted(0)->set_session_id("rep_2");
  EXPECT_FALSE(ledger.IsAsShown(later, 7));
}

TEST(FigureLedgerTest, OfSeveralDaysAtOnePositionTheOneShownLastHolds) {
  FigureLedger ledger;
  v1::Figure early = FigureAt(7, "2026-08-01");
  early.set_value(0);
  early.clear_counted();
  ledger.Note(early);
  v1::Figure late = FigureAt(7, "2026-10-01");
  ledger.Note(late);
  v1::Figure now = FigureAt(9, "2026-10-02");
  EXPECT_TRUE(ledger.IsAsShown(now, 7));
  ledger.Note(early);
  EXPECT_FALSE(ledger.IsAsShown(now, 7));
}

}  // namespace
}  // namespace baraza::server
