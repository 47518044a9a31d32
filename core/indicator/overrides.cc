#include "core/indicator/overrides.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "core/indicator/evidence.h"
#include "google/protobuf/util/message_differencer.h"

namespace baraza {
namespace {

using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;
using ::google::protobuf::util::MessageDifferencer;
using Report = v1::SessionReport;

std::vector<const FieldDescriptor*> SetFields(const Report& values) {
  std::vector<const FieldDescriptor*> fields;
  values.GetReflection()->ListFields(values, &fields);
  fields.erase(std::remove_if(fields.begin(), fields.end(),
                              [](const FieldDescriptor* field) { return !IsOverridable(*field); }),
               fields.end());
  return fields;
}

// What tells an element from another is minted anew by whoever writes the list.
class ElementIds : public MessageDifferencer::IgnoreCriteria {
 public:
  bool IsIgnored(const Message&, const Message&, const FieldDescriptor* field,
                 const std::vector<MessageDifferencer::SpecificField>&) override {
    return field->name() == "element_id";
  }
};

bool SetTheSame(const Report& a, const Report& b, const FieldDescriptor* field) {
  MessageDifferencer differencer;
  differencer.set_repeated_field_comparison(MessageDifferencer::AS_SET);
  differencer.AddIgnoreCriteria(new ElementIds());  // Takes it.
  return differencer.CompareWithFields(a, b, {field}, {field});
}

}  // namespace

bool IsOverridable(const FieldDescriptor& field) {
  static const auto* const kNot =
      new std::set<int>{Report::kIdFieldNumber,          Report::kVoidMarkFieldNumber,
                        Report::kSensitivityFieldNumber, Report::kTeamIdFieldNumber,
                        Report::kAuthorIdFieldNumber,    Report::kReviewFieldNumber,
                        Report::kImportKeyFieldNumber,   Report::kHintAnswersFieldNumber,
                        Report::kPrivateNotesFieldNumber};
  return !field.is_extension() && kNot->count(field.number()) == 0;
}

std::vector<const SessionRuling*> OverridesAscending(
    absl::Span<const SessionRuling> rulings, const std::vector<std::string>& sorted_member_ids) {
  std::vector<const SessionRuling*> overrides;
  for (const SessionRuling& ruling : rulings) {
    const v1::Ruling& record = ruling.ruling;
    if (record.kind() != v1::RULING_KIND_OVERRIDE || record.void_mark().voided()) continue;
    if (record.report_ids_size() == 0) continue;
    if (std::binary_search(sorted_member_ids.begin(), sorted_member_ids.end(),
                           record.report_ids(0))) {
      overrides.push_back(&ruling);
    }
  }
  std::sort(overrides.begin(), overrides.end(),
            [](const SessionRuling* a, const SessionRuling* b) { return HoldsBefore(*b, *a); });
  return overrides;
}

std::vector<OverrideContradiction> ContradictingOverrides(
    std::vector<const SessionRuling*> overrides) {
  std::sort(overrides.begin(), overrides.end(),
            [](const SessionRuling* a, const SessionRuling* b) { return HoldsBefore(*a, *b); });
  std::vector<OverrideContradiction> contradictions;
  // What holds in each field; whether its own team was there each report says for itself.
  std::map<std::pair<int, std::string>, const SessionRuling*> holding;
  for (const SessionRuling* ruling : overrides) {
    const Report& values = ruling->ruling.override_values();
    OverrideContradiction found;
    found.weaker = ruling;
    for (const FieldDescriptor* field : SetFields(values)) {
      const bool of_one_report = field->number() == Report::kReportingTeamPresentFieldNumber;
      const SessionRuling* holds =
          holding
              .try_emplace({field->number(), of_one_report ? ruling->ruling.report_ids(0) : ""},
                           ruling)
              .first->second;
      if (holds != ruling && !SetTheSame(values, holds->ruling.override_values(), field)) {
        found.stronger.push_back(holds);
      }
    }
    if (found.stronger.empty()) continue;
    std::sort(found.stronger.begin(), found.stronger.end(),
              [](const SessionRuling* a, const SessionRuling* b) { return HoldsBefore(*a, *b); });
    found.stronger.erase(std::unique(found.stronger.begin(), found.stronger.end()),
                         found.stronger.end());
    contradictions.push_back(std::move(found));
  }
  return contradictions;
}

}  // namespace baraza
