#include "tests/crash/disk_files.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>

namespace baraza::crash {
namespace {

sim::SimDisk* current = nullptr;

// What was opened on the disk, by a descriptor of our own that stands for it.
std::map<int, std::string>& Opened() {
  static auto* const opened = new std::map<int, std::string>();
  return *opened;
}

bool IsOurs(const char* path) {
  return current != nullptr &&
         (std::string_view(path) == "/w" || std::string_view(path).starts_with("/w/"));
}

int Answer(int error) {
  if (error == 0) return 0;
  errno = error;
  return -1;
}

// Only what is there is opened so, and only to sync it.
int OpenOnDisk(const char* path, int flags) {
  const bool folder = (flags & O_DIRECTORY) != 0;
  if (current->dead()) return Answer(EIO);
  if (!folder && !current->Exists(path)) return Answer(ENOENT);
  const int fd = dup(STDERR_FILENO);
  if (fd >= 0) Opened()[fd] = folder ? std::string(path) + "/" : std::string(path);
  return fd;
}

}  // namespace

DiskFiles::DiskFiles(sim::SimDisk& disk) : before_(sqlite3_vfs_find(nullptr)) {
  if (current != nullptr) std::abort();
  current = &disk;
  sqlite3_vfs_register(sqlite3_vfs_find(disk.name().c_str()), 1);
}

DiskFiles::~DiskFiles() {
  sqlite3_vfs_register(before_, 1);
  current = nullptr;
  Opened().clear();
}

}  // namespace baraza::crash

// What `ld --wrap` takes for the system's functions, in the objects of this program.
extern "C" {

int __real_rename(const char* from, const char* to);
int __real_unlink(const char* path);
int __real_access(const char* path, int mode);
int __real_fsync(int fd);
int __real_open(const char* path, int flags, ...);

int __wrap_rename(const char* from, const char* to) {
  using namespace baraza::crash;
  return IsOurs(from) ? Answer(current->Rename(from, to)) : __real_rename(from, to);
}

int __wrap_unlink(const char* path) {
  using namespace baraza::crash;
  return IsOurs(path) ? Answer(current->Unlink(path)) : __real_unlink(path);
}

int __wrap_access(const char* path, int mode) {
  using namespace baraza::crash;
  if (!IsOurs(path)) return __real_access(path, mode);
  return Answer(current->dead() ? EIO : current->Exists(path) ? 0 : ENOENT);
}

int __wrap_fsync(int fd) {
  using namespace baraza::crash;
  const auto opened = Opened().find(fd);
  if (current == nullptr || opened == Opened().end()) return __real_fsync(fd);
  std::string path = opened->second;
  Opened().erase(opened);  // It is closed next.
  if (path.back() != '/') return Answer(current->SyncFile(path));
  path.pop_back();
  return Answer(current->SyncFolder(path));
}

int __wrap_open(const char* path, int flags, ...) {
  using namespace baraza::crash;
  if (IsOurs(path)) return OpenOnDisk(path, flags);
  va_list more;
  va_start(more, flags);
  const unsigned mode = (flags & O_CREAT) != 0 ? va_arg(more, unsigned) : 0;
  va_end(more);
  return __real_open(path, flags, mode);
}
}
