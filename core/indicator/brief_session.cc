#include "core/indicator/brief_session.h"

#include <algorithm>
#include <utility>

#include "absl/hash/hash.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "baraza/v1/figure.pb.h"
#include "core/indicator/qualitative.h"

namespace baraza {
namespace {

// "Kisauni Social Hall, Mombasa"; a venue without either, by its country.
std::string PlaceOf(const v1::Venue& venue) {
  if (venue.name().empty() && venue.locality().empty()) return venue.country();
  if (venue.name().empty()) return venue.locality();
  if (venue.locality().empty()) return venue.name();
  return absl::StrCat(venue.name(), ", ", venue.locality());
}

std::string EntryOf(const v1::Session& session) {
  v1::FigureSession entry;
  const v1::SessionReport& values = session.values();
  entry.set_session_id(session.session_id());
  if (values.has_title()) *entry.mutable_title() = values.title();
  if (values.has_dates()) *entry.mutable_dates() = values.dates();
  if (values.has_venue()) entry.set_place(PlaceOf(values.venue()));
  entry.mutable_report_ids()->Reserve(session.members_size());
  for (const v1::SessionMember& member : session.members()) {
    entry.add_report_ids(member.report_id());
  }
  return entry.SerializeAsString();
}

std::string PresentTeams(const v1::Session& session) {
  std::vector<absl::string_view> ids;
  for (const v1::TeamPresence& team : session.teams()) {
    if (team.present() == v1::YES_NO_YES && !team.team_id().empty()) ids.push_back(team.team_id());
  }
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return absl::StrJoin(ids, "\n");
}

}  // namespace

BriefSession::BriefSession(std::shared_ptr<const v1::Session> of) : session(std::move(of)) {
  if (session->has_start_earliest_day()) first = session->start_earliest_day();
  if (session->has_start_latest_day()) last = session->start_latest_day();
  has_endorsed = std::any_of(
      session->members().begin(), session->members().end(),
      [](const v1::SessionMember& member) { return member.stage() == v1::REPORT_STAGE_ENDORSED; });
  const v1::SessionReport& values = session->values();
  const v1::Participants& counts = values.participants();
  has_participants = counts.has_total() && counts.unit() != v1::COUNT_UNIT_UNSPECIFIED;
  if (has_participants) {
    participants = counts.total();
    women = counts.women();
    men = counts.men();
  }
  for (size_t kind = 0; kind < kTextKinds.size(); ++kind) {
    if (!(values.*kTextKinds[kind].texts)().empty()) text_kinds |= 1u << kind;
  }

  std::vector<std::string> pieces = {session->session_id(), PresentTeams(*session)};
  for (const v1::Qualification& qualification : session->qualifications()) {
    pieces.push_back(qualification.indicator_id());
  }
  pieces.push_back(EntryOf(*session));
  bytes_ = absl::StrJoin(pieces, "");
  size_t begin = 0;
  size_t next = 0;
  const auto take = [&] {
    const size_t size = pieces[next++].size();
    begin += size;
    return absl::string_view(bytes_.data() + (begin - size), size);
  };
  id = take();
  teams = take();
  teams_hash = absl::HashOf(teams);
  verdicts.reserve(session->qualifications_size());
  for (const v1::Qualification& qualification : session->qualifications()) {
    verdicts.push_back({take(), qualification.qualifies(),
                        !qualification.reasons().empty() || !qualification.questions().empty()});
  }
  entry = take();
}

const BriefSession::Verdict& BriefSession::VerdictFor(absl::string_view indicator_id) const {
  static const Verdict* const none = new Verdict();
  for (const Verdict& verdict : verdicts) {
    if (verdict.indicator_id == indicator_id) return verdict;
  }
  return *none;
}

}  // namespace baraza
