#include "core/model/operation_batch.h"

#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "core/base/brotli.h"
#include "core/base/status.h"

namespace baraza {
namespace {

// The batches of a weak line are small: it takes longer to send what could be saved than to look
// for it. A device that has ramped up past this has a line that is quicker than the search.
constexpr size_t kSmallBatchBytes = 64 << 10;

}  // namespace

void PackOperations(v1::SyncRequest& request) {
  if (request.operations().empty()) return;
  v1::OperationBatch batch;
  batch.mutable_operations()->Swap(request.mutable_operations());
  const std::string bytes = batch.SerializeAsString();
  request.set_packed_operations(BrotliCompress(
      bytes, bytes.size() <= kSmallBatchBytes ? BrotliEffort::kSmallest : BrotliEffort::kQuick));
}

absl::Status UnpackOperations(size_t max_bytes, v1::SyncRequest& request) {
  if (request.packed_operations().empty()) return absl::OkStatus();
  if (!request.operations().empty()) {
    return InvalidField("SyncRequest", "packed_operations", "operations in one form", "both forms");
  }
  const absl::StatusOr<std::string> bytes =
      BrotliDecompress(request.packed_operations(), max_bytes);
  if (!bytes.ok()) return Annotate(bytes.status(), "SyncRequest: packed_operations");
  v1::OperationBatch batch;
  if (!batch.ParseFromString(*bytes)) {
    return InvalidField("SyncRequest", "packed_operations", "a serialized OperationBatch",
                        absl::StrCat(bytes->size(), " bytes that do not parse"));
  }
  request.mutable_operations()->Swap(batch.mutable_operations());
  request.clear_packed_operations();
  return absl::OkStatus();
}

}  // namespace baraza
