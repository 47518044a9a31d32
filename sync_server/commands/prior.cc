#include "sync_server/commands/prior.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "core/match/model.h"
#include "sync_server/commands/offline.h"
#include "sync_server/commands/read_only.h"
#include "sync_server/consolidation/consolidator.h"
#include "sync_server/services/data_dir.h"

namespace baraza::server {
namespace {

absl::StatusOr<std::string> ChooseProgramme(const DataDir& dir, const std::string& wanted) {
  BARAZA_ASSIGN_OR_RETURN(const std::unique_ptr<RegistryStore> registry,
                          OpenRegistryToRead(dir.Registry()));
  if (!wanted.empty()) {
    BARAZA_RETURN_IF_ERROR(registry->GetProgramme(wanted).status());
    return wanted;
  }
  BARAZA_ASSIGN_OR_RETURN(const std::vector<ProgrammeEntry> programmes, registry->ListProgrammes());
  if (programmes.size() != 1) {
    return absl::InvalidArgumentError(absl::StrCat("there are ", programmes.size(),
                                                   " programmes; say which one with --programme"));
  }
  return programmes.front().programme_id;
}

// The records as they stand, matched by the model that the software came with.
absl::StatusOr<std::vector<int32_t>> ScoresOf(ProgrammeStore& store) {
  Consolidator consolidator(ShippedModel());
  BARAZA_RETURN_IF_ERROR(
      store.ForEachRecordState(v1::RECORD_TYPE_UNSPECIFIED, [&](const v1::RecordState& state) {
        if (state.type() != v1::RECORD_TYPE_MODEL_ADOPTION) consolidator.Apply(state);
        return absl::OkStatus();
      }));
  BARAZA_RETURN_IF_ERROR(
      consolidator
          .Settle([&](absl::string_view record_id) { return store.GetRecordState(record_id); })
          .status());
  std::vector<int32_t> scores;
  for (const MatchIndex::ComparedPair& pair : consolidator.index().ComparedPairs()) {
    scores.push_back(pair.score);
  }
  return scores;
}

}  // namespace

absl::StatusOr<PriorEstimate> EstimateProgrammePrior(const std::string& data_dir,
                                                     const std::string& programme_id, Clock& clock,
                                                     Random& random,
                                                     const MaintenanceProgress& progress) {
  const DataDir dir(data_dir);
  BARAZA_ASSIGN_OR_RETURN(const std::unique_ptr<DataDirLock> lock, DataDirLock::Take(dir));
  BARAZA_ASSIGN_OR_RETURN(const std::string id, ChooseProgramme(dir, programme_id));
  BARAZA_ASSIGN_OR_RETURN(
      const std::unique_ptr<OfflineProgramme> offline,
      OfflineProgramme::Open(dir.Programme(id), id, /*create=*/false, clock, random));
  BARAZA_RETURN_IF_ERROR(Annotate(offline->Project(/*rebuild=*/false,
                                                   [&](int64_t done, int64_t all) {
                                                     if (progress) progress(id, done, all);
                                                   }),
                                  id));
  BARAZA_ASSIGN_OR_RETURN(const std::vector<int32_t> scores, ScoresOf(offline->store()));
  return EstimatePrior(scores, ShippedModel());
}

}  // namespace baraza::server
