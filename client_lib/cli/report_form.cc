#include "client_lib/cli/report_form.h"

#include <cstdint>
#include <initializer_list>
#include <ostream>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "client_lib/cli/dates.h"
#include "client_lib/cli/names.h"
#include "core/base/status.h"
#include "core/base/text.h"

namespace baraza::client {

namespace {

absl::Status WrongOption(absl::string_view option, absl::string_view expected,
                         absl::string_view got) {
  return absl::InvalidArgumentError(
      absl::StrCat(option, ": expected ", expected, ", got \"", got.substr(0, 40), "\""));
}

absl::StatusOr<uint32_t> ParseNumber(absl::string_view option, absl::string_view text) {
  uint32_t number;
  if (!absl::SimpleAtoi(text, &number)) return WrongOption(option, "a whole number", text);
  return number;
}

v1::LocalText Local(absl::string_view text, absl::string_view language) {
  v1::LocalText local;
  local.set_text(std::string(text));
  local.set_language(std::string(language));
  return local;
}

void SetTexts(const std::vector<std::string>& texts, absl::string_view language,
              google::protobuf::RepeatedPtrField<v1::LocalText>& field) {
  if (texts.empty()) return;
  field.Clear();
  for (const std::string& text : texts) *field.Add() = Local(text, language);
}

absl::StatusOr<v1::HeldStatus> ParseHeld(absl::string_view text) {
  const std::string word = FoldText(text);
  if (word == "held" || word == "yes" || word == "y") return v1::HELD_STATUS_HELD;
  if (word == "planned") return v1::HELD_STATUS_PLANNED;
  if (word == "cancelled" || word == "canceled" || word == "no" || word == "n") {
    return v1::HELD_STATUS_CANCELLED;
  }
  if (word == "unknown") return v1::HELD_STATUS_NOT_RECORDED;
  return WrongOption("--held", "held, planned, cancelled or unknown", text);
}

std::vector<std::string> SplitList(const std::string& text) {
  std::vector<std::string> parts;
  for (absl::string_view part : absl::StrSplit(text, ';')) {
    part = absl::StripAsciiWhitespace(part);
    if (!part.empty()) parts.emplace_back(part);
  }
  return parts;
}

bool AllEmpty(std::initializer_list<const std::string*> texts) {
  for (const std::string* text : texts) {
    if (!text->empty()) return false;
  }
  return true;
}

// Asks until `check` is content or the answer is empty.
template <typename Check>
absl::Status AskInto(Cli& cli, absl::string_view question, std::string& field, Check check) {
  if (!field.empty()) return absl::OkStatus();
  while (true) {
    const std::optional<std::string> answer = Ask(cli, question);
    if (!answer.has_value()) return absl::CancelledError("the input ended; nothing was captured");
    if (answer->empty()) return absl::OkStatus();
    const absl::Status status = check(*answer);
    if (status.ok()) {
      field = *answer;
      return status;
    }
    cli.err() << "  " << status.message() << "\n";
  }
}

absl::Status AskInto(Cli& cli, absl::string_view question, std::string& field) {
  return AskInto(cli, question, field, [](const std::string&) { return absl::OkStatus(); });
}

absl::Status AskList(Cli& cli, absl::string_view question, std::vector<std::string>& field) {
  if (!field.empty()) return absl::OkStatus();
  std::string text;
  BARAZA_RETURN_IF_ERROR(AskInto(cli, question, text));
  field = SplitList(text);
  return absl::OkStatus();
}

auto CheckYesNo(absl::string_view option) {
  return [option](const std::string& answer) { return ParseYesNo(option, answer).status(); };
}

auto CheckNumber(absl::string_view option) {
  return [option](const std::string& answer) { return ParseNumber(option, answer).status(); };
}

}  // namespace

std::optional<std::string> Ask(Cli& cli, absl::string_view question) {
  cli.err() << question << " " << std::flush;
  std::string line;
  if (!std::getline(cli.env().in, line)) return std::nullopt;
  return std::string(absl::StripAsciiWhitespace(line));
}

absl::StatusOr<v1::YesNo> ParseYesNo(absl::string_view option, absl::string_view text) {
  const std::string word = FoldText(text);
  if (word == "yes" || word == "y" || word == "true") return v1::YES_NO_YES;
  if (word == "no" || word == "n" || word == "false") return v1::YES_NO_NO;
  if (word == "unknown" || word == "u" || word == "not recorded") return v1::YES_NO_NOT_RECORDED;
  return WrongOption(option, "yes, no or unknown", text);
}

bool ReportForm::Empty() const {
  return AllEmpty({&source,    &passage,   &locator,       &title,        &issue,     &date,
                   &duration,  &venue,     &place,         &country,      &organiser, &part_of,
                   &held,      &online,    &present,       &shared,       &learned,   &language,
                   &narrative, &follow_up, &private_notes, &participants, &women,     &men}) &&
         projects.empty() && teams.empty() && topics.empty() && outcomes.empty() &&
         benefits.empty() && needs.empty() && successes.empty() && individual_successes.empty();
}

void AddReportOptions(CLI::App& command, ReportForm& form) {
  const std::string what = "What happened";
  command.add_option("--title", form.title, "What the session was called")->group(what);
  command
      .add_option(
          "--date", form.date,
          "2026-05-13, 2026-06-29..2026-07-01 (first to last day), 2026-05, 2026-Q2, 2026,\n"
          "\"2026-06-24..2026-07-06?\" (some day of these) or unknown")
      ->group(what);
  command.add_option("--held", form.held, "held, planned, cancelled or unknown")->group(what);
  command.add_option("--issue", form.issue, "The advocated issue, by its name or id")->group(what);
  command.add_option("--project", form.projects, "A project, by its name or id; repeatable")
      ->allow_extra_args(false)
      ->group(what);
  command.add_option("--duration", form.duration, "Minutes of session proper")->group(what);
  const std::string where = "Where";
  command.add_option("--venue", form.venue, "The house: \"Kisauni Social Hall\"")->group(where);
  command.add_option("--place", form.place, "The town or village")->group(where);
  command.add_option("--country", form.country, "Two letters of ISO 3166-1: KE")->group(where);
  command.add_option("--mode", form.online, "in-person, online or hybrid")->group(where);
  const std::string who = "Who";
  command
      .add_option("--team", form.teams,
                  "A team that took part, by name; repeatable. A name that the register does not\n"
                  "know is kept as you write it")
      ->allow_extra_args(false)
      ->group(who);
  command
      .add_option("--present", form.present, "Whether your own team took part: yes, no, unknown")
      ->group(who);
  command.add_option("--organiser", form.organiser, "The team that organised it")->group(who);
  command.add_option("--participants", form.participants, "How many people")->group(who);
  command.add_option("--women", form.women, "How many of them are women")->group(who);
  command.add_option("--men", form.men, "How many of them are men")->group(who);
  command.add_flag("--estimated", form.estimated, "The numbers are estimated, not counted")
      ->group(who);
  const std::string learning = "Sharing and learning";
  command.add_option("--shared", form.shared, "Teams shared experiences: yes, no, unknown")
      ->group(learning);
  command.add_option("--learned", form.learned, "Teams learned from each other: yes, no, unknown")
      ->group(learning);
  command.add_option("--topic", form.topics, "A topic; repeatable")
      ->allow_extra_args(false)
      ->group(learning);
  command.add_option("--outcome", form.outcomes, "A learning outcome; repeatable")
      ->allow_extra_args(false)
      ->group(learning);
  command.add_option("--benefit", form.benefits, "Another benefit; repeatable")
      ->allow_extra_args(false)
      ->group(learning);
  command.add_option("--need", form.needs, "A training need; repeatable")
      ->allow_extra_args(false)
      ->group(learning);
  command.add_option("--success", form.successes, "A collective success; repeatable")
      ->allow_extra_args(false)
      ->group(learning);
  command
      .add_option("--individual-success", form.individual_successes,
                  "One person's success; your team and the office see it; repeatable")
      ->allow_extra_args(false)
      ->group(learning);
  command.add_option("--follow-up", form.follow_up, "What was agreed for afterwards")
      ->group(learning);
  const std::string account = "The account";
  command.add_option("--source", form.source, "Id of the source that tells of it")->group(account);
  command.add_option("--locator", form.locator, "Where in the source: page, minute")
      ->group(account);
  command.add_option("--passage", form.passage, "The passage as it stands there")->group(account);
  command.add_option("--part-of", form.part_of, "Id of the report on the conference it belongs to")
      ->group(account);
  command.add_option("--narrative", form.narrative, "The account in your words")->group(account);
  command.add_option("--language", form.language, "Language of the texts: en, fr, es, pt, cs, ...")
      ->group(account);
  command.add_option("--private-notes", form.private_notes, "Stay on this device")->group(account);
}

absl::Status ApplyReportForm(const ReportForm& form, const Register& reg,
                             const std::string& answer_language, v1::SessionReport& report,
                             std::string* note) {
  std::string language = form.language;
  if (language.empty()) language = report.language();
  if (language.empty()) language = answer_language;
  if (!form.Empty()) report.set_language(language);
  if (!form.title.empty()) *report.mutable_title() = Local(form.title, language);
  if (!form.held.empty()) {
    BARAZA_ASSIGN_OR_RETURN(const v1::HeldStatus held, ParseHeld(form.held));
    report.set_held_status(held);
  }
  if (!form.issue.empty()) {
    BARAZA_ASSIGN_OR_RETURN(const std::string id, IssueByName(reg, form.issue));
    report.set_issue_id(id);
  }
  if (!form.projects.empty()) report.clear_project_ids();
  for (const std::string& project : form.projects) {
    BARAZA_ASSIGN_OR_RETURN(const std::string id, ProjectByName(reg, project));
    report.add_project_ids(id);
  }
  if (!form.date.empty()) {
    auto dates = ParseSessionDates(form.date);
    if (!dates.ok()) return Annotate(dates.status(), "--date");
    if (report.dates().has_duration_minutes()) {
      dates->set_duration_minutes(report.dates().duration_minutes());
    }
    dates->set_time_zone(report.dates().time_zone());
    *report.mutable_dates() = *dates;
  }
  if (!form.duration.empty()) {
    BARAZA_ASSIGN_OR_RETURN(const uint32_t minutes, ParseNumber("--duration", form.duration));
    report.mutable_dates()->set_duration_minutes(minutes);
  }
  if (!form.venue.empty()) report.mutable_venue()->set_name(form.venue);
  if (!form.place.empty()) report.mutable_venue()->set_locality(form.place);
  if (!form.country.empty()) {
    report.mutable_venue()->set_country(absl::AsciiStrToUpper(form.country));
  }
  if (!form.online.empty()) {
    const std::string mode = FoldText(form.online);
    if (mode == "in person") {
      report.set_modality(v1::MODALITY_IN_PERSON);
    } else if (mode == "online") {
      report.set_modality(v1::MODALITY_ONLINE);
    } else if (mode == "hybrid") {
      report.set_modality(v1::MODALITY_HYBRID);
    } else {
      return WrongOption("--mode", "in-person, online or hybrid", form.online);
    }
  }
  if (!form.teams.empty()) report.clear_participating_teams();
  int number = 0;
  for (const std::string& team : form.teams) {
    v1::ParticipatingTeam& element = *report.add_participating_teams();
    element.set_element_id(absl::StrCat("t", ++number));
    element.set_present(v1::YES_NO_YES);
    const absl::StatusOr<std::string> id = TeamByTypedName(reg, team);
    if (id.ok()) {
      element.set_team_id(*id);
    } else if (absl::IsNotFound(id.status())) {
      element.set_unregistered_name(team);
      absl::StrAppend(note, "No team is called \"", team, "\" here; it is kept as you wrote it.\n");
    } else {
      return Annotate(id.status(), "--team");
    }
  }
  if (!form.present.empty()) {
    BARAZA_ASSIGN_OR_RETURN(const v1::YesNo present, ParseYesNo("--present", form.present));
    report.set_reporting_team_present(present);
  }
  if (!form.organiser.empty()) {
    const absl::StatusOr<std::string> id = TeamByTypedName(reg, form.organiser);
    if (id.ok()) {
      report.mutable_organiser()->set_team_id(*id);
    } else {
      report.mutable_organiser()->set_unregistered_name(form.organiser);
    }
  }
  if (!form.participants.empty() || !form.women.empty() || !form.men.empty()) {
    v1::Participants& people = *report.mutable_participants();
    if (!form.participants.empty()) {
      BARAZA_ASSIGN_OR_RETURN(const uint32_t total,
                              ParseNumber("--participants", form.participants));
      people.set_total(total);
    }
    if (!form.women.empty()) {
      BARAZA_ASSIGN_OR_RETURN(const uint32_t women, ParseNumber("--women", form.women));
      people.set_women(women);
    }
    if (!form.men.empty()) {
      BARAZA_ASSIGN_OR_RETURN(const uint32_t men, ParseNumber("--men", form.men));
      people.set_men(men);
    }
    people.set_method(form.estimated ? v1::COUNT_METHOD_ESTIMATED : v1::COUNT_METHOD_COUNTED);
    people.set_unit(v1::COUNT_UNIT_HEADS);
  }
  if (!form.shared.empty()) {
    BARAZA_ASSIGN_OR_RETURN(const v1::YesNo shared, ParseYesNo("--shared", form.shared));
    report.set_experiences_shared(shared);
  }
  if (!form.learned.empty()) {
    BARAZA_ASSIGN_OR_RETURN(const v1::YesNo learned, ParseYesNo("--learned", form.learned));
    report.set_learned_from_each_other(learned);
  }
  SetTexts(form.topics, language, *report.mutable_topics());
  SetTexts(form.outcomes, language, *report.mutable_learning_outcomes());
  SetTexts(form.benefits, language, *report.mutable_benefits());
  SetTexts(form.needs, language, *report.mutable_training_needs());
  SetTexts(form.successes, language, *report.mutable_collective_successes());
  SetTexts(form.individual_successes, language, *report.mutable_individual_successes());
  if (!form.follow_up.empty()) *report.mutable_follow_up_agreed() = Local(form.follow_up, language);
  if (!form.narrative.empty()) *report.mutable_narrative() = Local(form.narrative, language);
  if (!form.private_notes.empty()) {
    *report.mutable_private_notes() = Local(form.private_notes, language);
  }
  if (!form.part_of.empty()) report.mutable_part_of()->set_report_id(form.part_of);
  if (!form.source.empty() || !form.passage.empty() || !form.locator.empty()) {
    if (report.citations().empty()) report.add_citations()->set_element_id("c1");
    v1::Citation& citation = *report.mutable_citations(0);
    if (!form.source.empty()) citation.set_source_id(form.source);
    if (!form.passage.empty()) *citation.mutable_passage() = Local(form.passage, language);
    if (!form.locator.empty()) citation.set_locator(form.locator);
  }
  return absl::OkStatus();
}

absl::Status PromptReport(Cli& cli, ReportForm& form) {
  BARAZA_ASSIGN_OR_RETURN(Client * client, cli.EnrolledDevice());
  BARAZA_ASSIGN_OR_RETURN(const Register* reg, cli.LocalRegister());
  cli.err() << "An empty answer leaves a field out: unknown is not zero and not \"no\".\n";
  if (form.source.empty()) {
    v1::ListRequest request;
    request.set_type(v1::RECORD_TYPE_SOURCE);
    request.set_page_size(kMaxPageSize);
    request.set_own_team_only(true);
    BARAZA_ASSIGN_OR_RETURN(const v1::ListResult sources, client->List(request));
    // Ids are ordered by time: the last ones are the ones that a collector is working on.
    const int count = sources.records_size();
    const int first = count > 9 ? count - 9 : 0;
    for (int i = first; i < count; ++i) {
      const v1::Source& source = sources.records(i).record().source();
      const std::string& title =
          source.document_title().empty() ? source.informant_reference() : source.document_title();
      cli.err() << "  " << i - first + 1 << ") " << source.date() << " " << title << "  "
                << source.id() << "\n";
    }
    BARAZA_RETURN_IF_ERROR(AskInto(
        cli, "Which source tells of it? (a number or an id)", form.source,
        [&](const std::string& answer) {
          uint32_t number = 0;
          if (answer.substr(0, 4) == "src_" || (absl::SimpleAtoi(answer, &number) && number >= 1 &&
                                                static_cast<int>(number) <= count - first)) {
            return absl::OkStatus();
          }
          return WrongOption("source", "one of the numbers, or an id src_...", answer);
        }));
    uint32_t number = 0;
    if (absl::SimpleAtoi(form.source, &number)) {
      form.source = sources.records(first + static_cast<int>(number) - 1).record().source().id();
    }
  }
  BARAZA_RETURN_IF_ERROR(AskInto(cli, "Where in the source? (page, minute)", form.locator));
  BARAZA_RETURN_IF_ERROR(AskInto(cli, "What was the session called?", form.title));
  BARAZA_RETURN_IF_ERROR(AskInto(
      cli, "When? (2026-05-13, 2026-05, 2026-Q2, \"2026-06-24..2026-07-06?\", unknown)", form.date,
      [](const std::string& answer) { return ParseSessionDates(answer).status(); }));
  BARAZA_RETURN_IF_ERROR(
      AskInto(cli, "Was it held? (held, planned, cancelled, unknown)", form.held,
              [](const std::string& answer) { return ParseHeld(answer).status(); }));
  for (const v1::Issue* issue : reg->Issues()) {
    cli.err() << "  - " << InLanguage(issue->title(), cli.Language()) << "\n";
  }
  BARAZA_RETURN_IF_ERROR(
      AskInto(cli, "On which issue?", form.issue,
              [&](const std::string& answer) { return IssueByName(*reg, answer).status(); }));
  BARAZA_RETURN_IF_ERROR(AskInto(cli, "In which town or village?", form.place));
  BARAZA_RETURN_IF_ERROR(AskInto(cli, "In which country? (two letters: KE)", form.country));
  for (const v1::Team* team : reg->Teams()) {
    if (team->merged_into().empty()) cli.err() << "  - " << team->title() << "\n";
  }
  BARAZA_RETURN_IF_ERROR(AskList(cli, "Which teams took part? (separated by ;)", form.teams));
  BARAZA_RETURN_IF_ERROR(AskInto(cli, "Did your own team take part? (yes, no, unknown)",
                                 form.present, CheckYesNo("--present")));
  BARAZA_RETURN_IF_ERROR(AskInto(cli, "Did teams share experiences? (yes, no, unknown)",
                                 form.shared, CheckYesNo("--shared")));
  BARAZA_RETURN_IF_ERROR(AskInto(cli, "Did teams learn from each other? (yes, no, unknown)",
                                 form.learned, CheckYesNo("--learned")));
  BARAZA_RETURN_IF_ERROR(
      AskInto(cli, "How many people?", form.participants, CheckNumber("--participants")));
  BARAZA_RETURN_IF_ERROR(AskList(cli, "Topics? (separated by ;)", form.topics));
  BARAZA_RETURN_IF_ERROR(AskList(cli, "What was learned? (separated by ;)", form.outcomes));
  return AskInto(cli, "The account in your words?", form.narrative);
}

bool SourceForm::Empty() const {
  return AllEmpty({&kind, &date, &language, &document_title, &document_reference, &informant,
                   &informant_name, &informant_contact, &consent_use, &consent_quote, &consent_name,
                   &notes, &private_notes, &claim, &claim_period, &claim_wording});
}

void AddSourceOptions(CLI::App& command, SourceForm& form) {
  command.add_option("--kind", form.kind, "interview, document or observation");
  command.add_option("--date", form.date, "Day of the interview, date of the document: 2026-07-15");
  command.add_option("--language", form.language, "en, fr, es, pt, cs, ...");
  command.add_option("--document-title", form.document_title, "Title of the document");
  command.add_option("--document-reference", form.document_reference, "Its reference number");
  command.add_option("--informant", form.informant,
                     "An opaque reference of the informant, such as KII-07; never a name");
  command.add_option("--informant-name", form.informant_name, "Stays on this device");
  command.add_option("--informant-contact", form.informant_contact, "Stays on this device");
  command.add_option("--consent-to-use", form.consent_use, "yes, no or unknown");
  command.add_option("--consent-to-quote", form.consent_quote, "yes, no or unknown");
  command.add_option("--consent-to-be-named", form.consent_name, "yes, no or unknown");
  command.add_option("--claims", form.claim,
                     "A number of sessions that the source gives: 7, 3..4 or \"about 7\"");
  command.add_option("--claims-period", form.claim_period, "For 2026-04-01..2026-06-30, 2026-Q2");
  command.add_option("--claims-wording", form.claim_wording, "In its words");
  command.add_option("--notes", form.notes, "Your team and the office see them");
  command.add_option("--private-notes", form.private_notes, "Stay on this device");
}

absl::Status ApplySourceForm(const SourceForm& form, const std::string& answer_language,
                             v1::Source& source) {
  if (!form.kind.empty()) {
    const std::string kind = FoldText(form.kind);
    if (kind == "interview" || kind == "i") {
      source.set_kind(v1::SOURCE_KIND_KEY_INFORMANT_INTERVIEW);
    } else if (kind == "document" || kind == "d") {
      source.set_kind(v1::SOURCE_KIND_DOCUMENT);
    } else if (kind == "observation" || kind == "o") {
      source.set_kind(v1::SOURCE_KIND_DIRECT_OBSERVATION);
    } else {
      return WrongOption("--kind", "interview, document or observation", form.kind);
    }
  }
  const std::string language = form.language.empty() ? answer_language : form.language;
  source.set_language(language);
  if (!form.date.empty()) source.set_date(form.date);
  if (!form.document_title.empty()) source.set_document_title(form.document_title);
  if (!form.document_reference.empty()) source.set_document_reference(form.document_reference);
  if (!form.informant.empty()) source.set_informant_reference(form.informant);
  if (!form.informant_name.empty()) source.set_informant_name(form.informant_name);
  if (!form.informant_contact.empty()) source.set_informant_contact(form.informant_contact);
  if (!form.consent_use.empty()) {
    BARAZA_ASSIGN_OR_RETURN(const v1::YesNo yes, ParseYesNo("--consent-to-use", form.consent_use));
    source.mutable_consent()->set_to_use(yes);
  }
  if (!form.consent_quote.empty()) {
    BARAZA_ASSIGN_OR_RETURN(const v1::YesNo yes,
                            ParseYesNo("--consent-to-quote", form.consent_quote));
    source.mutable_consent()->set_to_quote(yes);
  }
  if (!form.consent_name.empty()) {
    BARAZA_ASSIGN_OR_RETURN(const v1::YesNo yes,
                            ParseYesNo("--consent-to-be-named", form.consent_name));
    source.mutable_consent()->set_to_be_named(yes);
  }
  if (!form.notes.empty()) *source.mutable_notes() = Local(form.notes, language);
  if (!form.private_notes.empty()) {
    *source.mutable_private_notes() = Local(form.private_notes, language);
  }
  if (!form.claim.empty()) {
    v1::ClaimedCount& claim = *source.add_claimed_counts();
    std::string text = form.claim;
    if (text.substr(0, 6) == "about ") {
      claim.set_approximate(true);
      text = text.substr(6);
    }
    const std::vector<std::string> ends = absl::StrSplit(text, "..");
    BARAZA_ASSIGN_OR_RETURN(const uint32_t least, ParseNumber("--claims", ends.front()));
    BARAZA_ASSIGN_OR_RETURN(const uint32_t most, ParseNumber("--claims", ends.back()));
    claim.set_at_least(least);
    claim.set_at_most(most);
    if (!form.claim_period.empty()) {
      auto dates = ParseSessionDates(form.claim_period);
      if (!dates.ok()) return Annotate(dates.status(), "--claims-period");
      claim.set_period_start(dates->earliest());
      claim.set_period_end(dates->latest());
    }
    if (!form.claim_wording.empty()) *claim.mutable_wording() = Local(form.claim_wording, language);
  }
  return absl::OkStatus();
}

absl::Status PromptSource(Cli& cli, SourceForm& form) {
  BARAZA_RETURN_IF_ERROR(AskInto(cli, "What is it? (interview, document, observation)", form.kind,
                                 [](const std::string& kind) {
                                   SourceForm probe;
                                   probe.kind = kind;
                                   v1::Source source;
                                   return ApplySourceForm(probe, "en", source);
                                 }));
  BARAZA_RETURN_IF_ERROR(AskInto(cli, "Which day is it from? (2026-07-15)", form.date));
  BARAZA_RETURN_IF_ERROR(
      AskInto(cli, "In which language? (en, fr, es, pt, cs, ...)", form.language));
  const std::string kind = FoldText(form.kind);
  if (kind == "document" || kind == "d") {
    BARAZA_RETURN_IF_ERROR(AskInto(cli, "Title of the document?", form.document_title));
    return AskInto(cli, "Its reference number?", form.document_reference);
  }
  if (kind == "interview" || kind == "i") {
    BARAZA_RETURN_IF_ERROR(
        AskInto(cli, "A reference of the informant, never the name? (KII-07)", form.informant));
    BARAZA_RETURN_IF_ERROR(AskInto(cli, "The name? (stays on this device)", form.informant_name));
    BARAZA_RETURN_IF_ERROR(AskInto(cli, "May it be used? (yes, no)", form.consent_use,
                                   CheckYesNo("--consent-to-use")));
    BARAZA_RETURN_IF_ERROR(AskInto(cli, "May it be quoted? (yes, no)", form.consent_quote,
                                   CheckYesNo("--consent-to-quote")));
    BARAZA_RETURN_IF_ERROR(
        AskInto(cli, "Does it give a number of sessions? (7, 3..4, \"about 7\")", form.claim));
  }
  return absl::OkStatus();
}

}  // namespace baraza::client
