#include "tests/e2e/server_process.h"

#include <signal.h>

#include <filesystem>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"
#include "tests/e2e/desk.h"
#include "tests/testing/temp_dir.h"

namespace baraza::e2e {

ServerProcess::ServerProcess(std::string directory) : directory_(std::move(directory)) {}

void ServerProcess::Init(const std::vector<std::string>& tls_hosts) {
  std::vector<std::string> arguments = {"init",    "--programme", "A coalition",
                                        "--admin", "A person",    "--json"};
  if (tls_hosts.empty()) arguments.push_back("--no-tls");
  for (const std::string& host : tls_hosts) {
    arguments.insert(arguments.end(), {"--tls-host", host});
  }
  const RunResult made = Command(arguments);
  ASSERT_EQ(made.ending.code, 0) << made.err;
  google::protobuf::Struct answer;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(made.out, &answer).ok()) << made.out;
  programme_id_ = answer.fields().at("programme_id").string_value();
  administrator_code_ = answer.fields().at("code").string_value();
}

RunResult ServerProcess::Command(const std::vector<std::string>& arguments,
                                 const std::string& input) {
  std::vector<std::string> all = {BARAZA_E2E_SERVER};
  all.insert(all.end(), arguments.begin(), arguments.end());
  all.insert(all.end(), {"--data-dir", data()});
  return Run(all, directory_, input);
}

bool ServerProcess::Start(const KillSwitch* kill_switch,
                          const std::vector<std::string>& more_arguments) {
  const std::string port_file = absl::StrCat(directory_, "/port-", ++runs_);
  Process::Options options;
  options.arguments = {BARAZA_E2E_SERVER, "serve", "--data-dir",  data(),
                       "--listen",        listen_, "--port-file", port_file};
  options.arguments.insert(options.arguments.end(), more_arguments.begin(), more_arguments.end());
  if (kill_switch != nullptr) options.environment = kill_switch->Environment();
  options.error_file = directory_ + "/server.err";
  process_ = Process::Start(options);
  const absl::Time deadline = absl::Now() + kStartTime;
  while (absl::Now() < deadline && !process_->Ended()) {
    const std::string port(absl::StripAsciiWhitespace(test::ReadFile(port_file)));
    if (!port.empty()) {
      address_ = absl::StrCat("127.0.0.1:", port);
      return true;
    }
    absl::SleepFor(absl::Milliseconds(5));
  }
  ADD_FAILURE() << "baraza-server serve did not start; its log ends with:\n"
                << Log().substr(Log().size() > 2000 ? Log().size() - 2000 : 0);
  return false;
}

Ending ServerProcess::Stop() {
  process_->Signal(SIGTERM);
  return process_->Wait();
}

void ServerProcess::Kill() { process_->Kill(); }

bool ServerProcess::AwaitEnd(absl::Duration timeout) {
  const absl::Time deadline = absl::Now() + timeout;
  while (!process_->Ended()) {
    if (absl::Now() > deadline) return false;
    absl::SleepFor(absl::Milliseconds(2));
  }
  return true;
}

std::string ServerProcess::ProgrammeFile() const {
  return absl::StrCat(data(), "/programmes/", programme_id_, ".db");
}

std::string ServerProcess::Log() const { return test::ReadFile(directory_ + "/server.err"); }

}  // namespace baraza::e2e
