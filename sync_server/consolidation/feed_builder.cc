#include "sync_server/consolidation/feed_builder.h"

#include <memory>
#include <utility>

#include "absl/container/btree_set.h"
#include "absl/strings/str_cat.h"
#include "baraza/v1/sync_service.pb.h"
#include "core/indicator/figure.h"
#include "core/model/merge.h"
#include "core/model/privacy.h"
#include "sync_server/ingest/audience.h"

namespace baraza::server {
namespace {

void Put(FeedUpdates& updates, std::string audience, std::string object,
         const v1::FeedPayload& payload, int32_t day = kNoDay) {
  FeedUpdate& update = updates[{std::move(audience), std::move(object)}];
  update.payload = payload.SerializeAsString();
  update.day = day;
}

// Never takes back what was put for the same object in the same change.
void Remove(FeedUpdates& updates, std::string audience, std::string object) {
  updates.try_emplace({std::move(audience), std::move(object)});
}

// The bytes of the record as an audience of this class may see it; nullopt: not at all.
std::optional<v1::FeedPayload> RecordPayload(const v1::RecordState& state,
                                             v1::Privacy greatest_class) {
  auto record = RecordOf(state);
  if (!record.ok()) return std::nullopt;
  if (greatest_class < v1::PRIVACY_TEAM && IsSensitive(**record)) return std::nullopt;
  auto bytes = FilterRecordBytes(state.type(), state.record(), greatest_class);
  if (!bytes.ok()) return std::nullopt;
  v1::FeedPayload payload;
  v1::FeedRecord& feed_record = *payload.mutable_record();
  feed_record.set_record_id(state.record_id());
  feed_record.set_type(state.type());
  feed_record.set_team_id(state.team_id());
  feed_record.set_record(*std::move(bytes));
  *feed_record.mutable_heads() = state.heads();
  feed_record.set_lamport(state.lamport());
  feed_record.set_voided(state.voided());
  return payload;
}

void AddState(const v1::RecordState& state, const std::string& audience, v1::Privacy greatest_class,
              FeedUpdates& updates) {
  const std::string object = absl::StrCat("state:", state.record_id());
  std::optional<v1::FeedPayload> payload;
  if (state.created()) payload = RecordPayload(state, greatest_class);
  if (payload.has_value()) {
    Put(updates, audience, object, *payload);
  } else {
    Remove(updates, audience, object);
  }
}

absl::btree_set<std::string> TeamsOf(const v1::Session& session) {
  absl::btree_set<std::string> teams;
  for (const v1::SessionMember& member : session.members()) teams.insert(member.team_id());
  return teams;
}

// What a team reads of a session that holds a report of its own: facts of the programme's class.
v1::FeedPayload SessionPayload(const v1::Session& session) {
  v1::FeedPayload payload;
  v1::Session& sent = *payload.mutable_session();
  sent = session;
  sent.clear_pairs();
  FilterMessage(sent, v1::PRIVACY_PROGRAMME);
  return payload;
}

// Just that there is a session, and which of the team's reports it holds.
v1::FeedPayload BareSessionPayload(const v1::Session& session, const std::string& team_id) {
  v1::FeedPayload payload;
  v1::Session& sent = *payload.mutable_session();
  sent.set_name(session.name());
  sent.set_session_id(session.session_id());
  for (const v1::SessionMember& member : session.members()) {
    if (member.team_id() == team_id) *sent.add_members() = member;
  }
  for (const v1::Qualification& qualification : session.qualifications()) {
    v1::Qualification& kept = *sent.add_qualifications();
    kept.set_indicator_id(qualification.indicator_id());
    kept.set_definition_id(qualification.definition_id());
    kept.set_qualifies(qualification.qualifies());
  }
  FilterMessage(sent, v1::PRIVACY_PROGRAMME);
  return payload;
}

// What other teams' phones compare a draft with: the fields that the matcher compares, less what
// was learned, which speaks for a pair only where titles and topics are silent and would make a
// digest several times as long.
v1::FeedPayload DigestPayload(const v1::Session& session) {
  v1::FeedPayload payload;
  v1::SessionDigest& digest = *payload.mutable_digest();
  digest.set_report_id(session.session_id());
  const v1::SessionReport& values = session.values();
  v1::SessionReport& facts = *digest.mutable_facts();
  facts.set_id(session.session_id());
  if (values.has_title()) *facts.mutable_title() = values.title();
  if (values.has_issue_id()) facts.set_issue_id(values.issue_id());
  if (values.has_dates()) *facts.mutable_dates() = values.dates();
  if (values.has_venue()) *facts.mutable_venue() = values.venue();
  if (values.has_modality()) facts.set_modality(values.modality());
  if (values.has_organiser()) *facts.mutable_organiser() = values.organiser();
  *facts.mutable_participating_teams() = values.participating_teams();
  *facts.mutable_topics() = values.topics();
  const v1::Participants& people = values.participants();
  if (people.has_total()) facts.mutable_participants()->set_total(people.total());
  if (people.has_women()) facts.mutable_participants()->set_women(people.women());
  if (people.has_men()) facts.mutable_participants()->set_men(people.men());
  if (values.has_part_of()) *facts.mutable_part_of() = values.part_of();
  FilterMessage(facts, v1::PRIVACY_PROGRAMME);
  return payload;
}

std::string SessionObject(const v1::Session& session) {
  return absl::StrCat("session:", session.session_id());
}
std::string DigestObject(const v1::Session& session) {
  return absl::StrCat("digest:", session.session_id());
}

// Questions of every indicator, each once, that somebody is asked.
absl::btree_map<std::string, const v1::OpenQuestion*> QuestionsOf(const v1::Session& session) {
  absl::btree_map<std::string, const v1::OpenQuestion*> questions;
  for (const v1::Qualification& qualification : session.qualifications()) {
    for (const v1::OpenQuestion& question : qualification.questions()) {
      if (!question.addressed_team_id().empty()) questions.try_emplace(question.id(), &question);
    }
  }
  return questions;
}

void RemoveSession(const v1::Session& session, FeedUpdates& updates) {
  for (const std::string& team : TeamsOf(session)) {
    Remove(updates, TeamAudience(team), SessionObject(session));
  }
  for (const auto& [id, question] : QuestionsOf(session)) {
    Remove(updates, TeamAudience(question->addressed_team_id()), absl::StrCat("question:", id));
  }
  Remove(updates, IssueAudience(session.values().issue_id()), DigestObject(session));
}

void AddSession(const v1::Session& session, const PublicSession& public_session,
                FeedUpdates& updates) {
  const bool sensitive = session.sensitivity() > v1::PRIVACY_PROGRAMME;
  for (const std::string& team : TeamsOf(session)) {
    // The values are one text out of several reports; when one of another team's is sensitive they
    // cannot be told apart any more.
    Put(updates, TeamAudience(team), SessionObject(session),
        sensitive ? BareSessionPayload(session, team) : SessionPayload(session));
  }
  for (const auto& [id, question] : QuestionsOf(session)) {
    v1::FeedPayload payload;
    *payload.mutable_question() = *question;
    Put(updates, TeamAudience(question->addressed_team_id()), absl::StrCat("question:", id),
        payload);
  }
  std::shared_ptr<const v1::Session> open;
  if (sensitive) open = public_session(session);
  const v1::Session* shown = sensitive ? open.get() : &session;
  // Held back where there is nothing to compare: phones block by date.
  if (shown == nullptr || !shown->has_start_latest_day()) return;
  v1::FeedPayload payload = DigestPayload(*shown);
  payload.mutable_digest()->set_report_id(shown->session_id());
  // The issue decides the audience and must be that of the session, so that it can be taken back.
  Put(updates, IssueAudience(session.values().issue_id()), DigestObject(session), payload,
      shown->start_latest_day());
}

}  // namespace

void AddRecordUpdates(const v1::RecordState& state, FeedUpdates& updates) {
  switch (state.type()) {
    case v1::RECORD_TYPE_PROGRAMME:
    case v1::RECORD_TYPE_ORGANISATION:
    case v1::RECORD_TYPE_TEAM:
    case v1::RECORD_TYPE_PROJECT:
    case v1::RECORD_TYPE_DONOR:
    case v1::RECORD_TYPE_ISSUE:
    case v1::RECORD_TYPE_SESSION_DEFINITION:
    case v1::RECORD_TYPE_INDICATOR:
    case v1::RECORD_TYPE_TARGET:
    case v1::RECORD_TYPE_PUBLISHED_FIGURE:
      AddState(state, kProgrammeAudience, v1::PRIVACY_PROGRAMME, updates);
      break;
    case v1::RECORD_TYPE_FOLLOW_UP: {
      // The owning team has its operations; the addressed one is sent the state.
      auto follow_up = RecordAs<v1::FollowUp>(state);
      if (follow_up.ok() && !follow_up->addressed_team_id().empty() &&
          follow_up->addressed_team_id() != state.team_id()) {
        AddState(state, TeamAudience(follow_up->addressed_team_id()), v1::PRIVACY_PROGRAMME,
                 updates);
      }
      break;
    }
    default:
      break;
  }
}

void AddOperationUpdates(const v1::RecordState& state, absl::Span<const Operation> operations,
                         FeedUpdates& updates) {
  switch (state.type()) {
    case v1::RECORD_TYPE_SOURCE:
    case v1::RECORD_TYPE_SESSION_REPORT:
    case v1::RECORD_TYPE_FOLLOW_UP:
      break;
    default:
      return;
  }
  if (!state.created() || state.team_id().empty()) return;
  for (const Operation& operation : operations) {
    v1::FeedPayload payload;
    *payload.mutable_operation() = FilterParts(operation.wire, v1::PRIVACY_TEAM);
    // Each device numbers for itself; the log keeps no number that means anything to another.
    payload.mutable_operation()->clear_device_seq();
    Put(updates, TeamAudience(state.team_id()), absl::StrCat("op:", operation.header.op_id()),
        payload);
  }
}

void AddSessionUpdates(const ConsolidationChange& change, const PublicSession& public_session,
                       FeedUpdates& updates) {
  for (const auto& session : change.changed) AddSession(*session, public_session, updates);
  for (const auto& session : change.removed) RemoveSession(*session, updates);
  for (const auto& [session_id, session] : change.before) RemoveSession(*session, updates);
}

std::string FigureObject(absl::string_view indicator_id, absl::string_view period) {
  return absl::StrCat(kFigureObjects, indicator_id, "/", period);
}

void RemoveFigureUpdate(const std::string& object, FeedUpdates& updates) {
  Remove(updates, kProgrammeAudience, object);
}

void AddFigureUpdate(const v1::Figure& figure, FeedUpdates& updates) {
  v1::FeedPayload payload;
  v1::FeedFigure& sent = *payload.mutable_figure();
  sent.set_indicator_id(figure.indicator_id());
  sent.set_period(figure.period());
  sent.set_value(figure.value());
  sent.set_low(figure.low());
  sent.set_high(figure.high());
  sent.set_questions(OpenQuestionCount(figure));
  Put(updates, kProgrammeAudience, FigureObject(figure.indicator_id(), figure.period()), payload);
}

}  // namespace baraza::server
