#include "tests/testing/fault_vfs.h"

#include <sqlite3.h>

#include <atomic>
#include <cstdlib>
#include <cstring>

namespace baraza::test {

struct FaultVfs::Impl {
  sqlite3_vfs vfs;
  sqlite3_vfs* base;
  std::string name;
  bool armed = false;
  bool triggered = false;
  Fault fault = Fault::kDiskFull;
  int64_t left = 0;
  int64_t writes = 0;
  int64_t syncs = 0;

  // Counts an operation of the kind that the armed fault is about; true if it has to fail.
  bool Fails() {
    if (!armed) return false;
    if (left > 0) {
      --left;
      return false;
    }
    triggered = true;
    return true;
  }

  int OnWrite() {
    ++writes;
    if (fault == Fault::kSyncError || !Fails()) return SQLITE_OK;
    return fault == Fault::kDiskFull ? SQLITE_FULL : SQLITE_IOERR_WRITE;
  }

  int OnSync() {
    ++syncs;
    if (fault != Fault::kSyncError || !Fails()) return SQLITE_OK;
    return SQLITE_IOERR_FSYNC;
  }
};

namespace {

// Our file, with the default VFS's file behind it in the same allocation.
struct FaultFile {
  sqlite3_file file;
  FaultVfs::Impl* impl;
  sqlite3_file* real;
};

FaultFile* Self(sqlite3_file* file) { return reinterpret_cast<FaultFile*>(file); }
sqlite3_file* Real(sqlite3_file* file) { return Self(file)->real; }
FaultVfs::Impl* ImplOf(sqlite3_vfs* vfs) { return static_cast<FaultVfs::Impl*>(vfs->pAppData); }
sqlite3_vfs* Base(sqlite3_vfs* vfs) { return ImplOf(vfs)->base; }

int Close(sqlite3_file* f) { return Real(f)->pMethods->xClose(Real(f)); }
int Read(sqlite3_file* f, void* to, int n, sqlite3_int64 at) {
  return Real(f)->pMethods->xRead(Real(f), to, n, at);
}
int Write(sqlite3_file* f, const void* from, int n, sqlite3_int64 at) {
  if (const int code = Self(f)->impl->OnWrite(); code != SQLITE_OK) return code;
  return Real(f)->pMethods->xWrite(Real(f), from, n, at);
}
int Truncate(sqlite3_file* f, sqlite3_int64 size) {
  if (const int code = Self(f)->impl->OnWrite(); code != SQLITE_OK) return code;
  return Real(f)->pMethods->xTruncate(Real(f), size);
}
int Sync(sqlite3_file* f, int flags) {
  if (const int code = Self(f)->impl->OnSync(); code != SQLITE_OK) return code;
  return Real(f)->pMethods->xSync(Real(f), flags);
}
int FileSize(sqlite3_file* f, sqlite3_int64* size) {
  return Real(f)->pMethods->xFileSize(Real(f), size);
}
int Lock(sqlite3_file* f, int level) { return Real(f)->pMethods->xLock(Real(f), level); }
int Unlock(sqlite3_file* f, int level) { return Real(f)->pMethods->xUnlock(Real(f), level); }
int CheckReservedLock(sqlite3_file* f, int* out) {
  return Real(f)->pMethods->xCheckReservedLock(Real(f), out);
}
int FileControl(sqlite3_file* f, int op, void* argument) {
  return Real(f)->pMethods->xFileControl(Real(f), op, argument);
}
int SectorSize(sqlite3_file* f) { return Real(f)->pMethods->xSectorSize(Real(f)); }
int DeviceCharacteristics(sqlite3_file* f) {
  return Real(f)->pMethods->xDeviceCharacteristics(Real(f));
}
int ShmMap(sqlite3_file* f, int page, int size, int extend, void volatile** out) {
  return Real(f)->pMethods->xShmMap(Real(f), page, size, extend, out);
}
int ShmLock(sqlite3_file* f, int offset, int n, int flags) {
  return Real(f)->pMethods->xShmLock(Real(f), offset, n, flags);
}
void ShmBarrier(sqlite3_file* f) { Real(f)->pMethods->xShmBarrier(Real(f)); }
int ShmUnmap(sqlite3_file* f, int remove) { return Real(f)->pMethods->xShmUnmap(Real(f), remove); }

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
  FaultFile* self = Self(f);
  self->impl = ImplOf(vfs);
  self->real = reinterpret_cast<sqlite3_file*>(self + 1);
  std::memset(self->real, 0, static_cast<size_t>(Base(vfs)->szOsFile));
  const int code = Base(vfs)->xOpen(Base(vfs), name, self->real, flags, out_flags);
  // SQLite calls xClose whenever pMethods is set.
  f->pMethods = self->real->pMethods == nullptr ? nullptr : &kMethods;
  return code;
}
int Delete(sqlite3_vfs* vfs, const char* name, int sync) {
  return Base(vfs)->xDelete(Base(vfs), name, sync);
}
int Access(sqlite3_vfs* vfs, const char* name, int flags, int* out) {
  return Base(vfs)->xAccess(Base(vfs), name, flags, out);
}
int FullPathname(sqlite3_vfs* vfs, const char* name, int n, char* out) {
  return Base(vfs)->xFullPathname(Base(vfs), name, n, out);
}
int Randomness(sqlite3_vfs* vfs, int n, char* out) {
  return Base(vfs)->xRandomness(Base(vfs), n, out);
}
int Sleep(sqlite3_vfs* vfs, int microseconds) { return Base(vfs)->xSleep(Base(vfs), microseconds); }
int CurrentTime(sqlite3_vfs* vfs, double* out) { return Base(vfs)->xCurrentTime(Base(vfs), out); }
int CurrentTimeInt64(sqlite3_vfs* vfs, sqlite3_int64* out) {
  return Base(vfs)->xCurrentTimeInt64(Base(vfs), out);
}
// The base's last error is not ours: an injected fault has none.
int GetLastError(sqlite3_vfs*, int, char*) { return 0; }

}  // namespace

FaultVfs::FaultVfs() : impl_(new Impl) {
  static std::atomic<int> count{0};
  impl_->name = "baraza-fault-" + std::to_string(++count);
  impl_->base = sqlite3_vfs_find(nullptr);
  if (impl_->base == nullptr) std::abort();
  sqlite3_vfs& vfs = impl_->vfs;
  std::memset(&vfs, 0, sizeof vfs);
  vfs.iVersion = 2;
  vfs.szOsFile = static_cast<int>(sizeof(FaultFile)) + impl_->base->szOsFile;
  vfs.mxPathname = impl_->base->mxPathname;
  vfs.zName = impl_->name.c_str();
  vfs.pAppData = impl_;
  vfs.xOpen = Open;
  vfs.xDelete = Delete;
  vfs.xAccess = Access;
  vfs.xFullPathname = FullPathname;
  vfs.xRandomness = Randomness;
  vfs.xSleep = Sleep;
  vfs.xCurrentTime = CurrentTime;
  vfs.xCurrentTimeInt64 = CurrentTimeInt64;
  vfs.xGetLastError = GetLastError;
  if (sqlite3_vfs_register(&vfs, 0) != SQLITE_OK) std::abort();
}

FaultVfs::~FaultVfs() {
  sqlite3_vfs_unregister(&impl_->vfs);
  delete impl_;
}

const std::string& FaultVfs::name() const { return impl_->name; }

void FaultVfs::FailAfter(int64_t operations, Fault fault) {
  impl_->armed = true;
  impl_->triggered = false;
  impl_->left = operations;
  impl_->fault = fault;
}

void FaultVfs::Heal() { impl_->armed = false; }
bool FaultVfs::triggered() const { return impl_->triggered; }
int64_t FaultVfs::writes() const { return impl_->writes; }
int64_t FaultVfs::syncs() const { return impl_->syncs; }

}  // namespace baraza::test
