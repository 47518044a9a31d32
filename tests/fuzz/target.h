#ifndef BARAZA_TESTS_FUZZ_TARGET_H_
#define BARAZA_TESTS_FUZZ_TARGET_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "core/base/random.h"

namespace baraza::fuzz {

// Changes bytes without knowing what they mean, as the fuzzer does.
using ChangeBytes = void (*)(std::string& bytes);

// Something that takes bytes from outside. It is compiled twice: as a libFuzzer program of its own
// (libfuzzer_main.cc) and into the test that replays what is known (replay_test.cc).
struct Target {
  std::string name;
  // Aborts when a promise is broken. Depends on `bytes` only and leaves nothing behind.
  void (*one_input)(absl::string_view bytes);
  // Inputs that reach far in.
  std::vector<std::string> (*seeds)();
  // Changes an input in its own terms; nullptr: as bytes.
  void (*mutate)(std::string& input, Random& random, ChangeBytes change_bytes) = nullptr;
  // How many made-up inputs every build's tests try. A slow one has few.
  int inputs_in_tests = 300;
};

const std::vector<Target>& Targets();

struct Registration {
  explicit Registration(Target target);
};

// Ends the program, saying which promise was broken.
[[noreturn]] void Fail(const char* file, int line, const char* condition, const std::string& what);

}  // namespace baraza::fuzz

// A promise, in every build type. What follows the condition is shown.
#define FUZZ_CHECK(condition, ...)                                                       \
  do {                                                                                   \
    if (!(condition)) {                                                                  \
      ::baraza::fuzz::Fail(__FILE__, __LINE__, #condition, std::string("" __VA_ARGS__)); \
    }                                                                                    \
  } while (false)

#endif  // BARAZA_TESTS_FUZZ_TARGET_H_
