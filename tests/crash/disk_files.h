#ifndef BARAZA_TESTS_CRASH_DISK_FILES_H_
#define BARAZA_TESTS_CRASH_DISK_FILES_H_

#include "tests/simulation/disk/sim_disk.h"

struct sqlite3_vfs;

namespace baraza::crash {

// While it is there, a simulated disk is the file system of this process under "/w/": SQLite's
// default VFS, and what our own code does with names there (open, access, fsync, rename, unlink;
// the linker puts ours before the system's, see CMakeLists.txt). So that what is written for the
// real file system meets the disk's faults with no switch in the product. One at a time, for one
// thread.
class DiskFiles {
 public:
  explicit DiskFiles(sim::SimDisk& disk);
  ~DiskFiles();
  DiskFiles(const DiskFiles&) = delete;
  DiskFiles& operator=(const DiskFiles&) = delete;

 private:
  sqlite3_vfs* const before_;
};

}  // namespace baraza::crash

#endif  // BARAZA_TESTS_CRASH_DISK_FILES_H_
