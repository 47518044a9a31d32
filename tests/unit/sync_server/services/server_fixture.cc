#include "tests/unit/sync_server/services/server_fixture.h"

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/support/proto_buffer_reader.h>

#include <condition_variable>
#include <mutex>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/ids.h"
#include "sync_server/auth/secret.h"
#include "tests/testing/status_matchers.h"

namespace baraza::server {

absl::Status FromGrpc(const grpc::Status& status) {
  return absl::Status(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
}

ApiClient::ApiClient(std::shared_ptr<grpc::Channel> channel, std::string token)
    : channel_(std::move(channel)),
      token_(std::move(token)),
      sync_(v1::SyncService::NewStub(channel_)),
      enrolment_(v1::EnrolmentService::NewStub(channel_)),
      programme_(v1::ProgrammeService::NewStub(channel_)),
      session_(v1::SessionService::NewStub(channel_)),
      review_(v1::ReviewService::NewStub(channel_)),
      indicator_(v1::IndicatorService::NewStub(channel_)) {}

void ApiClient::Prepare(grpc::ClientContext& context) const {
  if (!token_.empty()) context.AddMetadata("authorization", "Bearer " + token_);
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
}

absl::StatusOr<std::string> ApiClient::Any(const google::protobuf::MethodDescriptor& method,
                                           const google::protobuf::Message& request) {
  return AnyPath(absl::StrCat("/", method.service()->full_name(), "/", method.name()),
                 request.SerializeAsString());
}

absl::StatusOr<std::string> ApiClient::AnyPath(const std::string& path,
                                               const std::string& request) {
  grpc::GenericStub stub(channel_);
  grpc::ClientContext context;
  Prepare(context);
  const grpc::Slice slice(request);
  const grpc::ByteBuffer in(&slice, 1);
  grpc::ByteBuffer out;
  std::mutex mutex;
  std::condition_variable changed;
  bool done = false;
  grpc::Status status;
  stub.UnaryCall(&context, path, {}, &in, &out, [&](grpc::Status result) {
    std::lock_guard<std::mutex> lock(mutex);
    status = std::move(result);
    done = true;
    changed.notify_one();
  });
  std::unique_lock<std::mutex> lock(mutex);
  changed.wait(lock, [&] { return done; });
  if (!status.ok()) return FromGrpc(status);
  std::vector<grpc::Slice> slices;
  if (!out.Dump(&slices).ok()) return absl::InternalError("no answer");
  std::string bytes;
  for (const grpc::Slice& piece : slices) {
    bytes.append(reinterpret_cast<const char*>(piece.begin()), piece.size());
  }
  return bytes;
}

void ServerTest::SetUp() {
  log_ = std::make_unique<EventLog>(clock_, [this](absl::string_view line) {
    MutexLock lock(log_mutex_);
    absl::StrAppend(&log_text_, line, "\n");
  });
  options_.data_dir = dir_.File("data");
  options_.listen = "127.0.0.1:0";
  ASSERT_OK(InitDataDir(options_.data_dir));
  ProgrammeRequest request;
  request.title = "Coast coalition";
  request.administrator = "Amina";
  ASSERT_OK_AND_ASSIGN(made_, CreateProgramme(options_.data_dir, request, clock_, random_));
  request.title = "Another coalition";
  request.administrator = "Zuri";
  ASSERT_OK_AND_ASSIGN(other_made_, CreateProgramme(options_.data_dir, request, clock_, random_));
  StartServer();
}

void ServerTest::StartServer() {
  server_.reset();
  auto started = Server::Start(options_, clock_, random_, *log_);
  ASSERT_OK(started);
  server_ = *std::move(started);
}

std::shared_ptr<grpc::Channel> ServerTest::NewChannel() {
  grpc::ChannelArguments arguments;
  // A channel of its own, not one that gRPC shares behind the scenes.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(absl::StrCat("127.0.0.1:", server_->port()),
                                   grpc::InsecureChannelCredentials(), arguments);
}

absl::StatusOr<v1::EnrolResponse> ServerTest::Enrol(const std::string& code) {
  const absl::StatusOr<v1::EnrolmentCode> decoded = DecodeEnrolmentCode(code);
  if (!decoded.ok()) return decoded.status();
  v1::EnrolRequest request;
  request.set_secret(decoded->secret());
  request.set_device_id(MintId("dev", clock_, random_));
  request.set_label("test device");
  return ApiClient(NewChannel())(&v1::EnrolmentService::Stub::Enrol, request);
}

Member ServerTest::MemberOfCode(const std::string& code) {
  absl::StatusOr<v1::EnrolResponse> enrolled = Enrol(code);
  EXPECT_OK(enrolled);
  if (!enrolled.ok()) return {"", {}, ApiClient(NewChannel()), {}};
  Caller caller;
  caller.membership = enrolled->membership();
  caller.grant.programme_id = enrolled->membership().programme_id();
  caller.grant.person_id = enrolled->membership().person_id();
  return {enrolled->membership().person_id(), enrolled->membership(),
          ApiClient(NewChannel(), enrolled->credential()), caller};
}

Member ServerTest::NewMember(Member& administrator, v1::Role role, const std::string& team_id,
                             const v1::Scope& scope) {
  v1::Record record;
  v1::Person& person = *record.mutable_person();
  person.set_display_name(absl::StrCat("Person with ", v1::Role_Name(role)));
  person.set_role(role);
  if (!team_id.empty()) person.set_team_id(team_id);
  *person.mutable_scope() = scope;
  v1::CreateEnrolmentCodeRequest request;
  request.set_parent("programmes/" + administrator.membership.programme_id());
  request.set_person_id(Create(administrator, record));
  const auto code = administrator.api(&v1::EnrolmentService::Stub::CreateEnrolmentCode, request);
  EXPECT_OK(code);
  return MemberOfCode(code.ok() ? code->code() : "");
}

std::string ServerTest::Create(Member& administrator, const v1::Record& record) {
  v1::CreateRecordRequest request;
  request.set_parent("programmes/" + administrator.membership.programme_id());
  *request.mutable_record() = record;
  const auto created = administrator.api(&v1::ProgrammeService::Stub::CreateRecord, request);
  EXPECT_OK(created);
  return created.ok() ? created->record_id() : "";
}

std::string ServerTest::CreateTeam(Member& administrator, const std::string& title) {
  v1::Record record;
  record.mutable_team()->set_title(title);
  return Create(administrator, record);
}

std::string ServerTest::CreateIssue(Member& administrator, const std::string& title) {
  v1::Record record;
  v1::LocalText& text = *record.mutable_issue()->mutable_title()->add_values();
  text.set_text(title);
  text.set_language("en");
  return Create(administrator, record);
}

void ServerTest::MakeTwoTeams() {
  administrator_ = MemberOfCode(made_.code);
  team_ = CreateTeam(*administrator_, "Kilifi team");
  other_ = CreateTeam(*administrator_, "Kwale team");
  issue_ = CreateIssue(*administrator_, "Water");
}

std::string ServerTest::CreateIndicator() {
  v1::Record record;
  record.mutable_indicator()->add_issue_ids(issue_);
  return Create(*administrator_, record);
}

void ServerTest::Settle() {
  ProgrammeHost* host = server_->host(made_.programme_id);
  ASSERT_NE(host, nullptr);
  ASSERT_OK_AND_ASSIGN(const int64_t position, host->store().LogPosition());
  std::mutex mutex;
  std::condition_variable changed;
  bool done = false;
  host->WaitFor(position, absl::Minutes(1), [&](const absl::Status& status) {
    EXPECT_OK(status);
    std::lock_guard<std::mutex> lock(mutex);
    done = true;
    changed.notify_one();
  });
  std::unique_lock<std::mutex> lock(mutex);
  changed.wait(lock, [&] { return done; });
}

std::vector<v1::ReviewItem> ServerTest::ReviewQueueOf(Member& member) {
  v1::ListReviewQueueRequest request;
  request.set_parent(parent());
  const auto queue = member.api(&v1::ReviewService::Stub::ListReviewQueue, request);
  EXPECT_OK(queue);
  if (!queue.ok()) return {};
  return {queue->items().begin(), queue->items().end()};
}

std::string ServerTest::Log() {
  MutexLock lock(log_mutex_);
  return log_text_;
}

v1::Scope ServerTest::ProgrammeScope() {
  v1::Scope scope;
  scope.set_programme(true);
  return scope;
}

v1::Scope ServerTest::TeamScope(const std::string& team_id) {
  v1::Scope scope;
  scope.set_team_id(team_id);
  return scope;
}

}  // namespace baraza::server
