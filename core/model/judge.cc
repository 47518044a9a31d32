#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/base/ids.h"
#include "core/base/status.h"
#include "core/model/authority.h"
#include "core/model/limits.h"
#include "core/model/record_registers.h"
#include "core/model/record_types.h"
#include "core/model/schema_rules.h"
#include "core/model/validate.h"
#include "core/model/value_check.h"
#include "core/model/wire_reader.h"

namespace baraza {
namespace {

using google::protobuf::Message;
using Verdict = std::optional<Rejection>;

constexpr absl::string_view kOperationPrefix = "op";

// One operation under judgement. The checks run in the order of their names in v1::RejectionReason;
// each returns nullopt to go on.
class Judge {
 public:
  Judge(const AuthorGrant& grant, const Operation& operation)
      : grant_(grant),
        operation_(operation),
        header_(operation.header),
        rules_(RulesOfType(header_.record_type())) {}

  Verdict Run() {
    if (auto bad = ParseRecords()) return bad;
    if (auto bad = CheckHeader()) return bad;
    if (auto bad = CheckParts()) return bad;
    if (auto bad = CheckClasses()) return bad;
    if (auto bad = CheckAuthor()) return bad;
    // A type of a newer schema has no record to look at.
    for (size_t i = 0; rules_ != nullptr && i < records_.size(); ++i) {
      if (auto bad = CheckReview(*records_[i], operation_.deltas[i].delta)) return bad;
    }
    return CheckSchemaLevel();
  }

  // Of an operation that was built here from a valid record: whether Run would find nothing. False
  // also when that cannot be told without parsing the parts.
  bool PassesAsBuilt() const {
    if (rules_ == nullptr || CheckHeader().has_value() || CheckAuthor().has_value()) return false;
    return std::all_of(operation_.deltas.begin(), operation_.deltas.end(),
                       [this](const PartDelta& part) { return PassesAsBuilt(part.delta); });
  }

 private:
  bool creating() const { return header_.op_id() == header_.record_id(); }

  Rejection Reject(v1::RejectionReason reason, absl::string_view field, absl::string_view expected,
                   absl::string_view got) const {
    // An id that is not one might be anything: it is not repeated.
    const bool known = IdPrefix(header_.record_id()).ok();
    const absl::Status status = InvalidField(
        known ? absl::string_view(header_.record_id()) : "operation", field, expected, got);
    return {reason, std::string(field), std::string(status.message()), header_.op_id()};
  }

  Rejection Invalid(absl::string_view field, absl::string_view expected,
                    absl::string_view got) const {
    return Reject(v1::REJECTION_REASON_INVALID_VALUE, field, expected, got);
  }

  // MALFORMED, INVALID_UTF8.

  Verdict ParseRecords() {
    for (const PartDelta& part : operation_.deltas) {
      const std::string& bytes = part.delta.record();
      if (rules_ == nullptr) {
        WireReader reader(bytes);
        WireField field;
        while (reader.Next(&field)) {
        }
        if (!reader.ok()) return MalformedRecord();
        records_.push_back(nullptr);
        present_.emplace_back();
        continue;
      }
      Message* record = NewRecordOn(arena_, header_.record_type());
      if (!record->ParseFromString(bytes)) {
        const std::string field = FindInvalidUtf8(bytes, *rules_);
        if (field.empty()) return MalformedRecord();
        return Reject(v1::REJECTION_REASON_INVALID_UTF8, field, "UTF-8", "other bytes");
      }
      records_.push_back(record);
      present_.push_back(PresentFields(bytes));
    }
    return std::nullopt;
  }

  // The known fields that the bytes hold, ascending. Most of a record's fields are not in an
  // operation, and asking reflection for each costs more than everything else here.
  std::vector<const FieldRules*> PresentFields(absl::string_view bytes) const {
    std::vector<const FieldRules*> present;
    WireReader reader(bytes);
    WireField field;
    while (reader.Next(&field)) {
      const FieldRules* rules = rules_->Find(field.number);
      if (rules != nullptr && (present.empty() || present.back() != rules)) {
        present.push_back(rules);
      }
    }
    std::sort(present.begin(), present.end());
    present.erase(std::unique(present.begin(), present.end()), present.end());
    return present;
  }

  Rejection MalformedRecord() const {
    return Reject(v1::REJECTION_REASON_MALFORMED, "delta.record", "a serialized record",
                  "bytes that do not parse");
  }

  // INVALID_VALUE and TOO_LARGE of single values.

  Verdict CheckId(absl::string_view field, absl::string_view id, absl::string_view prefix) const {
    if (ValidateId(id, prefix).ok()) return std::nullopt;
    return Invalid(field, absl::StrCat("an id of the form ", prefix, "_ and 26 characters"),
                   ShownId(id));
  }

  static std::string ShownId(absl::string_view id) {
    return IdPrefix(id).ok() ? std::string(id) : absl::StrCat(id.size(), " bytes");
  }

  Verdict CheckHeader() const {
    if (auto bad = CheckRecordId()) return bad;
    if (!creating()) {
      if (auto bad = CheckId("header.op_id", header_.op_id(), kOperationPrefix)) return bad;
    }
    if (auto bad = CheckId("header.programme_id", header_.programme_id(), "prg")) return bad;
    if (auto bad = CheckId("header.author_id", header_.author_id(), "per")) return bad;
    if (!header_.team_id().empty()) {
      if (auto bad = CheckId("header.team_id", header_.team_id(), "tem")) return bad;
    }
    if (header_.lamport() < 1 || header_.lamport() > kMaxLamport) {
      return Invalid("header.lamport", "1 to 2^48", absl::StrCat(header_.lamport()));
    }
    if (header_.schema_level() < 1) {
      return Invalid("header.schema_level", "at least 1", absl::StrCat(header_.schema_level()));
    }
    if (auto bad = CheckParents()) return bad;
    return CheckRedactions();
  }

  Verdict CheckRecordId() const {
    if (header_.record_type() == v1::RECORD_TYPE_UNSPECIFIED) {
      return Invalid("header.record_type", "a record type", "none");
    }
    if (rules_ != nullptr) {
      const absl::string_view prefix = IdPrefixOf(header_.record_type());
      if (auto bad = CheckId("header.record_id", header_.record_id(), prefix)) return bad;
      // A second one would be another answer to how the programme counts.
      if (header_.record_type() == v1::RECORD_TYPE_PROGRAMME &&
          header_.record_id() != header_.programme_id()) {
        return Invalid("header.record_id", "the programme's own id", header_.record_id());
      }
      return std::nullopt;
    }
    // A type of a newer schema has a prefix of its own.
    const auto prefix = IdPrefix(header_.record_id());
    if (!prefix.ok() || *prefix == kOperationPrefix || RecordTypeOfId(header_.record_id()).ok()) {
      return Invalid("header.record_id", "an id with the prefix of the record's type",
                     ShownId(header_.record_id()));
    }
    return std::nullopt;
  }

  Verdict CheckParents() const {
    const auto& parents = header_.parent_op_ids();
    if (creating() != parents.empty()) {
      return Invalid("header.parent_op_ids",
                     creating() ? "none for the creating operation" : "at least one",
                     absl::StrCat(parents.size()));
    }
    if (parents.size() > kMaxParents) {
      return Reject(v1::REJECTION_REASON_TOO_LARGE, "header.parent_op_ids",
                    absl::StrCat("at most ", kMaxParents), absl::StrCat(parents.size()));
    }
    for (int i = 0; i < parents.size(); ++i) {
      if (parents[i] != header_.record_id()) {
        if (auto bad = CheckId("header.parent_op_ids", parents[i], kOperationPrefix)) return bad;
      }
      if (parents[i] == header_.op_id()) {
        return Invalid("header.parent_op_ids", "other operations", "the operation itself");
      }
      if (i > 0 && parents[i - 1] >= parents[i]) {
        return Invalid("header.parent_op_ids", "ids ascending, each once", parents[i]);
      }
    }
    return std::nullopt;
  }

  Verdict CheckRedactions() const {
    if (header_.redactions().empty()) {
      if (operation_.wire.parts().empty() && !creating()) {
        return Invalid("parts", "a change", "none");
      }
      return std::nullopt;
    }
    if (header_.redactions_size() > kMaxRepeated) {
      return Reject(v1::REJECTION_REASON_TOO_LARGE, "header.redactions",
                    absl::StrCat("at most ", kMaxRepeated),
                    absl::StrCat(header_.redactions_size()));
    }
    if (creating() || !operation_.wire.parts().empty()) {
      return Invalid("header.redactions", "an operation of its own, without parts",
                     creating() ? "a creation" : "parts");
    }
    for (const v1::Redaction& redaction : header_.redactions()) {
      if (redaction.op_id() != header_.record_id()) {
        if (auto bad = CheckId("header.redactions.op_id", redaction.op_id(), kOperationPrefix)) {
          return bad;
        }
      }
      if (redaction.classes().empty()) {
        return Invalid("header.redactions.classes", "at least one class", "none");
      }
      for (const int privacy : redaction.classes()) {
        if (privacy < v1::PRIVACY_PUBLIC || privacy > v1::PRIVACY_TEAM) {
          return Invalid("header.redactions.classes", "PUBLIC, PROGRAMME or TEAM",
                         absl::StrCat(privacy));
        }
      }
    }
    return std::nullopt;
  }

  Verdict CheckParts() {
    for (size_t i = 0; i < operation_.deltas.size(); ++i) {
      if (auto bad = CheckSizes(operation_.deltas[i].delta)) return bad;
      const int unknown = CountUnknown(i);
      if (unknown > kMaxRepeated) {
        return Reject(v1::REJECTION_REASON_TOO_LARGE, "delta.record",
                      absl::StrCat("at most ", kMaxRepeated, " fields unknown here"),
                      absl::StrCat(unknown));
      }
      if (rules_ == nullptr) continue;
      if (auto bad = CheckValues(i)) return bad;
      if (auto bad = CheckRegisters(i)) return bad;
    }
    return CheckTouchedOnce();
  }

  Verdict CheckSizes(const v1::Delta& delta) const {
    if (delta.cleared_fields_size() <= kMaxRepeated &&
        delta.removed_elements_size() <= kMaxRepeated) {
      return std::nullopt;
    }
    return Reject(
        v1::REJECTION_REASON_TOO_LARGE, "delta",
        absl::StrCat("at most ", kMaxRepeated, " cleared fields or removed elements"),
        absl::StrCat(std::max(delta.cleared_fields_size(), delta.removed_elements_size())));
  }

  Verdict CheckValues(size_t part) const {
    const auto problem = FindValueProblem(
        *records_[part], *rules_, operation_.deltas[part].delta.record(), {.check_utf8 = false});
    if (!problem.has_value()) return std::nullopt;
    return Reject(problem->reason, problem->field, problem->expected, problem->got);
  }

  int CountUnknown(size_t part) const {
    if (rules_ != nullptr) {
      return rules_->reflection->GetUnknownFields(*records_[part]).field_count();
    }
    WireReader reader(operation_.deltas[part].delta.record());
    WireField field;
    int count = 0;
    while (reader.Next(&field)) ++count;
    return count;
  }

  // Collects the registers that a part sets, clears or removes into touched_.
  Verdict CheckRegisters(size_t part) {
    const Message& record = *records_[part];
    // Strings of generated messages lie in the message.
    std::string scratch;
    for (const FieldRules* rules : present_[part]) {
      const int size = rules->Count(record);
      if (size == 0) continue;
      const int number = rules->field->number();
      if (rules->merge == v1::MERGE_RULE_DERIVED) {
        return Invalid(rules->field->name(), "nothing, since it follows from the header",
                       "a value");
      }
      if (rules->merge != v1::MERGE_RULE_ELEMENTS) {
        touched_.push_back({static_cast<uint32_t>(number), {}});
        continue;
      }
      for (int i = 0; i < size; ++i) {
        touched_.push_back(
            {static_cast<uint32_t>(number),
             rules->message->reflection->GetStringReference(rules->MessageAt(record, i),
                                                            rules->message->element_id, &scratch)});
      }
    }
    const v1::Delta& delta = operation_.deltas[part].delta;
    for (const uint32_t number : delta.cleared_fields()) {
      const FieldRules* rules = rules_->Find(number);
      if (rules == nullptr) {
        if (number == 0) return Invalid("delta.cleared_fields", "field numbers", "0");
        continue;
      }
      if (rules->merge == v1::MERGE_RULE_DERIVED || rules->merge == v1::MERGE_RULE_ELEMENTS) {
        return Invalid(rules->field->name(), "no clearing of the whole field", "one");
      }
      touched_.push_back({static_cast<uint32_t>(number), {}});
    }
    for (const v1::RemovedElement& removed : delta.removed_elements()) {
      if (auto bad = CheckRemovedId(removed)) return bad;
      const FieldRules* rules = rules_->Find(removed.field_number());
      if (rules == nullptr) continue;
      if (rules->merge != v1::MERGE_RULE_ELEMENTS) {
        return Invalid(rules->field->name(), "no removal from a field without elements", "one");
      }
      touched_.push_back({removed.field_number(), removed.element_id()});
    }
    return std::nullopt;
  }

  Verdict CheckRemovedId(const v1::RemovedElement& removed) const {
    if (ValidateElementId(removed.element_id()).ok()) return std::nullopt;
    return Invalid("delta.removed_elements.element_id", "1 to 8 characters of [0-9A-Za-z_-]",
                   absl::StrCat(removed.element_id().size(), " bytes"));
  }

  // That each register of a known field is touched once in the whole operation.
  Verdict CheckTouchedOnce() {
    std::sort(touched_.begin(), touched_.end());
    const auto twice = std::adjacent_find(touched_.begin(), touched_.end());
    if (twice == touched_.end()) return std::nullopt;
    return Invalid(rules_->Find(twice->field_number)->field->name(),
                   "each field or element once in an operation", "twice");
  }

  // PRIVACY_CLASS.

  Verdict CheckClasses() const {
    if (rules_ == nullptr) return std::nullopt;
    v1::Privacy sensitivity = v1::PRIVACY_UNSPECIFIED;
    for (const Message* record : records_) {
      sensitivity = std::max(sensitivity, OwnSensitivity(*record, *rules_));
    }
    for (size_t i = 0; i < records_.size(); ++i) {
      const PartDelta& part = operation_.deltas[i];
      for (const FieldRules* field : present_[i]) {
        if (auto bad = CheckFieldClasses(*records_[i], *field, part.privacy, sensitivity, "")) {
          return bad;
        }
      }
      for (const uint32_t number : part.delta.cleared_fields()) {
        if (auto bad = CheckNumberClass(number, part.privacy, sensitivity)) return bad;
      }
      for (const v1::RemovedElement& removed : part.delta.removed_elements()) {
        if (auto bad = CheckNumberClass(removed.field_number(), part.privacy, sensitivity)) {
          return bad;
        }
      }
    }
    return std::nullopt;
  }

  Verdict CheckNumberClass(uint32_t number, v1::Privacy part, v1::Privacy sensitivity) const {
    const FieldRules* rules = rules_->Find(number);
    if (rules == nullptr) return std::nullopt;
    return CheckClass(rules->field->name(), std::max(rules->privacy, sensitivity), part);
  }

  Verdict CheckClass(absl::string_view path, v1::Privacy privacy, v1::Privacy part) const {
    if (privacy <= part) return std::nullopt;
    if (privacy >= v1::PRIVACY_DEVICE) {
      return Reject(v1::REJECTION_REASON_PRIVACY_CLASS, path, "a field that stays on the device",
                    absl::StrCat("one in the part ", v1::Privacy_Name(part)));
    }
    return Reject(v1::REJECTION_REASON_PRIVACY_CLASS, path,
                  absl::StrCat("the part ", v1::Privacy_Name(privacy), " or a stricter one"),
                  v1::Privacy_Name(part));
  }

  // `least` is what the messages around the field ask for, `path` leads to the one that has it.
  Verdict CheckFieldClasses(const Message& message, const FieldRules& field, v1::Privacy part,
                            v1::Privacy least, absl::string_view path) const {
    const int size = field.Count(message);
    if (size == 0) return std::nullopt;
    const v1::Privacy privacy = std::max(field.privacy, least);
    if (privacy > part) return CheckClass(Joined(path, field.field->name()), privacy, part);
    if (field.message == nullptr || (path.empty() && !HasClasses(*field.message))) {
      return std::nullopt;
    }
    const std::string inner_path = Joined(path, field.field->name());
    for (int i = 0; i < size; ++i) {
      const Message& inner = field.MessageAt(message, i);
      const v1::Privacy own = std::max(least, OwnSensitivity(inner, *field.message));
      if (own > part) return CheckClass(inner_path, own, part);
      for (const FieldRules& inner_field : field.message->fields) {
        if (auto bad = CheckFieldClasses(inner, inner_field, part, own, inner_path)) return bad;
      }
    }
    return std::nullopt;
  }

  // Whether a nested message can be stricter than the field that holds it.
  static bool HasClasses(const MessageRules& rules) {
    return rules.type != v1::RECORD_TYPE_UNSPECIFIED || rules.sensitive != nullptr ||
           rules.sensitivity != nullptr;
  }

  static std::string Joined(absl::string_view path, absl::string_view name) {
    return path.empty() ? std::string(name) : absl::StrCat(path, ".", name);
  }

  // NOT_AUTHORISED.

  Rejection NotAuthorised(absl::string_view field, absl::string_view expected,
                          absl::string_view got) const {
    return Reject(v1::REJECTION_REASON_NOT_AUTHORISED, field, expected, got);
  }

  Verdict CheckAuthor() const {
    if (header_.programme_id() != grant_.programme_id) {
      return NotAuthorised("header.programme_id", "the credential's programme",
                           header_.programme_id());
    }
    if (header_.author_id() != grant_.person_id) {
      return NotAuthorised("header.author_id", "the credential's person", "another");
    }
    const v1::Role role = header_.author_role();
    if (!MayWrite(role) || !grant_.roles.contains(role)) {
      return NotAuthorised(
          "header.author_role", "a role that writes and was granted",
          v1::Role_IsValid(role) ? v1::Role_Name(role) : absl::StrCat(static_cast<int>(role)));
    }
    if (header_.team_id().empty() ? !IsOffice(role)
                                  : !grant_.team_ids.contains(header_.team_id())) {
      return NotAuthorised("header.team_id", "a team that the person was in",
                           header_.team_id().empty() ? "none" : header_.team_id());
    }
    if (!header_.redactions().empty() && !IsOffice(role)) {
      return NotAuthorised("header.redactions", "an M&E officer or administrator",
                           v1::Role_Name(role));
    }
    return std::nullopt;
  }

  bool is_report() const { return header_.record_type() == v1::RECORD_TYPE_SESSION_REPORT; }

  // Of one part.
  Verdict CheckReview(const Message& record, const v1::Delta& delta) const {
    if (!is_report()) return std::nullopt;
    const auto& report = static_cast<const v1::SessionReport&>(record);
    if (report.has_review()) {
      if (auto bad = CheckStage(report.review())) return bad;
    }
    return CheckReviewStays(delta);
  }

  Verdict CheckStage(const v1::Review& review) const {
    const v1::Role role = header_.author_role();
    if (MaySetStage(role, review.stage(), creating())) return std::nullopt;
    return NotAuthorised(
        "review.stage", "SUBMITTED by the author, RETURNED or ENDORSED by the office",
        absl::StrCat(v1::ReportStage_Name(review.stage()), " by ", v1::Role_Name(role)));
  }

  Verdict CheckReviewStays(const v1::Delta& delta) const {
    const auto& cleared = delta.cleared_fields();
    if (std::find(cleared.begin(), cleared.end(), v1::SessionReport::kReviewFieldNumber) ==
        cleared.end()) {
      return std::nullopt;
    }
    return NotAuthorised("review", "a stage", "none");
  }

  // What was built here. Single values passed with their record, of which a part holds a piece;
  // each register is there once, and in the part of its class.

  bool PassesAsBuilt(const v1::Delta& delta) const {
    if (CheckSizes(delta).has_value()) return false;
    for (const v1::RemovedElement& removed : delta.removed_elements()) {
      if (CheckRemovedId(removed).has_value()) return false;
    }
    if (is_report() && CheckReviewStays(delta).has_value()) return false;
    WireReader reader(delta.record());
    WireField field;
    // Of which any might be unknown, even under a known number.
    int fields = 0;
    uint32_t last_number = 0;
    while (reader.Next(&field)) {
      if (++fields > kMaxRepeated) return false;
      if (field.number == last_number) continue;
      last_number = field.number;
      const FieldRules* rules = rules_->Find(field.number);
      if (rules == nullptr) continue;
      if (rules->message != nullptr && !IsClassedAsBuilt(*rules)) return false;
      if (is_report() && field.number == v1::SessionReport::kReviewFieldNumber) {
        v1::Review review;
        if (!review.ParseFromArray(field.payload.data(), static_cast<int>(field.payload.size())) ||
            CheckStage(review).has_value()) {
          return false;
        }
      }
    }
    return true;
  }

  // Whether the class that BuildOperation gives a message field is that of everything inside: it
  // looks at an element's flag and at nothing deeper.
  static bool IsClassedAsBuilt(const FieldRules& field) {
    if (!HasClasses(*field.message)) return true;
    const auto& inner = field.message->fields;
    return field.merge == v1::MERGE_RULE_ELEMENTS && field.message->sensitive != nullptr &&
           std::all_of(inner.begin(), inner.end(), [](const FieldRules& inside) {
             return inside.privacy == v1::PRIVACY_UNSPECIFIED && inside.message == nullptr;
           });
  }

  // SCHEMA_LEVEL.

  Verdict CheckSchemaLevel() const {
    if (rules_ != nullptr || header_.schema_level() > kSchemaLevel) return std::nullopt;
    return Reject(v1::REJECTION_REASON_SCHEMA_LEVEL, "header.record_type",
                  absl::StrCat("a record type of schema level ", kSchemaLevel),
                  absl::StrCat(static_cast<int>(header_.record_type())));
  }

  const AuthorGrant& grant_;
  const Operation& operation_;
  const v1::Header& header_;
  const MessageRules* const rules_;
  google::protobuf::Arena arena_;
  // Beside operation_.deltas; nullptr for an unknown type.
  std::vector<const Message*> records_;
  // Beside records_: the fields that are set.
  std::vector<std::vector<const FieldRules*>> present_;
  // Registers of known fields that the operation touches; views into records_ and operation_.
  std::vector<RegisterKey> touched_;
};

}  // namespace

std::optional<Rejection> JudgeOperation(const v1::WireOperation& wire, const AuthorGrant& grant,
                                        Operation* parsed) {
  if (auto bad = ParseOperationInto(wire, parsed)) return bad;
  return Judge(grant, *parsed).Run();
}

std::optional<Rejection> JudgeBuiltOperation(const Operation& operation, const AuthorGrant& grant) {
  if (Judge(grant, operation).PassesAsBuilt()) return std::nullopt;
  Operation parsed;
  return JudgeOperation(operation.wire, grant, &parsed);
}

}  // namespace baraza
