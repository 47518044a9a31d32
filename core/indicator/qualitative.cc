#include "core/indicator/qualitative.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"

namespace baraza {
namespace {

using Texts = google::protobuf::RepeatedPtrField<v1::LocalText>;

void Unite(const std::vector<const v1::Session*>& counted,
           const Texts& (v1::SessionReport::*list)() const, Texts* into) {
  absl::flat_hash_set<std::pair<absl::string_view, absl::string_view>> seen;
  for (const v1::Session* session : counted) {
    for (const v1::LocalText& text : (session->values().*list)()) {
      if (into->size() == kMaxQualitativeTexts) return;
      if (seen.emplace(text.text(), text.language()).second) *into->Add() = text;
    }
  }
}

}  // namespace

void FillQualitativeSide(const std::vector<const v1::Session*>& counted,
                         v1::QualitativeSide& side) {
  absl::flat_hash_set<absl::string_view> teams;
  for (const v1::Session* session : counted) {
    const v1::Participants& participants = session->values().participants();
    if (participants.has_total() && participants.unit() != v1::COUNT_UNIT_UNSPECIFIED) {
      side.set_sessions_with_participants(side.sessions_with_participants() + 1);
      side.set_attendances(side.attendances() + participants.total());
      side.set_attendances_women(side.attendances_women() + participants.women());
      side.set_attendances_men(side.attendances_men() + participants.men());
    }
    for (const v1::TeamPresence& team : session->teams()) {
      if (team.present() == v1::YES_NO_YES && !team.team_id().empty()) teams.insert(team.team_id());
    }
  }
  std::vector<absl::string_view> sorted_teams(teams.begin(), teams.end());
  std::sort(sorted_teams.begin(), sorted_teams.end());
  for (const absl::string_view team : sorted_teams) side.add_team_ids(std::string(team));
  using Report = v1::SessionReport;
  Unite(counted, &Report::topics, side.mutable_topics());
  Unite(counted, &Report::learning_outcomes, side.mutable_learning_outcomes());
  Unite(counted, &Report::benefits, side.mutable_benefits());
  Unite(counted, &Report::training_needs, side.mutable_training_needs());
  Unite(counted, &Report::collective_successes, side.mutable_collective_successes());
  Unite(counted, &Report::individual_successes, side.mutable_individual_successes());
}

}  // namespace baraza
