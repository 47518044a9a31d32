#include "core/model/merge.h"

#include <algorithm>
#include <cstdint>
#include <forward_list>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "core/model/authority.h"
#include "core/model/history.h"
#include "core/model/limits.h"
#include "core/model/record_registers.h"
#include "core/model/record_state.h"
#include "core/model/schema_rules.h"
#include "core/model/value_check.h"

namespace baraza {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// One operation's value for one register; empty: cleared or removed. Views into what outlives the
// merge.
struct Candidate {
  RegisterKey key;
  // Rank of the operation in the history.
  size_t rank = 0;
  absl::string_view value;
};

// Of one register, ascending by rank, at most one for each operation.
using Candidates = absl::Span<Candidate>;

constexpr absl::string_view kUnknownFields = "fields unknown here";

class Merge {
 public:
  explicit Merge(const History& history)
      : history_(history),
        creation_(history.creation()),
        type_((creation_ != nullptr ? *creation_ : history.at(0).operation->header).record_type()),
        rules_(RulesOfType(type_)) {}

  v1::RecordState Run() {
    FillHeader();
    FindMissingParents();
    FindRedactions();
    if (MayBeCreated()) {
      PutCreation(*creation_, &state_);
      CollectCandidates();
      Settle();
    }
    FinishRecord();
    FinishFindings();
    return std::move(state_);
  }

 private:
  const v1::Header& HeaderAt(size_t rank) const { return history_.at(rank).operation->header; }

  void Find(v1::Finding::Kind kind, absl::string_view op_id, absl::string_view field,
            absl::string_view detail, bool blocks) {
    findings_.emplace(kind, std::string(op_id), std::string(field), std::string(detail), blocks);
  }

  void FillHeader() {
    const v1::Header& named = creation_ != nullptr ? *creation_ : HeaderAt(0);
    state_.set_record_id(named.record_id());
    state_.set_type(type_);
    state_.set_programme_id(named.programme_id());
    for (const std::string& head : history_.Heads()) state_.add_heads(head);
    state_.set_lamport(HeaderAt(history_.size() - 1).lamport());
    state_.set_operation_count(static_cast<uint32_t>(history_.size()));
  }

  void FindMissingParents() {
    for (size_t rank = 0; rank < history_.size(); ++rank) {
      const int missing = history_.at(rank).missing_parents;
      if (missing == 0) continue;
      Find(v1::Finding::KIND_PARENT_MISSING, HeaderAt(rank).op_id(), "",
           absl::StrCat(missing, " of ", HeaderAt(rank).parent_op_ids_size(),
                        " parents have not arrived"),
           false);
    }
  }

  // Whether the operation is one on this record at all, by somebody who may write.
  bool IsUsable(const v1::Header& header) const {
    const v1::Header& named = creation_ != nullptr ? *creation_ : HeaderAt(0);
    return MayWrite(header.author_role()) && header.record_type() == type_ &&
           header.programme_id() == named.programme_id();
  }

  // What REDACT operations name counts as absent even where the bytes are still there: so it does
  // not matter which comes first.
  void FindRedactions() {
    redacted_.resize(history_.size());
    for (size_t rank = 0; rank < history_.size(); ++rank) {
      const v1::Header& header = HeaderAt(rank);
      if (header.redactions().empty()) continue;
      if (!IsUsable(header) || !IsOffice(header.author_role())) {
        Find(v1::Finding::KIND_NOT_AUTHORISED, header.op_id(), "redactions",
             "expected an M&E officer or administrator", false);
        continue;
      }
      for (const v1::Redaction& redaction : header.redactions()) {
        const std::optional<size_t> named = history_.RankOf(redaction.op_id());
        if (!named.has_value()) continue;
        for (const int privacy : redaction.classes()) redacted_[*named].insert(privacy);
      }
    }
    for (size_t rank = 0; rank < history_.size(); ++rank) {
      const HistoryEntry& entry = history_.at(rank);
      redacted_[rank].insert(entry.erased.begin(), entry.erased.end());
      int parts = 0;
      for (const v1::Part& part : entry.operation->wire.parts()) {
        parts += redacted_[rank].count(part.privacy()) != 0;
      }
      if (parts == 0) continue;
      Find(v1::Finding::KIND_REDACTED, HeaderAt(rank).op_id(), "",
           absl::StrCat(parts, " of ", entry.operation->wire.parts_size(), " parts"), false);
    }
  }

  bool MayBeCreated() {
    if (creation_ == nullptr) {
      Find(v1::Finding::KIND_CREATION_MISSING, state_.record_id(), "",
           "the creating operation has not arrived", true);
      return false;
    }
    if (MayCreate(rules_ == nullptr ? v1::AUTHORITY_AUTHOR_TEAM : rules_->record_authority,
                  *creation_)) {
      return true;
    }
    Find(v1::Finding::KIND_NOT_AUTHORISED, creation_->op_id(), "",
         absl::StrCat("may not create a ", RecordTypeName(type_)), true);
    return false;
  }

  // Takes every usable operation apart into candidates_.
  void CollectCandidates() {
    candidates_.reserve(kUsualRegisters);
    for (size_t rank = 0; rank < history_.size(); ++rank) {
      const Operation& operation = *history_.at(rank).operation;
      // A REDACT operation has no parts; what it carries nevertheless has no effect.
      if (!operation.header.redactions().empty()) continue;
      for (const PartDelta& part : operation.deltas) {
        if (redacted_[rank].count(part.privacy) == 0) CollectPart(rank, part.delta);
      }
    }
    SortCandidates();
    if (rules_ != nullptr && rules_->addressed_team_id != nullptr) {
      addressed_team_id_ = CreatedText(rules_->addressed_team_id);
    }
  }

  void CollectPart(size_t rank, const v1::Delta& delta) {
    absl::string_view canonical = delta.record();
    if (rules_ != nullptr) {
      Message* record = NewRecordOn(arena_, type_);
      if (!record->ParsePartialFromString(delta.record())) {
        Find(v1::Finding::KIND_INVALID_VALUE, HeaderAt(rank).op_id(), "",
             "a part does not parse and is ignored", false);
        return;
      }
      canonical = owned_.emplace_front(CanonicalBytes(*record));
    }
    Registers registers;
    if (SliceRegisters(canonical, rules_, &registers) == SliceResult::kMalformed) {
      Find(v1::Finding::KIND_INVALID_VALUE, HeaderAt(rank).op_id(), "",
           "a part does not parse and is ignored", false);
      return;
    }
    owned_.splice_after(owned_.before_begin(), registers.spliced);
    for (const auto& [key, value] : registers.values) candidates_.push_back({key, rank, value});
    for (const uint32_t number : delta.cleared_fields()) {
      candidates_.push_back({{number, ""}, rank, ""});
    }
    for (const v1::RemovedElement& removed : delta.removed_elements()) {
      const FieldRules* field = rules_ == nullptr ? nullptr : rules_->Find(removed.field_number());
      // Elements of a field that is unknown here are one register, which removal does not touch.
      if (field == nullptr || field->merge != v1::MERGE_RULE_ELEMENTS) continue;
      candidates_.push_back({{removed.field_number(), removed.element_id()}, rank, ""});
    }
  }

  // Brings those of one register together.
  void SortCandidates() {
    const auto less = [](const Candidate& a, const Candidate& b) {
      return a.key == b.key ? a.rank < b.rank : a.key < b.key;
    };
    if (!std::is_sorted(candidates_.begin(), candidates_.end(), less)) {
      std::stable_sort(candidates_.begin(), candidates_.end(), less);
    }
    size_t kept = 0;
    for (const Candidate& candidate : candidates_) {
      if (kept > 0 && candidates_[kept - 1].rank == candidate.rank &&
          candidates_[kept - 1].key == candidate.key) {
        // The same register twice in one operation. The server rejects that for known fields; an
        // unknown one may be spread over parts.
        absl::string_view& had = candidates_[kept - 1].value;
        if (rules_ == nullptr || rules_->Find(candidate.key.field_number) == nullptr ||
            had.empty()) {
          had = owned_.emplace_front(absl::StrCat(had, candidate.value));
        }
      } else {
        candidates_[kept++] = candidate;
      }
    }
    candidates_.resize(kept);
  }

  // The text that the creating operation gave to an IMMUTABLE field; empty: none.
  std::string CreatedText(const FieldDescriptor* field) const {
    const RegisterKey key{static_cast<uint32_t>(field->number()), ""};
    for (const Candidate& candidate : candidates_) {
      if (!(candidate.key == key) || &HeaderAt(candidate.rank) != creation_) continue;
      const std::unique_ptr<Message> record = NewRecord(type_);
      if (!record->ParsePartialFromString(std::string(candidate.value))) return "";
      return rules_->reflection->GetString(*record, field);
    }
    return "";
  }

  void Settle() {
    auto begin = candidates_.begin();
    while (begin != candidates_.end()) {
      const RegisterKey key = begin->key;
      const auto end = std::find_if(begin, candidates_.end(), [&key](const Candidate& candidate) {
        return !(candidate.key == key);
      });
      SettleRegister(key, absl::MakeSpan(&*begin, static_cast<size_t>(end - begin)));
      begin = end;
    }
  }

  void SettleRegister(const RegisterKey& key, Candidates candidates) {
    const FieldRules* field = rules_ == nullptr ? nullptr : rules_->Find(key.field_number);
    if (field != nullptr &&
        (field->merge == v1::MERGE_RULE_DERIVED || field->privacy == v1::PRIVACY_DEVICE)) {
      return;
    }
    candidates = WithoutIneffective(key, field, candidates);
    if (candidates.empty()) return;
    const Candidate& winner = candidates.back();
    record_bytes_.append(winner.value.data(), winner.value.size());
    if (candidates.size() > 1) FindConflict(key, candidates);
  }

  Candidates WithoutIneffective(const RegisterKey& key, const FieldRules* field,
                                Candidates candidates) {
    const v1::Authority authority = field != nullptr    ? field->authority
                                    : rules_ != nullptr ? rules_->record_authority
                                                        : v1::AUTHORITY_AUTHOR_TEAM_OR_OFFICE;
    const absl::string_view name =
        field != nullptr ? absl::string_view(field->field->name()) : kUnknownFields;
    const auto ineffective = [&](const Candidate& candidate) {
      const v1::Header& header = HeaderAt(candidate.rank);
      if (!IsUsable(header) || !MayChange(authority, header, *creation_, addressed_team_id_) ||
          !IsStageAllowed(key, header, candidate.value) ||
          !IsVoidingAllowed(key, header, candidate.value)) {
        Find(v1::Finding::KIND_NOT_AUTHORISED, header.op_id(), name,
             absl::StrCat("no authority as ", RoleName(header.author_role())), false);
        return true;
      }
      if (field != nullptr && field->merge == v1::MERGE_RULE_IMMUTABLE && &header != creation_) {
        Find(v1::Finding::KIND_IMMUTABLE_FIELD, header.op_id(), name,
             "set by the creating operation only", false);
        return true;
      }
      return false;
    };
    const auto end = std::remove_if(candidates.begin(), candidates.end(), ineffective);
    return candidates.subspan(0, static_cast<size_t>(end - candidates.begin()));
  }

  static std::string RoleName(v1::Role role) {
    return v1::Role_IsValid(role) ? v1::Role_Name(role) : absl::StrCat(static_cast<int>(role));
  }

  // A ruling is its author's voice: the office may withdraw it, but nobody else can make him say
  // again what he took back (or what was taken back), which could be the second of two people that
  // a programme asks for.
  bool IsVoidingAllowed(const RegisterKey& key, const v1::Header& header,
                        absl::string_view value) const {
    if (type_ != v1::RECORD_TYPE_RULING || key.field_number != v1::Ruling::kVoidMarkFieldNumber ||
        header.author_id() == creation_->author_id()) {
      return true;
    }
    v1::Ruling ruling;
    return ruling.ParsePartialFromArray(value.data(), static_cast<int>(value.size())) &&
           ruling.void_mark().voided();
  }

  // Which side may write which stage of a review depends on the value.
  bool IsStageAllowed(const RegisterKey& key, const v1::Header& header,
                      absl::string_view value) const {
    if (type_ != v1::RECORD_TYPE_SESSION_REPORT ||
        key.field_number != v1::SessionReport::kReviewFieldNumber) {
      return true;
    }
    v1::SessionReport report;
    if (value.empty() ||
        !report.ParsePartialFromArray(value.data(), static_cast<int>(value.size()))) {
      return false;
    }
    return MaySetStage(header.author_role(), report.review().stage(), &header == creation_);
  }

  // The winner has the greatest rank. A value stands against it when no other setter descends from
  // it, and neither it from the winner nor the winner from it.
  void FindConflict(const RegisterKey& key, absl::Span<const Candidate> candidates) {
    const Candidate& winner = candidates.back();
    std::vector<size_t> setters;
    for (const Candidate& candidate : candidates) setters.push_back(candidate.rank);
    const std::vector<bool> superseded = history_.AncestorsOf(setters);
    std::vector<bool> after_winner;
    std::vector<const Candidate*> losers;
    for (size_t i = candidates.size() - 1; i-- > 0;) {
      const Candidate& candidate = candidates[i];
      if (superseded[candidate.rank] || candidate.value == winner.value) continue;
      // Only a lamport clock that ran backwards puts a descendant below its ancestor.
      if (superseded[winner.rank]) {
        if (after_winner.empty()) after_winner = history_.DescendantsOf(winner.rank);
        if (after_winner[candidate.rank]) continue;
      }
      losers.push_back(&candidate);
      if (losers.size() == static_cast<size_t>(kMaxConflictLosers)) break;
    }
    if (losers.empty()) return;
    v1::Conflict* conflict = state_.add_conflicts();
    conflict->set_field_number(key.field_number);
    conflict->set_field(RegisterFieldName(key.field_number, rules_));
    conflict->set_element_id(std::string(key.element_id));
    FillValue(winner, conflict->mutable_winner());
    for (const Candidate* loser : losers) FillValue(*loser, conflict->add_losers());
  }

  void FillValue(const Candidate& candidate, v1::FieldValue* value) const {
    const v1::Header& header = HeaderAt(candidate.rank);
    value->set_op_id(header.op_id());
    value->set_author_id(header.author_id());
    value->set_team_id(header.team_id());
    value->set_lamport(header.lamport());
    value->set_device_time_ms(header.device_time_ms());
    value->set_value(candidate.value.data(), candidate.value.size());
  }

  // Derived fields, the void mark and the rules that hold across operations.
  void FinishRecord() {
    if (rules_ == nullptr) {
      state_.set_record(record_bytes_);
      return;
    }
    Message* record = NewRecordOn(arena_, type_);
    if (!record->ParsePartialFromString(record_bytes_)) {
      Find(v1::Finding::KIND_INVALID_VALUE, "", "", "the values do not parse together", true);
      record->Clear();
    }
    PutRecord(*record, *rules_, &state_);
    if (state_.created()) {
      const auto problem =
          FindValueProblem(*record, *rules_, state_.record(), {.check_utf8 = false});
      if (problem.has_value()) {
        Find(v1::Finding::KIND_INVALID_VALUE, "", problem->field,
             absl::StrCat("expected ", problem->expected, ", got ", problem->got), true);
      }
    }
  }

  void FinishFindings() {
    for (const auto& [kind, op_id, field, detail, blocks] : findings_) {
      v1::Finding* finding = state_.add_findings();
      finding->set_kind(static_cast<v1::Finding::Kind>(kind));
      finding->set_op_id(op_id);
      finding->set_field(field);
      finding->set_detail(detail);
      finding->set_blocks_count(blocks);
    }
  }

  const History& history_;
  // nullptr: has not arrived.
  const v1::Header* const creation_;
  const v1::RecordType type_;
  // nullptr: a type of a newer schema.
  const MessageRules* const rules_;
  v1::RecordState state_;
  // Sorted, each once: kind, operation, field, detail, blocks.
  std::set<std::tuple<int, std::string, std::string, std::string, bool>> findings_;
  // By rank: the classes of the parts that count as absent.
  std::vector<std::set<int>> redacted_;
  // Ascending by register and rank.
  std::vector<Candidate> candidates_;
  // What candidates lie in beside the operations.
  std::forward_list<std::string> owned_;
  std::string addressed_team_id_;
  // The winning values in the order of their registers.
  std::string record_bytes_;
  // Of messages that nobody sees.
  google::protobuf::Arena arena_;
};

}  // namespace

v1::RecordState MergeOperations(absl::Span<const Operation> operations) {
  if (operations.empty()) return v1::RecordState();
  const History history(operations);
  return Merge(history).Run();
}

absl::StatusOr<std::unique_ptr<Message>> RecordOf(const v1::RecordState& state) {
  std::unique_ptr<Message> record = NewRecord(state.type());
  if (record == nullptr) {
    return RecordError(absl::StatusCode::kFailedPrecondition, state.record_id(), "type",
                       "a record type of this schema",
                       absl::StrCat(static_cast<int>(state.type())));
  }
  if (!record->ParseFromString(state.record())) {
    return absl::DataLossError(
        absl::StrCat(state.record_id(), ": the stored record does not parse"));
  }
  return record;
}

}  // namespace baraza
