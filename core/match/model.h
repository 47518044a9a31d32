#ifndef BARAZA_CORE_MATCH_MODEL_H_
#define BARAZA_CORE_MATCH_MODEL_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "baraza/v1/match.pb.h"

namespace baraza {

// A model is a set of constants frozen in core/match/models; a pair's score depends on the two
// reports and on the model only, never on what else is in the store.

// The model that this binary was built with. Any thread.
const v1::MatchModel& ShippedModel();

// Reads a model in protobuf text form and validates it. INVALID_ARGUMENT with the place of the
// error.
absl::StatusOr<v1::MatchModel> ParseModel(absl::string_view textproto);

// The model in protobuf text form, one level a line, fields in the order of their numbers, below
// `comment` (lines without their '#'). ParseModel reads it back.
std::string FormatModel(const v1::MatchModel& model, absl::string_view comment);

// OK if `model` has a version, is for this binary's kind of features, names every level of every
// field (core/match/compare.h) exactly once, has no weight or prior beyond +-100,000 milli-nats, a
// never-compared weight that is not positive, and a block threshold of at least 8. Else
// INVALID_ARGUMENT naming the field and level.
absl::Status ValidateModel(const v1::MatchModel& model);

}  // namespace baraza

#endif  // BARAZA_CORE_MATCH_MODEL_H_
