#include "core/match/rulings.h"

#include <algorithm>
#include <deque>
#include <optional>
#include <tuple>

namespace baraza {
namespace {

bool Holds(const MatchRuling& ruling, absl::string_view report_id) {
  return std::binary_search(ruling.report_ids.begin(), ruling.report_ids.end(), report_id);
}

}  // namespace

RulingClosure::RulingClosure(std::vector<MatchRuling> rulings) : rulings_(std::move(rulings)) {
  for (MatchRuling& ruling : rulings_) {
    std::sort(ruling.report_ids.begin(), ruling.report_ids.end());
    ruling.report_ids.erase(std::unique(ruling.report_ids.begin(), ruling.report_ids.end()),
                            ruling.report_ids.end());
    for (const std::string& id : ruling.report_ids) {
      if (class_of_.try_emplace(id, id).second) members_[id] = {id};
    }
  }
  std::sort(rulings_.begin(), rulings_.end(), [](const MatchRuling& a, const MatchRuling& b) {
    return std::tie(b.lamport, b.id_hash, b.ruling_id) <
           std::tie(a.lamport, a.id_hash, a.ruling_id);
  });
  for (const MatchRuling& ruling : rulings_) {
    taken_.push_back(Take(ruling));
    if (!taken_.back()) set_aside_.push_back(ruling.ruling_id);
  }
  std::sort(set_aside_.begin(), set_aside_.end());
}

bool RulingClosure::Take(const MatchRuling& ruling) {
  std::set<std::string> classes;
  for (const std::string& id : ruling.report_ids) classes.insert(class_of_.find(id)->second);
  if (!ruling.same) {
    if (classes.size() < ruling.report_ids.size()) return false;
    for (const std::string& a : classes) {
      for (const std::string& b : classes) {
        if (a != b) parted_[a].insert(b);
      }
    }
    return true;
  }
  for (const std::string& a : classes) {
    const auto parted = parted_.find(a);
    if (parted == parted_.end()) continue;
    for (const std::string& b : classes) {
      if (parted->second.count(b) > 0) return false;
    }
  }
  for (const std::string& other : classes) Union(*classes.begin(), other);
  return true;
}

// `a` is the smaller class.
void RulingClosure::Union(const std::string& a, const std::string& b) {
  if (a == b) return;
  std::vector<std::string>& members = members_[a];
  for (const std::string& id : members_[b]) {
    class_of_.find(id)->second = a;
    members.push_back(id);
  }
  std::sort(members.begin(), members.end());
  members_.erase(b);
  const auto parted = parted_.find(b);
  if (parted == parted_.end()) return;
  for (const std::string& other : parted->second) {
    parted_[other].erase(b);
    parted_[other].insert(a);
    parted_[a].insert(other);
  }
  parted_.erase(b);
}

std::vector<RulingContradiction> RulingClosure::Contradictions() const {
  std::vector<RulingContradiction> contradictions;
  if (set_aside_.empty()) return contradictions;
  Naming naming;
  for (size_t i = 0; i < rulings_.size(); ++i) {
    for (const std::string& id : rulings_[i].report_ids) naming[id].push_back(i);
  }
  for (size_t i = 0; i < rulings_.size(); ++i) {
    if (taken_[i]) continue;
    RulingContradiction& contradiction = contradictions.emplace_back();
    contradiction.ruling_id = rulings_[i].ruling_id;
    for (const size_t other : Against(i, naming)) {
      contradiction.against.push_back(rulings_[other].ruling_id);
    }
  }
  std::sort(contradictions.begin(), contradictions.end(),
            [](const auto& a, const auto& b) { return a.ruling_id < b.ruling_id; });
  return contradictions;
}

// Walks from the ruling's reports along the ties of higher rank, which alone it was held against.
std::set<size_t> RulingClosure::Against(size_t at, const Naming& naming) const {
  // How a report was come to: from which one, by which ruling; a start has none.
  struct Step {
    absl::string_view from;
    std::optional<size_t> by;
  };
  std::map<absl::string_view, Step> reached;
  std::deque<absl::string_view> next;
  const auto walk = [&] {
    while (!next.empty()) {
      const absl::string_view report = next.front();
      next.pop_front();
      for (const size_t i : naming.at(report)) {
        if (i >= at) break;
        if (!taken_[i] || !rulings_[i].same) continue;
        for (const std::string& id : rulings_[i].report_ids) {
          if (reached.try_emplace(id, Step{report, i}).second) next.push_back(id);
        }
      }
    }
  };
  const auto add_path = [&](absl::string_view report, std::set<size_t>& against) {
    for (const Step* step = &reached.at(report); step->by.has_value();
         step = &reached.at(step->from)) {
      against.insert(*step->by);
    }
  };
  const MatchRuling& ruling = rulings_[at];
  std::set<size_t> against;
  if (!ruling.same) {
    // Two of its reports are tied.
    for (const std::string& start : ruling.report_ids) {
      reached.clear();
      reached[start] = {};
      next.push_back(start);
      walk();
      for (const std::string& end : ruling.report_ids) {
        if (end == start || reached.count(end) == 0) continue;
        add_path(end, against);
        return against;
      }
    }
    return against;
  }
  // A higher one parts what this one would tie: all that is tied to any of its reports.
  for (const std::string& id : ruling.report_ids) {
    reached[id] = {};
    next.push_back(id);
  }
  walk();
  std::optional<size_t> parting;
  for (const auto& [report, step] : reached) {
    for (const size_t i : naming.at(report)) {
      if (i >= at || (parting.has_value() && i >= *parting)) break;
      if (!taken_[i] || rulings_[i].same) continue;
      const auto is_reached = [&](const std::string& id) { return reached.count(id) > 0; };
      if (std::count_if(rulings_[i].report_ids.begin(), rulings_[i].report_ids.end(), is_reached) >
          1) {
        parting = i;
      }
    }
  }
  if (!parting.has_value()) return against;
  against.insert(*parting);
  for (const std::string& id : rulings_[*parting].report_ids) {
    if (reached.count(id) > 0) add_path(id, against);
  }
  return against;
}

bool RulingClosure::Names(absl::string_view report_id) const {
  return class_of_.find(report_id) != class_of_.end();
}

std::string RulingClosure::ClassOf(absl::string_view report_id) const {
  const auto found = class_of_.find(report_id);
  return found == class_of_.end() ? std::string(report_id) : found->second;
}

const std::vector<std::string>& RulingClosure::TiedTo(absl::string_view report_id) const {
  static const std::vector<std::string>* const none = new std::vector<std::string>();
  const auto found = class_of_.find(report_id);
  return found == class_of_.end() ? *none : members_.find(found->second)->second;
}

const std::set<std::string>& RulingClosure::PartedFrom(absl::string_view report_id) const {
  static const std::set<std::string>* const none = new std::set<std::string>();
  const auto found = parted_.find(ClassOf(report_id));
  return found == parted_.end() ? *none : found->second;
}

RulingClosure::Verdict RulingClosure::Of(absl::string_view a, absl::string_view b) const {
  if (!Names(a) || !Names(b)) return {};
  const std::string class_a = ClassOf(a);
  const std::string class_b = ClassOf(b);
  const bool tied = class_a == class_b;
  const bool parted = PartedFrom(a).count(class_b) > 0;
  Verdict verdict;
  for (size_t i = 0; i < rulings_.size(); ++i) {
    const MatchRuling& ruling = rulings_[i];
    if (!Holds(ruling, a) || !Holds(ruling, b)) continue;
    if (taken_[i]) {
      return {ruling.same ? v1::RULING_EFFECT_SAME : v1::RULING_EFFECT_DIFFERENT, ruling.ruling_id};
    }
    if (verdict.ruling_id.empty()) verdict = {v1::RULING_EFFECT_SET_ASIDE, ruling.ruling_id};
  }
  if (!tied && !parted) return verdict;
  // No ruling names both: one that takes part in the chain.
  for (size_t i = 0; i < rulings_.size(); ++i) {
    const MatchRuling& ruling = rulings_[i];
    if (!taken_[i] || ruling.same != tied) continue;
    bool side_a = false;
    bool side_b = false;
    for (const std::string& id : ruling.report_ids) {
      const std::string class_id = ClassOf(id);
      side_a = side_a || class_id == class_a;
      side_b = side_b || class_id == class_b;
    }
    if (side_a && side_b && (!tied || Holds(ruling, a) || Holds(ruling, b))) {
      return {tied ? v1::RULING_EFFECT_SAME : v1::RULING_EFFECT_DIFFERENT, ruling.ruling_id};
    }
  }
  return verdict;
}

}  // namespace baraza
