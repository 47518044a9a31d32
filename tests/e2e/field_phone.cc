#include "tests/e2e/field_phone.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace baraza::e2e {

FieldPhone::FieldPhone(std::string name, const std::string& directory)
    : name_(std::move(name)),
      database_(absl::StrCat(directory, "/", name_, ".db")),
      error_file_(absl::StrCat(directory, "/", name_, ".err")) {}

void FieldPhone::Start(const KillSwitch* kill_switch) {
  Process::Options options;
  options.arguments = {BARAZA_E2E_FIELD_CLIENT, database_};
  if (kill_switch != nullptr) options.environment = kill_switch->Environment();
  options.error_file = error_file_;
  process_ = Process::Start(options);
  Answer answer;
  ASSERT_TRUE(Await("ready", &answer).has_value()) << name_ << ": " << error_;
}

int FieldPhone::Quit() {
  process_->WriteLine("quit");
  process_->CloseInput();
  return process_->Wait().code;
}

std::optional<std::string> FieldPhone::Await(const std::string& word, Answer* answer) {
  while (true) {
    const std::optional<std::string> line = process_->ReadLine();
    if (!line.has_value()) {
      *answer = Answer::kDied;
      return std::nullopt;
    }
    if (absl::StartsWith(*line, "error ")) {
      *answer = Answer::kError;
      error_ = line->substr(6);
      return std::nullopt;
    }
    if (absl::StartsWith(*line, word)) {
      *answer = Answer::kDone;
      return line->size() > word.size() ? line->substr(word.size() + 1) : "";
    }
    // "begin", "syncing": it has begun.
  }
}

std::string FieldPhone::DeviceId() {
  process_->WriteLine("device");
  Answer answer;
  const auto id = Await("device", &answer);
  EXPECT_TRUE(id.has_value()) << error_;
  return id.value_or("");
}

void FieldPhone::Enrol(const std::string& code, const std::string& address, const std::string& ca) {
  Desk fresh(address, ca, "");
  const auto enrolment = fresh.Enrol(code, DeviceId());
  ASSERT_TRUE(enrolment.ok()) << enrolment.status();
  process_->WriteLine(absl::StrCat("bind ", address, " ",
                                   absl::BytesToHexString(enrolment->SerializeAsString()), " ",
                                   absl::BytesToHexString(ca)));
  Answer answer;
  ASSERT_TRUE(Await("bound", &answer).has_value()) << error_;
}

void FieldPhone::SetClock(absl::Duration off) {
  process_->WriteLine(absl::StrCat("clock ", absl::ToInt64Seconds(off)));
  Answer answer;
  ASSERT_TRUE(Await("clock", &answer).has_value()) << error_;
}

void FieldPhone::SendCapture(const std::string& key, const v1::Record& record) {
  process_->WriteLine(
      absl::StrCat("capture ", key, " ", absl::BytesToHexString(record.SerializeAsString())));
}

FieldPhone::Answer FieldPhone::AwaitCapture(const std::string& key) {
  Answer answer;
  const auto id = Await("captured " + key, &answer);
  if (id.has_value()) acknowledged_[key].insert(*id);
  return answer;
}

FieldPhone::Answer FieldPhone::Capture(const std::string& key, const v1::Record& record) {
  SendCapture(key, record);
  return AwaitCapture(key);
}

void FieldPhone::SendSync(const std::string& address) { process_->WriteLine("sync " + address); }

FieldPhone::Answer FieldPhone::AwaitSync() {
  Answer answer;
  const auto summary = Await("synced", &answer);
  if (summary.has_value()) {
    EXPECT_TRUE(summary_.ParseFromString(absl::HexStringToBytes(*summary)));
  }
  return answer;
}

FieldPhone::Answer FieldPhone::Sync(const std::string& address) {
  SendSync(address);
  return AwaitSync();
}

v1::ClientStatus FieldPhone::Status() {
  process_->WriteLine("status");
  Answer answer;
  v1::ClientStatus status;
  const auto text = Await("status", &answer);
  EXPECT_TRUE(text.has_value()) << error_;
  EXPECT_TRUE(status.ParseFromString(absl::HexStringToBytes(text.value_or(""))));
  return status;
}

std::set<std::string> FieldPhone::List() {
  process_->WriteLine("list");
  std::set<std::string> ids;
  while (true) {
    const std::optional<std::string> line = process_->ReadLine();
    if (!line.has_value() || *line == "end") {
      EXPECT_TRUE(line.has_value()) << "the client ended";
      return ids;
    }
    EXPECT_TRUE(absl::StartsWith(*line, "record ")) << *line;
    ids.insert(line->substr(line->find(' ') + 1));
  }
}

}  // namespace baraza::e2e
