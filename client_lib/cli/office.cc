#include "client_lib/cli/office.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "baraza/v1/programme_service.grpc.pb.h"
#include "client_lib/sync/grpc/channel.h"
#include "core/base/status.h"
#include "core/model/record_types.h"

namespace baraza::client {

Office::Office(std::shared_ptr<grpc::Channel> channel, std::string credential,
               v1::Membership membership, absl::Duration timeout)
    : channel_(std::move(channel)),
      credential_(std::move(credential)),
      membership_(std::move(membership)),
      timeout_(timeout) {}

absl::StatusOr<std::unique_ptr<Office>> Office::Connect(const Connection& connection,
                                                        const v1::Membership& membership,
                                                        absl::Duration timeout) {
  BARAZA_ASSIGN_OR_RETURN(
      std::shared_ptr<grpc::Channel> channel,
      OpenChannel(connection.address, connection.ca_certificate, kMaxAnswerBytes,
                  IsLoopbackAddress(connection.address) ? Compression::kNone : Compression::kGzip));
  return std::unique_ptr<Office>(
      new Office(std::move(channel), connection.credential, membership, timeout));
}

std::string Office::Programme() const {
  return absl::StrCat("programmes/", membership_.programme_id());
}

std::string Office::Name(absl::string_view collection, absl::string_view id) const {
  return absl::StrCat(Programme(), "/", collection, "/", id);
}

absl::StatusOr<v1::RecordView> Office::GetRecord(const std::string& id) {
  v1::GetRecordRequest request;
  request.set_name(Name("records", id));
  return Call<v1::ProgrammeService>(&v1::ProgrammeService::StubInterface::GetRecord, request);
}

absl::StatusOr<Register> Office::FetchRegister() {
  Register result;
  for (const v1::RecordType type :
       {v1::RECORD_TYPE_PROGRAMME, v1::RECORD_TYPE_ORGANISATION, v1::RECORD_TYPE_TEAM,
        v1::RECORD_TYPE_PERSON, v1::RECORD_TYPE_PROJECT, v1::RECORD_TYPE_DONOR,
        v1::RECORD_TYPE_ISSUE, v1::RECORD_TYPE_SESSION_DEFINITION, v1::RECORD_TYPE_INDICATOR,
        v1::RECORD_TYPE_TARGET}) {
    v1::ListRecordsRequest request;
    request.set_parent(Programme());
    request.set_type(type);
    request.set_page_size(kMaxPageSize);
    do {
      BARAZA_ASSIGN_OR_RETURN(
          const v1::ListRecordsResponse page,
          Call<v1::ProgrammeService>(&v1::ProgrammeService::StubInterface::ListRecords, request));
      for (const v1::RecordView& view : page.records()) {
        const google::protobuf::Message* record = Member(view.record());
        if (record == nullptr) continue;
        v1::RecordState state;
        state.set_record_id(view.record_id());
        state.set_type(view.type());
        state.set_programme_id(membership_.programme_id());
        state.set_team_id(view.team_id());
        state.set_record(record->SerializeAsString());
        state.set_voided(view.voided());
        state.set_created(true);
        result.Apply(state);
      }
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
  }
  return result;
}

void Office::Prepare(grpc::ClientContext& context) const {
  PrepareCall(context, timeout_, credential_);
}

absl::Status Office::ToStatus(const grpc::Status& status) {
  const absl::Status converted = FromGrpc(status);
  return absl::IsUnavailable(converted) ? Annotate(converted, "the server does not answer")
                                        : converted;
}

}  // namespace baraza::client
