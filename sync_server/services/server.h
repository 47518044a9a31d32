#ifndef BARAZA_SYNC_SERVER_SERVICES_SERVER_H_
#define BARAZA_SYNC_SERVER_SERVICES_SERVER_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/base/clock.h"
#include "core/base/random.h"
#include "sync_server/limits.h"
#include "sync_server/services/event_log.h"
#include "sync_server/services/programme_host.h"

namespace baraza::server {

struct ServerOptions {
  std::string data_dir;
  // "host:port"; port 0: any free one.
  std::string listen = "127.0.0.1:7443";
  // What enrolment codes tell devices to dial; empty: `listen` with the real port.
  std::string public_address;
  // PEM files; empty: those of the data directory, if it has any. Both or neither.
  std::string tls_certificate;
  std::string tls_key;
  // Of whoever signed tls_certificate, or the certificate of what ends TLS before a plaintext
  // server; goes into enrolment codes.
  std::string tls_ca;
  // Without TLS although there are certificates. Loopback only.
  bool plaintext = false;
  // Threads that read feeds.
  int workers = 2;
  // Syncs under way at a time, more than 0; others are told when to come again.
  int max_syncs_at_once = kMaxSyncsAtOnce;
};

// Whether `listen` is reachable from this machine only: 127.0.0.0/8, [::1], localhost, unix:.
// Anything that is not certain to be counts as reachable.
bool IsLoopback(absl::string_view listen);

// A running server: stores, their threads, gRPC with all services and the health service.
class Server {
 public:
  // Opens everything and listens. FAILED_PRECONDITION: another program uses the data directory, or
  // a restore was interrupted in it, or the address is not loopback and there is no TLS; NOT_FOUND:
  // no data directory; INTERNAL: an RPC without a policy; UNAVAILABLE: the address is taken. Clock,
  // random and log must outlive it; `random` must be cryptographic and safe from any thread.
  static absl::StatusOr<std::unique_ptr<Server>> Start(const ServerOptions& options, Clock& clock,
                                                       Random& random, EventLog& log);
  // Stop().
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // The real one.
  int port() const;
  // "host:port" for devices.
  std::string public_address() const;
  bool tls() const;
  // For tests: a programme's host, null when there is none.
  ProgrammeHost* host(absl::string_view programme_id);

  // Takes no more calls, lets those that run end (at most `drain`), commits what is queued, empties
  // the write-ahead logs. More than once does no harm.
  void Stop(absl::Duration drain);

 private:
  struct Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// Raises the limit on open files as far as allowed, and to at least what is wanted if possible.
// Returns the limit now.
uint64_t RaiseOpenFileLimit();

}  // namespace baraza::server

#endif  // BARAZA_SYNC_SERVER_SERVICES_SERVER_H_
