#include "tests/bad_input/bad_records.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "baraza/v1/options.pb.h"

namespace baraza::bad_input {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr size_t kDefaultBytes = 4096;
constexpr int kMostItems = 1000;

// What the comments of the schema say of a field and no option does, by its full name without the
// package.
struct Range {
  std::string least;
  std::string most;
  double below = 0;
  double above = 0;
};

const std::map<std::string, Range>& Ranges() {
  static const auto* const ranges = [] {
    auto* made = new std::map<std::string, Range>{
        {"SessionDates.duration_minutes", {"1", "100000", 0, 100'001}},
        {"Coordinates.latitude", {"-90", "90", -90.01, 90.01}},
        {"Coordinates.longitude", {"-180", "180", -180.01, 180.01}},
        {"Programme.fiscal_year_start_month", {"1", "12", 0, 13}},
        {"Indicator.fiscal_year_start_month", {"1", "12", 0, 13}},
        {"Indicator.baseline_year", {"1", "9999", 0, 10'000}},
        {"ClaimedCount.at_least", {"0", "100000", -1, 100'001}},
        {"ClaimedCount.at_most", {"0", "100000", -1, 100'001}},
        {"ModelAdoption.prior_milli_nats", {"-100000", "100000", -100'001, 100'001}},
        {"ReviewSample.inclusion_probability", {"0", "1", -0.01, 1.01}},
        {"ReviewSample.stratum_size", {"1", "10000000", 0, 10'000'001}},
        {"ReviewSample.figure_value", {"1", "10000000", 0, 10'000'001}},
        {"SessionDefinition.version", {"1", "1000000", 0, 1'000'001}},
        {"SessionDefinition.min_distinct", {"1", "100", 0, 101}},
        {"SessionDefinition.min_duration_minutes", {"0", "100000", -1, 100'001}},
        {"SessionDefinition.min_participants", {"0", "1000000", -1, 1'000'001}},
        {"SessionDefinition.min_independent_sources", {"0", "100", -1, 101}},
    };
    for (const char* people :
         {"total", "women", "men", "other_gender", "youth", "adults", "older", "with_disability"}) {
      (*made)[absl::StrCat("Participants.", people)] = {"0", "1000000", -1, 1'000'001};
    }
    return made;
  }();
  return *ranges;
}

// What a form is called in a message, and values that break it, each in a way of its own.
struct Form {
  std::string expected;
  std::map<std::string, std::string> bad;
};

Form IdForm(const std::string& prefix) {
  const std::string good = "01k7v8xq9hfx5r2mz3c4d5e6f7";
  const std::string own = prefix.empty() ? "rep" : prefix;
  Form form{
      prefix.empty() ? "an id" : absl::StrCat("an id of the form ", prefix, "_ and 26 characters"),
      {{"no suffix", own + "_"},
       {"no prefix", good},
       {"a character short", own + "_" + good.substr(1)},
       {"a character more", own + "_0" + good},
       {"above 128 bits", own + "_8" + good.substr(1)},
       {"a letter that is not in the alphabet", own + "_" + good.substr(0, 25) + "u"},
       {"upper case", own + "_01K7V8XQ9HFX5R2MZ3C4D5E6F7"},
       {"white space", own + "_" + good + " "}}};
  if (!prefix.empty())
    form.bad["another type's"] = absl::StrCat(prefix == "drf" ? "rep" : "drf", "_", good);
  return form;
}

const Form& DateForm() {
  static const auto* const form = new Form{"a date of the calendar as yyyy-mm-dd",
                                           {{"no such day", "2026-02-31"},
                                            {"no leap year", "2026-02-29"},
                                            {"no such month", "2026-13-01"},
                                            {"month 0", "2026-00-10"},
                                            {"day 0", "2026-03-00"},
                                            {"year 0", "0000-03-05"},
                                            {"one digit", "2026-3-05"},
                                            {"another order", "05-03-2026"},
                                            {"slashes", "2026/03/05"},
                                            {"a time", "2026-03-05T10:00:00Z"},
                                            {"a sign", "-026-03-05"}}};
  return *form;
}

const std::map<std::string, Form>& Forms() {
  static const auto* const forms = [] {
    const Form language{"a BCP 47 language tag",
                        {{"one letter", "e"},
                         {"nine letters", "englishes"},
                         {"an underscore", "en_GB"},
                         {"an empty subtag", "en--GB"},
                         {"a digit in the language", "e1"},
                         {"36 bytes", "en-abcdefgh-abcdefgh-abcdefgh-abcdef"}}};
    const Form country{"an ISO 3166-1 code of two upper-case letters",
                       {{"lower case", "ke"}, {"three letters", "KEN"}, {"a digit", "K1"}}};
    const Form code{"a code of at most 64 of [a-z0-9_]",
                    {{"upper case", "Teams"},
                     {"a digit in front", "1a"},
                     {"a hyphen", "a-b"},
                     {"65 characters", std::string(65, 'a')}}};
    const Form zone{"the IANA name of a time zone",
                    {{"a digit in front", "1/Nairobi"},
                     {"a space", "Africa Nairobi"},
                     {"65 characters", std::string(65, 'A')}}};
    const Form sha{"32 bytes",
                   {{"a byte short", std::string(31, 'h')}, {"a byte more", std::string(33, 'h')}}};
    auto* made = new std::map<std::string, Form>{
        {"LocalText.language", language},
        {"Programme.languages", language},
        {"Source.language", language},
        {"SessionReport.language", language},
        {"CodedText.code", code},
        {"CodedText.Argument.key", code},
        {"SessionDefinition.Question.code", code},
        {"Venue.country", country},
        {"Indicator.countries", country},
        {"SessionDates.time_zone", zone},
        {"MeansOfVerification.sha256", sha},
        {"PublishedFigure.operations_sha256", sha},
        {"Party.team_id", IdForm("tem")},
        {"Party.organisation_id", IdForm("org")},
        {"ParticipatingTeam.team_id", IdForm("tem")},
        {"Citation.source_id", IdForm("src")},
        {"PartOf.report_id", IdForm("rep")},
        {"HintAnswer.other_report_id", IdForm("rep")},
        {"Scope.team_id", IdForm("tem")},
        {"Scope.organisation_id", IdForm("org")},
        {"PublishedSession.session_id", IdForm("rep")},
        {"PublishedSession.report_ids", IdForm("rep")},
        {"FollowUp.Answer.record_id", IdForm("")},
    };
    for (const char* date : {"SessionDates.earliest", "SessionDates.latest",
                             "ClaimedCount.period_start", "ClaimedCount.period_end",
                             "Consent.withdrawn_on", "Source.date", "PublishedFigure.as_of"}) {
      (*made)[date] = DateForm();
    }
    return made;
  }();
  return *forms;
}

std::string ShortName(const FieldDescriptor& field) {
  return field.full_name().substr(std::string("baraza.v1.").size());
}

// The form of a text, from the schema's options and comments; nullptr: any text.
const Form* FormOf(const FieldDescriptor& field) {
  static auto* const made = new std::map<std::string, Form>();
  Form& id_form = (*made)[field.full_name()];
  if (field.options().HasExtension(v1::refers_to)) {
    id_form = IdForm(field.options().GetExtension(v1::refers_to));
    return &id_form;
  }
  if (field.options().GetExtension(v1::merge) == v1::MERGE_RULE_DERIVED) {
    std::string prefix = field.name() == "team_id" ? "tem" : "per";
    if (field.name() == "id") {
      prefix = field.containing_type()->options().GetExtension(v1::id_prefix);
    }
    id_form = IdForm(prefix);
    return &id_form;
  }
  if (field.name() == "element_id") {
    static const auto* const form = new Form{"1 to 8 characters of [0-9A-Za-z_-]",
                                             {{"nine characters", "abcdefghi"},
                                              {"a space", "a b"},
                                              {"a dot", "a.b"},
                                              {"not ASCII", "\xC3\xA9"}}};
    return form;
  }
  const auto found = Forms().find(ShortName(field));
  return found == Forms().end() ? nullptr : &found->second;
}

// How long a text may be: as its own option says, or else that of a message around it.
size_t MostBytes(const Path& path) {
  for (auto it = path.rbegin(); it != path.rend(); ++it) {
    if (const uint32_t bytes = (*it)->options().GetExtension(v1::max_bytes); bytes != 0)
      return bytes;
  }
  return kDefaultBytes;
}

const FieldDescriptor* ElementId(const Descriptor& descriptor) {
  return descriptor.FindFieldByName("element_id");
}

// The message that holds the last field of the path, with all before it made.
Message& Owner(Message& record, const Path& path) {
  Message* message = &record;
  for (size_t i = 0; i + 1 < path.size(); ++i) {
    const Reflection& reflection = *message->GetReflection();
    message = path[i]->is_repeated() ? reflection.AddMessage(message, path[i])
                                     : reflection.MutableMessage(message, path[i]);
    if (const FieldDescriptor* id = ElementId(*message->GetDescriptor()); id != nullptr) {
      message->GetReflection()->SetString(message, id, "a");
    }
  }
  return *message;
}

void SetNumber(Message& message, const FieldDescriptor* field, double value) {
  const Reflection& reflection = *message.GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return reflection.SetDouble(&message, field, value);
    case FieldDescriptor::CPPTYPE_UINT32:
      return reflection.SetUInt32(&message, field, static_cast<uint32_t>(value));
    case FieldDescriptor::CPPTYPE_INT32:
      return reflection.SetInt32(&message, field, static_cast<int32_t>(value));
    case FieldDescriptor::CPPTYPE_INT64:
      return reflection.SetInt64(&message, field, static_cast<int64_t>(value));
    default:
      abort();  // No other kind of number has a range.
  }
}

class Maker {
 public:
  explicit Maker(v1::RecordType type) : type_(type) {}

  std::vector<BadRecord> Make() {
    for (const Path& path : PathsOf(type_)) {
      const FieldDescriptor& field = *path.back();
      if (field.is_repeated()) TooMany(path);
      switch (field.cpp_type()) {
        case FieldDescriptor::CPPTYPE_STRING:
          Texts(path);
          break;
        case FieldDescriptor::CPPTYPE_MESSAGE:
          Elements(path);
          break;
        case FieldDescriptor::CPPTYPE_ENUM:
          if (field.name() == "sensitivity") Sensitivity(path);
          break;
        case FieldDescriptor::CPPTYPE_BOOL:
          break;
        default:
          Numbers(path);
      }
    }
    return std::move(made_);
  }

 private:
  void Add(const Path& path, std::string rule, v1::RejectionReason reason, std::string expected,
           const std::function<void(Message&)>& spoil, const std::string& at = "") {
    BadRecord bad;
    bad.type = type_;
    bad.path = absl::StrCat(PathName(path), at);
    bad.rule = std::move(rule);
    bad.reason = reason;
    bad.expected = std::move(expected);
    bad.record.reset(Prototype(type_)->New());
    spoil(Owner(*bad.record, path));
    made_.push_back(std::move(bad));
  }

  static const Message* Prototype(v1::RecordType type) {
    const FieldDescriptor* member = v1::Record::descriptor()->FindFieldByNumber(type);
    return google::protobuf::MessageFactory::generated_factory()->GetPrototype(
        member->message_type());
  }

  void SetText(const Path& path, std::string rule, v1::RejectionReason reason, std::string expected,
               std::string value) {
    const FieldDescriptor* field = path.back();
    Add(path, std::move(rule), reason, std::move(expected), [&](Message& owner) {
      if (field->is_repeated()) {
        owner.GetReflection()->AddString(&owner, field, value);
      } else {
        owner.GetReflection()->SetString(&owner, field, value);
      }
    });
  }

  void Texts(const Path& path) {
    const FieldDescriptor& field = *path.back();
    const size_t most = MostBytes(path);
    SetText(path, "too long", v1::REJECTION_REASON_TOO_LARGE,
            absl::StrCat("at most ", most, " bytes"), std::string(most + 1, 'x'));
    if (field.type() == FieldDescriptor::TYPE_STRING) {
      for (const auto& [rule, bytes] :
           std::map<std::string, std::string>{{"a byte that is none of UTF-8", "\xFF"},
                                              {"a sequence that breaks off", "ab\xC3"},
                                              {"an overlong form", "\xC0\xAF"},
                                              {"a surrogate", "\xED\xA0\x80"}}) {
        SetText(path, rule, v1::REJECTION_REASON_INVALID_UTF8, "UTF-8", bytes);
      }
    }
    const Form* form = FormOf(field);
    if (form == nullptr) return;
    for (const auto& [rule, value] : form->bad) {
      SetText(path, rule, v1::REJECTION_REASON_INVALID_VALUE, form->expected, value);
    }
    if (field.is_repeated()) {
      SetText(path, "an empty item", v1::REJECTION_REASON_INVALID_VALUE, "no empty item", "");
    }
  }

  void Numbers(const Path& path) {
    const FieldDescriptor* field = path.back();
    const auto add = [&](const char* rule, const std::string& expected, double value) {
      Add(path, rule, v1::REJECTION_REASON_INVALID_VALUE, expected,
          [&](Message& owner) { SetNumber(owner, field, value); });
    };
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_DOUBLE) {
      add("not a number", "a finite number", std::nan(""));
      add("infinite", "a finite number", std::numeric_limits<double>::infinity());
      add("infinitely little", "a finite number", -std::numeric_limits<double>::infinity());
    }
    const auto range = Ranges().find(ShortName(*field));
    if (range == Ranges().end()) return;
    const std::string expected = absl::StrCat(range->second.least, " to ", range->second.most);
    // A number without a sign cannot be below 0.
    if (range->second.below >= 0 || field->cpp_type() != FieldDescriptor::CPPTYPE_UINT32) {
      // Without presence, 0 says that there is none.
      if (range->second.below != 0 || field->has_presence()) {
        add("below the range", expected, range->second.below);
      }
    }
    add("above the range", expected, range->second.above);
  }

  void TooMany(const Path& path) {
    const FieldDescriptor* field = path.back();
    Add(path, "too many", v1::REJECTION_REASON_TOO_LARGE,
        absl::StrCat("at most ", kMostItems, " items"), [&](Message& owner) {
          const Reflection& reflection = *owner.GetReflection();
          for (int i = 0; i <= kMostItems; ++i) {
            switch (field->cpp_type()) {
              case FieldDescriptor::CPPTYPE_STRING:
                reflection.AddString(&owner, field, "");
                break;
              case FieldDescriptor::CPPTYPE_MESSAGE:
                reflection.AddMessage(&owner, field);
                break;
              case FieldDescriptor::CPPTYPE_ENUM:
                reflection.AddEnumValue(&owner, field, 1);
                break;
              default:
                abort();  // No list of numbers is in the schema.
            }
          }
        });
  }

  // Lists whose elements have ids.
  void Elements(const Path& path) {
    const FieldDescriptor* field = path.back();
    if (!field->is_repeated() ||
        field->options().GetExtension(v1::merge) != v1::MERGE_RULE_ELEMENTS) {
      return;
    }
    const FieldDescriptor* id = ElementId(*field->message_type());
    const auto add = [&](const char* rule, const char* expected,
                         const std::vector<std::string>& ids) {
      Add(
          path, rule, v1::REJECTION_REASON_INVALID_VALUE, expected,
          [&](Message& owner) {
            for (const std::string& value : ids) {
              Message* element = owner.GetReflection()->AddMessage(&owner, field);
              if (!value.empty()) element->GetReflection()->SetString(element, id, value);
            }
          },
          ".element_id");
    };
    add("an element without an id", "an element id", {"a", ""});
    add("two elements of one id", "an element id once", {"b", "a", "b"});
  }

  void Sensitivity(const Path& path) {
    Add(path, "a class that stays on the device", v1::REJECTION_REASON_INVALID_VALUE,
        "PUBLIC, PROGRAMME or TEAM", [&](Message& owner) {
          owner.GetReflection()->SetEnumValue(&owner, path.back(), v1::PRIVACY_DEVICE);
        });
  }

  const v1::RecordType type_;
  std::vector<BadRecord> made_;
};

void Walk(const Descriptor& descriptor, Path& path, std::set<const Descriptor*>& within,
          std::vector<Path>& paths) {
  if (!within.insert(&descriptor).second) return;
  for (int i = 0; i < descriptor.field_count(); ++i) {
    path.push_back(descriptor.field(i));
    paths.push_back(path);
    if (descriptor.field(i)->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      Walk(*descriptor.field(i)->message_type(), path, within, paths);
    }
    path.pop_back();
  }
  within.erase(&descriptor);
}

}  // namespace

std::vector<Path> PathsOf(v1::RecordType type) {
  std::vector<Path> paths;
  Path path;
  std::set<const Descriptor*> within;
  Walk(*v1::Record::descriptor()->FindFieldByNumber(type)->message_type(), path, within, paths);
  return paths;
}

std::string PathName(const Path& path, bool indexed) {
  std::string name;
  for (const FieldDescriptor* field : path) {
    absl::StrAppend(&name, name.empty() ? "" : ".", field->name(),
                    indexed && field->is_repeated() ? "[0]" : "");
  }
  return name;
}

const std::vector<BadRecord>& BadRecords() {
  static const auto* const all = [] {
    auto* made = new std::vector<BadRecord>();
    const Descriptor& record = *v1::Record::descriptor();
    for (int i = 0; i < record.field_count(); ++i) {
      std::vector<BadRecord> some =
          Maker(static_cast<v1::RecordType>(record.field(i)->number())).Make();
      std::move(some.begin(), some.end(), std::back_inserter(*made));
    }
    return made;
  }();
  return *all;
}

}  // namespace baraza::bad_input
