#include "tests/crash/every_io.h"

#include <gtest/gtest.h>

#include <functional>
#include <iostream>
#include <memory>
#include <string_view>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/base/random.h"

namespace baraza::crash {
namespace {

using sim::SimDisk;
using Fault = SimDisk::Fault;
using PowerLoss = SimDisk::PowerLoss;

// No operation here comes near.
constexpr int64_t kMostCalls = 20'000;

struct Plan {
  const char* name;
  Fault fault;
  bool persistent = false;
  uint64_t seed = 0;
};

constexpr Plan kPlans[] = {
    {"error", {Fault::Kind::kError}},
    {"errors", {Fault::Kind::kError}, true},
    {"full", {Fault::Kind::kFull}},
    {"full for good", {Fault::Kind::kFull}, true},
    {"kill", {Fault::Kind::kKill}},
    {"all lost", {Fault::Kind::kPowerLoss, PowerLoss::kAllLost}},
    {"all kept", {Fault::Kind::kPowerLoss, PowerLoss::kAllKept}},
    {"random", {Fault::Kind::kPowerLoss, PowerLoss::kRandom}, false, 1},
    {"random", {Fault::Kind::kPowerLoss, PowerLoss::kRandom}, false, 2},
    {"random", {Fault::Kind::kPowerLoss, PowerLoss::kRandom}, false, 3},
    {"torn", {Fault::Kind::kPowerLoss, PowerLoss::kTorn}, false, 1},
    {"torn", {Fault::Kind::kPowerLoss, PowerLoss::kTorn}, false, 2},
    {"torn", {Fault::Kind::kPowerLoss, PowerLoss::kTorn}, false, 3},
};

// The first difference, short: what is written may be long.
std::string Difference(const std::string& expected, const std::string& got) {
  size_t at = 0;
  while (at < expected.size() && at < got.size() && expected[at] == got[at]) ++at;
  const size_t line = at == 0 ? 0 : got.rfind('\n', at - 1) + 1;
  return absl::StrCat("expected ... ", expected.substr(line, 300), "\n     got ... ",
                      got.substr(line, 300));
}

std::string Fingerprint(const SimDisk& disk) {
  std::string all;
  for (const std::string& path : disk.FilePaths()) {
    const std::string_view bytes = disk.Bytes(path);
    absl::StrAppend(&all, path, ":", bytes.size(), ":", std::hash<std::string_view>()(bytes), ";");
  }
  return all;
}

// What is left if the power fails now.
int CheckCut(const Operation& operation, const Outcomes& outcomes, const SimDisk& disk,
             const std::string& told) {
  SimDisk cut(1, disk.Snapshot());
  SeededRandom random(1);
  cut.CutPower(random, PowerLoss::kAllLost);
  cut.Restart();
  return outcomes.Check(operation, cut, told);
}

// What an error leaves to those who come after the process: as it is now, and if the power fails.
void CheckAfterError(const Operation& operation, const Outcomes& outcomes, const SimDisk& disk,
                     bool said_ok, const std::string& told) {
  const int killed = outcomes.Check(operation, disk, told);
  const int lost = CheckCut(operation, outcomes, disk, told);
  if (said_ok) {
    EXPECT_EQ(killed, outcomes.last()) << "it said OK";
    EXPECT_EQ(lost, outcomes.last()) << "it said OK, and the power failed";
  }
}

// Does it again, now without a fault: it works, and what it tells outlives a power cut.
void Redo(const Operation& operation, const Outcomes& outcomes, const SimDisk& disk,
          Process& process, const absl::Status& first) {
  const absl::Status redone = process.Do();
  EXPECT_TRUE(redone.ok()) << "without a fault: " << redone << "\nafter " << first;
  if (!redone.ok()) return;
  EXPECT_EQ(CheckCut(operation, outcomes, disk, process.Told()), outcomes.last())
      << "done without a fault, and the power failed";
}

}  // namespace

Outcomes::Outcomes(const Operation& operation) {
  SimDisk::SeedSqlite(1);
  SimDisk disk(1, operation.before);
  {
    SimDisk copy(1, operation.before);
    const absl::StatusOr<std::string> before = operation.state(copy);
    EXPECT_TRUE(before.ok()) << operation.name << ": " << before.status();
    if (!before.ok()) return;
    normalise_.emplace_back(operation.invisible ? "" : *before);
    states_.push_back(normalise_[0](*before));
  }
  for (const auto& lead : operation.between) {
    SimDisk copy(1, operation.before);
    const absl::Status led = lead(copy);
    EXPECT_TRUE(led.ok()) << operation.name << ": " << led;
    const absl::StatusOr<std::string> state = operation.state(copy);
    EXPECT_TRUE(state.ok()) << operation.name << ": " << state.status();
    if (state.ok() && normalise_[0](*state) != states_.back()) {
      states_.push_back(normalise_[0](*state));
    }
  }
  const std::unique_ptr<Process> process = operation.start(disk);
  const int64_t before = disk.counters().calls;
  const absl::Status done = process->Do();
  EXPECT_TRUE(done.ok()) << operation.name << ": " << done;
  const std::string told = process->Told();
  process->End();
  calls_ = disk.counters().calls - before;
  const absl::StatusOr<std::string> after = operation.state(disk);
  EXPECT_TRUE(after.ok()) << operation.name << ": " << after.status();
  if (!after.ok()) return;
  EXPECT_TRUE(absl::StrContains(*after, told)) << operation.name << ": " << told;
  if (normalise_[0](*after) != states_.back()) states_.push_back(normalise_[0](*after));
  EXPECT_EQ(states_.front() == states_.back(), operation.invisible)
      << operation.name << "\n"
      << Difference(states_.front(), states_.back());
}

int Outcomes::Find(const std::string& state) const {
  const std::string normal = normalise_[0](state);
  for (int i = last(); i >= 0; --i) {
    if (states_[static_cast<size_t>(i)] == normal) return i;
  }
  return -1;
}

int Outcomes::Check(const Operation& operation, const SimDisk& disk,
                    const std::string& told) const {
  Seen& seen = seen_[Fingerprint(disk)];
  if (seen.found < 0) {
    SimDisk copy(1, disk.Snapshot());
    const absl::StatusOr<std::string> state = operation.state(copy);
    EXPECT_TRUE(state.ok()) << "the disk cannot be opened: " << state.status();
    if (!state.ok()) return -1;
    seen.state = *state;
    seen.found = Find(*state);
    EXPECT_GE(seen.found, 0) << "neither before nor after\n"
                             << Difference(states_.back(), normalise_[0](*state));
  }
  EXPECT_TRUE(absl::StrContains(seen.state, told)) << "the caller was told of " << told;
  return seen.found;
}

Injections CrashEverywhere(const Operation& operation, int64_t stride) {
  Injections figures;
  const Outcomes outcomes(operation);
  if (::testing::Test::HasFailure()) return figures;
  figures.calls = outcomes.calls();
  figures.left.resize(static_cast<size_t>(outcomes.last()) + 1);
  // Where every call is too much, each plan begins at another.
  int64_t first = 0;
  for (const Plan& plan : kPlans) {
    bool triggered = true;
    for (int64_t n = first++ % stride; triggered && n < kMostCalls; n += stride) {
      SCOPED_TRACE(absl::StrCat(operation.name, ": ", plan.name, " ", plan.seed, " at call ", n));
      SimDisk::SeedSqlite(1);
      SimDisk disk(plan.seed * kMostCalls + static_cast<uint64_t>(n), operation.before);
      const std::unique_ptr<Process> process = operation.start(disk);
      disk.FailAt(n, plan.fault, plan.persistent);
      const absl::Status done = process->Do();
      const std::string told = done.ok() ? process->Told() : "";
      triggered = disk.triggered();
      disk.Heal();
      if (triggered) {
        ++figures.injections;
        if (!done.ok()) ++figures.told;
      } else {
        EXPECT_TRUE(done.ok()) << done;
      }

      if (disk.dead()) {
        process->End();
        disk.Restart();
        int left = outcomes.Check(operation, disk, told);
        if (left < 0) return figures;
        ++figures.left[static_cast<size_t>(left)];
        if (done.ok()) {
          EXPECT_EQ(left, outcomes.last()) << "it said OK";
        }
        if (n % 3 == 0) {
          // The power fails again while this cut is recovered from.
          SimDisk again(static_cast<uint64_t>(n), disk.Snapshot());
          again.FailAt(n % 29, {Fault::Kind::kPowerLoss, PowerLoss::kRandom});
          operation.state(again).IgnoreError();
          again.Heal();
          if (again.dead()) again.Restart();
          const int then = outcomes.Check(operation, again, told);
          if (plan.fault.kind == Fault::Kind::kPowerLoss || done.ok()) {
            EXPECT_EQ(then, left) << "after a second cut";
          } else {
            // What a killed process had not synced nobody was told of.
            EXPECT_LE(then, left) << "after a cut";
          }
        }
        if (left < outcomes.last() || operation.invisible || operation.repeatable) {
          Redo(operation, outcomes, disk, *process, done);
        }
      } else {
        CheckAfterError(operation, outcomes, disk, done.ok(), told);
        if (!done.ok()) Redo(operation, outcomes, disk, *process, done);
      }
      process->End();
      EXPECT_EQ(outcomes.Check(operation, disk), outcomes.last()) << "in the end; first " << done;
      if (::testing::Test::HasFailure()) return figures;
    }
    EXPECT_FALSE(triggered) << operation.name << ": endless";
  }
  std::cout << operation.name << ": " << figures.calls << " I/O calls, " << figures.injections
            << " faults, " << figures.told << " answered with an error or a death; deaths left "
            << absl::StrJoin(figures.left, "/") << " (before/.../after)\n";
  return figures;
}

}  // namespace baraza::crash
