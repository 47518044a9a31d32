#include "sync_server/store/read_pool.h"

#include <utility>

#include "core/base/status.h"

namespace baraza::server {

ReadPool::ReadPool(std::string path, DatabaseOptions options, int max_connections)
    : path_(std::move(path)), options_(std::move(options)), max_connections_(max_connections) {}

ReadPool::Lease::Lease(ReadPool* pool, std::unique_ptr<Database> database)
    : pool_(pool), database_(std::move(database)) {}

ReadPool::Lease::~Lease() {
  if (database_ != nullptr) pool_->GiveBack(std::move(database_));
}

absl::StatusOr<ReadPool::Lease> ReadPool::Borrow() {
  {
    MutexLock lock(mutex_);
    while (idle_.empty() && open_ >= max_connections_) returned_.Wait(mutex_);
    if (!idle_.empty()) {
      std::unique_ptr<Database> database = std::move(idle_.back());
      idle_.pop_back();
      return Lease(this, std::move(database));
    }
    ++open_;
  }
  // Outside the lock: opening reads the file.
  absl::StatusOr<std::unique_ptr<Database>> database = Database::Open(path_, options_);
  if (!database.ok()) {
    MutexLock lock(mutex_);
    --open_;
    returned_.NotifyOne();
    return database.status();
  }
  return Lease(this, *std::move(database));
}

void ReadPool::GiveBack(std::unique_ptr<Database> database) {
  MutexLock lock(mutex_);
  idle_.push_back(std::move(database));
  returned_.NotifyOne();
}

}  // namespace baraza::server
