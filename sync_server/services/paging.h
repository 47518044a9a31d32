#ifndef BARAZA_SYNC_SERVER_SERVICES_PAGING_H_
#define BARAZA_SYNC_SERVER_SERVICES_PAGING_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"

namespace baraza::server {

// Paging as in AIP-158: sizes are bounded, tokens are opaque and good for the request that they
// came from only.

// 0: kDefaultPageSize; more than kMaxPageSize is read as that. INVALID_ARGUMENT below 0.
absl::StatusOr<int> PageSize(int32_t requested);

// How much goes into one page: so many items, and no more of them than kMaxPageBytes hold, though
// one in any case.
class PageRoom {
 public:
  explicit PageRoom(int page_size) : items_(page_size) {}

  // No item goes in any more, whatever its size.
  bool full() const { return items_ == 0; }
  // Whether the item still goes in; then it counts. Once one does not, none does.
  bool Take(const google::protobuf::Message& item);

 private:
  int items_;
  size_t bytes_ = 0;
};

// A token by which the same request (apart from page_size and page_token) goes on after `position`.
std::string PageToken(const google::protobuf::Message& request, absl::string_view position);

// The position of the request's page_token; "" when it has none. INVALID_ARGUMENT for a token of
// another request, or none of ours.
absl::StatusOr<std::string> PagePosition(const google::protobuf::Message& request);

}  // namespace baraza::server

#endif  // BARAZA_SYNC_SERVER_SERVICES_PAGING_H_
