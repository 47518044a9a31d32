#ifndef BARAZA_SYNC_SERVER_SERVICES_FIGURE_LEDGER_H_
#define BARAZA_SYNC_SERVER_SERVICES_FIGURE_LEDGER_H_

#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "baraza/v1/figure.pb.h"
#include "core/base/mutex.h"
#include "core/base/sha256.h"

namespace baraza::server {

// Remembers which figures were shown, so that a signer's "as I saw it at log position n" can be
// told from "changed since" while unrelated reports keep coming in; and which are being published,
// so that none is twice. Safe from any thread.
class FigureLedger {
 public:
  // Notes that this figure was shown. Here and below the figure is left as it was.
  void Note(v1::Figure& figure);

  // Whether `figure`, as it is now, is the one shown at `log_position`, apart from the position
  // itself. False when that was too long ago to know.
  bool IsAsShown(v1::Figure& figure, int64_t log_position);

  // Claims the publication of a figure; false while somebody else has it. Release it afterwards.
  bool Claim(const std::string& name);
  void Release(const std::string& name);

 private:
  // A figure's name and the log position.
  using Key = std::pair<std::string, int64_t>;
  struct Shown {
    Sha256Digest digest;
    std::string as_of;
  };

  Mutex mutex_;
  std::map<Key, Shown> shown_ BARAZA_GUARDED_BY(mutex_);
  std::deque<Key> order_ BARAZA_GUARDED_BY(mutex_);
  std::set<std::string> claimed_ BARAZA_GUARDED_BY(mutex_);
};

}  // namespace baraza::server

#endif  // BARAZA_SYNC_SERVER_SERVICES_FIGURE_LEDGER_H_
