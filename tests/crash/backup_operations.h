#ifndef BARAZA_TESTS_CRASH_BACKUP_OPERATIONS_H_
#define BARAZA_TESTS_CRASH_BACKUP_OPERATIONS_H_

#include "tests/crash/operation.h"

namespace baraza::crash {

// The disk is the one that is written to. A running server, on a disk of its own that does not
// fail, backs its programme up to it, where there is nothing or an older backup.
Operation BackUp();
Operation BackUpOverAnOlderOne();

// A backup is put in the place of nothing, or of an older file; backup and file are on one disk.
Operation RestoreWhereNothingIs();
Operation RestoreOverAnOlderFile();

}  // namespace baraza::crash

#endif  // BARAZA_TESTS_CRASH_BACKUP_OPERATIONS_H_
