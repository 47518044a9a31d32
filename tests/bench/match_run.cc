// bench_match REPORTS
//
// One run of the matcher on a programme of so many reports, in a process of its own, so that the
// greatest memory is its own: "name value" lines on standard output.

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/match/blocking.h"
#include "core/match/features.h"
#include "core/match/index.h"
#include "core/match/model.h"
#include "tests/bench/measure.h"
#include "tests/bench/programme.h"

namespace baraza::bench {
namespace {

constexpr size_t kChunk = 10'000;
constexpr size_t kArrivals = 1'000;
constexpr size_t kHints = 200;

// Processor time of all threads.
double CpuSeconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

// Reports of a programme and their records, a chunk at a time.
class Chunk {
 public:
  // Makes reports [from, to): not what is measured.
  Chunk(const Programme& programme, size_t from, size_t to)
      : programme_(programme), reports_(to - from), features_(to - from) {
    std::thread half([&] { MakeReports(from, 0, reports_.size() / 2); });
    MakeReports(from, reports_.size() / 2, reports_.size());
    half.join();
  }

  // Makes records until all are made; several threads may help.
  void MakeAll() {
    constexpr size_t kAtOnce = 64;
    while (true) {
      const size_t begin = next_.fetch_add(kAtOnce);
      const size_t end = std::min(begin + kAtOnce, reports_.size());
      for (size_t i = begin; i < end; ++i) {
        features_[i] = MakeFeatures(reports_[i], programme_.reg(), {});
      }
      if (end == reports_.size()) return;
    }
  }
  // Once all are made.
  const std::vector<ReportFeatures>& features() const { return features_; }

 private:
  void MakeReports(size_t from, size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) reports_[i] = programme_.Report(from + i);
  }

  const Programme& programme_;
  std::vector<v1::SessionReport> reports_;
  std::vector<ReportFeatures> features_;
  std::atomic<size_t> next_{0};
};

void Say(const char* name, double value) { std::printf("%s %.9g\n", name, value); }

// Records a second, made by one thread.
void SayFeatures(const Programme& programme) {
  std::vector<v1::SessionReport> reports;
  for (size_t i = 0; i < std::min(programme.size(), kChunk); ++i) {
    reports.push_back(programme.Report(i));
  }
  const absl::Duration start = Now();
  for (const v1::SessionReport& report : reports) {
    (void)MakeFeatures(report, programme.reg(), {});
  }
  Say("features_per_second", static_cast<double>(reports.size()) / SecondsSince(start));
}

// Of the pairs of reports on one session, how many meet in a block of each family. Of a part of the
// sessions.
void SayPairCompleteness(const Programme& programme, const MatchIndex& index) {
  std::map<uint32_t, std::vector<size_t>> sessions;
  for (size_t i = 0; i < programme.size(); ++i) {
    const uint32_t session = programme.SessionOf(i);
    if (session % 16 == 0) sessions[session].push_back(i);
  }
  size_t pairs = 0;
  size_t compared = 0;
  size_t together = 0;
  std::array<size_t, kKeyFamilyCount> shared{};
  for (const auto& [session, reports] : sessions) {
    std::vector<std::string> ids;
    std::vector<BlockRecord> records;
    for (const size_t i : reports) {
      ids.push_back(programme.Report(i).id());
      records.push_back(MakeBlockRecord(*index.FindFeatures(ids.back())));
    }
    for (size_t i = 0; i < ids.size(); ++i) {
      for (size_t j = i + 1; j < ids.size(); ++j) {
        ++pairs;
        if (!index.Explain(ids[i], ids[j])->never_compared()) ++compared;
        if (index.ClusterOf(ids[i]) == index.ClusterOf(ids[j])) ++together;
        for (int family = 0; family < kKeyFamilyCount; ++family) {
          if (ShareKey(records[i], records[j], static_cast<KeyFamily>(family))) ++shared[family];
        }
      }
    }
    if (pairs > 20'000) break;
  }
  const auto share = [&](size_t part) {
    return pairs == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(pairs);
  };
  Say("completeness", share(compared));
  Say("recall", share(together));
  for (int family = 0; family < kKeyFamilyCount; ++family) {
    Say(absl::StrCat("completeness_", KeyFamilyName(static_cast<KeyFamily>(family))).c_str(),
        share(shared[family]));
  }
}

void BenchSize(size_t reports) {
  const Programme programme(reports);
  const size_t bulk = programme.size() - std::min(programme.size() / 2, kArrivals);
  const double idle_mib = static_cast<double>(SelfStatusKib("VmRSS")) / 1024;
  MatchIndex index(ShippedModel());
  double load_seconds = 0;
  double load_cpu = 0;
  // On two cores: one thread makes records, the other puts those of the chunk before into the index
  // and then helps.
  std::unique_ptr<Chunk> made;
  for (size_t from = 0; from < bulk || made != nullptr; from += kChunk) {
    std::unique_ptr<Chunk> next;
    if (from < bulk) next = std::make_unique<Chunk>(programme, from, std::min(from + kChunk, bulk));
    const absl::Duration start = Now();
    const double cpu_start = CpuSeconds();
    std::thread maker([&] {
      if (next != nullptr) next->MakeAll();
    });
    if (made != nullptr) {
      for (const ReportFeatures& features : made->features()) index.Upsert(features);
    }
    if (next != nullptr) next->MakeAll();
    maker.join();
    load_seconds += SecondsSince(start);
    load_cpu += CpuSeconds() - cpu_start;
    made = std::move(next);
  }
  absl::Duration start = Now();
  const double cpu_start = CpuSeconds();
  size_t sessions = index.Refresh().clusters.size();
  const double refresh_seconds = SecondsSince(start);
  const double refresh_cpu = CpuSeconds() - cpu_start;
  const MatchIndex::Stats bulk_stats = index.stats();
  SayFeatures(programme);
  Say("reports", static_cast<double>(bulk));
  Say("sessions", static_cast<double>(sessions));
  Say("load_seconds", load_seconds);
  Say("refresh_seconds", refresh_seconds);
  Say("total_seconds", load_seconds + refresh_seconds);
  Say("total_cpu", load_cpu + refresh_cpu);
  Say("peak_mib", static_cast<double>(SelfStatusKib("VmHWM")) / 1024 - idle_mib);
  Say("candidates", static_cast<double>(bulk_stats.candidate_pairs) / static_cast<double>(bulk));
  Say("scored", static_cast<double>(bulk_stats.scored_pairs) / static_cast<double>(bulk));
  Say("held_back", static_cast<double>(index.WhatWasHeldBack().size()));

  // One by one: features, look-up, comparison, clustering, questions.
  const double arrivals_cpu = CpuSeconds();
  std::vector<double> arrival_ms;
  for (size_t i = bulk; i < programme.size(); ++i) {
    const v1::SessionReport report = programme.Report(i);
    start = Now();
    index.Upsert(MakeFeatures(report, programme.reg(), {}));
    for (const Cluster& cluster : index.Refresh().clusters) {
      (void)index.DoubtfulPairsOf(cluster.session_id);
    }
    arrival_ms.push_back(SecondsSince(start) * 1e3);
  }
  double sum = 0;
  for (const double ms : arrival_ms) sum += ms;
  Say("arrival_mean_ms", sum / static_cast<double>(arrival_ms.size()));
  Say("arrival_cpu_ms",
      (CpuSeconds() - arrivals_cpu) * 1e3 / static_cast<double>(arrival_ms.size()));
  Say("arrival_p99_ms", Quantile(arrival_ms, 0.99));

  std::vector<double> hint_ms;
  for (size_t i = 0; i < kHints; ++i) {
    v1::SessionReport draft = programme.Report(i * programme.size() / kHints);
    draft.clear_id();
    start = Now();
    (void)index.Candidates(MakeFeatures(draft, programme.reg(), {}), 5);
    hint_ms.push_back(SecondsSince(start) * 1e3);
  }
  Say("hint_median_ms", Quantile(hint_ms, 0.5));
  Say("hint_p99_ms", Quantile(hint_ms, 0.99));
  SayPairCompleteness(programme, index);
}

}  // namespace
}  // namespace baraza::bench

int main(int argc, char** argv) {
  const long long reports = argc == 2 ? std::atoll(argv[1]) : 0;
  if (reports < 2) {
    std::fprintf(stderr, "usage: bench_match REPORTS\n");
    return 2;
  }
  baraza::bench::BenchSize(static_cast<size_t>(reports));
  return 0;
}
