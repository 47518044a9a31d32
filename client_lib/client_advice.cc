// Help while capturing: duplicates and what is missing for a session to count.

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/types/span.h"
#include "client_lib/client_impl.h"
#include "core/base/status.h"
#include "core/indicator/consolidate.h"
#include "core/indicator/qualify.h"
#include "core/match/explain.h"
#include "core/match/features.h"
#include "core/match/index.h"
#include "core/match/model.h"
#include "core/model/merge.h"
#include "core/model/record_types.h"

namespace baraza::client {

// What advice is given from: a copy of the device's view. Made from all of it once, and again when
// the register changed; else just what changed is put into it.
struct Client::Impl::Advice {
  uint64_t register_version = 0;
  uint64_t reports_version = 0;
  Register reg;
  std::map<std::string, v1::Source> sources;
  // Own team's reports and digests of other sessions, by report id.
  std::map<std::string, v1::SessionReport> reports;
  // The report ids of all digests, by the objects that they came as.
  std::map<std::string, std::string> digests;
  // Built with the first hint.
  std::unique_ptr<MatchIndex> index;
  // Reports that changed, or whose sources did, since they were put into the index.
  std::set<std::string> not_indexed;

  absl::Status ReadAll(DeviceStore& store);
  // After an error this is of no more use.
  absl::Status Apply(DeviceStore& store, absl::Span<const ViewChange> changes);
  // nullopt: there is no such report any more.
  void SetReport(const std::string& report_id, std::optional<v1::SessionReport> report);
  void SetSource(const std::string& source_id, std::optional<v1::Source> source);
  void BringIndexUpToDate();

 private:
  absl::Status ApplyReports(DeviceStore& store, const std::set<std::string>& report_ids);
  absl::Status ApplyDigest(DeviceStore& store, const std::string& object,
                           std::set<std::string>& report_ids);
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

// The record if it is there for advice: not voided, and not of a schema that cannot be read.
template <typename T>
std::optional<T> Standing(const v1::RecordState& state) {
  if (!state.created() || state.voided()) return std::nullopt;
  absl::StatusOr<T> record = RecordAs<T>(state);
  if (!record.ok()) return std::nullopt;
  return *std::move(record);
}

template <typename T>
absl::StatusOr<std::optional<T>> FindStanding(DeviceStore& store, const std::string& record_id) {
  const absl::StatusOr<v1::RecordState> state = store.GetState(record_id);
  if (absl::IsNotFound(state.status())) return std::optional<T>();
  BARAZA_RETURN_IF_ERROR(state.status());
  return Standing<T>(*state);
}

v1::SessionReport FactsOf(const v1::SessionDigest& digest) {
  v1::SessionReport facts = digest.facts();
  facts.set_id(digest.report_id());
  return facts;
}

absl::StatusOr<v1::SessionReport> ReportIn(const v1::Record& record) {
  if (!record.has_session_report()) {
    return InvalidField("record", "", "a session report", "another kind of record");
  }
  return record.session_report();
}

}  // namespace

void Client::Impl::Advice::SetReport(const std::string& report_id,
                                     std::optional<v1::SessionReport> report) {
  not_indexed.insert(report_id);
  if (report.has_value()) {
    reports[report_id] = *std::move(report);
  } else {
    reports.erase(report_id);
  }
}

void Client::Impl::Advice::SetSource(const std::string& source_id,
                                     std::optional<v1::Source> source) {
  if (source.has_value()) {
    sources[source_id] = *std::move(source);
  } else {
    sources.erase(source_id);
  }
}

absl::Status Client::Impl::Advice::ReadAll(DeviceStore& store) {
  register_version = store.register_version();
  reports_version = store.reports_version();
  for (const v1::RecordType type : AllRecordTypes()) {
    if (type == v1::RECORD_TYPE_FOLLOW_UP) continue;
    BARAZA_RETURN_IF_ERROR(store.ForEachState(type, [&](const v1::RecordState& state) {
      if (type == v1::RECORD_TYPE_SOURCE) {
        SetSource(state.record_id(), Standing<v1::Source>(state));
      } else if (type == v1::RECORD_TYPE_SESSION_REPORT) {
        SetReport(state.record_id(), Standing<v1::SessionReport>(state));
      } else {
        reg.Apply(state);
      }
    }));
  }
  return store.ForEachDigest([&](absl::string_view object, const v1::SessionDigest& digest) {
    digests.emplace(object, digest.report_id());
    // The own report says more; of two digests the first object counts.
    if (reports.count(digest.report_id()) == 0) SetReport(digest.report_id(), FactsOf(digest));
  });
}

absl::Status Client::Impl::Advice::Apply(DeviceStore& store, absl::Span<const ViewChange> changes) {
  reports_version = store.reports_version();
  std::set<std::string> objects;
  std::set<std::string> report_ids;
  std::set<std::string> source_ids;
  for (const ViewChange& change : changes) {
    if (change.kind == ViewChange::Kind::kFeedObject) {
      objects.insert(change.id);
      continue;
    }
    const absl::StatusOr<v1::RecordType> type = RecordTypeOfId(change.id);
    if (!type.ok()) continue;
    if (*type == v1::RECORD_TYPE_SESSION_REPORT) report_ids.insert(change.id);
    if (*type == v1::RECORD_TYPE_SOURCE) source_ids.insert(change.id);
  }
  for (const std::string& object : objects) {
    BARAZA_RETURN_IF_ERROR(ApplyDigest(store, object, report_ids));
  }
  BARAZA_RETURN_IF_ERROR(ApplyReports(store, report_ids));
  if (source_ids.empty()) return absl::OkStatus();
  for (const std::string& source_id : source_ids) {
    BARAZA_ASSIGN_OR_RETURN(std::optional<v1::Source> source,
                            FindStanding<v1::Source>(store, source_id));
    SetSource(source_id, std::move(source));
  }
  // One pass, however many sources; it is rare enough to need no index.
  for (const auto& [report_id, report] : reports) {
    for (const v1::Citation& citation : report.citations()) {
      if (source_ids.count(citation.source_id()) > 0) not_indexed.insert(report_id);
    }
  }
  return absl::OkStatus();
}

// Adds the reports that the object was and is the digest of to `report_ids`.
absl::Status Client::Impl::Advice::ApplyDigest(DeviceStore& store, const std::string& object,
                                               std::set<std::string>& report_ids) {
  if (const auto former = digests.find(object); former != digests.end()) {
    report_ids.insert(former->second);
    digests.erase(former);
  }
  BARAZA_ASSIGN_OR_RETURN(const std::optional<v1::SessionDigest> digest, store.FindDigest(object));
  if (digest.has_value()) {
    report_ids.insert(digest->report_id());
    digests.emplace(object, digest->report_id());
  }
  return absl::OkStatus();
}

absl::Status Client::Impl::Advice::ApplyReports(DeviceStore& store,
                                                const std::set<std::string>& report_ids) {
  std::set<std::string> not_own;
  for (const std::string& report_id : report_ids) {
    BARAZA_ASSIGN_OR_RETURN(std::optional<v1::SessionReport> own,
                            FindStanding<v1::SessionReport>(store, report_id));
    if (!own.has_value()) not_own.insert(report_id);
    SetReport(report_id, std::move(own));
  }
  // One pass over the digests, and none when a report was captured or edited.
  if (not_own.empty()) return absl::OkStatus();
  for (const auto& [object, report_id] : digests) {
    if (not_own.erase(report_id) == 0) continue;
    BARAZA_ASSIGN_OR_RETURN(const std::optional<v1::SessionDigest> digest,
                            store.FindDigest(object));
    if (digest.has_value()) SetReport(report_id, FactsOf(*digest));
  }
  return absl::OkStatus();
}

void Client::Impl::Advice::BringIndexUpToDate() {
  if (index != nullptr && not_indexed.empty()) return;
  if (index == nullptr) index = std::make_unique<MatchIndex>(ShippedModel());
  for (const std::string& report_id : not_indexed) {
    const auto report = reports.find(report_id);
    if (report == reports.end()) {
      index->Remove(report_id);
    } else {
      index->Upsert(MakeFeatures(report->second, reg, CitedSources(report->second, sources)));
    }
  }
  not_indexed.clear();
  index->Refresh();
}

absl::StatusOr<Client::Impl::Advice*> Client::Impl::CurrentAdvice() {
  // Back in its place when it is whole: after an error everything is read anew.
  std::shared_ptr<Advice> current = std::move(advice);
  std::optional<std::vector<ViewChange>> changes;
  if (current != nullptr && current->register_version == store->register_version()) {
    changes = store->ChangesSince(current->reports_version);
  }
  if (changes.has_value()) {
    BARAZA_RETURN_IF_ERROR(current->Apply(*store, *changes));
  } else {
    // Under another register every record of the matcher may be another.
    current = std::make_shared<Advice>();
    BARAZA_RETURN_IF_ERROR(current->ReadAll(*store));
  }
  advice = std::move(current);
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
  current->BringIndexUpToDate();
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
