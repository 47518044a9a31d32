#ifndef BARAZA_TESTS_DATA_GENERATOR_GENERATE_H_
#define BARAZA_TESTS_DATA_GENERATOR_GENERATE_H_

#include <cstdint>
#include <iosfwd>

#include "tests/data/generator/noise.h"
#include "tests/data/generator/vocabulary.h"

namespace baraza::testdata {

struct GenerateOptions {
  uint64_t seed = 1;
  int64_t sessions = 5000;
  const Vocabulary* vocabulary = &VocabularyB();
  Noise noise = kMediumNoise;
};

struct GenerateOutput {
  std::ostream* reports = nullptr;    // SessionReport in proto3 JSON, one a line
  std::ostream* register_ = nullptr;  // organisations, teams, issues, sources, one a line
  std::ostream* truth = nullptr;      // CSV: report_id,session_id
  std::ostream* scenarios = nullptr;  // CSV: session_id,scenario
};

// Writes one programme: the same bytes for the same options on every machine. Memory does not grow
// with the number of reports, but for what the number of teams and places needs. Returns how many
// reports there are.
//
// Scenarios: plain, cross_language (a plain session told of in several languages), series,
// parallel, roadshow, conference, days_apart, interview.
int64_t Generate(const GenerateOptions& options, const GenerateOutput& output);

}  // namespace baraza::testdata

#endif  // BARAZA_TESTS_DATA_GENERATOR_GENERATE_H_
