#include "sync_server/services/figure_ledger.h"

#include "absl/strings/string_view.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "sync_server/limits.h"

namespace baraza::server {
namespace {

// Stays in the processor's nearest cache.
constexpr int kHashedBlock = 16 << 10;

class HashedBytes : public google::protobuf::io::CopyingOutputStream {
 public:
  bool Write(const void* buffer, int size) override {
    hasher_.Update(absl::string_view(static_cast<const char*>(buffer), static_cast<size_t>(size)));
    return true;
  }
  Sha256Digest Digest() { return hasher_.Finish(); }

 private:
  Sha256Hasher hasher_;
};

// What a signer signs: everything but how much of the log had been read, and the day asked for.
//
// Takes these out of the figure and puts them back, and hashes the bytes as they are made: a figure
// with its trace is too large to be copied at every look at it.
Sha256Digest DigestOf(v1::Figure& figure) {
  const int64_t log_position = figure.log_position();
  std::string operations_sha256 = std::move(*figure.mutable_operations_sha256());
  std::string as_of = std::move(*figure.mutable_as_of());
  figure.clear_log_position();
  figure.clear_operations_sha256();
  figure.clear_as_of();
  HashedBytes bytes;
  {
    google::protobuf::io::CopyingOutputStreamAdaptor stream(&bytes, kHashedBlock);
    figure.SerializeToZeroCopyStream(&stream);
  }
  figure.set_log_position(log_position);
  figure.set_operations_sha256(std::move(operations_sha256));
  figure.set_as_of(std::move(as_of));
  return bytes.Digest();
}

}  // namespace

void FigureLedger::Note(v1::Figure& figure) {
  const Key key(figure.name(), figure.log_position());
  {
    // A figure is a function of the log, the position and the day: once is enough.
    MutexLock lock(mutex_);
    const auto found = shown_.find(key);
    if (found != shown_.end() && found->second.as_of == figure.as_of()) return;
  }
  const Sha256Digest digest = DigestOf(figure);
  MutexLock lock(mutex_);
  if (!shown_.insert_or_assign(key, Shown{digest, figure.as_of()}).second) return;
  order_.push_back(key);
  if (order_.size() > kMaxShownFigures) {
    shown_.erase(order_.front());
    order_.pop_front();
  }
}

bool FigureLedger::IsAsShown(v1::Figure& figure, int64_t log_position) {
  if (figure.log_position() == log_position) return true;
  const Sha256Digest digest = DigestOf(figure);
  MutexLock lock(mutex_);
  const auto found = shown_.find(Key(figure.name(), log_position));
  return found != shown_.end() && found->second.digest == digest;
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
