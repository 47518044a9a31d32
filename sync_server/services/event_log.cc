#include "sync_server/services/event_log.h"

#include <grpc/support/log.h>

#include <cstdio>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "core/base/text.h"
#include "google/protobuf/stubs/logging.h"

namespace baraza::server {
namespace {

absl::string_view NameOf(LogLevel level) {
  switch (level) {
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarning:
      return "warning";
    case LogLevel::kError:
      return "error";
  }
  return "error";
}

// RFC 8259; ill-formed UTF-8 is replaced as a whole rather than passed on.
void AppendString(std::string& line, absl::string_view text) {
  line.push_back('"');
  if (!IsValidUtf8(text)) text = "(not text)";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      line.push_back('\\');
      line.push_back(c);
    } else if (static_cast<unsigned char>(c) < 0x20) {
      absl::StrAppendFormat(&line, "\\u%04x", static_cast<unsigned char>(c));
    } else {
      line.push_back(c);
    }
  }
  line.push_back('"');
}

EventLog* library_log = nullptr;

void LogForGrpc(gpr_log_func_args* args) {
  library_log->Write(args->severity == GPR_LOG_SEVERITY_ERROR ? LogLevel::kError : LogLevel::kInfo,
                     "grpc", {{"file", args->file}, {"line", int64_t{args->line}}});
}

void LogForProtobuf(google::protobuf::LogLevel level, const char* file, int line,
                    const std::string&) {
  if (level < google::protobuf::LOGLEVEL_FATAL) return;
  library_log->Write(LogLevel::kError, "protobuf", {{"file", file}, {"line", int64_t{line}}});
}

}  // namespace

void EventLog::Write(LogLevel level, absl::string_view event, absl::Span<const LogField> fields) {
  std::string line = absl::StrCat(
      R"({"time":")", absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", clock_.Now(), absl::UTCTimeZone()),
      R"(","level":")", NameOf(level), R"(","event":)");
  AppendString(line, event);
  for (const LogField& field : fields) {
    line.push_back(',');
    AppendString(line, field.key);
    line.push_back(':');
    if (field.number) {
      line += field.text;
    } else {
      AppendString(line, field.text);
    }
  }
  line.push_back('}');
  MutexLock lock(mutex_);
  sink_(line);
}

std::function<void(absl::string_view)> StandardErrorSink() {
  return [](absl::string_view line) {
    std::fwrite(line.data(), 1, line.size(), stderr);
    std::fputc('\n', stderr);
    std::fflush(stderr);
  };
}

void RedirectLibraryLogs(EventLog& log) {
  library_log = &log;
  gpr_set_log_verbosity(GPR_LOG_SEVERITY_ERROR);
  // Without the message: it may quote a peer's address or what it sent.
  gpr_set_log_function(LogForGrpc);
  google::protobuf::SetLogHandler(LogForProtobuf);
}

}  // namespace baraza::server
