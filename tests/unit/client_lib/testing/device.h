#ifndef BARAZA_TESTS_UNIT_CLIENT_LIB_TESTING_DEVICE_H_
#define BARAZA_TESTS_UNIT_CLIENT_LIB_TESTING_DEVICE_H_

#include <memory>
#include <string>
#include <vector>

#include "client_lib/client.h"
#include "core/base/clock.h"
#include "core/base/random.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"
#include "tests/unit/client_lib/testing/fake_server.h"
#include "tests/unit/client_lib/testing/sample.h"

namespace baraza::client {

// One phone: a database in a folder of its own, a clock that stands still, no waiting.
class Phone {
 public:
  explicit Phone(FakeServer& server, uint64_t seed = 1) : random(seed), transport(server) {
    Open();
  }

  // Closes the database, if open, and opens it again.
  void Open(const std::string& vfs = "") {
    client.reset();
    Client::Options options;
    options.path = path();
    options.vfs = vfs;
    options.clock = &clock;
    options.random = &random;
    options.transport = &transport;
    options.software_version = "test";
    options.wait = [this](absl::Duration duration) {
      waits.push_back(duration);
      return true;
    };
    absl::StatusOr<std::unique_ptr<Client>> opened = Client::Open(options);
    ASSERT_OK(opened);
    client = *std::move(opened);
  }

  void Enrol(const Sample& sample, const std::string& epoch = "epoch-1") {
    ASSERT_OK(client->Bind(sample.Enrolment(epoch), "127.0.0.1:1", ""));
  }

  std::string path() const { return dir.File("device.db"); }
  // The database file and its log, as bytes.
  std::string Bytes() const { return test::ReadFile(path()) + test::ReadFile(path() + "-wal"); }

  v1::ClientRecord Capture(const v1::Record& record) {
    absl::StatusOr<v1::ClientRecord> captured = client->Capture(record);
    EXPECT_OK(captured);
    return captured.ok() ? *captured : v1::ClientRecord();
  }
  v1::SyncSummary Sync() {
    absl::StatusOr<v1::SyncSummary> summary = client->Sync();
    EXPECT_OK(summary);
    return summary.ok() ? *summary : v1::SyncSummary();
  }
  v1::ClientStatus Status() {
    absl::StatusOr<v1::ClientStatus> status = client->Status();
    EXPECT_OK(status);
    return status.ok() ? *status : v1::ClientStatus();
  }
  // Ids of all records of the type, voided ones too.
  std::vector<std::string> Ids(v1::RecordType type) {
    v1::ListRequest request;
    request.set_type(type);
    request.set_page_size(kMaxPageSize);
    request.set_show_voided(true);
    const absl::StatusOr<v1::ListResult> list = client->List(request);
    EXPECT_OK(list);
    std::vector<std::string> ids;
    if (list.ok()) {
      for (const v1::ClientRecord& record : list->records()) {
        ids.push_back(record.state().record_id());
      }
    }
    return ids;
  }

  test::TempDir dir;
  FakeClock clock;
  SeededRandom random;
  FakeTransport transport;
  std::vector<absl::Duration> waits;
  std::unique_ptr<Client> client;
};

}  // namespace baraza::client

#endif  // BARAZA_TESTS_UNIT_CLIENT_LIB_TESTING_DEVICE_H_
