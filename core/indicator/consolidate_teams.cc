#include "core/indicator/consolidate_teams.h"

#include <algorithm>
#include <map>
#include <utility>

#include "core/base/text.h"

namespace baraza {
namespace {

struct Account {
  std::vector<std::string> said_yes;
  std::vector<std::string> said_no;
  std::vector<std::string> did_not_record;
  std::vector<std::string> said_nothing;
  // For a name outside the register: as first written, in the order of report ids.
  std::string name;
  // What holds, whatever the witnesses say.
  v1::YesNo ruled = v1::YES_NO_UNSPECIFIED;
};

// Registered teams come before names: false < true.
using AccountKey = std::pair<bool, std::string>;

class Accounts {
 public:
  Accounts(const Register& reg, const NameResolver& names) : reg_(reg), names_(names) {}

  Account& OfTeam(absl::string_view team_id) {
    return accounts_[{false, reg_.ResolveTeam(team_id)}];
  }

  // nullptr: a name that is known to be nobody's.
  Account* OfName(absl::string_view name) {
    if (const std::string team = names_.TeamOf(name); !team.empty()) return &OfTeam(team);
    if (names_.IsNoTeam(name)) return nullptr;
    const std::string folded = FoldText(name);
    // A name without a letter or digit is still a name.
    Account& account = accounts_[{true, folded.empty() ? std::string(name) : folded}];
    if (account.name.empty()) account.name = std::string(name);
    return &account;
  }

  void Take(const v1::ParticipatingTeam& listed, const std::string& witness) {
    Account* account = nullptr;
    if (!listed.team_id().empty()) {
      account = &OfTeam(listed.team_id());
    } else if (!listed.unregistered_name().empty()) {
      account = OfName(listed.unregistered_name());
    }
    if (account == nullptr) return;
    // To be listed among the participants is to have been there, unless it says otherwise.
    const v1::YesNo present =
        listed.present() == v1::YES_NO_UNSPECIFIED ? v1::YES_NO_YES : listed.present();
    Say(*account, present, witness);
  }

  static void Say(Account& account, v1::YesNo present, const std::string& witness) {
    switch (present) {
      case v1::YES_NO_YES:
        account.said_yes.push_back(witness);
        break;
      case v1::YES_NO_NO:
        account.said_no.push_back(witness);
        break;
      case v1::YES_NO_NOT_RECORDED:
        account.did_not_record.push_back(witness);
        break;
      default:
        account.said_nothing.push_back(witness);
        break;
    }
  }

  std::vector<v1::TeamPresence> Presences() const;

  void Clear() { accounts_.clear(); }

 private:
  const Register& reg_;
  const NameResolver& names_;
  std::map<AccountKey, Account> accounts_;
};

std::vector<v1::TeamPresence> Accounts::Presences() const {
  std::vector<v1::TeamPresence> presences;
  presences.reserve(accounts_.size());
  for (const auto& [key, account] : accounts_) {
    v1::TeamPresence presence;
    if (key.first) {
      presence.set_unregistered_name(account.name);
    } else {
      presence.set_team_id(key.second);
      presence.set_organisation_id(reg_.OrganisationOf(key.second));
    }
    std::vector<std::string> witnesses;
    if (account.ruled != v1::YES_NO_UNSPECIFIED) {
      presence.set_present(account.ruled);
    } else if (!account.said_yes.empty() && !account.said_no.empty()) {
      presence.set_contested(true);
      witnesses = account.said_yes;
      witnesses.insert(witnesses.end(), account.said_no.begin(), account.said_no.end());
    } else if (!account.said_yes.empty()) {
      presence.set_present(v1::YES_NO_YES);
      witnesses = account.said_yes;
    } else if (!account.said_no.empty()) {
      presence.set_present(v1::YES_NO_NO);
      witnesses = account.said_no;
    } else if (!account.did_not_record.empty()) {
      presence.set_present(v1::YES_NO_NOT_RECORDED);
      witnesses = account.did_not_record;
    } else {
      witnesses = account.said_nothing;
    }
    std::sort(witnesses.begin(), witnesses.end());
    witnesses.erase(std::unique(witnesses.begin(), witnesses.end()), witnesses.end());
    presence.mutable_report_ids()->Add(witnesses.begin(), witnesses.end());
    presences.push_back(std::move(presence));
  }
  return presences;
}

}  // namespace

std::string ReportingTeamOf(const MemberReport& member, const Register& reg) {
  return reg.ResolveTeam(member.state.team_id().empty() ? member.report.team_id()
                                                        : member.state.team_id());
}

ConsolidatedTeams ConsolidateTeams(absl::Span<const MemberReport* const> members,
                                   const Register& reg, const NameResolver& names,
                                   absl::Span<const StandingAnswer> answers,
                                   absl::Span<const SessionRuling* const> overrides) {
  ConsolidatedTeams result;
  Accounts accounts(reg, names);
  for (const MemberReport* member : members) {
    const v1::SessionReport& report = member->report;
    if (report.participating_teams_size() > 0) result.told_by.push_back(report.id());
    for (const v1::ParticipatingTeam& listed : report.participating_teams()) {
      accounts.Take(listed, report.id());
    }
    if (const std::string team = ReportingTeamOf(*member, reg); !team.empty()) {
      Accounts::Say(accounts.OfTeam(team), report.reporting_team_present(), report.id());
    }
  }
  for (const StandingAnswer& answer : answers) {
    const v1::FollowUp& follow_up = *answer.follow_up;
    const v1::FollowUp::Answer& said = follow_up.answer();
    if (answer.code == "team_took_part" && !answer.argument.empty()) {
      if (said.yes_no() != v1::YES_NO_UNSPECIFIED) {
        Accounts::Say(accounts.OfTeam(answer.argument), said.yes_no(), follow_up.id());
      }
    } else if (answer.code == "which_teams") {
      v1::ParticipatingTeam named;
      if (!said.record_id().empty()) {
        named.set_team_id(said.record_id());
      } else if (!said.text().text().empty()) {
        named.set_unregistered_name(said.text().text());
      } else if (said.yes_no() != v1::YES_NO_NO) {
        continue;
      }
      accounts.Take(named, follow_up.id());
      result.told_by.push_back(follow_up.id());
    }
  }

  for (const SessionRuling* ruling : overrides) {
    const v1::SessionReport& values = ruling->ruling.override_values();
    if (values.participating_teams_size() > 0) {
      accounts.Clear();
      result.told_by.assign({ruling->ruling.id()});
      result.ruling_id = ruling->ruling.id();
      for (const v1::ParticipatingTeam& listed : values.participating_teams()) {
        accounts.Take(listed, ruling->ruling.id());
      }
    }
    if (values.reporting_team_present() == v1::YES_NO_YES ||
        values.reporting_team_present() == v1::YES_NO_NO) {
      for (const MemberReport* member : members) {
        if (member->report.id() != ruling->ruling.report_ids(0)) continue;
        const std::string team = ReportingTeamOf(*member, reg);
        if (!team.empty()) accounts.OfTeam(team).ruled = values.reporting_team_present();
      }
    }
  }
  std::sort(result.told_by.begin(), result.told_by.end());
  result.teams = accounts.Presences();
  return result;
}

}  // namespace baraza
