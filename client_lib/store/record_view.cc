#include "client_lib/store/record_view.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "absl/strings/str_cat.h"
#include "core/base/ids.h"
#include "core/base/status.h"
#include "core/model/merge.h"

namespace baraza::client {
namespace {

// The author of a sent record, where it was left out of what the device may see.
std::string NobodysId() { return absl::StrCat("per_", EncodeIdSuffix(Uuid{})); }

// The sent state as a creating operation. The office's role: its authority is over, the server has
// judged it.
absl::StatusOr<Operation> CreationFromFeed(const v1::FeedRecord& sent, const v1::RecordState& state,
                                           const std::string& programme_id) {
  BARAZA_ASSIGN_OR_RETURN(const std::unique_ptr<google::protobuf::Message> record, RecordOf(state));
  OperationStamp stamp;
  stamp.op_id = sent.record_id();
  stamp.record_id = sent.record_id();
  stamp.record_type = sent.type();
  stamp.programme_id = programme_id;
  stamp.team_id = sent.team_id();
  stamp.author_id = state.author_id().empty() ? NobodysId() : state.author_id();
  stamp.author_role = v1::ROLE_ADMINISTRATOR;
  // Below all that is laid over it.
  stamp.lamport = 1;
  return BuildOperation(stamp, nullptr, *record);
}

}  // namespace

v1::RecordState StateFromFeed(const v1::FeedRecord& record, const std::string& programme_id) {
  v1::RecordState state;
  state.set_record_id(record.record_id());
  state.set_type(record.type());
  state.set_programme_id(programme_id);
  state.set_team_id(record.team_id());
  state.set_record(record.record());
  state.set_voided(record.voided());
  *state.mutable_heads() = record.heads();
  state.set_lamport(record.lamport());
  state.set_created(true);
  const absl::StatusOr<std::unique_ptr<google::protobuf::Message>> message = RecordOf(state);
  if (message.ok()) {
    const google::protobuf::FieldDescriptor* author =
        (*message)->GetDescriptor()->FindFieldByName("author_id");
    if (author != nullptr && author->type() == google::protobuf::FieldDescriptor::TYPE_STRING) {
      state.set_author_id((*message)->GetReflection()->GetString(**message, author));
    }
  }
  return state;
}

std::optional<v1::RecordState> ViewOfRecord(std::vector<Operation> operations,
                                            const absl::btree_set<std::string>& pending,
                                            const std::optional<v1::FeedRecord>& sent,
                                            const std::string& programme_id) {
  const bool created =
      std::any_of(operations.begin(), operations.end(), [](const Operation& operation) {
        return operation.header.op_id() == operation.header.record_id();
      });
  if (created || (!sent.has_value() && !operations.empty())) return MergeOperations(operations);
  if (!sent.has_value()) return std::nullopt;

  v1::RecordState state = StateFromFeed(*sent, programme_id);
  operations.erase(std::remove_if(operations.begin(), operations.end(),
                                  [&](const Operation& operation) {
                                    return operation.header.lamport() <= sent->lamport() &&
                                           !pending.contains(operation.header.op_id());
                                  }),
                   operations.end());
  if (operations.empty()) return state;
  absl::StatusOr<Operation> creation = CreationFromFeed(*sent, state, programme_id);
  // A record too large for an operation cannot be edited on a device either.
  if (!creation.ok()) return state;

  absl::btree_set<std::string> laid_over;
  for (const Operation& operation : operations) laid_over.insert(operation.header.op_id());
  for (Operation& operation : operations) {
    std::vector<std::string> parents;
    for (const std::string& parent : operation.header.parent_op_ids()) {
      if (laid_over.contains(parent)) parents.push_back(parent);
    }
    if (parents.empty()) parents.push_back(sent->record_id());
    operation.header.clear_parent_op_ids();
    for (std::string& parent : parents) operation.header.add_parent_op_ids(std::move(parent));
  }
  operations.push_back(*std::move(creation));
  state = MergeOperations(operations);
  state.set_lamport(std::max(state.lamport(), sent->lamport()));
  return state;
}

absl::StatusOr<std::vector<Operation>> AncestorsOf(absl::Span<const Operation> operations,
                                                   absl::Span<const std::string> heads) {
  absl::btree_map<std::string, const Operation*> by_id;
  for (const Operation& operation : operations) by_id[operation.header.op_id()] = &operation;
  absl::btree_set<std::string> taken;
  std::vector<std::string> open;
  for (const std::string& head : heads) {
    if (!by_id.contains(head)) {
      return RecordError(absl::StatusCode::kAborted, head, "", "a head of the record that is here",
                         "none; read the record again");
    }
    open.push_back(head);
  }
  std::vector<Operation> ancestors;
  while (!open.empty()) {
    const std::string id = std::move(open.back());
    open.pop_back();
    const auto found = by_id.find(id);
    if (found == by_id.end() || !taken.insert(id).second) continue;
    ancestors.push_back(*found->second);
    for (const std::string& parent : found->second->header.parent_op_ids()) open.push_back(parent);
  }
  return ancestors;
}

}  // namespace baraza::client
