#include "sync_server/services/viewing.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "core/model/merge.h"
#include "core/model/record_types.h"
#include "sync_server/auth/resource_names.h"
#include "sync_server/ingest/desk.h"

namespace baraza::server {
namespace {

v1::Privacy SensitivityOf(const google::protobuf::Message& record) {
  const google::protobuf::FieldDescriptor* field =
      record.GetDescriptor()->FindFieldByName("sensitivity");
  if (field == nullptr) return v1::PRIVACY_UNSPECIFIED;
  return static_cast<v1::Privacy>(record.GetReflection()->GetEnumValue(record, field));
}

// What two reports say that only their own teams and the office may read.
void HideTeamValues(v1::PairExplanation& explanation) {
  for (v1::FieldComparison& field : *explanation.mutable_fields()) {
    switch (field.field()) {
      case v1::MATCH_FIELD_DOCUMENT:
      case v1::MATCH_FIELD_REPORTER:
      case v1::MATCH_FIELD_PASSAGE:
      case v1::MATCH_FIELD_HINT_ANSWER:
        field.clear_left();
        field.clear_right();
        break;
      default:
        break;
    }
  }
}

}  // namespace

Viewing::Viewing(const Caller& caller, const Projection& projection)
    : projection_(projection), register_(projection.register_snapshot()) {
  viewer_.role = caller.membership.role();
  viewer_.scope = caller.membership.scope();
  viewer_.team_id = caller.membership.team_id();
  viewer_.organisation_id = caller.membership.organisation_id();
}

v1::Privacy Viewing::ClassFor(absl::string_view owner_team_id) const {
  return GreatestClassFor(viewer_, owner_team_id, register_->OrganisationOf(owner_team_id));
}

bool Viewing::InScope(absl::string_view owner_team_id) const {
  return ClassFor(owner_team_id) >= v1::PRIVACY_TEAM;
}

std::string Viewing::OwnerOf(const v1::RecordState& state) const {
  if (state.type() == v1::RECORD_TYPE_PERSON) {
    const absl::StatusOr<v1::Person> person = RecordAs<v1::Person>(state);
    if (person.ok() && !person->team_id().empty()) return person->team_id();
  }
  return state.team_id();
}

std::optional<v1::RecordView> Viewing::ViewOf(const v1::RecordState& state) const {
  v1::Privacy greatest = ClassFor(OwnerOf(state));
  if (state.type() == v1::RECORD_TYPE_FOLLOW_UP) {
    const absl::StatusOr<v1::FollowUp> follow_up = RecordAs<v1::FollowUp>(state);
    if (follow_up.ok()) greatest = std::max(greatest, ClassFor(follow_up->addressed_team_id()));
  }
  const std::unique_ptr<google::protobuf::Message> whole = NewRecord(state.type());
  // A type that this software does not know: nothing is known about who may see it.
  if (whole == nullptr || !whole->ParseFromString(state.record())) return std::nullopt;
  if (SensitivityOf(*whole) > greatest) return std::nullopt;
  v1::RecordState shown = state;
  FilterMessage(shown, greatest);
  v1::RecordView view;
  view.set_name(RecordName(state.programme_id(), state.record_id()));
  view.set_record_id(state.record_id());
  view.set_type(state.type());
  view.set_team_id(state.team_id());
  view.set_voided(state.voided());
  view.set_etag(EtagOf(state));
  if (!MutableMember(*view.mutable_record(), state.type())->ParseFromString(shown.record())) {
    return std::nullopt;
  }
  *view.mutable_findings() = std::move(*shown.mutable_findings());
  *view.mutable_conflicts() = std::move(*shown.mutable_conflicts());
  if (greatest < v1::PRIVACY_TEAM) {
    for (v1::Conflict& conflict : *view.mutable_conflicts()) {
      conflict.mutable_winner()->clear_author_id();
      for (v1::FieldValue& loser : *conflict.mutable_losers()) loser.clear_author_id();
    }
  }
  return view;
}

v1::Privacy Viewing::ClassOf(const v1::Session& session) const {
  v1::Privacy greatest = v1::PRIVACY_TEAM;
  for (const v1::SessionMember& member : session.members()) {
    greatest = std::min(greatest, ClassFor(member.team_id()));
  }
  return session.members().empty() ? v1::PRIVACY_PROGRAMME : greatest;
}

std::optional<v1::Session> Viewing::ViewOf(v1::Session session) const {
  const v1::Privacy greatest = ClassOf(session);
  if (session.sensitivity() > greatest) return std::nullopt;
  FilterMessage(session, greatest);
  if (greatest < v1::PRIVACY_TEAM) {
    for (v1::PairExplanation& pair : *session.mutable_pairs()) HideTeamValues(pair);
  }
  return session;
}

v1::Privacy Viewing::ClassOfReport(absl::string_view report_id, bool* hidden) const {
  const absl::StatusOr<v1::Session> session = projection_.GetSession(report_id);
  if (!session.ok()) return v1::PRIVACY_PROGRAMME;
  const v1::Privacy greatest = ClassOf(*session);
  if (session->sensitivity() > greatest) *hidden = true;
  return greatest;
}

v1::Figure Viewing::ViewOf(v1::Figure figure) const {
  // A figure is the whole programme's; its owner is nobody's team.
  const v1::Privacy greatest = viewer_.scope.programme() ? ClassFor("") : v1::PRIVACY_PROGRAMME;
  for (auto* sessions : {figure.mutable_counted(), figure.mutable_excluded(),
                         figure.mutable_undetermined(), figure.mutable_waiting_for_stage()}) {
    for (v1::FigureSession& session : *sessions) {
      bool hidden = false;
      if (greatest < v1::PRIVACY_TEAM) ClassOfReport(session.session_id(), &hidden);
      if (!hidden) continue;
      session.clear_title();
      session.clear_dates();
      session.clear_place();
    }
  }
  FilterMessage(figure, std::min(greatest, v1::PRIVACY_TEAM));
  return figure;
}

std::optional<v1::PairExplanation> Viewing::ViewOf(v1::PairExplanation explanation) const {
  bool hidden = false;
  const v1::Privacy greatest = std::min(ClassOfReport(explanation.left_report_id(), &hidden),
                                        ClassOfReport(explanation.right_report_id(), &hidden));
  if (hidden) return std::nullopt;
  if (greatest < v1::PRIVACY_TEAM) HideTeamValues(explanation);
  return explanation;
}

}  // namespace baraza::server
