#ifndef BARAZA_CORE_INDICATOR_QUALITATIVE_H_
#define BARAZA_CORE_INDICATOR_QUALITATIVE_H_

#include <vector>

#include "baraza/v1/figure.pb.h"
#include "baraza/v1/session.pb.h"

namespace baraza {

// The most texts of one kind that stand beside a figure; the sessions hold them all.
inline constexpr int kMaxQualitativeTexts = 1000;

// What stands beside the number: over `counted` sessions, in their order, each text once.
void FillQualitativeSide(const std::vector<const v1::Session*>& counted, v1::QualitativeSide& side);

}  // namespace baraza

#endif  // BARAZA_CORE_INDICATOR_QUALITATIVE_H_
