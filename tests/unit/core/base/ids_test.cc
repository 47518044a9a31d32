#include "core/base/ids.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace baraza {
namespace {

Uuid FromHex(absl::string_view hex) {
  const std::string bytes = absl::HexStringToBytes(hex);
  Uuid uuid;
  for (size_t i = 0; i < uuid.size(); ++i) uuid[i] = static_cast<uint8_t>(bytes[i]);
  return uuid;
}

// Yields the same byte for ever.
class ConstantRandom : public Random {
 public:
  explicit ConstantRandom(uint8_t byte) : byte_(byte) {}
  void Fill(absl::Span<uint8_t> out) override {
    for (uint8_t& b : out) b = byte_;
  }

 private:
  uint8_t byte_;
};

// The valid vectors of the TypeID specification (valid.yml).
TEST(IdSuffix, VectorsOfTheSpecification) {
  const std::pair<const char*, const char*> vectors[] = {
      {"00000000000000000000000000000000", "00000000000000000000000000"},
      {"00000000000000000000000000000001", "00000000000000000000000001"},
      {"0000000000000000000000000000000a", "0000000000000000000000000a"},
      {"00000000000000000000000000000010", "0000000000000000000000000g"},
      {"00000000000000000000000000000020", "00000000000000000000000010"},
      {"ffffffffffffffffffffffffffffffff", "7zzzzzzzzzzzzzzzzzzzzzzzzz"},
      {"0110c8531d0952d8d73e1194e95b5f19", "0123456789abcdefghjkmnpqrs"},
      {"01890a5dac96774bbcceb302099a8057", "01h455vb4pex5vsknk084sn02q"},
  };
  for (const auto& [hex, suffix] : vectors) {
    EXPECT_EQ(EncodeIdSuffix(FromHex(hex)), suffix);
    absl::StatusOr<Uuid> decoded = DecodeIdSuffix(suffix);
    ASSERT_TRUE(decoded.ok()) << decoded.status();
    EXPECT_EQ(*decoded, FromHex(hex));
  }
}

// The invalid ones (invalid.yml).
TEST(IdSuffix, WhatTheSpecificationForbids) {
  for (const char* id : {"PREFIX_00000000000000000000000000",
                         "12345_00000000000000000000000000",
                         "pre.fix_00000000000000000000000000",
                         "pr\xc3\xa9"
                         "fix_00000000000000000000000000",
                         "  prefix_00000000000000000000000000",
                         "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijkl_"
                         "00000000000000000000000000",
                         "_00000000000000000000000000",
                         "_",
                         "prefix_1234567890123456789012345",
                         "prefix_123456789012345678901234567",
                         "prefix_1234567890123456789012345 ",
                         "prefix_0123456789ABCDEFGHJKMNPQRS",
                         "prefix_123456789-123456789-123456",
                         "prefix_ooooooiiiiiiuuuuuuulllllll",
                         "prefix_i23456789ol23456789oi23456",
                         "prefix_123456789-0123456789-01234",
                         "prefix_8zzzzzzzzzzzzzzzzzzzzzzzzz",
                         "_prefix_00000000000000000000000000",
                         "prefix__00000000000000000000000000",
                         "",
                         "prefix_"}) {
    EXPECT_EQ(IdPrefix(id).status().code(), absl::StatusCode::kInvalidArgument) << id;
  }
}

TEST(MintId, IsAUuidV7OfTheClocksMillisecond) {
  FakeClock clock(absl::FromUnixMillis(0x01890a5dac96) + absl::Microseconds(999));
  SeededRandom random(1);
  const std::string id = MintId("rep", clock, random);
  EXPECT_TRUE(ValidateId(id, "rep").ok());
  absl::StatusOr<Uuid> uuid = DecodeIdSuffix(absl::string_view(id).substr(4));
  ASSERT_TRUE(uuid.ok());
  EXPECT_EQ(absl::BytesToHexString(absl::string_view(reinterpret_cast<char*>(uuid->data()), 6)),
            "01890a5dac96");
  EXPECT_EQ((*uuid)[6] >> 4, 7);
  EXPECT_EQ((*uuid)[8] >> 6, 2);
}

TEST(MintId, UsesAll74RandomBits) {
  FakeClock clock(absl::UnixEpoch());
  ConstantRandom ones(0xff);
  ConstantRandom zeros(0);
  EXPECT_EQ(*DecodeIdSuffix(MintId("a", clock, ones).substr(2)),
            FromHex("0000000000007fffbfffffffffffffff"));
  EXPECT_EQ(*DecodeIdSuffix(MintId("a", clock, zeros).substr(2)),
            FromHex("00000000000070008000000000000000"));
}

TEST(MintId, ClocksOutOfRangeAreClamped) {
  ConstantRandom zeros(0);
  FakeClock clock(absl::FromUnixSeconds(-86400 * 365));
  EXPECT_EQ(*DecodeIdSuffix(MintId("a", clock, zeros).substr(2)),
            FromHex("00000000000070008000000000000000"));

  class FarClock : public Clock {
    absl::Time Now() override { return absl::InfiniteFuture(); }
    absl::Duration Monotonic() override { return absl::ZeroDuration(); }
  } far;
  EXPECT_EQ(*DecodeIdSuffix(MintId("a", far, zeros).substr(2)),
            FromHex("ffffffffffff70008000000000000000"));
}

TEST(MintId, SortsByTheClock) {
  FakeClock clock;
  SeededRandom random(7);
  std::string last = MintId("op", clock, random);
  for (int i = 0; i < 1000; ++i) {
    clock.Advance(absl::Milliseconds(1));
    std::string next = MintId("op", clock, random);
    ASSERT_LT(last, next);
    last = next;
  }
}

TEST(IdMinter, IncreasesWithinOneMillisecondAndWhenTheClockStepsBack) {
  FakeClock clock;
  SeededRandom random(3);
  IdMinter minter(clock, random);
  std::string last = minter.Mint("op");
  for (int i = 0; i < 10000; ++i) {
    if (i == 5000) clock.SetNow(absl::UnixEpoch());
    std::string next = minter.Mint("op");
    ASSERT_LT(last, next);
    ASSERT_TRUE(ValidateId(next, "op").ok());
    last = next;
  }
}

TEST(IdMinter, CarriesOverIntoTheNextMillisecondWhenTheRandomBitsAreUsedUp) {
  FakeClock clock(absl::FromUnixMillis(5));
  ConstantRandom ones(0xff);
  IdMinter minter(clock, ones);
  const std::string first = minter.Mint("a");
  EXPECT_EQ(*DecodeIdSuffix(first.substr(2)), FromHex("0000000000057fffbfffffffffffffff"));
  const std::string second = minter.Mint("a");
  EXPECT_LT(first, second);
  const Uuid uuid = *DecodeIdSuffix(second.substr(2));
  EXPECT_EQ(uuid[5], 6);
  EXPECT_EQ(uuid[6] >> 4, 7);
  EXPECT_EQ(uuid[8] >> 6, 2);
}

TEST(ValidateId, LooksAtThePrefix) {
  EXPECT_TRUE(ValidateId("rep_01h455vb4pex5vsknk084sn02q", "rep").ok());
  for (const char* id :
       {"src_01h455vb4pex5vsknk084sn02q", "rep01h455vb4pex5vsknk084sn02q", "rep_", "", "rep",
        "rep_01h455vb4pex5vsknk084sn02", "repx_01h455vb4pex5vsknk084sn02q",
        "rep_81h455vb4pex5vsknk084sn02q", "rep_01H455VB4PEX5VSKNK084SN02Q"}) {
    EXPECT_EQ(ValidateId(id, "rep").code(), absl::StatusCode::kInvalidArgument) << id;
  }
}

TEST(ValidateId, MessageStaysShortAndPrintable) {
  const std::string hostile = absl::StrCat("\n\x1b[31m", std::string(1 << 20, 'x'));
  const absl::Status status = ValidateId(hostile, "rep");
  EXPECT_LT(status.message().size(), 200u);
  EXPECT_EQ(status.message().find('\n'), absl::string_view::npos);
  EXPECT_EQ(status.message().find('\x1b'), absl::string_view::npos);
}

TEST(IdPrefix, MayContainUnderscores) {
  absl::StatusOr<absl::string_view> prefix = IdPrefix("pre_fix_01h455vb4pex5vsknk084sn02q");
  ASSERT_TRUE(prefix.ok()) << prefix.status();
  EXPECT_EQ(*prefix, "pre_fix");
}

TEST(ElementId, IsShortAndValid) {
  SeededRandom random(11);
  std::set<std::string> ids;
  for (int i = 0; i < 10000; ++i) {
    const std::string id = MintElementId(random);
    ASSERT_LE(id.size(), kMaxElementIdLength);
    ASSERT_TRUE(ValidateElementId(id).ok());
    ids.insert(id);
  }
  EXPECT_EQ(ids.size(), 10000u);
}

TEST(ElementId, RefusesWhatIsNoId) {
  for (const char* id : {"", "123456789", "a b", "a\n", "\xc3\xa9"}) {
    EXPECT_FALSE(ValidateElementId(id).ok()) << id;
  }
}

}  // namespace
}  // namespace baraza
