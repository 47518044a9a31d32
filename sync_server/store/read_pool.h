#ifndef BARAZA_SYNC_SERVER_STORE_READ_POOL_H_
#define BARAZA_SYNC_SERVER_STORE_READ_POOL_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "core/base/mutex.h"
#include "core/base/thread_annotations.h"
#include "core/sqlite/database.h"

namespace baraza::server {

// A bounded set of read-only connections to one file, opened as they are needed. Safe from any
// thread; a connection is one borrower's at a time.
class ReadPool {
 public:
  // `options` must be read-only.
  ReadPool(std::string path, DatabaseOptions options, int max_connections);
  ReadPool(const ReadPool&) = delete;
  ReadPool& operator=(const ReadPool&) = delete;

  // A borrowed connection, given back when destroyed.
  class Lease {
   public:
    Lease(ReadPool* pool, std::unique_ptr<Database> database);
    Lease(Lease&&) = default;
    Lease& operator=(Lease&&) = delete;
    ~Lease();
    Database& operator*() { return *database_; }

   private:
    ReadPool* pool_;
    std::unique_ptr<Database> database_;
  };

  // Waits while all are borrowed.
  absl::StatusOr<Lease> Borrow();

 private:
  void GiveBack(std::unique_ptr<Database> database);

  const std::string path_;
  const DatabaseOptions options_;
  const int max_connections_;
  Mutex mutex_;
  CondVar returned_;
  int open_ BARAZA_GUARDED_BY(mutex_) = 0;
  std::vector<std::unique_ptr<Database>> idle_ BARAZA_GUARDED_BY(mutex_);
};

}  // namespace baraza::server

#endif  // BARAZA_SYNC_SERVER_STORE_READ_POOL_H_
