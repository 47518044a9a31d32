// Operations whose header or outer form is bad, each in one way.

#include <gtest/gtest.h>

#include <functional>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/strings/str_cat.h"
#include "core/model/limits.h"
#include "core/model/validate.h"
#include "google/protobuf/stubs/logging.h"
#include "tests/bad_input/inputs.h"
#include "tests/bad_input/operations.h"

namespace baraza::bad_input {
namespace {

const google::protobuf::LogSilencer silence;

const absl::btree_set<v1::Role> kRoles = {v1::ROLE_COLLECTOR, v1::ROLE_ME_OFFICER};

// The second operation of a report.
v1::Header GoodHeader() {
  v1::Header header = HeaderOf(v1::RECORD_TYPE_SESSION_REPORT, Id("rep", 2), v1::ROLE_COLLECTOR);
  header.set_op_id(Id("op", 5));
  header.set_lamport(2);
  header.add_parent_op_ids(header.record_id());
  return header;
}

v1::WireOperation Wire(const v1::Header& header) {
  v1::SessionReport report;
  report.set_held_status(v1::HELD_STATUS_HELD);
  v1::Delta delta;
  delta.set_record(report.SerializeAsString());
  return WireOf(header, v1::PRIVACY_PROGRAMME, delta);
}

// Each function below makes the bad operations of one kind; together they are the table of one
// parser.
class BadOperationTest : public ::testing::Test {
 protected:
  // `start` is that of what was expected.
  void Expect(const v1::WireOperation& wire, v1::RejectionReason reason, const std::string& field,
              const std::string& start, const std::string& what) {
    inputs_.Add(wire.SerializeAsString());
    ExpectRejected(wire, Grant(kRoles), reason, field, start, what);
  }

  void ExpectHeader(const std::function<void(v1::Header&)>& spoil, v1::RejectionReason reason,
                    const std::string& field, const std::string& start, const std::string& what) {
    v1::Header header = GoodHeader();
    spoil(header);
    Expect(Wire(header), reason, field, start, what);
  }

  void EachIdOfAHeaderInEachWayThatItCanBeWrong();
  void EachOtherFieldOfAHeader();
  void ARedactionThatIsNone();
  void PartsOfAnotherForm();
  void BytesThatBreakOff();

  Inputs inputs_;
};

TEST_F(BadOperationTest, TheGoodOneIsTaken) {
  Operation parsed;
  const auto rejection = JudgeOperation(Wire(GoodHeader()), Grant(kRoles), &parsed);
  EXPECT_FALSE(rejection.has_value()) << rejection->message;
}

void BadOperationTest::EachIdOfAHeaderInEachWayThatItCanBeWrong() {
  const struct {
    const char* field;
    const char* prefix;
    void (*set)(v1::Header&, const std::string&);
    bool may_be_empty;
  } ids[] = {
      {"header.record_id", "rep", [](v1::Header& h, const std::string& id) { h.set_record_id(id); },
       false},
      {"header.op_id", "op", [](v1::Header& h, const std::string& id) { h.set_op_id(id); }, false},
      {"header.programme_id", "prg",
       [](v1::Header& h, const std::string& id) { h.set_programme_id(id); }, false},
      {"header.author_id", "per", [](v1::Header& h, const std::string& id) { h.set_author_id(id); },
       false},
      {"header.team_id", "tem", [](v1::Header& h, const std::string& id) { h.set_team_id(id); },
       true},
  };
  for (const auto& id : ids) {
    const std::string expected =
        absl::StrCat("an id of the form ", id.prefix, "_ and 26 characters");
    std::vector<std::string> bad = {"x",
                                    "drf_",
                                    Id("drf", 1),
                                    absl::StrCat(Id(id.prefix, 1), "0"),
                                    absl::StrCat(" ", Id(id.prefix, 1)),
                                    absl::StrCat(Id(id.prefix, 1), "\n"),
                                    std::string(5000, 'a')};
    if (!id.may_be_empty) bad.push_back("");
    // No two of its characters are the same.
    const std::string good = absl::StrCat(id.prefix, "_01k7v8xq9hf5r2mz3c4de6gajn");
    // A character too many or another one at every place.
    for (size_t at = 0; at < good.size(); ++at) {
      for (const char c : std::string("U/!")) {
        std::string other = good;
        other[at] = c;
        bad.push_back(other);
      }
      bad.push_back(std::string(good).erase(at, 1));
    }
    for (const std::string& value : bad) {
      ExpectHeader([&](v1::Header& header) { id.set(header, value); },
                   v1::REJECTION_REASON_INVALID_VALUE, id.field, expected, value);
    }
    ExpectHeader([&](v1::Header& header) { id.set(header, "\xFF"); },
                 v1::REJECTION_REASON_INVALID_UTF8, id.field, "UTF-8", "not UTF-8");
  }
}

void BadOperationTest::EachOtherFieldOfAHeader() {
  using H = v1::Header;
  const auto invalid = v1::REJECTION_REASON_INVALID_VALUE;
  const auto large = v1::REJECTION_REASON_TOO_LARGE;
  const auto not_authorised = v1::REJECTION_REASON_NOT_AUTHORISED;
  ExpectHeader([](H& h) { h.clear_record_type(); }, invalid, "header.record_type", "a record type",
               "");
  for (const int type : {19, 77, 1'000'000, -1}) {
    ExpectHeader(
        [type](H& h) {
          h.set_record_type(static_cast<v1::RecordType>(type));
          h.set_record_id(Id("new", 1));
          h.set_parent_op_ids(0, Id("new", 1));
        },
        v1::REJECTION_REASON_SCHEMA_LEVEL, "header.record_type", "a record type of schema level 1",
        absl::StrCat("type ", type));
    ExpectHeader([type](H& h) { h.set_record_type(static_cast<v1::RecordType>(type)); }, invalid,
                 "header.record_id", "an id with the prefix of the record's type",
                 absl::StrCat("type ", type));
  }
  for (int type = 1; type <= 18; ++type) {
    if (type == v1::RECORD_TYPE_SESSION_REPORT) continue;
    ExpectHeader([type](H& h) { h.set_record_type(static_cast<v1::RecordType>(type)); }, invalid,
                 "header.record_id", "an id of the form ", absl::StrCat("type ", type));
  }
  for (const uint64_t lamport : {uint64_t{0}, kMaxLamport + 1, ~uint64_t{0}}) {
    ExpectHeader([=](H& h) { h.set_lamport(lamport); }, invalid, "header.lamport", "1 to 2^48", "");
  }
  ExpectHeader([](H& h) { h.set_schema_level(0); }, invalid, "header.schema_level", "at least 1",
               "");
  ExpectHeader([](H& h) { h.clear_parent_op_ids(); }, invalid, "header.parent_op_ids",
               "at least one", "");
  ExpectHeader([](H& h) { h.set_op_id(h.record_id()); }, invalid, "header.parent_op_ids",
               "none for the creating operation", "");
  ExpectHeader([](H& h) { h.set_parent_op_ids(0, h.op_id()); }, invalid, "header.parent_op_ids",
               "other operations", "");
  ExpectHeader([](H& h) { h.add_parent_op_ids(h.parent_op_ids(0)); }, invalid,
               "header.parent_op_ids", "ids ascending, each once", "");
  ExpectHeader([](H& h) { h.add_parent_op_ids(Id("op", 1)); }, invalid, "header.parent_op_ids",
               "ids ascending, each once", "");
  ExpectHeader([](H& h) { h.set_parent_op_ids(0, "x"); }, invalid, "header.parent_op_ids",
               "an id of the form op_", "");
  ExpectHeader([](H& h) { h.set_parent_op_ids(0, Id("rep", 9)); }, invalid, "header.parent_op_ids",
               "an id of the form op_", "");
  for (const int count : {65, 66, 1000, 1700}) {
    ExpectHeader(
        [count](H& h) {
          h.clear_parent_op_ids();
          for (int i = 0; i < count; ++i) h.add_parent_op_ids(Id("op", 1));
        },
        large, "header.parent_op_ids", "at most 64", "");
  }
  ExpectHeader([](H& h) { h.add_redactions()->set_op_id(Id("op", 1)); }, invalid,
               "header.redactions", "an operation of its own, without parts", "");
  // Whose it says it is.
  ExpectHeader([](H& h) { h.set_programme_id(Id("prg", 2)); }, not_authorised,
               "header.programme_id", "the credential's programme", "");
  ExpectHeader([](H& h) { h.set_author_id(Id("per", 2)); }, not_authorised, "header.author_id",
               "the credential's person", "");
  ExpectHeader([](H& h) { h.set_team_id(Id("tem", 2)); }, not_authorised, "header.team_id",
               "a team that the person was in", "");
  ExpectHeader([](H& h) { h.clear_team_id(); }, not_authorised, "header.team_id",
               "a team that the person was in", "");
  for (const int role : {0, 2, 4, 5, 6, 77}) {
    ExpectHeader([role](H& h) { h.set_author_role(static_cast<v1::Role>(role)); }, not_authorised,
                 "header.author_role", "a role that writes and was granted", absl::StrCat(role));
  }
}

void BadOperationTest::ARedactionThatIsNone() {
  const auto redaction = [](const std::function<void(v1::Header&)>& spoil) {
    v1::Header header = GoodHeader();
    header.set_author_role(v1::ROLE_ME_OFFICER);
    v1::Redaction& one = *header.add_redactions();
    one.set_op_id(header.record_id());
    one.add_classes(v1::PRIVACY_TEAM);
    spoil(header);
    v1::WireOperation wire = Wire(header);
    wire.clear_parts();
    return wire;
  };
  const auto invalid = v1::REJECTION_REASON_INVALID_VALUE;
  Expect(redaction([](v1::Header& h) { h.mutable_redactions(0)->set_op_id("x"); }), invalid,
         "header.redactions.op_id", "an id of the form op_", "");
  Expect(redaction([](v1::Header& h) { h.mutable_redactions(0)->clear_classes(); }), invalid,
         "header.redactions.classes", "at least one class", "");
  for (const int privacy : {0, 4, 5, -1, 77}) {
    Expect(redaction([=](v1::Header& h) {
             h.mutable_redactions(0)->set_classes(0, static_cast<v1::Privacy>(privacy));
           }),
           invalid, "header.redactions.classes", "PUBLIC, PROGRAMME or TEAM",
           absl::StrCat(privacy));
  }
  Expect(redaction([](v1::Header& h) {
           for (int i = 0; i < 1000; ++i) h.add_redactions()->set_op_id(Id("op", 1));
         }),
         v1::REJECTION_REASON_TOO_LARGE, "header.redactions", "at most 1000", "");
  Expect(redaction([](v1::Header& h) { h.set_author_role(v1::ROLE_COLLECTOR); }),
         v1::REJECTION_REASON_NOT_AUTHORISED, "header.redactions",
         "an M&E officer or administrator", "");
}

void BadOperationTest::PartsOfAnotherForm() {
  const auto malformed = v1::REJECTION_REASON_MALFORMED;
  for (const int privacy : {0, 4, 5, -1, 77}) {
    v1::WireOperation wire = Wire(GoodHeader());
    wire.mutable_parts(0)->set_privacy(static_cast<v1::Privacy>(privacy));
    Expect(wire, malformed, "parts.privacy", "PUBLIC, PROGRAMME or TEAM", absl::StrCat(privacy));
  }
  for (const v1::Privacy second : {v1::PRIVACY_PUBLIC, v1::PRIVACY_PROGRAMME}) {
    v1::WireOperation wire = Wire(GoodHeader());
    *wire.add_parts() = wire.parts(0);
    wire.mutable_parts(1)->set_privacy(second);
    Expect(wire, malformed, "parts.privacy", "parts ascending by class, one for each", "");
  }
  v1::WireOperation neither = Wire(GoodHeader());
  neither.mutable_parts(0)->clear_delta();
  Expect(neither, malformed, "parts", "either a delta or the hash of an erased one", "neither");
  v1::WireOperation both = Wire(GoodHeader());
  both.mutable_parts(0)->set_redacted_sha256(std::string(32, 'h'));
  Expect(both, malformed, "parts", "either a delta or the hash of an erased one", "both");
  for (size_t size = 1; size < 70; ++size) {
    if (size == 32) continue;
    v1::WireOperation wire = Wire(GoodHeader());
    wire.mutable_parts(0)->clear_delta();
    wire.mutable_parts(0)->set_redacted_sha256(std::string(size, 'h'));
    Expect(wire, malformed, "parts.redacted_sha256", "32 bytes", absl::StrCat(size));
  }
  v1::WireOperation none = Wire(GoodHeader());
  none.clear_parts();
  Expect(none, v1::REJECTION_REASON_INVALID_VALUE, "parts", "a change", "");
  v1::WireOperation headless = Wire(GoodHeader());
  headless.clear_header();
  Expect(headless, malformed, "header", "a serialized Header", "");
  for (const size_t size : {kMaxOperationBytes + 1, 2 * kMaxOperationBytes}) {
    v1::WireOperation wire = Wire(GoodHeader());
    wire.mutable_parts(0)->set_delta(std::string(size, 'x'));
    Expect(wire, v1::REJECTION_REASON_TOO_LARGE, "", "at most 65536 bytes", "");
  }
}

// Wherever header, delta or record break off inside a field, that is what is said.
void BadOperationTest::BytesThatBreakOff() {
  const v1::WireOperation good = Wire(GoodHeader());
  for (size_t size = 1; size < good.header().size(); ++size) {
    if (v1::Header().ParseFromString(good.header().substr(0, size))) continue;
    v1::WireOperation wire = good;
    wire.mutable_header()->resize(size);
    Expect(wire, v1::REJECTION_REASON_MALFORMED, "header", "a serialized message",
           absl::StrCat(size));
  }
  for (const char* bytes :
       {"\xFF", "\x0A", "\x0A\x05", "\x08\xFF", "\x0B", "\x0F", "\x0D\x01", "\x09\x01"}) {
    v1::WireOperation wire = good;
    wire.mutable_parts(0)->set_delta(bytes);
    Expect(wire, v1::REJECTION_REASON_MALFORMED, "delta", "a serialized message", bytes);
    v1::Delta delta;
    delta.set_record(bytes);
    wire.mutable_parts(0)->set_delta(delta.SerializeAsString());
    Expect(wire, v1::REJECTION_REASON_MALFORMED, "delta.record", "a serialized record", bytes);
  }
}

// Some sixty rules: six of an id for each of its fields, those of each other field, of redactions,
// of parts and of the bytes; the rest is the same rule broken at another place.
TEST_F(BadOperationTest, EachIsRejectedForItsRule) {
  EachIdOfAHeaderInEachWayThatItCanBeWrong();
  EachOtherFieldOfAHeader();
  ARedactionThatIsNone();
  PartsOfAnotherForm();
  BytesThatBreakOff();
  inputs_.ExpectEnough();
}

}  // namespace
}  // namespace baraza::bad_input
