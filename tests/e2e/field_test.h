#ifndef BARAZA_TESTS_E2E_FIELD_TEST_H_
#define BARAZA_TESTS_E2E_FIELD_TEST_H_

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/e2e/coalition.h"
#include "tests/e2e/field_phone.h"
#include "tests/testing/temp_dir.h"

namespace baraza::e2e {

// A real server and real phones that capture and sync while the test makes their world bad.
class FieldTest : public ::testing::Test {
 protected:
  FieldTest() : coalition_(directory_.path()) {}

  void SetUp() override { coalition_.SetUp(); }

  ServerProcess& server() { return coalition_.server(); }

  // A phone, enrolled and in sync, with its file in `directory`.
  FieldPhone& AddPhone(const std::string& name, const std::string& team,
                       const std::string& directory);
  FieldPhone& AddPhone(const std::string& name, const std::string& team) {
    return AddPhone(name, team, directory_.path());
  }

  // Account number `variant` of real session `session`.
  static std::string Key(int session, int variant);
  // Captures it, which must succeed.
  void Capture(FieldPhone& phone, const std::string& team, int session, int variant);
  void SyncUntilDone(FieldPhone& phone, const std::string& address);

  // Everything acknowledged is in the log once, and every session counts once.
  void CheckTheEnd();

  test::TempDir directory_;
  Coalition coalition_;
  std::vector<std::unique_ptr<FieldPhone>> phones_;
};

}  // namespace baraza::e2e

#endif  // BARAZA_TESTS_E2E_FIELD_TEST_H_
