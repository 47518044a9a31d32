#include "core/indicator/figure.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "core/base/civil_date.h"
#include "core/base/text.h"
#include "core/indicator/coded_text.h"
#include "core/indicator/doubt.h"
#include "core/indicator/interval.h"
#include "core/indicator/phrasing.h"
#include "core/indicator/published.h"
#include "core/indicator/qualitative.h"

namespace baraza {
namespace {

// How a session's start range lies to the period.
enum class Lies { kInside, kStraddles, kUndated, kOutside };
enum class Bucket { kNone, kCounted, kExcluded, kUndetermined, kWaiting };

bool DatesContested(const v1::Session& session) {
  for (const v1::ConsolidatedField& field : session.fields()) {
    if (field.field() == "dates") return field.contested();
  }
  return false;
}

std::string IsoOf(int32_t days) {
  if (days < kMinCivilDays || days > kMaxCivilDays) return std::string();
  return FormatCivilDay(CivilDayFromDays(days));
}

v1::CodedText Straddles(const BriefSession& session) {
  const std::string first = IsoOf(session.first);
  const std::string last = IsoOf(session.last);
  if (session.last == kNever) return Coded("straddles_period_from", {{"earliest", first}});
  if (session.first == kAlways) return Coded("straddles_period_until", {{"latest", last}});
  return Coded("straddles_period", {{"earliest", first}, {"latest", last}});
}

// Whether a claim's own period, inclusive and open where it is not said, meets `period`.
bool SpeaksOf(const v1::ClaimedCount& claim, const Period& period) {
  const absl::StatusOr<absl::CivilDay> start = ParseCivilDay(claim.period_start());
  const absl::StatusOr<absl::CivilDay> end = ParseCivilDay(claim.period_end());
  return (!start.ok() || *start < period.end) && (!end.ok() || *end >= period.start);
}

struct DoubtfulPairKey;

class Computation {
 public:
  Computation(const FigureInput& input, v1::Figure& figure)
      : input_(input),
        published_(input),
        start_(CivilDayToDays(input.period.start)),
        end_(CivilDayToDays(input.period.end)),
        as_of_(CivilDayToDays(input.as_of)),
        buckets_(input.sessions.size(), Bucket::kNone),
        figure_(figure) {}

  void Run() {
    Head();
    verdicts_.reserve(input_.sessions.size());
    for (const auto& session : input_.sessions) {
      verdicts_.push_back(&session->VerdictFor(input_.context.indicator.id()));
    }
    // Chronologically; sessions without a date come first.
    std::vector<std::tuple<int32_t, absl::string_view, size_t>> keyed;
    keyed.reserve(input_.sessions.size());
    for (size_t i = 0; i < input_.sessions.size(); ++i) {
      keyed.emplace_back(BriefAt(i).first, BriefAt(i).id, i);
    }
    // They often come in this order but for the last ones, whose start is wide.
    const auto sorted_end = std::is_sorted_until(keyed.begin(), keyed.end());
    std::sort(sorted_end, keyed.end());
    std::inplace_merge(keyed.begin(), sorted_end, keyed.end());
    order_.reserve(keyed.size());
    for (const auto& [first, id, index] : keyed) order_.push_back(index);
    figure_.mutable_counted()->Reserve(static_cast<int>(order_.size()));
    for (const size_t index : order_) Place(index);
    Reconcile();
    Range();
    Interval();
    Qualitative();
    Rest();
  }

 private:
  void Head();
  void Place(size_t index);
  v1::FigureSession* Put(Bucket bucket, size_t index);
  void Reconcile();
  void Range();
  void PutPair(const DoubtfulPairKey& key, int effect);
  void Interval();
  void Qualitative();
  void Rest();

  const BriefSession& BriefAt(size_t index) const { return *input_.sessions[index]; }
  Lies LiesIn(const BriefSession& session) const;

  const FigureInput& input_;
  const PublishedView published_;
  const int32_t start_;
  const int32_t end_;
  const int32_t as_of_;
  // By session index.
  std::vector<const BriefSession::Verdict*> verdicts_;
  std::vector<size_t> order_;
  std::vector<Bucket> buckets_;
  v1::Figure& figure_;
};

void Computation::Head() {
  const v1::Indicator& indicator = input_.context.indicator;
  const v1::Programme* programme =
      input_.register_ == nullptr ? nullptr : input_.register_->FindProgramme();
  figure_.set_name(absl::StrCat("programmes/", programme == nullptr ? "" : programme->id(),
                                "/indicators/", indicator.id(), "/figures/", input_.period.text));
  figure_.set_indicator_id(indicator.id());
  figure_.set_period(input_.period.text);
  figure_.set_period_start(FormatCivilDay(input_.period.start));
  figure_.set_period_end(FormatCivilDay(input_.period.end));
  figure_.set_as_of(FormatCivilDay(input_.as_of));
  figure_.set_definition_id(input_.context.definition.id());
  figure_.set_model_version(input_.model_version);
  figure_.set_icu_version(IcuVersion());
  figure_.set_log_position(input_.log_position);
  figure_.set_operations_sha256(input_.operations_sha256);
  if (indicator.has_baseline()) figure_.set_baseline(indicator.baseline());
}

Lies Computation::LiesIn(const BriefSession& session) const {
  if (session.first == kAlways && session.last == kNever) return Lies::kUndated;
  if (session.first >= end_ || session.last < start_) return Lies::kOutside;
  if (session.first >= start_ && session.last < end_) return Lies::kInside;
  return Lies::kStraddles;
}

v1::FigureSession* Computation::Put(Bucket bucket, size_t index) {
  buckets_[index] = bucket;
  v1::FigureSession* entry = nullptr;
  switch (bucket) {
    case Bucket::kCounted:
      entry = figure_.add_counted();
      break;
    case Bucket::kExcluded:
      entry = figure_.add_excluded();
      break;
    case Bucket::kUndetermined:
      entry = figure_.add_undetermined();
      break;
    case Bucket::kWaiting:
      entry = figure_.add_waiting_for_stage();
      break;
    case Bucket::kNone:
      return nullptr;
  }
  const BriefSession& brief = BriefAt(index);
  // Serialized by us: it parses.
  entry->ParseFromArray(brief.entry.data(), static_cast<int>(brief.entry.size()));
  if (!verdicts_[index]->is_explained) return entry;
  const v1::Qualification& qualification =
      brief.session->qualifications(static_cast<int>(verdicts_[index] - brief.verdicts.data()));
  *entry->mutable_reasons() = qualification.reasons();
  if (bucket == Bucket::kUndetermined || bucket == Bucket::kWaiting) {
    *entry->mutable_questions() = qualification.questions();
  }
  return entry;
}

void Computation::Place(size_t index) {
  const BriefSession& brief = BriefAt(index);
  const v1::Qualifies verdict = verdicts_[index]->qualifies;
  const Lies lies = LiesIn(brief);
  const std::string* carried_from =
      lies == Lies::kOutside ? published_.CarriedFrom(index, brief.first, brief.last) : nullptr;
  if (lies == Lies::kOutside && carried_from == nullptr) return;
  v1::Reconciliation* reconciliation = figure_.mutable_reconciliation();

  if (brief.first != kAlways && brief.first > as_of_) {
    *Put(Bucket::kExcluded, index)->add_reasons() =
        Coded("after_as_of", {{"as_of", figure_.as_of()}});
    reconciliation->add_future_session_ids(std::string(brief.id));
    return;
  }
  if (verdict == v1::QUALIFIES_NO) {
    if (carried_from == nullptr) Put(Bucket::kExcluded, index);
    return;
  }
  if (const std::string* elsewhere = published_.CountedElsewhere(index); elsewhere != nullptr) {
    // What was carried out of an earlier period is listed there, not here.
    if (carried_from != nullptr) return;
    *Put(Bucket::kExcluded, index)->add_reasons() =
        Coded("counted_elsewhere", {{"period", *elsewhere}});
    reconciliation->add_counted_elsewhere_session_ids(std::string(brief.id));
    return;
  }
  if (carried_from == nullptr && published_.ClosedToLate() && !published_.InOwn(index)) {
    *Put(Bucket::kExcluded, index)->add_reasons() =
        Coded("late_for_published_period", {{"period", input_.period.text}});
    return;
  }

  const bool dated = lies == Lies::kInside || carried_from != nullptr;
  const bool qualifies = verdict == v1::QUALIFIES_YES;
  v1::FigureSession* entry = nullptr;
  if (!HasReachedStage(brief, input_.context.indicator)) {
    entry = Put(Bucket::kWaiting, index);
    *entry->add_reasons() = Coded("awaits_endorsement");
  } else if (dated && qualifies) {
    entry = Put(Bucket::kCounted, index);
  } else {
    entry = Put(Bucket::kUndetermined, index);
  }
  if (carried_from != nullptr) {
    *entry->add_reasons() = Coded("carried_forward", {{"period", *carried_from}});
    if (buckets_[index] == Bucket::kCounted) {
      reconciliation->add_carried_forward_session_ids(std::string(brief.id));
    }
  }
  if (dated) return;

  const v1::Session& session = *brief.session;
  if (DatesContested(session)) {
    *entry->add_reasons() = Coded("date_contested");
  } else if (lies == Lies::kUndated) {
    *entry->add_reasons() = Coded("undated");
  } else {
    *entry->add_reasons() = Straddles(brief);
  }
  *entry->add_questions() = DateQuestion(session);
  if (buckets_[index] != Bucket::kUndetermined) return;
  if (lies == Lies::kUndated) {
    reconciliation->add_undated_session_ids(std::string(brief.id));
  } else {
    reconciliation->add_straddling_session_ids(std::string(brief.id));
  }
}

void Computation::Reconcile() {
  const v1::PublishedFigure* own = published_.own();
  if (own == nullptr) return;
  std::vector<bool> counted(buckets_.size());
  for (size_t i = 0; i < buckets_.size(); ++i) counted[i] = buckets_[i] == Bucket::kCounted;
  for (std::string& id : published_.Withdrawn(counted)) {
    figure_.mutable_reconciliation()->add_withdrawn_session_ids(std::move(id));
  }
  for (const size_t index : order_) {
    if (counted[index] && !published_.InOwn(index)) {
      figure_.mutable_reconciliation()->add_late_session_ids(std::string(BriefAt(index).id));
    }
  }
  // Its sessions are what the reconciliation compares with; they need not be repeated.
  v1::PublishedFigure* published = figure_.mutable_published();
  *published = *own;
  published->clear_sessions();
}

// Which sessions doubtful pairs tie together. Node 0 stands for everything outside the period.
class Ties {
 public:
  explicit Ties(size_t sessions) : parent_(sessions + 1) {
    std::iota(parent_.begin(), parent_.end(), size_t{0});
  }
  size_t Find(size_t node) {
    while (parent_[node] != node) node = parent_[node] = parent_[parent_[node]];
    return node;
  }
  void Join(size_t a, size_t b) { parent_[Find(a)] = Find(b); }

 private:
  std::vector<size_t> parent_;
};

// A doubtful pair by its reports, the smaller id first.
struct DoubtfulPairKey {
  absl::string_view left;
  absl::string_view right;
  const v1::DoubtfulPair* pair = nullptr;
};

// By their reports.
std::vector<DoubtfulPairKey> SortedPairs(
    const std::vector<std::shared_ptr<const v1::DoubtfulPair>>& pairs) {
  std::vector<DoubtfulPairKey> keys;
  keys.reserve(pairs.size());
  for (const auto& pair : pairs) {
    absl::string_view left = pair->left_report_id();
    absl::string_view right = pair->right_report_id();
    if (right < left) std::swap(left, right);
    keys.push_back({left, right, pair.get()});
  }
  std::stable_sort(keys.begin(), keys.end(), [](const auto& a, const auto& b) {
    return std::tie(a.left, a.right) < std::tie(b.left, b.right);
  });
  return keys;
}

void Computation::PutPair(const DoubtfulPairKey& key, int effect) {
  v1::DoubtfulPair& pair = *figure_.add_doubtful_pairs();
  pair = *key.pair;
  if (pair.left_report_id() != key.left) {
    pair.mutable_left_report_id()->swap(*pair.mutable_right_report_id());
    pair.mutable_left_session_id()->swap(*pair.mutable_right_session_id());
  }
  pair.set_effect(effect);
  v1::OpenQuestion& question = *pair.mutable_question();
  if (question.id().empty()) {
    question.set_report_id(pair.left_report_id());
    *question.mutable_question() =
        Coded("same_session", {{"other_report_id", pair.right_report_id()}});
    question.set_id(QuestionId(pair.left_report_id(), question.question()));
  }
  question.clear_pair_report_ids();
  question.add_pair_report_ids(pair.left_report_id());
  question.add_pair_report_ids(pair.right_report_id());
}

void Computation::Range() {
  const uint32_t value = static_cast<uint32_t>(figure_.counted_size());
  uint32_t low = value;
  uint32_t high = value + static_cast<uint32_t>(figure_.undetermined_size());
  if (!input_.doubtful_pairs.empty()) {
    absl::flat_hash_map<absl::string_view, size_t> by_id;
    by_id.reserve(input_.sessions.size());
    for (const size_t index : order_) by_id.emplace(BriefAt(index).id, index);
    constexpr size_t kOutside = std::numeric_limits<size_t>::max();
    const auto find = [&](const std::string& session_id) {
      const auto found = by_id.find(session_id);
      return found == by_id.end() ? kOutside : found->second;
    };
    // A session that lies outside but does not qualify cannot take a counted one along.
    const auto is_out = [&](size_t index) {
      return index == kOutside ||
             (buckets_[index] == Bucket::kNone && verdicts_[index]->qualifies != v1::QUALIFIES_NO);
    };
    const auto is_open = [&](size_t index) {
      return index != kOutside &&
             (buckets_[index] == Bucket::kCounted || buckets_[index] == Bucket::kUndetermined);
    };
    const auto is_counted = [&](size_t index) {
      return index != kOutside && buckets_[index] == Bucket::kCounted;
    };

    const std::string& indicator_id = input_.context.indicator.id();
    const v1::SessionDefinition& definition = input_.context.definition;
    const auto would_count = [&](size_t a, size_t b) {
      const auto is_excluded = [&](size_t index) {
        return index != kOutside && buckets_[index] == Bucket::kExcluded;
      };
      return is_excluded(a) && is_excluded(b) &&
             WouldCountTogether(*BriefAt(a).session, *BriefAt(b).session, indicator_id, definition);
    };

    Ties ties(input_.sessions.size());
    std::map<size_t, uint32_t> splits;
    // Sessions that do not count and would together.
    Ties excluded_ties(input_.sessions.size());
    std::set<size_t> excluded;
    const DoubtfulPairKey* last = nullptr;
    const std::vector<DoubtfulPairKey> pairs = SortedPairs(input_.doubtful_pairs);
    for (const DoubtfulPairKey& key : pairs) {
      if (last != nullptr && last->left == key.left && last->right == key.right) continue;
      last = &key;
      const size_t left = find(key.pair->left_session_id());
      const size_t right = find(key.pair->right_session_id());
      const bool within = key.pair->left_session_id() == key.pair->right_session_id();
      if (!within && would_count(left, right)) {
        excluded_ties.Join(left, right);
        excluded.insert({left, right});
        PutPair(key, 1);
        continue;
      }
      if (!is_open(left) && !is_open(right)) continue;
      int effect = 0;
      SplitEffect split;
      if (within) {
        // One that is open may be two that are.
        split.may_rise = true;
        if (is_counted(left)) {
          split = EffectOfSplit(*BriefAt(left).session, key.left, key.right, definition);
          effect = split.may_rise ? 1 : -int{split.may_fall};
        }
      } else if (is_counted(left) && is_counted(right)) {
        effect = -1;
      } else if ((is_counted(left) && is_out(right)) || (is_counted(right) && is_out(left))) {
        effect = -1;
      } else if (!(is_open(left) && is_open(right)) && !is_out(left) && !is_out(right)) {
        continue;  // With an excluded or waiting session: nothing in this figure would change.
      }
      PutPair(key, effect);
      if (left == right && left != kOutside) {
        if (split.may_rise) ++splits[left];
        // What may be left of it does not count.
        if (split.may_fall) ties.Join(0, left + 1);
      } else {
        ties.Join(is_out(left) ? 0 : left + 1, is_out(right) ? 0 : right + 1);
      }
    }
    std::vector<bool> is_group(input_.sessions.size() + 1, false);
    for (const size_t index : order_) {
      if (is_counted(index)) is_group[ties.Find(index + 1)] = true;
    }
    is_group[ties.Find(0)] = false;
    low = static_cast<uint32_t>(std::count(is_group.begin(), is_group.end(), true));
    for (const auto& [index, count] : splits) {
      const uint32_t most =
          static_cast<uint32_t>(std::max(0, BriefAt(index).session->members_size() - 1));
      high += std::min(count, most);
    }
    // Of so many that are tied together one in two at most is a session that counts.
    std::map<size_t, uint32_t> groups;
    for (const size_t index : excluded) ++groups[excluded_ties.Find(index)];
    for (const auto& [root, sessions] : groups) high += sessions / 2;
  }
  figure_.set_value(value);
  figure_.set_low(low);
  figure_.set_high(high);
}

// More decisions than any figure rests on: what is stored may say anything.
constexpr double kMostDecisions = 1'000'000;

void Computation::Interval() {
  CountEvidence evidence;
  evidence.counted = figure_.value();
  for (const v1::DoubtfulPair& pair : figure_.doubtful_pairs())
    evidence.doubtful += pair.effect() != 0;
  // Which of the counted sessions holds a report.
  absl::flat_hash_map<absl::string_view, int> counted_in;
  if (!input_.samples.empty()) {
    for (int i = 0; i < figure_.counted_size(); ++i) {
      for (const std::string& report_id : figure_.counted(i).report_ids()) {
        counted_in.emplace(report_id, i);
      }
    }
  }
  // Two people who drew at one time may have drawn one pair; it is one decision.
  std::set<std::pair<absl::string_view, absl::string_view>> seen;
  uint32_t settled = 0;
  for (const v1::ReviewSample* sample : input_.samples) {
    const std::optional<size_t> at = FindReviewStratum(sample->stratum());
    if (!at.has_value() || sample->report_ids_size() != 2) continue;
    if (evidence.strata.empty()) evidence.strata.resize(ReviewStrata().size());
    StratumEvidence& stratum = evidence.strata[*at];
    // The latest draw says how large the stratum is, for as many sessions as there were.
    const double growth = sample->figure_value() == 0
                              ? 1
                              : static_cast<double>(figure_.value()) / sample->figure_value();
    stratum.links = static_cast<uint32_t>(
        std::clamp(std::round(sample->stratum_size() * growth), 0.0, kMostDecisions));
    const bool together = ReviewStrata()[*at].together;
    if (sample->outcome() != v1::RULING_KIND_SAME &&
        sample->outcome() != v1::RULING_KIND_DIFFERENT) {
      continue;
    }
    absl::string_view left = sample->report_ids(0);
    absl::string_view right = sample->report_ids(1);
    if (right < left) std::swap(left, right);
    if (!seen.emplace(left, right).second) continue;
    const bool same = sample->outcome() == v1::RULING_KIND_SAME;
    ++settled;
    ++stratum.reviewed;
    if (same == together) continue;
    ++stratum.wrong;
    // Not any more once a ruling says so, or one of them counts no longer.
    const auto left_in = counted_in.find(left);
    const auto right_in = counted_in.find(right);
    if (left_in == counted_in.end() || right_in == counted_in.end()) continue;
    stratum.still_wrong += (left_in->second == right_in->second) != same;
  }
  // What nobody has answered yet says nothing.
  if (settled == 0) evidence.strata.clear();
  *figure_.mutable_interval() = EstimateInterval(evidence);
  *figure_.mutable_interval()->mutable_note() =
      settled == 0 ? Coded("no_sampled_review")
                   : Coded("sampled_review", {{"count", absl::StrCat(settled)}});
}

void Computation::Qualitative() {
  std::vector<const BriefSession*> counted;
  counted.reserve(static_cast<size_t>(figure_.counted_size()));
  for (const size_t index : order_) {
    if (buckets_[index] == Bucket::kCounted) counted.push_back(&BriefAt(index));
  }
  FillQualitativeSide(counted, *figure_.mutable_qualitative());
}

void Computation::Rest() {
  std::vector<std::pair<std::string, const v1::Claim*>> claims;
  for (const v1::Claim& claim : input_.claims) {
    if (SpeaksOf(claim.claimed_count(), input_.period)) {
      claims.emplace_back(claim.SerializeAsString(), &claim);
    }
  }
  std::sort(claims.begin(), claims.end(), [](const auto& a, const auto& b) {
    return std::tie(a.second->source_id(), a.first) < std::tie(b.second->source_id(), b.first);
  });
  for (const auto& [key, claim] : claims) *figure_.add_claims() = *claim;

  *figure_.mutable_sentence() = IndicatorSentences(input_.period);
  if (input_.register_ == nullptr) return;
  const int start_month = FiscalYearStartMonth(input_.context.indicator, input_.register_);
  // Of several targets for one period the one made last, by its id.
  for (const v1::Target* target : input_.register_->Targets()) {
    if (target->indicator_id() != input_.context.indicator.id() || !target->has_value()) continue;
    const absl::StatusOr<Period> period = ParsePeriod(target->period(), start_month);
    if (target->period() == input_.period.text ||
        (period.ok() && period->start == input_.period.start && period->end == input_.period.end)) {
      figure_.set_target(target->value());
    }
  }
}

}  // namespace

v1::OpenQuestion DateQuestion(const v1::Session& session) {
  // Only the office can rule between accounts that contradict one another.
  const std::string team = DatesContested(session) || session.members_size() == 0
                               ? std::string()
                               : session.members(0).team_id();
  return MakeQuestion(session, Coded("session_date"), team);
}

bool HasReachedStage(const BriefSession& session, const v1::Indicator& indicator) {
  return indicator.from_stage() != v1::REPORT_STAGE_ENDORSED || session.has_endorsed;
}

void ComputeFigure(const FigureInput& input, v1::Figure& figure) {
  Computation(input, figure).Run();
}

v1::PublishedFigure FreezeFigure(const v1::Figure& figure) {
  v1::PublishedFigure frozen;
  frozen.set_indicator_id(figure.indicator_id());
  frozen.set_period(figure.period());
  frozen.set_value(figure.value());
  frozen.set_low(figure.low());
  frozen.set_high(figure.high());
  frozen.set_as_of(figure.as_of());
  frozen.set_definition_id(figure.definition_id());
  frozen.set_model_version(figure.model_version());
  frozen.set_icu_version(figure.icu_version());
  frozen.set_log_position(figure.log_position());
  frozen.set_operations_sha256(figure.operations_sha256());
  for (const v1::FigureSession& counted : figure.counted()) {
    v1::PublishedSession* session = frozen.add_sessions();
    session->set_session_id(counted.session_id());
    *session->mutable_report_ids() = counted.report_ids();
  }
  if (!figure.published().id().empty()) frozen.set_restates(figure.published().id());
  return frozen;
}

uint32_t CountOverlap(const v1::Figure& a, const v1::Figure& b) {
  absl::flat_hash_set<absl::string_view> ids;
  ids.reserve(static_cast<size_t>(a.counted_size()));
  for (const v1::FigureSession& session : a.counted()) ids.insert(session.session_id());
  return static_cast<uint32_t>(std::count_if(
      b.counted().begin(), b.counted().end(),
      [&](const v1::FigureSession& session) { return ids.contains(session.session_id()); }));
}

v1::Overlap OverlapWith(const v1::Figure& figure, const v1::Figure& other,
                        absl::string_view donor_id) {
  v1::Overlap overlap;
  overlap.set_indicator_id(other.indicator_id());
  overlap.set_donor_id(std::string(donor_id));
  overlap.set_sessions(CountOverlap(figure, other));
  return overlap;
}

uint32_t OpenQuestionCount(const v1::Figure& figure) {
  std::set<absl::string_view> ids;
  for (const v1::FigureSession& session : figure.undetermined()) {
    for (const v1::OpenQuestion& question : session.questions()) ids.insert(question.id());
  }
  for (const v1::DoubtfulPair& pair : figure.doubtful_pairs()) {
    if (pair.effect() != 0) ids.insert(pair.question().id());
  }
  return static_cast<uint32_t>(ids.size());
}

}  // namespace baraza
