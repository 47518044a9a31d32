// A device without a person: a program on the client library that does what its input says, one
// command a line, so that a test can capture, sync and kill it quickly. Every answer is one line,
// written out before the next command is read.
//
//   field_client DATABASE
//
//   device                          device <device id>
//   bind ADDRESS ENROLMENT CA       bound. ENROLMENT: an EnrolResponse, CA: PEM or nothing
//   capture KEY RECORD              begin <key>, then captured <key> <record id>, the latter once
//                                   Capture answered OK
//   sync ADDRESS                    syncing, then synced <SyncSummary>. ADDRESS: where the server
//                                   listens now
//   clock SECONDS                   clock. From now on its wall clock is off by so much
//   status                          status <ClientStatus>
//   list                            record <record id> for each report, then end
//   quit
//
// Messages are in hex. An error answers "error <command> <CODE> <message>" and the program goes on.

#include <signal.h>

#include <iostream>
#include <memory>
#include <sstream>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "baraza/v1/client.pb.h"
#include "baraza/v1/enrolment_service.pb.h"
#include "baraza/v1/record.pb.h"
#include "client_lib/client.h"
#include "client_lib/sync/grpc/grpc_transport.h"
#include "core/base/clock.h"

namespace {

using baraza::client::Client;

// The machine's clock, but off by what the test says: a preloaded clock would move gRPC's as well.
class WrongClock final : public baraza::Clock {
 public:
  absl::Time Now() override { return clock_.Now() + offset; }
  absl::Duration Monotonic() override { return clock_.Monotonic(); }
  absl::Duration offset;

 private:
  baraza::SystemClock clock_;
};

void Say(const std::string& line) { std::cout << line << std::endl; }

void SayError(const std::string& command, const absl::Status& status) {
  Say(absl::StrCat("error ", command, " ", absl::StatusCodeToString(status.code()), " ",
                   absl::StrReplaceAll(status.message(), {{"\n", " "}})));
}

std::string Hex(const google::protobuf::Message& message) {
  return absl::BytesToHexString(message.SerializeAsString());
}

template <typename T>
T FromHex(const std::string& hex) {
  T message;
  if (!message.ParseFromString(absl::HexStringToBytes(hex))) Say("error parse");
  return message;
}

void Capture(Client& client, std::istringstream& words) {
  std::string key;
  std::string record;
  words >> key >> record;
  Say("begin " + key);
  const auto captured = client.Capture(FromHex<baraza::v1::Record>(record));
  if (!captured.ok()) return SayError("capture", captured.status());
  Say(absl::StrCat("captured ", key, " ", captured->state().record_id()));
}

void Sync(Client& client, std::istringstream& words) {
  std::string address;
  words >> address;
  Say("syncing");
  auto connection = client.GetConnection();
  if (!connection.has_value()) return SayError("sync", absl::FailedPreconditionError("not bound"));
  if (!address.empty()) connection->address = address;
  auto transport = baraza::client::GrpcTransport::Create(*connection);
  if (!transport.ok()) return SayError("sync", transport.status());
  client.SetTransport(transport->get());
  Client::SyncOptions options;
  // The test decides when to try again.
  options.max_attempts = 1;
  const auto summary = client.Sync(options);
  client.SetTransport(nullptr);
  if (!summary.ok()) return SayError("sync", summary.status());
  Say("synced " + Hex(*summary));
}

void List(Client& client) {
  baraza::v1::ListRequest request;
  request.set_type(baraza::v1::RECORD_TYPE_SESSION_REPORT);
  request.set_page_size(1000);
  do {
    const auto page = client.List(request);
    if (!page.ok()) return SayError("list", page.status());
    for (const auto& record : page->records()) Say("record " + record.state().record_id());
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  Say("end");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: field_client DATABASE\n";
    return 2;
  }
  // As a test may limit what a file can grow to.
  signal(SIGXFSZ, SIG_IGN);
  WrongClock clock;
  Client::Options options;
  options.path = argv[1];
  options.clock = &clock;
  options.software_version = "field_client";
  auto opened = Client::Open(options);
  if (!opened.ok()) {
    SayError("open", opened.status());
    return 1;
  }
  Client& client = **opened;
  Say("ready");
  std::string line;
  while (std::getline(std::cin, line)) {
    std::istringstream words(line);
    std::string command;
    words >> command;
    if (command == "device") {
      Say("device " + client.DeviceId());
    } else if (command == "bind") {
      std::string address;
      std::string enrolment;
      std::string ca;
      words >> address >> enrolment >> ca;
      const absl::Status bound = client.Bind(FromHex<baraza::v1::EnrolResponse>(enrolment), address,
                                             absl::HexStringToBytes(ca));
      if (bound.ok()) {
        Say("bound");
      } else {
        SayError("bind", bound);
      }
    } else if (command == "capture") {
      Capture(client, words);
    } else if (command == "sync") {
      Sync(client, words);
    } else if (command == "clock") {
      int64_t seconds = 0;
      words >> seconds;
      clock.offset = absl::Seconds(seconds);
      Say("clock");
    } else if (command == "status") {
      const auto status = client.Status();
      if (status.ok()) {
        Say("status " + Hex(*status));
      } else {
        SayError("status", status.status());
      }
    } else if (command == "list") {
      List(client);
    } else if (command == "quit") {
      break;
    } else {
      Say("error unknown command");
    }
  }
  return 0;
}
