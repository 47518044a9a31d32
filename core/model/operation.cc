#include "core/model/operation.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "core/base/ids.h"
#include "core/base/status.h"
#include "core/model/limits.h"
#include "core/model/operation_header.h"
#include "core/model/schema_rules.h"
#include "core/model/wire_reader.h"

namespace baraza {
namespace {

Rejection Reject(v1::RejectionReason reason, absl::string_view record, absl::string_view field,
                 absl::string_view expected, absl::string_view got) {
  const absl::Status status = InvalidField(record, field, expected, got);
  return {reason, std::string(field), std::string(status.message()), ""};
}

size_t OperationBytes(const v1::WireOperation& wire) {
  size_t bytes = wire.header().size();
  for (const v1::Part& part : wire.parts()) {
    bytes += part.delta().size() + part.redacted_sha256().size();
  }
  return bytes;
}

// Parses `bytes`, or says in what way it is not a T.
template <typename T>
std::optional<Rejection> ParseMessage(absl::string_view bytes, absl::string_view record,
                                      absl::string_view what, T* message) {
  if (message->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return std::nullopt;
  const std::string field = FindInvalidUtf8(bytes, RulesOf(T::descriptor()));
  if (!field.empty()) {
    return Reject(v1::REJECTION_REASON_INVALID_UTF8, record, absl::StrCat(what, ".", field),
                  "UTF-8", "other bytes");
  }
  return Reject(v1::REJECTION_REASON_MALFORMED, record, what, "a serialized message",
                absl::StrCat(bytes.size(), " bytes that do not parse"));
}

std::optional<Rejection> CheckPart(const v1::Part& part, v1::Privacy previous,
                                   absl::string_view record) {
  // A class that this schema does not know could not be held against the fields.
  if (part.privacy() < v1::PRIVACY_PUBLIC || part.privacy() > v1::PRIVACY_TEAM) {
    return Reject(v1::REJECTION_REASON_MALFORMED, record, "parts.privacy",
                  "PUBLIC, PROGRAMME or TEAM", absl::StrCat(static_cast<int>(part.privacy())));
  }
  if (part.privacy() <= previous) {
    return Reject(v1::REJECTION_REASON_MALFORMED, record, "parts.privacy",
                  "parts ascending by class, one for each", v1::Privacy_Name(part.privacy()));
  }
  if (part.delta().empty() == part.redacted_sha256().empty()) {
    return Reject(v1::REJECTION_REASON_MALFORMED, record, "parts",
                  "either a delta or the hash of an erased one",
                  part.delta().empty() ? "neither" : "both");
  }
  if (!part.redacted_sha256().empty() && part.redacted_sha256().size() != Sha256Digest::kSize) {
    return Reject(v1::REJECTION_REASON_MALFORMED, record, "parts.redacted_sha256", "32 bytes",
                  absl::StrCat(part.redacted_sha256().size()));
  }
  return std::nullopt;
}

void SetHashes(Operation& operation) {
  operation.id_hash = Sha256(operation.header.op_id());
  operation.hash = OperationHash(operation.wire);
}

absl::Status CheckStamp(const OperationStamp& stamp) {
  if (stamp.op_id.empty() || stamp.record_id.empty()) {
    return InvalidField(stamp.record_id, "header.op_id", "ids of operation and record", "none");
  }
  if (stamp.lamport < 1 || stamp.lamport > kMaxLamport) {
    return InvalidField(stamp.record_id, "header.lamport", "1 to 2^48",
                        absl::StrCat(stamp.lamport));
  }
  if ((stamp.op_id == stamp.record_id) != stamp.parent_op_ids.empty()) {
    return InvalidField(stamp.record_id, "header.parent_op_ids",
                        "none for the creating operation and some for any other",
                        absl::StrCat(stamp.parent_op_ids.size()));
  }
  return absl::OkStatus();
}

}  // namespace

Sha256Digest OperationHash(const v1::WireOperation& wire) {
  std::string summary;
  summary.reserve(Sha256Digest::kSize + wire.parts_size() * (Sha256Digest::kSize + 1));
  const auto append = [&summary](absl::string_view bytes) {
    summary.append(bytes.data(), bytes.size());
  };
  append(Sha256(wire.header()).AsBytes());
  for (const v1::Part& part : wire.parts()) {
    summary.push_back(static_cast<char>(part.privacy()));
    if (part.redacted_sha256().empty()) {
      append(Sha256(part.delta()).AsBytes());
    } else {
      append(part.redacted_sha256());
    }
  }
  return Sha256(summary);
}

std::optional<Rejection> ParseOperationInto(v1::WireOperation wire, Operation* parsed) {
  if (OperationBytes(wire) > kMaxOperationBytes) {
    return Reject(v1::REJECTION_REASON_TOO_LARGE, "operation", "",
                  absl::StrCat("at most ", kMaxOperationBytes, " bytes"),
                  absl::StrCat(OperationBytes(wire)));
  }
  parsed->header.Clear();
  parsed->deltas.clear();
  if (wire.header().empty()) {
    return Reject(v1::REJECTION_REASON_MALFORMED, "operation", "header", "a serialized Header",
                  "nothing");
  }
  if (auto bad = ParseMessage(wire.header(), "operation", "header", &parsed->header)) return bad;
  // An id that is not one might be anything: it is not repeated in a message.
  const std::string record =
      IdPrefix(parsed->header.record_id()).ok() ? parsed->header.record_id() : "operation";
  const auto named = [parsed](std::optional<Rejection> bad) {
    bad->op_id = parsed->header.op_id();
    return bad;
  };

  v1::Privacy previous = v1::PRIVACY_UNSPECIFIED;
  parsed->deltas.reserve(wire.parts_size());
  for (const v1::Part& part : wire.parts()) {
    if (auto bad = CheckPart(part, previous, record)) return named(std::move(bad));
    previous = part.privacy();
    if (!part.redacted_sha256().empty()) continue;
    PartDelta& delta = parsed->deltas.emplace_back();
    delta.privacy = part.privacy();
    if (auto bad = ParseMessage(part.delta(), record, "delta", &delta.delta)) {
      return named(std::move(bad));
    }
  }
  parsed->wire = std::move(wire);
  SetHashes(*parsed);
  return std::nullopt;
}

absl::StatusOr<Operation> ParseOperation(v1::WireOperation wire) {
  Operation parsed;
  if (auto bad = ParseOperationInto(std::move(wire), &parsed)) {
    return absl::InvalidArgumentError(bad->message);
  }
  return parsed;
}

absl::StatusOr<v1::Header> HeaderOf(const OperationStamp& stamp) {
  BARAZA_RETURN_IF_ERROR(CheckStamp(stamp));
  v1::Header header;
  header.set_op_id(stamp.op_id);
  header.set_record_id(stamp.record_id);
  header.set_record_type(stamp.record_type);
  header.set_programme_id(stamp.programme_id);
  header.set_team_id(stamp.team_id);
  header.set_author_id(stamp.author_id);
  header.set_author_role(stamp.author_role);
  header.set_lamport(stamp.lamport);
  header.set_schema_level(kSchemaLevel);
  header.set_device_time_ms(stamp.device_time_ms);
  std::vector<std::string> parents = stamp.parent_op_ids;
  std::sort(parents.begin(), parents.end());
  parents.erase(std::unique(parents.begin(), parents.end()), parents.end());
  const size_t first = parents.size() > kMaxParents ? parents.size() - kMaxParents : 0;
  for (size_t i = first; i < parents.size(); ++i) header.add_parent_op_ids(parents[i]);
  return header;
}

absl::StatusOr<Operation> OperationOf(v1::Header header, std::vector<PartDelta> deltas) {
  Operation operation;
  operation.header = std::move(header);
  operation.deltas = std::move(deltas);
  operation.wire.set_header(operation.header.SerializeAsString());
  for (const PartDelta& delta : operation.deltas) {
    v1::Part* part = operation.wire.add_parts();
    part->set_privacy(delta.privacy);
    part->set_delta(delta.delta.SerializeAsString());
  }
  if (const size_t bytes = OperationBytes(operation.wire); bytes > kMaxOperationBytes) {
    return absl::ResourceExhaustedError(absl::StrCat(operation.header.record_id(),
                                                     ": expected an operation of at most ",
                                                     kMaxOperationBytes, " bytes, got ", bytes));
  }
  SetHashes(operation);
  return operation;
}

absl::StatusOr<Operation> BuildRedaction(const OperationStamp& stamp,
                                         absl::Span<const v1::Redaction> redactions) {
  BARAZA_ASSIGN_OR_RETURN(v1::Header header, HeaderOf(stamp));
  if (redactions.empty() || redactions.size() > static_cast<size_t>(kMaxRepeated)) {
    return InvalidField(stamp.record_id, "redactions", absl::StrCat("1 to ", kMaxRepeated),
                        absl::StrCat(redactions.size()));
  }
  for (const v1::Redaction& redaction : redactions) {
    if (redaction.op_id().empty() || redaction.classes().empty()) {
      return InvalidField(stamp.record_id, "redactions", "an operation and classes", "none");
    }
    for (const int privacy : redaction.classes()) {
      if (privacy < v1::PRIVACY_PUBLIC || privacy > v1::PRIVACY_TEAM) {
        return InvalidField(stamp.record_id, "redactions.classes", "PUBLIC, PROGRAMME or TEAM",
                            absl::StrCat(privacy));
      }
    }
    *header.add_redactions() = redaction;
  }
  return OperationOf(std::move(header), {});
}

bool EraseParts(v1::WireOperation& wire, absl::Span<const v1::Privacy> classes) {
  bool erased = false;
  for (v1::Part& part : *wire.mutable_parts()) {
    if (part.delta().empty() ||
        std::find(classes.begin(), classes.end(), part.privacy()) == classes.end()) {
      continue;
    }
    part.set_redacted_sha256(std::string(Sha256(part.delta()).AsBytes()));
    part.clear_delta();
    erased = true;
  }
  return erased;
}

}  // namespace baraza
