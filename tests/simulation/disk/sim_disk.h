#ifndef BARAZA_TESTS_SIMULATION_DISK_SIM_DISK_H_
#define BARAZA_TESTS_SIMULATION_DISK_SIM_DISK_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/random.h"

namespace baraza::sim {

// One machine's disk, wholly in memory: an SQLite VFS of its own name for as long as it lives. Pass
// name() as DatabaseOptions::vfs. It knows of each file what a process sees (the page cache) and
// what would survive a power cut, by sectors of 512 bytes. All connections must be closed before it
// goes. For one thread; no wall clock, no sleep, and the same seed makes the same bytes (see also
// SeedSqlite).
//
// What is durable, as with the unix VFS on a journalling file system:
//  * bytes, size and truncation of a file: after xSync of it;
//  * a new file's name: after xSync of it, or of its folder;
//  * a folder's names, deletions too: after the first xSync of a journal or log that the same
//    handle made, after xDelete that asks for it, and after SyncFolder. A name that a file was
//    renamed over is the one file's or the other's, never nobody's.
// A sync that fails leaves its sectors unsynced; the next one tries them again.
class SimDisk {
 public:
  // What a power cut leaves of what was not synced. Names (creation, deletion) and sizes are
  // decided like sectors; a hole between what was kept reads as zeroes.
  enum class PowerLoss {
    kAllLost,
    kAllKept,
    // Each sector for itself. How likely each is kept is drawn for each file anew, from never to
    // always: a log may be gone while its database was written.
    kRandom,
    // As kRandom; of a kept sector it may be that only the front or the back half is new.
    kTorn,
  };

  enum class Operation {
    kOpen,
    kRead,
    kWrite,
    kTruncate,
    kSync,
    kDelete,
    kFileSize,
    kShmMap,
    kRename,
  };
  enum class FileKind { kMain, kWal, kJournal, kOther };

  // An I/O call about to be made.
  struct Call {
    Operation operation;
    FileKind file;
    // Empty: a nameless temporary file.
    std::string_view path;
    // Needs room on the disk: a write, a truncation that grows the file, a file or shared memory
    // that is new.
    bool needs_room;
    // Of all calls since the disk was made, from 0.
    int64_t number;
  };

  struct Fault {
    enum class Kind {
      kNone,
      // SQLITE_IOERR_*. Of a write a part may have been done.
      kError,
      // SQLITE_FULL (where unix has no such code: its own, with ENOSPC). Of a write a part may have
      // been done. Only a call that needs room can meet it, for others it is kNone.
      kFull,
      // Kill() or CutPower() before, within or right after the call: whether it was done, of a
      // write how much of it, is drawn from the disk's own generator.
      kKill,
      kPowerLoss,
    };
    Kind kind = Kind::kNone;
    PowerLoss how = PowerLoss::kRandom;
  };

  // Must not call the disk's methods.
  using FaultHook = std::function<Fault(const Call&)>;

  struct Counters {
    int64_t calls = 0;  // Those that a hook is asked about.
    int64_t reads = 0;
    int64_t writes = 0;
    int64_t syncs = 0;
    int64_t faults = 0;
    int64_t sleeps = 0;
  };

  // All files with what is durable of them; no locks. Cheap to copy and to keep: bytes are shared
  // until somebody writes them.
  class Image {
   public:
    Image() = default;

   private:
    friend class SimDisk;
    struct State;
    std::shared_ptr<const State> state_;
  };

  // `seed` is for the disk's own choices.
  explicit SimDisk(uint64_t seed);
  // A disk with the files of an image; neither touches the other from then on.
  SimDisk(uint64_t seed, const Image& image);
  ~SimDisk();
  SimDisk(const SimDisk&) = delete;
  SimDisk& operator=(const SimDisk&) = delete;

  // SQLite's own generator (salts of a log, random()) is one for the whole process and is seeded
  // from the system; this makes it repeatable. Call it where a run begins.
  static void SeedSqlite(uint64_t seed);

  const std::string& name() const;

  // --- Death and restart -------------------------------------------------------------------------

  // The process dies, the machine stays up: every handle is dead for ever (its calls fail and
  // change nothing), locks and shared memory are gone, files are as the process last saw them.
  // Every call fails until Restart.
  void Kill();

  // The machine loses power: as Kill, and of what was not synced there is what `how` says.
  void CutPower(Random& random, PowerLoss how);

  // True from Kill, CutPower, Restore or a fault of their kind on, until Restart.
  bool dead() const;

  // Lets files be opened again. The owners of handles that died must have closed them by now
  // (aborts otherwise): the next process must not meet the last one.
  void Restart();

  // --- Faults ------------------------------------------------------------------------------------

  // Asked before every call, unless FailAt has an answer. Empty: none.
  void SetFaultHook(FaultHook hook);

  // The n-th call from now (from 0) of those that can meet `fault` does; with `persistent` all
  // later ones as well. To try it everywhere: n = 0, 1, 2, ... until triggered() stays false.
  void FailAt(int64_t n, Fault fault, bool persistent = false);
  // Forgets FailAt; triggered() stays.
  void Heal();
  // Whether the fault of the last FailAt has happened.
  bool triggered() const;

  // Bytes in all files, 0: no bound. Growing past it is as Fault::Kind::kFull, with nothing done.
  void SetCapacity(int64_t bytes);

  // --- What a program does with files beside SQLite
  // ------------------------------------------------

  // Counted and met by faults like SQLite's own calls. 0, or errno.
  int Rename(const std::string& from, const std::string& to);
  int Unlink(const std::string& path);
  int SyncFile(const std::string& path);
  int SyncFolder(const std::string& folder);

  // --- Files -------------------------------------------------------------------------------------

  Image Snapshot() const;
  // As Kill, and the files are the image's.
  void Restore(const Image& image);

  bool Exists(const std::string& path) const;
  // As a process sees it; empty if there is none. Valid until the next call.
  std::string_view Bytes(const std::string& path) const;
  // Durably. Handles to it go on with a file without a name. Nothing if there is none.
  void Remove(const std::string& path);
  // Durably; nobody may have it open.
  void Put(const std::string& path, std::string_view bytes);
  // Sorted.
  std::vector<std::string> FilePaths() const;

  const Counters& counters() const;

  struct Impl;

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace baraza::sim

#endif  // BARAZA_TESTS_SIMULATION_DISK_SIM_DISK_H_
