// Rules between the fields of one message. Each takes what is missing as legal.

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "baraza/v1/record.pb.h"
#include "core/base/civil_date.h"
#include "core/model/value_check.h"

namespace baraza {
namespace {

using google::protobuf::Message;
using Problem = std::optional<ValueProblem>;

// Inclusive days that a precision can leave open. Not "the same calendar month": a source may know
// "some day between mid-June and mid-July", and a narrower bound is welcome.
constexpr int kMonthDays = 31;
constexpr int kQuarterDays = 92;
constexpr int kYearDays = 366;

Problem Invalid(absl::string_view field, absl::string_view expected, absl::string_view got) {
  return ValueProblem{v1::REJECTION_REASON_INVALID_VALUE, std::string(field), std::string(expected),
                      std::string(got)};
}

Problem CheckOrder(absl::string_view field, const std::string& first, const std::string& last) {
  // The forms were checked before: ISO dates compare as text.
  if (first.empty() || last.empty() || first <= last) return std::nullopt;
  return Invalid(field, absl::StrCat("a day not before ", first), last);
}

Problem CheckDates(const v1::SessionDates& dates) {
  if (auto problem = CheckOrder("latest", dates.earliest(), dates.latest())) return problem;
  if (dates.earliest().empty() || dates.latest().empty()) return std::nullopt;
  int most = 0;
  switch (dates.precision()) {
    case v1::DATE_PRECISION_DAY:
    case v1::DATE_PRECISION_YEAR:
      most = kYearDays;
      break;
    case v1::DATE_PRECISION_MONTH:
      most = kMonthDays;
      break;
    case v1::DATE_PRECISION_QUARTER:
      most = kQuarterDays;
      break;
    default:
      return std::nullopt;
  }
  const auto earliest = ParseCivilDay(dates.earliest());
  const auto latest = ParseCivilDay(dates.latest());
  if (!earliest.ok() || !latest.ok()) return std::nullopt;
  const int days = CivilDayToDays(*latest) - CivilDayToDays(*earliest) + 1;
  if (days <= most) return std::nullopt;
  return Invalid("precision",
                 absl::StrCat("dates at most ", most, " days apart for ",
                              v1::DatePrecision_Name(dates.precision())),
                 absl::StrCat(days, " days"));
}

Problem CheckCoordinates(const v1::Coordinates& coordinates) {
  const auto rounded = [](double degrees) {
    return std::fabs(degrees * 100 - std::round(degrees * 100)) < 1e-6;
  };
  // The value itself would be the place that rounding is to hide.
  if (!rounded(coordinates.latitude())) {
    return Invalid("latitude", "degrees rounded to two decimals", "more decimals");
  }
  if (!rounded(coordinates.longitude())) {
    return Invalid("longitude", "degrees rounded to two decimals", "more decimals");
  }
  return std::nullopt;
}

Problem CheckParticipants(const v1::Participants& people) {
  if (!people.has_total()) return std::nullopt;
  const struct {
    const char* field;
    uint32_t count;
  } margins[] = {
      {"women", people.women()},
      {"men", people.men()},
      {"other_gender", people.other_gender()},
      {"youth", people.youth()},
      {"adults", people.adults()},
      {"older", people.older()},
      {"with_disability", people.with_disability()},
  };
  for (const auto& margin : margins) {
    if (margin.count > people.total()) {
      return Invalid(margin.field, absl::StrCat("no more than the total of ", people.total()),
                     absl::StrCat(margin.count));
    }
  }
  return std::nullopt;
}

Problem CheckClaim(const v1::ClaimedCount& claim) {
  if (claim.has_at_least() && claim.has_at_most() && claim.at_least() > claim.at_most()) {
    return Invalid("at_most", absl::StrCat("no less than ", claim.at_least()),
                   absl::StrCat(claim.at_most()));
  }
  return CheckOrder("period_end", claim.period_start(), claim.period_end());
}

Problem CheckMultilingual(const v1::MultilingualText& text) {
  std::set<std::string> languages;
  for (const v1::LocalText& value : text.values()) {
    if (!languages.insert(value.language()).second) {
      return Invalid("values.language", "each language once",
                     absl::StrCat("\"", value.language(), "\" twice"));
    }
  }
  return std::nullopt;
}

Problem CheckCodedText(const v1::CodedText& text) {
  for (int i = 1; i < text.arguments_size(); ++i) {
    if (text.arguments(i - 1).key() >= text.arguments(i).key()) {
      return Invalid("arguments.key", "keys ascending, each once", text.arguments(i).key());
    }
  }
  return std::nullopt;
}

Problem CheckDistinct(absl::string_view field,
                      const google::protobuf::RepeatedPtrField<std::string>& ids) {
  std::set<std::string> seen;
  for (const std::string& id : ids) {
    if (!seen.insert(id).second) return Invalid(field, "each id once", id);
  }
  return std::nullopt;
}

Problem CheckRuling(const v1::Ruling& ruling) {
  if (auto problem = CheckDistinct("report_ids", ruling.report_ids())) return problem;
  const int reports = ruling.report_ids_size();
  // None at all is missing, not impossible: the parts may have come apart.
  if (reports == 0) return std::nullopt;
  if (ruling.kind() == v1::RULING_KIND_SAME && reports < 2) {
    return Invalid("report_ids", "at least 2 reports for SAME", absl::StrCat(reports));
  }
  if (ruling.kind() == v1::RULING_KIND_DIFFERENT && reports != 2) {
    return Invalid("report_ids", "exactly 2 reports for DIFFERENT", absl::StrCat(reports));
  }
  return std::nullopt;
}

Problem CheckSample(const v1::ReviewSample& sample) {
  if (sample.report_ids_size() != 0 && sample.report_ids_size() != 2) {
    return Invalid("report_ids", "a pair of reports", absl::StrCat(sample.report_ids_size()));
  }
  if (sample.has_inclusion_probability() && sample.inclusion_probability() <= 0) {
    return Invalid("inclusion_probability", "more than 0 and at most 1",
                   absl::StrCat(sample.inclusion_probability()));
  }
  return CheckDistinct("report_ids", sample.report_ids());
}

Problem CheckPublished(const v1::PublishedFigure& figure) {
  if (figure.has_value() && figure.has_low() && figure.low() > figure.value()) {
    return Invalid("low", absl::StrCat("no more than the value of ", figure.value()),
                   absl::StrCat(figure.low()));
  }
  if (figure.has_value() && figure.has_high() && figure.high() < figure.value()) {
    return Invalid("high", absl::StrCat("no less than the value of ", figure.value()),
                   absl::StrCat(figure.high()));
  }
  return std::nullopt;
}

Problem CheckIndicator(const v1::Indicator& indicator) {
  if (indicator.from_stage() == v1::REPORT_STAGE_RETURNED) {
    return Invalid("from_stage", "SUBMITTED or ENDORSED", "RETURNED");
  }
  return std::nullopt;
}

template <typename T, Problem (*check)(const T&)>
Problem CheckAs(const Message& message) {
  return check(static_cast<const T&>(message));
}

}  // namespace

MessageCheck MessageCheckOf(const google::protobuf::Descriptor* descriptor) {
  static const auto* const checks = new std::map<const google::protobuf::Descriptor*, MessageCheck>{
      {v1::SessionDates::descriptor(), &CheckAs<v1::SessionDates, CheckDates>},
      {v1::Coordinates::descriptor(), &CheckAs<v1::Coordinates, CheckCoordinates>},
      {v1::Participants::descriptor(), &CheckAs<v1::Participants, CheckParticipants>},
      {v1::ClaimedCount::descriptor(), &CheckAs<v1::ClaimedCount, CheckClaim>},
      {v1::MultilingualText::descriptor(), &CheckAs<v1::MultilingualText, CheckMultilingual>},
      {v1::CodedText::descriptor(), &CheckAs<v1::CodedText, CheckCodedText>},
      {v1::Ruling::descriptor(), &CheckAs<v1::Ruling, CheckRuling>},
      {v1::ReviewSample::descriptor(), &CheckAs<v1::ReviewSample, CheckSample>},
      {v1::PublishedFigure::descriptor(), &CheckAs<v1::PublishedFigure, CheckPublished>},
      {v1::Indicator::descriptor(), &CheckAs<v1::Indicator, CheckIndicator>},
  };
  const auto found = checks->find(descriptor);
  return found == checks->end() ? nullptr : found->second;
}

}  // namespace baraza
