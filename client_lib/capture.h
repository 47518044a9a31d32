#ifndef BARAZA_CLIENT_LIB_CAPTURE_H_
#define BARAZA_CLIENT_LIB_CAPTURE_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "baraza/v1/record.pb.h"
#include "core/base/random.h"
#include "google/protobuf/message.h"

namespace baraza::client {

// What happens to a record between the app's form and its operation. Pure functions but for the
// random numbers. Any thread.

// Takes the fields of class DEVICE out of `record` and returns them as a message of the same type;
// null: none is set.
std::unique_ptr<google::protobuf::Message> TakeLocalValues(google::protobuf::Message& record);

// Lays `changed` over `local`: what is set replaces, what is set but empty clears.
void LayLocalValues(const google::protobuf::Message& changed, google::protobuf::Message& local);

// Gives every element (a message with an `element_id`, in a repeated field of the record) that has
// none an id that is unique in its field.
void MintMissingElementIds(google::protobuf::Message& record, Random& random);

// The same for a record that is being created: numbers, in the order given. Nobody else can give an
// element of this record an id before he has this one's, so nothing random is needed, and 8 random
// characters an element are a twentieth of what a report costs on the wire.
void NumberElements(google::protobuf::Message& record);

// Rounds coordinates to two decimals, which is as exactly as a place may be known.
void CoarsenCoordinates(google::protobuf::Message& record);

// INVALID_ARGUMENT naming the largest field of a record that does not fit an operation.
absl::Status TooLarge(absl::string_view record_id, const google::protobuf::Message& record);

}  // namespace baraza::client

#endif  // BARAZA_CLIENT_LIB_CAPTURE_H_
