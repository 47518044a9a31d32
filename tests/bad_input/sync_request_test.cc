// Sync requests that break the protocol or contradict what the server knows, as they come over the
// line: what is packed is unpacked first.

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/base/brotli.h"
#include "core/model/limits.h"
#include "core/model/operation_batch.h"
#include "core/model/record_types.h"
#include "google/protobuf/stubs/logging.h"
#include "sync_server/limits.h"
#include "tests/bad_input/bad_records.h"
#include "tests/bad_input/inputs.h"
#include "tests/bad_input/operations.h"
#include "tests/testing/temp_dir.h"
#include "tests/unit/sync_server/testing/programme_fixture.h"

namespace baraza::bad_input {
namespace {

using server::Caller;
using server::testing::MemberOf;
using server::testing::ProgrammeServer;
using server::testing::Report;
using server::testing::TestDevice;
using server::testing::TestId;

const google::protobuf::LogSilencer silence;

constexpr uint64_t kGreatestSeq = std::numeric_limits<int64_t>::max();

class BadSyncRequestTest : public ::testing::Test {
 protected:
  BadSyncRequestTest() {
    for (uint64_t n = 1; n <= 3; ++n) phone_.Capture(Report(n));
    // Bob's phone is known to the server, and has three of its four operations there.
    for (uint64_t n = 4; n <= 6; ++n) other_.Capture(Report(n));
    server_.Pull(other_);
    log_ = server_.Push(other_).acknowledged_device_seq();
    other_.Capture(Report(7));
    server_.Pull(other_);
  }

  // As SyncService does it.
  absl::StatusOr<v1::SyncResponse> Serve(v1::SyncRequest request, const Caller& caller) {
    if (absl::Status status = UnpackOperations(server::kMaxMessageBytes, request); !status.ok()) {
      return status;
    }
    return server_.Handle(request, caller);
  }

  void Add(const v1::SyncRequest& request, const Caller& caller) {
    inputs_.Add(absl::StrCat(request.SerializeAsString(), " by ", caller.grant.person_id, " of ",
                             caller.grant.programme_id, caller.suspended ? ", suspended" : ""));
  }

  void ExpectNothingTaken(const std::string& what) {
    const absl::StatusOr<int64_t> position = server_.store().LogPosition();
    ASSERT_TRUE(position.ok()) << position.status();
    EXPECT_EQ(static_cast<uint64_t>(*position), log_) << what;
  }

  // The request is refused as a whole.
  void ExpectError(const v1::SyncRequest& request, const Caller& caller, absl::StatusCode code,
                   const std::string& message) {
    Add(request, caller);
    EXPECT_EQ(Serve(request, caller).status(), absl::Status(code, message));
    ExpectNothingTaken(message);
  }
  void ExpectInvalid(const v1::SyncRequest& request, const std::string& message) {
    ExpectError(request, alice_, absl::StatusCode::kInvalidArgument,
                absl::StrCat("SyncRequest: ", message));
  }

  // It is answered with a directive, and with no result.
  void ExpectDirective(const v1::SyncRequest& request, const Caller& caller,
                       v1::DeviceDirective directive, const std::string& what) {
    Add(request, caller);
    const absl::StatusOr<v1::SyncResponse> response = Serve(request, caller);
    ASSERT_TRUE(response.ok()) << what << ": " << response.status();
    EXPECT_EQ(v1::DeviceDirective_Name(response->directive()), v1::DeviceDirective_Name(directive))
        << what;
    EXPECT_EQ(response->results_size(), 0) << what;
    EXPECT_EQ(response->feed_size(), 0) << what;
    ExpectNothingTaken(what);
  }

  void DeviceIdsThatAreNone();
  void IncarnationsOfAnotherLength();
  void StatesThatAreTooLarge();
  void NumbersOutOfOrder();
  void PackedOperationsThatAreNone();
  void VersionsThatAreNotSpoken();
  void CallersWhoMayNot();
  void DatabasesThatAreCopies();
  void CursorsOfAnotherFeed();

  test::TempDir folder_;
  ProgrammeServer server_{folder_.File("programme.db")};
  const Caller alice_ = MemberOf(1, 1);
  const Caller bob_ = MemberOf(2, 2);
  TestDevice phone_{1, alice_};
  TestDevice other_{2, bob_};
  uint64_t log_ = 0;
  Inputs inputs_;
};

void BadSyncRequestTest::DeviceIdsThatAreNone() {
  // No two of its characters are the same.
  const std::string good = "dev_01k7v8xq9hf5r2mz3c4de6gajn";
  const auto expect = [this](const std::string& id, const std::string& start) {
    v1::SyncRequest request = phone_.Request();
    request.set_device_id(id);
    Add(request, alice_);
    const absl::Status status = Serve(request, alice_).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << id;
    EXPECT_TRUE(absl::StartsWith(status.message(), absl::StrCat("SyncRequest: device_id: ", start)))
        << id << ": " << status;
    ExpectNothingTaken(id);
  };
  const std::string form = "expected an id of the form dev_ and 26 characters, got ";
  for (const std::string& id :
       {std::string(), std::string("phone"), std::string("dev_"), std::string("_"),
        TestId("rep", 1), TestId("Dev", 1), good + "0", " " + good, std::string(5000, 'd')}) {
    expect(id, form);
  }
  for (size_t at = 0; at < good.size(); ++at) {
    expect(std::string(good).erase(at, 1), form);
    for (const char c : std::string("U/!")) {
      std::string id = good;
      id[at] = c;
      expect(id, at < 4 ? form : "id suffix: expected ");
    }
  }
}

void BadSyncRequestTest::IncarnationsOfAnotherLength() {
  for (size_t size = 0; size <= 64; ++size) {
    if (size == 16) continue;
    v1::SyncRequest request = phone_.Request();
    request.set_database_incarnation(std::string(size, 'i'));
    ExpectInvalid(request, absl::StrCat("database_incarnation: expected 16 bytes, got ", size));
  }
}

void BadSyncRequestTest::StatesThatAreTooLarge() {
  for (size_t size = 510; size < 550; ++size) {
    v1::SyncRequest request = phone_.Request();
    request.mutable_state()->set_software_version(std::string(size, 'v'));
    // Tag and length take three bytes.
    ExpectInvalid(request, absl::StrCat("state: expected <= 512 bytes, got ", size + 3));
    // What else is in it counts as well.
    request.mutable_state()->set_software_version(std::string(size - 4, 'v'));
    request.mutable_state()->set_outbox_depth(1);
    request.mutable_state()->set_quarantine_depth(1);
    ExpectInvalid(request, absl::StrCat("state: expected <= 512 bytes, got ", size + 3));
  }
}

void BadSyncRequestTest::NumbersOutOfOrder() {
  TestDevice phone(1, alice_);
  for (int length = 1; length <= 7; ++length) {
    phone.Capture(Report(static_cast<uint64_t>(length)));
    for (int at = 0; at < length; ++at) {
      // Its number is to be more than the one before, which is `at`.
      std::vector<uint64_t> bad = {0, kGreatestSeq + 1, kGreatestSeq + 7,
                                   std::numeric_limits<uint64_t>::max()};
      for (uint64_t before = 1; before <= static_cast<uint64_t>(at); ++before) {
        bad.push_back(before);
      }
      for (const uint64_t number : bad) {
        v1::SyncRequest request = phone.Request();
        request.mutable_operations(at)->set_device_seq(number);
        const std::string message = absl::StrCat(
            "operations.device_seq: expected ascending, more than ", at, ", got ", number);
        ExpectInvalid(request, message);
        // In a packed batch it is the same.
        PackOperations(request);
        ExpectInvalid(request, message);
      }
      if (at + 1 == length) continue;
      // It is good in itself, and the next one is not.
      for (const uint64_t number : {uint64_t{100}, kGreatestSeq}) {
        v1::SyncRequest request = phone.Request();
        request.mutable_operations(at)->set_device_seq(number);
        ExpectInvalid(request, absl::StrCat("operations.device_seq: expected ascending, more than ",
                                            number, ", got ", at + 2));
      }
    }
  }
}

void BadSyncRequestTest::PackedOperationsThatAreNone() {
  const auto packed = [this](const std::string& bytes) {
    v1::SyncRequest request = phone_.Request();
    request.clear_operations();
    request.set_packed_operations(bytes);
    return request;
  };
  v1::SyncRequest good = phone_.Request();
  PackOperations(good);
  const std::string stream = good.packed_operations();
  for (size_t size = 1; size < stream.size(); size += 3) {
    ExpectInvalid(packed(stream.substr(0, size)),
                  "packed_operations: brotli: expected a whole stream, got its beginning");
  }
  for (size_t more = 1; more <= 20; ++more) {
    ExpectInvalid(packed(stream + std::string(more, '\0')),
                  absl::StrCat("packed_operations: brotli: expected one stream, got ", more,
                               " bytes after it"));
  }
  for (int beside = 1; beside <= 3; ++beside) {
    v1::SyncRequest both = good;
    for (int i = 0; i < beside; ++i) *both.add_operations() = phone_.operations()[i];
    ExpectInvalid(both, "packed_operations: expected operations in one form, got both forms");
  }
  for (const std::string& bytes :
       {std::string("\xFF\xFF\xFF"), std::string("{\"operations\":[]}"), std::string(20, '\xFE'),
        std::string(40, '\xFF'), phone_.operations()[0].SerializeAsString()}) {
    ExpectInvalid(packed(bytes), "packed_operations: brotli: expected a stream, got other bytes");
  }
  // A stream of something else: a batch that breaks off inside a field, a field number 0, groups.
  v1::OperationBatch batch;
  for (const v1::WireOperation& wire : phone_.operations()) *batch.add_operations() = wire;
  const std::string whole = batch.SerializeAsString();
  std::vector<std::string> others = {"\xFF", std::string("\0", 1), "\x0B", "\x0F", "\x0A\x7F"};
  for (size_t size = 1; size < whole.size(); size += 5) {
    if (!v1::OperationBatch().ParseFromString(whole.substr(0, size))) {
      others.push_back(whole.substr(0, size));
    }
  }
  for (const std::string& bytes : others) {
    ExpectInvalid(packed(BrotliCompress(bytes, BrotliEffort::kQuick)),
                  absl::StrCat("packed_operations: expected a serialized OperationBatch, got ",
                               bytes.size(), " bytes that do not parse"));
  }
  // Small on the line and large in memory.
  for (const size_t more : {1, 100, 4'000'000}) {
    const std::string bomb(server::kMaxMessageBytes + more, '\0');
    ExpectError(packed(BrotliCompress(bomb, BrotliEffort::kQuick)), alice_,
                absl::StatusCode::kResourceExhausted,
                absl::StrCat("SyncRequest: packed_operations: brotli: expected at most ",
                             server::kMaxMessageBytes, " bytes, got more"));
  }
}

void BadSyncRequestTest::VersionsThatAreNotSpoken() {
  static_assert(kProtocolVersion == 1 && kSchemaLevel == 1 && kMinSchemaLevel == 1);
  for (const uint32_t protocol : {0u, 1u, 2u, 0xFFFFFFFFu}) {
    for (const uint32_t level : {0u, 1u, 2u}) {
      for (const uint32_t least : {0u, 1u, 2u, 0xFFFFFFFFu}) {
        for (const uint32_t most : {0u, 1u, 2u}) {
          if (protocol == 1 && level >= 1 && least <= 1 && most >= 1) continue;
          v1::SyncRequest request = phone_.Request();
          request.set_protocol_version(protocol);
          request.set_schema_level(level);
          request.set_min_schema_level(least);
          request.set_max_schema_level(most);
          ExpectDirective(request, alice_, v1::DEVICE_DIRECTIVE_UPDATE_SOFTWARE,
                          absl::StrCat(protocol, " ", level, " ", least, " ", most));
        }
      }
    }
  }
}

void BadSyncRequestTest::CallersWhoMayNot() {
  for (uint64_t programme = 2; programme < 12; ++programme) {
    Caller caller = alice_;
    caller.grant.programme_id = TestId("prg", programme);
    ExpectError(phone_.Request(), caller, absl::StatusCode::kPermissionDenied,
                "the credential is another programme's");
  }
  // A device that is Bob's, with something to say, with nothing, and with nothing new.
  for (uint64_t person = 3; person < 8; ++person) {
    for (const uint64_t after : {0, 3, 4}) {
      ExpectError(other_.Request(after), MemberOf(person, 2), absl::StatusCode::kPermissionDenied,
                  absl::StrCat(other_.device_id(),
                               ": this device id belongs to another person. Sync with that person's"
                               " credential, or enrol a new database for the person who uses the"
                               " device now"));
    }
  }
}

void BadSyncRequestTest::DatabasesThatAreCopies() {
  const v1::SyncRequest good = other_.Request();
  for (size_t at = 0; at < good.database_incarnation().size(); ++at) {
    v1::SyncRequest request = good;
    (*request.mutable_database_incarnation())[at] = '\xFF';
    ExpectDirective(request, bob_, v1::DEVICE_DIRECTIVE_TAKE_NEW_DEVICE_ID, "another incarnation");
  }
  // Other operations under numbers that the server has, one or several of them.
  for (int which = 1; which < 8; ++which) {
    v1::SyncRequest request = good;
    for (int i = 0; i < 3; ++i) {
      if ((which >> i & 1) != 0) request.mutable_operations(i)->set_header("another");
    }
    ExpectDirective(request, bob_, v1::DEVICE_DIRECTIVE_TAKE_NEW_DEVICE_ID,
                    absl::StrCat("other operations ", which));
  }
}

// A cursor that the server did not give is no error: the feed starts anew, and says so.
void BadSyncRequestTest::CursorsOfAnotherFeed() {
  const v1::SyncRequest good = other_.Request(4);
  {
    const absl::StatusOr<v1::SyncResponse> response = Serve(good, bob_);
    ASSERT_TRUE(response.ok()) << response.status();
    ASSERT_FALSE(response->feed_reset());
  }
  const auto expect = [&](const std::function<void(v1::Cursor&)>& spoil, const std::string& what) {
    v1::SyncRequest request = good;
    spoil(*request.mutable_cursor());
    Add(request, bob_);
    const absl::StatusOr<v1::SyncResponse> response = Serve(request, bob_);
    ASSERT_TRUE(response.ok()) << what << ": " << response.status();
    EXPECT_TRUE(response->feed_reset()) << what;
    EXPECT_EQ(response->next_cursor().epoch(), server_.store().epoch()) << what;
  };
  const std::string epoch = good.cursor().epoch();
  for (size_t at = 0; at < epoch.size(); ++at) {
    expect([&](v1::Cursor& cursor) { (*cursor.mutable_epoch())[at] = '!'; }, "epoch");
  }
  const std::string scope = good.cursor().scope_hash();
  for (size_t at = 0; at < scope.size(); ++at) {
    expect(
        [&](v1::Cursor& cursor) {
          (*cursor.mutable_scope_hash())[at] = static_cast<char>(~scope[at]);
        },
        "scope_hash");
    expect([&](v1::Cursor& cursor) { cursor.mutable_scope_hash()->resize(at); }, "scope_hash");
  }
  for (const uint32_t level : {0u, 2u, 77u}) {
    expect([&](v1::Cursor& cursor) { cursor.set_schema_level(level); }, "schema_level");
  }
  for (const int64_t position : {int64_t{-1}, int64_t{-77}, std::numeric_limits<int64_t>::min()}) {
    expect([&](v1::Cursor& cursor) { cursor.set_position(position); }, "position");
  }
}

// Some thirty rules: the form and the place of each field, who may, and what contradicts what the
// server knows. Most inputs break one of them at another place.
TEST_F(BadSyncRequestTest, EachIsAnsweredForItsRuleAndNothingIsTaken) {
  DeviceIdsThatAreNone();
  IncarnationsOfAnotherLength();
  StatesThatAreTooLarge();
  NumbersOutOfOrder();
  PackedOperationsThatAreNone();
  VersionsThatAreNotSpoken();
  CallersWhoMayNot();
  DatabasesThatAreCopies();
  CursorsOfAnotherFeed();
  inputs_.ExpectEnough();

  // After all of it the devices go on.
  EXPECT_EQ(server_.Push(phone_).acknowledged_device_seq(), 3u);
  EXPECT_EQ(server_.Push(other_).acknowledged_device_seq(), 4u);
}

// Each record with one bad value, between good ones: it has its result, and they are taken.
TEST_F(BadSyncRequestTest, ABadOperationDoesNotFailItsNeighbours) {
  constexpr size_t kPerRequest = 40;
  Caller caller = MemberOf(1, 1);
  caller.grant.roles = {v1::ROLE_ADMINISTRATOR, v1::ROLE_COLLECTOR};
  TestDevice phone(7, caller);
  const std::vector<BadRecord>& bad = BadRecords();
  uint64_t taken = 0;
  for (size_t first = 0; first < bad.size(); first += kPerRequest) {
    const uint64_t before = phone.operations().size();
    const size_t end = std::min(first + kPerRequest, bad.size());
    for (size_t i = first; i < end; ++i) {
      phone.Capture(Report(i));
      v1::Delta delta;
      delta.set_record(bad[i].record->SerializeAsString());
      const std::string id = TestId(IdPrefixOf(bad[i].type), 9'000'000 + i);
      phone.AppendWire(
          WireOf(HeaderOf(bad[i].type, id, v1::ROLE_ADMINISTRATOR), v1::PRIVACY_TEAM, delta));
      inputs_.Add(phone.operations().back().SerializeAsString());
    }
    phone.Capture(Report(end));
    const absl::StatusOr<v1::SyncResponse> response = Serve(phone.Request(before), caller);
    ASSERT_TRUE(response.ok()) << response.status();
    ASSERT_EQ(static_cast<size_t>(response->results_size()), 2 * (end - first) + 1);
    for (int i = 0; i < response->results_size(); i += 2) {
      EXPECT_EQ(response->results(i).outcome(), v1::OPERATION_OUTCOME_ACCEPTED) << i;
      ++taken;
    }
    for (size_t i = first; i < end; ++i) {
      const v1::OperationResult& result = response->results(static_cast<int>(2 * (i - first) + 1));
      const std::string what =
          absl::StrCat(RecordTypeName(bad[i].type), ".", bad[i].path, ": ", bad[i].rule);
      EXPECT_EQ(result.outcome(), v1::OPERATION_OUTCOME_REJECTED) << what;
      EXPECT_EQ(v1::RejectionReason_Name(result.reason()), v1::RejectionReason_Name(bad[i].reason))
          << what;
      EXPECT_EQ(result.field(), bad[i].path) << what;
      EXPECT_TRUE(absl::StrContains(result.message(),
                                    absl::StrCat(": expected ", bad[i].expected, ", got ")))
          << what << ": " << result.message();
    }
    EXPECT_EQ(response->acknowledged_device_seq(), phone.operations().size());
  }
  const absl::StatusOr<int64_t> position = server_.store().LogPosition();
  ASSERT_TRUE(position.ok()) << position.status();
  EXPECT_EQ(static_cast<uint64_t>(*position), log_ + taken);
  inputs_.ExpectEnough();
}

}  // namespace
}  // namespace baraza::bad_input
