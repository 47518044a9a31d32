#include "client_lib/cli/render.h"

#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "client_lib/cli/dates.h"
#include "client_lib/cli/names.h"
#include "core/indicator/phrasing.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/text_format.h"

namespace baraza::client {

namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

std::string LabelOf(const FieldDescriptor& field) {
  return absl::StrReplaceAll(field.name(), {{"_", " "}});
}

// "YES_NO_NOT_RECORDED" -> "not recorded".
std::string EnumText(const FieldDescriptor& field, int number) {
  const google::protobuf::EnumDescriptor& type = *field.enum_type();
  const google::protobuf::EnumValueDescriptor* value = type.FindValueByNumber(number);
  if (value == nullptr) return absl::StrCat(number);
  // The first is always PREFIX_UNSPECIFIED.
  const std::string prefix(absl::StripSuffix(type.value(0)->name(), "UNSPECIFIED"));
  return absl::AsciiStrToLower(
      absl::StrReplaceAll(absl::StripPrefix(value->name(), prefix), {{"_", " "}}));
}

std::string MessageText(const Message& message, const Reader& reader);

// One value of a field; `index` below 0: it is not repeated.
std::string ValueText(const Message& message, const FieldDescriptor& field, int index,
                      const Reader& reader) {
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  const bool one = index < 0;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return MessageText(one ? reflection.GetMessage(message, &field)
                             : reflection.GetRepeatedMessage(message, &field, index),
                         reader);
    case FieldDescriptor::CPPTYPE_STRING: {
      std::string text = one ? reflection.GetString(message, &field)
                             : reflection.GetRepeatedString(message, &field, index);
      if (field.type() == FieldDescriptor::TYPE_BYTES) {
        return absl::StrCat(absl::BytesToHexString(text.substr(0, 8)), "...");
      }
      return NameOf(reader.reg, text, reader.language);
    }
    case FieldDescriptor::CPPTYPE_ENUM:
      return EnumText(field, one ? reflection.GetEnumValue(message, &field)
                                 : reflection.GetRepeatedEnumValue(message, &field, index));
    default: {
      std::string text;
      google::protobuf::TextFormat::PrintFieldValueToString(message, &field, index, &text);
      return text;
    }
  }
}

// "name Social Hall, locality Kilifi, country KE"; texts and dates as people write them.
std::string MessageText(const Message& message, const Reader& reader) {
  std::vector<std::string> parts;
  if (message.GetDescriptor() == v1::LocalText::descriptor()) {
    const auto& text = static_cast<const v1::LocalText&>(message);
    return absl::StrCat(text.text(),
                        text.language().empty() ? "" : absl::StrCat("  [", text.language(), "]"));
  }
  const bool dates = message.GetDescriptor() == v1::SessionDates::descriptor();
  if (dates) parts.push_back(FormatSessionDates(static_cast<const v1::SessionDates&>(message)));
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    const std::string& name = field->name();
    if (name == "element_id" ||
        (dates && (name == "earliest" || name == "latest" || name == "precision"))) {
      continue;
    }
    const int count = field->is_repeated() ? message.GetReflection()->FieldSize(message, field) : 1;
    for (int i = 0; i < count; ++i) {
      const std::string value = ValueText(message, *field, field->is_repeated() ? i : -1, reader);
      // What a choice chose says by itself what it is.
      parts.push_back(field->real_containing_oneof() != nullptr
                          ? value
                          : absl::StrCat(LabelOf(*field), " ", value));
    }
  }
  return absl::StrJoin(parts, ", ");
}

}  // namespace

std::string ReportText(const v1::SessionReport& report, const Reader& reader,
                       absl::string_view indent) {
  std::string text;
  std::vector<const FieldDescriptor*> fields;
  report.GetReflection()->ListFields(report, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->number() == v1::SessionReport::kIdFieldNumber ||
        field->number() == v1::SessionReport::kHintAnswersFieldNumber) {
      continue;
    }
    const int count = field->is_repeated() ? report.GetReflection()->FieldSize(report, field) : 1;
    for (int i = 0; i < count; ++i) {
      absl::StrAppend(&text, indent, LabelOf(*field), ": ",
                      ValueText(report, *field, field->is_repeated() ? i : -1, reader), "\n");
    }
  }
  return text;
}

std::string TitleOf(const v1::Record& record, const Reader& reader) {
  switch (record.record_case()) {
    case v1::Record::kProgramme:
      return InLanguage(record.programme().title(), reader.language);
    case v1::Record::kOrganisation:
      return record.organisation().title();
    case v1::Record::kTeam:
      return record.team().title();
    case v1::Record::kPerson:
      return record.person().display_name();
    case v1::Record::kDevice:
      return record.device().label();
    case v1::Record::kProject:
      return record.project().title();
    case v1::Record::kDonor:
      return record.donor().title();
    case v1::Record::kIssue:
      return InLanguage(record.issue().title(), reader.language);
    case v1::Record::kSource: {
      const v1::Source& source = record.source();
      return absl::StrCat(source.date(), " ",
                          !source.document_title().empty() ? source.document_title()
                                                           : source.informant_reference());
    }
    case v1::Record::kSessionReport:
      return SessionLine(record.session_report().title(), record.session_report().dates(),
                         PlaceOf(record.session_report()));
    case v1::Record::kFollowUp:
      return record.follow_up().question().code() == "free"
                 ? record.follow_up().text().text()
                 : RenderText(record.follow_up().question(), reader.language, &reader.reg);
    case v1::Record::kRuling:
      return absl::StrCat(absl::AsciiStrToLower(absl::StripPrefix(
                              v1::RulingKind_Name(record.ruling().kind()), "RULING_KIND_")),
                          ": ", record.ruling().reason().text());
    case v1::Record::kSessionDefinition:
      return absl::StrCat(InLanguage(record.session_definition().title(), reader.language),
                          " (version ", record.session_definition().version(), ")");
    case v1::Record::kIndicator:
      return InLanguage(record.indicator().title(), reader.language);
    case v1::Record::kTarget:
      return absl::StrCat(record.target().period(), ": ", record.target().value());
    case v1::Record::kPublishedFigure:
      return absl::StrCat(record.published_figure().period(), ": ",
                          record.published_figure().value());
    case v1::Record::kModelAdoption:
      return record.model_adoption().model_version();
    case v1::Record::kReviewSample:
      // Not its stratum, which would lead whoever answers.
      return absl::StrJoin(record.review_sample().report_ids(), " ");
    case v1::Record::RECORD_NOT_SET:
      return "";
  }
  return "";
}

std::string PlaceOf(const v1::SessionReport& report) {
  if (report.modality() == v1::MODALITY_ONLINE) return "online";
  std::string place = report.venue().locality();
  if (place.empty()) place = report.venue().name();
  if (!report.venue().country().empty()) {
    absl::StrAppend(&place, place.empty() ? "" : ", ", report.venue().country());
  }
  return place;
}

std::string Sentences(const google::protobuf::RepeatedPtrField<v1::CodedText>& texts,
                      const Reader& reader) {
  std::string result;
  for (const v1::CodedText& text : texts) {
    // Some codes are whole sentences, some parts of one.
    absl::string_view between = "; ";
    if (result.empty()) between = "";
    if (!result.empty() && result.back() == '.') between = " ";
    absl::StrAppend(&result, between, RenderText(text, reader.language, &reader.reg));
  }
  return result;
}

std::string SessionLine(const v1::LocalText& title, const v1::SessionDates& dates,
                        absl::string_view place) {
  return absl::StrCat(FormatSessionDates(dates), "  ",
                      title.text().empty() ? "(no title)" : title.text(),
                      place.empty() ? "" : absl::StrCat(" (", place, ")"));
}

void PrintQuestion(const Cli& cli, const v1::OpenQuestion& question, const Reader& reader,
                   absl::string_view indent) {
  cli.out() << indent << "? " << RenderText(question.question(), reader.language, &reader.reg);
  if (!question.addressed_team_id().empty()) {
    cli.out() << "  [" << NameOf(reader.reg, question.addressed_team_id(), reader.language) << "]";
  }
  if (!question.id().empty()) cli.out() << "  " << question.id();
  cli.out() << "\n";
}

void PrintPair(const Cli& cli, const v1::PairExplanation& pair, const Reader& reader,
               bool with_weights, absl::string_view indent) {
  cli.out() << indent << absl::StrFormat("%+.1f", pair.score_milli_nats() / 1000.0) << "  "
            << Sentences(pair.sentence(), reader) << "\n";
  if (!pair.ruling_id().empty()) {
    cli.out() << indent << "      decided by ruling " << pair.ruling_id() << "\n";
  }
  if (!with_weights) return;
  cli.out() << indent << "      "
            << absl::StrFormat("%+6.1f  before anything is compared\n",
                               pair.prior_milli_nats() / 1000.0);
  for (const v1::FieldComparison& field : pair.fields()) {
    const std::string& name = v1::MatchField_Name(field.field());
    cli.out() << indent << "      "
              << absl::StrFormat("%+6.1f  %s %s: %s | %s\n", field.milli_nats() / 1000.0,
                                 absl::AsciiStrToLower(absl::StripPrefix(name, "MATCH_FIELD_")),
                                 field.level(), field.left(), field.right());
  }
}

void PrintWillItCount(const Cli& cli, const v1::WillItCount& answer, const Reader& reader) {
  switch (answer.qualification().qualifies()) {
    case v1::QUALIFIES_YES:
      cli.out() << "By itself it would count.\n";
      break;
    case v1::QUALIFIES_NO:
      cli.out() << "By itself it would not count: "
                << Sentences(answer.qualification().reasons(), reader) << "\n";
      break;
    default:
      cli.out() << "Nobody could tell yet whether it counts.\n";
      break;
  }
  for (const v1::CodedText& missing : answer.missing()) {
    cli.out() << "  ? " << RenderText(missing, reader.language, &reader.reg) << "\n";
  }
}

}  // namespace baraza::client
