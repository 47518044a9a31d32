#ifndef BARAZA_SYNC_SERVER_SERVICES_RECORD_WRITES_H_
#define BARAZA_SYNC_SERVER_SERVICES_RECORD_WRITES_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "baraza/v1/programme_service.pb.h"
#include "baraza/v1/record.pb.h"
#include "google/protobuf/message.h"
#include "sync_server/ingest/desk.h"
#include "sync_server/services/paging.h"
#include "sync_server/services/rpc.h"
#include "sync_server/store/registry_store.h"

namespace baraza::server {

// Reading and writing single records for the services.

using RecordDone = std::function<void(absl::StatusOr<v1::RecordView>)>;

// The record as the log has it now, also what the projection has not come to yet; with the findings
// of the projection when that is up to date. NOT_FOUND.
absl::StatusOr<v1::RecordState> CurrentState(ProgrammeHost& host, absl::string_view record_id);

// CurrentState of `name`, which must be of `type` (UNSPECIFIED: of any). NOT_FOUND also for another
// type.
absl::StatusOr<v1::RecordState> CurrentStateOf(ProgrammeHost& host, absl::string_view name,
                                               v1::RecordType type);

// What a handler gives the desk as its `done`: brings the registry up to date when a person was
// written, gives the projection a moment to follow (so that who writes and then reads sees what he
// wrote), and answers with the record as the caller may see it.
Desk::Done AnswerWithView(ServiceContext& context, const Call& call, RecordDone done);

// OK if the caller's scope holds the record, so that he may decide on it; else PERMISSION_DENIED.
absl::Status CheckInScope(const Call& call, const v1::RecordState& state);

// Changes a record: `change` is given a copy of the record and edits it. The errors are those of
// Desk::Append, except that changing nothing is no error.
void ChangeRecord(ServiceContext& context, const Call& call, const v1::RecordState& state,
                  const std::function<absl::Status(google::protobuf::Message&)>& change,
                  absl::string_view etag, RecordDone done);

// Sets or takes back the void mark, with a reason.
void VoidRecord(ServiceContext& context, const Call& call, const v1::RecordState& state,
                bool voided, const v1::LocalText& reason, RecordDone done);

// One page of records of a type as the caller may see them; those he may not are left out.
struct RecordPage {
  std::vector<v1::RecordView> records;
  // Where the next page begins; empty: this was the last.
  std::string next;
};
// Takes from `room` what it returns.
absl::StatusOr<RecordPage> ListRecordViews(const Call& call, v1::RecordType type, PageRoom& room,
                                           const std::string& after, bool show_voided);

}  // namespace baraza::server

#endif  // BARAZA_SYNC_SERVER_SERVICES_RECORD_WRITES_H_
