#include "sync_server/consolidation/projection.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "core/base/civil_date.h"
#include "core/base/status.h"
#include "core/indicator/coded_text.h"
#include "core/indicator/figure.h"
#include "core/match/features.h"
#include "core/match/model.h"
#include "core/model/merge.h"
#include "sync_server/consolidation/scheme_period.h"
#include "sync_server/ingest/audience.h"
#include "sync_server/limits.h"

namespace baraza::server {
namespace {

constexpr char kVersionKey[] = "projection_version";
// To be raised with every change of what the projection writes for the same operations.
constexpr int kProjectionVersion = 4;
// Stands there from a rebuild's beginning to its end.
constexpr char kUnfinished[] = "unfinished";

std::string ProjectionVersion() {
  return absl::StrCat(kProjectionVersion, "/", ShippedModel().version(), "/", FeatureVersion());
}

Sha256Digest HashOf(const std::vector<Sha256Digest>& sorted) {
  static_assert(sizeof(Sha256Digest) == Sha256Digest::kSize);
  if (sorted.empty()) return Sha256("");
  return Sha256(absl::string_view(reinterpret_cast<const char*>(sorted.data()),
                                  sorted.size() * Sha256Digest::kSize));
}

bool MeetsAny(const SessionBoard::Briefs& sessions) {
  return std::any_of(sessions.begin(), sessions.end(),
                     [](const auto& session) { return session->last != kNever; });
}

void Named(v1::StandingRuling& ruling, absl::string_view programme_id) {
  ruling.set_name(absl::StrCat("programmes/", programme_id, "/records/", ruling.ruling_id()));
}

void Named(v1::Session& session, absl::string_view programme_id) {
  session.set_name(absl::StrCat("programmes/", programme_id, "/sessions/", session.session_id()));
}

}  // namespace

struct Projection::Chunk {
  int64_t watermark = 0;
  // The log had nothing more when it was read.
  bool drained = false;
  bool restart = false;
  ConsolidationChange change;
  // Of `change`.
  SessionBoard::Briefs briefs;
  FeedUpdates feed;
  std::vector<Sha256Digest> hashes;
  // Over all operations up to the watermark. Made for the chunk that ends at the log's end only: it
  // takes longer with every operation, and while the log is followed from afar few ask for it.
  std::optional<Sha256Digest> operations_hash;
  // Of the consolidator after this chunk.
  std::shared_ptr<const Register> reg;
  std::map<std::string, IndicatorContext> contexts;
  std::map<std::string, v1::PublishedFigure> published;
  std::map<std::string, v1::ReviewSample> samples;
  std::vector<v1::Claim> claims;
  std::shared_ptr<const RulingBook> rulings;
  std::vector<RulingContradiction> contradictions;
  std::vector<MatchIndex::HeldBack> held_back;
  std::string model_version;
  // Of a rebuild: not its last chunk, and its last one.
  bool unfinished = false;
  bool sweep = false;
};

Projection::Projection(ProgrammeStore& store, GroupCommit& commit)
    : store_(store),
      commit_(commit),
      consolidator_(std::make_unique<Consolidator>(ShippedModel())) {}

absl::StatusOr<bool> Projection::Load() {
  // What others refer to comes first, so that nothing is looked at twice.
  static constexpr v1::RecordType kOrder[] = {v1::RECORD_TYPE_PROGRAMME,
                                              v1::RECORD_TYPE_ORGANISATION,
                                              v1::RECORD_TYPE_TEAM,
                                              v1::RECORD_TYPE_PERSON,
                                              v1::RECORD_TYPE_DEVICE,
                                              v1::RECORD_TYPE_DONOR,
                                              v1::RECORD_TYPE_PROJECT,
                                              v1::RECORD_TYPE_ISSUE,
                                              v1::RECORD_TYPE_SESSION_DEFINITION,
                                              v1::RECORD_TYPE_INDICATOR,
                                              v1::RECORD_TYPE_TARGET,
                                              v1::RECORD_TYPE_PUBLISHED_FIGURE,
                                              v1::RECORD_TYPE_MODEL_ADOPTION,
                                              v1::RECORD_TYPE_REVIEW_SAMPLE,
                                              v1::RECORD_TYPE_RULING,
                                              v1::RECORD_TYPE_FOLLOW_UP,
                                              v1::RECORD_TYPE_SOURCE,
                                              v1::RECORD_TYPE_SESSION_REPORT};
  bool stale = false;
  BARAZA_RETURN_IF_ERROR(store_.Read([&](StoreReads& reads) -> absl::Status {
    BARAZA_ASSIGN_OR_RETURN(const int64_t watermark, reads.Watermark());
    BARAZA_ASSIGN_OR_RETURN(const std::optional<std::string> version, reads.GetMeta(kVersionKey));
    stale = version.has_value() ? *version != ProjectionVersion() : watermark > 0;
    if (stale) return absl::OkStatus();
    const Consolidator::RecordReader reader = [&](absl::string_view id) {
      return reads.GetRecordState(id);
    };
    auto chunk = std::make_shared<Chunk>();
    const auto settle = [&]() -> absl::Status {
      BARAZA_ASSIGN_OR_RETURN(chunk->change, consolidator_->Settle(reader));
      chunk->briefs = SessionBoard::BriefsOf(chunk->change);
      ahead_.board.Apply(chunk->change, chunk->briefs);
      MutexLock lock(mutex_);
      seen_.board.Apply(chunk->change, chunk->briefs);
      return absl::OkStatus();
    };
    int applied = 0;
    for (const v1::RecordType type : kOrder) {
      BARAZA_RETURN_IF_ERROR(
          reads.ForEachRecordState(type, [&](const v1::RecordState& state) -> absl::Status {
            consolidator_->Apply(state);
            return ++applied % kProjectionChunk == 0 ? settle() : absl::OkStatus();
          }));
    }
    BARAZA_RETURN_IF_ERROR(settle());
    chunk->change = ConsolidationChange();
    chunk->briefs.clear();
    chunk->watermark = watermark;
    BARAZA_RETURN_IF_ERROR(reads.OperationHashes(
        watermark, [&](absl::string_view, const Sha256Digest& hash) -> absl::Status {
          chunk->hashes.push_back(hash);
          return absl::OkStatus();
        }));
    Snapshot(*chunk);
    ApplyTo(ahead_, *chunk);
    chunk->operations_hash = HashOf(ahead_.operation_hashes);
    Publish(*chunk);
    BARAZA_ASSIGN_OR_RETURN(const std::vector<std::string> figures,
                            reads.FeedObjects(kProgrammeAudience, kFigureObjects));
    figure_objects_.insert(figures.begin(), figures.end());
    // Which figures the chunks before were to move went with the process, unless they were the
    // last.
    BARAZA_ASSIGN_OR_RETURN(const int64_t end, reads.LogPosition());
    every_figure_ = watermark < end;
    return absl::OkStatus();
  }));
  return stale;
}

void Projection::Snapshot(Chunk& chunk) const {
  chunk.reg = std::make_shared<Register>(consolidator_->register_snapshot());
  chunk.contexts = consolidator_->Contexts();
  chunk.published = consolidator_->published();
  chunk.samples = consolidator_->samples();
  for (const auto& [source_id, claims] : consolidator_->claims()) {
    chunk.claims.insert(chunk.claims.end(), claims.begin(), claims.end());
  }
  chunk.rulings = consolidator_->RulingsSnapshot();
  chunk.contradictions = consolidator_->contradictions();
  chunk.held_back = consolidator_->index().WhatWasHeldBack();
  chunk.model_version =
      absl::StrCat(consolidator_->model().version(), "/", consolidator_->model().prior_milli_nats(),
                   "/", FeatureVersion());
}

void Projection::ApplyTo(View& view, const Chunk& chunk) const {
  if (chunk.restart) view = View();
  view.board.Apply(chunk.change, chunk.briefs);
  view.reg = chunk.reg;
  view.contexts = chunk.contexts;
  view.published = chunk.published;
  view.samples = chunk.samples;
  view.claims = chunk.claims;
  view.rulings = chunk.rulings;
  view.contradictions = chunk.contradictions;
  view.held_back = chunk.held_back;
  view.model_version = chunk.model_version;
  view.watermark = chunk.watermark;
  const size_t before = view.operation_hashes.size();
  view.operation_hashes.insert(view.operation_hashes.end(), chunk.hashes.begin(),
                               chunk.hashes.end());
  std::sort(view.operation_hashes.begin() + before, view.operation_hashes.end());
  std::inplace_merge(view.operation_hashes.begin(), view.operation_hashes.begin() + before,
                     view.operation_hashes.end());
}

void Projection::Publish(const Chunk& chunk) {
  MutexLock lock(mutex_);
  ApplyTo(seen_, chunk);
  operations_hash_ = chunk.operations_hash;
  review_queue_.reset();
}

void Projection::Step(Done done) {
  absl::StatusOr<std::shared_ptr<Chunk>> chunk = Prepare();
  if (!chunk.ok()) {
    done(chunk.status());
    return;
  }
  if (*chunk == nullptr) {
    done(false);
    return;
  }
  commit_.Submit([this, chunk = *chunk](StoreWriter& writer) { return Write(*chunk, writer); },
                 [this, chunk = *chunk, done = std::move(done)](absl::Status status) {
                   if (!status.ok()) {
                     done(std::move(status));
                     return;
                   }
                   Publish(*chunk);
                   pending_.reset();
                   done(!chunk->drained);
                 });
}

absl::StatusOr<std::shared_ptr<Projection::Chunk>> Projection::Prepare() {
  if (pending_ != nullptr) return pending_;
  std::shared_ptr<Chunk> chunk;
  BARAZA_RETURN_IF_ERROR(store_.Read([&](StoreReads& reads) -> absl::Status {
    BARAZA_ASSIGN_OR_RETURN(chunk, PrepareFrom(reads));
    return absl::OkStatus();
  }));
  if (chunk == nullptr) return chunk;
  MarkFigures(chunk->change);
  ApplyTo(ahead_, *chunk);
  chunk->unfinished = rebuilding_ && !chunk->drained;
  if (chunk->drained) {
    AddFigures(chunk->feed);
    chunk->operations_hash = HashOf(ahead_.operation_hashes);
    chunk->sweep = rebuilding_;
    rebuilding_ = false;
  }
  restart_ = false;
  pending_ = chunk;
  return chunk;
}

absl::StatusOr<std::shared_ptr<Projection::Chunk>> Projection::SettleFrom(StoreReads& reads) {
  BARAZA_ASSIGN_OR_RETURN(const std::vector<LogEntry> entries,
                          reads.ReadLog(ahead_.watermark, kProjectionChunk));
  if (entries.empty()) return nullptr;
  auto chunk = std::make_shared<Chunk>();
  chunk->watermark = entries.back().position;
  BARAZA_ASSIGN_OR_RETURN(const int64_t end, reads.LogPosition());
  chunk->drained = chunk->watermark >= end;
  chunk->restart = restart_;

  // By record; a record's operations in the chunk.
  absl::btree_map<std::string, absl::btree_set<std::string>> touched;
  for (const LogEntry& entry : entries) {
    touched[entry.record_id].insert(entry.op_id);
    chunk->hashes.push_back(entry.hash);
  }
  {
    MutexLock lock(match_mutex_);
    for (const auto& [record_id, op_ids] : touched) {
      BARAZA_ASSIGN_OR_RETURN(const std::vector<Operation> operations,
                              reads.OperationsOf(record_id));
      v1::RecordState state = MergeOperations(operations);
      // Devices of the team that have the record already are sent what is new; with its creation,
      // or after a redaction, all of it.
      std::vector<Operation> sent;
      bool all = op_ids.contains(record_id);
      for (const Operation& operation : operations) {
        const bool in_chunk = op_ids.contains(operation.header.op_id());
        if (in_chunk && operation.header.redactions_size() > 0) all = true;
        if (in_chunk) sent.push_back(operation);
      }
      AddOperationUpdates(state, all ? operations : sent, chunk->feed);
      consolidator_->Apply(std::move(state));
    }
    BARAZA_ASSIGN_OR_RETURN(chunk->change, consolidator_->Settle([&](absl::string_view id) {
      return reads.GetRecordState(id);
    }));
  }
  for (const v1::RecordState& state : chunk->change.records) AddRecordUpdates(state, chunk->feed);
  chunk->briefs = SessionBoard::BriefsOf(chunk->change);
  Snapshot(*chunk);
  return chunk;
}

absl::StatusOr<std::shared_ptr<Projection::Chunk>> Projection::PrepareFrom(StoreReads& reads) {
  // The consolidator tells of a change once: it is kept until all that follows from it is made.
  if (settled_ == nullptr) {
    BARAZA_ASSIGN_OR_RETURN(settled_, SettleFrom(reads));
  }
  if (settled_ == nullptr) return nullptr;
  const std::shared_ptr<Chunk> chunk = settled_;

  // Records of this chunk are not in the store yet.
  absl::btree_map<std::string, const v1::RecordState*> fresh;
  for (const v1::RecordState& state : chunk->change.records) fresh[state.record_id()] = &state;
  const Consolidator::RecordReader reader =
      [&](absl::string_view id) -> absl::StatusOr<std::optional<v1::RecordState>> {
    if (auto it = fresh.find(id); it != fresh.end()) return *it->second;
    return reads.GetRecordState(id);
  };
  absl::Status failed;
  FeedUpdates sessions;
  AddSessionUpdates(
      chunk->change,
      [&](const v1::Session& session) -> std::shared_ptr<const v1::Session> {
        auto open = consolidator_->WithoutSensitiveReports(session, reader);
        if (open.ok()) return *open;
        failed.Update(open.status());
        return nullptr;
      },
      sessions);
  BARAZA_RETURN_IF_ERROR(failed);
  chunk->feed.merge(sessions);
  settled_.reset();
  return chunk;
}

absl::Status Projection::Write(const Chunk& chunk, StoreWriter& writer) const {
  for (const v1::RecordState& state : chunk.change.records) {
    BARAZA_RETURN_IF_ERROR(writer.PutRecordState(state));
  }
  for (const auto& session : chunk.change.removed) {
    BARAZA_RETURN_IF_ERROR(writer.DeleteSession(session->session_id()));
  }
  for (const auto& session : chunk.change.changed) {
    BARAZA_RETURN_IF_ERROR(writer.PutSession(*session));
  }
  for (const auto& [key, update] : chunk.feed) {
    if (update.payload.has_value()) {
      BARAZA_RETURN_IF_ERROR(writer.PutFeed(key.first, key.second, update.day, *update.payload));
    } else {
      BARAZA_RETURN_IF_ERROR(writer.RemoveFeed(key.first, key.second));
    }
  }
  if (chunk.sweep) BARAZA_RETURN_IF_ERROR(writer.SweepFeed());
  if (!chunk.unfinished) {
    BARAZA_RETURN_IF_ERROR(writer.PutMeta(kVersionKey, ProjectionVersion()));
  }
  return writer.SetWatermark(chunk.watermark);
}

void Projection::Rebuild(std::function<void(absl::Status)> done) {
  // Only the last chunk removes from the feed what is not made any more, so a rebuild that did not
  // come to its end is begun anew.
  commit_.Submit(
      [](StoreWriter& writer) -> absl::Status {
        BARAZA_RETURN_IF_ERROR(writer.ClearProjection());
        return writer.PutMeta(kVersionKey, kUnfinished);
      },
      [this, done = std::move(done)](absl::Status status) {
        if (status.ok()) {
          MutexLock lock(match_mutex_);
          consolidator_ = std::make_unique<Consolidator>(ShippedModel());
          ahead_ = View();
          settled_.reset();
          pending_.reset();
          figure_days_.clear();
          figure_objects_.clear();
          every_figure_ = true;
          rebuilding_ = true;
          restart_ = true;
        }
        done(std::move(status));
      });
}

void Projection::MarkFigures(const ConsolidationChange& change) {
  if (change.register_changed) every_figure_ = true;
  const auto mark = [&](const v1::Session& session) {
    if (!session.has_start_earliest_day() || !session.has_start_latest_day()) {
      every_figure_ = true;
      return;
    }
    figure_days_.insert(session.start_earliest_day());
    figure_days_.insert(session.start_latest_day());
    if (session.start_latest_day() - session.start_earliest_day() > 31) every_figure_ = true;
  };
  // Of a session that stays as it is the questions may change: those that are asked now, and those
  // that were, of either side.
  const auto mark_as_it_is = [&](const std::string& session_id) {
    const auto it = ahead_.board.sessions().find(session_id);
    if (it != ahead_.board.sessions().end()) mark(*it->second);
  };
  const auto mark_in_doubt = [&](const std::string& session_id) {
    mark_as_it_is(session_id);
    for (const std::string& other : ahead_.board.InDoubtWith(session_id)) mark_as_it_is(other);
  };
  for (const auto& session : change.changed) mark(*session);
  for (const auto& session : change.removed) {
    mark(*session);
    mark_in_doubt(session->session_id());
  }
  for (const auto& [session_id, session] : change.before) mark(*session);
  for (const std::string& session_id : change.pairs_of) mark_in_doubt(session_id);
  for (const v1::DoubtfulPair& pair : change.pairs) {
    mark_as_it_is(pair.left_session_id());
    mark_as_it_is(pair.right_session_id());
  }
}

absl::btree_set<int32_t> Projection::FigureDaysOf(const IndicatorContext& context) const {
  absl::btree_set<int32_t> days = figure_days_;
  if (context.indicator.late_data_rule() != v1::LATE_DATA_RULE_CARRY_FORWARD) return days;
  // By start, so that what is carried on from one published period through the next is followed.
  std::vector<std::pair<int32_t, int32_t>> published;
  for (const auto& [id, figure] : ahead_.published) {
    if (figure.indicator_id() != context.indicator.id()) continue;
    const auto period =
        ParsePeriod(figure.period(), FiscalYearStartMonth(context.indicator, ahead_.reg.get()));
    if (!period.ok()) continue;
    published.emplace_back(CivilDayToDays(period->start), CivilDayToDays(period->end));
  }
  std::sort(published.begin(), published.end());
  for (const auto& [start, end] : published) {
    const auto first = days.lower_bound(start);
    if (first != days.end() && *first < end) days.insert(end);
  }
  return days;
}

void Projection::AddFigures(FeedUpdates& updates) {
  if (every_figure_) {
    for (const auto& [session_id, session] : ahead_.board.sessions()) {
      if (session->has_start_earliest_day()) figure_days_.insert(session->start_earliest_day());
      if (session->has_start_latest_day()) figure_days_.insert(session->start_latest_day());
    }
  }
  absl::btree_set<std::string> made;
  for (const auto& [indicator_id, context] : ahead_.contexts) {
    absl::btree_map<std::string, Period> periods;
    for (const int32_t day : FigureDaysOf(context)) {
      auto period = SchemePeriodOf(context.indicator, *ahead_.reg, CivilDayFromDays(day));
      if (period.ok()) periods.try_emplace(period->text, *period);
    }
    for (const auto& [text, period] : periods) {
      // As of the period's end: what a phone shows must not depend on the day on which it was made.
      google::protobuf::Arena arena;
      auto& figure = *google::protobuf::Arena::CreateMessage<v1::Figure>(&arena);
      FillFigure(ahead_, context, period, period.end - 1, "", figure);
      const std::string object = FigureObject(indicator_id, text);
      if (figure.high() > 0 || MeetsAny(ahead_.board.MeetingPeriod(period.start, period.end))) {
        AddFigureUpdate(figure, updates);
        made.insert(object);
      } else if (figure_objects_.erase(object) > 0) {
        RemoveFigureUpdate(object, updates);
      }
    }
  }
  if (every_figure_) {
    // Of an indicator that is no more, or that has other periods now.
    for (const std::string& object : figure_objects_) {
      if (!made.contains(object)) RemoveFigureUpdate(object, updates);
    }
    figure_objects_ = std::move(made);
  } else {
    figure_objects_.insert(made.begin(), made.end());
  }
  figure_days_.clear();
  every_figure_ = false;
}

void Projection::AddHeldBack(const View& view, const SessionBoard::Briefs& sessions,
                             v1::Figure& figure) {
  if (view.held_back.empty()) return;
  absl::flat_hash_set<const BriefSession*> here;
  for (const auto& session : sessions) here.insert(session.get());
  for (const MatchIndex::HeldBack& held : view.held_back) {
    uint32_t reports = 0;
    v1::HeldBack shown;
    for (const std::string& report_id : held.report_ids) {
      const auto session = view.board.FindByReport(report_id);
      if (session == nullptr || !here.contains(session.get())) continue;
      if (++reports <= kMaxHeldBackIds) shown.add_report_ids(report_id);
    }
    if (reports == 0) continue;
    *shown.mutable_reason() =
        held.reason == MatchIndex::HeldBack::Reason::kCrowdedBlock
            ? Coded("crowded_block", {{"count", absl::StrCat(reports)},
                                      {"compared", absl::StrCat(held.compared_with.size())}})
            : Coded("large_component", {{"count", absl::StrCat(reports)}});
    *figure.add_held_back() = std::move(shown);
  }
}

void Projection::FillFigure(const View& view, const IndicatorContext& context, const Period& period,
                            absl::CivilDay as_of, absl::string_view operations_hash,
                            v1::Figure& figure) {
  const std::string& indicator_id = context.indicator.id();
  FigureInput input;
  input.context = context;
  input.period = period;
  input.as_of = as_of;
  for (const auto& [id, figure] : view.published) {
    if (figure.indicator_id() == indicator_id) input.published.push_back(figure);
  }
  SessionBoard::Briefs& sessions = input.sessions;
  sessions = view.board.MeetingPeriod(period.start, period.end);
  if (context.indicator.late_data_rule() == v1::LATE_DATA_RULE_CARRY_FORWARD) {
    std::map<std::string, std::shared_ptr<const BriefSession>> all;
    for (auto& session : sessions) all[std::string(session->id)] = session;
    for (const v1::PublishedFigure& figure : input.published) {
      auto other =
          ParsePeriod(figure.period(), FiscalYearStartMonth(context.indicator, view.reg.get()));
      if (!other.ok()) continue;
      for (auto& session : view.board.MeetingPeriod(other->start, other->end)) {
        all[std::string(session->id)] = session;
      }
    }
    sessions.clear();
    for (auto& [id, session] : all) sessions.push_back(session);
  }
  input.doubtful_pairs = view.board.DoubtfulPairsOf(sessions);
  for (const auto& [id, sample] : view.samples) {
    if (sample.indicator_id() == indicator_id && sample.period() == period.text &&
        sample.model_version() == view.model_version) {
      input.samples.push_back(&sample);
    }
  }
  input.claims = view.claims;
  input.register_ = view.reg.get();
  input.model_version = view.model_version;
  input.log_position = view.watermark;
  input.operations_sha256 = std::string(operations_hash);
  input.session_of_report = [&](absl::string_view report_id) {
    const auto session = view.board.FindByReport(report_id);
    return session == nullptr ? std::string() : std::string(session->id);
  };
  ComputeFigure(input, figure);
  AddHeldBack(view, sessions, figure);

  if (view.contexts.size() < 2) return;
  std::vector<const BriefSession*> counted;
  counted.reserve(figure.counted_size());
  for (const v1::FigureSession& entry : figure.counted()) {
    if (const auto session = view.board.FindByReport(entry.session_id()); session != nullptr) {
      counted.push_back(session.get());
    }
  }
  for (const auto& [other_id, other] : view.contexts) {
    if (other_id == indicator_id) continue;
    uint32_t common = 0;
    for (const BriefSession* session : counted) {
      if (session->VerdictFor(other_id).qualifies == v1::QUALIFIES_YES &&
          HasReachedStage(*session, other.indicator)) {
        ++common;
      }
    }
    if (common == 0) continue;
    v1::Overlap& overlap = *figure.add_overlaps();
    overlap.set_indicator_id(other_id);
    overlap.set_donor_id(other.indicator.donor_id());
    overlap.set_sessions(common);
  }
}

int64_t Projection::watermark() const {
  MutexLock lock(mutex_);
  return seen_.watermark;
}

std::shared_ptr<const Register> Projection::register_snapshot() const {
  MutexLock lock(mutex_);
  return seen_.reg;
}

std::shared_ptr<const RulingBook> Projection::rulings_snapshot() const {
  MutexLock lock(mutex_);
  return seen_.rulings;
}

std::string Projection::model_version() const {
  MutexLock lock(mutex_);
  return seen_.model_version;
}

std::shared_ptr<const BriefSession> Projection::FindSession(absl::string_view report_id) const {
  MutexLock lock(mutex_);
  return seen_.board.FindByReport(report_id);
}

absl::StatusOr<v1::Session> Projection::NamedSession(const BriefSession* found,
                                                     absl::string_view report_id) const {
  if (found == nullptr) {
    return RecordError(absl::StatusCode::kNotFound, report_id, "", "a report that a session holds",
                       "none (unknown, voided or held back)");
  }
  v1::Session session = *found->session;
  Named(session, store_.programme_id());
  return session;
}

absl::StatusOr<v1::Session> Projection::GetSession(absl::string_view report_id) const {
  return NamedSession(FindSession(report_id).get(), report_id);
}

absl::StatusOr<std::vector<v1::Session>> Projection::ListSessions(const SessionQuery& query) const {
  std::vector<std::shared_ptr<const v1::Session>> candidates;
  {
    MutexLock lock(mutex_);
    if (!query.period.empty()) {
      BARAZA_ASSIGN_OR_RETURN(const Period period,
                              ParsePeriod(query.period, FiscalYearStartMonth({}, seen_.reg.get())));
      for (const auto& brief : seen_.board.MeetingPeriod(period.start, period.end)) {
        candidates.push_back(brief->session);
      }
      std::sort(candidates.begin(), candidates.end(),
                [](const auto& a, const auto& b) { return a->session_id() < b->session_id(); });
    } else {
      for (auto it = seen_.board.sessions().upper_bound(query.after);
           it != seen_.board.sessions().end(); ++it) {
        candidates.push_back(it->second);
        // Filters thin the page out; without one the rest need not be looked at.
        if (query.issue_id.empty() && query.team_id.empty() && candidates.size() >= query.limit) {
          break;
        }
      }
    }
  }
  std::vector<v1::Session> page;
  for (const auto& session : candidates) {
    if (page.size() >= query.limit) break;
    if (session->session_id() <= query.after) continue;
    if (!query.issue_id.empty() && session->values().issue_id() != query.issue_id) continue;
    if (!query.team_id.empty()) {
      const bool of_team =
          std::any_of(session->members().begin(), session->members().end(),
                      [&](const auto& member) { return member.team_id() == query.team_id; }) ||
          std::any_of(session->teams().begin(), session->teams().end(), [&](const auto& team) {
            return team.team_id() == query.team_id && team.present() == v1::YES_NO_YES;
          });
      if (!of_team) continue;
    }
    page.push_back(*session);
    Named(page.back(), store_.programme_id());
  }
  return page;
}

bool Projection::MayExplain(absl::string_view report_id, const BriefSession* seen) const {
  if (seen == nullptr) return false;
  const Cluster* cluster = consolidator_->index().ClusterOf(report_id);
  if (cluster == nullptr) return false;
  const auto now = consolidator_->sessions().find(cluster->session_id);
  return now != consolidator_->sessions().end() &&
         now->second->sensitivity() <= seen->session->sensitivity();
}

absl::StatusOr<v1::Session> Projection::ExplainSession(absl::string_view report_id) const {
  const std::shared_ptr<const BriefSession> seen = FindSession(report_id);
  BARAZA_ASSIGN_OR_RETURN(v1::Session session, NamedSession(seen.get(), report_id));
  absl::flat_hash_set<absl::string_view> known;
  MutexLock lock(match_mutex_);
  for (const v1::SessionMember& member : seen->session->members()) {
    if (MayExplain(member.report_id(), seen.get())) known.insert(member.report_id());
  }
  for (v1::PairExplanation& pair : consolidator_->index().ExplainCluster(session.session_id())) {
    if (!known.contains(pair.left_report_id()) || !known.contains(pair.right_report_id())) continue;
    *session.add_pairs() = std::move(pair);
  }
  return session;
}

absl::StatusOr<v1::PairExplanation> Projection::ExplainPair(
    absl::string_view left_report_id, absl::string_view right_report_id) const {
  const std::shared_ptr<const BriefSession> left = FindSession(left_report_id);
  const std::shared_ptr<const BriefSession> right = FindSession(right_report_id);
  MutexLock lock(match_mutex_);
  for (const auto& [report_id, seen] :
       {std::pair(left_report_id, left.get()), std::pair(right_report_id, right.get())}) {
    if (!MayExplain(report_id, seen)) {
      return RecordError(absl::StatusCode::kNotFound, "", "report id", "a report that is matched",
                         report_id);
    }
  }
  return consolidator_->index().Explain(left_report_id, right_report_id);
}

absl::Status Projection::GetFigure(absl::string_view indicator_id, absl::string_view period_text,
                                   absl::CivilDay as_of, v1::Figure& figure) const {
  MutexLock lock(mutex_);
  auto it = seen_.contexts.find(std::string(indicator_id));
  if (it == seen_.contexts.end()) {
    return RecordError(absl::StatusCode::kNotFound, indicator_id, "",
                       "an indicator of the programme", "none");
  }
  BARAZA_ASSIGN_OR_RETURN(
      const Period period,
      ParsePeriod(period_text, FiscalYearStartMonth(it->second.indicator, seen_.reg.get())));
  if (!operations_hash_.has_value()) operations_hash_ = HashOf(seen_.operation_hashes);
  FillFigure(seen_, it->second, period, as_of, operations_hash_->AsBytes(), figure);
  figure.set_name(absl::StrCat("programmes/", store_.programme_id(), "/indicators/", indicator_id,
                               "/figures/", period.text));
  return absl::OkStatus();
}

absl::StatusOr<ReviewDraw> Projection::DrawReviewSample(absl::string_view indicator_id,
                                                        absl::string_view period_text,
                                                        absl::CivilDay as_of, uint32_t size,
                                                        Random& random) const {
  google::protobuf::Arena arena;
  auto& figure = *google::protobuf::Arena::CreateMessage<v1::Figure>(&arena);
  BARAZA_RETURN_IF_ERROR(GetFigure(indicator_id, period_text, as_of, figure));
  std::vector<std::string> session_ids;
  session_ids.reserve(figure.counted_size());
  for (const v1::FigureSession& session : figure.counted()) {
    session_ids.push_back(session.session_id());
  }
  std::vector<v1::ReviewSample> earlier;
  {
    MutexLock lock(mutex_);
    for (const auto& [id, sample] : seen_.samples) {
      if (sample.indicator_id() == figure.indicator_id() && sample.period() == figure.period() &&
          sample.model_version() == figure.model_version()) {
        earlier.push_back(sample);
      }
    }
  }
  std::vector<MatchIndex::ReviewLink> links;
  // In parts, so that the projection goes on meanwhile.
  constexpr size_t kAtOnce = 256;
  for (size_t begin = 0; begin < session_ids.size(); begin += kAtOnce) {
    MutexLock lock(match_mutex_);
    for (MatchIndex::ReviewLink& link : consolidator_->index().ReviewLinks(
             absl::MakeConstSpan(session_ids).subspan(begin, kAtOnce))) {
      links.push_back(std::move(link));
    }
  }
  return DrawReview(figure, links, earlier, size, random);
}

ReviewQueueInput Projection::QueueInput(const View& view) {
  return {view.board, view.contexts, *view.reg, *view.rulings, view.contradictions};
}

bool Projection::ReviewQueue::IsFor(absl::string_view person_id, const v1::ReviewItem& item) const {
  return !item.has_pair() ||
         !rulings->IsUnsure(person_id, item.pair().left_report_id(), item.pair().right_report_id());
}

std::shared_ptr<const Projection::ReviewQueue> Projection::GetReviewQueue() const {
  MutexLock lock(mutex_);
  if (review_queue_ != nullptr) return review_queue_;
  const auto queue = std::make_shared<ReviewQueue>();
  queue->rulings = seen_.rulings;
  queue->items = MakeReviewQueue(QueueInput(seen_));
  for (v1::ReviewItem& item : queue->items) {
    for (v1::StandingRuling& ruling : *item.mutable_contradiction()) {
      Named(ruling, store_.programme_id());
    }
    for (v1::StandingRuling& ruling : *item.mutable_waiting()) {
      Named(ruling, store_.programme_id());
    }
  }
  review_queue_ = queue;
  return queue;
}

std::vector<v1::StandingRuling> Projection::RulingsOn(
    absl::Span<const std::string> report_ids) const {
  MutexLock lock(mutex_);
  std::vector<v1::StandingRuling> rulings = server::RulingsOn(QueueInput(seen_), report_ids);
  for (v1::StandingRuling& ruling : rulings) Named(ruling, store_.programme_id());
  return rulings;
}

std::vector<v1::OpenQuestion> Projection::OpenQuestions(absl::string_view team_id) const {
  std::map<std::string, v1::OpenQuestion> questions;
  MutexLock lock(mutex_);
  for (const auto& [session_id, session] : seen_.board.sessions()) {
    for (const v1::Qualification& qualification : session->qualifications()) {
      for (const v1::OpenQuestion& question : qualification.questions()) {
        if (!team_id.empty() && question.addressed_team_id() != team_id) continue;
        questions.try_emplace(question.id(), question);
      }
    }
  }
  std::vector<v1::OpenQuestion> sorted;
  for (auto& [id, question] : questions) sorted.push_back(std::move(question));
  return sorted;
}

}  // namespace baraza::server
