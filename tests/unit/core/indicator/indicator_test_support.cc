#include "tests/unit/core/indicator/indicator_test_support.h"

#include <cstdlib>

#include "absl/strings/str_cat.h"

namespace baraza {

Register SmallRegister() {
  Register reg;
  v1::Programme programme;
  programme.set_id("prg_1");
  programme.set_fiscal_year_start_month(7);
  PutRecord(reg, v1::RECORD_TYPE_PROGRAMME, programme);
  for (const char* id : {"org_1", "org_2", "org_3"}) {
    v1::Organisation organisation;
    organisation.set_id(id);
    organisation.set_title(absl::StrCat("Organisation ", id));
    PutRecord(reg, v1::RECORD_TYPE_ORGANISATION, organisation);
  }
  const std::pair<const char*, const char*> teams[] = {{"tem_a", "org_1"},
                                                       {"tem_b", "org_2"},
                                                       {"tem_c", "org_3"},
                                                       {"tem_d", "org_1"},
                                                       {"tem_e", ""}};
  for (const auto& [id, organisation] : teams) {
    v1::Team team;
    team.set_id(id);
    team.set_title(absl::StrCat("Team ", std::string(id).substr(4)));
    team.add_aliases(absl::StrCat("Équipe ", std::string(id).substr(4)));
    if (*organisation != '\0') team.set_organisation_id(organisation);
    PutRecord(reg, v1::RECORD_TYPE_TEAM, team);
  }
  v1::Team old;
  old.set_id("tem_old");
  old.set_title("Old watch");
  old.set_merged_into("tem_a");
  PutRecord(reg, v1::RECORD_TYPE_TEAM, old);
  for (const char* id : {"iss_land", "iss_water", "iss_meals"}) {
    v1::Issue issue;
    issue.set_id(id);
    v1::LocalText* title = issue.mutable_title()->add_values();
    title->set_language("en");
    title->set_text(absl::StrCat("Issue ", std::string(id).substr(4)));
    title = issue.mutable_title()->add_values();
    title->set_language("fr");
    title->set_text(absl::StrCat("Question ", std::string(id).substr(4)));
    if (std::string(id) == "iss_land") issue.add_related_issue_ids("iss_water");
    PutRecord(reg, v1::RECORD_TYPE_ISSUE, issue);
  }
  return reg;
}

v1::Source SourceOf(const std::string& id, v1::SourceKind kind) {
  v1::Source source;
  source.set_id(id);
  source.set_kind(kind);
  return source;
}

MemberReport Report(const std::string& id, v1::SourceKind kind,
                    const std::function<void(v1::SessionReport&)>& fill) {
  MemberReport member;
  member.report.set_id(id);
  member.report.set_team_id("tem_a");
  member.report.set_author_id("per_1");
  member.report.mutable_review()->set_stage(v1::REPORT_STAGE_SUBMITTED);
  if (kind != v1::SOURCE_KIND_UNSPECIFIED) {
    v1::Citation* citation = member.report.add_citations();
    citation->set_element_id("c1");
    citation->set_source_id("src_" + id);
    member.sources.push_back(SourceOf("src_" + id, kind));
  }
  if (fill) fill(member.report);
  return member;
}

void AddTeam(v1::SessionReport& report, const std::string& team_id, v1::YesNo present) {
  v1::ParticipatingTeam* team = report.add_participating_teams();
  team->set_element_id(absl::StrCat("t", report.participating_teams_size()));
  team->set_team_id(team_id);
  team->set_present(present);
}

void AddName(v1::SessionReport& report, const std::string& name, v1::YesNo present) {
  v1::ParticipatingTeam* team = report.add_participating_teams();
  team->set_element_id(absl::StrCat("t", report.participating_teams_size()));
  team->set_unregistered_name(name);
  team->set_present(present);
}

void SetDay(v1::SessionReport& report, const std::string& day, const std::string& last) {
  SetRange(report, day, last.empty() ? day : last, v1::DATE_PRECISION_DAY);
}

void SetRange(v1::SessionReport& report, const std::string& first, const std::string& last,
              v1::DatePrecision precision) {
  report.mutable_dates()->set_earliest(first);
  report.mutable_dates()->set_latest(last);
  report.mutable_dates()->set_precision(precision);
}

void FillGood(v1::SessionReport& report, const std::string& day) {
  report.set_held_status(v1::HELD_STATUS_HELD);
  report.set_issue_id("iss_land");
  SetDay(report, day);
  AddTeam(report, "tem_b");
  report.set_reporting_team_present(v1::YES_NO_YES);
  report.set_experiences_shared(v1::YES_NO_YES);
  report.set_learned_from_each_other(v1::YES_NO_YES);
}

v1::Session Consolidate(const std::vector<MemberReport>& members, const Register& reg,
                        const std::vector<SessionRuling>& rulings,
                        const std::vector<FollowUpAnswer>& answers) {
  return ConsolidateSession(members, reg, rulings, answers);
}

SessionRuling Ruling(const std::string& id, v1::RulingKind kind, const std::string& report_id,
                     uint64_t lamport) {
  SessionRuling ruling;
  ruling.ruling.set_id(id);
  ruling.ruling.set_kind(kind);
  ruling.ruling.add_report_ids(report_id);
  ruling.lamport = lamport;
  ruling.id_hash = Sha256(id);
  return ruling;
}

SessionRuling Override(const std::string& id, const std::string& report_id,
                       const std::function<void(v1::SessionReport&)>& fill, uint64_t lamport) {
  SessionRuling ruling = Ruling(id, v1::RULING_KIND_OVERRIDE, report_id, lamport);
  fill(*ruling.ruling.mutable_override_values());
  return ruling;
}

FollowUpAnswer Answer(const std::string& id, const std::string& report_id,
                      const v1::CodedText& question,
                      const std::function<void(v1::FollowUp::Answer&)>& fill,
                      const std::string& team_id, uint64_t lamport) {
  FollowUpAnswer answer;
  answer.follow_up.set_id(id);
  answer.follow_up.set_report_id(report_id);
  answer.follow_up.set_addressed_team_id(team_id);
  *answer.follow_up.mutable_question() = question;
  fill(*answer.follow_up.mutable_answer());
  answer.lamport = lamport;
  return answer;
}

IndicatorContext LandContext() {
  IndicatorContext context;
  context.indicator.set_id("ind_1");
  context.indicator.add_issue_ids("iss_land");
  context.indicator.set_period_scheme(v1::PERIOD_SCHEME_QUARTER);
  context.definition = DefaultDefinition();
  context.definition.set_id("def_1");
  return context;
}

Period PeriodOf(absl::string_view text, int fiscal_year_start_month) {
  const absl::StatusOr<Period> period = ParsePeriod(text, fiscal_year_start_month);
  if (!period.ok()) std::abort();
  return *period;
}

FigureInput InputFor(const IndicatorContext& context, absl::string_view period,
                     const Register& reg) {
  FigureInput input;
  input.context = context;
  input.period = PeriodOf(period, FiscalYearStartMonth(context.indicator, &reg));
  input.as_of = absl::CivilDay(2027, 12, 31);
  input.register_ = &reg;
  input.model_version = "m1";
  input.log_position = 7;
  input.operations_sha256 = std::string(32, 'h');
  return input;
}

void AddSessions(FigureInput& input, const std::vector<v1::Session>& sessions,
                 const std::vector<SessionRuling>& rulings) {
  for (const v1::Session& session : sessions) {
    const auto assessed = std::make_shared<v1::Session>(session);
    v1::Qualification& qualification = *assessed->add_qualifications();
    qualification = Qualify(session, input.context, *input.register_, rulings);
    qualification.set_indicator_id(input.context.indicator.id());
    input.sessions.push_back(std::make_shared<BriefSession>(assessed));
  }
}

std::vector<std::shared_ptr<const v1::DoubtfulPair>> Shared(
    const std::vector<v1::DoubtfulPair>& pairs) {
  std::vector<std::shared_ptr<const v1::DoubtfulPair>> shared;
  for (const v1::DoubtfulPair& pair : pairs) {
    shared.push_back(std::make_shared<const v1::DoubtfulPair>(pair));
  }
  return shared;
}

v1::Figure FigureOf(const FigureInput& input) {
  v1::Figure figure;
  ComputeFigure(input, figure);
  return figure;
}

std::vector<std::string> CodesOf(const google::protobuf::RepeatedPtrField<v1::CodedText>& texts) {
  std::vector<std::string> codes;
  for (const v1::CodedText& text : texts) codes.push_back(text.code());
  return codes;
}

std::vector<std::string> QuestionCodes(
    const google::protobuf::RepeatedPtrField<v1::OpenQuestion>& questions) {
  std::vector<std::string> codes;
  for (const v1::OpenQuestion& question : questions) codes.push_back(question.question().code());
  return codes;
}

std::vector<std::string> IdsOf(
    const google::protobuf::RepeatedPtrField<v1::FigureSession>& sessions) {
  std::vector<std::string> ids;
  for (const v1::FigureSession& session : sessions) ids.push_back(session.session_id());
  return ids;
}

std::vector<std::string> Strings(const google::protobuf::RepeatedPtrField<std::string>& strings) {
  return {strings.begin(), strings.end()};
}

}  // namespace baraza
