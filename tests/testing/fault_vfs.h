#ifndef BARAZA_TESTS_TESTING_FAULT_VFS_H_
#define BARAZA_TESTS_TESTING_FAULT_VFS_H_

#include <cstdint>
#include <string>

namespace baraza::test {

// An SQLite VFS over the default one in which writing fails when told to, registered under a name
// of its own for as long as it lives (all its connections must be closed by then). Pass name() as
// DatabaseOptions::vfs. For one thread.
//
// To try a fault at every I/O: run the work with FailAfter(n, ...) for n = 0, 1, 2, ... until
// triggered() stays false.
class FaultVfs {
 public:
  enum class Fault {
    kDiskFull,    // Writes and growing a file fail with SQLITE_FULL.
    kWriteError,  // Writes fail with SQLITE_IOERR_WRITE.
    kSyncError,   // Syncs fail with SQLITE_IOERR_FSYNC; writes work.
  };

  FaultVfs();
  ~FaultVfs();
  FaultVfs(const FaultVfs&) = delete;
  FaultVfs& operator=(const FaultVfs&) = delete;

  const std::string& name() const;

  // From now on, `operations` operations of the fault's kind (writes and truncations, or syncs)
  // work and all later ones fail, until Heal.
  void FailAfter(int64_t operations, Fault fault);
  void Heal();

  // Whether an operation has failed since FailAfter.
  bool triggered() const;

  // Operations since the beginning.
  int64_t writes() const;
  int64_t syncs() const;

  struct Impl;

 private:
  Impl* impl_;
};

}  // namespace baraza::test

#endif  // BARAZA_TESTS_TESTING_FAULT_VFS_H_
