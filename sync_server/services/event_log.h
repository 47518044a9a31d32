#ifndef BARAZA_SYNC_SERVER_SERVICES_EVENT_LOG_H_
#define BARAZA_SYNC_SERVER_SERVICES_EVENT_LOG_H_

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "core/base/clock.h"
#include "core/base/mutex.h"

namespace baraza::server {

enum class LogLevel { kInfo, kWarning, kError };

// What a log line may say beside time, level and event. Programme ids, methods, codes, counts and
// durations; never report content, a person, a device, an address or a secret.
struct LogField {
  absl::string_view key;
  std::string text;
  LogField(absl::string_view k, absl::string_view value) : key(k), text(value) {}
  LogField(absl::string_view k, const char* value) : key(k), text(value) {}
  LogField(absl::string_view k, const std::string& value) : key(k), text(value) {}
  LogField(absl::string_view k, int64_t value)
      : key(k), text(std::to_string(value)), number(true) {}
  bool number = false;
};

// One JSON object a line. Safe from any thread.
class EventLog {
 public:
  // `sink` is given whole lines without a line break, one at a time.
  EventLog(Clock& clock, std::function<void(absl::string_view)> sink)
      : clock_(clock), sink_(std::move(sink)) {}
  EventLog(const EventLog&) = delete;
  EventLog& operator=(const EventLog&) = delete;

  void Write(LogLevel level, absl::string_view event, absl::Span<const LogField> fields);

 private:
  Clock& clock_;
  Mutex mutex_;
  const std::function<void(absl::string_view)> sink_ BARAZA_GUARDED_BY(mutex_);
};

// A sink that writes to standard error.
std::function<void(absl::string_view)> StandardErrorSink();

// Sends what gRPC and protobuf themselves have to say through `log`, which must outlive all use of
// them, instead of to standard error. What protobuf says of a text that is not UTF-8 is left out:
// the operation's result says it, and whoever sends many must not fill the log.
void RedirectLibraryLogs(EventLog& log);

}  // namespace baraza::server

#endif  // BARAZA_SYNC_SERVER_SERVICES_EVENT_LOG_H_
