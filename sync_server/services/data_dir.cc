#include "sync_server/services/data_dir.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"

namespace baraza::server {
namespace {

namespace fs = std::filesystem;

absl::Status FileError(absl::string_view what, const std::string& path, int error) {
  const std::string message = absl::StrCat("cannot ", what, " ", path, ": ", std::strerror(error));
  if (error == ENOENT) return absl::NotFoundError(message);
  if (error == EACCES || error == EPERM) return absl::PermissionDeniedError(message);
  if (error == ENOSPC) return absl::ResourceExhaustedError(message);
  return absl::FailedPreconditionError(message);
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  const int fd_;
};

}  // namespace

std::string DataDir::Programme(absl::string_view programme_id) const {
  return absl::StrCat(Programmes(), "/", programme_id, ".db");
}

absl::Status DataDir::Create() const {
  for (const std::string& folder : {path_, Programmes(), path_ + "/tls"}) {
    std::error_code error;
    fs::create_directories(folder, error);
    if (!error) fs::permissions(folder, fs::perms::owner_all, error);
    if (error) return FileError("make the folder", folder, error.value());
  }
  return absl::OkStatus();
}

bool DataDir::Exists(const std::string& file) const {
  std::error_code ignored;
  return fs::exists(file, ignored);
}

absl::Status DataDir::CheckFinished() const {
  if (!Exists(UnfinishedRestore())) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat(path_, ": a restore was interrupted here and some files are not of the backup ",
                   "yet; run baraza-server restore --replace again"));
}

absl::StatusOr<std::unique_ptr<DataDirLock>> DataDirLock::Take(const DataDir& dir, For purpose) {
  const std::string path = dir.path() + "/lock";
  const int descriptor = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) return FileError("open", path, errno);
  if (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    const int error = errno;
    close(descriptor);
    if (error == EWOULDBLOCK) {
      return absl::FailedPreconditionError(absl::StrCat(
          dir.path(), " is in use by another baraza-server; stop it first, or ask it instead"));
    }
    return FileError("lock", path, error);
  }
  std::unique_ptr<DataDirLock> lock(new DataDirLock(descriptor));
  if (purpose == For::kUse) BARAZA_RETURN_IF_ERROR(dir.CheckFinished());
  return lock;
}

DataDirLock::~DataDirLock() { close(descriptor_); }

absl::StatusOr<std::string> ReadWholeFile(const std::string& path, size_t max_bytes) {
  std::error_code error;
  const uintmax_t size = fs::file_size(path, error);
  if (error) return FileError("read", path, error.value());
  if (size > max_bytes) {
    return absl::ResourceExhaustedError(
        absl::StrCat(path, ": expected at most ", max_bytes, " bytes, got ", size));
  }
  std::ifstream in(path, std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  if (!in) return FileError("read", path, EACCES);
  return bytes;
}

absl::Status WriteWholeFile(const std::string& path, absl::string_view bytes, bool secret) {
  const std::string temporary = path + ".new";
  {
    const Descriptor file(
        open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, secret ? 0600 : 0644));
    if (file.get() < 0) return FileError("write", temporary, errno);
    // A file left by an earlier try keeps its mode through O_CREAT.
    if (fchmod(file.get(), secret ? 0600 : 0644) != 0) {
      return FileError("write", temporary, errno);
    }
    while (!bytes.empty()) {
      const ssize_t written = write(file.get(), bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return FileError("write", temporary, errno);
      bytes.remove_prefix(static_cast<size_t>(written));
    }
    if (fsync(file.get()) != 0) return FileError("write", temporary, errno);
  }
  if (rename(temporary.c_str(), path.c_str()) != 0) return FileError("write", path, errno);
  return SyncFolderOf(path);
}

absl::Status SyncFolderOf(const std::string& path) {
  const fs::path parent = fs::path(path).parent_path();
  const std::string folder = parent.empty() ? "." : parent.string();
  const Descriptor opened(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (opened.get() < 0 || fsync(opened.get()) != 0) return FileError("sync", folder, errno);
  return absl::OkStatus();
}

}  // namespace baraza::server
