#include "core/indicator/qualitative.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"

namespace baraza {
namespace {

using Texts = google::protobuf::RepeatedPtrField<v1::LocalText>;

// One list of the side; each text once, in the order in which they come.
class TextList {
 public:
  explicit TextList(Texts* into) : into_(into) {}

  void Take(const Texts& texts) {
    for (const v1::LocalText& text : texts) {
      if (into_->size() == kMaxQualitativeTexts) return;
      if (seen_.emplace(text.text(), text.language()).second) *into_->Add() = text;
    }
  }

 private:
  Texts* into_;
  absl::flat_hash_set<std::pair<absl::string_view, absl::string_view>> seen_;
};

}  // namespace

void FillQualitativeSide(const std::vector<const v1::Session*>& counted,
                         v1::QualitativeSide& side) {
  absl::flat_hash_set<absl::string_view> teams;
  TextList topics(side.mutable_topics());
  TextList learning_outcomes(side.mutable_learning_outcomes());
  TextList benefits(side.mutable_benefits());
  TextList training_needs(side.mutable_training_needs());
  TextList collective_successes(side.mutable_collective_successes());
  TextList individual_successes(side.mutable_individual_successes());
  // One pass: with thousands of sessions what costs is to fetch each of them.
  for (const v1::Session* session : counted) {
    const v1::SessionReport& values = session->values();
    const v1::Participants& participants = values.participants();
    if (participants.has_total() && participants.unit() != v1::COUNT_UNIT_UNSPECIFIED) {
      side.set_sessions_with_participants(side.sessions_with_participants() + 1);
      side.set_attendances(side.attendances() + participants.total());
      side.set_attendances_women(side.attendances_women() + participants.women());
      side.set_attendances_men(side.attendances_men() + participants.men());
    }
    for (const v1::TeamPresence& team : session->teams()) {
      if (team.present() == v1::YES_NO_YES && !team.team_id().empty()) teams.insert(team.team_id());
    }
    topics.Take(values.topics());
    learning_outcomes.Take(values.learning_outcomes());
    benefits.Take(values.benefits());
    training_needs.Take(values.training_needs());
    collective_successes.Take(values.collective_successes());
    individual_successes.Take(values.individual_successes());
  }
  std::vector<absl::string_view> sorted_teams(teams.begin(), teams.end());
  std::sort(sorted_teams.begin(), sorted_teams.end());
  for (const absl::string_view team : sorted_teams) side.add_team_ids(std::string(team));
}

}  // namespace baraza
