#include "sync_server/consolidation/session_board.h"

#include <algorithm>

namespace baraza::server {
namespace {

// A start known to the month, or better, is found by its date; a wider one is looked at for every
// period.
constexpr int32_t kNarrowDays = 31;

bool IsNarrow(const v1::Session& session) {
  return session.has_start_earliest_day() && session.has_start_latest_day() &&
         session.start_latest_day() - session.start_earliest_day() <= kNarrowDays;
}

// Absent bounds lie at the ends of the world.
bool Meets(const BriefSession& session, int32_t start, int32_t end) {
  return session.first < end && session.last >= start;
}

}  // namespace

SessionBoard::Briefs SessionBoard::BriefsOf(const ConsolidationChange& change) {
  Briefs briefs;
  briefs.reserve(change.changed.size());
  for (const auto& session : change.changed) {
    briefs.push_back(std::make_shared<const BriefSession>(session));
  }
  return briefs;
}

void SessionBoard::Apply(const ConsolidationChange& change, const Briefs& changed) {
  for (const auto& session : change.removed) {
    Remove(*session);
    DropPairsOf(session->session_id());
  }
  for (const auto& [session_id, before] : change.before) Remove(*before);
  for (const auto& brief : changed) Add(brief);
  for (const std::string& session_id : change.pairs_of) DropPairsOf(session_id);
  for (const v1::DoubtfulPair& pair : change.pairs) {
    const PairKey key = {std::min(pair.left_session_id(), pair.right_session_id()),
                         std::max(pair.left_session_id(), pair.right_session_id()),
                         std::min(pair.left_report_id(), pair.right_report_id()),
                         std::max(pair.left_report_id(), pair.right_report_id())};
    const auto shared = std::make_shared<const v1::DoubtfulPair>(pair);
    pairs_[key] = shared;
    pairs_of_[key.left_session][key] = shared;
    pairs_of_[key.right_session][key] = shared;
  }
}

void SessionBoard::Remove(const v1::Session& session) {
  const std::string& id = session.session_id();
  for (const v1::SessionMember& member : session.members()) {
    // The member may be on the board under its next session already.
    if (auto it = session_of_.find(member.report_id());
        it != session_of_.end() && it->second->id == id) {
      session_of_.erase(it);
    }
  }
  if (IsNarrow(session)) {
    by_start_.erase({session.start_earliest_day(), id});
  } else {
    wide_.erase(id);
  }
  sessions_.erase(id);
}

void SessionBoard::Add(const std::shared_ptr<const BriefSession>& brief) {
  const std::string id(brief->id);
  for (const v1::SessionMember& member : brief->session->members()) {
    session_of_[member.report_id()] = brief;
  }
  if (IsNarrow(*brief->session)) {
    by_start_[{brief->first, id}] = brief;
  } else {
    wide_[id] = brief;
  }
  sessions_[id] = brief->session;
}

void SessionBoard::DropPairsOf(const std::string& session_id) {
  auto it = pairs_of_.find(session_id);
  if (it == pairs_of_.end()) return;
  const auto pairs = std::move(it->second);
  pairs_of_.erase(it);
  for (const auto& [key, pair] : pairs) {
    pairs_.erase(key);
    const std::string& other =
        key.left_session == session_id ? key.right_session : key.left_session;
    if (auto of = pairs_of_.find(other); of != pairs_of_.end()) {
      of->second.erase(key);
      if (of->second.empty()) pairs_of_.erase(of);
    }
  }
}

std::vector<std::string> SessionBoard::InDoubtWith(const std::string& session_id) const {
  std::vector<std::string> ids;
  const auto of = pairs_of_.find(session_id);
  if (of == pairs_of_.end()) return ids;
  for (const auto& [key, pair] : of->second) {
    ids.push_back(key.left_session == session_id ? key.right_session : key.left_session);
  }
  return ids;
}

std::shared_ptr<const BriefSession> SessionBoard::FindByReport(absl::string_view report_id) const {
  auto it = session_of_.find(report_id);
  return it == session_of_.end() ? nullptr : it->second;
}

SessionBoard::Briefs SessionBoard::MeetingPeriod(absl::CivilDay start, absl::CivilDay end) const {
  const auto first = static_cast<int32_t>(start - absl::CivilDay(1970, 1, 1));
  const auto last = static_cast<int32_t>(end - absl::CivilDay(1970, 1, 1));
  Briefs found;
  for (auto it = by_start_.lower_bound({first - kNarrowDays, std::string()});
       it != by_start_.end() && it->first.first < last; ++it) {
    if (Meets(*it->second, first, last)) found.push_back(it->second);
  }
  for (const auto& [id, session] : wide_) {
    if (Meets(*session, first, last)) found.push_back(session);
  }
  return found;
}

std::vector<v1::DoubtfulPair> SessionBoard::DoubtfulPairs() const {
  std::vector<v1::DoubtfulPair> pairs;
  for (const auto& [key, pair] : pairs_) pairs.push_back(*pair);
  return pairs;
}

std::vector<std::shared_ptr<const v1::DoubtfulPair>> SessionBoard::DoubtfulPairsOf(
    const Briefs& sessions) const {
  std::vector<std::pair<const PairKey*, std::shared_ptr<const v1::DoubtfulPair>>> found;
  for (const auto& session : sessions) {
    const auto of = pairs_of_.find(session->id);
    if (of == pairs_of_.end()) continue;
    for (const auto& [key, pair] : of->second) {
      found.emplace_back(&key, pair);
    }
  }
  std::sort(found.begin(), found.end(),
            [](const auto& a, const auto& b) { return *a.first < *b.first; });
  std::vector<std::shared_ptr<const v1::DoubtfulPair>> pairs;
  pairs.reserve(found.size());
  for (auto& [key, pair] : found) {
    if (pairs.empty() || pairs.back() != pair) pairs.push_back(std::move(pair));
  }
  return pairs;
}

}  // namespace baraza::server
