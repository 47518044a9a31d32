#ifndef BARAZA_TESTS_CRASH_DEVICE_OPERATIONS_H_
#define BARAZA_TESTS_CRASH_DEVICE_OPERATIONS_H_

#include <cstddef>

#include "tests/crash/operation.h"

namespace baraza::crash {

// What a phone does, each through the whole client. The first opening, and one after a crash:
Operation OpenFreshPhone();
Operation OpenCrashedPhone();
Operation BindPhone();
Operation CaptureReport();
Operation SaveDraft();
Operation CaptureDraft();
Operation EditReport();
Operation VoidReport();
// Everything pending goes to a server that takes it; see also PullBatch.
Operation PushBatch();
// A feed of others' reports and of sessions comes.
Operation PullBatch();
// The server was restored from an old backup: another epoch, and much is sent again.
Operation SyncAfterRestore();
// The file is a copy of a phone's that has gone on: it takes a device id of its own.
Operation SyncAsCopy();
// The file was written by the program whose schema had `version` migrations.
Operation MigratePhone(size_t version);
// How many migrations there are: versions before this one are earlier ones.
size_t PhoneVersions();

}  // namespace baraza::crash

#endif  // BARAZA_TESTS_CRASH_DEVICE_OPERATIONS_H_
