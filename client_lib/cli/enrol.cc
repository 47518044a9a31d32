#include <memory>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "baraza/v1/enrolment_service.pb.h"
#include "client_lib/cli/commands.h"
#include "client_lib/sync/grpc/enrolment_client.h"
#include "core/base/status.h"

namespace baraza::client {

namespace {

struct Options {
  std::string code;
  std::string code_file;
  std::string address;
  std::string label;
};

// The code for another address of the same server.
absl::StatusOr<std::string> Redirect(const std::string& text, const std::string& address) {
  BARAZA_ASSIGN_OR_RETURN(v1::EnrolmentCode code, DecodeEnrolmentCode(text));
  code.set_address(address);
  return absl::StrCat("baraza1:", absl::WebSafeBase64Escape(code.SerializeAsString()));
}

absl::Status RunEnrol(Cli& cli, const Options& options) {
  std::string text = options.code;
  if (text.empty()) {
    if (options.code_file.empty() && !cli.env().in_is_terminal) {
      return absl::InvalidArgumentError("give the code on standard input with --code-file -");
    }
    if (options.code_file.empty()) cli.err() << "Enrolment code: " << std::flush;
    if (options.code_file.empty()) {
      std::getline(cli.env().in, text);
    } else {
      BARAZA_ASSIGN_OR_RETURN(text, ReadInput(cli, options.code_file));
    }
  }
  BARAZA_RETURN_IF_ERROR(DecodeEnrolmentCode(text).status());
  if (!options.address.empty()) {
    BARAZA_ASSIGN_OR_RETURN(text, Redirect(text, options.address));
  }
  BARAZA_ASSIGN_OR_RETURN(Client * client, cli.Device());
  absl::StatusOr<Enrolment> enrolment =
      Enrol(text, client->DeviceId(), options.label, absl::Seconds(cli.timeout_seconds));
  if (!enrolment.ok()) return Annotate(enrolment.status(), "enrolling");
  BARAZA_RETURN_IF_ERROR(
      client->Bind(enrolment->response, enrolment->address, enrolment->ca_certificate));
  if (cli.json) {
    enrolment->response.clear_credential();
    cli.PrintJson(enrolment->response);
    return absl::OkStatus();
  }
  cli.out() << "Enrolled as " << enrolment->response.membership().person_id() << ".\n";
  cli.Note("Next: baraza sync, which fetches the programme's teams and issues.");
  return absl::OkStatus();
}

}  // namespace

void AddEnrolCommand(CLI::App& app, Cli& cli) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("enrol", "Bind this device to you, with a one-time code")
                          ->group(kDeviceGroup);
  command->footer(
      "Examples:\n"
      "  baraza enrol --code-file -      (paste the code, then Enter and Ctrl-D)\n"
      "  baraza enrol                    (asks for it)\n"
      "Enrol again with a new code when the credential was lost; nothing captured is lost.\n"
      "The code holds a secret: a command line is visible to others on the same machine.");
  command->add_option("code", options->code, "The code; better given by --code-file");
  command->add_option("--code-file", options->code_file, "A file with the code; - is the input");
  command->add_option("--address", options->address, "host:port instead of the code's own");
  command->add_option("--label", options->label, "What to call this device in the office");
  command->callback(
      [&cli, options] { cli.SetAction([&cli, options] { return RunEnrol(cli, *options); }); });
}

}  // namespace baraza::client
