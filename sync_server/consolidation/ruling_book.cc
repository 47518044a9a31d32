#include "sync_server/consolidation/ruling_book.h"

#include <algorithm>

#include "core/model/merge.h"

namespace baraza::server {
namespace {

// UNSURE, and what this schema does not know, moves nothing.
bool HasEffect(v1::RulingKind kind) {
  switch (kind) {
    case v1::RULING_KIND_SAME:
    case v1::RULING_KIND_DIFFERENT:
    case v1::RULING_KIND_COUNTS:
    case v1::RULING_KIND_DOES_NOT_COUNT:
    case v1::RULING_KIND_OVERRIDE:
      return true;
    default:
      return false;
  }
}

bool IsAboutPairs(v1::RulingKind kind) {
  return kind == v1::RULING_KIND_SAME || kind == v1::RULING_KIND_DIFFERENT;
}

// What it says: equal for rulings that decide the same. Fields that this schema does not know may
// change that, so they are part of it.
Sha256Digest ContentOf(v1::Ruling ruling) {
  ruling.clear_id();
  ruling.clear_void_mark();
  ruling.clear_sensitivity();
  ruling.clear_author_id();
  ruling.clear_reason();
  auto& ids = *ruling.mutable_report_ids();
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  const bool on_verdict =
      ruling.kind() == v1::RULING_KIND_COUNTS || ruling.kind() == v1::RULING_KIND_DOES_NOT_COUNT;
  if (!on_verdict || ruling.definition_id().empty()) ruling.clear_definition_id();
  if (ruling.kind() != v1::RULING_KIND_OVERRIDE) ruling.clear_override_values();
  return Sha256(ruling.SerializeAsString());
}

}  // namespace

void RulingBook::Remove(absl::string_view ruling_id) {
  const auto found = rulings_.find(ruling_id);
  if (found == rulings_.end()) return;
  const BookedRuling& booked = found->second;
  for (const std::string& report_id : booked.ruling.ruling.report_ids()) {
    const auto named = naming_.find(report_id);
    if (named == naming_.end()) continue;
    named->second.erase(found->first);
    if (named->second.empty()) naming_.erase(named);
  }
  const auto content = voices_.find(booked.content);
  if (content != voices_.end()) {
    const auto author = content->second.find(booked.author_id);
    if (author != content->second.end()) {
      author->second.erase({{booked.ruling.lamport, booked.ruling.id_hash}, found->first});
      if (author->second.empty()) content->second.erase(author);
    }
    if (content->second.empty()) voices_.erase(content);
  }
  rulings_.erase(found);
}

void RulingBook::Apply(const v1::RecordState& state) {
  const std::string& id = state.record_id();
  Remove(id);
  auto ruling = RecordAs<v1::Ruling>(state);
  if (!state.created() || !ruling.ok()) return;
  BookedRuling& booked = rulings_[id];
  booked.ruling.ruling = *std::move(ruling);
  booked.ruling.lamport = state.created_lamport();
  booked.ruling.id_hash = Sha256(id);
  booked.author_id = state.author_id();
  booked.team_id = state.team_id();
  booked.device_time_ms = state.created_device_time_ms();
  booked.withdrawn = state.voided();
  booked.content = ContentOf(booked.ruling.ruling);
  for (const std::string& report_id : booked.ruling.ruling.report_ids()) {
    naming_[report_id].insert(id);
  }
  if (booked.withdrawn || !HasEffect(booked.ruling.ruling.kind())) return;
  voices_[booked.content][booked.author_id].insert(
      {{booked.ruling.lamport, booked.ruling.id_hash}, id});
}

bool RulingBook::RequireApproval(bool required) {
  if (approval_ == required) return false;
  approval_ = required;
  return true;
}

bool RulingBook::IsFollowed(const Voices& voices, const BookedRuling& ruling) {
  // Nobody knows whether an author without a name is somebody else.
  if (ruling.author_id.empty()) return false;
  const Rank rank = {ruling.ruling.lamport, ruling.ruling.id_hash};
  return std::any_of(voices.begin(), voices.end(), [&](const auto& voice) {
    return !voice.first.empty() && voice.first != ruling.author_id &&
           rank < voice.second.rbegin()->first;
  });
}

const RulingBook::Voices* RulingBook::VoicesOf(absl::string_view ruling_id) const {
  const BookedRuling* booked = Find(ruling_id);
  if (booked == nullptr || booked->withdrawn) return nullptr;
  const auto found = voices_.find(booked->content);
  return found == voices_.end() ? nullptr : &found->second;
}

bool RulingBook::IsInEffect(absl::string_view ruling_id) const {
  const Voices* voices = VoicesOf(ruling_id);
  return voices != nullptr && (!approval_ || IsFollowed(*voices, *Find(ruling_id)));
}

std::string RulingBook::StandsBy(absl::string_view ruling_id) const {
  const Voices* voices = VoicesOf(ruling_id);
  if (voices == nullptr) return std::string();
  // The last word of each author, the greatest first.
  std::vector<std::pair<Rank, std::string>> last;
  for (const auto& [author, said] : *voices) {
    if (!approval_ || !author.empty()) last.push_back(*said.rbegin());
  }
  std::sort(last.rbegin(), last.rend());
  // With approval the second greatest: it is the greatest that somebody else follows.
  const size_t at = approval_ ? 1 : 0;
  return at < last.size() ? last[at].second : std::string();
}

bool RulingBook::WaitsForApproval(absl::string_view ruling_id) const {
  return approval_ && VoicesOf(ruling_id) != nullptr && StandsBy(ruling_id).empty();
}

std::vector<std::string> RulingBook::SayingTheSame(absl::string_view ruling_id) const {
  const Voices* voices = VoicesOf(ruling_id);
  if (voices == nullptr) return {};
  absl::btree_set<std::pair<Rank, std::string>> all;
  for (const auto& [author, said] : *voices) all.insert(said.begin(), said.end());
  std::vector<std::string> ids;
  for (const auto& [rank, id] : all) ids.push_back(id);
  return ids;
}

std::vector<MatchRuling> RulingBook::MatchRulings() const {
  std::vector<MatchRuling> rulings;
  for (const auto& [id, booked] : rulings_) {
    const v1::Ruling& ruling = booked.ruling.ruling;
    if (!IsAboutPairs(ruling.kind()) || !IsInEffect(id)) continue;
    rulings.push_back({.ruling_id = id,
                       .same = ruling.kind() == v1::RULING_KIND_SAME,
                       .report_ids = {ruling.report_ids().begin(), ruling.report_ids().end()},
                       .lamport = booked.ruling.lamport,
                       .id_hash = booked.ruling.id_hash});
  }
  return rulings;
}

std::vector<SessionRuling> RulingBook::OnSession(absl::Span<const std::string> report_ids) const {
  absl::btree_set<std::string> ids;
  for (const std::string& report_id : report_ids) {
    const absl::btree_set<std::string>& naming = Naming(report_id);
    ids.insert(naming.begin(), naming.end());
  }
  std::vector<SessionRuling> rulings;
  for (const std::string& id : ids) {
    const BookedRuling& booked = *Find(id);
    if (!IsAboutPairs(booked.ruling.ruling.kind()) && IsInEffect(id)) {
      rulings.push_back(booked.ruling);
    }
  }
  return rulings;
}

bool RulingBook::IsUnsure(absl::string_view person_id, absl::string_view left_report_id,
                          absl::string_view right_report_id) const {
  if (person_id.empty()) return false;
  const absl::btree_set<std::string>& naming = Naming(left_report_id);
  return std::any_of(naming.begin(), naming.end(), [&](const std::string& id) {
    const BookedRuling& booked = *Find(id);
    const v1::Ruling& ruling = booked.ruling.ruling;
    return ruling.kind() == v1::RULING_KIND_UNSURE && !booked.withdrawn &&
           booked.author_id == person_id &&
           std::count(ruling.report_ids().begin(), ruling.report_ids().end(), right_report_id) > 0;
  });
}

const BookedRuling* RulingBook::Find(absl::string_view ruling_id) const {
  const auto found = rulings_.find(ruling_id);
  return found == rulings_.end() ? nullptr : &found->second;
}

const absl::btree_set<std::string>& RulingBook::Naming(absl::string_view report_id) const {
  static const auto* const none = new absl::btree_set<std::string>();
  const auto found = naming_.find(report_id);
  return found == naming_.end() ? *none : found->second;
}

}  // namespace baraza::server
