#ifndef BARAZA_CORE_MATCH_PLACE_H_
#define BARAZA_CORE_MATCH_PLACE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "baraza/v1/types.pb.h"
#include "core/match/features.h"

namespace baraza {

// The consonants of a folded name in order, after the commonest confusions of spelling and
// transliteration (c/k/q, v/w, i/y/j, z/s, ph/f, doubled letters); equal for most spellings of one
// name. Never 0 for a name.
uint64_t NameSkeleton(absl::string_view folded);
// The letters that it is made of: "mmbs" for "mombasa" and "mombassa" alike.
std::string SkeletonOf(absl::string_view folded);

// Fills in the place of `features`: names by parts ("Hall X, Mombasa, Kenya" has three), exonyms
// and countries replaced, generic words left out.
void MakePlaceFeatures(const v1::Venue& venue, ReportFeatures& features);

// The folded words of the venue, for telling words of a title that just repeat the place.
std::vector<std::string> PlaceTokens(const v1::Venue& venue);

}  // namespace baraza

#endif  // BARAZA_CORE_MATCH_PLACE_H_
