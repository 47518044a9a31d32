#include "sync_server/consolidation/consolidator.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/sha256.h"
#include "core/base/status.h"
#include "core/match/features.h"
#include "core/match/model.h"
#include "core/model/merge.h"
#include "core/model/privacy.h"
#include "google/protobuf/util/message_differencer.h"

namespace baraza::server {
namespace {

using google::protobuf::util::MessageDifferencer;

bool InForce(const v1::RecordState& state) { return state.created() && !state.voided(); }

bool Blocked(const v1::RecordState& state) {
  for (const v1::Finding& finding : state.findings()) {
    if (finding.blocks_count()) return true;
  }
  return false;
}

// The findings that depend on other records or on the software are made anew; those of the merge
// stay.
void DropReferenceFindings(v1::RecordState& state) {
  auto& findings = *state.mutable_findings();
  for (int i = findings.size() - 1; i >= 0; --i) {
    const v1::Finding::Kind kind = findings[i].kind();
    if (kind == v1::Finding::KIND_UNKNOWN_REFERENCE ||
        kind == v1::Finding::KIND_DUPLICATE_IMPORT_KEY ||
        kind == v1::Finding::KIND_MODEL_NOT_SHIPPED) {
      findings.DeleteSubrange(i, 1);
    }
  }
}

bool AdoptsAnotherModel(const v1::RecordState& state) {
  const auto adoption = RecordAs<v1::ModelAdoption>(state);
  return adoption.ok() && adoption->model_version() != ShippedModel().version();
}

void Unlink(absl::btree_map<std::string, absl::btree_set<std::string>>& index,
            const std::string& key, const std::string& value) {
  auto it = index.find(key);
  if (it == index.end()) return;
  it->second.erase(value);
  if (it->second.empty()) index.erase(it);
}

}  // namespace

Consolidator::Consolidator(v1::MatchModel model) : model_(model), index_(std::move(model)) {}

void Consolidator::Apply(v1::RecordState state) {
  DropReferenceFindings(state);
  const std::string id = state.record_id();
  if (state.created() && known_.insert(id).second) {
    // What waited for this record is looked at again.
    if (auto it = waiting_for_.find(id); it != waiting_for_.end()) {
      for (const std::string& waiting : it->second) Reconsider(waiting);
    }
  }
  switch (state.type()) {
    case v1::RECORD_TYPE_SESSION_REPORT:
      ApplyReport(state);
      break;
    case v1::RECORD_TYPE_SOURCE:
      ApplySource(state);
      break;
    case v1::RECORD_TYPE_RULING:
      ApplyRuling(state);
      break;
    case v1::RECORD_TYPE_FOLLOW_UP:
      ApplyFollowUp(state);
      break;
    case v1::RECORD_TYPE_MODEL_ADOPTION:
      adoptions_[id] = state;
      model_dirty_ = true;
      break;
    case v1::RECORD_TYPE_PUBLISHED_FIGURE: {
      published_.erase(id);
      auto figure = RecordAs<v1::PublishedFigure>(state);
      if (InForce(state) && figure.ok()) published_[id] = *std::move(figure);
      register_dirty_ = true;
      break;
    }
    case v1::RECORD_TYPE_REVIEW_SAMPLE: {
      samples_.erase(id);
      auto sample = RecordAs<v1::ReviewSample>(state);
      if (InForce(state) && sample.ok()) samples_[id] = *std::move(sample);
      break;
    }
    default:
      ApplyRegister(state);
  }
  applied_[id] = std::move(state);
}

void Consolidator::Reconsider(absl::string_view record_id) {
  if (reports_.count(std::string(record_id)) > 0) dirty_reports_.insert(std::string(record_id));
  dirty_reports_of_sessions_.insert(std::string(record_id));
  reconsidered_.insert(std::string(record_id));
}

void Consolidator::ApplyReport(const v1::RecordState& state) {
  const std::string& id = state.record_id();
  ReportInfo& info = reports_[id];
  for (const std::string& source : info.cited_sources) Unlink(citing_, source, id);
  if (!info.part_of_report_id.empty()) {
    Unlink(parts_of_, info.part_of_report_id, id);
    dirty_reports_of_sessions_.insert(info.part_of_report_id);
  }
  if (!info.import_key.empty()) {
    auto it = import_keys_.find({info.team_id, info.import_key});
    if (it != import_keys_.end()) {
      it->second.erase(id);
      for (const std::string& other : it->second) Reconsider(other);
      if (it->second.empty()) import_keys_.erase(it);
    }
  }
  const bool indexed = info.indexed;
  info = ReportInfo{};
  info.indexed = indexed;
  dirty_reports_.insert(id);
  auto report = RecordAs<v1::SessionReport>(state);
  if (!InForce(state) || !report.ok()) return;
  info.team_id = state.team_id();
  info.import_key = report->import_key();
  info.part_of_report_id = report->part_of().report_id();
  for (const v1::Citation& citation : report->citations()) {
    if (citation.source_id().empty()) continue;
    info.cited_sources.push_back(citation.source_id());
    citing_[citation.source_id()].insert(id);
  }
  if (!info.part_of_report_id.empty()) {
    parts_of_[info.part_of_report_id].insert(id);
    dirty_reports_of_sessions_.insert(info.part_of_report_id);
  }
  if (!info.import_key.empty()) {
    auto& same = import_keys_[{info.team_id, info.import_key}];
    for (const std::string& other : same) Reconsider(other);
    same.insert(id);
  }
}

void Consolidator::ApplySource(const v1::RecordState& state) {
  const std::string& id = state.record_id();
  claims_.erase(id);
  auto source = RecordAs<v1::Source>(state);
  if (InForce(state) && source.ok()) {
    std::vector<v1::Claim> claims;
    for (const v1::ClaimedCount& claimed : source->claimed_counts()) {
      v1::Claim& claim = claims.emplace_back();
      claim.set_source_id(id);
      *claim.mutable_claimed_count() = claimed;
    }
    if (!claims.empty()) claims_[id] = std::move(claims);
  }
  if (auto it = citing_.find(id); it != citing_.end()) {
    for (const std::string& report : it->second) {
      dirty_reports_.insert(report);
      dirty_reports_of_sessions_.insert(report);
    }
  }
}

void Consolidator::ApplyRuling(const v1::RecordState& state) {
  const auto mark = [&] {
    const BookedRuling* booked = rulings_.Find(state.record_id());
    if (booked == nullptr) return;
    const v1::RulingKind kind = booked->ruling.ruling.kind();
    if (kind == v1::RULING_KIND_SAME || kind == v1::RULING_KIND_DIFFERENT) rulings_dirty_ = true;
    // Those that say the same name the same reports.
    for (const std::string& report : booked->ruling.ruling.report_ids()) {
      dirty_reports_of_sessions_.insert(report);
    }
  };
  mark();
  rulings_.Apply(state);
  mark();
  rulings_snapshot_.reset();
}

std::shared_ptr<const RulingBook> Consolidator::RulingsSnapshot() const {
  if (rulings_snapshot_ == nullptr) {
    rulings_snapshot_ = std::make_shared<const RulingBook>(rulings_);
  }
  return rulings_snapshot_;
}

void Consolidator::ApplyFollowUp(const v1::RecordState& state) {
  const std::string& id = state.record_id();
  if (auto it = follow_ups_.find(id); it != follow_ups_.end()) {
    dirty_reports_of_sessions_.insert(it->second.follow_up.report_id());
    Unlink(follow_ups_of_report_, it->second.follow_up.report_id(), id);
    follow_ups_.erase(it);
  }
  auto follow_up = RecordAs<v1::FollowUp>(state);
  if (!InForce(state) || !follow_up.ok()) return;
  FollowUpAnswer& kept = follow_ups_[id];
  kept.follow_up = *std::move(follow_up);
  kept.lamport = state.lamport();
  follow_ups_of_report_[kept.follow_up.report_id()].insert(id);
  dirty_reports_of_sessions_.insert(kept.follow_up.report_id());
}

void Consolidator::ApplyRegister(const v1::RecordState& state) {
  // A report's features depend on the entries that it names as they were and as they are.
  std::vector<std::string> keys;
  const auto add_keys = [&](const auto* entry) {
    if (entry == nullptr) return;
    for (std::string& key : RegisterKeysOf(*entry)) keys.push_back(std::move(key));
  };
  const auto add_entry = [&] {
    const std::string& id = state.record_id();
    if (state.type() == v1::RECORD_TYPE_TEAM) add_keys(register_.FindTeam(id));
    if (state.type() == v1::RECORD_TYPE_ORGANISATION) add_keys(register_.FindOrganisation(id));
    if (state.type() == v1::RECORD_TYPE_ISSUE) add_keys(register_.FindIssue(id));
  };
  add_entry();
  const bool was_there = register_.Contains(state.record_id());
  register_.Apply(state);
  add_entry();
  register_dirty_ = true;
  switch (state.type()) {
    case v1::RECORD_TYPE_PROGRAMME: {
      if (!IsAboutItsProgramme(state)) break;
      // Also of one that was voided: what asks for two people must not end with it.
      const auto programme = RecordAs<v1::Programme>(state);
      if (rulings_.RequireApproval(programme.ok() && programme->rulings_need_approval())) {
        rulings_dirty_ = true;
        rulings_snapshot_.reset();
      }
      every_session_dirty_ = true;
      break;
    }
    case v1::RECORD_TYPE_ORGANISATION:
    case v1::RECORD_TYPE_TEAM:
    case v1::RECORD_TYPE_ISSUE:
    case v1::RECORD_TYPE_SESSION_DEFINITION:
    case v1::RECORD_TYPE_INDICATOR:
      every_session_dirty_ = true;
      break;
    default:
      break;
  }

  if (!keys.empty()) {
    for (std::string& report_id : index_.ReportsDependingOn(keys)) {
      dirty_reports_.insert(std::move(report_id));
    }
  }
  for (const std::string& waiting : waiting_for_register_) Reconsider(waiting);
  if (was_there && !register_.Contains(state.record_id())) {
    // What refers to it, reports or the register, hangs in the air now.
    for (const std::string& record_id : known_) Reconsider(record_id);
  }
}

std::map<std::string, IndicatorContext> Consolidator::Contexts() const {
  std::map<std::string, IndicatorContext> contexts;
  for (const v1::Indicator* indicator : register_.Indicators()) {
    contexts[indicator->id()] = ContextOf(*indicator, register_);
  }
  return contexts;
}

void Consolidator::CheckReferences(v1::RecordState& state) {
  const std::string id = state.record_id();
  DropReferenceFindings(state);
  if (auto it = missing_of_.find(id); it != missing_of_.end()) {
    for (const std::string& missing : it->second) Unlink(waiting_for_, missing, id);
    missing_of_.erase(it);
  }
  waiting_for_register_.erase(id);
  if (!InForce(state)) return;
  absl::btree_set<std::string> missing;
  const auto known = [&](absl::string_view reference) {
    if (known_.contains(reference)) return true;
    missing.insert(std::string(reference));
    return false;
  };
  size_t unknown = 0;
  for (v1::Finding& finding : register_.CheckReferences(state, known)) {
    if (finding.kind() == v1::Finding::KIND_UNKNOWN_REFERENCE) ++unknown;
    *state.add_findings() = std::move(finding);
  }
  for (const std::string& reference : missing) waiting_for_[reference].insert(id);
  // What was not asked of `known` is missing from the register.
  if (unknown > missing.size()) waiting_for_register_.insert(id);
  if (!missing.empty()) missing_of_[id] = std::move(missing);

  if (state.type() == v1::RECORD_TYPE_MODEL_ADOPTION && AdoptsAnotherModel(state)) {
    v1::Finding& finding = *state.add_findings();
    finding.set_kind(v1::Finding::KIND_MODEL_NOT_SHIPPED);
    finding.set_op_id(id);
    finding.set_field("model_version");
    finding.set_detail(absl::StrCat("expected ", ShippedModel().version(),
                                    ", the model of this software; another one is not in force"));
  }

  auto report = reports_.find(id);
  if (report == reports_.end() || report->second.import_key.empty()) return;
  const auto& same = import_keys_.at({report->second.team_id, report->second.import_key});
  if (*same.begin() == id) return;
  v1::Finding& finding = *state.add_findings();
  finding.set_kind(v1::Finding::KIND_DUPLICATE_IMPORT_KEY);
  finding.set_op_id(id);
  finding.set_field("import_key");
  finding.set_detail(absl::StrCat("expected a key of its own, got that of ", *same.begin()));
  finding.set_blocks_count(true);
}

absl::Status Consolidator::SettleReport(const std::string& report_id, const v1::RecordState& state,
                                        const RecordReader& reader) {
  ReportInfo& info = reports_[report_id];
  if (!InForce(state) || Blocked(state)) {
    if (info.indexed) index_.Remove(report_id);
    info.indexed = false;
    return absl::OkStatus();
  }
  BARAZA_ASSIGN_OR_RETURN(const MemberReport member, ReadMember(report_id, reader));
  std::map<std::string, v1::Source> sources;
  for (const v1::Source& source : member.sources) sources[source.id()] = source;
  index_.Upsert(MakeFeatures(member.report, register_, sources));
  info.indexed = true;
  return absl::OkStatus();
}

absl::StatusOr<v1::RecordState> Consolidator::ReadState(absl::string_view record_id,
                                                        const RecordReader& reader) const {
  if (auto it = applied_.find(record_id); it != applied_.end()) return it->second;
  BARAZA_ASSIGN_OR_RETURN(std::optional<v1::RecordState> state, reader(record_id));
  if (!state.has_value()) {
    return absl::DataLossError(
        absl::StrCat(record_id, ": expected the state that was applied, got none"));
  }
  return *std::move(state);
}

absl::StatusOr<MemberReport> Consolidator::ReadMember(const std::string& report_id,
                                                      const RecordReader& reader) const {
  MemberReport member;
  BARAZA_ASSIGN_OR_RETURN(member.state, ReadState(report_id, reader));
  BARAZA_ASSIGN_OR_RETURN(member.report, RecordAs<v1::SessionReport>(member.state));
  absl::btree_set<std::string> source_ids;
  for (const v1::Citation& citation : member.report.citations()) {
    if (known_.contains(citation.source_id())) source_ids.insert(citation.source_id());
  }
  for (const std::string& source_id : source_ids) {
    BARAZA_ASSIGN_OR_RETURN(const v1::RecordState state, ReadState(source_id, reader));
    if (!InForce(state) || state.type() != v1::RECORD_TYPE_SOURCE) continue;
    BARAZA_ASSIGN_OR_RETURN(v1::Source source, RecordAs<v1::Source>(state));
    member.sources.push_back(std::move(source));
  }
  return member;
}

absl::btree_set<std::string> Consolidator::SessionsOf(
    const absl::btree_set<std::string>& report_ids) const {
  absl::btree_set<std::string> sessions;
  for (const std::string& report_id : report_ids) {
    if (const Cluster* cluster = index_.ClusterOf(report_id); cluster != nullptr) {
      sessions.insert(cluster->session_id);
    }
  }
  return sessions;
}

absl::StatusOr<std::shared_ptr<const v1::Session>> Consolidator::MakeSession(
    const Cluster& cluster, const std::map<std::string, IndicatorContext>& contexts,
    const RecordReader& reader) const {
  std::vector<MemberReport> members;
  absl::btree_set<std::string> follow_up_ids, children, parents;
  for (const std::string& report_id : cluster.report_ids) {
    BARAZA_ASSIGN_OR_RETURN(MemberReport member, ReadMember(report_id, reader));
    if (auto it = follow_ups_of_report_.find(report_id); it != follow_ups_of_report_.end()) {
      follow_up_ids.insert(it->second.begin(), it->second.end());
    }
    if (auto it = parts_of_.find(report_id); it != parts_of_.end()) {
      children.insert(it->second.begin(), it->second.end());
    }
    if (member.report.part_of().report_id().size() > 0) {
      parents.insert(member.report.part_of().report_id());
    }
    members.push_back(std::move(member));
  }
  const std::vector<SessionRuling> rulings = rulings_.OnSession(cluster.report_ids);
  std::vector<FollowUpAnswer> answers;
  std::vector<v1::FollowUp> follow_ups;
  for (const std::string& follow_up_id : follow_up_ids) {
    const FollowUpAnswer& follow_up = follow_ups_.at(follow_up_id);
    follow_ups.push_back(follow_up.follow_up);
    if (follow_up.follow_up.has_answer()) answers.push_back(follow_up);
  }
  auto session =
      std::make_shared<v1::Session>(ConsolidateSession(members, register_, rulings, answers));
  for (const std::string& parent : SessionsOf(parents)) {
    if (parent != cluster.session_id && session->part_of_session_id().empty()) {
      session->set_part_of_session_id(parent);
    }
  }
  for (const std::string& child : SessionsOf(children)) {
    if (child != cluster.session_id) session->add_sub_session_ids(child);
  }
  for (const auto& [indicator_id, context] : contexts) {
    v1::Qualification qualification = Qualify(*session, context, register_, rulings);
    qualification.set_indicator_id(indicator_id);
    LinkFollowUps(*session, follow_ups, qualification);
    *session->add_qualifications() = std::move(qualification);
  }
  return session;
}

absl::StatusOr<ConsolidationChange> Consolidator::Settle(const RecordReader& reader) {
  if (model_dirty_) AdoptModel();

  // Findings first: whether a report is held back by a missing reference decides if it is matched.
  // Marks are taken back only once everything has been read: a failed read costs a retry, nothing
  // else.
  absl::btree_set<std::string> to_check = reconsidered_;
  for (const auto& [id, state] : applied_) to_check.insert(id);
  ConsolidationChange change;
  for (const std::string& id : to_check) {
    BARAZA_ASSIGN_OR_RETURN(v1::RecordState state, ReadState(id, reader));
    const bool applied = applied_.contains(id);
    const v1::RecordState before = applied ? v1::RecordState() : state;
    CheckReferences(state);
    if (!applied && MessageDifferencer::Equals(before, state)) continue;
    applied_[id] = state;
    change.records.push_back(std::move(state));
  }
  for (const std::string& report_id : dirty_reports_) {
    BARAZA_ASSIGN_OR_RETURN(const v1::RecordState state, ReadState(report_id, reader));
    BARAZA_RETURN_IF_ERROR(SettleReport(report_id, state, reader));
  }
  if (rulings_dirty_) {
    index_.SetRulings(rulings_.MatchRulings());
    contradictions_ = index_.ContradictingRulings();
    rulings_dirty_ = false;
  }
  const MatchIndex::Change matched = index_.Refresh();
  for (const Cluster& cluster : matched.clusters) {
    touched_reports_.insert(cluster.report_ids.begin(), cluster.report_ids.end());
  }
  reweighed_.insert(matched.reweighed_session_ids.begin(), matched.reweighed_session_ids.end());

  // Everything whose session may read differently now: members of touched clusters, reports whose
  // rulings, answers or sources changed, and both ends of every part-of link to one of them.
  absl::btree_set<std::string> reports = touched_reports_;
  reports.insert(dirty_reports_.begin(), dirty_reports_.end());
  reports.insert(dirty_reports_of_sessions_.begin(), dirty_reports_of_sessions_.end());
  absl::btree_set<std::string> linked;
  for (const std::string& report_id : reports) {
    if (auto it = parts_of_.find(report_id); it != parts_of_.end()) {
      linked.insert(it->second.begin(), it->second.end());
    }
    if (auto it = reports_.find(report_id);
        it != reports_.end() && !it->second.part_of_report_id.empty()) {
      linked.insert(it->second.part_of_report_id);
    }
  }
  reports.insert(linked.begin(), linked.end());
  absl::btree_set<std::string> to_make = SessionsOf(reports);
  absl::btree_set<std::string> old_sessions;
  for (const std::string& report_id : reports) {
    if (auto it = session_of_.find(report_id); it != session_of_.end()) {
      old_sessions.insert(it->second);
    }
  }
  if (every_session_dirty_) {
    for (const auto& [session_id, session] : sessions_) {
      old_sessions.insert(session_id);
      const Cluster* cluster = index_.ClusterOf(session_id);
      if (cluster != nullptr) to_make.insert(cluster->session_id);
    }
  }

  const std::map<std::string, IndicatorContext> contexts = Contexts();
  std::vector<std::shared_ptr<const v1::Session>> made;
  for (const std::string& session_id : to_make) {
    BARAZA_ASSIGN_OR_RETURN(auto session,
                            MakeSession(*index_.ClusterOf(session_id), contexts, reader));
    made.push_back(std::move(session));
  }

  // From here on nothing fails.
  for (const std::string& session_id : old_sessions) {
    if (to_make.contains(session_id)) continue;
    auto it = sessions_.find(session_id);
    for (const v1::SessionMember& member : it->second->members()) {
      // A member may have been given to another session already, in an earlier batch.
      if (auto of = session_of_.find(member.report_id());
          of != session_of_.end() && of->second == session_id) {
        session_of_.erase(of);
      }
    }
    change.removed.push_back(it->second);
    sessions_.erase(it);
  }
  for (std::shared_ptr<const v1::Session>& session : made) {
    std::shared_ptr<const v1::Session>& kept = sessions_[session->session_id()];
    if (kept != nullptr) {
      if (MessageDifferencer::Equals(*kept, *session)) continue;
      for (const v1::SessionMember& member : kept->members()) {
        if (auto of = session_of_.find(member.report_id());
            of != session_of_.end() && of->second == session->session_id()) {
          session_of_.erase(of);
        }
      }
      change.before[session->session_id()] = kept;
    }
    for (const v1::SessionMember& member : session->members()) {
      session_of_[member.report_id()] = session->session_id();
    }
    kept = session;
    change.changed.push_back(std::move(session));
  }
  absl::btree_set<std::string> to_pair = to_make;
  // One that is no more by now has had its reports touched since.
  for (const std::string& session_id : reweighed_) {
    const Cluster* cluster = index_.ClusterOf(session_id);
    if (cluster != nullptr && cluster->session_id == session_id) to_pair.insert(session_id);
  }
  for (const std::string& session_id : to_pair) {
    change.pairs_of.push_back(session_id);
    for (const MatchIndex::DoubtfulPair& pair : index_.DoubtfulPairsOf(session_id)) {
      change.pairs.push_back(ToDoubtfulPair(pair));
    }
  }
  change.register_changed = register_dirty_;

  applied_.clear();
  reconsidered_.clear();
  dirty_reports_.clear();
  dirty_reports_of_sessions_.clear();
  touched_reports_.clear();
  reweighed_.clear();
  every_session_dirty_ = false;
  register_dirty_ = false;
  return change;
}

absl::StatusOr<std::shared_ptr<const v1::Session>> Consolidator::WithoutSensitiveReports(
    const v1::Session& session, const RecordReader& reader) const {
  std::vector<MemberReport> members;
  for (const v1::SessionMember& member : session.members()) {
    BARAZA_ASSIGN_OR_RETURN(MemberReport report, ReadMember(member.report_id(), reader));
    if (!IsSensitive(report.report)) members.push_back(std::move(report));
  }
  if (members.empty()) return std::shared_ptr<const v1::Session>();
  return std::make_shared<const v1::Session>(ConsolidateSession(members, register_, {}, {}));
}

v1::DoubtfulPair Consolidator::ToDoubtfulPair(const MatchIndex::DoubtfulPair& pair) const {
  v1::DoubtfulPair doubtful;
  doubtful.set_left_session_id(index_.ClusterOf(pair.left_report_id)->session_id);
  doubtful.set_right_session_id(index_.ClusterOf(pair.right_report_id)->session_id);
  doubtful.set_left_report_id(pair.left_report_id);
  doubtful.set_right_report_id(pair.right_report_id);
  doubtful.set_score_milli_nats(pair.score);
  v1::OpenQuestion& question = *doubtful.mutable_question();
  question.set_report_id(pair.left_report_id);
  question.mutable_question()->set_code("same_session");
  v1::CodedText::Argument& other = *question.mutable_question()->add_arguments();
  other.set_key("other_report_id");
  other.set_value(pair.right_report_id);
  question.add_pair_report_ids(pair.left_report_id);
  question.add_pair_report_ids(pair.right_report_id);
  question.set_id(absl::StrCat(
      "q_", Sha256(absl::StrCat("same_session|", pair.left_report_id, "|", pair.right_report_id))
                .ToHex()
                .substr(0, 16)));
  return doubtful;
}

void Consolidator::AdoptModel() {
  // The adoption that ranks greatest is in force; one of a model that is not shipped with this
  // software changes nothing.
  const v1::MatchModel& shipped = ShippedModel();
  v1::MatchModel adopted = shipped;
  std::pair<uint64_t, Sha256Digest> greatest = {};
  for (const auto& [id, state] : adoptions_) {
    auto adoption = RecordAs<v1::ModelAdoption>(state);
    if (!InForce(state) || !adoption.ok() || adoption->model_version() != shipped.version())
      continue;
    const std::pair<uint64_t, Sha256Digest> rank = {state.created_lamport(), Sha256(id)};
    if (rank <= greatest) continue;
    greatest = rank;
    adopted = shipped;
    if (adoption->has_prior_milli_nats()) {
      adopted.set_prior_milli_nats(adoption->prior_milli_nats());
    }
  }
  model_dirty_ = false;
  if (MessageDifferencer::Equals(adopted, model_)) return;
  model_ = adopted;
  index_ = MatchIndex(std::move(adopted));
  for (auto& [report_id, info] : reports_) {
    info.indexed = false;
    dirty_reports_.insert(report_id);
  }
  rulings_dirty_ = true;
  every_session_dirty_ = true;
}

}  // namespace baraza::server
