#ifndef BARAZA_TESTS_CRASH_OPERATION_H_
#define BARAZA_TESTS_CRASH_OPERATION_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tests/simulation/disk/sim_disk.h"

namespace baraza::crash {

// A process that carries an operation out. It may die, and starts again with the next Do.
class Process {
 public:
  virtual ~Process() = default;

  // Opens what is not open and does the operation. After an error it may be called again, on the
  // same open objects unless End was called.
  virtual absl::Status Do() = 0;

  // The process is gone: closes everything. Also how it ends in good order.
  virtual void End() = 0;

  // What the last Do, if it was OK, told its caller: an id that must be found in the state.
  virtual std::string Told() const { return ""; }
};

// Something that must happen wholly or not at all, whatever the disk does.
struct Operation {
  std::string name;

  // The disk before it.
  sim::SimDisk::Image before;

  // A process on `disk`, which outlives it. Nothing is opened yet.
  std::function<std::unique_ptr<Process>(sim::SimDisk& disk)> start;

  // Opens what is on the disk as the program would, which recovers it, closes it again and
  // answers all that it holds. Errors are damage.
  std::function<absl::StatusOr<std::string>(sim::SimDisk& disk)> state;

  // Of an operation that is several transactions by design: each leads from `before` to a state in
  // between that may be left.
  std::vector<std::function<absl::Status(sim::SimDisk& disk)>> between;

  // `state` brings what an opening would write (a migration, a new device's id), so before and
  // after look alike.
  bool invisible = false;

  // Where it has been done, doing it again changes nothing and tells the same.
  bool repeatable = false;
};

struct DumpOptions {
  // The count of openings as well.
  bool with_openings = false;
  // Columns of this name are left out.
  std::string without_column;
};
// Everything in the database file, row by row, after integrity_check and foreign_key_check.
absl::StatusOr<std::string> Dump(const std::string& vfs, const std::string& path,
                                 const DumpOptions& dumped = {});

// States of one operation made comparable: ids that are not in the state before it are numbered in
// the order in which they turn up, since a second attempt mints others.
class Normaliser {
 public:
  explicit Normaliser(const std::string& before);
  std::string operator()(const std::string& state) const;

 private:
  std::vector<std::string> known_;  // Sorted.
};

}  // namespace baraza::crash

#endif  // BARAZA_TESTS_CRASH_OPERATION_H_
