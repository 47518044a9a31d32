#ifndef BARAZA_TESTS_BENCH_PROGRAMME_H_
#define BARAZA_TESTS_BENCH_PROGRAMME_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "baraza/v1/session_report.pb.h"
#include "core/model/register.h"

namespace baraza::bench {

// A large programme for measuring the matcher's speed: six years, some hundred teams, thousands of
// places of which a few hold most sessions, recurring series, titles in five languages, one to
// eight accounts of a session that differ in what they know. Says nothing about accuracy: the noise
// is made to give the blocks their usual shape. Deterministic.
class Programme {
 public:
  // About `reports` of them, on a programme of the size that files so many.
  explicit Programme(size_t reports);

  const Register& reg() const { return register_; }
  size_t size() const { return accounts_.size(); }
  // Report number `index` < size(), in an order that has nothing to do with sessions.
  v1::SessionReport Report(size_t index) const;
  uint32_t SessionOf(size_t index) const { return accounts_[index].first; }

 private:
  std::vector<std::pair<uint32_t, uint32_t>> accounts_;  // session, number of the account
  size_t sessions_ = 0;
  size_t teams_ = 0;
  size_t places_ = 0;
  Register register_;
};

}  // namespace baraza::bench

#endif  // BARAZA_TESTS_BENCH_PROGRAMME_H_
