#ifndef BARAZA_TESTS_BAD_INPUT_OPERATIONS_H_
#define BARAZA_TESTS_BAD_INPUT_OPERATIONS_H_

#include <cstdint>
#include <string>

#include "absl/container/btree_set.h"
#include "absl/strings/string_view.h"
#include "baraza/v1/operation.pb.h"
#include "baraza/v1/sync_service.pb.h"
#include "core/model/validate.h"

namespace baraza::bad_input {

// The id of a prefix that ends in `number`.
std::string Id(absl::string_view prefix, uint8_t number);

// Of person 1 in team 1 of programme 1.
AuthorGrant Grant(absl::btree_set<v1::Role> roles);

// What that person writes in that team with lamport number 1, as the first operation of the record.
v1::Header HeaderOf(v1::RecordType type, const std::string& record_id, v1::Role role);

// The first operation of a device, with one part.
v1::WireOperation WireOf(const v1::Header& header, v1::Privacy privacy, const v1::Delta& delta);

// `wire` is rejected for `reason` and `field`. The message says the field, and what was expected
// instead begins with `expected`.
void ExpectRejected(const v1::WireOperation& wire, const AuthorGrant& grant,
                    v1::RejectionReason reason, const std::string& field,
                    const std::string& expected, const std::string& what);

}  // namespace baraza::bad_input

#endif  // BARAZA_TESTS_BAD_INPUT_OPERATIONS_H_
