#include "sync_server/services/paging.h"

#include <algorithm>
#include <memory>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "core/base/sha256.h"
#include "core/base/status.h"
#include "sync_server/limits.h"

namespace baraza::server {
namespace {

constexpr size_t kQueryHashBytes = 8;

// Names what the request asks for: everything but where in it, and how much at once.
std::string QueryHash(const google::protobuf::Message& request) {
  const std::unique_ptr<google::protobuf::Message> query(request.New());
  query->CopyFrom(request);
  // Later pages may be asked for with another deadline's patience too.
  for (const char* field_name : {"page_token", "page_size", "min_log_position"}) {
    const google::protobuf::FieldDescriptor* field =
        query->GetDescriptor()->FindFieldByName(field_name);
    if (field != nullptr) query->GetReflection()->ClearField(query.get(), field);
  }
  Sha256Hasher hasher;
  hasher.UpdateFramed(request.GetDescriptor()->full_name())
      .UpdateFramed(query->SerializeAsString());
  return std::string(hasher.Finish().AsBytes().substr(0, kQueryHashBytes));
}

}  // namespace

absl::StatusOr<int> PageSize(int32_t requested) {
  if (requested < 0) {
    return InvalidField("", "page_size", absl::StrCat("0 .. ", kMaxPageSize),
                        absl::StrCat(requested));
  }
  return requested == 0 ? kDefaultPageSize : std::min<int>(requested, kMaxPageSize);
}

bool PageRoom::Take(const google::protobuf::Message& item) {
  const size_t bytes = item.ByteSizeLong();
  if (items_ == 0 || (bytes_ > 0 && bytes_ + bytes > kMaxPageBytes)) {
    items_ = 0;
    return false;
  }
  --items_;
  bytes_ += bytes;
  return true;
}

std::string PageToken(const google::protobuf::Message& request, absl::string_view position) {
  return absl::WebSafeBase64Escape(absl::StrCat(QueryHash(request), position));
}

absl::StatusOr<std::string> PagePosition(const google::protobuf::Message& request) {
  const std::string token = request.GetReflection()->GetString(
      request, request.GetDescriptor()->FindFieldByName("page_token"));
  if (token.empty()) return std::string();
  std::string bytes;
  if (token.size() > kMaxPageTokenBytes || !absl::WebSafeBase64Unescape(token, &bytes) ||
      bytes.size() < kQueryHashBytes || bytes.substr(0, kQueryHashBytes) != QueryHash(request)) {
    return InvalidField("", "page_token", "next_page_token of the same request",
                        absl::StrCat(token.size(), " bytes"));
  }
  return bytes.substr(kQueryHashBytes);
}

}  // namespace baraza::server
