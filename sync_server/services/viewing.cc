#include "sync_server/services/viewing.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "core/indicator/qualitative.h"
#include "core/match/explain.h"
#include "core/model/merge.h"
#include "core/model/record_types.h"
#include "sync_server/auth/resource_names.h"
#include "sync_server/consolidation/ruling_book.h"
#include "sync_server/ingest/desk.h"

namespace baraza::server {
namespace {

v1::Privacy SensitivityOf(const google::protobuf::Message& record) {
  const google::protobuf::FieldDescriptor* field =
      record.GetDescriptor()->FindFieldByName("sensitivity");
  if (field == nullptr) return v1::PRIVACY_UNSPECIFIED;
  return static_cast<v1::Privacy>(record.GetReflection()->GetEnumValue(record, field));
}

// A sample's stratum says about how its pair scores, which hangs on what belongs to the teams; the
// other two give the stratum away.
void HideScore(v1::ReviewSample& sample) {
  sample.clear_stratum();
  sample.clear_stratum_size();
  sample.clear_inclusion_probability();
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
    if (view.record().has_review_sample()) {
      HideScore(*view.mutable_record()->mutable_review_sample());
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
    for (v1::PairExplanation& pair : *session.mutable_pairs()) Filter(pair, greatest);
  }
  return session;
}

bool Viewing::IsHidden(absl::string_view report_id) const {
  const std::shared_ptr<const BriefSession> found = projection_.FindSession(report_id);
  return found != nullptr && found->session->sensitivity() > ClassOf(*found->session);
}

bool Viewing::MaySee(const v1::OpenQuestion& question) const {
  if (!question.report_id().empty() && IsHidden(question.report_id())) return false;
  return std::none_of(question.pair_report_ids().begin(), question.pair_report_ids().end(),
                      [this](const std::string& report_id) { return IsHidden(report_id); });
}

void Viewing::HideSensitiveTexts(v1::Figure& figure) const {
  std::vector<std::shared_ptr<const BriefSession>> visible;
  for (const v1::FigureSession& counted : figure.counted()) {
    std::shared_ptr<const BriefSession> brief = projection_.FindSession(counted.session_id());
    if (brief != nullptr && brief->session->sensitivity() <= ClassOf(*brief->session)) {
      visible.push_back(std::move(brief));
    }
  }
  if (static_cast<int>(visible.size()) == figure.counted_size()) return;
  std::vector<const BriefSession*> sessions;
  sessions.reserve(visible.size());
  for (const auto& brief : visible) sessions.push_back(brief.get());
  v1::QualitativeSide side;
  FillQualitativeSide(sessions, side);
  // The counts stay those of the whole figure: they name nobody.
  const v1::QualitativeSide& whole = figure.qualitative();
  side.set_sessions_with_participants(whole.sessions_with_participants());
  side.set_attendances(whole.attendances());
  side.set_attendances_women(whole.attendances_women());
  side.set_attendances_men(whole.attendances_men());
  *figure.mutable_qualitative() = std::move(side);
}

void Viewing::Filter(v1::Figure& figure) const {
  // A figure is the whole programme's; its owner is nobody's team.
  const v1::Privacy greatest = viewer_.scope.programme() ? ClassFor("") : v1::PRIVACY_PROGRAMME;
  for (auto* sessions : {figure.mutable_counted(), figure.mutable_excluded(),
                         figure.mutable_undetermined(), figure.mutable_waiting_for_stage()}) {
    for (v1::FigureSession& session : *sessions) {
      if (greatest >= v1::PRIVACY_TEAM || !IsHidden(session.session_id())) continue;
      session.clear_title();
      session.clear_dates();
      session.clear_place();
      // That it is excluded, and that a question is open, may be known; what they quote may not.
      for (v1::CodedText& reason : *session.mutable_reasons()) reason.clear_arguments();
      for (v1::OpenQuestion& question : *session.mutable_questions()) {
        question.mutable_question()->clear_arguments();
      }
    }
  }
  if (greatest < v1::PRIVACY_TEAM) HideSensitiveTexts(figure);
  if (greatest < v1::PRIVACY_TEAM) {
    for (v1::DoubtfulPair& pair : *figure.mutable_doubtful_pairs()) {
      // It is a sum over what belongs to the teams too. That the pair is in doubt moves the range,
      // which is the same for everybody.
      pair.clear_score_milli_nats();
      if (!MaySee(pair.question())) pair.mutable_question()->mutable_question()->clear_arguments();
    }
  }
  // Every answer goes through TEAM's filter (CleanAnswer); with thousands of sessions once is
  // enough.
  if (greatest < v1::PRIVACY_TEAM) FilterMessage(figure, greatest);
}

std::optional<v1::RulingHistory> Viewing::ViewOf(v1::RulingHistory history) const {
  const v1::StandingRuling& ruling = history.ruling();
  const v1::Privacy greatest = ClassFor(ruling.team_id());
  if (ruling.sensitivity() > greatest) return std::nullopt;
  for (const std::string& report_id : ruling.report_ids()) {
    if (IsHidden(report_id)) return std::nullopt;
  }
  FilterMessage(history, greatest);
  return history;
}

std::optional<v1::ReviewItem> Viewing::ViewOf(v1::ReviewItem item) const {
  if (!MaySee(item.question())) return std::nullopt;
  for (auto* rulings : {item.mutable_contradiction(), item.mutable_waiting()}) {
    google::protobuf::RepeatedPtrField<v1::StandingRuling> shown;
    for (v1::StandingRuling& ruling : *rulings) {
      v1::RulingHistory history;
      *history.mutable_ruling() = std::move(ruling);
      std::optional<v1::RulingHistory> view = ViewOf(std::move(history));
      if (view.has_value()) {
        *shown.Add() = std::move(*view->mutable_ruling());
      } else if (shown.empty()) {
        return std::nullopt;
      }
    }
    rulings->Swap(&shown);
  }
  return item;
}

bool Viewing::MaySeeRuling(absl::string_view ruling_id) const {
  const std::shared_ptr<const RulingBook> rulings = projection_.rulings_snapshot();
  const BookedRuling* booked = rulings->Find(ruling_id);
  if (booked == nullptr) return false;
  const v1::Ruling& ruling = booked->ruling.ruling;
  return ruling.sensitivity() <= ClassFor(booked->team_id) &&
         std::none_of(ruling.report_ids().begin(), ruling.report_ids().end(),
                      [this](const std::string& report_id) { return IsHidden(report_id); });
}

void Viewing::Filter(v1::PairExplanation& explanation, v1::Privacy greatest) const {
  FilterExplanation(explanation, greatest);
  if (greatest >= v1::PRIVACY_TEAM) return;
  // Which reports a ruling parts or ties is for all to know, unless it, or one of them, is
  // sensitive.
  if (!explanation.ruling_id().empty() && !MaySeeRuling(explanation.ruling_id())) {
    explanation.clear_ruling_id();
    explanation.clear_ruling_effect();
  }
}

std::optional<v1::PairExplanation> Viewing::ViewOf(v1::PairExplanation explanation) const {
  v1::Privacy greatest = v1::PRIVACY_TEAM;
  for (const std::string& report_id :
       {explanation.left_report_id(), explanation.right_report_id()}) {
    const std::shared_ptr<const BriefSession> found = projection_.FindSession(report_id);
    // How sensitive a report is that no session holds (any more) is not known.
    if (found == nullptr) return std::nullopt;
    const v1::Privacy of_session = ClassOf(*found->session);
    if (found->session->sensitivity() > of_session) return std::nullopt;
    greatest = std::min(greatest, of_session);
  }
  Filter(explanation, greatest);
  return explanation;
}

}  // namespace baraza::server
