#ifndef BARAZA_TESTS_UNIT_CORE_MATCH_REPORT_BUILDER_H_
#define BARAZA_TESTS_UNIT_CORE_MATCH_REPORT_BUILDER_H_

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "baraza/v1/record.pb.h"
#include "core/match/features.h"
#include "core/model/register.h"

namespace baraza {

// A coalition of six teams in three organisations; "tem_a" also bears the alias "Alfa".
inline void PutTeam(Register& reg, const v1::Team& team) {
  v1::RecordState state;
  state.set_record_id(team.id());
  state.set_type(v1::RECORD_TYPE_TEAM);
  state.set_created(true);
  state.set_record(team.SerializeAsString());
  reg.Apply(state);
}

inline v1::Team MakeTeam(const std::string& id, const std::string& title,
                         const std::string& organisation,
                         const std::vector<std::string>& aliases = {}) {
  v1::Team team;
  team.set_id(id);
  team.set_title(title);
  team.set_organisation_id(organisation);
  for (const std::string& alias : aliases) team.add_aliases(alias);
  return team;
}

inline void PutIssue(Register& reg, const std::string& id, const std::string& related) {
  v1::Issue issue;
  issue.set_id(id);
  if (!related.empty()) issue.add_related_issue_ids(related);
  v1::RecordState state;
  state.set_record_id(id);
  state.set_type(v1::RECORD_TYPE_ISSUE);
  state.set_created(true);
  state.set_record(issue.SerializeAsString());
  reg.Apply(state);
}

inline Register TestRegister() {
  Register reg;
  PutTeam(reg, MakeTeam("tem_a", "Umoja wa Pwani", "org_1", {"Alfa", "UWP"}));
  PutTeam(reg, MakeTeam("tem_b", "Bravo", "org_1"));
  PutTeam(reg, MakeTeam("tem_c", "Coletivo Raízes", "org_2"));
  PutTeam(reg, MakeTeam("tem_d", "Delta", "org_2"));
  PutTeam(reg, MakeTeam("tem_e", "Echo", "org_3"));
  PutTeam(reg, MakeTeam("tem_f", "Foxtrot", "org_3"));
  PutIssue(reg, "iss_land", "iss_water");
  PutIssue(reg, "iss_water", "");
  PutIssue(reg, "iss_youth", "");
  return reg;
}

// Builds a report in a chain: Rep("rep_1").Title("...", "en").Day("2026-03-05").Place("Kisumu").
class Rep {
 public:
  explicit Rep(const std::string& id) { report_.set_id(id); }

  Rep& Title(const std::string& text, const std::string& language = "") {
    report_.mutable_title()->set_text(text);
    report_.mutable_title()->set_language(language);
    return *this;
  }
  Rep& Dates(const std::string& earliest, const std::string& latest,
             v1::DatePrecision precision = v1::DATE_PRECISION_DAY) {
    report_.mutable_dates()->set_earliest(earliest);
    report_.mutable_dates()->set_latest(latest);
    report_.mutable_dates()->set_precision(precision);
    return *this;
  }
  Rep& Day(const std::string& day) { return Dates(day, ""); }
  Rep& Place(const std::string& locality, const std::string& house = "",
             const std::string& country = "") {
    report_.mutable_venue()->set_locality(locality);
    report_.mutable_venue()->set_name(house);
    report_.mutable_venue()->set_country(country);
    return *this;
  }
  Rep& Teams(const std::vector<std::string>& ids) {
    for (const std::string& id : ids) {
      v1::ParticipatingTeam* team = report_.add_participating_teams();
      team->set_element_id(std::to_string(report_.participating_teams_size()));
      if (id.rfind("tem_", 0) == 0) {
        team->set_team_id(id);
      } else {
        team->set_unregistered_name(id);
      }
    }
    return *this;
  }
  Rep& By(const std::string& team, const std::string& author) {
    report_.set_team_id(team);
    report_.set_author_id(author);
    return *this;
  }
  Rep& Issue(const std::string& id) {
    report_.set_issue_id(id);
    return *this;
  }
  Rep& Total(uint32_t total) {
    report_.mutable_participants()->set_total(total);
    return *this;
  }
  Rep& Topic(const std::string& text) {
    report_.add_topics()->set_text(text);
    return *this;
  }
  Rep& Cite(const std::string& source, const std::string& locator = "",
            const std::string& passage = "") {
    v1::Citation* citation = report_.add_citations();
    citation->set_source_id(source);
    citation->set_locator(locator);
    citation->mutable_passage()->set_text(passage);
    return *this;
  }
  Rep& Hint(const std::string& other, v1::HintAnswer::Answer answer) {
    v1::HintAnswer* hint = report_.add_hint_answers();
    hint->set_other_report_id(other);
    hint->set_answer(answer);
    return *this;
  }
  Rep& PartOf(const std::string& report_id, const std::string& title = "") {
    report_.mutable_part_of()->set_report_id(report_id);
    report_.mutable_part_of()->mutable_title()->set_text(title);
    return *this;
  }
  v1::SessionReport& report() { return report_; }

  ReportFeatures Features(const Register& reg,
                          const std::map<std::string, v1::Source>& sources = {}) const {
    return MakeFeatures(report_, reg, sources);
  }
  ReportFeatures Features() const { return Features(TestRegister()); }

 private:
  v1::SessionReport report_;
};

}  // namespace baraza

#endif  // BARAZA_TESTS_UNIT_CORE_MATCH_REPORT_BUILDER_H_
