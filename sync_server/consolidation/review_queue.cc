#include "sync_server/consolidation/review_queue.h"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <set>
#include <tuple>
#include <utility>

#include "core/base/civil_date.h"
#include "core/indicator/doubt.h"
#include "core/indicator/figure.h"
#include "core/indicator/overrides.h"
#include "sync_server/consolidation/scheme_period.h"
#include "sync_server/limits.h"

namespace baraza::server {
namespace {

// How a session stands to the figures of an indicator.
enum class Stand {
  // Nothing that is settled about it now moves them: it does not count, or waits to be endorsed.
  kOut,
  // In the range beside one of them.
  kOpen,
  kCounted,
};

bool CouldCount(v1::Qualifies verdict) {
  return verdict == v1::QUALIFIES_YES || verdict == v1::QUALIFIES_UNDETERMINED;
}

bool IsInOnePeriod(const BriefSession& session, const v1::Indicator& indicator,
                   const Register& reg) {
  if (session.first == kAlways || session.last == kNever) return false;
  if (session.first == session.last) return true;
  const auto from = SchemePeriodOf(indicator, reg, CivilDayFromDays(session.first));
  const auto to = SchemePeriodOf(indicator, reg, CivilDayFromDays(session.last));
  return from.ok() && to.ok() && from->text == to->text;
}

void Add(v1::CountMovement& movement, uint32_t down, uint32_t up, uint32_t range) {
  movement.set_down(movement.down() + down);
  movement.set_up(movement.up() + up);
  movement.set_range(movement.range() + range);
}

// Of COUNTS and DOES_NOT_COUNT on one session by one definition those that speak against the
// highest.
void AddVerdicts(const ReviewQueueInput& input, std::vector<RulingContradiction>& all) {
  // By session and definition ("": for all of them): what was ruled.
  using Ruled = std::pair<std::pair<uint64_t, Sha256Digest>, absl::string_view>;
  std::map<std::pair<absl::string_view, absl::string_view>, std::vector<Ruled>> verdicts;
  std::vector<std::shared_ptr<const BriefSession>> kept;
  for (const auto& [id, booked] : input.rulings.rulings()) {
    const v1::Ruling& ruling = booked.ruling.ruling;
    if ((ruling.kind() != v1::RULING_KIND_COUNTS &&
         ruling.kind() != v1::RULING_KIND_DOES_NOT_COUNT) ||
        ruling.report_ids().empty() || !input.rulings.IsInEffect(id)) {
      continue;
    }
    const auto session = input.board.FindByReport(ruling.report_ids(0));
    if (session == nullptr) continue;
    kept.push_back(session);
    verdicts[{session->id, ruling.definition_id()}].push_back(
        {{booked.ruling.lamport, booked.ruling.id_hash}, id});
  }
  for (const auto& [key, ruled] : verdicts) {
    // Over one definition the greatest of those on it and those on all of them holds.
    Ruled holds = *std::max_element(ruled.begin(), ruled.end());
    const auto on_all = verdicts.find({key.first, absl::string_view()});
    if (on_all != verdicts.end()) {
      holds = std::max(holds, *std::max_element(on_all->second.begin(), on_all->second.end()));
    }
    const v1::RulingKind kind = input.rulings.Find(holds.second)->ruling.ruling.kind();
    for (const auto& [rank, id] : ruled) {
      if (input.rulings.Find(id)->ruling.ruling.kind() == kind) continue;
      all.push_back({std::string(id), {std::string(holds.second)}});
    }
  }
}

// Of OVERRIDE on one session those that set a field otherwise than a higher one.
void AddOverrides(const ReviewQueueInput& input, std::vector<RulingContradiction>& all) {
  std::map<std::string, std::vector<const SessionRuling*>> by_session;
  for (const auto& [id, booked] : input.rulings.rulings()) {
    const v1::Ruling& ruling = booked.ruling.ruling;
    if (ruling.kind() != v1::RULING_KIND_OVERRIDE || ruling.report_ids().empty() ||
        !input.rulings.IsInEffect(id)) {
      continue;
    }
    const auto session = input.board.FindByReport(ruling.report_ids(0));
    if (session != nullptr) by_session[std::string(session->id)].push_back(&booked.ruling);
  }
  for (auto& [session_id, overrides] : by_session) {
    for (const OverrideContradiction& found :
         ContradictingOverrides(std::move(overrides), input.reg)) {
      RulingContradiction& contradiction = all.emplace_back();
      contradiction.ruling_id = found.weaker->ruling.id();
      for (const SessionRuling* stronger : found.stronger) {
        contradiction.against.push_back(stronger->ruling.id());
      }
    }
  }
}

// All that contradict others and are set aside; by id.
std::vector<RulingContradiction> AllContradictions(const ReviewQueueInput& input) {
  std::vector<RulingContradiction> all(input.contradictions.begin(), input.contradictions.end());
  AddVerdicts(input, all);
  AddOverrides(input, all);
  std::sort(all.begin(), all.end(),
            [](const auto& a, const auto& b) { return a.ruling_id < b.ruling_id; });
  return all;
}

class Queue {
 public:
  explicit Queue(const ReviewQueueInput& input)
      : input_(input), contradictions_(AllContradictions(input)) {
    for (const RulingContradiction& contradiction : contradictions_) {
      set_aside_.insert(contradiction.ruling_id);
    }
  }

  std::vector<v1::ReviewItem> Take() && {
    AddContradictions();
    AddWaiting();
    AddQuestions();
    AddPairs();
    std::vector<std::pair<Rank, size_t>> order;
    order.reserve(items_.size());
    for (size_t i = 0; i < items_.size(); ++i) order.emplace_back(RankOf(items_[i]), i);
    std::sort(order.begin(), order.end());
    std::vector<v1::ReviewItem> sorted;
    sorted.reserve(items_.size());
    for (const auto& [rank, i] : order) sorted.push_back(std::move(items_[i]));
    return sorted;
  }

  // Also for the rulings of a history.
  v1::StandingRuling Standing(const std::string& ruling_id, const BookedRuling& booked) const {
    const v1::Ruling& ruling = booked.ruling.ruling;
    v1::StandingRuling standing;
    standing.set_ruling_id(ruling_id);
    standing.set_kind(ruling.kind());
    *standing.mutable_report_ids() = ruling.report_ids();
    standing.set_definition_id(ruling.definition_id());
    standing.set_author_id(booked.author_id);
    standing.set_team_id(booked.team_id);
    standing.set_sensitivity(ruling.sensitivity());
    standing.set_device_time_ms(booked.device_time_ms);
    if (ruling.has_reason()) *standing.mutable_reason() = ruling.reason();
    if (ruling.has_override_values()) {
      *standing.mutable_override_values() = ruling.override_values();
    }
    if (booked.withdrawn) {
      standing.set_standing(v1::RULING_STANDING_WITHDRAWN);
      return standing;
    }
    // Who rules the same stands where the first one does.
    const std::string holds = input_.rulings.StandsBy(ruling_id);
    if (input_.rulings.WaitsForApproval(ruling_id)) {
      standing.set_standing(v1::RULING_STANDING_WAITS_FOR_APPROVAL);
    } else if (!holds.empty()) {
      standing.set_standing(set_aside_.count(holds) > 0 ? v1::RULING_STANDING_SET_ASIDE
                                                        : v1::RULING_STANDING_IN_EFFECT);
    }
    return standing;
  }

 private:
  using Rank = std::tuple<bool, int64_t, int64_t, int64_t, bool, int64_t, std::string, std::string>;

  static Rank RankOf(const v1::ReviewItem& item) {
    const v1::CountMovement& movement = item.movement();
    return {item.set_aside_ruling_id().empty(),
            -int64_t{std::max(movement.down(), movement.up())},
            -int64_t{movement.range()},
            -int64_t{item.figures_affected()},
            item.waiting().empty(),
            std::abs(int64_t{item.pair().score_milli_nats()}),
            item.question().id(),
            item.waiting().empty() ? item.set_aside_ruling_id() : item.waiting(0).ruling_id()};
  }

  Stand StandOf(const BriefSession& session, const IndicatorContext& context) const {
    const v1::Qualifies verdict = session.VerdictFor(context.indicator.id()).qualifies;
    if (!CouldCount(verdict) || !HasReachedStage(session, context.indicator)) return Stand::kOut;
    return verdict == v1::QUALIFIES_YES && IsInOnePeriod(session, context.indicator, input_.reg)
               ? Stand::kCounted
               : Stand::kOpen;
  }

  // Fills in how far a ruling would move the counts if it were followed.
  void Reckon(const v1::Ruling& ruling, v1::ReviewItem& item) const {
    std::map<absl::string_view, std::shared_ptr<const BriefSession>> sessions;
    for (const std::string& report_id : ruling.report_ids()) {
      auto session = input_.board.FindByReport(report_id);
      if (session != nullptr) sessions.emplace(session->id, std::move(session));
    }
    for (const auto& [indicator_id, context] : input_.contexts) {
      uint32_t counted = 0;
      uint32_t open = 0;
      for (const auto& [id, session] : sessions) {
        const Stand stand = StandOf(*session, context);
        counted += stand == Stand::kCounted;
        open += stand == Stand::kOpen;
      }
      v1::CountMovement movement;
      switch (ruling.kind()) {
        case v1::RULING_KIND_SAME:
          if (counted > 1) Add(movement, counted - 1, 0, 0);
          if (counted + open > 1) Add(movement, 0, 0, counted + open - 1);
          break;
        case v1::RULING_KIND_DIFFERENT:
          // Two that are apart already stay where they are.
          if (sessions.size() == 1) Add(movement, 0, counted, counted + open);
          break;
        case v1::RULING_KIND_COUNTS:
        case v1::RULING_KIND_DOES_NOT_COUNT: {
          if (!ruling.definition_id().empty() &&
              ruling.definition_id() != context.definition.id()) {
            break;
          }
          const bool counts = ruling.kind() == v1::RULING_KIND_COUNTS;
          if (counts && counted == 0 && !sessions.empty()) Add(movement, 0, 1, open);
          if (!counts) Add(movement, counted, 0, open);
          break;
        }
        case v1::RULING_KIND_OVERRIDE:
          // Whatever it sets, it is one session.
          if (!sessions.empty()) Add(movement, counted, 1 - std::min(counted, 1u), open);
          break;
        default:
          break;
      }
      if (movement.down() + movement.up() + movement.range() == 0) continue;
      Add(*item.mutable_movement(), movement.down(), movement.up(), movement.range());
      item.set_figures_affected(item.figures_affected() + 1);
    }
  }

  void AddContradictions() {
    // One item for those who say the same: the one by which all of them stand.
    for (const RulingContradiction& contradiction : contradictions_) {
      const BookedRuling* booked = input_.rulings.Find(contradiction.ruling_id);
      if (booked == nullptr) continue;
      const std::string stands_by = input_.rulings.StandsBy(contradiction.ruling_id);
      if (set_aside_.count(stands_by) > 0 && stands_by != contradiction.ruling_id) continue;
      v1::ReviewItem& item = items_.emplace_back();
      item.set_set_aside_ruling_id(contradiction.ruling_id);
      *item.add_contradiction() = Standing(contradiction.ruling_id, *booked);
      for (const std::string& other : contradiction.against) {
        const BookedRuling* against = input_.rulings.Find(other);
        if (against == nullptr || item.contradiction_size() == kMaxRulingsOfItem) continue;
        *item.add_contradiction() = Standing(other, *against);
      }
      Reckon(booked->ruling.ruling, item);
    }
  }

  void AddWaiting() {
    std::set<Sha256Digest> listed;
    for (const auto& [id, booked] : input_.rulings.rulings()) {
      if (!input_.rulings.WaitsForApproval(id) || !listed.insert(booked.content).second) continue;
      const std::vector<std::string> same = input_.rulings.SayingTheSame(id);
      v1::ReviewItem& item = items_.emplace_back();
      // Of one author the first: to say it again approves nothing.
      std::set<absl::string_view> authors;
      for (const std::string& other : same) {
        const BookedRuling& said = *input_.rulings.Find(other);
        if (item.waiting_size() == kMaxRulingsOfItem) break;
        if (authors.insert(said.author_id).second) *item.add_waiting() = Standing(other, said);
      }
      Reckon(booked.ruling.ruling, item);
    }
  }

  void AddQuestions() {
    for (const auto& [session_id, session] : input_.board.sessions()) {
      const auto brief = input_.board.FindByReport(session_id);
      if (brief == nullptr) continue;
      std::map<std::string, v1::ReviewItem> by_question;
      for (const v1::Qualification& qualification : session->qualifications()) {
        if (qualification.questions().empty()) continue;
        const auto context = input_.contexts.find(qualification.indicator_id());
        const bool moves =
            context != input_.contexts.end() && StandOf(*brief, context->second) == Stand::kOpen;
        // What else is unknown keeps it out even after the best answer.
        const bool last = moves && qualification.questions_size() == 1 &&
                          IsInOnePeriod(*brief, context->second.indicator, input_.reg);
        for (const v1::OpenQuestion& question : qualification.questions()) {
          v1::ReviewItem& item = by_question[question.id()];
          *item.mutable_question() = question;
          item.set_figures_affected(item.figures_affected() + 1);
          Add(*item.mutable_movement(), 0, last, moves);
        }
      }
      if (brief->first != brief->last) AddDateQuestion(*brief, by_question);
      for (auto& [id, item] : by_question) items_.push_back(std::move(item));
    }
  }

  void AddDateQuestion(const BriefSession& session,
                       std::map<std::string, v1::ReviewItem>& by_question) const {
    for (const auto& [indicator_id, context] : input_.contexts) {
      const v1::Qualifies verdict = session.VerdictFor(indicator_id).qualifies;
      if (!CouldCount(verdict) || IsInOnePeriod(session, context.indicator, input_.reg)) continue;
      v1::OpenQuestion question = DateQuestion(*session.session);
      v1::ReviewItem& item = by_question[question.id()];
      *item.mutable_question() = std::move(question);
      item.set_figures_affected(item.figures_affected() + 1);
      const bool moves = HasReachedStage(session, context.indicator);
      Add(*item.mutable_movement(), 0, moves && verdict == v1::QUALIFIES_YES, moves);
    }
  }

  void AddPairs() {
    for (v1::DoubtfulPair& pair : input_.board.DoubtfulPairs()) {
      const auto left = input_.board.FindByReport(pair.left_session_id());
      const auto right = input_.board.FindByReport(pair.right_session_id());
      if (left == nullptr || right == nullptr) continue;
      v1::ReviewItem item;
      // One that is together may be two; two that are apart may be one.
      const bool together = left->id == right->id;
      for (const auto& [indicator_id, context] : input_.contexts) {
        if (!together &&
            WouldCountTogether(*left->session, *right->session, indicator_id, context.definition)) {
          item.set_figures_affected(item.figures_affected() + 1);
          Add(*item.mutable_movement(), 0, 1, 1);
          continue;
        }
        if (!CouldCount(left->VerdictFor(indicator_id).qualifies) ||
            !CouldCount(right->VerdictFor(indicator_id).qualifies)) {
          continue;
        }
        const Stand of_left = StandOf(*left, context);
        const Stand of_right = StandOf(*right, context);
        const bool both = of_left == Stand::kCounted && of_right == Stand::kCounted;
        SplitEffect split;
        if (both && together) {
          split = EffectOfSplit(*left->session, pair.left_report_id(), pair.right_report_id(),
                                context.definition);
          if (!split.may_fall && !split.may_rise) continue;
        }
        item.set_figures_affected(item.figures_affected() + 1);
        if (of_left == Stand::kOut || of_right == Stand::kOut) continue;
        Add(*item.mutable_movement(), (both && !together) || split.may_fall, split.may_rise, 1);
      }
      if (item.figures_affected() == 0) continue;
      *item.mutable_question() = pair.question();
      *item.mutable_pair() = std::move(pair);
      items_.push_back(std::move(item));
    }
  }

  const ReviewQueueInput& input_;
  const std::vector<RulingContradiction> contradictions_;
  std::set<std::string> set_aside_;
  std::vector<v1::ReviewItem> items_;
};

}  // namespace

std::vector<v1::ReviewItem> MakeReviewQueue(const ReviewQueueInput& input) {
  return Queue(input).Take();
}

std::vector<v1::StandingRuling> RulingsOn(const ReviewQueueInput& input,
                                          absl::Span<const std::string> report_ids) {
  if (report_ids.empty()) return {};
  std::set<std::string> ids;
  if (report_ids.size() == 1) {
    const auto session = input.board.FindByReport(report_ids[0]);
    const auto add = [&](const std::string& report_id) {
      const auto& naming = input.rulings.Naming(report_id);
      ids.insert(naming.begin(), naming.end());
    };
    add(report_ids[0]);
    if (session != nullptr) {
      for (const v1::SessionMember& member : session->session->members()) add(member.report_id());
    }
  } else {
    for (const std::string& id : input.rulings.Naming(report_ids[0])) {
      if (std::all_of(report_ids.begin(), report_ids.end(), [&](const std::string& report_id) {
            return input.rulings.Naming(report_id).contains(id);
          })) {
        ids.insert(id);
      }
    }
  }
  std::vector<std::tuple<uint64_t, Sha256Digest, std::string>> ranked;
  for (const std::string& id : ids) {
    const BookedRuling& booked = *input.rulings.Find(id);
    ranked.emplace_back(booked.ruling.lamport, booked.ruling.id_hash, id);
  }
  std::sort(ranked.begin(), ranked.end());
  const Queue queue(input);
  std::vector<v1::StandingRuling> rulings;
  for (const auto& [lamport, hash, id] : ranked) {
    rulings.push_back(queue.Standing(id, *input.rulings.Find(id)));
  }
  return rulings;
}

}  // namespace baraza::server
