#ifndef BARAZA_CORE_MODEL_REJECTION_H_
#define BARAZA_CORE_MODEL_REJECTION_H_

#include <string>

#include "baraza/v1/sync_service.pb.h"

namespace baraza {

// Why an operation is not taken. Depends on nothing but its bytes, fixed limits and the author's
// grant. `message` holds no report content beyond an impossible date, number or code.
struct Rejection {
  v1::RejectionReason reason = v1::REJECTION_REASON_UNSPECIFIED;
  // A path such as "dates.earliest" or "header.lamport"; may be empty.
  std::string field;
  std::string message;
  // Empty if the header could not be read.
  std::string op_id;
};

}  // namespace baraza

#endif  // BARAZA_CORE_MODEL_REJECTION_H_
