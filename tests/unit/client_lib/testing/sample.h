#ifndef BARAZA_TESTS_UNIT_CLIENT_LIB_TESTING_SAMPLE_H_
#define BARAZA_TESTS_UNIT_CLIENT_LIB_TESTING_SAMPLE_H_

#include <string>

#include "absl/strings/string_view.h"
#include "baraza/v1/client.pb.h"
#include "baraza/v1/enrolment_service.pb.h"
#include "baraza/v1/record.pb.h"
#include "core/base/clock.h"
#include "core/base/ids.h"
#include "core/base/random.h"

namespace baraza::client {

// Ids, people and records for the tests of the device side.
class Sample {
  // First, since the ids below are minted with them.
  FakeClock clock_;
  SeededRandom random_;
  IdMinter minter_;

 public:
  explicit Sample(uint64_t seed = 1) : random_(seed), minter_(clock_, random_) {}

  std::string Id(absl::string_view prefix) { return minter_.Mint(prefix); }

  const std::string programme = Id("prg");
  const std::string organisation = Id("org");
  const std::string team = Id("tem");
  const std::string other_team = Id("tem");
  const std::string amina = Id("per");
  const std::string bruno = Id("per");

  v1::EnrolResponse Enrolment(const std::string& person, const std::string& epoch,
                              v1::Role role = v1::ROLE_COLLECTOR) const;
  v1::EnrolResponse Enrolment(const std::string& epoch) const { return Enrolment(amina, epoch); }

  // A report with a title, held on a day of March 2026.
  static v1::Record Report(const std::string& title, int day = 5);
  // An interview with an informant's name, which must not leave the device.
  static v1::Record Interview(const std::string& informant_name);
};

}  // namespace baraza::client

#endif  // BARAZA_TESTS_UNIT_CLIENT_LIB_TESTING_SAMPLE_H_
