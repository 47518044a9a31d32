#include "sync_server/services/commit_pump.h"

namespace baraza::server {

CommitPump::CommitPump(GroupCommit& commit) : commit_(commit) {
  commit_.SetWakeUp([this] {
    {
      MutexLock lock(mutex_);
      woken_ = true;
    }
    changed_.NotifyOne();
  });
  thread_ = std::thread([this] { Loop(); });
}

CommitPump::~CommitPump() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
  }
  changed_.NotifyOne();
  thread_.join();
}

void CommitPump::Loop() {
  while (true) {
    bool last = false;
    {
      MutexLock lock(mutex_);
      while (!woken_ && !stopping_) changed_.Wait(mutex_);
      woken_ = false;
      last = stopping_;
    }
    while (commit_.Flush() > 0) {
    }
    if (last) return;
  }
}

}  // namespace baraza::server
