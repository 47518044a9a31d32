#ifndef BARAZA_TESTS_FUZZ_MUTATE_MESSAGE_H_
#define BARAZA_TESTS_FUZZ_MUTATE_MESSAGE_H_

#include "core/base/random.h"
#include "google/protobuf/message.h"
#include "tests/fuzz/target.h"

namespace baraza::fuzz {

// Changes one thing somewhere in `message`: a value, a field more or less, an element doubled,
// moved or dropped. Goes into those `bytes` fields that hold messages (header, delta, the record in
// a delta, what a feed carries) and puts them back together.
void MutateMessage(google::protobuf::Message& message, Random& random, ChangeBytes change_bytes);

// For Target::mutate: parses the input as a T and makes one to four changes.
template <typename T>
void MutateAs(std::string& input, Random& random, ChangeBytes change_bytes) {
  T message;
  if (!message.ParsePartialFromString(input)) message.Clear();
  for (uint64_t changes = 1 + random.Uniform(4); changes > 0; --changes) {
    MutateMessage(message, random, change_bytes);
  }
  input = message.SerializePartialAsString();
}

}  // namespace baraza::fuzz

#endif  // BARAZA_TESTS_FUZZ_MUTATE_MESSAGE_H_
