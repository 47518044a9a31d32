#ifndef BARAZA_SYNC_SERVER_CONSOLIDATION_RULING_BOOK_H_
#define BARAZA_SYNC_SERVER_CONSOLIDATION_RULING_BOOK_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "baraza/v1/record.pb.h"
#include "baraza/v1/review.pb.h"
#include "core/base/sha256.h"
#include "core/indicator/consolidate.h"
#include "core/match/rulings.h"

namespace baraza::server {

// One ruling record as applied last.
struct BookedRuling {
  // With the rank of its creation.
  SessionRuling ruling;
  // Whoever created it; empty: nobody knows.
  std::string author_id;
  // The author's then; empty: an office without a team.
  std::string team_id;
  // By the author's clock, ms since 1970. Data only.
  int64_t device_time_ms = 0;
  bool withdrawn = false;
  // Hash of what it says, whoever says it and why.
  Sha256Digest content;
};

// All rulings of a programme, and which of them are in effect.
//
// Without approval every ruling that is not withdrawn is in effect. With it, a ruling is once
// somebody else has ruled the same (the same kind, reports, definition and values) at a higher
// rank; so what two people say has the rank at which the first of them is still followed by
// another, and nobody lifts it over a later contradiction alone. UNSURE has no effect and needs no
// approval. A function of the *set* of record states and of the setting. Not thread-safe for
// changes; copies are for readers.
class RulingBook {
 public:
  // Takes in the state of a ruling in place of an earlier one of that record.
  void Apply(const v1::RecordState& state);
  // Whether a second person has to approve. Answers whether that is a change.
  bool RequireApproval(bool required);

  bool IsInEffect(absl::string_view ruling_id) const;
  // Of the rulings in effect that say the same as this one the one of highest rank, by which all of
  // them stand; empty: none is.
  std::string StandsBy(absl::string_view ruling_id) const;
  // Not withdrawn, and without effect until somebody else rules the same.
  bool WaitsForApproval(absl::string_view ruling_id) const;
  // Rulings that say the same as this one and are not withdrawn, itself among them; sorted by rank,
  // the first one first. Empty for one that is withdrawn, unknown or moves nothing by its kind.
  std::vector<std::string> SayingTheSame(absl::string_view ruling_id) const;

  // Whether the person (empty: nobody) has looked at the two reports, said UNSURE and not withdrawn
  // that.
  bool IsUnsure(absl::string_view person_id, absl::string_view left_report_id,
                absl::string_view right_report_id) const;

  // SAME and DIFFERENT in effect, by id.
  std::vector<MatchRuling> MatchRulings() const;
  // What else is in effect on a session of these reports (COUNTS, DOES_NOT_COUNT, OVERRIDE); by id.
  std::vector<SessionRuling> OnSession(absl::Span<const std::string> report_ids) const;

  // Withdrawn ones included; nullptr: none of that id.
  const BookedRuling* Find(absl::string_view ruling_id) const;
  // Ids of all that name the report, withdrawn ones included.
  const absl::btree_set<std::string>& Naming(absl::string_view report_id) const;
  // Every one, by id.
  const std::map<std::string, BookedRuling, std::less<>>& rulings() const { return rulings_; }

 private:
  using Rank = std::pair<uint64_t, Sha256Digest>;
  // Ranks at which each author says one thing.
  using Voices = absl::btree_map<std::string, absl::btree_set<std::pair<Rank, std::string>>>;

  void Remove(absl::string_view ruling_id);
  // Of those who say the same as this ruling; nullptr: it is withdrawn, unknown or moves nothing.
  const Voices* VoicesOf(absl::string_view ruling_id) const;
  // Whether somebody else said it after that.
  static bool IsFollowed(const Voices& voices, const BookedRuling& ruling);

  bool approval_ = false;
  std::map<std::string, BookedRuling, std::less<>> rulings_;
  absl::btree_map<std::string, absl::btree_set<std::string>> naming_;
  // By what they say: those that are not withdrawn and have an effect.
  absl::btree_map<Sha256Digest, Voices> voices_;
};

}  // namespace baraza::server

#endif  // BARAZA_SYNC_SERVER_CONSOLIDATION_RULING_BOOK_H_
