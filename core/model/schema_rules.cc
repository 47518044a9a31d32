#include "core/model/schema_rules.h"

#include <algorithm>
#include <map>
#include <memory>

#include "core/base/mutex.h"
#include "core/model/limits.h"
#include "core/model/record_types.h"
#include "core/model/value_check.h"
#include "core/model/wire_reader.h"

namespace baraza {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

// What the comments of the schema say and no option does.
struct Constraint {
  absl::string_view field;
  ValueForm form = ValueForm::kAny;
  absl::string_view id_prefix;
  double minimum = 1;
  double maximum = 0;
};

constexpr double kMaxPeople = 1'000'000;
constexpr double kMaxMinutes = 100'000;
constexpr double kMaxClaim = 100'000;

constexpr Constraint Form(absl::string_view field, ValueForm form) {
  return {field, form, {}, 1, 0};
}
constexpr Constraint Id(absl::string_view field, absl::string_view prefix) {
  return {field, ValueForm::kId, prefix, 1, 0};
}
constexpr Constraint Range(absl::string_view field, double minimum, double maximum) {
  return {field, ValueForm::kAny, {}, minimum, maximum};
}

// Full names without "baraza.v1.".
constexpr Constraint kConstraints[] = {
    Form("LocalText.language", ValueForm::kLanguage),
    Form("CodedText.code", ValueForm::kCode),
    Form("CodedText.Argument.key", ValueForm::kCode),
    Form("SessionDates.earliest", ValueForm::kDate),
    Form("SessionDates.latest", ValueForm::kDate),
    Form("SessionDates.time_zone", ValueForm::kTimeZone),
    Range("SessionDates.duration_minutes", 1, kMaxMinutes),
    Range("Coordinates.latitude", -90, 90),
    Range("Coordinates.longitude", -180, 180),
    Form("Venue.country", ValueForm::kCountry),
    Range("Participants.total", 0, kMaxPeople),
    Range("Participants.women", 0, kMaxPeople),
    Range("Participants.men", 0, kMaxPeople),
    Range("Participants.other_gender", 0, kMaxPeople),
    Range("Participants.youth", 0, kMaxPeople),
    Range("Participants.adults", 0, kMaxPeople),
    Range("Participants.older", 0, kMaxPeople),
    Range("Participants.with_disability", 0, kMaxPeople),
    Id("Party.team_id", "tem"),
    Id("Party.organisation_id", "org"),
    Id("ParticipatingTeam.team_id", "tem"),
    Id("Citation.source_id", "src"),
    Form("MeansOfVerification.sha256", ValueForm::kSha256),
    Id("PartOf.report_id", "rep"),
    Id("HintAnswer.other_report_id", "rep"),
    Id("Scope.team_id", "tem"),
    Id("Scope.organisation_id", "org"),
    Form("Programme.languages", ValueForm::kLanguage),
    Range("Programme.fiscal_year_start_month", 1, 12),
    Range("ClaimedCount.at_least", 0, kMaxClaim),
    Range("ClaimedCount.at_most", 0, kMaxClaim),
    Form("ClaimedCount.period_start", ValueForm::kDate),
    Form("ClaimedCount.period_end", ValueForm::kDate),
    Form("Consent.withdrawn_on", ValueForm::kDate),
    Form("Source.date", ValueForm::kDate),
    Form("Source.language", ValueForm::kLanguage),
    Form("SessionReport.language", ValueForm::kLanguage),
    Id("FollowUp.Answer.record_id", ""),
    Range("ModelAdoption.prior_milli_nats", -100'000, 100'000),
    Range("ReviewSample.inclusion_probability", 0, 1),
    Range("ReviewSample.stratum_size", 1, 10'000'000),
    Range("ReviewSample.figure_value", 1, 10'000'000),
    Range("SessionDefinition.version", 1, 1'000'000),
    Range("SessionDefinition.min_distinct", 1, 100),
    Range("SessionDefinition.min_duration_minutes", 0, kMaxMinutes),
    Range("SessionDefinition.min_participants", 0, kMaxPeople),
    Range("SessionDefinition.min_independent_sources", 0, 100),
    Form("SessionDefinition.Question.code", ValueForm::kCode),
    Form("Indicator.countries", ValueForm::kCountry),
    Range("Indicator.baseline_year", 1, 9999),
    Range("Indicator.fiscal_year_start_month", 1, 12),
    Id("PublishedSession.session_id", "rep"),
    Id("PublishedSession.report_ids", "rep"),
    Form("PublishedFigure.as_of", ValueForm::kDate),
    Range("PublishedFigure.log_position", 0, 9.0e18),
    Form("PublishedFigure.operations_sha256", ValueForm::kSha256),
};
constexpr absl::string_view kPackage = "baraza.v1.";

const Constraint* FindConstraint(absl::string_view full_name) {
  if (full_name.substr(0, kPackage.size()) != kPackage) return nullptr;
  full_name.remove_prefix(kPackage.size());
  for (const Constraint& constraint : kConstraints) {
    if (constraint.field == full_name) return &constraint;
  }
  return nullptr;
}

// As protobuf's encoding has it.
uint32_t WireTypeOf(FieldDescriptor::Type type) {
  switch (type) {
    case FieldDescriptor::TYPE_DOUBLE:
    case FieldDescriptor::TYPE_FIXED64:
    case FieldDescriptor::TYPE_SFIXED64:
      return kWireFixed64;
    case FieldDescriptor::TYPE_FLOAT:
    case FieldDescriptor::TYPE_FIXED32:
    case FieldDescriptor::TYPE_SFIXED32:
      return kWireFixed32;
    case FieldDescriptor::TYPE_STRING:
    case FieldDescriptor::TYPE_BYTES:
    case FieldDescriptor::TYPE_MESSAGE:
      return kWireBytes;
    case FieldDescriptor::TYPE_GROUP:
      return kWireGroup;
    default:
      return kWireVarint;
  }
}

FieldRules MakeFieldRules(const FieldDescriptor* field, const MessageRules& owner) {
  const google::protobuf::FieldOptions& options = field->options();
  FieldRules rules;
  rules.field = field;
  rules.reflection = owner.reflection;
  rules.number = static_cast<uint32_t>(field->number());
  rules.type = field->type();
  rules.wire_type = WireTypeOf(rules.type);
  rules.has_presence = field->has_presence();
  if (field->real_containing_oneof() != nullptr) {
    rules.oneof = field->real_containing_oneof()->index();
  }
  rules.repeated = field->is_repeated();
  rules.privacy = options.GetExtension(v1::privacy);
  rules.merge = options.GetExtension(v1::merge);
  if (rules.merge == v1::MERGE_RULE_UNSPECIFIED) rules.merge = v1::MERGE_RULE_WHOLE;
  rules.authority = options.GetExtension(v1::authority);
  if (rules.authority == v1::AUTHORITY_UNSPECIFIED) rules.authority = owner.record_authority;
  rules.max_bytes = options.GetExtension(v1::max_bytes);
  if (rules.max_bytes == 0) {
    rules.max_bytes =
        field->type() == FieldDescriptor::TYPE_BYTES ? kMaxBytesField : kDefaultMaxStringBytes;
  }
  if (const Constraint* constraint = FindConstraint(field->full_name())) {
    rules.form = constraint->form;
    rules.id_prefix = std::string(constraint->id_prefix);
    rules.refers = constraint->form == ValueForm::kId;
    rules.minimum = constraint->minimum;
    rules.maximum = constraint->maximum;
  }
  if (options.HasExtension(v1::refers_to)) {
    rules.form = ValueForm::kId;
    rules.id_prefix = options.GetExtension(v1::refers_to);
    rules.refers = true;
  }
  if (field->name() == "element_id") rules.form = ValueForm::kElementId;
  if (rules.merge == v1::MERGE_RULE_DERIVED) {
    rules.form = ValueForm::kId;
    if (field->name() == "id") rules.id_prefix = std::string(IdPrefixOf(owner.type));
    if (field->name() == "team_id") rules.id_prefix = "tem";
    if (field->name() == "author_id") rules.id_prefix = "per";
  }
  return rules;
}

// Owns all rules ever made; entries never move or change once made.
class Registry {
 public:
  const MessageRules& Get(const Descriptor* descriptor) {
    MutexLock lock(mutex_);
    return Make(descriptor);
  }

 private:
  const MessageRules& Make(const Descriptor* descriptor) BARAZA_REQUIRES(mutex_) {
    std::unique_ptr<MessageRules>& slot = made_[descriptor];
    if (slot != nullptr) return *slot;
    slot = std::make_unique<MessageRules>();
    // Entered before its fields are looked at: a message may hold itself.
    MessageRules& rules = *slot;
    rules.descriptor = descriptor;
    rules.reflection = google::protobuf::MessageFactory::generated_factory()
                           ->GetPrototype(descriptor)
                           ->GetReflection();
    rules.check = MessageCheckOf(descriptor);
    rules.type = RecordTypeOf(*descriptor);
    rules.record_authority = descriptor->options().GetExtension(v1::record_authority);
    if (rules.record_authority == v1::AUTHORITY_UNSPECIFIED) {
      rules.record_authority = v1::AUTHORITY_AUTHOR_TEAM;
    }
    rules.void_mark = descriptor->FindFieldByName("void_mark");
    rules.addressed_team_id = descriptor->FindFieldByName("addressed_team_id");
    bool checked_within = rules.check != nullptr;
    for (int i = 0; i < descriptor->field_count(); ++i) {
      const FieldDescriptor* field = descriptor->field(i);
      FieldRules made = MakeFieldRules(field, rules);
      if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
        made.message = &Make(field->message_type());
        rules.holds_record =
            rules.holds_record || made.message->type != v1::RECORD_TYPE_UNSPECIFIED;
        // One that is not made yet, since it holds this one, says that it may have.
        checked_within = checked_within || made.message->checked_within;
      }
      rules.fields.push_back(std::move(made));
      if (field->is_repeated()) continue;
      if (field->name() == "sensitivity" && field->enum_type() == v1::Privacy_descriptor()) {
        rules.sensitivity = field;
      }
      if (field->name() == "sensitive" && field->type() == FieldDescriptor::TYPE_BOOL) {
        rules.sensitive = field;
      }
      if (field->name() == "element_id" && field->type() == FieldDescriptor::TYPE_STRING) {
        rules.element_id = field;
      }
    }
    std::sort(rules.fields.begin(), rules.fields.end(),
              [](const FieldRules& a, const FieldRules& b) { return a.number < b.number; });
    rules.checked_within = checked_within;
    for (const FieldRules& field : rules.fields) {
      rules.by_number.resize(field.number + 1);
      rules.by_number[field.number] = &field;
    }
    return rules;
  }

  Mutex mutex_;
  std::map<const Descriptor*, std::unique_ptr<MessageRules>> made_ BARAZA_GUARDED_BY(mutex_);
};

}  // namespace

const MessageRules& RulesOf(const Descriptor* descriptor) {
  static Registry* const registry = new Registry();
  return registry->Get(descriptor);
}

const MessageRules* RulesOfType(v1::RecordType type) {
  static const std::vector<const MessageRules*>* const by_type = [] {
    auto* made = new std::vector<const MessageRules*>();
    for (const v1::RecordType known : AllRecordTypes()) {
      made->resize(std::max(made->size(), static_cast<size_t>(known) + 1));
      (*made)[known] = &RulesOf(RecordDescriptor(known));
    }
    return made;
  }();
  if (type <= 0 || static_cast<size_t>(type) >= by_type->size()) return nullptr;
  return (*by_type)[type];
}

v1::Privacy OwnSensitivity(const google::protobuf::Message& message, const MessageRules& rules) {
  if (rules.sensitivity != nullptr) {
    const int value = rules.reflection->GetEnumValue(message, rules.sensitivity);
    return v1::Privacy_IsValid(value) ? static_cast<v1::Privacy>(value) : v1::PRIVACY_TEAM;
  }
  if (rules.sensitive != nullptr && rules.reflection->GetBool(message, rules.sensitive)) {
    return v1::PRIVACY_TEAM;
  }
  return v1::PRIVACY_UNSPECIFIED;
}

std::vector<std::string> ConstrainedFieldNames() {
  std::vector<std::string> names;
  for (const Constraint& constraint : kConstraints) {
    names.push_back(std::string(kPackage) + std::string(constraint.field));
  }
  return names;
}

}  // namespace baraza
