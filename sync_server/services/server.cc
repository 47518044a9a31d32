#include "sync_server/services/server.h"

#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/resource_quota.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/base/status.h"
#include "sync_server/auth/authenticator.h"
#include "sync_server/auth/enrolment.h"
#include "sync_server/auth/policy.h"
#include "sync_server/limits.h"
#include "sync_server/services/data_dir.h"
#include "sync_server/services/enrolment_service.h"
#include "sync_server/services/indicator_service.h"
#include "sync_server/services/programme_service.h"
#include "sync_server/services/review_service.h"
#include "sync_server/services/rpc.h"
#include "sync_server/services/session_service.h"
#include "sync_server/services/sync_service.h"
#include "sync_server/services/worker_pool.h"
#include "sync_server/store/registry_store.h"

namespace baraza::server {
namespace {

constexpr size_t kMaxPemBytes = 1 << 20;

struct Tls {
  std::string certificate;
  std::string key;
  std::string ca;
};

// Empty certificate: plaintext.
absl::StatusOr<Tls> LoadTls(const ServerOptions& options, const DataDir& dir) {
  Tls tls;
  const auto no_tls = [&]() -> absl::StatusOr<Tls> {
    // Whoever ends TLS before this server has a certificate that devices must be told to trust.
    if (!options.tls_ca.empty()) {
      BARAZA_ASSIGN_OR_RETURN(tls.ca, ReadWholeFile(options.tls_ca, kMaxPemBytes));
    }
    return tls;
  };
  if (options.plaintext) return no_tls();
  std::string certificate = options.tls_certificate;
  std::string key = options.tls_key;
  std::string ca = options.tls_ca;
  if (certificate.empty() != key.empty()) {
    return absl::InvalidArgumentError("TLS: expected both a certificate and its key");
  }
  if (certificate.empty()) {
    if (!dir.Exists(dir.ServerCertificate())) return no_tls();
    certificate = dir.ServerCertificate();
    key = dir.ServerKey();
    ca = dir.CaCertificate();
  }
  BARAZA_ASSIGN_OR_RETURN(tls.certificate, ReadWholeFile(certificate, kMaxPemBytes));
  BARAZA_ASSIGN_OR_RETURN(tls.key, ReadWholeFile(key, kMaxPemBytes));
  // Without a CA of its own the certificate is what devices pin.
  if (ca.empty()) {
    tls.ca = tls.certificate;
  } else {
    BARAZA_ASSIGN_OR_RETURN(tls.ca, ReadWholeFile(ca, kMaxPemBytes));
  }
  return tls;
}

absl::string_view HostOf(absl::string_view listen) { return listen.substr(0, listen.rfind(':')); }

int Millis(absl::Duration duration) {
  return static_cast<int>(absl::ToInt64Milliseconds(duration));
}

}  // namespace

bool IsLoopback(absl::string_view listen) {
  if (absl::StartsWith(listen, "unix:")) return true;
  const absl::string_view host = HostOf(listen);
  if (host == "localhost" || host == "[::1]") return true;
  const std::vector<absl::string_view> parts = absl::StrSplit(host, '.');
  if (parts.size() != 4 || parts[0] != "127") return false;
  return std::all_of(parts.begin(), parts.end(), [](absl::string_view part) {
    int number = 0;
    return part.size() <= 3 && absl::SimpleAtoi(part, &number) && number >= 0 && number <= 255;
  });
}

uint64_t RaiseOpenFileLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  if (limit.rlim_cur < kWantedOpenFiles) {
    rlimit raised = limit;
    raised.rlim_cur = limit.rlim_max == RLIM_INFINITY
                          ? kWantedOpenFiles
                          : std::min<rlim_t>(kWantedOpenFiles, limit.rlim_max);
    if (setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
  }
  return limit.rlim_cur;
}

// Members are in the order in which they are made; they go in the reverse one.
struct Server::Impl {
  Impl(Clock& clock, Random& random, EventLog& event_log)
      : clock(clock), random(random), log(event_log) {}

  Clock& clock;
  Random& random;
  EventLog& log;
  std::unique_ptr<DataDirLock> lock;
  std::unique_ptr<RegistryStore> registry;
  std::unique_ptr<Authenticator> authenticator;
  std::unique_ptr<Enrolment> enrolment;
  std::unique_ptr<WorkerPool> workers;
  std::map<std::string, std::unique_ptr<ProgrammeHost>> hosts;
  std::unique_ptr<ServiceContext> context;
  std::unique_ptr<SyncServiceImpl> sync;
  std::unique_ptr<EnrolmentServiceImpl> enrolment_service;
  std::unique_ptr<ProgrammeServiceImpl> programme;
  std::unique_ptr<SessionServiceImpl> session;
  std::unique_ptr<ReviewServiceImpl> review;
  std::unique_ptr<IndicatorServiceImpl> indicator;
  std::unique_ptr<grpc::Server> grpc_server;
  int port = 0;
  bool uses_tls = false;

  absl::Status Listen(const ServerOptions& options, const Tls& tls);
};

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const ServerOptions& options, Clock& clock,
                                                      Random& random, EventLog& log) {
  BARAZA_RETURN_IF_ERROR(CheckPolicies(AllServices(), Policies()));
  const DataDir dir(options.data_dir);
  if (!dir.Exists(dir.Registry())) {
    return absl::NotFoundError(
        absl::StrCat(dir.path(), " is no data directory; make one with baraza-server init"));
  }
  BARAZA_ASSIGN_OR_RETURN(const Tls tls, LoadTls(options, dir));
  if (tls.certificate.empty() && !IsLoopback(options.listen)) {
    return absl::FailedPreconditionError(absl::StrCat(
        "refusing to listen on ", options.listen, " without TLS: devices' credentials and reports ",
        "would travel in the clear. Use a loopback address, or certificates ",
        "(baraza-server certificate, or --tls-cert and --tls-key)"));
  }
  auto impl = std::make_unique<Impl>(clock, random, log);
  BARAZA_ASSIGN_OR_RETURN(impl->lock, DataDirLock::Take(dir));
  BARAZA_ASSIGN_OR_RETURN(impl->registry, RegistryStore::Open(dir.Registry(), {}));
  impl->authenticator = std::make_unique<Authenticator>(*impl->registry, clock);
  impl->enrolment = std::make_unique<Enrolment>(*impl->registry, clock, random);
  impl->workers = std::make_unique<WorkerPool>(std::max(1, options.workers));
  BARAZA_ASSIGN_OR_RETURN(const std::vector<ProgrammeEntry> programmes,
                          impl->registry->ListProgrammes());
  for (const ProgrammeEntry& programme : programmes) {
    BARAZA_ASSIGN_OR_RETURN(
        impl->hosts[programme.programme_id],
        ProgrammeHost::Open(dir.Programme(programme.programme_id), programme.programme_id,
                            {*impl->registry, clock, random, *impl->workers, log}));
  }
  impl->context.reset(new ServiceContext{clock,
                                         log,
                                         *impl->registry,
                                         *impl->authenticator,
                                         *impl->enrolment,
                                         impl->hosts,
                                         options.public_address,
                                         std::string(HostOf(options.listen)),
                                         {},
                                         tls.ca});
  impl->sync =
      std::make_unique<SyncServiceImpl>(*impl->context, std::max(1, options.max_syncs_at_once));
  impl->enrolment_service = std::make_unique<EnrolmentServiceImpl>(*impl->context);
  impl->programme = std::make_unique<ProgrammeServiceImpl>(*impl->context);
  impl->session = std::make_unique<SessionServiceImpl>(*impl->context);
  impl->review = std::make_unique<ReviewServiceImpl>(*impl->context, random);
  impl->indicator = std::make_unique<IndicatorServiceImpl>(*impl->context);
  BARAZA_RETURN_IF_ERROR(impl->Listen(options, tls));
  log.Write(LogLevel::kInfo, "serving",
            {{"port", int64_t{impl->port}},
             {"tls", tls.certificate.empty() ? "no" : "yes"},
             {"programmes", static_cast<int64_t>(impl->hosts.size())}});
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

absl::Status Server::Impl::Listen(const ServerOptions& options, const Tls& tls) {
  std::shared_ptr<grpc::ServerCredentials> credentials = grpc::InsecureServerCredentials();
  uses_tls = !tls.certificate.empty();
  if (uses_tls) {
    grpc::SslServerCredentialsOptions ssl(GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE);
    ssl.pem_key_cert_pairs.push_back({tls.key, tls.certificate});
    credentials = grpc::SslServerCredentials(ssl);
  }
  grpc::EnableDefaultHealthCheckService(true);
  grpc::ServerBuilder builder;
  grpc::ResourceQuota quota("baraza-server");
  quota.Resize(kTransportMemoryBytes);
  quota.SetMaxThreads(kMaxTransportThreads);
  builder.SetResourceQuota(quota);
  builder.SetMaxReceiveMessageSize(kMaxMessageBytes);
  builder.SetMaxSendMessageSize(kMaxMessageBytes);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kMaxConcurrentStreams);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, Millis(kKeepalivePeriod));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, Millis(kKeepaliveTimeout));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, Millis(kMaxConnectionIdle));
  // Two servers must not share a port without knowing.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  // By level: gzip to whoever takes it, nothing to whoever does not (an algorithm is not asked for
  // what the caller takes).
  builder.SetDefaultCompressionLevel(GRPC_COMPRESS_LEVEL_LOW);
  builder.AddListeningPort(options.listen, credentials, &port);
  builder.RegisterService(sync.get());
  builder.RegisterService(enrolment_service.get());
  builder.RegisterService(programme.get());
  builder.RegisterService(session.get());
  builder.RegisterService(review.get());
  builder.RegisterService(indicator.get());
  // Nobody calls before BuildAndStart, and the port is known only after it.
  grpc_server = builder.BuildAndStart();
  if (grpc_server == nullptr || (port == 0 && !absl::StartsWith(options.listen, "unix:"))) {
    return absl::UnavailableError(absl::StrCat("cannot listen on ", options.listen,
                                               ": the address is taken, or not this machine's"));
  }
  context->port = port;
  return absl::OkStatus();
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Server::~Server() { Stop(kDrainTime); }

int Server::port() const { return impl_->port; }

bool Server::tls() const { return impl_->uses_tls; }

std::string Server::public_address() const { return impl_->context->PublicAddress(); }

ProgrammeHost* Server::host(absl::string_view programme_id) {
  const auto found = impl_->hosts.find(std::string(programme_id));
  return found == impl_->hosts.end() ? nullptr : found->second.get();
}

void Server::Stop(absl::Duration drain) {
  if (impl_->grpc_server == nullptr) return;
  impl_->log.Write(LogLevel::kInfo, "stopping", {});
  // gRPC waits for its calls without end; ours must not wait for what may not come.
  for (auto& [id, host] : impl_->hosts) host->EndWaits();
  impl_->grpc_server->GetHealthCheckService()->Shutdown();
  impl_->grpc_server->Shutdown(std::chrono::system_clock::now() +
                               absl::ToChronoMilliseconds(drain));
  impl_->grpc_server->Wait();
  impl_->grpc_server.reset();
  impl_->workers.reset();
  impl_->hosts.clear();
  const absl::Status checkpoint = impl_->registry->Checkpoint();
  impl_->log.Write(checkpoint.ok() ? LogLevel::kInfo : LogLevel::kWarning, "stopped",
                   {{"code", absl::StatusCodeToString(checkpoint.code())}});
}

}  // namespace baraza::server
