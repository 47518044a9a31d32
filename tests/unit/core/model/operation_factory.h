#ifndef BARAZA_TESTS_UNIT_CORE_MODEL_OPERATION_FACTORY_H_
#define BARAZA_TESTS_UNIT_CORE_MODEL_OPERATION_FACTORY_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/base/ids.h"
#include "core/model/merge.h"
#include "core/model/operation.h"
#include "core/model/record_types.h"
#include "core/model/validate.h"

namespace baraza::testing {

// An id that is readable in a failure: the number stands at its end.
inline std::string TestId(absl::string_view prefix, uint32_t number) {
  Uuid uuid{};
  for (int i = 0; i < 4; ++i) uuid[15 - i] = static_cast<uint8_t>(number >> (8 * i));
  return absl::StrCat(prefix, "_", EncodeIdSuffix(uuid));
}

// Somebody who writes.
struct Author {
  std::string person_id;
  std::string team_id;
  v1::Role role = v1::ROLE_COLLECTOR;
};

inline Author Collector() { return {TestId("per", 1), TestId("tem", 1), v1::ROLE_COLLECTOR}; }
inline Author Lead() { return {TestId("per", 2), TestId("tem", 1), v1::ROLE_TEAM_LEAD}; }
inline Author Colleague() { return {TestId("per", 3), TestId("tem", 1), v1::ROLE_COLLECTOR}; }
inline Author Stranger() { return {TestId("per", 4), TestId("tem", 2), v1::ROLE_TEAM_LEAD}; }
inline Author Officer() { return {TestId("per", 5), "", v1::ROLE_ME_OFFICER}; }
inline Author Administrator() { return {TestId("per", 6), "", v1::ROLE_ADMINISTRATOR}; }
inline Author Auditor() { return {TestId("per", 7), "", v1::ROLE_AUDITOR}; }

inline std::string ProgrammeId() { return TestId("prg", 1); }

inline AuthorGrant GrantOf(const Author& author) {
  AuthorGrant grant;
  grant.programme_id = ProgrammeId();
  grant.person_id = author.person_id;
  if (!author.team_id.empty()) grant.team_ids.insert(author.team_id);
  grant.roles.insert(author.role);
  return grant;
}

inline OperationStamp StampFor(const Author& author, v1::RecordType type,
                               const std::string& record_id, const std::string& op_id,
                               uint64_t lamport, std::vector<std::string> parents = {}) {
  OperationStamp stamp;
  stamp.op_id = op_id;
  stamp.record_id = record_id;
  stamp.record_type = type;
  stamp.programme_id = ProgrammeId();
  stamp.team_id = author.team_id;
  stamp.author_id = author.person_id;
  stamp.author_role = author.role;
  stamp.lamport = lamport;
  stamp.parent_op_ids = std::move(parents);
  stamp.device_time_ms = 1'767'225'600'000;
  return stamp;
}

inline Operation Parsed(const absl::StatusOr<v1::WireOperation>& wire) {
  EXPECT_TRUE(wire.ok()) << wire.status();
  if (!wire.ok()) return Operation();
  absl::StatusOr<Operation> parsed = ParseOperation(*wire);
  EXPECT_TRUE(parsed.ok()) << parsed.status();
  return parsed.ok() ? *std::move(parsed) : Operation();
}

// What was built, which is what others read from its wire form.
inline Operation Parsed(const absl::StatusOr<Operation>& built) {
  EXPECT_TRUE(built.ok()) << built.status();
  if (!built.ok()) return Operation();
  const Operation parsed = Parsed(built->wire);
  EXPECT_EQ(built->header.SerializeAsString(), parsed.header.SerializeAsString());
  EXPECT_EQ(built->id_hash, parsed.id_hash);
  EXPECT_EQ(built->hash, parsed.hash);
  EXPECT_EQ(built->deltas.size(), parsed.deltas.size());
  for (size_t i = 0; i < std::min(built->deltas.size(), parsed.deltas.size()); ++i) {
    EXPECT_EQ(built->deltas[i].privacy, parsed.deltas[i].privacy);
    EXPECT_EQ(built->deltas[i].delta.SerializeAsString(),
              parsed.deltas[i].delta.SerializeAsString());
  }
  return *built;
}

// One record's operations as several devices write them. Ids are counted from 1.
template <typename T>
class RecordWriter {
 public:
  explicit RecordWriter(uint32_t number = 1)
      : type_(RecordTypeOf(*T::descriptor())), record_id_(TestId(IdPrefixOf(type_), number)) {}

  const std::string& record_id() const { return record_id_; }
  v1::RecordType type() const { return type_; }

  // The creating operation, lamport 1.
  Operation Create(const Author& author, const T& record, uint64_t lamport = 1) {
    return Parsed(
        BuildOperation(StampFor(author, type_, record_id_, record_id_, lamport), nullptr, record));
  }

  // What `author`, who has seen `seen`, writes by making the record `after`.
  Operation Edit(const Author& author, const std::vector<Operation>& seen, const T& after,
                 absl::Span<const RestatedField> restated = {}) {
    const v1::RecordState state = MergeOperations(seen);
    const absl::StatusOr<T> before = RecordAs<T>(state);
    EXPECT_TRUE(before.ok()) << before.status();
    return Parsed(BuildOperation(NextStamp(author, state), &*before, after, restated));
  }

  Operation Redact(const Author& author, const std::vector<Operation>& seen,
                   const std::string& op_id, std::vector<v1::Privacy> classes) {
    v1::Redaction redaction;
    redaction.set_op_id(op_id);
    for (const v1::Privacy privacy : classes) redaction.add_classes(privacy);
    return Parsed(BuildRedaction(NextStamp(author, MergeOperations(seen)), {redaction}));
  }

  OperationStamp NextStamp(const Author& author, const v1::RecordState& seen) {
    return StampFor(author, type_, record_id_, TestId("op", ++operations_), seen.lamport() + 1,
                    {seen.heads().begin(), seen.heads().end()});
  }

 private:
  v1::RecordType type_;
  std::string record_id_;
  uint32_t operations_ = 0;
};

template <typename T>
T RecordIn(const v1::RecordState& state) {
  const absl::StatusOr<T> record = RecordAs<T>(state);
  EXPECT_TRUE(record.ok()) << record.status();
  return record.ok() ? *record : T();
}

// The findings as "KIND op field", one a line.
inline std::vector<std::string> FindingsOf(const v1::RecordState& state) {
  std::vector<std::string> lines;
  for (const v1::Finding& finding : state.findings()) {
    lines.push_back(absl::StrCat(v1::Finding::Kind_Name(finding.kind()), " ", finding.op_id(), " ",
                                 finding.field(), finding.blocks_count() ? " blocks" : ""));
  }
  return lines;
}

// A report with something in every class.
inline v1::SessionReport FullReport() {
  v1::SessionReport report;
  report.mutable_review()->set_stage(v1::REPORT_STAGE_SUBMITTED);
  report.set_held_status(v1::HELD_STATUS_HELD);
  report.mutable_title()->set_text("Coast forum");
  report.mutable_title()->set_language("en");
  report.set_issue_id(TestId("iss", 1));
  report.mutable_dates()->set_earliest("2026-03-05");
  report.mutable_dates()->set_precision(v1::DATE_PRECISION_DAY);
  report.mutable_venue()->set_country("KE");
  v1::ParticipatingTeam* team = report.add_participating_teams();
  team->set_element_id("a");
  team->set_team_id(TestId("tem", 2));
  v1::MeansOfVerification* minutes = report.add_means_of_verification();
  minutes->set_element_id("min");
  minutes->set_kind(v1::MeansOfVerification::KIND_MINUTES);
  v1::MeansOfVerification* photo = report.add_means_of_verification();
  photo->set_element_id("pho");
  photo->set_kind(v1::MeansOfVerification::KIND_PHOTO);
  photo->set_sensitive(true);
  report.mutable_narrative()->set_text("We met in the hall.");
  report.mutable_private_notes()->set_text("stays here");
  return report;
}

}  // namespace baraza::testing

#endif  // BARAZA_TESTS_UNIT_CORE_MODEL_OPERATION_FACTORY_H_
