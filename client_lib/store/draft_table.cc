#include "client_lib/store/draft_table.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"

namespace baraza::client {
namespace {

absl::Status NoSuchDraft(absl::string_view draft_id) {
  return RecordError(absl::StatusCode::kNotFound, draft_id, "", "a draft of this device", "none");
}

absl::StatusOr<v1::Draft> Parse(absl::string_view bytes) {
  v1::Draft draft;
  if (!draft.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return absl::DataLossError("a stored draft does not parse");
  }
  return draft;
}

}  // namespace

absl::Status DraftTable::Put(const v1::Draft& draft) {
  BARAZA_ASSIGN_OR_RETURN(
      Statement put,
      database_.Prepare("INSERT INTO drafts (draft_id, updated_ms, draft) VALUES (?1, ?2, ?3) "
                        "ON CONFLICT (draft_id) DO UPDATE SET updated_ms = ?2, draft = ?3"));
  const std::string bytes = draft.SerializeAsString();
  return put.BindAll(draft.draft_id(), draft.updated_ms(), Blob{bytes}).Run();
}

absl::StatusOr<v1::Draft> DraftTable::Get(absl::string_view draft_id) {
  BARAZA_ASSIGN_OR_RETURN(Statement find,
                          database_.Prepare("SELECT draft FROM drafts WHERE draft_id = ?1"));
  find.Bind(1, draft_id);
  BARAZA_ASSIGN_OR_RETURN(const bool found, find.Step());
  if (!found) return NoSuchDraft(draft_id);
  return Parse(find.BlobView(0));
}

absl::Status DraftTable::Delete(absl::string_view draft_id) {
  BARAZA_ASSIGN_OR_RETURN(Statement remove,
                          database_.Prepare("DELETE FROM drafts WHERE draft_id = ?1"));
  remove.Bind(1, draft_id);
  BARAZA_RETURN_IF_ERROR(remove.Run());
  return database_.Changes() == 0 ? NoSuchDraft(draft_id) : absl::OkStatus();
}

absl::StatusOr<std::vector<v1::Draft>> DraftTable::List() {
  BARAZA_ASSIGN_OR_RETURN(Statement list,
                          database_.Prepare("SELECT draft FROM drafts ORDER BY draft_id"));
  std::vector<v1::Draft> drafts;
  while (true) {
    BARAZA_ASSIGN_OR_RETURN(const bool row, list.Step());
    if (!row) return drafts;
    BARAZA_ASSIGN_OR_RETURN(v1::Draft draft, Parse(list.BlobView(0)));
    drafts.push_back(std::move(draft));
  }
}

absl::StatusOr<uint32_t> DraftTable::Count() {
  BARAZA_ASSIGN_OR_RETURN(Statement count, database_.Prepare("SELECT COUNT(*) FROM drafts"));
  BARAZA_RETURN_IF_ERROR(count.StepToOnlyRow());
  return static_cast<uint32_t>(count.Int64(0));
}

}  // namespace baraza::client
