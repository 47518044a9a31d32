#include "sync_server/services/paging.h"

#include <string>

#include "baraza/v1/types.pb.h"
#include "gtest/gtest.h"
#include "sync_server/limits.h"

namespace baraza::server {
namespace {

v1::LocalText OfBytes(size_t bytes) {
  v1::LocalText text;
  text.set_text(std::string(bytes, 'a'));
  return text;
}

TEST(PageRoomTest, SoManyItemsGoIn) {
  PageRoom room(2);
  EXPECT_TRUE(room.Take(OfBytes(1)));
  EXPECT_TRUE(room.Take(OfBytes(1)));
  EXPECT_FALSE(room.Take(OfBytes(1)));
}

TEST(PageRoomTest, NoMoreThanItsBytesHold) {
  PageRoom room(kMaxPageSize);
  EXPECT_TRUE(room.Take(OfBytes(kMaxPageBytes / 2)));
  EXPECT_FALSE(room.Take(OfBytes(kMaxPageBytes / 2)));
  // Otherwise the page would have a hole.
  EXPECT_FALSE(room.Take(OfBytes(1)));
}

TEST(PageRoomTest, OneItemGoesInInAnyCase) {
  PageRoom room(kMaxPageSize);
  EXPECT_TRUE(room.Take(OfBytes(2 * kMaxPageBytes)));
  EXPECT_FALSE(room.Take(OfBytes(1)));
}

}  // namespace
}  // namespace baraza::server
