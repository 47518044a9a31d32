#include "core/base/spelling.h"

#include <gtest/gtest.h>

namespace baraza {
namespace {

TEST(Spelling, OneSlipEitherWay) {
  const auto slip = [](absl::string_view a, absl::string_view b) {
    EXPECT_EQ(WithinOneSlip(a, b), WithinOneSlip(b, a)) << a << " " << b;
    return WithinOneSlip(a, b);
  };
  EXPECT_TRUE(slip("", ""));
  EXPECT_TRUE(slip("", "a"));
  EXPECT_TRUE(slip("kisumu", "kisumu"));
  EXPECT_TRUE(slip("kisumu", "kisum"));
  EXPECT_TRUE(slip("kisumu", "kisuumu"));
  EXPECT_TRUE(slip("kisumu", "kizumu"));
  EXPECT_TRUE(slip("kisumu", "ksiumu"));
  EXPECT_TRUE(slip("ab", "ba"));
  EXPECT_FALSE(slip("", "ab"));
  EXPECT_FALSE(slip("abc", "cab"));
  EXPECT_FALSE(slip("kisumu", "kizumo"));
  EXPECT_FALSE(slip("kisumu", "kis"));
  EXPECT_FALSE(slip("abcd", "badc"));
}

}  // namespace
}  // namespace baraza
