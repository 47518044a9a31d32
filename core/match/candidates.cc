#include "core/match/candidates.h"

#include <algorithm>
#include <array>
#include <functional>
#include <optional>
#include <utility>

#include "absl/numeric/bits.h"
#include "core/match/hash.h"

namespace baraza {
namespace {

// Cell::flags.
constexpr uint8_t kFlagAlone = 1;
constexpr uint8_t kFlagWord = 2;
constexpr uint8_t kFlagTeam = 4;
constexpr uint8_t kFlagPlace = 8;

constexpr int32_t kLongestWindow = 15 + 2 * kDaysApart;

uint8_t KindFlag(PartKind kind) {
  switch (kind) {
    case PartKind::kWord:
      return kFlagWord;
    case PartKind::kTeam:
      return kFlagTeam;
    case PartKind::kPlace:
      return kFlagPlace;
    default:
      return 0;
  }
}

// Parts of two kinds, of word, team and place: less brings no two reports together of which one
// knows no date.
bool HasTwoKinds(uint8_t flags) {
  return absl::popcount(static_cast<uint8_t>(flags & (kFlagWord | kFlagTeam | kFlagPlace))) >= 2;
}

}  // namespace

// ---- changes

CandidateIndex::Worth CandidateIndex::WorthOf(BlockSize size, PartKind kind,
                                              uint32_t crowded) const {
  if (size.all <= Alone(kind)) return kAlone;
  return size.all <= crowded && size.no_day <= limits_.crowded_no_day ? kPoints : kNothing;
}

CandidateIndex::Worth CandidateIndex::WorthInMonth(const Month& month,
                                                   const BlockPart& part) const {
  const size_t coarse = SizeOf(Listed(month.coarse, part.hash));
  const size_t fine = SizeOf(Listed(month.fine, part.hash));
  return WorthOf({coarse + fine, coarse}, part.kind, limits_.crowded_month);
}

CandidateIndex::Worth CandidateIndex::WorthEver(const BlockPart& part) const {
  return WorthOf({Ever(part.hash), SizeOf(Listed(undated_, part.hash))}, part.kind,
                 limits_.crowded_ever);
}

bool CandidateIndex::Crosses(BlockSize fewer, BlockSize more, PartKind kind, uint32_t crowded,
                             bool add) {
  const Worth without = WorthOf(fewer, kind, crowded);
  const Worth with = WorthOf(more, kind, crowded);
  if (with == without) return false;
  if (with == kNothing) crowded_lists_ += add ? 1 : -1;
  return true;
}

void CandidateIndex::AffectAll(const List* list) {
  if (list != nullptr) affected_.insert(affected_.end(), list->begin(), list->end());
}

const CandidateIndex::List* CandidateIndex::Listed(const Bucket& bucket, uint32_t part) {
  const auto found = bucket.find(part);
  return found == bucket.end() ? nullptr : &found->second;
}

size_t CandidateIndex::ChangeList(List& list, uint32_t number, bool add) {
  if (add) {
    list.push_back(number);
    return list.size();
  }
  const size_t size = list.size();
  *std::find(list.begin(), list.end(), number) = list.back();
  list.pop_back();
  return size;
}

size_t CandidateIndex::Change(Bucket& bucket, uint32_t part, uint32_t number, bool add) {
  const auto found = bucket.try_emplace(part).first;
  const size_t size = ChangeList(found->second, number, add);
  if (found->second.empty()) bucket.erase(found);
  return size;
}

void CandidateIndex::ChangeFine(uint32_t number, const BlockRecord& record, bool add) {
  for (int32_t day = record.first_day; day <= record.last_day; ++day) {
    Day& here = days_[day];
    const size_t everyone = ChangeList(here.everyone, number, add);
    if (everyone == size_t{limits_.day_alone} + 1) AffectAll(&here.everyone);
    for (const BlockPart& part : record.parts) {
      const size_t size = Change(here.parts, part.hash, number, add);
      if (!Crosses({size - 1, 0}, {size, 0}, part.kind, limits_.crowded_day, add)) continue;
      AffectAll(Listed(here.parts, part.hash));
    }
    if (here.everyone.empty()) days_.erase(day);
  }
}

void CandidateIndex::ChangeMonths(uint32_t number, const BlockRecord& record, bool add) {
  if (record.parts.empty()) return;
  for (int32_t m = record.first_month; m <= record.last_month; ++m) {
    Month& month = months_[m];
    const bool fine = record.time == BlockTime::kFine;
    for (const BlockPart& part : record.parts) {
      const size_t own = Change(fine ? month.fine : month.coarse, part.hash, number, add);
      const size_t others = SizeOf(Listed(fine ? month.coarse : month.fine, part.hash));
      const BlockSize more = {own + others, fine ? others : own};
      const BlockSize fewer = {more.all - 1, more.no_day - (fine ? 0 : 1)};
      if (!Crosses(fewer, more, part.kind, limits_.crowded_month, add)) continue;
      // Only pairs of which one knows no more than the month look at this block.
      AffectAll(Listed(month.coarse, part.hash));
    }
    if (month.fine.empty() && month.coarse.empty()) months_.erase(m);
  }
}

void CandidateIndex::ChangeEver(uint32_t number, const BlockRecord& record, bool add) {
  for (const BlockPart& part : record.parts) {
    const auto count = ever_.try_emplace(part.hash, 0).first;
    const uint32_t size = add ? ++count->second : count->second--;
    if (count->second == 0) ever_.erase(count);
    const bool undated = record.time == BlockTime::kUndated;
    const size_t no_day =
        undated ? Change(undated_, part.hash, number, add) : SizeOf(Listed(undated_, part.hash));
    const BlockSize more = {size, no_day};
    const BlockSize fewer = {more.all - 1, more.no_day - (undated ? 1 : 0)};
    if (!Crosses(fewer, more, part.kind, limits_.crowded_ever, add)) continue;
    // Only pairs with an undated record look at this.
    AffectAll(Listed(undated_, part.hash));
  }
}

void CandidateIndex::ChangeDocuments(uint32_t number, const BlockRecord& record, bool add) {
  for (const uint64_t document : record.documents) {
    List& list = documents_[document];
    const size_t size = ChangeList(list, number, add);
    if (size == size_t{limits_.document_alone} + 1) AffectAll(&list);
    if (list.empty()) documents_.erase(document);
  }
}

void CandidateIndex::Add(uint32_t number, const BlockRecord& record, uint64_t order) {
  if (number >= places_.size()) {
    places_.resize(number + 1);
    part_bits_.resize(number + 1);
  }
  part_bits_[number] = 0;
  for (const BlockPart& part : record.parts) part_bits_[number] |= BitOf(part.hash);
  Place& place = places_[number];
  place.first_day = record.first_day;
  place.sort_day = record.time == BlockTime::kFine     ? record.first_day
                   : record.time == BlockTime::kCoarse ? record.first_month * 30
                                                       : INT32_MAX;
  place.order = order;
  place.held_back = false;
  place.parts = record.parts;
  if (record.time == BlockTime::kFine) ChangeFine(number, record, true);
  if (record.time != BlockTime::kUndated) ChangeMonths(number, record, true);
  ChangeEver(number, record, true);
  ChangeDocuments(number, record, true);
}

void CandidateIndex::Remove(uint32_t number, const BlockRecord& record) {
  if (places_[number].held_back) LeaveCohort(number);
  if (record.time == BlockTime::kFine) ChangeFine(number, record, false);
  if (record.time != BlockTime::kUndated) ChangeMonths(number, record, false);
  ChangeEver(number, record, false);
  ChangeDocuments(number, record, false);
}

// ---- what is held back

bool CandidateIndex::IsCrowded(const BlockRecord& record, const BlockPart& part) const {
  if (record.time == BlockTime::kUndated) return WorthEver(part) == kNothing;
  if (record.time == BlockTime::kFine) {
    for (int32_t day = record.first_day; day <= record.last_day; ++day) {
      if (SizeOnDay(day, part.hash) > limits_.crowded_day) return true;
    }
    return false;
  }
  for (auto month = months_.lower_bound(record.first_month);
       month != months_.end() && month->first <= record.last_month; ++month) {
    if (WorthInMonth(month->second, part) == kNothing) return true;
  }
  return false;
}

std::optional<uint64_t> CandidateIndex::CohortOf(const BlockRecord& record) const {
  if (crowded_lists_ == 0) return std::nullopt;
  int points = 0;
  uint64_t cohort = record.dates;
  for (const BlockPart& part : record.parts) {
    if (!IsCrowded(record, part)) continue;
    points += kPartPoints[static_cast<int>(part.kind)];
    // A team or place that few have is no reason to leave a record without anybody to be compared
    // with; nor are words, which may be another language's.
    if (part.kind == PartKind::kTeam || part.kind == PartKind::kPlace) {
      cohort = CombineHash(cohort, part.hash);
    }
  }
  if (points < kNeededPoints) return std::nullopt;
  return cohort;
}

void CandidateIndex::UpdateHeldBack(uint32_t number, const BlockRecord& record) {
  Place& place = places_[number];
  const std::optional<uint64_t> wanted = CohortOf(record);
  if (wanted.has_value() == place.held_back && (!wanted || *wanted == place.cohort)) return;
  if (place.held_back) LeaveCohort(number);
  if (!wanted) return;
  place.held_back = true;
  place.cohort = *wanted;
  Cohort& cohort = cohorts_[place.cohort];
  const auto at = cohort.emplace(place.order, number).first;
  // A new leader takes the place of the last one; both are compared otherwise than before.
  size_t rank = 0;
  for (auto it = cohort.begin(); it != at && rank < limits_.leaders; ++it) ++rank;
  if (rank >= limits_.leaders) return;
  affected_.push_back(number);
  if (cohort.size() > limits_.leaders) {
    affected_.push_back(std::next(cohort.begin(), limits_.leaders)->second);
  }
}

void CandidateIndex::LeaveCohort(uint32_t number) {
  places_[number].held_back = false;
  const auto found = cohorts_.find(places_[number].cohort);
  Cohort& cohort = found->second;
  const auto at = cohort.find({places_[number].order, number});
  size_t rank = 0;
  for (auto it = cohort.begin(); it != at && rank < limits_.leaders; ++it) ++rank;
  cohort.erase(at);
  if (rank < limits_.leaders && cohort.size() >= limits_.leaders) {
    affected_.push_back(std::next(cohort.begin(), limits_.leaders - 1)->second);
  }
  if (cohort.empty()) cohorts_.erase(found);
}

std::vector<CandidateIndex::HeldBackCohort> CandidateIndex::HeldBack() const {
  std::vector<HeldBackCohort> result;
  for (const auto& [hash, cohort] : cohorts_) {
    if (cohort.size() < 2) continue;
    HeldBackCohort& held = result.emplace_back();
    held.cohort = hash;
    held.leaders = std::min<size_t>(cohort.size(), limits_.leaders);
    for (const auto& [order, number] : cohort) held.numbers.push_back(number);
  }
  return result;
}

// ---- one pair

size_t CandidateIndex::SizeOnDay(int32_t day, uint32_t part) const {
  const auto bucket = days_.find(day);
  return bucket == days_.end() ? 0 : SizeOf(Listed(bucket->second.parts, part));
}

bool CandidateIndex::IsQuiet(int32_t day) const {
  const auto found = days_.find(day);
  return found != days_.end() && found->second.everyone.size() <= limits_.day_alone;
}

bool CandidateIndex::MeetOnQuietDays(const BlockRecord& a, const BlockRecord& b) const {
  for (int32_t day = a.first_day; day <= a.last_day; ++day) {
    const int32_t from = std::max(day - kDaysApart, b.first_day);
    const int32_t to = std::min(day + kDaysApart, b.last_day);
    if (from > to || !IsQuiet(day)) continue;
    for (int32_t other = from; other <= to; ++other) {
      if (IsQuiet(other)) return true;
    }
  }
  return a.swapped_day == b.first_day && IsQuiet(a.first_day) && IsQuiet(b.first_day);
}

bool CandidateIndex::Leads(uint32_t number) const {
  const Cohort& cohort = cohorts_.find(places_[number].cohort)->second;
  size_t rank = 0;
  for (const auto& [order, other] : cohort) {
    if (rank++ == limits_.leaders) return false;
    if (other == number) return true;
  }
  return false;
}

bool CandidateIndex::AreCandidates(const BlockRecord& a, uint32_t number_a, const BlockRecord& b,
                                   uint32_t number_b) const {
  for (const uint64_t document : a.documents) {
    if (std::binary_search(b.documents.begin(), b.documents.end(), document) &&
        documents_.find(document)->second.size() <= limits_.document_alone) {
      return true;
    }
  }
  const Place& place_a = places_[number_a];
  const Place& place_b = places_[number_b];
  if (place_a.held_back && place_b.held_back && place_a.cohort == place_b.cohort &&
      (Leads(number_a) || Leads(number_b))) {
    return true;
  }
  const bool undated = a.time == BlockTime::kUndated || b.time == BlockTime::kUndated;
  const bool fine = a.time == BlockTime::kFine && b.time == BlockTime::kFine;
  if (fine && !NearDays(a, b)) return false;
  if (fine && MeetOnQuietDays(a, b)) return true;
  const int32_t first_month = std::max(a.first_month, b.first_month);
  const int32_t last_month = std::min(a.last_month, b.last_month);
  if (!undated && !fine && first_month > last_month) return false;
  // In the best of the blocks in which they meet.
  const auto worth = [&](const BlockPart& part) {
    if (undated) return WorthEver(part);
    if (!fine) {
      Worth best = kNothing;
      for (auto month = months_.lower_bound(first_month);
           month != months_.end() && month->first <= last_month; ++month) {
        best = std::max(best, WorthInMonth(month->second, part));
      }
      return best;
    }
    size_t size = SIZE_MAX;
    for (int32_t day = a.first_day; day <= a.last_day; ++day) {
      const int32_t from = std::max(day - kDaysApart, b.first_day);
      const int32_t to = std::min(day + kDaysApart, b.last_day);
      for (int32_t other = from; other <= to; ++other) {
        size = std::min(size, std::max(SizeOnDay(day, part.hash), SizeOnDay(other, part.hash)));
      }
    }
    if (a.swapped_day == b.first_day) {
      size = std::min(
          size, std::max(SizeOnDay(a.first_day, part.hash), SizeOnDay(b.first_day, part.hash)));
    }
    return WorthOf({size, 0}, part.kind, limits_.crowded_day);
  };
  bool alone = false;
  bool usable = false;
  int points = 0;
  uint8_t flags = 0;
  for (auto x = a.parts.begin(), y = b.parts.begin(); x != a.parts.end() && y != b.parts.end();) {
    if (*x < *y) {
      ++x;
    } else if (*y < *x) {
      ++y;
    } else {
      const Worth shared = worth(*x);
      alone = alone || shared == kAlone;
      usable = usable || shared != kNothing;
      points += kPartPoints[static_cast<int>(x->kind)];
      flags |= KindFlag(x->kind);
      ++x;
      ++y;
    }
  }
  if (undated && !HasTwoKinds(flags)) return false;
  return alone || (usable && points >= kNeededPoints);
}

// ---- search

template <typename Scratch>
class CandidateIndex::Search {
 public:
  Search(const CandidateIndex& index, const BlockRecord& record, uint32_t number, Scratch& scratch,
         std::vector<uint32_t>& found)
      : index_(index),
        record_(record),
        number_(number),
        scratch_(scratch),
        found_(found),
        room_(scratch.room) {}

  void Run() {
    if (record_.time == BlockTime::kFine) {
      QuietDays();
      Days();
    }
    if (record_.time != BlockTime::kUndated) Months();
    Undated();
    Documents();
    Cohorts();
    std::sort(found_.begin(), found_.end());
    found_.erase(std::unique(found_.begin(), found_.end()), found_.end());
  }

 private:
  Worth WorthOnDay(size_t size, PartKind kind) const {
    return index_.WorthOf({size, 0}, kind, index_.limits_.crowded_day);
  }

  // A block of the part at hand, to be gone through by Finish.
  void Meet(uint32_t part, const List* list, Worth worth, bool swapped = false) {
    if (list == nullptr) return;
    if (worth != kNothing) {
      room_.blocks.push_back({part, worth, swapped, list});
    } else if (!std::exchange(part_crowded_, true)) {
      any_crowded_ = true;
      Reserve(record_.parts[part]);
    }
  }

  // The part may be shared by records that are met under others only.
  void Reserve(const BlockPart& part) {
    room_.reserved.push_back(part);
    reserved_points_ += kPartPoints[static_cast<int>(part.kind)];
    reserved_flags_ |= KindFlag(part.kind);
  }

  // Goes through the blocks that were met: takes those that have enough in common.
  void Finish(bool two_kinds) {
    if (!any_crowded_) SkipLongest();
    size_t begin = 0;
    while (begin < room_.blocks.size()) {
      size_t end = begin;
      const uint32_t part = room_.blocks[begin].part;
      for (; end < room_.blocks.size() && room_.blocks[end].part == part; ++end) {
        HitAll(room_.blocks[end]);
      }
      EndPart(record_.parts[part].kind);
      begin = end;
    }
    End(two_kinds);
    room_.blocks.clear();
    room_.reserved.clear();
    reserved_points_ = 0;
    reserved_flags_ = 0;
    any_crowded_ = false;
  }

  // Going through the longest blocks is most of the work. Records that share nothing but these do
  // not have enough in common as long as few points are left out; those met under others are asked
  // whether they share them.
  void SkipLongest() {
    constexpr size_t kWorthSkipping = 24;
    const int most = kNeededPoints - kPartPoints[static_cast<int>(PartKind::kPlace)];
    auto& lengths = room_.lengths;
    lengths.clear();
    uint32_t alone = UINT32_MAX;
    for (const Room::Block& block : room_.blocks) {
      if (block.worth == kAlone) alone = block.part;
      if (block.part == alone) {
        if (!lengths.empty() && lengths.back().second == alone) lengths.back().first = 0;
        continue;
      }
      if (lengths.empty() || lengths.back().second != block.part) {
        lengths.push_back({0, block.part});
      }
      lengths.back().first += static_cast<const List*>(block.list)->size();
    }
    std::sort(lengths.begin(), lengths.end(), std::greater<>());
    uint64_t skipped = 0;
    for (const auto& [length, part] : lengths) {
      if (length < kWorthSkipping) break;
      if (part >= 64) continue;
      const BlockPart& shared = record_.parts[part];
      if (reserved_points_ + kPartPoints[static_cast<int>(shared.kind)] > most) continue;
      skipped |= uint64_t{1} << part;
      Reserve(shared);
    }
    if (skipped == 0) return;
    room_.blocks.erase(std::remove_if(room_.blocks.begin(), room_.blocks.end(),
                                      [&](const Room::Block& block) {
                                        return block.part < 64 && (skipped >> block.part & 1) != 0;
                                      }),
                       room_.blocks.end());
  }

  // For one part; a record met under it several times has the best of them.
  void HitAll(const Room::Block& block) {
    for (const uint32_t other : *static_cast<const List*>(block.list)) {
      if (other == number_) continue;
      if (block.swapped && index_.places_[other].first_day != record_.swapped_day) continue;
      Cell& cell = scratch_.At(other);
      if (cell.best == 0) room_.of_part.push_back(other);
      cell.best = std::max(cell.best, block.worth);
    }
  }

  void EndPart(PartKind kind) {
    for (const uint32_t other : room_.of_part) {
      Cell& cell = scratch_.At(other);
      if (cell.points == 0) room_.touched.push_back(other);
      cell.points += kPartPoints[static_cast<int>(kind)];
      if (cell.best == kAlone) cell.flags |= kFlagAlone;
      cell.flags |= KindFlag(kind);
      cell.best = 0;
    }
    room_.of_part.clear();
  }

  void End(bool two_kinds) {
    for (const uint32_t other : room_.touched) {
      Cell cell = std::exchange(scratch_.At(other), Cell());
      // With what it may share of the blocks that were not gone through it might do.
      if (reserved_points_ > 0 && !Enough(cell, two_kinds) &&
          Enough(With(cell, reserved_points_, reserved_flags_), two_kinds) &&
          Enough(WithReserved(cell, index_.part_bits_[other]), two_kinds)) {
        AddAllShared(other, cell);
      }
      if (Enough(cell, two_kinds)) found_.push_back(other);
    }
    room_.touched.clear();
  }

  static Cell With(Cell cell, int points, uint8_t flags) {
    cell.points += points;
    cell.flags |= flags;
    return cell;
  }
  // With all reserved parts that a record with these bits may have.
  Cell WithReserved(Cell cell, uint64_t bits) const {
    for (const BlockPart& part : room_.reserved) {
      if ((bits & BitOf(part.hash)) == 0) continue;
      cell = With(cell, kPartPoints[static_cast<int>(part.kind)], KindFlag(part.kind));
    }
    return cell;
  }
  static bool Enough(const Cell& cell, bool two_kinds) {
    return ((cell.flags & kFlagAlone) != 0 || cell.points >= kNeededPoints) &&
           (!two_kinds || HasTwoKinds(cell.flags));
  }

  // All that the two have in common, whatever the sizes of the blocks.
  void AddAllShared(uint32_t other, Cell& cell) const {
    const std::vector<BlockPart>& theirs = index_.places_[other].parts;
    cell.points = 0;
    for (auto a = record_.parts.begin(), b = theirs.begin();
         a != record_.parts.end() && b != theirs.end();) {
      if (*a < *b) {
        ++a;
      } else if (*b < *a) {
        ++b;
      } else {
        cell = With(cell, kPartPoints[static_cast<int>(a->kind)], KindFlag(a->kind));
        ++a;
        ++b;
      }
    }
  }

  void Days() {
    const int32_t first = record_.first_day - kDaysApart;
    const int32_t window = record_.last_day + kDaysApart - first + 1;
    std::array<const Day*, kLongestWindow> days{};
    for (int32_t i = 0; i < window; ++i) days[i] = DayOf(first + i);
    const Day* swapped =
        record_.swapped_day == DateFeatures::kNoSwap ? nullptr : DayOf(record_.swapped_day);
    std::array<const List*, kLongestWindow> lists{};
    for (uint32_t p = 0; p < record_.parts.size(); ++p) {
      const BlockPart& part = record_.parts[p];
      part_crowded_ = false;
      for (int32_t i = 0; i < window; ++i) {
        lists[i] = days[i] == nullptr ? nullptr : Listed(days[i]->parts, part.hash);
      }
      for (int32_t i = 0; i < window; ++i) {
        if (lists[i] == nullptr) continue;
        // Of the two days on which a pair meets, the fuller one counts; of several such pairs of
        // days the best.
        size_t own = SIZE_MAX;
        const int32_t from = std::max(i - kDaysApart, kDaysApart);
        const int32_t to = std::min(i + kDaysApart, window - 1 - kDaysApart);
        for (int32_t j = from; j <= to; ++j) own = std::min(own, SizeOf(lists[j]));
        Meet(p, lists[i], WorthOnDay(std::max(own, lists[i]->size()), part.kind));
      }
      if (swapped == nullptr) continue;
      const List* there = Listed(swapped->parts, part.hash);
      const size_t own = SizeOf(lists[kDaysApart]);
      Meet(p, there, WorthOnDay(std::max(own, SizeOf(there)), part.kind), true);
    }
    Finish(/*two_kinds=*/false);
  }

  void Months() {
    const bool fine = record_.time == BlockTime::kFine;
    const auto end = index_.months_.upper_bound(record_.last_month);
    const auto begin = index_.months_.lower_bound(record_.first_month);
    if (fine && std::all_of(begin, end, [](const auto& m) { return m.second.coarse.empty(); })) {
      return;
    }
    for (uint32_t p = 0; p < record_.parts.size(); ++p) {
      const BlockPart& part = record_.parts[p];
      part_crowded_ = false;
      for (auto month = begin; month != end; ++month) {
        const List* coarse = Listed(month->second.coarse, part.hash);
        if (fine && coarse == nullptr) continue;
        const Worth worth = index_.WorthInMonth(month->second, part);
        Meet(p, coarse, worth);
        if (!fine) Meet(p, Listed(month->second.fine, part.hash), worth);
      }
    }
    Finish(/*two_kinds=*/false);
  }

  void Undated() {
    const bool undated = record_.time == BlockTime::kUndated;
    if (!undated && index_.undated_.empty()) return;
    for (uint32_t p = 0; p < record_.parts.size(); ++p) {
      const BlockPart& part = record_.parts[p];
      part_crowded_ = false;
      const List* alike = Listed(index_.undated_, part.hash);
      if (!undated && alike == nullptr) continue;
      const Worth worth = index_.WorthEver(part);
      Meet(p, alike, worth);
      if (!undated) continue;
      for (const auto& [number, month] : index_.months_) {
        Meet(p, Listed(month.coarse, part.hash), worth);
        Meet(p, Listed(month.fine, part.hash), worth);
        if (worth == kNothing && part_crowded_) break;
      }
    }
    Finish(/*two_kinds=*/true);
  }

  void Documents() {
    for (const uint64_t document : record_.documents) {
      const auto list = index_.documents_.find(document);
      if (list == index_.documents_.end()) continue;
      if (list->second.size() > index_.limits_.document_alone) continue;
      for (const uint32_t other : list->second) {
        if (other != number_) found_.push_back(other);
      }
    }
  }

  void Cohorts() {
    if (number_ == kNoNumber || !index_.places_[number_].held_back) return;
    const Cohort& cohort = index_.cohorts_.find(index_.places_[number_].cohort)->second;
    size_t rank = 0;
    bool leads = false;
    for (const auto& [order, other] : cohort) {
      if (rank++ >= index_.limits_.leaders && !leads) break;
      if (other == number_) {
        leads = true;
      } else {
        found_.push_back(other);
      }
    }
  }

  // Everybody around on quiet days, and on the swapped one. Who is not in the index yet (number_)
  // finds whom it will be compared with once it is.
  void QuietDays() {
    const int32_t first = record_.first_day - kDaysApart;
    const int32_t window = record_.last_day + kDaysApart - first + 1;
    const auto own = [&](int32_t i) { return i >= kDaysApart && i < window - kDaysApart; };
    std::array<const List*, kLongestWindow> lists{};
    std::array<bool, kLongestWindow> quiet{};
    for (int32_t i = 0; i < window; ++i) {
      lists[i] = Everyone(first + i);
      const size_t joining = number_ == kNoNumber && own(i) ? 1 : 0;
      quiet[i] = SizeOf(lists[i]) + joining <= index_.limits_.day_alone;
    }
    for (int32_t i = 0; i < window; ++i) {
      if (lists[i] == nullptr || !quiet[i]) continue;
      bool near = false;
      const int32_t from = std::max(i - kDaysApart, kDaysApart);
      const int32_t to = std::min(i + kDaysApart, window - 1 - kDaysApart);
      for (int32_t j = from; j <= to && !near; ++j) near = quiet[j];
      if (near) AddAll(*lists[i], std::nullopt);
    }
    if (record_.swapped_day == DateFeatures::kNoSwap || !quiet[kDaysApart]) return;
    const List* swapped = Everyone(record_.swapped_day);
    if (swapped != nullptr && swapped->size() <= index_.limits_.day_alone) {
      AddAll(*swapped, record_.swapped_day);
    }
  }

  const List* Everyone(int32_t number) const {
    const Day* day = DayOf(number);
    return day == nullptr ? nullptr : &day->everyone;
  }

  void AddAll(const List& list, std::optional<int32_t> first_day) {
    for (const uint32_t other : list) {
      if (other == number_) continue;
      if (first_day && index_.places_[other].first_day != *first_day) continue;
      found_.push_back(other);
    }
  }

  const Day* DayOf(int32_t day) const {
    const auto found = index_.days_.find(day);
    return found == index_.days_.end() ? nullptr : &found->second;
  }

  const CandidateIndex& index_;
  const BlockRecord& record_;
  const uint32_t number_;
  Scratch& scratch_;
  std::vector<uint32_t>& found_;
  Room& room_;
  // Some block of the part at hand, or of any part, is crowded.
  bool part_crowded_ = false;
  bool any_crowded_ = false;
  // What the parts with blocks that are not gone through are worth together.
  int reserved_points_ = 0;
  uint8_t reserved_flags_ = 0;
};

template <typename Scratch>
void CandidateIndex::Find(const BlockRecord& record, uint32_t number, Scratch& scratch,
                          std::vector<uint32_t>& found) const {
  found.clear();
  Search<Scratch>(*this, record, number, scratch, found).Run();
}

template void CandidateIndex::Find(const BlockRecord&, uint32_t, DenseScratch&,
                                   std::vector<uint32_t>&) const;
template void CandidateIndex::Find(const BlockRecord&, uint32_t, SparseScratch&,
                                   std::vector<uint32_t>&) const;

}  // namespace baraza
