#ifndef BARAZA_SYNC_SERVER_SERVICES_DATA_DIR_H_
#define BARAZA_SYNC_SERVER_SERVICES_DATA_DIR_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace baraza::server {

// Where things lie in a server's data directory:
//   registry.db                who may connect
//   programmes/<prg_id>.db     one file a programme
//   tls/ca.crt, ca.key         the server's own authority
//   tls/server.crt, server.key what it shows
//   replaced-1, replaced-2, ...  what restores have replaced; nothing reads programmes there
//   restore.unfinished         while a restore puts files in place, and after one that was killed
//   lock                       held by the one program that writes here
class DataDir {
 public:
  explicit DataDir(std::string path) : path_(std::move(path)) {}

  const std::string& path() const { return path_; }
  std::string Registry() const { return path_ + "/registry.db"; }
  std::string Programmes() const { return path_ + "/programmes"; }
  std::string Programme(absl::string_view programme_id) const;
  std::string CaCertificate() const { return path_ + "/tls/ca.crt"; }
  std::string CaKey() const { return path_ + "/tls/ca.key"; }
  std::string ServerCertificate() const { return path_ + "/tls/server.crt"; }
  std::string ServerKey() const { return path_ + "/tls/server.key"; }

  std::string UnfinishedRestore() const { return path_ + "/restore.unfinished"; }
  std::string Replaced(int number) const { return path_ + "/replaced-" + std::to_string(number); }

  // Makes the folders, for nobody but the owner.
  absl::Status Create() const;
  bool Exists(const std::string& file) const;
  // FAILED_PRECONDITION after a restore that was interrupted: not all files are of one moment.
  absl::Status CheckFinished() const;

 private:
  std::string path_;
};

// Held while a program writes in a data directory; given up when destroyed, or by the system when
// the process ends.
class DataDirLock {
 public:
  // A restore may go on where one was interrupted; nothing else may.
  enum class For { kUse, kRestore };
  // FAILED_PRECONDITION while another program holds it, or see CheckFinished; NOT_FOUND: no such
  // directory.
  static absl::StatusOr<std::unique_ptr<DataDirLock>> Take(const DataDir& dir,
                                                           For purpose = For::kUse);
  ~DataDirLock();
  DataDirLock(const DataDirLock&) = delete;
  DataDirLock& operator=(const DataDirLock&) = delete;

 private:
  explicit DataDirLock(int descriptor) : descriptor_(descriptor) {}
  const int descriptor_;
};

// The bytes of a file. NOT_FOUND, PERMISSION_DENIED; RESOURCE_EXHAUSTED past `max_bytes`.
absl::StatusOr<std::string> ReadWholeFile(const std::string& path, size_t max_bytes);

// Writes a file that appears complete or not at all, readable by nobody but the owner when
// `secret`.
absl::Status WriteWholeFile(const std::string& path, absl::string_view bytes, bool secret);

// Makes what was renamed in the folder of `path` outlive a power cut. NOT_FOUND, PERMISSION_DENIED,
// RESOURCE_EXHAUSTED; FAILED_PRECONDITION for what else the system says.
absl::Status SyncFolderOf(const std::string& path);

}  // namespace baraza::server

#endif  // BARAZA_SYNC_SERVER_SERVICES_DATA_DIR_H_
