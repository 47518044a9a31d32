#ifndef BARAZA_CLIENT_LIB_CLI_REPORT_FORM_H_
#define BARAZA_CLIENT_LIB_CLI_REPORT_FORM_H_

#include <CLI/App.hpp>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "baraza/v1/record.pb.h"
#include "client_lib/cli/context.h"
#include "core/model/register.h"

namespace baraza::client {

// What the options of `capture`, `draft save` and `edit` say about a session. Text as typed; names
// are looked up by ApplyReportForm.
struct ReportForm {
  std::string source, passage, locator;
  std::string title, issue, date, duration, venue, place, country, organiser, part_of;
  std::string held, online, present, shared, learned, language, narrative, follow_up, private_notes;
  std::string participants, women, men;
  bool estimated = false;
  std::vector<std::string> projects, teams, topics, outcomes, benefits, needs, successes,
      individual_successes;

  bool Empty() const;
};

// Declares the options on `command`, writing into `form`, which must outlive the parsing.
void AddReportOptions(CLI::App& command, ReportForm& form);

// Sets what the form says; lists are replaced. INVALID_ARGUMENT naming the option, NOT_FOUND for a
// name of an issue or project. A team that the register does not know is kept as written, told of
// by `note`.
absl::Status ApplyReportForm(const ReportForm& form, const Register& reg,
                             const std::string& language, v1::SessionReport& report,
                             std::string* note);

// Asks a person, field by field, on the terminal. An empty answer leaves a field out.
absl::Status PromptReport(Cli& cli, ReportForm& form);

// The same for sources.
struct SourceForm {
  std::string kind, date, language, document_title, document_reference, informant, informant_name,
      informant_contact, consent_use, consent_quote, consent_name, notes, private_notes;
  std::string claim, claim_period, claim_wording;

  bool Empty() const;
};
void AddSourceOptions(CLI::App& command, SourceForm& form);
absl::Status ApplySourceForm(const SourceForm& form, const std::string& language,
                             v1::Source& source);
absl::Status PromptSource(Cli& cli, SourceForm& form);

// yes, no, unknown (not recorded), in words or single letters.
absl::StatusOr<v1::YesNo> ParseYesNo(absl::string_view option, absl::string_view text);

// Asks one line; nullopt at the end of the input.
std::optional<std::string> Ask(Cli& cli, absl::string_view question);

}  // namespace baraza::client

#endif  // BARAZA_CLIENT_LIB_CLI_REPORT_FORM_H_
