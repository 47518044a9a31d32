#include "core/base/sha256.h"

#include <gtest/gtest.h>

#include <string>

namespace baraza {
namespace {

// FIPS 180-2, appendix B, and the empty message.
TEST(Sha256, PublishedVectors) {
  EXPECT_EQ(Sha256("").ToHex(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Sha256("abc").ToHex(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(Sha256(std::string(1000000, 'a')).ToHex(),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256Hasher, PiecesGiveTheWhole) {
  Sha256Hasher hasher;
  hasher.Update("a").Update("").Update("bc");
  EXPECT_EQ(hasher.Finish(), Sha256("abc"));
  // And starts afresh.
  EXPECT_EQ(hasher.Finish(), Sha256(""));
}

TEST(Sha256Hasher, FramedFieldsDoNotRunTogether) {
  Sha256Hasher hasher;
  const Sha256Digest first = hasher.UpdateFramed("ab").UpdateFramed("c").Finish();
  const Sha256Digest second = hasher.UpdateFramed("a").UpdateFramed("bc").Finish();
  EXPECT_NE(first, second);
  EXPECT_EQ(first, Sha256(std::string("\0\0\0\0\0\0\0\2ab\0\0\0\0\0\0\0\1c", 19)));
}

TEST(Sha256Digest, OrdersAsItsBytesAndGoesThereAndBack) {
  const Sha256Digest a = Sha256("a");
  const Sha256Digest b = Sha256("b");
  EXPECT_EQ(a < b, a.AsBytes() < b.AsBytes());
  absl::StatusOr<Sha256Digest> back = Sha256Digest::FromBytes(a.AsBytes());
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(*back, a);
  EXPECT_EQ(Sha256Digest::FromBytes("short").status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(Sha256, AViewOfNothingIsTheEmptyMessage) {
  const absl::string_view nothing;
  EXPECT_EQ(Sha256(nothing), Sha256(""));
  EXPECT_EQ(Sha256Hasher().Update(nothing).Finish(), Sha256(""));
  EXPECT_TRUE(SecureEquals(nothing, ""));
}

TEST(SecureEquals, ComparesContentAndLength) {
  EXPECT_TRUE(SecureEquals("", ""));
  EXPECT_TRUE(SecureEquals("secret", "secret"));
  EXPECT_FALSE(SecureEquals("secret", "secreT"));
  EXPECT_FALSE(SecureEquals("secret", "secrets"));
  EXPECT_FALSE(SecureEquals("", "s"));
}

}  // namespace
}  // namespace baraza
