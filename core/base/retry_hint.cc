#include "core/base/retry_hint.h"

#include <cstdint>
#include <string>
#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace baraza {
namespace {

constexpr char kPayloadUrl[] = "baraza.v1/retry_after_ms";

}  // namespace

absl::Status WithRetryHint(absl::Status status, absl::Duration after) {
  if (!status.ok()) {
    status.SetPayload(kPayloadUrl, absl::Cord(absl::StrCat(absl::ToInt64Milliseconds(after))));
  }
  return status;
}

std::optional<absl::Duration> RetryHint(const absl::Status& status) {
  const auto payload = status.GetPayload(kPayloadUrl);
  int64_t ms = 0;
  if (!payload.has_value() || !absl::SimpleAtoi(std::string(*payload), &ms) || ms < 0) {
    return std::nullopt;
  }
  return absl::Milliseconds(ms);
}

}  // namespace baraza
