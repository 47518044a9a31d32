#ifndef BARAZA_CORE_MATCH_RULINGS_H_
#define BARAZA_CORE_MATCH_RULINGS_H_

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "baraza/v1/match.pb.h"
#include "core/base/sha256.h"

namespace baraza {

// A ruling in force that says whether reports describe one session.
struct MatchRuling {
  std::string ruling_id;
  // True: all of report_ids are one session. False: no two of them are.
  bool same = false;
  std::vector<std::string> report_ids;
  // Rank: the greatest (lamport, id_hash) is taken first.
  uint64_t lamport = 0;
  Sha256Digest id_hash;
  friend bool operator==(const MatchRuling&, const MatchRuling&) = default;
};

// A ruling that was set aside, and taken ones that it cannot stand beside.
struct RulingContradiction {
  std::string ruling_id;
  // Highest rank first. Each, or a chain of them, says of two of the ruling's reports the opposite;
  // of several such chains a shortest one.
  std::vector<std::string> against;
  friend bool operator==(const RulingContradiction&, const RulingContradiction&) = default;
};

// What a set of rulings amounts to: which reports are tied together and which tied sets are parted.
// Rulings are taken in order of rank; one that contradicts the closure of those taken (ties are
// transitive, and what is parted from one is parted from all tied to it) is set aside as a whole.
// Depends on the rulings alone, not on which reports there are.
class RulingClosure {
 public:
  RulingClosure() = default;
  explicit RulingClosure(std::vector<MatchRuling> rulings);

  // Whether any ruling, taken or not, names the report.
  bool Names(absl::string_view report_id) const;
  // The smallest id of the reports tied to this one; its own if none is.
  std::string ClassOf(absl::string_view report_id) const;
  // Reports tied to this one, itself included, sorted. Empty when no ruling names it.
  const std::vector<std::string>& TiedTo(absl::string_view report_id) const;
  // Classes that this report's class is parted from.
  const std::set<std::string>& PartedFrom(absl::string_view report_id) const;

  struct Verdict {
    v1::RulingEffect effect = v1::RULING_EFFECT_UNSPECIFIED;
    std::string ruling_id;
  };
  // What the rulings say of a pair, and the ruling that says it (the one of highest rank that names
  // both, else one that takes part in the chain).
  Verdict Of(absl::string_view a, absl::string_view b) const;

  // Sorted.
  const std::vector<std::string>& set_aside() const { return set_aside_; }
  // Those set aside with what they contradict; by id. For each a walk over the rulings on the
  // reports tied to its own.
  std::vector<RulingContradiction> Contradictions() const;
  // All rulings, highest rank first.
  const std::vector<MatchRuling>& rulings() const { return rulings_; }
  bool IsTaken(size_t at) const { return taken_[at]; }

 private:
  // Rulings, by their place in `rulings_`, that name a report.
  using Naming = std::map<absl::string_view, std::vector<size_t>>;

  bool Take(const MatchRuling& ruling);
  std::set<size_t> Against(size_t at, const Naming& naming) const;
  void Union(const std::string& a, const std::string& b);

  std::vector<MatchRuling> rulings_;
  std::vector<bool> taken_;
  std::vector<std::string> set_aside_;
  std::map<std::string, std::string, std::less<>> class_of_;
  std::map<std::string, std::vector<std::string>> members_;
  std::map<std::string, std::set<std::string>> parted_;
};

}  // namespace baraza

#endif  // BARAZA_CORE_MATCH_RULINGS_H_
