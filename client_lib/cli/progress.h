#ifndef BARAZA_CLIENT_LIB_CLI_PROGRESS_H_
#define BARAZA_CLIENT_LIB_CLI_PROGRESS_H_

#include <cstdint>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client_lib/cli/context.h"

namespace baraza::client {

// A bar on standard error, when that is a terminal and the work takes longer than kProgressAfter.
// Removes itself at the end. One thread.
class Progress {
 public:
  Progress(const Cli& cli, absl::string_view what);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // `total` 0: not known.
  void Show(uint64_t done, uint64_t total);

 private:
  const Cli& cli_;
  std::string what_;
  absl::Duration begun_;
  absl::Duration drawn_;
  bool visible_ = false;
};

}  // namespace baraza::client

#endif  // BARAZA_CLIENT_LIB_CLI_PROGRESS_H_
