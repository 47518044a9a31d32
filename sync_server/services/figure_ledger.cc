#include "sync_server/services/figure_ledger.h"

#include "sync_server/limits.h"

namespace baraza::server {
namespace {

// What a signer signs: everything but how much of the log had been read, and the day asked for.
Sha256Digest DigestOf(v1::Figure figure) {
  figure.clear_log_position();
  figure.clear_operations_sha256();
  figure.clear_as_of();
  return Sha256(figure.SerializeAsString());
}

}  // namespace

void FigureLedger::Note(const v1::Figure& figure) {
  const Key key(figure.name(), figure.log_position());
  const Sha256Digest digest = DigestOf(figure);
  MutexLock lock(mutex_);
  if (!shown_.insert_or_assign(key, digest).second) return;
  order_.push_back(key);
  if (order_.size() > kMaxShownFigures) {
    shown_.erase(order_.front());
    order_.pop_front();
  }
}

bool FigureLedger::IsAsShown(const v1::Figure& figure, int64_t log_position) {
  if (figure.log_position() == log_position) return true;
  const Sha256Digest digest = DigestOf(figure);
  MutexLock lock(mutex_);
  const auto found = shown_.find(Key(figure.name(), log_position));
  return found != shown_.end() && found->second == digest;
}

bool FigureLedger::Claim(const std::string& name) {
  MutexLock lock(mutex_);
  return claimed_.insert(name).second;
}

void FigureLedger::Release(const std::string& name) {
  MutexLock lock(mutex_);
  claimed_.erase(name);
}

}  // namespace baraza::server
