#include "core/match/features.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/base/civil_date.h"
#include "core/base/sha256.h"
#include "core/base/text.h"
#include "core/match/hash.h"
#include "core/match/lexicon.h"
#include "core/match/place.h"
#include "core/match/title.h"
#include "core/model/name_words.h"

namespace baraza {
namespace {

// Changes with every change of what a record holds or how it is made.
constexpr absl::string_view kFeatureSchema = "8";

// Nobody writes so much into one field, and what comes after it says no more: whatever is sent, a
// record is made in bounded time and room.
constexpr size_t kMaxTextBytes = 4096;
constexpr int kMaxListed = 256;
constexpr size_t kMaxShownBytes = 1024;
// A report that is smaller as a whole needs no look at its parts.
constexpr size_t kOrdinaryBytes = 4096;

constexpr size_t kMaxTeams = 64;
constexpr size_t kMaxTopicWords = 48;
constexpr size_t kMaxSubjects = 64;

template <typename T>
void SortUnique(std::vector<T>& values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
}

// ---- bounds

// Shortens to whole characters.
void Clip(size_t bytes, std::string& text) {
  if (text.size() <= bytes) return;
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xc0) == 0x80) --bytes;
  text.resize(bytes);
}

template <typename List>
void ClipList(List& list) {
  if (list.size() > kMaxListed) list.DeleteSubrange(kMaxListed, list.size() - kMaxListed);
}

void ClipParty(v1::Party& party) {
  if (party.party_case() == v1::Party::kUnregisteredName) {
    Clip(kMaxTextBytes, *party.mutable_unregistered_name());
  }
}

v1::SessionReport Clipped(v1::SessionReport report) {
  const auto clip = [](std::string& text) { Clip(kMaxTextBytes, text); };
  clip(*report.mutable_title()->mutable_text());
  if (report.has_venue()) {
    clip(*report.mutable_venue()->mutable_name());
    clip(*report.mutable_venue()->mutable_locality());
    clip(*report.mutable_venue()->mutable_p_code());
  }
  if (report.has_part_of()) clip(*report.mutable_part_of()->mutable_title()->mutable_text());
  if (report.has_organiser()) ClipParty(*report.mutable_organiser());
  ClipList(*report.mutable_topics());
  for (v1::LocalText& topic : *report.mutable_topics()) clip(*topic.mutable_text());
  ClipList(*report.mutable_learning_outcomes());
  for (v1::LocalText& outcome : *report.mutable_learning_outcomes()) {
    clip(*outcome.mutable_text());
  }
  ClipList(*report.mutable_participating_teams());
  for (v1::ParticipatingTeam& team : *report.mutable_participating_teams()) {
    if (!team.unregistered_name().empty()) clip(*team.mutable_unregistered_name());
  }
  ClipList(*report.mutable_facilitated_by());
  for (v1::Party& party : *report.mutable_facilitated_by()) ClipParty(party);
  ClipList(*report.mutable_citations());
  for (v1::Citation& citation : *report.mutable_citations()) {
    clip(*citation.mutable_locator());
    if (citation.has_passage()) clip(*citation.mutable_passage()->mutable_text());
  }
  ClipList(*report.mutable_means_of_verification());
  ClipList(*report.mutable_hint_answers());
  return report;
}

// ---- dates

DateFeatures MakeDate(const v1::SessionDates& dates) {
  DateFeatures result;
  const auto earliest = ParseCivilDay(dates.earliest());
  const auto latest = ParseCivilDay(dates.latest());
  if (!earliest.ok()) return result;
  result.first = CivilDayToDays(*earliest);
  result.last = latest.ok() ? CivilDayToDays(*latest) : result.first;
  if (result.last < result.first) result.last = result.first;
  switch (dates.precision()) {
    case v1::DATE_PRECISION_MONTH:
      result.grain = DateGrain::kMonth;
      break;
    case v1::DATE_PRECISION_QUARTER:
      result.grain = DateGrain::kQuarter;
      break;
    case v1::DATE_PRECISION_YEAR:
      result.grain = DateGrain::kYear;
      break;
    case v1::DATE_PRECISION_UNKNOWN:
      // One bound alone says nothing to compare by.
      result.grain = latest.ok() ? DateGrain::kRange : DateGrain::kUnknown;
      break;
    default:
      result.grain = DateGrain::kDay;
      break;
  }
  if (result.grain == DateGrain::kUnknown) return DateFeatures();
  if (result.grain == DateGrain::kDay && earliest->day() <= 12 &&
      earliest->day() != earliest->month()) {
    result.swapped_first =
        CivilDayToDays(absl::CivilDay(earliest->year(), earliest->day(), earliest->month()));
  }
  return result;
}

std::string ShowDate(const v1::SessionDates& dates, const DateFeatures& date) {
  switch (date.grain) {
    case DateGrain::kUnknown:
      return "";
    case DateGrain::kMonth:
      return FormatCivilDay(CivilDayFromDays(date.first)).substr(0, 7);
    case DateGrain::kYear:
      return FormatCivilDay(CivilDayFromDays(date.first)).substr(0, 4);
    default:
      break;
  }
  if (date.first == date.last) return dates.earliest();
  return absl::StrCat(dates.earliest(), "..", dates.latest());
}

// ---- parties

// Names within one slip of one another have one of these in common: the slip is not in the first
// half, or not in the second.
std::vector<std::string> SpellingKeys(absl::string_view folded) {
  if (folded.size() < NameSpellings::kShortest) {
    // It may be initials.
    if (folded.size() < 3 || folded.find(' ') != absl::string_view::npos) return {};
    return {absl::StrCat("initials ", folded)};
  }
  constexpr size_t kEnd = NameSpellings::kShortest / 2 - 1;
  return {absl::StrCat("begins ", folded.substr(0, kEnd)),
          absl::StrCat("ends ", folded.substr(folded.size() - kEnd))};
}

// Collects what the record depends on in the register.
class RegisterReader {
 public:
  RegisterReader(const Register& reg, std::vector<std::string>& keys) : reg_(reg), keys_(keys) {}

  // The team that `team_id` is now.
  std::string Team(const std::string& team_id) { return reg_.ResolveTeam(team_id, &keys_); }

  // The team of that name, else the likely one (Register::LikelyTeamOf); "" for none.
  std::string TeamNamed(const std::string& name, const std::string& folded) {
    keys_.push_back(absl::StrCat("name ", folded));
    std::string team = reg_.TeamByName(name, &keys_);
    if (!team.empty()) return team;
    // Which team that is may change with any whose name begins alike or ends alike, or has two of
    // the words.
    for (std::string& key : SpellingKeys(folded)) keys_.push_back(std::move(key));
    for (const std::string& words : NameWords::KeysOfLike(folded)) {
      keys_.push_back(absl::StrCat("words ", words));
    }
    return reg_.LikelyTeamOf(name, &keys_);
  }

  PartyFeatures Party(const v1::Party& party) {
    PartyFeatures result;
    switch (party.party_case()) {
      case v1::Party::kTeamId:
        return TeamParty(Team(party.team_id()));
      case v1::Party::kOrganisationId:
        keys_.push_back(party.organisation_id());
        result.kind = PartyFeatures::Kind::kOrganisation;
        result.hash = result.organisation = StableHash(party.organisation_id());
        return result;
      case v1::Party::kUnregisteredName: {
        const std::string folded = FoldText(party.unregistered_name());
        if (folded.empty()) return result;
        if (const std::string team = TeamNamed(party.unregistered_name(), folded); !team.empty()) {
          return TeamParty(team);
        }
        result.kind = PartyFeatures::Kind::kName;
        result.hash = NameSkeleton(folded);
        return result;
      }
      case v1::Party::PARTY_NOT_SET:
        return result;
    }
    return result;
  }

  // Whether it is just how a team is called.
  bool IsTeamName(absl::string_view text) {
    const std::string folded = FoldText(text);
    if (folded.empty()) return false;
    keys_.push_back(absl::StrCat("name ", folded));
    return reg_.IsTeamName(folded);
  }

  std::string NameOf(const v1::Party& party) const {
    switch (party.party_case()) {
      case v1::Party::kTeamId:
        return TeamTitle(party.team_id());
      case v1::Party::kOrganisationId: {
        const v1::Organisation* organisation = reg_.FindOrganisation(party.organisation_id());
        return organisation == nullptr ? party.organisation_id() : organisation->title();
      }
      case v1::Party::kUnregisteredName:
        return party.unregistered_name();
      case v1::Party::PARTY_NOT_SET:
        return "";
    }
    return "";
  }

  std::string TeamTitle(const std::string& team_id) const {
    const v1::Team* team = reg_.FindTeam(team_id);
    return team == nullptr || team->title().empty() ? team_id : team->title();
  }

 private:
  PartyFeatures TeamParty(const std::string& team) {
    PartyFeatures result;
    result.kind = PartyFeatures::Kind::kTeam;
    result.hash = StableHash(team);
    const std::string organisation = reg_.OrganisationOf(team);
    if (!organisation.empty()) result.organisation = StableHash(organisation);
    return result;
  }

  const Register& reg_;
  std::vector<std::string>& keys_;
};

void MakeTeams(const v1::SessionReport& report, RegisterReader& reader, ReportFeatures& features) {
  std::vector<std::string> shown;
  const auto add_team = [&](const std::string& team_id) {
    features.teams.push_back(StableHash(reader.Team(team_id)));
    shown.push_back(reader.TeamTitle(team_id));
  };
  for (const v1::ParticipatingTeam& participant : report.participating_teams()) {
    const bool there =
        participant.present() == v1::YES_NO_UNSPECIFIED || participant.present() == v1::YES_NO_YES;
    if (!there || features.teams.size() + features.unregistered_teams.size() >= kMaxTeams) continue;
    if (!participant.team_id().empty()) {
      add_team(participant.team_id());
      continue;
    }
    const std::string& name = participant.unregistered_name();
    const std::string folded = FoldText(name);
    if (folded.empty()) continue;
    const std::string team = reader.TeamNamed(name, folded);
    if (team.empty()) {
      features.unregistered_teams.push_back(NameSkeleton(folded));
    } else {
      features.teams.push_back(StableHash(team));
    }
    shown.push_back(name);
  }
  if (report.reporting_team_present() == v1::YES_NO_YES && !report.team_id().empty()) {
    add_team(report.team_id());
  }
  features.organiser = reader.Party(report.organiser());
  features.shown.organiser = reader.NameOf(report.organiser());
  if (features.organiser.kind == PartyFeatures::Kind::kTeam) {
    features.teams.push_back(features.organiser.hash);
    shown.push_back(features.shown.organiser);
  }
  for (const v1::Party& party : report.facilitated_by()) {
    const PartyFeatures facilitator = reader.Party(party);
    if (facilitator.kind == PartyFeatures::Kind::kNone) continue;
    features.facilitators.push_back(facilitator);
    if (facilitator.kind == PartyFeatures::Kind::kTeam) {
      features.teams.push_back(facilitator.hash);
      shown.push_back(reader.NameOf(party));
    }
  }
  SortUnique(features.teams);
  SortUnique(features.unregistered_teams);
  SortUnique(features.facilitators);
  SortUnique(shown);
  features.shown.teams = absl::StrJoin(shown, ", ");
}

// ---- documents and passages

// 0 unless the words name one document rather than a kind of document.
uint64_t SpecificDocument(absl::string_view text) {
  const Lexicon& lexicon = Lexicon::Get();
  const std::vector<std::string> tokens = FoldedTokens(text);
  std::vector<uint64_t> kept;
  int words = 0;
  int codes = 0;
  for (size_t at = 0; at < tokens.size();) {
    const std::string& token = tokens[at];
    if (const auto generic = lexicon.generic_documents().Find(tokens, at); generic.words > 0) {
      at += generic.words;
      continue;
    }
    if (const auto month = lexicon.months().Find(token); month.words > 0) {
      kept.push_back(CombineHash(month.value, 0));
    } else if (!lexicon.IsStopWord(token)) {
      const auto meaning = lexicon.words().Find(token);
      kept.push_back(meaning.words > 0 ? lexicon.ConceptOf(meaning.value).hash : StableHash(token));
      const bool digit = std::any_of(token.begin(), token.end(), absl::ascii_isdigit);
      const bool letter = std::any_of(token.begin(), token.end(), absl::ascii_isalpha);
      const bool form = meaning.words > 0 && lexicon.ConceptOf(meaning.value).form;
      if (digit && letter) {
        ++codes;
      } else if (letter && !form) {
        ++words;
      }
    }
    ++at;
  }
  const bool specific = codes > 0 || words >= 2 || (words == 1 && kept.size() >= 2);
  if (!specific) return 0;
  std::sort(kept.begin(), kept.end());
  uint64_t hash = StableHash("document");
  for (const uint64_t token : kept) hash = CombineHash(hash, token);
  return hash;
}

// "p. 4" and "page 4" are one locator.
uint64_t LocatorHash(absl::string_view locator) {
  const Lexicon& lexicon = Lexicon::Get();
  const std::vector<std::string> tokens = FoldedTokens(locator);
  std::vector<std::string> specific;
  for (const std::string& token : tokens) {
    if (lexicon.locators().Find(token).words == 0) specific.push_back(token);
  }
  const std::vector<std::string>& kept = specific.empty() ? tokens : specific;
  return kept.empty() ? 0 : StableHash(absl::StrJoin(kept, " "));
}

void MakeCitations(const v1::SessionReport& report, const std::map<std::string, v1::Source>& cited,
                   ReportFeatures& features) {
  std::vector<std::string> documents;
  std::vector<std::string> passages;
  for (const v1::Citation& citation : report.citations()) {
    if (citation.source_id().empty()) continue;
    features.source_ids.push_back(citation.source_id());
    CitationFeatures made;
    made.source = StableHash(citation.source_id());
    made.locator = LocatorHash(citation.locator());
    if (const std::string folded = FoldText(citation.passage().text()); !folded.empty()) {
      made.passage = StableHash(folded);
    }
    std::string shown;
    const auto source = cited.find(citation.source_id());
    if (source != cited.end() && source->second.kind() != v1::SOURCE_KIND_KEY_INFORMANT_INTERVIEW) {
      made.document = SpecificDocument(source->second.document_reference());
      if (made.document == 0) made.document = SpecificDocument(source->second.document_title());
      shown = absl::StrJoin(std::vector<std::string>{source->second.document_reference(),
                                                     source->second.document_title()},
                            " ");
      shown = std::string(absl::StripAsciiWhitespace(shown));
      if (!shown.empty()) documents.push_back(shown);
    }
    passages.push_back(
        absl::StrCat(citation.source_id(), citation.locator().empty() ? "" : " ",
                     citation.locator(), citation.passage().text().empty() ? "" : " \"",
                     citation.passage().text(), citation.passage().text().empty() ? "" : "\""));
    features.citations.push_back(made);
  }
  SortUnique(features.citations);
  SortUnique(features.source_ids);
  SortUnique(documents);
  SortUnique(passages);
  for (const v1::MeansOfVerification& proof : report.means_of_verification()) {
    // A photo or agenda may be passed around; minutes and attendance lists are of one session.
    if ((proof.kind() == v1::MeansOfVerification::KIND_MINUTES ||
         proof.kind() == v1::MeansOfVerification::KIND_ATTENDANCE_LIST) &&
        !proof.sha256().empty()) {
      features.files.push_back(StableHash(proof.sha256()));
      if (!proof.description().empty()) documents.push_back(proof.description());
    }
  }
  SortUnique(features.files);
  features.shown.document = absl::StrJoin(documents, "; ");
  features.shown.passages = absl::StrJoin(passages, "; ");
}

// ---- the rest

std::string ShowMarkers(const std::vector<Marker>& markers) {
  std::vector<std::string> shown;
  for (const Marker& marker : markers) {
    switch (marker.kind) {
      case Marker::Kind::kNumber:
        shown.push_back(absl::StrCat("#", marker.value));
        break;
      case Marker::Kind::kLetter:
        shown.push_back(marker.value >= 1 && marker.value <= 26
                            ? std::string(1, static_cast<char>('A' + marker.value - 1))
                            : absl::StrCat(marker.value));
        break;
      case Marker::Kind::kPart:
        shown.push_back(absl::StrCat("/", marker.value));
        break;
      case Marker::Kind::kDay:
        shown.push_back(absl::StrCat("D", marker.value));
        break;
      case Marker::Kind::kMonth:
        shown.push_back(marker.value > 100 ? absl::StrCat("Q", marker.value - 100)
                                           : absl::StrCat("M", marker.value));
        break;
    }
  }
  return absl::StrJoin(shown, " ");
}

// Whether all its words are known, so that it is no name.
bool IsOfKnownWords(absl::string_view text) {
  const Lexicon& lexicon = Lexicon::Get();
  const std::vector<std::string> tokens = FoldedTokens(text);
  return std::all_of(tokens.begin(), tokens.end(), [&](const std::string& token) {
    return lexicon.IsStopWord(token) || lexicon.words().Find(token).words > 0;
  });
}

// Whether there is a word in it: of "Kilifi Women: 3" the name has to stay.
bool SaysSomething(absl::string_view text) {
  const std::vector<std::string> tokens = FoldedTokens(text);
  return std::any_of(tokens.begin(), tokens.end(), [](const std::string& token) {
    return token.size() >= 3 && absl::ascii_isalpha(static_cast<unsigned char>(token[0]));
  });
}

// Without the team that it begins or ends with: "Kilifi Women: learning day on water", "Learning
// day on water (Kilifi Women)". Who was there the teams say.
absl::string_view WithoutTeams(absl::string_view title, RegisterReader& reader) {
  constexpr size_t kLongestName = 80;
  constexpr int kMostParts = 3;
  absl::string_view rest = absl::StripAsciiWhitespace(title);
  const auto is_team = [&](absl::string_view part) {
    return part.size() <= kLongestName && !IsOfKnownWords(part) && reader.IsTeamName(part);
  };
  // "Re: Kilifi Women: ...": what is before the name says nothing either.
  size_t begin = 0;
  for (int i = 0; i < kMostParts; ++i) {
    const size_t colon = rest.find(": ", begin);
    if (colon == absl::string_view::npos) break;
    const absl::string_view part = rest.substr(begin, colon - begin);
    begin = colon + 2;
    if (IsOfKnownWords(part)) continue;
    if (const absl::string_view behind = absl::StripAsciiWhitespace(rest.substr(begin));
        SaysSomething(behind) && is_team(part)) {
      rest = behind;
    }
    break;
  }
  if (const size_t open = rest.rfind('('); open != absl::string_view::npos &&
                                           absl::EndsWith(rest, ")") &&
                                           SaysSomething(rest.substr(0, open)) &&
                                           is_team(rest.substr(open + 1, rest.size() - open - 2))) {
    rest = absl::StripAsciiWhitespace(rest.substr(0, open));
  }
  return rest;
}

// Of the first that is told ("fr" of "fr-BF"); 0: none is.
uint64_t LanguageOf(std::initializer_list<absl::string_view> told) {
  for (const absl::string_view language : told) {
    const absl::string_view main = language.substr(0, language.find('-'));
    if (!main.empty()) return StableHash(absl::AsciiStrToLower(main));
  }
  return 0;
}

// `text`: the report's title without teams.
void MakeTitle(const v1::SessionReport& report, absl::string_view text, ReportFeatures& features) {
  const std::vector<std::string> place_tokens = PlaceTokens(report.venue());
  TitleFeatures title = ReadTitle(text, place_tokens);
  features.title = std::move(title.words);
  features.markers = std::move(title.markers);
  features.whole_title = title.whole;
  features.language = LanguageOf({report.title().language(), title.language, report.language()});
  features.shown.title = report.title().text();
  features.shown.markers = ShowMarkers(features.markers);
}

void MakeTopics(const v1::SessionReport& report, ReportFeatures& features) {
  std::vector<std::string> shown;
  for (const v1::LocalText& topic : report.topics()) {
    if (features.topics.size() >= kMaxTopicWords) break;
    for (const WeightedToken& word : ReadWords(topic.text())) features.topics.push_back(word);
    shown.push_back(topic.text());
  }
  std::sort(features.topics.begin(), features.topics.end());
  features.topics.erase(
      std::unique(features.topics.begin(), features.topics.end(),
                  [](const WeightedToken& a, const WeightedToken& b) { return a.hash == b.hash; }),
      features.topics.end());
  features.shown.topics = absl::StrJoin(shown, ", ");
}

// Of what the whole programme may read: how many subjects two reports have in common is told to
// whoever may see the pair, so that a word of a team's own narrative could be found out by it.
void MakeSubjects(const v1::SessionReport& report, absl::string_view title,
                  ReportFeatures& features) {
  AppendSubjects(title, features.subjects);
  for (const v1::LocalText& topic : report.topics()) {
    AppendSubjects(topic.text(), features.subjects);
  }
  for (const v1::LocalText& outcome : report.learning_outcomes()) {
    AppendSubjects(outcome.text(), features.subjects);
  }
  SortUnique(features.subjects);
  if (features.subjects.size() > kMaxSubjects) features.subjects.resize(kMaxSubjects);
}

std::string ShowPlace(const v1::Venue& venue) {
  std::vector<std::string> parts;
  for (const std::string* part :
       {&venue.name(), &venue.locality(), &venue.p_code(), &venue.country()}) {
    if (!part->empty()) parts.push_back(*part);
  }
  if (parts.empty() && venue.has_coordinates()) {
    parts.push_back(absl::StrCat(venue.coordinates().latitude()));
    parts.push_back(absl::StrCat(venue.coordinates().longitude()));
  }
  return absl::StrJoin(parts, ", ");
}

int32_t Bounded(uint32_t count) {
  return static_cast<int32_t>(std::min<uint32_t>(count, 1'000'000'000u));
}

void MakeParticipants(const v1::Participants& people, ReportFeatures& features) {
  if (people.has_total()) {
    features.participants = Bounded(people.total());
    features.shown.participants = absl::StrCat(features.participants);
  }
  if (people.has_women()) {
    features.women = Bounded(people.women());
  } else if (people.has_men() && people.has_total() && people.men() <= people.total() &&
             people.other_gender() == 0) {
    features.women = Bounded(people.total() - people.men());
  }
}

void MakeHints(const v1::SessionReport& report, ReportFeatures& features) {
  std::vector<std::string> shown;
  for (const v1::HintAnswer& hint : report.hint_answers()) {
    if (hint.other_report_id().empty() || hint.answer() == v1::HintAnswer::ANSWER_UNSPECIFIED) {
      continue;
    }
    HintFeatures made;
    made.other_report = StableHash(hint.other_report_id());
    made.answer = hint.answer() == v1::HintAnswer::ANSWER_SAME        ? 1
                  : hint.answer() == v1::HintAnswer::ANSWER_DIFFERENT ? -1
                                                                      : 0;
    features.hints.push_back(made);
    features.named_reports.push_back(hint.other_report_id());
    shown.push_back(absl::StrCat(hint.other_report_id(), made.answer > 0   ? " ="
                                                         : made.answer < 0 ? " !="
                                                                           : " ?"));
  }
  SortUnique(features.hints);
  SortUnique(shown);
  features.shown.hints = absl::StrJoin(shown, ", ");
}

// Appends everything a score depends on, except the report's own id, in a fixed form.
class FingerprintWriter {
 public:
  void Int(int64_t value) { bytes_.append(reinterpret_cast<const char*>(&value), sizeof(value)); }
  void Hash(uint64_t value) { Int(static_cast<int64_t>(value)); }
  template <typename T, typename F>
  void List(const std::vector<T>& values, F&& write) {
    Int(static_cast<int64_t>(values.size()));
    for (const T& value : values) write(value);
  }
  void Hashes(const std::vector<uint64_t>& values) {
    List(values, [this](uint64_t value) { Hash(value); });
  }
  void Words(const std::vector<WeightedToken>& words) {
    List(words, [this](const WeightedToken& word) {
      Hash(word.hash);
      Int(word.weight * 2 + (word.concept_word ? 1 : 0));
    });
  }
  void Names(const std::vector<PlaceName>& names) {
    List(names, [this](const PlaceName& name) {
      Hash(StableHash(name.folded));
      Int(name.broader ? 1 : 0);
    });
  }
  void Party(const PartyFeatures& party) {
    Int(static_cast<int>(party.kind));
    Hash(party.hash);
    Hash(party.organisation);
  }
  std::array<uint64_t, 2> Finish() {
    const Sha256Digest digest = Sha256(bytes_);
    std::array<uint64_t, 2> result{};
    for (size_t i = 0; i < 16; ++i) result[i / 8] = result[i / 8] << 8 | digest.bytes[i];
    return result;
  }

 private:
  std::string bytes_;
};

std::array<uint64_t, 2> Fingerprint(const ReportFeatures& f) {
  FingerprintWriter out;
  out.Int(static_cast<int>(f.date.grain));
  out.Int(f.date.first);
  out.Int(f.date.last);
  out.Hash(f.country);
  out.Hash(f.p_code);
  out.Int(f.has_coordinates ? 1 : 0);
  out.Int(f.latitude_centi);
  out.Int(f.longitude_centi);
  out.Names(f.localities);
  out.Names(f.venues);
  out.Hashes(f.venue_tokens);
  out.Words(f.title);
  out.Hash(f.whole_title);
  out.List(f.markers, [&](const Marker& marker) {
    out.Int(static_cast<int>(marker.kind));
    out.Int(marker.value);
  });
  out.Hash(f.language);
  out.Words(f.topics);
  out.Hashes(f.subjects);
  out.Hashes(f.teams);
  out.Hashes(f.unregistered_teams);
  out.List(f.facilitators, [&](const PartyFeatures& party) { out.Party(party); });
  out.Party(f.organiser);
  out.List(f.citations, [&](const CitationFeatures& citation) {
    out.Hash(citation.source);
    out.Hash(citation.locator);
    out.Hash(citation.passage);
    out.Hash(citation.document);
  });
  out.Hashes(f.files);
  out.Hash(f.issue);
  out.Hashes(f.related_issues);
  out.Int(f.modality);
  out.Int(f.participants);
  out.Int(f.women);
  out.Int(f.duration_minutes);
  out.Hash(f.part_of_report);
  out.Words(f.part_of_title);
  out.Hash(f.part_of_language);
  out.Hash(f.reporter_team);
  out.Hash(f.reporter_author);
  out.List(f.hints, [&](const HintFeatures& hint) {
    out.Hash(hint.other_report);
    out.Int(hint.answer);
  });
  return out.Finish();
}

}  // namespace

std::string FeatureVersion() {
  return absl::StrCat(kFeatureSchema, "+lexicon.", Lexicon::Get().version(), "+icu.", IcuVersion());
}

namespace {

ReportFeatures MakeFeaturesOfBounded(const v1::SessionReport& report, const Register& reg,
                                     const std::map<std::string, v1::Source>& cited_sources) {
  ReportFeatures features;
  features.report_id = report.id();
  features.report_hash = StableHash(report.id());
  features.date = MakeDate(report.dates());
  features.shown.date = ShowDate(report.dates(), features.date);
  MakePlaceFeatures(report.venue(), features);
  features.shown.place = ShowPlace(report.venue());
  RegisterReader reader(reg, features.register_keys);
  const absl::string_view title = WithoutTeams(report.title().text(), reader);
  MakeTitle(report, title, features);
  MakeTopics(report, features);
  MakeSubjects(report, title, features);
  MakeTeams(report, reader, features);
  MakeCitations(report, cited_sources, features);

  if (!report.issue_id().empty()) {
    features.issue = StableHash(report.issue_id());
    features.register_keys.push_back(report.issue_id());
    features.shown.issue = report.issue_id();
    if (const v1::Issue* issue = reg.FindIssue(report.issue_id()); issue != nullptr) {
      for (const std::string& related : issue->related_issue_ids()) {
        features.related_issues.push_back(StableHash(related));
      }
      if (issue->title().values_size() > 0) features.shown.issue = issue->title().values(0).text();
    }
    SortUnique(features.related_issues);
  }
  if (report.modality() == v1::MODALITY_IN_PERSON || report.modality() == v1::MODALITY_ONLINE ||
      report.modality() == v1::MODALITY_HYBRID) {
    features.modality = static_cast<uint8_t>(report.modality());
    features.shown.modality = v1::Modality_Name(report.modality());
  }
  MakeParticipants(report.participants(), features);
  features.duration_minutes = Bounded(report.dates().duration_minutes());
  if (report.has_part_of()) {
    if (!report.part_of().report_id().empty()) {
      features.part_of_report = StableHash(report.part_of().report_id());
      features.named_reports.push_back(report.part_of().report_id());
    }
    TitleFeatures whole = ReadTitle(report.part_of().title().text(), {});
    features.part_of_title = std::move(whole.words);
    if (!features.part_of_title.empty()) {
      features.part_of_language =
          LanguageOf({report.part_of().title().language(), whole.language, report.language()});
    }
    features.shown.part_of = report.part_of().title().text().empty()
                                 ? report.part_of().report_id()
                                 : report.part_of().title().text();
  }
  if (!report.team_id().empty()) {
    features.reporter_team = StableHash(reader.Team(report.team_id()));
    features.shown.reporter = reader.TeamTitle(report.team_id());
  }
  if (!report.author_id().empty()) features.reporter_author = StableHash(report.author_id());
  MakeHints(report, features);

  SortUnique(features.named_reports);
  SortUnique(features.register_keys);
  features.fingerprint = Fingerprint(features);
  ReportFeatures::Shown& shown = features.shown;
  for (std::string* text :
       {&shown.date, &shown.place, &shown.title, &shown.topics, &shown.markers, &shown.teams,
        &shown.organiser, &shown.participants, &shown.document, &shown.passages, &shown.issue,
        &shown.modality, &shown.reporter, &shown.part_of, &shown.hints}) {
    Clip(kMaxShownBytes, *text);
  }
  return features;
}

}  // namespace

ReportFeatures MakeFeatures(const v1::SessionReport& report, const Register& reg,
                            const std::map<std::string, v1::Source>& cited_sources) {
  if (report.ByteSizeLong() <= kOrdinaryBytes) {
    return MakeFeaturesOfBounded(report, reg, cited_sources);
  }
  return MakeFeaturesOfBounded(Clipped(report), reg, cited_sources);
}

std::vector<std::string> RegisterKeysOf(const v1::Team& team) {
  std::vector<std::string> keys = {team.id()};
  const auto add = [&keys](const std::string& name) {
    const std::string folded = FoldText(name);
    keys.push_back(absl::StrCat("name ", folded));
    for (std::string& key : SpellingKeys(folded)) keys.push_back(std::move(key));
    for (const std::string& words : NameWords::KeysOf(folded)) {
      keys.push_back(absl::StrCat("words ", words));
    }
  };
  add(team.title());
  for (const std::string& alias : team.aliases()) add(alias);
  for (const std::string& initials : InitialsOf(FoldText(team.title()))) {
    keys.push_back(absl::StrCat("initials ", initials));
  }
  SortUnique(keys);
  return keys;
}

std::vector<std::string> RegisterKeysOf(const v1::Organisation& organisation) {
  return {organisation.id()};
}

std::vector<std::string> RegisterKeysOf(const v1::Issue& issue) { return {issue.id()}; }

bool DependsOn(const ReportFeatures& features, absl::Span<const std::string> keys) {
  return std::any_of(keys.begin(), keys.end(), [&](const std::string& key) {
    return std::binary_search(features.register_keys.begin(), features.register_keys.end(), key);
  });
}

bool DependsOn(const ReportFeatures& features, absl::string_view team_id) {
  return std::binary_search(features.register_keys.begin(), features.register_keys.end(), team_id);
}

}  // namespace baraza
