#include "tests/unit/client_lib/testing/transport_contract.h"

namespace baraza::client {
namespace {

class DirectLine final : public TransportLine {
 public:
  explicit DirectLine(FakeServer& server) : transport_(server) {}
  SyncTransport& transport() override { return transport_; }
  void TakeDown() override { transport_.SetDown(true); }
  void Hang() override { transport_.SetHang(true); }
  void AwaitHanging() override { transport_.AwaitHanging(); }

 private:
  FakeTransport transport_;
};

INSTANTIATE_TEST_SUITE_P(
    Fake, TransportContract,
    testing::Values(TransportKind{
        "Fake", [](FakeServer& server) { return std::make_unique<DirectLine>(server); }}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace baraza::client
