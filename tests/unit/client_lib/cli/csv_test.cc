#include "client_lib/cli/csv.h"

#include <gtest/gtest.h>

namespace baraza::client {
namespace {

TEST(Csv, QuotesWhatNeedsQuotes) {
  EXPECT_EQ(CsvField("plain"), "plain");
  EXPECT_EQ(CsvField(""), "");
  EXPECT_EQ(CsvField("a,b"), "\"a,b\"");
  EXPECT_EQ(CsvField("say \"no\""), "\"say \"\"no\"\"\"");
  EXPECT_EQ(CsvField("two\nlines"), "\"two\nlines\"");
  EXPECT_EQ(CsvRow({"a", "", "c,d"}), "a,,\"c,d\"\r\n");
}

TEST(Csv, NeverWritesAFormula) {
  for (const char* formula :
       {"=1+2", "+cmd", "-cmd", "@SUM(A1)", "\t=1", "\r=1", "=HYPERLINK(\"http://x\")", "\n=1",
        "\xEF\xBC\x9D"
        "1",
        "\xEF\xBC\x8B"
        "1",
        "\xEF\xBC\x8D"
        "1",
        "\xEF\xBC\xA0"
        "x"}) {
    const std::string field = CsvField(formula);
    ASSERT_GE(field.size(), 2u);
    EXPECT_EQ(field.substr(0, 2), "\"'") << formula;
  }
}

TEST(Csv, KeepsNumbersWithASign) {
  EXPECT_EQ(CsvField("-3"), "-3");
  EXPECT_EQ(CsvField("+3.5"), "+3.5");
  EXPECT_EQ(CsvField("-3+cmd"), "\"'-3+cmd\"");
}

}  // namespace
}  // namespace baraza::client
