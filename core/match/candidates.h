#ifndef BARAZA_CORE_MATCH_CANDIDATES_H_
#define BARAZA_CORE_MATCH_CANDIDATES_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"
#include "core/match/blocking.h"

namespace baraza {

// From how many records on a block is treated otherwise. All of it is a property of the set of
// records; who came first never matters.
struct BlockLimits {
  // A block (a day or month x one part) of at most so many is compared whole. In a larger one a
  // pair must have more in common: parts worth kNeededPoints points.
  uint32_t place_alone = 16;  // also documents
  uint32_t team_alone = 4;    // also words
  // On days with so few records everybody is compared with everybody, whatever they share.
  uint32_t day_alone = 32;
  // Reports under one document, whatever their dates; in a larger block the document is a part like
  // others.
  uint32_t document_alone = 64;
  // A part that more records of a day, or of a month, have than that brings nobody together: its
  // points count for those that share something rarer too.
  uint32_t crowded_day = 256;
  uint32_t crowded_month = 4096;
  // The same for undated reports, which meet those of all times.
  uint32_t crowded_ever = 1024;
  // Nor does one that more records of a month have which know no day of it, or more undated ones.
  // Each of these meets all that have the part, so their number is what a block costs for each of
  // its records; the other two limits alone would let near-identical ones cost thousands each.
  uint32_t crowded_no_day = 256;
  // Records that would have been comparable by crowded parts alone are held back: those of one
  // cohort (the same dates, and the same teams and places of those that are crowded) are compared
  // with so many of them only, the ones with the smallest fingerprints.
  uint32_t leaders = 4;
};

// Which records share a block. Records are known by small numbers that the caller gives.
//
// Invariant: whether two records are candidates of one another depends on the set of records in the
// index alone, and is symmetric. A change of the set changes that for the records returned by
// TakeAffected() at most, beside the one added or removed.
//
// A record stands under its own days (if fine) and months; it looks kDaysApart days around. So the
// index holds each part once a day and once a month, and nothing is kept for pairs.
class CandidateIndex {
 public:
  explicit CandidateIndex(const BlockLimits& limits) : limits_(limits) {}

  // `order` ranks records of one cohort: of the record's content, unique.
  void Add(uint32_t number, const BlockRecord& record, uint64_t order);
  void Remove(uint32_t number, const BlockRecord& record);

  // Records whose candidates may differ now; may hold repeated and removed ones. Call
  // UpdateHeldBack for those and the added ones, and again, until none is left.
  std::vector<uint32_t> TakeAffected() { return std::exchange(affected_, {}); }
  // False: it is not and cannot become held back as things stand; nothing to settle.
  bool MayBeHeldBack(uint32_t number) const {
    return crowded_lists_ > 0 || places_[number].held_back;
  }
  // Settles whether a record is held back.
  void UpdateHeldBack(uint32_t number, const BlockRecord& record);

  // Counters of common parts: for many searches in a row, or for one beside others.
  struct Cell {
    uint16_t points = 0;
    uint8_t best = 0;
    uint8_t flags = 0;
  };
  // Blocks that a search is to go through, and what it met; room that is used again.
  struct Room {
    struct Block {
      uint32_t part = 0;  // which of the record's
      uint8_t worth = 0;
      bool swapped = false;
      const void* list = nullptr;
    };
    std::vector<Block> blocks;
    std::vector<BlockPart> reserved;                   // whose blocks are not gone through
    std::vector<std::pair<size_t, uint32_t>> lengths;  // of all blocks of a part, part
    std::vector<uint32_t> of_part;
    std::vector<uint32_t> touched;
  };
  class DenseScratch {
   public:
    Room room;
    Cell& At(uint32_t number) {
      if (number >= cells_.size()) cells_.resize(number + number / 2 + 64);
      return cells_[number];
    }

   private:
    std::vector<Cell> cells_;  // all zero between searches
  };
  class SparseScratch {
   public:
    Room room;
    Cell& At(uint32_t number) { return cells_[number]; }

   private:
    absl::flat_hash_map<uint32_t, Cell> cells_;
  };

  // The candidates of `record`, each once, sorted. `number` is its own, which is left out;
  // kNoNumber for one that is not in the index.
  static constexpr uint32_t kNoNumber = UINT32_MAX;
  template <typename Scratch>
  void Find(const BlockRecord& record, uint32_t number, Scratch& scratch,
            std::vector<uint32_t>& found) const;

  // Whether two records of the index are candidates of one another: what Find says, for one pair.
  bool AreCandidates(const BlockRecord& a, uint32_t number_a, const BlockRecord& b,
                     uint32_t number_b) const;

  // Cohorts of records that were held back, each with at least two, in the order of their hashes:
  // all of its records, and how many of them the others were compared with.
  struct HeldBackCohort {
    uint64_t cohort = 0;
    std::vector<uint32_t> numbers;  // leaders first
    size_t leaders = 0;
  };
  std::vector<HeldBackCohort> HeldBack() const;

  uint64_t Order(uint32_t number) const { return places_[number].order; }
  // A day to sort records by, so that those compared with one another lie near in memory.
  int32_t SortDay(uint32_t number) const { return places_[number].sort_day; }

 private:
  using List = absl::InlinedVector<uint32_t, 4>;
  using Bucket = absl::flat_hash_map<uint32_t, List>;  // by part
  struct Day {
    Bucket parts;
    List everyone;
  };
  struct Month {
    Bucket fine;
    Bucket coarse;
  };
  struct Place {
    int32_t first_day = 0;
    int32_t sort_day = 0;
    uint64_t order = 0;
    std::vector<BlockPart> parts;
    bool held_back = false;
    uint64_t cohort = 0;  // if held back
  };
  using Cohort = absl::btree_set<std::pair<uint64_t, uint32_t>>;  // (order, number)

  template <typename Scratch>
  class Search;

  static uint64_t BitOf(uint32_t part) { return uint64_t{1} << (part & 63); }
  uint32_t Alone(PartKind kind) const {
    return kind == PartKind::kPlace || kind == PartKind::kDocument ? limits_.place_alone
                                                                   : limits_.team_alone;
  }
  // What a shared part is worth, by the sizes of the blocks: nothing, points, or enough by itself.
  enum Worth : uint8_t { kNothing, kPoints, kAlone };
  // Of a block of so many records, some of which know no day and meet all the others.
  struct BlockSize {
    size_t all = 0;
    size_t no_day = 0;
  };
  Worth WorthOf(BlockSize size, PartKind kind, uint32_t crowded) const;
  Worth WorthInMonth(const Month& month, const BlockPart& part) const;
  Worth WorthEver(const BlockPart& part) const;
  // A block has `more` records with the one that is added or removed, and `fewer` without it. Keeps
  // count of crowded ones; whether the block is treated otherwise from here on.
  bool Crosses(BlockSize fewer, BlockSize more, PartKind kind, uint32_t crowded, bool add);
  void AffectAll(const List* list);
  static const List* Listed(const Bucket& bucket, uint32_t part);
  static size_t SizeOf(const List* list) { return list == nullptr ? 0 : list->size(); }
  size_t SizeOnDay(int32_t day, uint32_t part) const;
  // Whether everybody who stands on that day is compared with everybody.
  bool IsQuiet(int32_t day) const;
  bool MeetOnQuietDays(const BlockRecord& a, const BlockRecord& b) const;
  bool Leads(uint32_t number) const;
  void ChangeFine(uint32_t number, const BlockRecord& record, bool add);
  void ChangeMonths(uint32_t number, const BlockRecord& record, bool add);
  void ChangeEver(uint32_t number, const BlockRecord& record, bool add);
  uint32_t Ever(uint32_t part) const {
    const auto found = ever_.find(part);
    return found == ever_.end() ? 0 : found->second;
  }
  void ChangeDocuments(uint32_t number, const BlockRecord& record, bool add);
  // Puts the record into the list of the part, or takes it out; the greater of the sizes before and
  // after.
  static size_t Change(Bucket& bucket, uint32_t part, uint32_t number, bool add);
  static size_t ChangeList(List& list, uint32_t number, bool add);
  bool IsCrowded(const BlockRecord& record, const BlockPart& part) const;
  // nullopt: it is not held back.
  std::optional<uint64_t> CohortOf(const BlockRecord& record) const;
  void LeaveCohort(uint32_t number);

  BlockLimits limits_;
  absl::flat_hash_map<int32_t, Day> days_;
  absl::btree_map<int32_t, Month> months_;
  Bucket undated_;
  // How many records have a part, whenever.
  absl::flat_hash_map<uint32_t, uint32_t> ever_;
  absl::flat_hash_map<uint64_t, List> documents_;
  absl::btree_map<uint64_t, Cohort> cohorts_;
  std::vector<Place> places_;
  // A bit for each of a record's parts: tells at a glance what it surely does not have.
  std::vector<uint64_t> part_bits_;
  std::vector<uint32_t> affected_;
  // Lists that are crowded now.
  size_t crowded_lists_ = 0;
};

}  // namespace baraza

#endif  // BARAZA_CORE_MATCH_CANDIDATES_H_
