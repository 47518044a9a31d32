#ifndef BARAZA_CORE_MATCH_PACKED_FEATURES_H_
#define BARAZA_CORE_MATCH_PACKED_FEATURES_H_

#include <string>

#include "absl/strings/string_view.h"
#include "core/match/features.h"

namespace baraza {

// Feature records in a form that a million of fit into memory: one run of bytes each, in the byte
// order of the machine. Not for disk or wire.

// All of the record but `register_keys` and `source_ids`, which say when it must be made again and
// are kept elsewhere.
std::string PackFeatures(const ReportFeatures& features);

// What a score depends on goes into `features`, whose vectors keep their room; `named_reports` too;
// `shown` is left as it is. `packed` must come from PackFeatures.
void UnpackScored(absl::string_view packed, ReportFeatures& features);

// The whole record, as far as it was packed.
ReportFeatures UnpackFeatures(absl::string_view packed);

// The id alone; lives as long as `packed`.
absl::string_view PackedReportId(absl::string_view packed);

}  // namespace baraza

#endif  // BARAZA_CORE_MATCH_PACKED_FEATURES_H_
