#include "core/model/history.h"

#include <algorithm>
#include <tuple>

namespace baraza {

History::History(absl::Span<const Operation> operations) {
  std::vector<const Operation*> sorted;
  sorted.reserve(operations.size());
  for (const Operation& operation : operations) sorted.push_back(&operation);
  std::sort(sorted.begin(), sorted.end(), [](const Operation* a, const Operation* b) {
    return std::tie(a->header.op_id(), a->hash, a->wire.header()) <
           std::tie(b->header.op_id(), b->hash, b->wire.header());
  });
  for (const Operation* operation : sorted) {
    const bool copy =
        !entries_.empty() && entries_.back().operation->header.op_id() == operation->header.op_id();
    if (copy && entries_.back().operation->hash != operation->hash) continue;
    if (!copy) entries_.emplace_back().operation = operation;
    for (const v1::Part& part : operation->wire.parts()) {
      if (!part.redacted_sha256().empty()) entries_.back().erased.insert(part.privacy());
    }
  }
  std::sort(entries_.begin(), entries_.end(), [](const HistoryEntry& a, const HistoryEntry& b) {
    return std::make_tuple(a.operation->header.lamport(), a.operation->id_hash) <
           std::make_tuple(b.operation->header.lamport(), b.operation->id_hash);
  });
  for (size_t rank = 0; rank < entries_.size(); ++rank) {
    rank_of_.emplace(entries_[rank].operation->header.op_id(), rank);
  }
  for (HistoryEntry& entry : entries_) {
    for (const std::string& parent : entry.operation->header.parent_op_ids()) {
      if (const std::optional<size_t> rank = RankOf(parent)) {
        entry.parents.push_back(*rank);
      } else {
        ++entry.missing_parents;
      }
    }
  }
}

std::optional<size_t> History::RankOf(absl::string_view op_id) const {
  const auto found = rank_of_.find(op_id);
  if (found == rank_of_.end()) return std::nullopt;
  return found->second;
}

const v1::Header* History::creation() const {
  const std::optional<size_t> rank = RankOf(entries_.front().operation->header.record_id());
  return rank.has_value() ? &entries_[*rank].operation->header : nullptr;
}

std::vector<std::string> History::Heads() const {
  std::vector<bool> is_parent(entries_.size(), false);
  for (const HistoryEntry& entry : entries_) {
    for (const size_t parent : entry.parents) is_parent[parent] = true;
  }
  std::vector<std::string> heads;
  for (const auto& [op_id, rank] : rank_of_) {
    if (!is_parent[rank]) heads.emplace_back(op_id);
  }
  return heads;
}

std::vector<bool> History::AncestorsOf(absl::Span<const size_t> ranks) const {
  std::vector<bool> found(entries_.size(), false);
  std::vector<size_t> open(ranks.begin(), ranks.end());
  while (!open.empty()) {
    const size_t rank = open.back();
    open.pop_back();
    for (const size_t parent : entries_[rank].parents) {
      if (found[parent]) continue;
      found[parent] = true;
      open.push_back(parent);
    }
  }
  return found;
}

std::vector<bool> History::DescendantsOf(size_t rank) const {
  std::vector<std::vector<size_t>> children(entries_.size());
  for (size_t child = 0; child < entries_.size(); ++child) {
    for (const size_t parent : entries_[child].parents) children[parent].push_back(child);
  }
  std::vector<bool> found(entries_.size(), false);
  std::vector<size_t> open = {rank};
  while (!open.empty()) {
    const size_t at = open.back();
    open.pop_back();
    for (const size_t child : children[at]) {
      if (found[child]) continue;
      found[child] = true;
      open.push_back(child);
    }
  }
  return found;
}

}  // namespace baraza
