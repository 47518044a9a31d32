#ifndef BARAZA_TESTS_UNIT_CORE_MODEL_RANDOM_RECORD_H_
#define BARAZA_TESTS_UNIT_CORE_MODEL_RANDOM_RECORD_H_

#include <string>

#include "core/base/random.h"
#include "google/protobuf/message.h"

namespace baraza::testing {

// Sets some of the fields of `record`, and of what lies in it, to values of which most are possible
// (elements have ids of their own, in no order); now and then some that the schema does not know.
// Many a record that comes of it is valid.
void FillRandomly(Random& random, google::protobuf::Message& record);

}  // namespace baraza::testing

#endif  // BARAZA_TESTS_UNIT_CORE_MODEL_RANDOM_RECORD_H_
