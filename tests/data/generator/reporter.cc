#include "tests/data/generator/reporter.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

#include "tests/data/generator/text.h"
#include "tests/data/json.h"

namespace baraza::testdata {
namespace {

std::string Filled(std::string_view pattern, std::string_view value) {
  return Replaced(std::string(pattern), "{}", value);
}

std::string Degrees(double degrees) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f", degrees);
  return text;
}

}  // namespace

std::string Reporter::Text(std::string text) {
  if (no_diacritics_) text = WithoutDiacritics(text);
  if (upper_case_) text = UpperCased(text);
  return text;
}

std::string Reporter::LocalText(const std::string& text, Language language) {
  JsonObject local;
  local.String("text", text);
  if (!untagged_) local.String("language", kLanguageTags[language]);
  return local.Done();
}

std::string Reporter::TownName(const Place& place) {
  std::string name = place.names[0];
  if (place.names.size() > 1 && rng_.Chance(noise_.other_name_of_town)) {
    name = place.names[1 + rng_.Below(place.names.size() - 1)];
  }
  if (rng_.Chance(noise_.place_typo)) name = WithTypo(std::move(name), rng_);
  return name;
}

std::string Reporter::Title(const Session& session, Language language) {
  const Vocabulary& vocabulary = *world_.vocabulary;
  if (rng_.Chance(noise_.title_generic)) {
    return Text(std::string(rng_.Pick(WaysToSay(kGenericTitle, language))));
  }
  const bool own_words = rng_.Chance(noise_.title_paraphrased);
  const auto& patterns = vocabulary.titles[language];
  const auto say = [&](const Phrase& phrase) {
    const auto ways = WaysToSay(phrase, language);
    return std::string(own_words ? rng_.Pick(ways)
                                 : ways[static_cast<size_t>(session.title_pattern) % ways.size()]);
  };
  std::string title(
      own_words ? rng_.Pick(patterns)
                : patterns[static_cast<size_t>(session.title_pattern) / 64 % patterns.size()]);
  std::string meeting = say(vocabulary.meetings[session.meeting]);
  if (session.frequency != nullptr && (!own_words || rng_.Chance(0.7))) {
    const std::string frequency = say(*session.frequency);
    meeting = language == kEnglish || language == kCzech ? frequency + " " + meeting
                                                         : meeting + " " + frequency;
  }
  title = Replaced(title, "{M}", meeting);
  title = Replaced(title, "{T}", say(vocabulary.themes[session.theme]));
  title = Replaced(title, "{G}", say(vocabulary.groups[session.group]));
  title = Replaced(title, "{P}", TownName(world_.places[session.place]));
  if (!session.brand.empty() && rng_.Chance(0.85)) {
    title = own_words && rng_.Chance(0.3) ? std::string(session.brand) + " – " + meeting
                                          : std::string(session.brand) + ": " + title;
  }
  const auto mark = [&](const Phrase& phrase, const std::string& value) {
    if (rng_.Chance(noise_.marker_missing)) return;
    const std::string marker = Filled(rng_.Pick(WaysToSay(phrase, language)), value);
    title += rng_.Chance(0.5) ? ", " : " – ";
    title += marker;
  };
  if (session.edition > 0) mark(kEditionNumber, std::to_string(session.edition));
  if (session.letter > 0)
    mark(kSessionLetter, std::string(1, static_cast<char>('A' + session.letter - 1)));
  if (session.part > 0) mark(kPartNumber, std::to_string(session.part));
  if (session.spacing >= 28 && rng_.Chance(0.2)) {
    const Civil civil = CivilOf(session.first_day);
    title += " (" + std::string(kMonths[civil.month - 1].text[language]) + " " +
             std::to_string(civil.year) + ")";
  }
  return Text(WithTypos(Capitalised(title), noise_.title_typo_per_word, rng_));
}

std::string Reporter::Dates(const Session& session) {
  int first = session.first_day;
  int last = session.last_day;
  JsonObject dates;
  const Civil civil = CivilOf(first);
  // Whoever writes up one of a weekly series knows which; the vague ones are of occasions apart.
  const auto vague = [&](double chance, int range) {
    const bool ambiguous = session.spacing > 0 && session.spacing < range;
    return rng_.Chance(ambiguous ? chance / 10 : chance);
  };
  if (vague(noise_.date_unknown, 10000))
    return JsonObject().String("precision", "DATE_PRECISION_UNKNOWN").Done();
  if (vague(noise_.year_only, 365)) {
    return dates.String("earliest", IsoDay(DaysOf(civil.year, 1, 1)))
        .String("latest", IsoDay(DaysOf(civil.year, 12, 31)))
        .String("precision", "DATE_PRECISION_YEAR")
        .Done();
  }
  if (vague(noise_.quarter_only, 92)) {
    const int month = (civil.month - 1) / 3 * 3 + 1;
    const int end = month == 10 ? DaysOf(civil.year + 1, 1, 1) : DaysOf(civil.year, month + 3, 1);
    return dates.String("earliest", IsoDay(DaysOf(civil.year, month, 1)))
        .String("latest", IsoDay(end - 1))
        .String("precision", "DATE_PRECISION_QUARTER")
        .Done();
  }
  if (vague(noise_.month_only, 28)) {
    const int end =
        civil.month == 12 ? DaysOf(civil.year + 1, 1, 1) : DaysOf(civil.year, civil.month + 1, 1);
    return dates.String("earliest", IsoDay(DaysOf(civil.year, civil.month, 1)))
        .String("latest", IsoDay(end - 1))
        .String("precision", "DATE_PRECISION_MONTH")
        .Done();
  }
  const double slip = rng_.Unit();
  const int days = rng_.Chance(0.5) ? 1 : -1;
  const int length = last - first;
  if (slip < noise_.day_off) {
    first += days;
  } else if (slip < noise_.day_off + noise_.days_off) {
    first += days * rng_.Between(2, 3);
  } else if (slip < noise_.day_off + noise_.days_off + noise_.day_month_swapped &&
             civil.day <= 12 && civil.day != civil.month) {
    first = DaysOf(civil.year, civil.day, civil.month);
  }
  last = first + length;
  if (length > 0 && rng_.Chance(noise_.end_missing)) last = first;
  dates.String("earliest", IsoDay(first));
  if (last != first || rng_.Chance(0.7)) dates.String("latest", IsoDay(last));
  dates.String("precision", "DATE_PRECISION_DAY");
  if (!rng_.Chance(noise_.duration_missing)) dates.Int("durationMinutes", Minutes(session));
  if (rng_.Chance(0.3))
    dates.String("timeZone",
                 world_.vocabulary->countries[world_.places[session.place].country].time_zone);
  return dates.Done();
}

std::string Reporter::Venue(const Session& session, Language language) {
  const Place& place = world_.places[session.place];
  const Country& country = world_.vocabulary->countries[place.country];
  const Place::House& house = place.houses[session.house];
  JsonObject venue;
  std::string name;
  if (!rng_.Chance(noise_.venue_missing)) {
    const auto kinds = WaysToSay(world_.vocabulary->venue_kinds[house.kind],
                                 rng_.Chance(0.7) ? language : country.language);
    name = Filled(rng_.Pick(kinds), house.name);
    if (rng_.Chance(noise_.place_typo)) name = WithTypo(std::move(name), rng_);
    name = Text(std::move(name));
  }
  std::string town = rng_.Chance(noise_.town_missing) ? "" : Text(TownName(place));
  if (!town.empty() && rng_.Chance(0.08)) town += ", " + std::string(country.names[language]);
  if (!town.empty() && !name.empty() && rng_.Chance(noise_.venue_in_town_field)) {
    if (rng_.Chance(0.5)) {
      town = name + ", " + town;
      name.clear();
    } else {
      name += ", " + town;
      town.clear();
    }
  }
  if (!name.empty()) venue.String("name", name);
  if (!town.empty()) venue.String("locality", town);
  if (!rng_.Chance(noise_.country_missing)) venue.String("country", country.code);
  if (rng_.Chance(noise_.p_code)) venue.String("pCode", place.p_code);
  if (rng_.Chance(noise_.coordinates)) {
    const auto near = [&](double degrees) { return Degrees(degrees + (rng_.Unit() - 0.5) * 0.04); };
    venue.Raw("coordinates", JsonObject()
                                 .Raw("latitude", near(place.latitude))
                                 .Raw("longitude", near(place.longitude))
                                 .Done());
  }
  return venue.empty() ? "" : venue.Done();
}

std::string Reporter::TeamByName(const RegisteredTeam& team) {
  std::string name = rng_.Chance(0.45) ? team.title : rng_.Pick(team.aliases);
  if (name.size() > 6 && rng_.Chance(noise_.team_name_typo)) name = WithTypo(std::move(name), rng_);
  return Text(std::move(name));
}

std::string Reporter::Teams(const Session& session, size_t reporting) {
  JsonList list;
  int element = 0;
  const auto add = [&](std::string_view member, const std::string& value) {
    JsonObject team;
    team.String("elementId", "t" + std::to_string(++element)).String(member, value);
    if (rng_.Chance(0.6)) team.String("present", "YES_NO_YES");
    list.Add(team.Done());
  };
  if (rng_.Chance(noise_.teams_missing)) return "";
  std::vector<size_t> teams = session.teams;
  rng_.Shuffle(teams);
  for (const size_t index : teams) {
    if (index != reporting && rng_.Chance(noise_.team_omitted)) continue;
    const RegisteredTeam& team = world_.teams[index];
    if (rng_.Chance(noise_.team_by_name)) {
      add("unregisteredName", TeamByName(team));
    } else {
      add("teamId", team.id);
    }
  }
  if (rng_.Chance(noise_.stray_team))
    add("teamId",
        world_.teams[rng_.Pick(world_.teams_of_country[world_.places[session.place].country])].id);
  for (const std::string& name : session.unregistered_teams) {
    if (rng_.Chance(noise_.team_omitted * 1.5)) continue;
    add("unregisteredName", Text(rng_.Chance(noise_.team_name_typo) ? WithTypo(name, rng_) : name));
  }
  return list.empty() ? "" : list.Done();
}

std::string Reporter::Participants(const Session& session) {
  if (rng_.Chance(noise_.participants_missing)) return "";
  JsonObject participants;
  // Some count their own people only, or everybody who came by.
  if (rng_.Chance(noise_.participants_other)) {
    return participants.Int("total", rng_.Between(2, 2 * session.participants)).Done();
  }
  const double how = rng_.Unit();
  int total = session.participants;
  bool counted = true;
  if (how >= noise_.participants_exact) {
    counted = false;
    if (how < noise_.participants_exact + noise_.participants_rounded) {
      total = std::max(5, (total + 2) / 5 * 5);
      if (total > 50) total = (total + 5) / 10 * 10;
    } else {
      total = std::max(3, static_cast<int>(total * (0.7 + 0.6 * rng_.Unit())));
    }
  }
  participants.Int("total", total);
  if (!rng_.Chance(noise_.women_missing)) {
    int women = std::min(total, session.women);
    if (rng_.Chance(noise_.women_guessed)) {
      women = rng_.Between(0, total);
    } else if (total != session.participants) {
      women = session.women * total / session.participants;
    }
    participants.Int("women", women).Int("men", total - women);
  }
  participants.String("method", counted ? "COUNT_METHOD_COUNTED" : "COUNT_METHOD_ESTIMATED");
  return participants.Done();
}

int Reporter::Minutes(const Session& session) {
  int minutes = session.minutes;
  if (rng_.Chance(noise_.duration_off)) {
    // Without the meal, or with the way there.
    const int sign = rng_.Chance(0.5) ? 1 : -1;
    minutes = std::max(30, minutes + 30 * sign * rng_.Between(1, 4));
  }
  return minutes;
}

std::string Reporter::OwnWords(const Session& session, std::string_view pattern,
                               Language language) {
  const auto& themes = world_.vocabulary->themes;
  const size_t theme = rng_.Chance(noise_.topics_other) ? rng_.Below(themes.size()) : session.theme;
  std::string text = Replaced(std::string(pattern), "{T}",
                              std::string(rng_.Pick(WaysToSay(themes[theme], language))));
  text = Replaced(text, "{N}", std::to_string(session.participants));
  return Text(WithTypos(text, noise_.title_typo_per_word, rng_));
}

std::string Reporter::Citation(const Group& group, size_t index, const std::string& interview,
                               size_t team, Language language, std::string& sources) {
  const Session& session = group.sessions[index];
  JsonObject citation;
  citation.String("elementId", "c1");
  if (!interview.empty() && rng_.Chance(0.5)) {
    citation.String("sourceId", interview)
        .String("locator", "minute " + std::to_string(5 + 7 * static_cast<int>(index)));
    return citation.Done();
  }
  if (!rng_.Chance(noise_.source)) return "";
  const std::string id = MakeId("src", session.last_day + 5, rng_);
  JsonObject source;
  source.String("id", id).String("teamId", world_.teams[team].id);
  if (rng_.Chance(noise_.document)) {
    source.String("kind", "SOURCE_KIND_DOCUMENT");
    if (!session.minutes_reference.empty() && rng_.Chance(0.6)) {
      source.String("documentTitle",
                    std::string(kMinutesOf.text[language]) + Title(session, language));
      source.String("documentReference", session.minutes_reference);
    } else {
      source.String("documentTitle", rng_.Pick(WaysToSay(kGenericDocument, language)));
      citation.String("locator", "p. " + std::to_string(rng_.Between(2, 60)));
    }
  } else {
    source.String("kind", rng_.Chance(0.8) ? "SOURCE_KIND_KEY_INFORMANT_INTERVIEW"
                                           : "SOURCE_KIND_DIRECT_OBSERVATION");
  }
  source.String("date", IsoDay(session.last_day + rng_.Between(1, 30)));
  sources += source.Done() + "\n";
  citation.String("sourceId", id);
  return citation.Done();
}

WrittenReport Reporter::WriteOne(const Group& group, size_t index,
                                 std::vector<std::vector<Told>>& told, const std::string& interview,
                                 std::string& sources) {
  const Session& session = group.sessions[index];
  const std::vector<Told> earlier = told[index];
  // Who writes: one of the teams that were there, or somebody who asked them.
  size_t reporting = rng_.Pick(session.teams);
  bool was_there = true;
  std::string author;
  if (!earlier.empty() && rng_.Chance(noise_.same_team)) {
    reporting = rng_.Pick(earlier).team;
  } else if (rng_.Chance(noise_.outsider)) {
    reporting = rng_.Below(world_.teams.size());
    was_there = false;
  } else {
    for (int tries = 0; tries < 6; ++tries) {
      const bool taken = std::any_of(earlier.begin(), earlier.end(),
                                     [&](const Told& other) { return other.team == reporting; });
      if (!taken) break;
      reporting = rng_.Pick(session.teams);
    }
  }
  const RegisteredTeam& team = world_.teams[reporting];
  author = rng_.Pick(team.authors);
  for (int tries = 0; tries < 4; ++tries) {
    const bool taken = std::any_of(earlier.begin(), earlier.end(),
                                   [&](const Told& other) { return other.author == author; });
    if (!taken || rng_.Chance(noise_.same_author)) break;
    author = rng_.Pick(team.authors);
  }

  WrittenReport written;
  written.session_id = session.id;
  written.id = MakeId("rep", session.last_day + rng_.Between(0, 40), rng_);
  written.language = team.language;
  const Language language = team.language;
  no_diacritics_ = rng_.Chance(noise_.diacritics_lost);
  upper_case_ = rng_.Chance(noise_.upper_case);
  untagged_ = rng_.Chance(noise_.language_untagged);

  JsonObject report;
  report.String("id", written.id).String("teamId", team.id).String("authorId", author);
  report.String("heldStatus", "HELD_STATUS_HELD");
  const bool titled = !rng_.Chance(noise_.title_missing);
  if (titled) report.Raw("title", LocalText(Title(session, language), language));
  if (!rng_.Chance(noise_.issue_missing)) {
    report.String("issueId", rng_.Chance(noise_.issue_other) ? rng_.Pick(world_.issues)
                                                             : world_.issues[session.issue]);
  }
  report.Raw("dates", Dates(session));
  if (!session.online || rng_.Chance(0.2)) {
    if (const std::string venue = Venue(session, language); !venue.empty())
      report.Raw("venue", venue);
  }
  if (!rng_.Chance(noise_.modality_missing)) {
    const bool online = rng_.Chance(noise_.modality_wrong) ? !session.online : session.online;
    report.String("modality", online                               ? "MODALITY_ONLINE"
                              : rng_.Chance(noise_.modality_wrong) ? "MODALITY_HYBRID"
                                                                   : "MODALITY_IN_PERSON");
  }
  if (!rng_.Chance(noise_.organiser_missing)) {
    const RegisteredTeam& organiser = world_.teams[session.organiser];
    JsonObject party;
    if (rng_.Chance(noise_.team_by_name)) {
      party.String("unregisteredName", TeamByName(organiser));
    } else {
      party.String("teamId", organiser.id);
    }
    report.Raw("organiser", party.Done());
  }
  if (group.conference && index > 0 && !rng_.Chance(noise_.part_of_missing)) {
    JsonObject part_of;
    if (!told[0].empty() && rng_.Chance(0.6))
      part_of.String("reportId", rng_.Pick(told[0]).report_id);
    if (part_of.empty() || rng_.Chance(0.6))
      part_of.Raw("title", LocalText(Title(group.sessions[0], language), language));
    report.Raw("partOf", part_of.Done());
  }
  if (const std::string teams = Teams(session, was_there ? reporting : world_.teams.size());
      !teams.empty())
    report.Raw("participatingTeams", teams);
  if (rng_.Chance(0.6))
    report.String("reportingTeamPresent", was_there          ? "YES_NO_YES"
                                          : rng_.Chance(0.6) ? "YES_NO_NO"
                                                             : "YES_NO_NOT_RECORDED");
  if (const std::string participants = Participants(session); !participants.empty())
    report.Raw("participants", participants);
  report.String("experiencesShared", "YES_NO_YES");
  if (!rng_.Chance(noise_.topics_missing)) {
    JsonList topics;
    const auto add = [&](size_t theme) {
      const auto ways = WaysToSay(world_.vocabulary->themes[theme], language);
      topics.Add(LocalText(Text(std::string(rng_.Pick(ways))), language));
    };
    // What struck one of them, beside or instead of what it was about.
    const bool aside = rng_.Chance(noise_.topics_other);
    if (!aside || rng_.Chance(0.5)) add(session.theme);
    if (aside) add(rng_.Below(world_.vocabulary->themes.size()));
    report.Raw("topics", topics.Done());
  }
  if (!rng_.Chance(noise_.outcomes_missing)) {
    JsonList outcomes;
    for (int i = rng_.Between(1, 2); i > 0; --i) {
      const auto& patterns = world_.vocabulary->outcomes[language];
      outcomes.Add(LocalText(OwnWords(session, rng_.Pick(patterns), language), language));
    }
    report.Raw("learningOutcomes", outcomes.Done());
  }
  if (!rng_.Chance(noise_.account_missing)) {
    const auto& patterns = world_.vocabulary->accounts[language];
    std::string account = OwnWords(session, rng_.Pick(patterns), language);
    if (rng_.Chance(0.4)) account += " " + OwnWords(session, rng_.Pick(patterns), language);
    report.Raw("narrative", LocalText(account, language));
  }
  if (const std::string citation = Citation(group, index, interview, reporting, language, sources);
      !citation.empty()) {
    JsonList citations;
    citations.Add(citation);
    report.Raw("citations", citations.Done());
  }
  if (!session.minutes_file.empty() && rng_.Chance(noise_.minutes_attached)) {
    JsonList proofs;
    proofs.Add(JsonObject()
                   .String("elementId", "m1")
                   .String("kind", "KIND_MINUTES")
                   .String("sha256", Base64(session.minutes_file))
                   .Done());
    report.Raw("meansOfVerification", proofs.Done());
  }
  if (!untagged_ || rng_.Chance(0.5)) report.String("language", kLanguageTags[language]);
  if (rng_.Chance(noise_.hint)) {
    JsonObject hint;
    hint.String("elementId", "h1");
    if (!earlier.empty()) {
      const double answer = rng_.Unit();
      hint.String("otherReportId", rng_.Pick(earlier).report_id)
          .String("answer", answer < 0.85   ? "ANSWER_SAME"
                            : answer < 0.92 ? "ANSWER_DIFFERENT"
                                            : "ANSWER_UNSURE");
    } else if (index > 0 && !told[index - 1].empty()) {
      const double answer = rng_.Unit();
      hint.String("otherReportId", rng_.Pick(told[index - 1]).report_id)
          .String("answer", answer < 0.9    ? "ANSWER_DIFFERENT"
                            : answer < 0.94 ? "ANSWER_SAME"
                                            : "ANSWER_UNSURE");
    } else {
      hint = JsonObject();
    }
    if (!hint.empty()) {
      JsonList hints;
      hints.Add(hint.Done());
      report.Raw("hintAnswers", hints.Done());
    }
  }
  written.json = report.Done();
  told[index].push_back({written.id, reporting, author});
  return written;
}

std::vector<WrittenReport> Reporter::Write(const Group& group, std::string& sources) {
  std::string interview;
  if (group.one_interview) {
    const Session& last = group.sessions.back();
    interview = MakeId("src", last.last_day + 10, rng_);
    sources += JsonObject()
                   .String("id", interview)
                   .String("teamId", world_.teams[rng_.Pick(last.teams)].id)
                   .String("kind", "SOURCE_KIND_KEY_INFORMANT_INTERVIEW")
                   .String("date", IsoDay(last.last_day + rng_.Between(1, 30)))
                   .Done() +
               "\n";
  }
  std::vector<WrittenReport> written;
  std::vector<std::vector<Told>> told(group.sessions.size());
  for (size_t index = 0; index < group.sessions.size(); ++index) {
    for (int i = 0; i < group.sessions[index].reports; ++i) {
      written.push_back(WriteOne(group, index, told, interview, sources));
    }
  }
  return written;
}

}  // namespace baraza::testdata
