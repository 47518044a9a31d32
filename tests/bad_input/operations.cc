#include "tests/bad_input/operations.h"

#include <gtest/gtest.h>

#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/base/ids.h"
#include "core/model/limits.h"

namespace baraza::bad_input {

std::string Id(absl::string_view prefix, uint8_t number) {
  Uuid uuid{};
  uuid[15] = number;
  return absl::StrCat(prefix, "_", EncodeIdSuffix(uuid));
}

AuthorGrant Grant(absl::btree_set<v1::Role> roles) {
  return {.programme_id = Id("prg", 1),
          .person_id = Id("per", 1),
          .team_ids = {Id("tem", 1)},
          .roles = std::move(roles)};
}

v1::Header HeaderOf(v1::RecordType type, const std::string& record_id, v1::Role role) {
  const std::string programme = Id("prg", 1);
  // A programme has one record of itself.
  const std::string& id = type == v1::RECORD_TYPE_PROGRAMME ? programme : record_id;
  v1::Header header;
  header.set_record_type(type);
  header.set_record_id(id);
  header.set_op_id(id);
  header.set_programme_id(programme);
  header.set_team_id(Id("tem", 1));
  header.set_author_id(Id("per", 1));
  header.set_author_role(role);
  header.set_lamport(1);
  header.set_schema_level(kSchemaLevel);
  return header;
}

v1::WireOperation WireOf(const v1::Header& header, v1::Privacy privacy, const v1::Delta& delta) {
  v1::WireOperation wire;
  wire.set_device_seq(1);
  wire.set_header(header.SerializeAsString());
  v1::Part& part = *wire.add_parts();
  part.set_privacy(privacy);
  part.set_delta(delta.SerializeAsString());
  return wire;
}

void ExpectRejected(const v1::WireOperation& wire, const AuthorGrant& grant,
                    v1::RejectionReason reason, const std::string& field,
                    const std::string& expected, const std::string& what) {
  Operation parsed;
  const std::optional<Rejection> rejection = JudgeOperation(wire, grant, &parsed);
  ASSERT_TRUE(rejection.has_value()) << what;
  EXPECT_EQ(v1::RejectionReason_Name(rejection->reason), v1::RejectionReason_Name(reason)) << what;
  EXPECT_EQ(rejection->field, field) << what;
  EXPECT_TRUE(absl::StrContains(
      rejection->message,
      absl::StrCat(field.empty() ? "" : absl::StrCat(": ", field), ": expected ", expected)))
      << what << ": " << rejection->message;
}

}  // namespace baraza::bad_input
