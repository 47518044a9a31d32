#include "core/match/place.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "core/base/text.h"
#include "core/match/hash.h"
#include "core/match/lexicon.h"

namespace baraza {
namespace {

constexpr size_t kMaxNameBytes = 64;
constexpr size_t kMaxNames = 8;

// "St Louis", "Ft. Portal", "Sto Antonio": what a name begins with, written out.
void WriteOut(std::string& token) {
  static constexpr std::pair<absl::string_view, absl::string_view> kShort[] = {
      {"st", "saint"}, {"ste", "sainte"}, {"sto", "santo"}, {"sta", "santa"},
      {"ft", "fort"},  {"mt", "mount"},   {"pto", "puerto"}};
  for (const auto& [written, whole] : kShort) {
    if (token == written) {
      token = std::string(whole);
      return;
    }
  }
}

// One part of an address as names to compare. Empty when it is just a country, or no place at all
// ("online").
void AddNames(absl::string_view part, std::vector<PlaceName>& names, uint64_t& country,
              std::vector<uint64_t>* tokens_out) {
  const Lexicon& lexicon = Lexicon::Get();
  std::vector<std::string> tokens = FoldedTokens(part);
  if (tokens.empty()) return;
  if (lexicon.exonyms().Find(tokens, 0).words == 0) WriteOut(tokens[0]);
  if (const auto match = lexicon.countries().Find(tokens, 0); match.words == tokens.size()) {
    const uint64_t named = StableHash(lexicon.CountryCode(match.value));
    if (country == 0 || country == named) {
      country = named;
      return;
    }
    // Lebanon in Pennsylvania: a town that is called as a country.
  }
  if (const auto match = lexicon.no_places().Find(tokens, 0); match.words == tokens.size()) return;
  std::vector<std::string> specific;
  for (size_t i = 0; i < tokens.size();) {
    if (const auto exonym = lexicon.exonyms().Find(tokens, i); exonym.words > 0) {
      specific.emplace_back(lexicon.PlaceName(exonym.value));
      i += exonym.words;
      continue;
    }
    if (const auto kind = lexicon.venue_kinds().Find(tokens, i); kind.words > 0) {
      i += kind.words;
      continue;
    }
    if (!lexicon.IsStopWord(tokens[i])) specific.push_back(tokens[i]);
    ++i;
  }
  if (specific.empty()) specific = tokens;  // "Town Hall" is all there is to go by.
  if (tokens_out != nullptr) {
    for (const std::string& token : specific) tokens_out->push_back(StableHash(token));
  }
  PlaceName name;
  name.folded = absl::StrJoin(specific, " ").substr(0, kMaxNameBytes);
  name.skeleton = NameSkeleton(name.folded);
  if (names.size() < kMaxNames) names.push_back(std::move(name));
}

std::vector<absl::string_view> Parts(absl::string_view address) {
  return absl::StrSplit(address, absl::ByAnyChar(",;/()|"), absl::SkipWhitespace());
}

template <typename T>
void SortUnique(std::vector<T>& values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
}

}  // namespace

uint64_t NameSkeleton(absl::string_view folded) { return StableHash(SkeletonOf(folded)); }

std::string SkeletonOf(absl::string_view folded) {
  std::string skeleton;
  for (size_t i = 0; i < folded.size(); ++i) {
    char c = folded[i];
    const char next = i + 1 < folded.size() ? folded[i + 1] : ' ';
    switch (c) {
      case ' ':
      case 'h':  // mostly silent or part of a digraph: "ch", "sh", "th", "kh"
      case 'a':
      case 'e':
      case 'o':
      case 'u':
        // A name's first vowel tells Accra from Kara.
        if (skeleton.empty() && c != ' ' && c != 'h') skeleton.push_back('a');
        continue;
      case 'i':
      case 'y':
      case 'j':
        if (skeleton.empty()) skeleton.push_back('a');
        continue;
      case 'c':
        // "c" before "e" and "i" sounds as "s".
        c = next == 'e' || next == 'i' ? 's' : 'k';
        break;
      case 'q':
        c = 'k';
        break;
      case 'z':
      case 'x':
        c = 's';
        break;
      case 'w':
        c = 'v';
        break;
      case 'p':
        if (next == 'h') c = 'f';
        break;
      default:
        break;
    }
    if (skeleton.empty() || skeleton.back() != c) skeleton.push_back(c);
  }
  return skeleton;
}

void MakePlaceFeatures(const v1::Venue& venue, ReportFeatures& features) {
  if (!venue.country().empty()) {
    features.country = StableHash(absl::AsciiStrToUpper(venue.country()));
  }
  if (const std::string p_code = FoldText(venue.p_code()); !p_code.empty()) {
    features.p_code = StableHash(p_code);
  }
  if (venue.has_coordinates()) {
    features.has_coordinates = true;
    features.latitude_centi =
        static_cast<int32_t>(std::lround(venue.coordinates().latitude() * 100));
    features.longitude_centi =
        static_cast<int32_t>(std::lround(venue.coordinates().longitude() * 100));
  }
  for (const absl::string_view part : Parts(venue.locality())) {
    const size_t before = features.localities.size();
    AddNames(part, features.localities, features.country, nullptr);
    if (before > 0 && features.localities.size() > before)
      features.localities.back().broader = true;
  }
  for (const absl::string_view part : Parts(venue.name())) {
    AddNames(part, features.venues, features.country, &features.venue_tokens);
  }
  SortUnique(features.localities);
  SortUnique(features.venues);
  SortUnique(features.venue_tokens);
}

std::vector<std::string> PlaceTokens(const v1::Venue& venue) {
  const Lexicon& lexicon = Lexicon::Get();
  std::vector<std::string> result;
  for (const std::string* text : {&venue.locality(), &venue.name()}) {
    const std::vector<std::string> tokens = FoldedTokens(*text);
    for (size_t i = 0; i < tokens.size();) {
      const auto exonym = lexicon.exonyms().Find(tokens, i);
      if (exonym.words > 0) result.emplace_back(lexicon.PlaceName(exonym.value));
      for (size_t k = 0; k < std::max<size_t>(exonym.words, 1); ++k, ++i) {
        result.push_back(tokens[i]);
      }
    }
  }
  SortUnique(result);
  return result;
}

}  // namespace baraza
