#include "core/indicator/published.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "core/base/civil_date.h"

namespace baraza {
namespace {

bool SameDays(const Period& a, const Period& b) { return a.start == b.start && a.end == b.end; }

bool OneContainsTheOther(const Period& a, const Period& b) {
  return (a.start <= b.start && b.end <= a.end) || (b.start <= a.start && a.end <= b.end);
}

bool IsLater(const v1::PublishedFigure& a, const v1::PublishedFigure& b) {
  return std::forward_as_tuple(a.log_position(), a.id()) >
         std::forward_as_tuple(b.log_position(), b.id());
}

// The length in months of the periods that an indicator reports on; 0: it has no scheme.
int MonthsOf(v1::PeriodScheme scheme, PeriodForm form) {
  switch (scheme) {
    case v1::PERIOD_SCHEME_MONTH:
      return 1;
    case v1::PERIOD_SCHEME_QUARTER:
      return 3;
    case v1::PERIOD_SCHEME_YEAR:
    case v1::PERIOD_SCHEME_FISCAL_YEAR:
      return 12;
    default:
      break;
  }
  switch (form) {
    case PeriodForm::kMonth:
      return 1;
    case PeriodForm::kQuarter:
      return 3;
    case PeriodForm::kYear:
    case PeriodForm::kFiscalYear:
      return 12;
    case PeriodForm::kInterval:
      break;
  }
  return 0;
}

}  // namespace

int FiscalYearStartMonth(const v1::Indicator& indicator, const Register* reg) {
  if (indicator.has_fiscal_year_start_month()) {
    return static_cast<int>(indicator.fiscal_year_start_month());
  }
  const v1::Programme* programme = reg == nullptr ? nullptr : reg->FindProgramme();
  if (programme != nullptr && programme->has_fiscal_year_start_month()) {
    return static_cast<int>(programme->fiscal_year_start_month());
  }
  return 1;
}

std::vector<const v1::PublishedFigure*> LatestPublished(
    const std::vector<v1::PublishedFigure>& published) {
  std::set<absl::string_view> restated;
  for (const v1::PublishedFigure& figure : published) {
    if (!figure.void_mark().voided() && figure.restates() != figure.id()) {
      restated.insert(figure.restates());
    }
  }
  std::map<std::string, const v1::PublishedFigure*> latest;
  for (const v1::PublishedFigure& figure : published) {
    if (figure.void_mark().voided()) continue;
    const v1::PublishedFigure*& slot = latest[figure.period()];
    if (slot == nullptr) {
      slot = &figure;
      continue;
    }
    const bool slot_stands = restated.count(slot->id()) == 0;
    const bool figure_stands = restated.count(figure.id()) == 0;
    if (slot_stands != figure_stands ? figure_stands : IsLater(figure, *slot)) slot = &figure;
  }
  std::vector<const v1::PublishedFigure*> result;
  for (const auto& [period, figure] : latest) result.push_back(figure);
  return result;
}

PublishedView::PublishedView(const FigureInput& input)
    : input_(input),
      carry_forward_(input.context.indicator.late_data_rule() == v1::LATE_DATA_RULE_CARRY_FORWARD) {
  const std::vector<const v1::PublishedFigure*> latest = LatestPublished(input.published);
  if (latest.empty()) return;
  const int start_month = FiscalYearStartMonth(input.context.indicator, input.register_);
  for (const v1::PublishedFigure* figure : latest) {
    const absl::StatusOr<Period> period = ParsePeriod(figure->period(), start_month);
    if (!period.ok()) continue;
    if (SameDays(*period, input.period)) {
      if (own_ == nullptr || IsLater(*figure, *own_)) own_ = figure;
    } else if (!OneContainsTheOther(*period, input.period)) {
      others_.push_back({figure, *period});
    }
  }
  if (own_ == nullptr && others_.empty()) return;
  IndexSessions();
  own_owner_.assign(input.sessions.size(), false);
  elsewhere_.assign(input.sessions.size(), nullptr);
  if (own_ != nullptr) {
    for (const v1::PublishedSession& published : own_->sessions()) {
      const std::optional<size_t> owner = OwnerOf(published);
      if (owner.has_value()) own_owner_[*owner] = true;
    }
  }
  for (Other& other : others_) {
    // LatestPublished is sorted by period, so the first one names the place deterministically.
    for (const v1::PublishedSession& published : other.figure->sessions()) {
      const std::optional<size_t> owner = OwnerOf(published);
      if (owner.has_value() && elsewhere_[*owner] == nullptr) {
        elsewhere_[*owner] = &other.figure->period();
      }
    }
  }
  if (!carry_forward_) return;
  for (Other& other : others_) {
    other.precedes_directly = PrecedesDirectly(other.period, start_month);
  }
}

void PublishedView::IndexSessions() {
  by_session_id_.reserve(input_.sessions.size());
  for (size_t i = 0; i < input_.sessions.size(); ++i) {
    const BriefSession& brief = *input_.sessions[i];
    by_session_id_.emplace(brief.id, i);
    if (input_.session_of_report) continue;
    for (const v1::SessionMember& member : brief.session->members()) {
      by_report_id_.emplace(member.report_id(), i);
    }
  }
}

std::optional<size_t> PublishedView::OwnerOf(const v1::PublishedSession& published) const {
  // Its first report that is still anywhere says which session stands for it now.
  const auto find = [&](const std::string& report_id, bool* is_somewhere) -> std::optional<size_t> {
    if (input_.session_of_report) {
      const std::string session_id = input_.session_of_report(report_id);
      *is_somewhere = !session_id.empty();
      const auto found = by_session_id_.find(session_id);
      if (found != by_session_id_.end()) return found->second;
      return std::nullopt;
    }
    const auto found = by_report_id_.find(report_id);
    *is_somewhere = found != by_report_id_.end();
    if (*is_somewhere) return found->second;
    return std::nullopt;
  };
  bool is_somewhere = false;
  std::optional<size_t> owner = find(published.session_id(), &is_somewhere);
  if (is_somewhere) return owner;
  std::vector<std::string> rest(published.report_ids().begin(), published.report_ids().end());
  std::sort(rest.begin(), rest.end());
  for (const std::string& report_id : rest) {
    owner = find(report_id, &is_somewhere);
    if (is_somewhere) return owner;
  }
  return std::nullopt;
}

bool PublishedView::PrecedesDirectly(const Period& earlier, int fiscal_year_start_month) const {
  const v1::PeriodScheme scheme = input_.context.indicator.period_scheme();
  const int months = MonthsOf(scheme, input_.period.form);
  if (months == 0 || earlier.end > input_.period.start) return false;
  const bool fiscal =
      scheme == v1::PERIOD_SCHEME_FISCAL_YEAR ||
      (scheme == v1::PERIOD_SCHEME_UNSPECIFIED && input_.period.form == PeriodForm::kFiscalYear);
  const int first_month = fiscal ? fiscal_year_start_month : 1;
  // Periods of the scheme start on the first of every `months`-th month from first_month.
  const auto starts_period = [&](absl::CivilDay day) {
    return day.day() == 1 && (day.month() - first_month + 12) % months == 0;
  };
  const auto end_of = [&](absl::CivilDay start) {
    return absl::CivilDay(absl::CivilMonth(start) + months);
  };
  if (!starts_period(input_.period.start) || end_of(input_.period.start) != input_.period.end) {
    return false;
  }
  absl::CivilDay day = earlier.end;
  while (day < input_.period.start) {
    if (!starts_period(day)) return false;
    const absl::CivilDay end = end_of(day);
    const bool is_published = std::any_of(others_.begin(), others_.end(), [&](const Other& other) {
      return other.period.start == day && other.period.end == end;
    });
    if (!is_published) return false;
    day = end;
  }
  return day == input_.period.start;
}

const std::string* PublishedView::CountedElsewhere(size_t session) const {
  return elsewhere_.empty() ? nullptr : elsewhere_[session];
}

const std::string* PublishedView::CarriedFrom(size_t session, int32_t first, int32_t last) const {
  if (!carry_forward_ || others_.empty()) return nullptr;
  for (const Other& other : others_) {
    if (other.period.end > input_.period.start) continue;
    if (first < CivilDayToDays(other.period.start) || last >= CivilDayToDays(other.period.end)) {
      continue;
    }
    // Once this period is published, what it carried is what its publication lists.
    if (own_ != nullptr ? InOwn(session) : other.precedes_directly) return &other.figure->period();
  }
  return nullptr;
}

std::vector<std::string> PublishedView::Withdrawn(const std::vector<bool>& counted) const {
  std::vector<std::string> withdrawn;
  if (own_ == nullptr) return withdrawn;
  std::vector<bool> stood_for(counted.size(), false);
  std::vector<const v1::PublishedSession*> sorted;
  for (const v1::PublishedSession& published : own_->sessions()) sorted.push_back(&published);
  std::sort(sorted.begin(), sorted.end(),
            [](const auto* a, const auto* b) { return a->session_id() < b->session_id(); });
  for (const v1::PublishedSession* published : sorted) {
    const std::optional<size_t> owner = OwnerOf(*published);
    if (!owner.has_value() || !counted[*owner] || stood_for[*owner]) {
      withdrawn.push_back(published->session_id());
    } else {
      stood_for[*owner] = true;
    }
  }
  return withdrawn;
}

}  // namespace baraza
