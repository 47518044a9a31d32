#ifndef BARAZA_TESTS_CRASH_SERVER_OPERATIONS_H_
#define BARAZA_TESTS_CRASH_SERVER_OPERATIONS_H_

#include "tests/crash/operation.h"

namespace baraza::crash {

// What a server does with a programme's file. The first opening, and one after a crash:
Operation OpenFreshServer();
Operation OpenCrashedServer();
// Operations of a device come, one of them damaged, and are answered.
Operation TakePush();
// Works of several callers in one commit; one fails by itself.
Operation CommitGroup();
// The office makes a record, and erases part of another.
Operation AppendAtDesk();
Operation RedactAtDesk();
// The projection takes in what the log has, and starts over after an update of its rules.
Operation Consolidate();
Operation RebuildProjection();

// The count of openings, by itself.
Operation CountOpening();

// The registry: who may connect.
Operation OpenFreshRegistry();
Operation AddPerson();
Operation RedeemCode();
Operation RevokeCredential();

}  // namespace baraza::crash

#endif  // BARAZA_TESTS_CRASH_SERVER_OPERATIONS_H_
