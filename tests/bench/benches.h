#ifndef BARAZA_TESTS_BENCH_BENCHES_H_
#define BARAZA_TESTS_BENCH_BENCHES_H_

#include "tests/bench/measure.h"

namespace baraza::bench {

// Each prints its lines; docs/benchmarks.md says what they mean.

// capture_durable
void BenchCapture(const Run& run);
// sync_acknowledged, sync_consolidated, figure_median, figure_p99 and what stands behind them
void BenchSync(const Run& run);
// wire_bytes_per_report, wire_share_ours
void BenchWire(const Run& run);
// client_stripped_size, client_start, client_memory_idle, client_memory_sync
void BenchField(const Run& run);
// match_SIZE_*: the matcher by itself, in processes of their own; writes run.plot
void BenchMatch(const Run& run);

// line_2g_*: a slow line; rush_*: everybody in one minute; load_goodput_*, overload_*: more than it
// can take
void BenchLoad(const Run& run);

}  // namespace baraza::bench

#endif  // BARAZA_TESTS_BENCH_BENCHES_H_
