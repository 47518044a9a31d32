#ifndef BARAZA_CORE_MODEL_HISTORY_H_
#define BARAZA_CORE_MODEL_HISTORY_H_

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "core/model/operation.h"

// Internal to core/model: the operations of one record as a set with an order and an ancestry.

namespace baraza {

struct HistoryEntry {
  const Operation* operation = nullptr;
  // Classes of parts that are erased in some copy of the operation.
  std::set<int> erased;
  // Ranks of the parents that are in the set.
  std::vector<size_t> parents;
  int missing_parents = 0;
};

// Each operation once, ranked ascending by (lamport, SHA-256(op_id)). Depends on the set only: of
// two different operations with one id (which the server rejects) the one with the smaller hash
// stays, and copies of one operation are taken together. Parents may form a cycle; nothing here
// minds.
class History {
 public:
  // `operations` must outlive this and not be empty.
  explicit History(absl::Span<const Operation> operations);

  size_t size() const { return entries_.size(); }
  const HistoryEntry& at(size_t rank) const { return entries_[rank]; }
  std::optional<size_t> RankOf(absl::string_view op_id) const;

  // The header of the creating operation; nullptr: not in the set.
  const v1::Header* creation() const;

  // Ids of the operations that none has as a parent, sorted.
  std::vector<std::string> Heads() const;

  // By rank: whether some operation of `ranks` descends from it.
  std::vector<bool> AncestorsOf(absl::Span<const size_t> ranks) const;

  // By rank: whether it descends from `rank`.
  std::vector<bool> DescendantsOf(size_t rank) const;

 private:
  std::vector<HistoryEntry> entries_;
  std::map<absl::string_view, size_t> rank_of_;
};

}  // namespace baraza

#endif  // BARAZA_CORE_MODEL_HISTORY_H_
