// What core/base promises to callers from several threads; run under TSan too.

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <thread>
#include <vector>

#include "core/base/clock.h"
#include "core/base/ids.h"
#include "core/base/mutex.h"
#include "core/base/random.h"
#include "core/base/text.h"

namespace baraza {
namespace {

constexpr int kThreads = 4;

TEST(FoldTextThreads, EachThreadFoldsForItself) {
  std::vector<std::string> results(kThreads);
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&results, i] {
      for (int round = 0; round < 50; ++round) results[i] = FoldText("Réunion à Łódź, Харьков");
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::string& result : results) EXPECT_EQ(result, "reunion a lodz harkov");
}

TEST(IdMinterThreads, NeverMintsTheSameIdTwice) {
  FakeClock clock;
  SeededRandom random(1);
  IdMinter minter(clock, random);
  std::vector<std::vector<std::string>> minted(kThreads);
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      for (int round = 0; round < 500; ++round) {
        minted[i].push_back(minter.Mint("op"));
        clock.Advance(absl::Microseconds(100));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::set<std::string> all;
  for (const std::vector<std::string>& ids : minted) {
    EXPECT_TRUE(std::is_sorted(ids.begin(), ids.end()));
    all.insert(ids.begin(), ids.end());
  }
  EXPECT_EQ(all.size(), kThreads * 500u);
}

TEST(CondVar, HandsOverBetweenThreads) {
  struct Slot {
    Mutex mutex;
    CondVar changed;
    int turn BARAZA_GUARDED_BY(mutex) = 0;
  } slot;
  std::thread other([&slot] {
    for (int i = 0; i < 100; ++i) {
      MutexLock lock(slot.mutex);
      while (slot.turn % 2 == 0) slot.changed.Wait(slot.mutex);
      ++slot.turn;
      slot.changed.NotifyAll();
    }
  });
  for (int i = 0; i < 100; ++i) {
    MutexLock lock(slot.mutex);
    while (slot.turn % 2 == 1) slot.changed.Wait(slot.mutex);
    ++slot.turn;
    slot.changed.NotifyAll();
  }
  other.join();
  MutexLock lock(slot.mutex);
  EXPECT_EQ(slot.turn, 200);
}

TEST(CondVar, WaitForComesBackWithoutANotification) {
  Mutex mutex;
  CondVar never;
  MutexLock lock(mutex);
  EXPECT_FALSE(never.WaitFor(mutex, absl::Milliseconds(1)));
  EXPECT_FALSE(never.WaitFor(mutex, absl::ZeroDuration()));
}

}  // namespace
}  // namespace baraza
