#include "tests/fuzz/target.h"

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "google/protobuf/stubs/logging.h"

namespace baraza::fuzz {
namespace {

std::vector<Target>& Registered() {
  static auto* const targets = new std::vector<Target>();
  return *targets;
}

}  // namespace

const std::vector<Target>& Targets() { return Registered(); }

Registration::Registration(Target target) {
  // Protobuf reports each ill-formed string on standard error; here most inputs hold some.
  google::protobuf::SetLogHandler(nullptr);
  Registered().push_back(std::move(target));
}

void Fail(const char* file, int line, const char* condition, const std::string& what) {
  fprintf(stderr, "%s:%d: broken promise: %s\n%s\n", file, line, condition, what.c_str());
  abort();
}

}  // namespace baraza::fuzz
