#include "core/indicator/evidence.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "core/base/text.h"

namespace baraza {
namespace {

void InsertSorted(std::vector<std::string>& ids, const std::string& id) {
  const auto at = std::lower_bound(ids.begin(), ids.end(), id);
  if (at == ids.end() || *at != id) ids.insert(at, id);
}

}  // namespace

bool RanksBefore(const Option& a, const Option& b) {
  if (a.rank != b.rank) return a.rank > b.rank;
  if (a.witness_ids.size() != b.witness_ids.size()) {
    return a.witness_ids.size() > b.witness_ids.size();
  }
  if (a.precision != b.precision) return a.precision > b.precision;
  return a.witness_ids < b.witness_ids;
}

void Options::Add(const Witness& witness, v1::SessionReport value, int precision) {
  std::string key = value.SerializeAsString();
  auto found = std::find_if(options_.begin(), options_.end(),
                            [&](const auto& option) { return option.first == key; });
  if (found == options_.end()) {
    options_.emplace_back(std::move(key), Option{});
    found = options_.end() - 1;
    found->second.value = std::move(value);
    found->second.precision = precision;
  }
  found->second.rank = std::max(found->second.rank, witness.rank);
  InsertSorted(found->second.witness_ids, witness.id);
}

std::vector<Option> Options::Ranked() const {
  // One witness may give several values (a name listed twice); the value itself then decides.
  std::vector<const std::pair<std::string, Option>*> sorted;
  sorted.reserve(options_.size());
  for (const auto& option : options_) sorted.push_back(&option);
  std::sort(sorted.begin(), sorted.end(), [](const auto* a, const auto* b) {
    if (RanksBefore(a->second, b->second)) return true;
    if (RanksBefore(b->second, a->second)) return false;
    return a->first < b->first;
  });
  std::vector<Option> ranked;
  ranked.reserve(sorted.size());
  for (const auto* option : sorted) ranked.push_back(option->second);
  return ranked;
}

std::vector<StandingAnswer> StandingAnswers(absl::Span<const FollowUpAnswer> answers,
                                            const std::vector<std::string>& sorted_member_ids,
                                            const Register& reg) {
  // (team, question) -> latest.
  std::map<std::pair<std::string, std::string>, const FollowUpAnswer*> latest;
  for (const FollowUpAnswer& answer : answers) {
    const v1::FollowUp& follow_up = answer.follow_up;
    if (follow_up.void_mark().voided() || !follow_up.has_answer()) continue;
    if (!std::binary_search(sorted_member_ids.begin(), sorted_member_ids.end(),
                            follow_up.report_id())) {
      continue;
    }
    const std::string& team =
        follow_up.addressed_team_id().empty() ? follow_up.team_id() : follow_up.addressed_team_id();
    const FollowUpAnswer*& slot =
        latest[{reg.ResolveTeam(team), follow_up.question().SerializeAsString()}];
    if (slot == nullptr ||
        std::tie(slot->lamport, slot->follow_up.id()) < std::tie(answer.lamport, follow_up.id())) {
      slot = &answer;
    }
  }
  std::vector<StandingAnswer> standing;
  for (const auto& [key, answer] : latest) {
    const v1::FollowUp& follow_up = answer->follow_up;
    if (follow_up.answer().unknown()) continue;
    StandingAnswer entry{&follow_up, follow_up.question().code(), ""};
    if (follow_up.question().arguments_size() > 0) {
      entry.argument = follow_up.question().arguments(0).value();
    }
    standing.push_back(entry);
  }
  std::sort(standing.begin(), standing.end(),
            [](const auto& a, const auto& b) { return a.follow_up->id() < b.follow_up->id(); });
  return standing;
}

NameResolver::NameResolver(const Register& reg, absl::Span<const StandingAnswer> answers)
    : reg_(reg) {
  std::set<std::string> disputed;
  for (const StandingAnswer& answer : answers) {
    if (answer.code != "who_is" || answer.argument.empty()) continue;
    const v1::FollowUp::Answer& said = answer.follow_up->answer();
    std::string team;
    if (!said.record_id().empty()) {
      team = reg.ResolveTeam(said.record_id());
    } else if (!said.text().text().empty()) {
      team = reg.TeamByName(said.text().text());
    }
    if (team.empty() && said.yes_no() != v1::YES_NO_NO) continue;
    const std::string folded = FoldText(answer.argument);
    const auto [at, inserted] = identities_.emplace(folded, team);
    if (!inserted && at->second != team) disputed.insert(folded);
  }
  for (const std::string& folded : disputed) identities_.erase(folded);
}

std::string NameResolver::TeamOf(absl::string_view name) const {
  if (!identities_.empty()) {
    const auto found = identities_.find(FoldText(name));
    if (found != identities_.end()) return found->second;
  }
  return reg_.TeamByName(name);
}

bool NameResolver::IsNoTeam(absl::string_view name) const {
  const auto found = identities_.find(FoldText(name));
  return found != identities_.end() && found->second.empty();
}

bool HoldsBefore(const SessionRuling& a, const SessionRuling& b) {
  return std::forward_as_tuple(a.lamport, a.id_hash, a.ruling.id()) >
         std::forward_as_tuple(b.lamport, b.id_hash, b.ruling.id());
}

}  // namespace baraza
