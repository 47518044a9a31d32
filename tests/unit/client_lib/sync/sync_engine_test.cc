// The engine's instructions, driven by hand: no client, no threads, no time.

#include "client_lib/sync/sync_engine.h"

#include <gtest/gtest.h>

#include "client_lib/limits.h"
#include "core/base/retry_hint.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/client_lib/testing/fake_server.h"
#include "tests/unit/client_lib/testing/sample.h"

namespace baraza::client {
namespace {

using test::StatusIs;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// A crowd that is told the same spreads over an eighth.
auto AboutAsAsked(absl::Duration asked) {
  return testing::AllOf(testing::Ge(asked), testing::Le(asked + asked / 8));
}

class SyncEngineTest : public testing::Test {
 protected:
  SyncEngineTest() {
    DeviceStore::Options options;
    options.path = ":memory:";
    absl::StatusOr<std::unique_ptr<DeviceStore>> opened =
        DeviceStore::Open(options, minter_, random_);
    EXPECT_OK(opened);
    store_ = *std::move(opened);
    EXPECT_OK(store_->Bind(sample_.Enrolment("epoch-1"), "127.0.0.1:1", ""));
  }

  // Captures a report whose operation has about `bytes` bytes.
  std::string Capture(size_t bytes = 0) {
    OperationStamp stamp;
    stamp.record_id = stamp.op_id = sample_.Id("rep");
    stamp.record_type = v1::RECORD_TYPE_SESSION_REPORT;
    stamp.programme_id = sample_.programme;
    stamp.team_id = sample_.team;
    stamp.author_id = sample_.amina;
    stamp.author_role = v1::ROLE_COLLECTOR;
    stamp.lamport = store_->NextLamport();
    v1::SessionReport report = Sample::Report("Forum").session_report();
    report.mutable_narrative()->set_text(std::string(bytes, 'n'));
    absl::StatusOr<Operation> operation = BuildOperation(stamp, nullptr, report);
    EXPECT_OK(operation);
    DeviceStore::NewOperation added;
    added.operation = *std::move(operation);
    EXPECT_OK(store_->Append(std::move(added)));
    return stamp.op_id;
  }

  std::unique_ptr<SyncEngine> Engine(int max_attempts = kDefaultSyncAttempts) {
    SyncEngine::Options options;
    options.software_version = "test";
    options.max_attempts = max_attempts;
    return std::make_unique<SyncEngine>(*store_, random_, options);
  }

  // Follows the instructions until the run is over; returns its last one.
  SyncEngine::Instruction Run(SyncEngine& engine) {
    for (int steps = 0; steps < 10'000; ++steps) {
      SyncEngine::Instruction instruction = engine.Next(1'770'000'000'000);
      if (const auto* send = std::get_if<SyncEngine::Send>(&instruction)) {
        const absl::StatusOr<v1::SyncResponse> response = server_.Handle(send->request);
        if (response.ok()) {
          engine.OnResponse(*response, 1'770'000'000'000).IgnoreError();
        } else {
          engine.OnError(response.status());
        }
      } else if (const auto* wait = std::get_if<SyncEngine::Wait>(&instruction)) {
        waits_.push_back(wait->duration);
        engine.OnWaited();
      } else {
        return instruction;
      }
    }
    ADD_FAILURE() << "the run does not end";
    return SyncEngine::Done{};
  }

  // Bytes of operations in each request so far.
  std::vector<size_t> BatchBytes() {
    std::vector<size_t> sizes;
    for (const v1::SyncRequest& request : server_.Requests()) {
      size_t bytes = 0;
      for (const v1::WireOperation& wire : request.operations()) bytes += wire.ByteSizeLong();
      sizes.push_back(bytes);
    }
    return sizes;
  }

  FakeServer server_;
  Sample sample_;
  FakeClock clock_;
  SeededRandom random_{5};
  IdMinter minter_{clock_, random_};
  std::unique_ptr<DeviceStore> store_;
  std::vector<absl::Duration> waits_;
};

TEST_F(SyncEngineTest, AnEmptyOutboxTakesOneRoundTrip) {
  const auto engine = Engine();
  EXPECT_TRUE(std::holds_alternative<SyncEngine::Done>(Run(*engine)));
  ASSERT_THAT(server_.Requests(), SizeIs(1));
  const v1::SyncRequest request = server_.Requests()[0];
  EXPECT_EQ(request.device_id(), store_->identity().device_id);
  EXPECT_THAT(request.database_incarnation(), SizeIs(16));
  EXPECT_EQ(request.max_response_bytes(), kFirstResponseBytes);
  EXPECT_EQ(request.state().software_version(), "test");
}

TEST_F(SyncEngineTest, BatchesStartSmallDoubleAndStopAtTheLimit) {
  for (int i = 0; i < 80; ++i) Capture(30'000);
  const auto engine = Engine();
  EXPECT_TRUE(std::holds_alternative<SyncEngine::Done>(Run(*engine)));
  const std::vector<size_t> sizes = BatchBytes();
  // One operation is larger than the first limit; it goes alone.
  EXPECT_EQ(server_.Requests()[0].operations_size(), 1);
  EXPECT_EQ(server_.Requests()[1].operations_size(), 1);
  EXPECT_EQ(server_.Requests()[2].operations_size(), 2);
  EXPECT_EQ(server_.Requests()[3].operations_size(), 4);
  for (const size_t size : sizes) EXPECT_LE(size, kMaxBatchBytes + 4096);
  EXPECT_EQ(server_.OperationCount(), 80u);
  // As long as own operations wait, the way back carries little.
  EXPECT_EQ(server_.Requests()[0].max_response_bytes(), kMinResponseBytes);
  EXPECT_GT(server_.Requests().back().max_response_bytes(), kMinResponseBytes);
  EXPECT_EQ(engine->summary().progress().operations_sent(), 80u);
}

TEST_F(SyncEngineTest, TheServersLimitsHoldToo) {
  for (int i = 0; i < 40; ++i) Capture(1000);
  server_.SetMangle([](v1::SyncResponse& response) {
    response.mutable_limits()->set_max_batch_bytes(5000);
    response.mutable_limits()->set_max_response_bytes(8000);
  });
  const auto engine = Engine();
  EXPECT_TRUE(std::holds_alternative<SyncEngine::Done>(Run(*engine)));
  const std::vector<size_t> sizes = BatchBytes();
  for (size_t i = 1; i < sizes.size(); ++i) EXPECT_LE(sizes[i], 5200u);
  EXPECT_LE(server_.Requests().back().max_response_bytes(), 8000u);
}

TEST_F(SyncEngineTest, BatchesHalveOnTimeoutDownToOneOperation) {
  for (int i = 0; i < 16; ++i) Capture(900);
  // The line carries one operation at a time.
  server_.SetTimeoutAbove(1);
  const auto engine = Engine(/*max_attempts=*/0);
  EXPECT_TRUE(std::holds_alternative<SyncEngine::Done>(Run(*engine)));
  EXPECT_EQ(server_.OperationCount(), 16u);
  EXPECT_GE(server_.Requests()[0].operations_size(), 8);
  EXPECT_EQ(server_.Requests()[3].operations_size(), 1);
  EXPECT_GE(waits_.size(), 3u);
}

TEST_F(SyncEngineTest, GivesUpAfterSoManyFailuresInARowAndWaitsBetween) {
  Capture();
  server_.FailNext(100, absl::UnavailableError("down"));
  const auto engine = Engine(/*max_attempts=*/5);
  const SyncEngine::Instruction last = Run(*engine);
  ASSERT_TRUE(std::holds_alternative<SyncEngine::Failed>(last));
  EXPECT_THAT(std::get<SyncEngine::Failed>(last).status, StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(server_.Requests(), SizeIs(5));
  ASSERT_THAT(waits_, SizeIs(4));
  for (size_t i = 0; i < waits_.size(); ++i) {
    EXPECT_GE(waits_[i], kMinBackoff);
    EXPECT_LE(waits_[i], kMinBackoff * (2 << i));
  }
}

TEST_F(SyncEngineTest, ErrorsThatTryingAgainDoesNotMendEndTheRun) {
  Capture();
  for (const absl::Status& status :
       {absl::InvalidArgumentError("what?"), absl::UnimplementedError("no such thing"),
        absl::PermissionDeniedError("not you"), absl::CancelledError("stopped")}) {
    server_.FailNext(1, status);
    const auto engine = Engine();
    const SyncEngine::Instruction last = Run(*engine);
    ASSERT_TRUE(std::holds_alternative<SyncEngine::Failed>(last)) << status;
    EXPECT_EQ(std::get<SyncEngine::Failed>(last).status.code(), status.code());
  }
  EXPECT_THAT(waits_, IsEmpty());
  EXPECT_EQ(store_->Counts()->outbox, 1u);
}

TEST_F(SyncEngineTest, WaitsAsTheServerAsksButNotForHoursInTheForeground) {
  for (int i = 0; i < 3; ++i) Capture(20'000);
  server_.SetRetryAfterMs(5000);
  auto engine = Engine();
  EXPECT_TRUE(std::holds_alternative<SyncEngine::Done>(Run(*engine)));
  EXPECT_THAT(waits_, testing::Each(absl::Seconds(5)));
  EXPECT_THAT(waits_, testing::Not(IsEmpty()));
  EXPECT_EQ(engine->summary().retry_after_ms(), 5000u);

  for (int i = 0; i < 3; ++i) Capture(20'000);
  server_.SetRetryAfterMs(3'600'000 * 3);
  engine = Engine();
  EXPECT_TRUE(std::holds_alternative<SyncEngine::Failed>(Run(*engine)));
  waits_.clear();
  engine = Engine(/*max_attempts=*/0);
  EXPECT_TRUE(std::holds_alternative<SyncEngine::Done>(Run(*engine)));
  EXPECT_THAT(waits_, testing::Each(kMaxRetryAfter));
}

TEST_F(SyncEngineTest, ARefusalThatSaysWhenToComeAgainIsKeptToAndDoesNotShrinkTheBatch) {
  for (int i = 0; i < 16; ++i) Capture(900);
  server_.FailNext(1, WithRetryHint(absl::ResourceExhaustedError("full"), absl::Seconds(42)));
  auto engine = Engine();
  EXPECT_TRUE(std::holds_alternative<SyncEngine::Done>(Run(*engine)));
  EXPECT_THAT(waits_, testing::ElementsAre(AboutAsAsked(absl::Seconds(42))));
  EXPECT_EQ(server_.Requests()[1].operations_size(), server_.Requests()[0].operations_size());

  // Somebody looks at it: it ends and says so.
  Capture();
  server_.FailNext(1, WithRetryHint(absl::ResourceExhaustedError("full"), absl::Minutes(3)));
  engine = Engine();
  EXPECT_TRUE(std::holds_alternative<SyncEngine::Failed>(Run(*engine)));
  EXPECT_EQ(engine->summary().retry_after_ms(), 180'000u);
  // Nobody does, and the server asks for too much.
  waits_.clear();
  server_.FailNext(1, WithRetryHint(absl::ResourceExhaustedError("full"), absl::Hours(30)));
  engine = Engine(/*max_attempts=*/0);
  EXPECT_TRUE(std::holds_alternative<SyncEngine::Done>(Run(*engine)));
  EXPECT_THAT(waits_, testing::ElementsAre(AboutAsAsked(kMaxRetryAfter)));
  // There is no time for another attempt, and it is said all the same.
  Capture();
  server_.FailNext(1, WithRetryHint(absl::ResourceExhaustedError("full"), absl::Seconds(3)));
  engine = Engine(/*max_attempts=*/1);
  EXPECT_TRUE(std::holds_alternative<SyncEngine::Failed>(Run(*engine)));
  EXPECT_EQ(engine->summary().retry_after_ms(), 3'000u);
}

TEST_F(SyncEngineTest, AServerThatMovesNothingDoesNotHoldItForEver) {
  Capture();
  server_.SetMangle([](v1::SyncResponse& response) {
    response.clear_results();
    response.set_acknowledged_device_seq(0);
  });
  auto engine = Engine();
  SyncEngine::Instruction last = Run(*engine);
  ASSERT_TRUE(std::holds_alternative<SyncEngine::Failed>(last));
  EXPECT_THAT(std::get<SyncEngine::Failed>(last).status,
              StatusIs(absl::StatusCode::kInternal, HasSubstr("nothing")));

  // One that acknowledges and forgets.
  server_.SetMangle([](v1::SyncResponse& response) { response.set_acknowledged_device_seq(0); });
  engine = Engine();
  last = Run(*engine);
  ASSERT_TRUE(std::holds_alternative<SyncEngine::Failed>(last));
  EXPECT_THAT(std::get<SyncEngine::Failed>(last).status, StatusIs(absl::StatusCode::kInternal));

  // One that knows numbers which were never given, whatever the device calls itself.
  server_.SetMangle([](v1::SyncResponse& response) { response.set_acknowledged_device_seq(99); });
  engine = Engine();
  last = Run(*engine);
  ASSERT_TRUE(std::holds_alternative<SyncEngine::Failed>(last));
  EXPECT_THAT(std::get<SyncEngine::Failed>(last).status,
              StatusIs(absl::StatusCode::kInternal, HasSubstr("copy")));
}

TEST_F(SyncEngineTest, PositionsThatRunBackwardsAreAnErrorAfterResultsAreStored) {
  Capture();
  Run(*Engine());
  Capture();
  server_.SetMangle([](v1::SyncResponse& response) {
    response.mutable_next_cursor()->set_position(0);
    response.clear_feed();
  });
  const auto engine = Engine();
  const SyncEngine::Instruction last = Run(*engine);
  ASSERT_TRUE(std::holds_alternative<SyncEngine::Failed>(last));
  EXPECT_THAT(std::get<SyncEngine::Failed>(last).status, StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_EQ(store_->Counts()->outbox, 0u);
  EXPECT_GT(store_->cursor().position(), 0);
}

TEST_F(SyncEngineTest, ADuplicateOrStrayResponseIsRefused) {
  const auto engine = Engine();
  SyncEngine::Instruction instruction = engine->Next(0);
  const absl::StatusOr<v1::SyncResponse> response =
      server_.Handle(std::get<SyncEngine::Send>(instruction).request);
  ASSERT_OK(response);
  EXPECT_OK(engine->OnResponse(*response, 0));
  EXPECT_THAT(engine->OnResponse(*response, 0), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_TRUE(std::holds_alternative<SyncEngine::Done>(engine->Next(0)));
}

TEST_F(SyncEngineTest, ResultsForOtherOperationsAreIgnored) {
  const std::string op_id = Capture();
  server_.SetMangle([&](v1::SyncResponse& response) {
    for (v1::OperationResult& result : *response.mutable_results()) {
      result.set_op_id("op_somebody_else");
    }
    v1::OperationResult& stray = *response.add_results();
    stray.set_device_seq(77);
    stray.set_op_id(op_id);
    stray.set_outcome(v1::OPERATION_OUTCOME_ACCEPTED);
    response.set_acknowledged_device_seq(0);
  });
  const auto engine = Engine();
  EXPECT_TRUE(std::holds_alternative<SyncEngine::Failed>(Run(*engine)));
  EXPECT_EQ(store_->Counts()->outbox, 1u);
}

TEST_F(SyncEngineTest, AShortListOfResultsIsGoneOnFrom) {
  for (int i = 0; i < 10; ++i) Capture();
  server_.SetMangle([](v1::SyncResponse& response) {
    while (response.results_size() > 3) response.mutable_results()->RemoveLast();
  });
  const auto engine = Engine();
  EXPECT_TRUE(std::holds_alternative<SyncEngine::Done>(Run(*engine)));
  EXPECT_EQ(engine->summary().accepted(), 10u);
  EXPECT_EQ(store_->Counts()->outbox, 0u);
}

TEST_F(SyncEngineTest, TheSameStoreAndAnswersGiveTheSameInstructions) {
  Capture();
  const auto first = Engine();
  const auto second = Engine();
  const auto a = std::get<SyncEngine::Send>(first->Next(1)).request;
  const auto b = std::get<SyncEngine::Send>(second->Next(1)).request;
  EXPECT_EQ(a.SerializeAsString(), b.SerializeAsString());
  // Asked again before the answer, the same request.
  EXPECT_EQ(std::get<SyncEngine::Send>(first->Next(1)).request.SerializeAsString(),
            a.SerializeAsString());
}

}  // namespace
}  // namespace baraza::client
