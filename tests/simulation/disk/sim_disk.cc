#include "tests/simulation/disk/sim_disk.h"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <new>
#include <utility>

namespace baraza::sim {
namespace {

constexpr size_t kSector = 512;
constexpr int kMaxPath = 512;

// 2025-01-01 in milliseconds of the Julian day, which is SQLite's clock.
constexpr sqlite3_int64 kNow = sqlite3_int64{4921353} * 43'200'000;

using Sector = std::array<char, kSector>;

[[noreturn]] void Die(const char* why) {
  std::fprintf(stderr, "SimDisk: %s\n", why);
  std::abort();
}

// Draws what a power cut keeps.
class Chance {
 public:
  Chance(Random& random, SimDisk::PowerLoss how) : random_(random), how_(how) {}

  // For the things of one file.
  void NextFile() {
    if (IsRandom()) eighths_ = random_.Uniform(9);
  }

  bool Keeps() {
    if (!IsRandom()) return how_ == SimDisk::PowerLoss::kAllKept;
    return random_.Uniform(8) < eighths_;
  }

  // A size between the durable and the present one.
  size_t Size(size_t durable, size_t present) {
    if (!IsRandom()) return how_ == SimDisk::PowerLoss::kAllKept ? present : durable;
    if (random_.Uniform(3) > 0) return Keeps() ? present : durable;
    const auto [low, high] = std::minmax(durable, present);
    const size_t size = (low + random_.Uniform(high - low + 1)) / kSector * kSector;
    return std::clamp(size, low, high);
  }

  // Makes `now` what is left of it, over `before`.
  void Merge(const Sector& before, Sector& now) {
    if (!Keeps()) {
      now = before;
      return;
    }
    if (how_ != SimDisk::PowerLoss::kTorn) return;
    constexpr size_t kHalf = kSector / 2;
    switch (random_.Uniform(4)) {
      case 0:
        std::memcpy(now.data(), before.data(), kHalf);
        break;
      case 1:
        std::memcpy(now.data() + kHalf, before.data() + kHalf, kHalf);
        break;
      default:
        break;
    }
  }

 private:
  bool IsRandom() const {
    return how_ == SimDisk::PowerLoss::kRandom || how_ == SimDisk::PowerLoss::kTorn;
  }

  Random& random_;
  const SimDisk::PowerLoss how_;
  uint64_t eighths_ = 0;
};

// A file's bytes and what is durable of them.
//
// Invariant: a sector that is not dirty is durable as it is, as far as the durable size reaches.
class Content {
 public:
  const std::string& bytes() const { return bytes_; }

  void Write(size_t at, std::string_view from) {
    if (from.empty()) return;
    const size_t end = at + from.size();
    for (size_t sector = at / kSector; sector * kSector < end; ++sector) MarkDirty(sector);
    if (end > bytes_.size()) bytes_.resize(end);
    std::memcpy(bytes_.data() + at, from.data(), from.size());
  }

  void Truncate(size_t size) {
    const size_t durable_end = std::min(bytes_.size(), durable_size_);
    for (size_t sector = size / kSector; sector * kSector < durable_end; ++sector) {
      MarkDirty(sector);
    }
    bytes_.resize(size);
    least_size_ = std::min(least_size_, size);
  }

  void Sync() {
    durable_size_ = bytes_.size();
    least_size_ = durable_size_;
    for (const Dirty& dirty : dirty_) is_dirty_[dirty.sector] = false;
    dirty_.clear();
    saved_.clear();
  }

  void CutPower(Chance& chance) {
    const size_t present = bytes_.size();
    const bool truncated = least_size_ < durable_size_ && chance.Keeps();
    // Beyond this nothing of the durable bytes is left.
    const size_t base_size = truncated ? least_size_ : durable_size_;
    const size_t size =
        truncated || present > durable_size_ ? chance.Size(base_size, present) : durable_size_;
    bytes_.resize(std::max(present, durable_size_));
    for (const Dirty& dirty : dirty_) {
      const size_t at = dirty.sector * kSector;
      if (at >= bytes_.size()) continue;
      Sector before{};
      if (dirty.saved != kHole && at < base_size) {
        std::memcpy(before.data(), saved_[dirty.saved].data(), std::min(kSector, base_size - at));
      }
      // What was cut off and not written again changed only if the truncation is kept.
      Sector now = before;
      if (at < present) {
        std::memcpy(now.data(), bytes_.data() + at, std::min(kSector, present - at));
      }
      chance.Merge(before, now);
      std::memcpy(bytes_.data() + at, now.data(), std::min(kSector, bytes_.size() - at));
    }
    bytes_.resize(size);
    Sync();
  }

 private:
  static constexpr size_t kHole = static_cast<size_t>(-1);

  struct Dirty {
    size_t sector;
    size_t saved;  // Where in saved_ the durable bytes are; kHole: zeroes.
  };

  void MarkDirty(size_t sector) {
    if (sector >= is_dirty_.size()) {
      is_dirty_.resize(std::max(sector + 1, is_dirty_.size() * 2), false);
    }
    if (is_dirty_[sector]) return;
    is_dirty_[sector] = true;
    const size_t at = sector * kSector;
    const size_t end = std::min(bytes_.size(), durable_size_);
    if (at >= end) {
      dirty_.push_back({sector, kHole});
      return;
    }
    dirty_.push_back({sector, saved_.size()});
    Sector& saved = saved_.emplace_back();
    const size_t length = std::min(kSector, end - at);
    std::memcpy(saved.data(), bytes_.data() + at, length);
    std::memset(saved.data() + length, 0, kSector - length);
  }

  std::string bytes_;
  size_t durable_size_ = 0;
  // The least size since the last sync.
  size_t least_size_ = 0;
  std::vector<char> is_dirty_;
  std::vector<Dirty> dirty_;
  std::vector<Sector> saved_;
};

// The memory that connections to one file share, and its locks.
struct Shm {
  std::vector<std::unique_ptr<char[]>> regions;
  std::array<int, SQLITE_SHM_NLOCK> shared{};
  uint32_t exclusive = 0;
};

struct Handle;

struct Inode {
  Content& Writable() {
    // Images share it.
    if (content.use_count() > 1) content = std::make_shared<Content>(*content);
    return *content;
  }

  std::string path;
  std::shared_ptr<Content> content = std::make_shared<Content>();

  // Locks of the database file, as SQLite's xLock has them.
  int shared = 0;
  const Handle* writer = nullptr;  // Holds RESERVED, PENDING or EXCLUSIVE.

  // Lives as long as a handle has it mapped.
  std::weak_ptr<Shm> shm;
};

// A name on the disk.
struct Entry {
  std::shared_ptr<Inode> file;  // Null: deleted.
  // Whether the name is known to the disk to be `file`'s. Else a power cut may give it back to
  // `former`, which is null if it was nobody's.
  bool durable = false;
  std::shared_ptr<Content> former;
  // `file` was renamed over `former`: there is never neither.
  bool replaces = false;
};

// Our sqlite3_file.
struct Handle {
  sqlite3_file file;
  SimDisk::Impl* disk;
  int64_t generation;
  SimDisk::FileKind kind;
  std::shared_ptr<Inode> inode;
  bool delete_on_close;
  // The first sync is one of the folder as well.
  bool syncs_folder;
  int level = SQLITE_LOCK_NONE;
  std::shared_ptr<Shm> shm;
  uint32_t shm_shared = 0;
  uint32_t shm_exclusive = 0;
};

SimDisk::FileKind KindOf(std::string_view path) {
  if (path.empty()) return SimDisk::FileKind::kOther;
  if (path.ends_with("-wal")) return SimDisk::FileKind::kWal;
  if (path.ends_with("-journal")) return SimDisk::FileKind::kJournal;
  return SimDisk::FileKind::kMain;
}

std::string_view FolderOf(std::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

}  // namespace

struct SimDisk::Image::State {
  struct Name {
    std::shared_ptr<Content> content;  // Null: deleted.
    bool durable;
    std::shared_ptr<Content> former;
    bool replaces;
  };
  std::map<std::string, Name> names;
};

struct SimDisk::Impl {
  explicit Impl(uint64_t seed) : random(seed) {}

  sqlite3_vfs vfs;
  std::string name;
  SeededRandom random;
  std::map<std::string, Entry, std::less<>> entries;
  int64_t generation = 0;
  bool dead = false;
  int handles = 0;
  int last_errno = 0;
  int64_t capacity = 0;
  Counters counters;

  FaultHook hook;
  bool armed = false;
  bool persistent = false;
  bool triggered = false;
  int64_t left = 0;
  Fault armed_fault;

  // --- Names ---

  std::shared_ptr<Inode> Find(std::string_view path) const {
    const auto entry = entries.find(path);
    return entry == entries.end() ? nullptr : entry->second.file;
  }

  std::shared_ptr<Inode> Create(std::string_view path) {
    auto inode = std::make_shared<Inode>();
    if (path.empty()) return inode;
    inode->path = path;
    Entry& entry = entries[inode->path];
    entry.file = inode;
    entry.durable = false;
    return inode;
  }

  void Unlink(std::string_view path) {
    const auto found = entries.find(path);
    if (found == entries.end()) return;
    Entry& entry = found->second;
    if (entry.durable) entry.former = entry.file->content;
    entry.file = nullptr;
    entry.durable = false;
    entry.replaces = false;
    if (entry.former == nullptr) entries.erase(found);
  }

  void Rename(std::string_view from, std::string_view to) {
    const std::shared_ptr<Inode> file = Find(from);
    const bool replaces = Find(to) != nullptr;
    Unlink(from);
    Unlink(to);
    Entry& entry = entries[std::string(to)];
    file->path = to;
    entry.file = file;
    entry.durable = false;
    entry.replaces = replaces && entry.former != nullptr;
  }

  static void MakeDurable(Entry& entry) {
    entry.durable = true;
    entry.former = nullptr;
    entry.replaces = false;
  }

  void SyncFolder(std::string_view folder) {
    for (auto entry = entries.begin(); entry != entries.end();) {
      const bool inside = FolderOf(entry->first) == folder;
      if (inside && entry->second.file != nullptr) MakeDurable(entry->second);
      entry = inside && entry->second.file == nullptr ? entries.erase(entry) : std::next(entry);
    }
  }

  bool HasRoom(size_t more) const {
    if (capacity == 0) return true;
    size_t used = 0;
    for (const auto& [path, entry] : entries) {
      if (entry.file != nullptr) used += entry.file->content->bytes().size();
    }
    return used + more <= static_cast<size_t>(capacity);
  }

  // --- Death ---

  void Kill() {
    dead = true;
    ++generation;
    armed = false;
    // Handles keep the inodes that they had, with their locks and nothing in them; the next process
    // gets new ones.
    for (auto& [path, entry] : entries) {
      if (entry.file == nullptr) continue;
      auto inode = std::make_shared<Inode>();
      inode->path = path;
      inode->content = std::move(entry.file->content);
      entry.file = std::move(inode);
    }
  }

  void CutPower(Random& draws, PowerLoss how) {
    Kill();
    Chance chance(draws, how);
    for (auto it = entries.begin(); it != entries.end();) {
      Entry& entry = it->second;
      chance.NextFile();
      if (!entry.durable) {
        const bool keeps_file = entry.file != nullptr && chance.Keeps();
        if (!keeps_file) {
          // A deletion is kept or lost; so is the one before a creation that was lost.
          const bool keeps_deletion = !entry.replaces && chance.Keeps();
          if (entry.former == nullptr || keeps_deletion) {
            it = entries.erase(it);
            continue;
          }
          entry.file = std::make_shared<Inode>();
          entry.file->path = it->first;
          entry.file->content = entry.former;
        }
        MakeDurable(entry);
      }
      entry.file->Writable().CutPower(chance);
      ++it;
    }
  }

  // --- Faults ---

  Fault Ask(Operation operation, FileKind kind, std::string_view path, bool needs_room) {
    const Call call{operation, kind, path, needs_room, counters.calls++};
    const auto meets = [needs_room](const Fault& fault) {
      return fault.kind != Fault::Kind::kFull || needs_room;
    };
    Fault fault;
    if (armed && meets(armed_fault) && left-- <= 0) {
      fault = armed_fault;
      triggered = true;
      armed = persistent;
    } else if (hook) {
      fault = hook(call);
      if (!meets(fault)) fault.kind = Fault::Kind::kNone;
    }
    if (fault.kind != Fault::Kind::kNone) ++counters.faults;
    return fault;
  }

  static bool Kills(const Fault& fault) {
    return fault.kind == Fault::Kind::kKill || fault.kind == Fault::Kind::kPowerLoss;
  }

  void DieOf(const Fault& fault) {
    if (fault.kind == Fault::Kind::kKill) {
      Kill();
    } else {
      CutPower(random, fault.how);
    }
  }

  int Fail(int code, int system_errno) {
    last_errno = system_errno;
    return code;
  }

  // Makes a call that has one effect or none: `error` is its code for an I/O error, `full` for want
  // of room.
  template <typename Effect>
  int Make(Operation operation, FileKind kind, std::string_view path, bool needs_room, int error,
           int full, const Effect& effect) {
    const Fault fault = Ask(operation, kind, path, needs_room);
    if (fault.kind == Fault::Kind::kError) return Fail(error, EIO);
    if (fault.kind == Fault::Kind::kFull) return Fail(full, ENOSPC);
    if (Kills(fault)) {
      if (random.Uniform(2) == 0) effect();
      DieOf(fault);
      return Fail(error, EIO);
    }
    return effect();
  }
};

namespace {

Handle* Self(sqlite3_file* file) { return reinterpret_cast<Handle*>(file); }
SimDisk::Impl* ImplOf(sqlite3_vfs* vfs) { return static_cast<SimDisk::Impl*>(vfs->pAppData); }
bool IsDead(const Handle& self) {
  return self.disk->dead || self.generation != self.disk->generation;
}

void DropShmLocks(Handle& self, uint32_t mask) {
  for (int i = 0; i < SQLITE_SHM_NLOCK; ++i) {
    const uint32_t bit = 1u << i;
    if ((mask & bit & self.shm_shared) != 0) --self.shm->shared[static_cast<size_t>(i)];
    if ((mask & bit & self.shm_exclusive) != 0) self.shm->exclusive &= ~bit;
  }
  self.shm_shared &= ~mask;
  self.shm_exclusive &= ~mask;
}

void DropLocks(Handle& self, int level) {
  if (level >= self.level) return;
  if (self.inode->writer == &self) self.inode->writer = nullptr;
  if (level == SQLITE_LOCK_NONE) --self.inode->shared;
  self.level = level;
}

int ShmUnmap(sqlite3_file* f, int) {
  Handle& self = *Self(f);
  if (self.shm == nullptr) return SQLITE_OK;
  DropShmLocks(self, ~0u);
  self.shm = nullptr;
  return SQLITE_OK;
}

int Close(sqlite3_file* f) {
  Handle& self = *Self(f);
  ShmUnmap(f, 0);
  DropLocks(self, SQLITE_LOCK_NONE);
  if (self.delete_on_close && !IsDead(self)) self.disk->Unlink(self.inode->path);
  --self.disk->handles;
  self.~Handle();
  return SQLITE_OK;
}

int Read(sqlite3_file* f, void* to, int n, sqlite3_int64 at) {
  Handle& self = *Self(f);
  SimDisk::Impl& disk = *self.disk;
  if (IsDead(self)) return disk.Fail(SQLITE_IOERR_READ, EIO);
  ++disk.counters.reads;
  return disk.Make(SimDisk::Operation::kRead, self.kind, self.inode->path, false, SQLITE_IOERR_READ,
                   SQLITE_IOERR_READ, [&] {
                     const std::string& bytes = self.inode->content->bytes();
                     const size_t from = std::min(static_cast<size_t>(at), bytes.size());
                     const size_t wanted = static_cast<size_t>(n);
                     const size_t length = std::min(wanted, bytes.size() - from);
                     std::memcpy(to, bytes.data() + from, length);
                     if (length == wanted) return SQLITE_OK;
                     std::memset(static_cast<char*>(to) + length, 0, wanted - length);
                     return SQLITE_IOERR_SHORT_READ;
                   });
}

int Write(sqlite3_file* f, const void* from, int n, sqlite3_int64 offset) {
  Handle& self = *Self(f);
  SimDisk::Impl& disk = *self.disk;
  if (IsDead(self)) return disk.Fail(SQLITE_IOERR_WRITE, EIO);
  ++disk.counters.writes;
  const std::string_view bytes(static_cast<const char*>(from), static_cast<size_t>(n));
  const size_t at = static_cast<size_t>(offset);
  const SimDisk::Fault fault =
      disk.Ask(SimDisk::Operation::kWrite, self.kind, self.inode->path, true);
  if (fault.kind != SimDisk::Fault::Kind::kNone) {
    // Up to the end of one of its sectors.
    const size_t first = kSector - at % kSector;
    const size_t sectors = disk.random.Uniform((bytes.size() + kSector - 1) / kSector + 1);
    const size_t done = sectors == 0 ? 0 : first + (sectors - 1) * kSector;
    self.inode->Writable().Write(at, bytes.substr(0, std::min(done, bytes.size())));
    if (fault.kind == SimDisk::Fault::Kind::kFull) return disk.Fail(SQLITE_FULL, ENOSPC);
    if (SimDisk::Impl::Kills(fault)) disk.DieOf(fault);
    return disk.Fail(SQLITE_IOERR_WRITE, EIO);
  }
  const size_t size = self.inode->content->bytes().size();
  if (at + bytes.size() > size && !disk.HasRoom(at + bytes.size() - size)) {
    return disk.Fail(SQLITE_FULL, ENOSPC);
  }
  self.inode->Writable().Write(at, bytes);
  return SQLITE_OK;
}

int Truncate(sqlite3_file* f, sqlite3_int64 wanted) {
  Handle& self = *Self(f);
  SimDisk::Impl& disk = *self.disk;
  if (IsDead(self)) return disk.Fail(SQLITE_IOERR_TRUNCATE, EIO);
  const size_t size = static_cast<size_t>(wanted);
  const size_t present = self.inode->content->bytes().size();
  return disk.Make(SimDisk::Operation::kTruncate, self.kind, self.inode->path, size > present,
                   SQLITE_IOERR_TRUNCATE, SQLITE_FULL, [&] {
                     if (size > present && !disk.HasRoom(size - present)) {
                       return disk.Fail(SQLITE_FULL, ENOSPC);
                     }
                     self.inode->Writable().Truncate(size);
                     return SQLITE_OK;
                   });
}

int Sync(sqlite3_file* f, int) {
  Handle& self = *Self(f);
  SimDisk::Impl& disk = *self.disk;
  if (IsDead(self)) return disk.Fail(SQLITE_IOERR_FSYNC, EIO);
  ++disk.counters.syncs;
  return disk.Make(SimDisk::Operation::kSync, self.kind, self.inode->path, false,
                   SQLITE_IOERR_FSYNC, SQLITE_IOERR_FSYNC, [&] {
                     self.inode->Writable().Sync();
                     const auto entry = disk.entries.find(self.inode->path);
                     if (entry != disk.entries.end() && entry->second.file == self.inode) {
                       SimDisk::Impl::MakeDurable(entry->second);
                     }
                     if (std::exchange(self.syncs_folder, false)) {
                       disk.SyncFolder(FolderOf(self.inode->path));
                     }
                     return SQLITE_OK;
                   });
}

int FileSize(sqlite3_file* f, sqlite3_int64* size) {
  Handle& self = *Self(f);
  SimDisk::Impl& disk = *self.disk;
  if (IsDead(self)) return disk.Fail(SQLITE_IOERR_FSTAT, EIO);
  return disk.Make(SimDisk::Operation::kFileSize, self.kind, self.inode->path, false,
                   SQLITE_IOERR_FSTAT, SQLITE_IOERR_FSTAT, [&] {
                     *size = static_cast<sqlite3_int64>(self.inode->content->bytes().size());
                     return SQLITE_OK;
                   });
}

int Lock(sqlite3_file* f, int level) {
  Handle& self = *Self(f);
  if (IsDead(self)) return self.disk->Fail(SQLITE_IOERR_LOCK, EIO);
  if (level <= self.level) return SQLITE_OK;
  Inode& inode = *self.inode;
  if (level == SQLITE_LOCK_SHARED) {
    if (inode.writer != nullptr && inode.writer->level >= SQLITE_LOCK_PENDING) return SQLITE_BUSY;
    ++inode.shared;
    self.level = level;
    return SQLITE_OK;
  }
  if (inode.writer != nullptr && inode.writer != &self) return SQLITE_BUSY;
  inode.writer = &self;
  self.level = level;
  if (level == SQLITE_LOCK_EXCLUSIVE && inode.shared > 1) {
    // Keeps new readers out until the present ones are done.
    self.level = SQLITE_LOCK_PENDING;
    return SQLITE_BUSY;
  }
  return SQLITE_OK;
}

int Unlock(sqlite3_file* f, int level) {
  Handle& self = *Self(f);
  if (IsDead(self)) return self.disk->Fail(SQLITE_IOERR_UNLOCK, EIO);
  DropLocks(self, level);
  return SQLITE_OK;
}

int CheckReservedLock(sqlite3_file* f, int* out) {
  Handle& self = *Self(f);
  if (IsDead(self)) return self.disk->Fail(SQLITE_IOERR_CHECKRESERVEDLOCK, EIO);
  *out = self.inode->writer != nullptr ? 1 : 0;
  return SQLITE_OK;
}

int FileControl(sqlite3_file* f, int op, void* argument) {
  Handle& self = *Self(f);
  if (op != SQLITE_FCNTL_HAS_MOVED) return SQLITE_NOTFOUND;
  *static_cast<int*>(argument) =
      !self.inode->path.empty() && self.disk->Find(self.inode->path) != self.inode ? 1 : 0;
  return SQLITE_OK;
}

int SectorSize(sqlite3_file*) { return 4096; }
// A write cut off by a power loss leaves the bytes around it alone.
int DeviceCharacteristics(sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

int ShmMap(sqlite3_file* f, int region, int size, int extend, void volatile** out) {
  Handle& self = *Self(f);
  SimDisk::Impl& disk = *self.disk;
  *out = nullptr;
  if (IsDead(self)) return disk.Fail(SQLITE_IOERR_SHMMAP, EIO);
  const std::shared_ptr<Shm> shm = self.shm != nullptr ? self.shm : self.inode->shm.lock();
  const size_t index = static_cast<size_t>(region);
  const bool grows = extend != 0 && (shm == nullptr || index >= shm->regions.size());
  return disk.Make(SimDisk::Operation::kShmMap, self.kind, self.inode->path, grows,
                   SQLITE_IOERR_SHMMAP, SQLITE_IOERR_SHMSIZE, [&] {
                     self.shm = shm != nullptr ? shm : std::make_shared<Shm>();
                     self.inode->shm = self.shm;
                     auto& regions = self.shm->regions;
                     while (grows && index >= regions.size()) {
                       regions.push_back(std::make_unique<char[]>(static_cast<size_t>(size)));
                     }
                     if (index < regions.size()) *out = regions[index].get();
                     return SQLITE_OK;
                   });
}

int ShmLock(sqlite3_file* f, int offset, int n, int flags) {
  Handle& self = *Self(f);
  if (IsDead(self) || self.shm == nullptr) return self.disk->Fail(SQLITE_IOERR_SHMLOCK, EIO);
  const uint32_t mask = ((1u << n) - 1) << offset;
  if ((flags & SQLITE_SHM_UNLOCK) != 0) {
    DropShmLocks(self, mask);
    return SQLITE_OK;
  }
  Shm& shm = *self.shm;
  if ((shm.exclusive & ~self.shm_exclusive & mask) != 0) return SQLITE_BUSY;
  const bool exclusive = (flags & SQLITE_SHM_EXCLUSIVE) != 0;
  for (int i = offset; exclusive && i < offset + n; ++i) {
    const int own = static_cast<int>(self.shm_shared >> i & 1);
    if (shm.shared[static_cast<size_t>(i)] > own) return SQLITE_BUSY;
  }
  for (int i = offset; !exclusive && i < offset + n; ++i) {
    if ((self.shm_shared >> i & 1) == 0) ++shm.shared[static_cast<size_t>(i)];
  }
  if (exclusive) {
    shm.exclusive |= mask;
    self.shm_exclusive |= mask;
  } else {
    self.shm_shared |= mask;
  }
  return SQLITE_OK;
}

void ShmBarrier(sqlite3_file*) {}

constexpr sqlite3_io_methods kMethods = {
    2,
    Close,
    Read,
    Write,
    Truncate,
    Sync,
    FileSize,
    Lock,
    Unlock,
    CheckReservedLock,
    FileControl,
    SectorSize,
    DeviceCharacteristics,
    ShmMap,
    ShmLock,
    ShmBarrier,
    ShmUnmap,
    nullptr,
    nullptr,
};

int Open(sqlite3_vfs* vfs, const char* name, sqlite3_file* f, int flags, int* out_flags) {
  SimDisk::Impl& disk = *ImplOf(vfs);
  f->pMethods = nullptr;
  if (disk.dead) return disk.Fail(SQLITE_IOERR, EIO);
  const std::string_view path = name == nullptr ? std::string_view() : name;
  const SimDisk::FileKind kind = KindOf(path);
  std::shared_ptr<Inode> inode = disk.Find(path);
  const bool creates = inode == nullptr && (path.empty() || (flags & SQLITE_OPEN_CREATE) != 0);
  const int code =
      disk.Make(SimDisk::Operation::kOpen, kind, path, creates, SQLITE_IOERR, SQLITE_CANTOPEN, [&] {
        if (creates) inode = disk.Create(path);
        return inode != nullptr ? SQLITE_OK : disk.Fail(SQLITE_CANTOPEN, ENOENT);
      });
  if (code != SQLITE_OK) return code;
  ++disk.handles;
  new (f) Handle{
      .file = {&kMethods},
      .disk = &disk,
      .generation = disk.generation,
      .kind = kind,
      .inode = std::move(inode),
      .delete_on_close = (flags & SQLITE_OPEN_DELETEONCLOSE) != 0,
      .syncs_folder =
          creates && (kind == SimDisk::FileKind::kWal || kind == SimDisk::FileKind::kJournal),
      .shm = nullptr,
  };
  if (out_flags != nullptr) *out_flags = flags;
  return SQLITE_OK;
}

int Delete(sqlite3_vfs* vfs, const char* name, int sync_folder) {
  SimDisk::Impl& disk = *ImplOf(vfs);
  const std::string_view path(name);
  if (disk.dead) return disk.Fail(SQLITE_IOERR_DELETE, EIO);
  return disk.Make(SimDisk::Operation::kDelete, KindOf(path), path, false, SQLITE_IOERR_DELETE,
                   SQLITE_IOERR_DELETE, [&] {
                     if (disk.Find(path) == nullptr) {
                       return disk.Fail(SQLITE_IOERR_DELETE_NOENT, ENOENT);
                     }
                     disk.Unlink(path);
                     if (sync_folder != 0) disk.SyncFolder(FolderOf(path));
                     return SQLITE_OK;
                   });
}

int Access(sqlite3_vfs* vfs, const char* name, int flags, int* out) {
  SimDisk::Impl& disk = *ImplOf(vfs);
  if (disk.dead) return disk.Fail(SQLITE_IOERR_ACCESS, EIO);
  const std::shared_ptr<Inode> inode = disk.Find(name);
  // As the unix VFS: an empty file does not exist.
  const bool counts =
      inode != nullptr && (flags != SQLITE_ACCESS_EXISTS || !inode->content->bytes().empty());
  *out = counts ? 1 : 0;
  return SQLITE_OK;
}

int FullPathname(sqlite3_vfs*, const char* name, int n, char* out) {
  const int length = std::snprintf(out, static_cast<size_t>(n), "%s", name);
  return length < n ? SQLITE_OK : SQLITE_CANTOPEN;
}

int Randomness(sqlite3_vfs* vfs, int n, char* out) {
  ImplOf(vfs)->random.Fill(absl::MakeSpan(reinterpret_cast<uint8_t*>(out), static_cast<size_t>(n)));
  return n;
}

int Sleep(sqlite3_vfs* vfs, int microseconds) {
  ++ImplOf(vfs)->counters.sleeps;
  return microseconds;
}

int CurrentTimeInt64(sqlite3_vfs*, sqlite3_int64* out) {
  *out = kNow;
  return SQLITE_OK;
}

int CurrentTime(sqlite3_vfs*, double* out) {
  *out = static_cast<double>(kNow) / 86'400'000.0;
  return SQLITE_OK;
}

int GetLastError(sqlite3_vfs* vfs, int, char*) { return ImplOf(vfs)->last_errno; }

}  // namespace

SimDisk::SimDisk(uint64_t seed) : impl_(std::make_unique<Impl>(seed)) {
  static std::atomic<int> count{0};
  impl_->name = "baraza-sim-" + std::to_string(++count);
  sqlite3_vfs& vfs = impl_->vfs;
  std::memset(&vfs, 0, sizeof vfs);
  vfs.iVersion = 2;
  vfs.szOsFile = sizeof(Handle);
  vfs.mxPathname = kMaxPath;
  vfs.zName = impl_->name.c_str();
  vfs.pAppData = impl_.get();
  vfs.xOpen = Open;
  vfs.xDelete = Delete;
  vfs.xAccess = Access;
  vfs.xFullPathname = FullPathname;
  vfs.xRandomness = Randomness;
  vfs.xSleep = Sleep;
  vfs.xCurrentTime = CurrentTime;
  vfs.xCurrentTimeInt64 = CurrentTimeInt64;
  vfs.xGetLastError = GetLastError;
  if (sqlite3_vfs_register(&vfs, 0) != SQLITE_OK) Die("cannot register the VFS");
}

SimDisk::SimDisk(uint64_t seed, const Image& image) : SimDisk(seed) {
  Restore(image);
  Restart();
}

SimDisk::~SimDisk() {
  if (impl_->handles != 0) Die("a file is still open");
  sqlite3_vfs_unregister(&impl_->vfs);
}

void SimDisk::SeedSqlite(uint64_t seed) {
  // SQLite takes 32 bits, of which 0 stands for the system's randomness.
  const uint32_t folded = static_cast<uint32_t>(seed ^ (seed >> 32));
  sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SEED, static_cast<int>(folded == 0 ? 1 : folded),
                       static_cast<sqlite3*>(nullptr));
}

const std::string& SimDisk::name() const { return impl_->name; }

void SimDisk::Kill() { impl_->Kill(); }
void SimDisk::CutPower(Random& random, PowerLoss how) { impl_->CutPower(random, how); }
bool SimDisk::dead() const { return impl_->dead; }

void SimDisk::Restart() {
  if (!impl_->dead) return;
  if (impl_->handles != 0) Die("Restart while a dead process' file is still open");
  impl_->dead = false;
}

void SimDisk::SetFaultHook(FaultHook hook) { impl_->hook = std::move(hook); }

void SimDisk::FailAt(int64_t n, Fault fault, bool persistent) {
  impl_->armed = true;
  impl_->persistent = persistent;
  impl_->triggered = false;
  impl_->left = n;
  impl_->armed_fault = fault;
}

void SimDisk::Heal() { impl_->armed = false; }
bool SimDisk::triggered() const { return impl_->triggered; }
void SimDisk::SetCapacity(int64_t bytes) { impl_->capacity = bytes; }

int SimDisk::Rename(const std::string& from, const std::string& to) {
  if (impl_->dead) return EIO;
  return impl_->Make(Operation::kRename, KindOf(from), from, true, EIO, ENOSPC, [&] {
    if (impl_->Find(from) == nullptr) return ENOENT;
    if (from != to) impl_->Rename(from, to);
    return 0;
  });
}

int SimDisk::Unlink(const std::string& path) {
  if (impl_->dead) return EIO;
  return impl_->Make(Operation::kDelete, KindOf(path), path, false, EIO, EIO, [&] {
    if (impl_->Find(path) == nullptr) return ENOENT;
    impl_->Unlink(path);
    return 0;
  });
}

int SimDisk::SyncFile(const std::string& path) {
  if (impl_->dead) return EIO;
  return impl_->Make(Operation::kSync, KindOf(path), path, false, EIO, EIO, [&] {
    const auto entry = impl_->entries.find(path);
    if (entry == impl_->entries.end() || entry->second.file == nullptr) return ENOENT;
    entry->second.file->Writable().Sync();
    Impl::MakeDurable(entry->second);
    return 0;
  });
}

int SimDisk::SyncFolder(const std::string& folder) {
  if (impl_->dead) return EIO;
  return impl_->Make(Operation::kSync, FileKind::kOther, folder, false, EIO, EIO, [&] {
    impl_->SyncFolder(folder);
    return 0;
  });
}

SimDisk::Image SimDisk::Snapshot() const {
  auto state = std::make_shared<Image::State>();
  for (const auto& [path, entry] : impl_->entries) {
    state->names[path] = {entry.file == nullptr ? nullptr : entry.file->content, entry.durable,
                          entry.former, entry.replaces};
  }
  Image image;
  image.state_ = std::move(state);
  return image;
}

void SimDisk::Restore(const Image& image) {
  impl_->Kill();
  impl_->entries.clear();
  if (image.state_ == nullptr) return;
  for (const auto& [path, name] : image.state_->names) {
    Entry& entry = impl_->entries[path];
    entry.durable = name.durable;
    entry.former = name.former;
    entry.replaces = name.replaces;
    if (name.content == nullptr) continue;
    entry.file = std::make_shared<Inode>();
    entry.file->path = path;
    entry.file->content = name.content;
  }
}

bool SimDisk::Exists(const std::string& path) const { return impl_->Find(path) != nullptr; }

std::string_view SimDisk::Bytes(const std::string& path) const {
  const std::shared_ptr<Inode> inode = impl_->Find(path);
  if (inode == nullptr) return {};
  return inode->content->bytes();
}

void SimDisk::Remove(const std::string& path) { impl_->entries.erase(path); }

void SimDisk::Put(const std::string& path, std::string_view bytes) {
  impl_->entries.erase(path);
  const std::shared_ptr<Inode> file = impl_->Create(path);
  file->content->Write(0, bytes);
  file->content->Sync();
  Impl::MakeDurable(impl_->entries[path]);
}

std::vector<std::string> SimDisk::FilePaths() const {
  std::vector<std::string> paths;
  for (const auto& [path, entry] : impl_->entries) {
    if (entry.file != nullptr) paths.push_back(path);
  }
  return paths;
}

const SimDisk::Counters& SimDisk::counters() const { return impl_->counters; }

}  // namespace baraza::sim
