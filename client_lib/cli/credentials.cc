#include <memory>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "baraza/v1/enrolment_service.grpc.pb.h"
#include "client_lib/cli/commands.h"
#include "client_lib/cli/names.h"
#include "client_lib/cli/office.h"
#include "core/base/status.h"

namespace baraza::client {

namespace {

struct State {
  std::string person;
  std::string address;
  std::string output;
  uint32_t days = 7;
  std::string credential;
  bool lift = false;
};

absl::Status EnrolCode(Cli& cli, const State& state) {
  BARAZA_ASSIGN_OR_RETURN(Office * office, cli.Desk());
  BARAZA_ASSIGN_OR_RETURN(const Register reg, office->FetchRegister());
  v1::CreateEnrolmentCodeRequest request;
  request.set_parent(office->Programme());
  BARAZA_ASSIGN_OR_RETURN(*request.mutable_person_id(), PersonByName(reg, state.person));
  request.set_lifetime_seconds(state.days * 86'400);
  request.set_address(state.address);
  BARAZA_ASSIGN_OR_RETURN(const v1::CreateEnrolmentCodeResponse response,
                          office->Call<v1::EnrolmentService>(
                              &v1::EnrolmentService::StubInterface::CreateEnrolmentCode, request));
  if (!state.output.empty()) {
    BARAZA_RETURN_IF_ERROR(WritePrivateFile(state.output, absl::StrCat(response.code(), "\n")));
    cli.Note(absl::StrCat("Written: ", state.output));
  } else if (cli.json) {
    cli.PrintJson(response);
  } else {
    cli.out() << response.code() << "\n";
  }
  cli.Note(absl::StrCat(
      "Works once, until ",
      absl::FormatTime("%Y-%m-%d %H:%M UTC", absl::FromUnixMillis(response.expires_ms()),
                       absl::UTCTimeZone()),
      ". Give it to that person only."));
  return absl::OkStatus();
}

std::string StateName(const v1::Credential& credential) {
  return absl::AsciiStrToLower(
      absl::StripPrefix(v1::CredentialState_Name(credential.state()), "CREDENTIAL_STATE_"));
}

absl::Status List(Cli& cli) {
  BARAZA_ASSIGN_OR_RETURN(Office * office, cli.Desk());
  BARAZA_ASSIGN_OR_RETURN(const Register reg, office->FetchRegister());
  v1::ListCredentialsRequest request;
  request.set_parent(office->Programme());
  do {
    BARAZA_ASSIGN_OR_RETURN(const v1::ListCredentialsResponse page,
                            office->Call<v1::EnrolmentService>(
                                &v1::EnrolmentService::StubInterface::ListCredentials, request));
    for (const v1::Credential& credential : page.credentials()) {
      if (cli.json) {
        cli.PrintJson(credential);
        continue;
      }
      cli.out() << credential.credential_id() << "  " << StateName(credential) << "  "
                << NameOf(reg, credential.person_id(), cli.Language());
      if (!credential.label().empty()) cli.out() << "  \"" << credential.label() << "\"";
      if (credential.last_seen_ms() != 0) {
        cli.out() << "  last seen "
                  << absl::FormatTime("%Y-%m-%d %H:%M",
                                      absl::FromUnixMillis(credential.last_seen_ms()),
                                      absl::UTCTimeZone());
      }
      if (credential.device_state().outbox_depth() > 0) {
        cli.out() << "  called to send " << credential.device_state().outbox_depth();
      }
      cli.out() << "\n";
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return absl::OkStatus();
}

void PrintCredential(const Cli& cli, const v1::Credential& credential) {
  if (cli.json) {
    cli.PrintJson(credential);
  } else {
    cli.out() << credential.credential_id() << "  " << StateName(credential) << "\n";
  }
}

absl::Status Suspend(Cli& cli, const State& state) {
  BARAZA_ASSIGN_OR_RETURN(Office * office, cli.Desk());
  v1::SuspendCredentialRequest request;
  request.set_credential_id(state.credential);
  request.set_suspended(!state.lift);
  BARAZA_ASSIGN_OR_RETURN(const v1::Credential credential,
                          office->Call<v1::EnrolmentService>(
                              &v1::EnrolmentService::StubInterface::SuspendCredential, request));
  PrintCredential(cli, credential);
  return absl::OkStatus();
}

absl::Status Revoke(Cli& cli, const State& state) {
  BARAZA_ASSIGN_OR_RETURN(Office * office, cli.Desk());
  v1::RevokeCredentialRequest request;
  request.set_credential_id(state.credential);
  BARAZA_ASSIGN_OR_RETURN(const v1::Credential credential,
                          office->Call<v1::EnrolmentService>(
                              &v1::EnrolmentService::StubInterface::RevokeCredential, request));
  PrintCredential(cli, credential);
  cli.Note(
      "A phone that is offline keeps what it has. Its person may enrol again with a new code.");
  return absl::OkStatus();
}

}  // namespace

void AddCredentialCommands(CLI::App& app, Cli& cli) {
  auto state = std::make_shared<State>();
  CLI::App* code = app.add_subcommand("enrol-code", "A one-time code for somebody's device")
                       ->group(kOfficeGroup);
  code->footer(
      "Examples:\n"
      "  baraza enrol-code Amina --days 2\n"
      "  baraza enrol-code per_... --output amina.code --address baraza.example.org:7443");
  code->add_option("person", state->person, "By name or id")->required();
  code->add_option("--address", state->address, "host:port that the device dials");
  code->add_option("--days", state->days, "How long it works")->check(CLI::Range(1, 30));
  code->add_option("--output", state->output, "A file for its owner alone, instead of printing it");
  code->callback(
      [&cli, state] { cli.SetAction([&cli, state] { return EnrolCode(cli, *state); }); });

  CLI::App* credentials =
      app.add_subcommand("credentials", "Who may connect; suspend or revoke a lost phone")
          ->group(kOfficeGroup);
  credentials->require_subcommand(0, 1);
  credentials->fallthrough();
  credentials->footer(
      "Examples:\n"
      "  baraza credentials\n"
      "  baraza credentials suspend ID          (what it sends is set aside; nothing is sent to "
      "it)\n"
      "  baraza credentials suspend ID --lift\n"
      "  baraza credentials revoke ID");
  credentials->callback([&cli] {
    if (!cli.action()) cli.SetAction([&cli] { return List(cli); });
  });
  CLI::App* list = credentials->add_subcommand("list", "All of them");
  list->callback([&cli] { cli.SetAction([&cli] { return List(cli); }); });
  CLI::App* suspend = credentials->add_subcommand("suspend", "Set aside what it sends");
  suspend->add_option("id", state->credential, "Its id")->required();
  suspend->add_flag("--lift", state->lift, "Let it in again");
  suspend->callback(
      [&cli, state] { cli.SetAction([&cli, state] { return Suspend(cli, *state); }); });
  CLI::App* revoke = credentials->add_subcommand("revoke", "Shut it out for good");
  revoke->add_option("id", state->credential, "Its id")->required();
  revoke->callback([&cli, state] { cli.SetAction([&cli, state] { return Revoke(cli, *state); }); });
}

}  // namespace baraza::client
