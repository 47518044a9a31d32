#ifndef BARAZA_CLIENT_LIB_CLI_RENDER_H_
#define BARAZA_CLIENT_LIB_CLI_RENDER_H_

#include <string>

#include "absl/strings/string_view.h"
#include "baraza/v1/client.pb.h"
#include "baraza/v1/figure.pb.h"
#include "baraza/v1/match.pb.h"
#include "baraza/v1/record.pb.h"
#include "baraza/v1/session.pb.h"
#include "client_lib/cli/context.h"
#include "core/model/register.h"

namespace baraza::client {

// How records and answers read to people. All in one language, with names out of `reg`.
struct Reader {
  const Register& reg;
  std::string language;
};

// What a list calls a record: its title, name or number; "" when it has none.
std::string TitleOf(const v1::Record& record, const Reader& reader);

// "Mombasa, KE", "online".
std::string PlaceOf(const v1::SessionReport& report);

// Everything that a report says, a line a value, with what people call the teams and issues. Not
// what a collector answered to a hint: who asked was the matcher, and this is for people who are to
// judge without it.
std::string ReportText(const v1::SessionReport& report, const Reader& reader,
                       absl::string_view indent);

// Coded sentences, one after the other.
std::string Sentences(const google::protobuf::RepeatedPtrField<v1::CodedText>& texts,
                      const Reader& reader);

// "14 April: Learning Circle (online)" with ISO dates.
std::string SessionLine(const v1::LocalText& title, const v1::SessionDates& dates,
                        absl::string_view place);

// A question with how to answer it.
void PrintQuestion(const Cli& cli, const v1::OpenQuestion& question, const Reader& reader,
                   absl::string_view indent);

// "+4210 date same_day: 2026-04-14 | 2026-04-14", a line a field; with the sentence first.
void PrintPair(const Cli& cli, const v1::PairExplanation& pair, const Reader& reader,
               bool with_weights, absl::string_view indent);

// Whether it will count and what is missing.
void PrintWillItCount(const Cli& cli, const v1::WillItCount& answer, const Reader& reader);

}  // namespace baraza::client

#endif  // BARAZA_CLIENT_LIB_CLI_RENDER_H_
