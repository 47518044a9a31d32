#include "core/indicator/qualitative.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"

namespace baraza {
namespace {

// One list of the side; each text once, in the order in which they come.
class TextList {
 public:
  explicit TextList(TextKind::Texts* into) : into_(into) {}

  // Whether there is room for more.
  bool Take(const TextKind::Texts& texts) {
    for (const v1::LocalText& text : texts) {
      if (into_->size() == kMaxQualitativeTexts) return false;
      if (seen_.emplace(text.text(), text.language()).second) *into_->Add() = text;
    }
    return into_->size() < kMaxQualitativeTexts;
  }

 private:
  TextKind::Texts* into_;
  absl::flat_hash_set<std::pair<absl::string_view, absl::string_view>> seen_;
};

// The teams of a session, hashed beforehand.
struct TeamList {
  absl::string_view teams;
  size_t hash = 0;

  struct Hash {
    size_t operator()(const TeamList& list) const { return list.hash; }
  };
  friend bool operator==(const TeamList& a, const TeamList& b) {
    return a.hash == b.hash && a.teams == b.teams;
  }
};

}  // namespace

void FillQualitativeSide(const std::vector<const BriefSession*>& counted,
                         v1::QualitativeSide& side) {
  // Which teams were at a session repeats itself more often than not: lists first, then their ids.
  absl::flat_hash_set<TeamList, TeamList::Hash> team_lists;
  std::vector<TextList> lists;
  for (const TextKind& kind : kTextKinds) lists.emplace_back((side.*kind.mutable_side)());
  uint32_t open_kinds = (1u << lists.size()) - 1;
  for (const BriefSession* brief : counted) {
    if (brief->has_participants) {
      side.set_sessions_with_participants(side.sessions_with_participants() + 1);
      side.set_attendances(side.attendances() + brief->participants);
      side.set_attendances_women(side.attendances_women() + brief->women);
      side.set_attendances_men(side.attendances_men() + brief->men);
    }
    if (!brief->teams.empty()) team_lists.insert({brief->teams, brief->teams_hash});
    const uint32_t kinds = brief->text_kinds & open_kinds;
    if (kinds == 0) continue;
    for (size_t kind = 0; kind < lists.size(); ++kind) {
      if ((kinds >> kind & 1u) == 0) continue;
      const bool open = lists[kind].Take((brief->session->values().*kTextKinds[kind].texts)());
      if (!open) open_kinds &= ~(1u << kind);
    }
  }
  std::vector<absl::string_view> teams;
  for (const TeamList& list : team_lists) {
    for (const absl::string_view team : absl::StrSplit(list.teams, '\n')) teams.push_back(team);
  }
  std::sort(teams.begin(), teams.end());
  teams.erase(std::unique(teams.begin(), teams.end()), teams.end());
  for (const absl::string_view team : teams) side.add_team_ids(std::string(team));
}

}  // namespace baraza
