// Help while capturing: duplicates and what is missing for a session to count.

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client_lib/client_impl.h"
#include "core/base/status.h"
#include "core/indicator/consolidate.h"
#include "core/indicator/qualify.h"
#include "core/match/explain.h"
#include "core/match/features.h"
#include "core/match/hash.h"
#include "core/match/index.h"
#include "core/match/model.h"
#include "core/model/merge.h"
#include "core/model/record_types.h"

namespace baraza::client {

// What advice is given from: a copy of the device's view, made anew when that has changed.
struct Client::Impl::Advice {
  uint64_t register_version = 0;
  uint64_t reports_version = 0;
  Register reg;
  std::map<std::string, v1::Source> sources;
  // Own team's reports and digests of other sessions, by report id.
  std::map<std::string, v1::SessionReport> reports;
  // Built with the first hint; afterwards just what changed is put into it.
  std::unique_ptr<MatchIndex> index;
  // What stands in the index, by report id: a hash of the report and of the sources it cites.
  std::map<std::string, uint64_t> indexed;

  bool index_is_current = false;

  void BringIndexUpToDate();
};

namespace {

std::map<std::string, v1::Source> CitedSources(const v1::SessionReport& report,
                                               const std::map<std::string, v1::Source>& sources) {
  std::map<std::string, v1::Source> cited;
  for (const v1::Citation& citation : report.citations()) {
    const auto found = sources.find(citation.source_id());
    if (found != sources.end()) cited.insert(*found);
  }
  return cited;
}

// Equal for what makes equal records of the matcher under one register.
uint64_t HashOf(const v1::SessionReport& report,
                const std::map<std::string, v1::Source>& cited_sources) {
  uint64_t hash = StableHash(report.SerializeAsString());
  for (const auto& [id, source] : cited_sources) {
    hash = CombineHash(hash, StableHash(source.SerializeAsString()));
  }
  return hash;
}

absl::StatusOr<v1::SessionReport> ReportIn(const v1::Record& record) {
  if (!record.has_session_report()) {
    return InvalidField("record", "", "a session report", "another kind of record");
  }
  return record.session_report();
}

}  // namespace

void Client::Impl::Advice::BringIndexUpToDate() {
  if (index == nullptr) index = std::make_unique<MatchIndex>(ShippedModel());
  for (auto it = indexed.begin(); it != indexed.end();) {
    if (reports.count(it->first) > 0) {
      ++it;
      continue;
    }
    index->Remove(it->first);
    it = indexed.erase(it);
  }
  for (const auto& [report_id, report] : reports) {
    const std::map<std::string, v1::Source> cited = CitedSources(report, sources);
    const uint64_t hash = HashOf(report, cited);
    const auto [at, fresh] = indexed.try_emplace(report_id, hash);
    if (!fresh && at->second == hash) continue;
    at->second = hash;
    index->Upsert(MakeFeatures(report, reg, cited));
  }
  index->Refresh();
  index_is_current = true;
}

absl::StatusOr<Client::Impl::Advice*> Client::Impl::CurrentAdvice() {
  if (advice != nullptr && advice->register_version == store->register_version() &&
      advice->reports_version == store->reports_version()) {
    return advice.get();
  }
  auto fresh = std::make_shared<Advice>();
  fresh->register_version = store->register_version();
  fresh->reports_version = store->reports_version();
  for (const v1::RecordType type : AllRecordTypes()) {
    switch (type) {
      case v1::RECORD_TYPE_SOURCE:
        BARAZA_RETURN_IF_ERROR(store->ForEachState(type, [&](const v1::RecordState& state) {
          absl::StatusOr<v1::Source> source = RecordAs<v1::Source>(state);
          if (source.ok() && state.created() && !state.voided()) {
            fresh->sources[state.record_id()] = *std::move(source);
          }
        }));
        break;
      case v1::RECORD_TYPE_SESSION_REPORT:
        BARAZA_RETURN_IF_ERROR(store->ForEachState(type, [&](const v1::RecordState& state) {
          absl::StatusOr<v1::SessionReport> report = RecordAs<v1::SessionReport>(state);
          if (report.ok() && state.created() && !state.voided()) {
            fresh->reports[state.record_id()] = *std::move(report);
          }
        }));
        break;
      case v1::RECORD_TYPE_FOLLOW_UP:
        break;
      default:
        BARAZA_RETURN_IF_ERROR(store->ForEachState(
            type, [&](const v1::RecordState& state) { fresh->reg.Apply(state); }));
        break;
    }
  }
  BARAZA_RETURN_IF_ERROR(store->ForEachDigest([&](const v1::SessionDigest& digest) {
    v1::SessionReport facts = digest.facts();
    facts.set_id(digest.report_id());
    fresh->reports.emplace(digest.report_id(), std::move(facts));
  }));
  // Under another register every record of the matcher may be another.
  if (advice != nullptr && advice->register_version == fresh->register_version) {
    fresh->index = std::move(advice->index);
    fresh->indexed = std::move(advice->indexed);
  }
  advice = std::move(fresh);
  return advice.get();
}

absl::StatusOr<v1::Record> Client::Impl::RecordOrDraft(absl::string_view id) {
  if (absl::StartsWith(id, "dft_")) {
    BARAZA_ASSIGN_OR_RETURN(const v1::Draft draft, store->GetDraft(id));
    return draft.record();
  }
  BARAZA_ASSIGN_OR_RETURN(const v1::ClientRecord record, store->GetRecord(id));
  return record.record();
}

void Client::Impl::FillIn(v1::SessionReport& report) {
  const v1::Membership& membership = store->identity().membership;
  if (report.team_id().empty()) report.set_team_id(membership.team_id());
  if (report.author_id().empty()) report.set_author_id(membership.person_id());
}

absl::StatusOr<std::vector<v1::DuplicateHint>> Client::Impl::Hints(v1::SessionReport report,
                                                                   absl::string_view own_id) {
  FillIn(report);
  BARAZA_ASSIGN_OR_RETURN(Advice * current, CurrentAdvice());
  if (!current->index_is_current) current->BringIndexUpToDate();
  const ReportFeatures probe =
      MakeFeatures(report, current->reg, CitedSources(report, current->sources));
  std::vector<v1::DuplicateHint> hints;
  // One more than wanted, since the report itself may be among them.
  for (const MatchIndex::Hint& candidate :
       current->index->Candidates(probe, kMaxDuplicateHints + 1)) {
    if (absl::string_view(candidate.report_id) == own_id || hints.size() == kMaxDuplicateHints) {
      continue;
    }
    const auto facts = current->reports.find(candidate.report_id);
    const std::optional<ReportFeatures> features =
        current->index->FindFeatures(candidate.report_id);
    if (facts == current->reports.end() || !features.has_value()) continue;
    v1::DuplicateHint& hint = hints.emplace_back();
    hint.set_report_id(candidate.report_id);
    hint.set_score_milli_nats(candidate.score);
    *hint.mutable_facts() = facts->second;
    *hint.mutable_explanation() = ExplainPair(probe, *features, ShippedModel());
  }
  return hints;
}

absl::StatusOr<v1::WillItCount> Client::Impl::Outlook(v1::SessionReport report,
                                                      absl::string_view indicator_id) {
  FillIn(report);
  BARAZA_ASSIGN_OR_RETURN(Advice * current, CurrentAdvice());
  v1::Indicator indicator;
  if (!indicator_id.empty()) {
    const v1::Indicator* found = current->reg.FindIndicator(indicator_id);
    if (found == nullptr) {
      return RecordError(absl::StatusCode::kNotFound, indicator_id, "",
                         "an indicator that this device has", "none; sync first");
    }
    indicator = *found;
  } else if (const auto indicators = current->reg.Indicators(); !indicators.empty()) {
    indicator = *indicators.front();
  }
  std::vector<v1::Source> sources;
  for (auto& [source_id, source] : CitedSources(report, current->sources)) {
    sources.push_back(source);
  }
  const v1::Session session = SessionOfOne(report, sources, current->reg);
  v1::WillItCount result;
  *result.mutable_qualification() =
      Qualify(session, ContextOf(indicator, current->reg), current->reg, {});
  for (v1::CodedText& missing : MissingFields(result.qualification())) {
    *result.add_missing() = std::move(missing);
  }
  return result;
}

absl::StatusOr<std::vector<v1::DuplicateHint>> Client::DuplicateHints(const v1::Record& record,
                                                                      absl::string_view record_id) {
  BARAZA_ASSIGN_OR_RETURN(v1::SessionReport report, ReportIn(record));
  MutexLock lock(impl_->mutex);
  return impl_->Hints(std::move(report), record_id);
}

absl::StatusOr<std::vector<v1::DuplicateHint>> Client::DuplicateHintsFor(absl::string_view id) {
  MutexLock lock(impl_->mutex);
  BARAZA_ASSIGN_OR_RETURN(const v1::Record record, impl_->RecordOrDraft(id));
  BARAZA_ASSIGN_OR_RETURN(v1::SessionReport report, ReportIn(record));
  return impl_->Hints(std::move(report), id);
}

absl::StatusOr<v1::WillItCount> Client::WillItCount(const v1::Record& record,
                                                    absl::string_view indicator_id) {
  BARAZA_ASSIGN_OR_RETURN(v1::SessionReport report, ReportIn(record));
  MutexLock lock(impl_->mutex);
  return impl_->Outlook(std::move(report), indicator_id);
}

absl::StatusOr<v1::WillItCount> Client::WillItCountFor(absl::string_view id,
                                                       absl::string_view indicator_id) {
  MutexLock lock(impl_->mutex);
  BARAZA_ASSIGN_OR_RETURN(const v1::Record record, impl_->RecordOrDraft(id));
  BARAZA_ASSIGN_OR_RETURN(v1::SessionReport report, ReportIn(record));
  return impl_->Outlook(std::move(report), indicator_id);
}

}  // namespace baraza::client
