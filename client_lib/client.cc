// Opening, enrolment, status and observers.

#include "client_lib/client.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client_lib/client_impl.h"
#include "core/base/ids.h"
#include "core/base/status.h"
#include "core/model/record_types.h"

namespace baraza::client {
namespace {

// The machine's own, for clients that inject none. Never destroyed: they hold nothing.
Clock& MachineClock() {
  static Clock* const clock = new SystemClock();
  return *clock;
}

Random& MachineRandom() {
  static Random* const random = new SystemRandom();
  return *random;
}

constexpr size_t kMaxSoftwareVersionBytes = 64;

absl::Status CheckSize(absl::string_view field, size_t size, size_t most) {
  if (size <= most) return absl::OkStatus();
  return InvalidField("enrolment", field, absl::StrCat("at most ", most, " bytes"),
                      absl::StrCat(size));
}

absl::Status CheckEnrolment(const v1::EnrolResponse& enrolment, absl::string_view address,
                            absl::string_view ca_certificate) {
  const v1::Membership& membership = enrolment.membership();
  BARAZA_RETURN_IF_ERROR(
      Annotate(ValidateId(membership.programme_id(), "prg"), "enrolment: membership.programme_id"));
  BARAZA_RETURN_IF_ERROR(
      Annotate(ValidateId(membership.person_id(), "per"), "enrolment: membership.person_id"));
  if (membership.role() == v1::ROLE_UNSPECIFIED) {
    return InvalidField("enrolment", "membership.role", "a role", "none");
  }
  if (enrolment.credential().empty()) {
    return InvalidField("enrolment", "credential", "a credential", "none");
  }
  if (address.empty()) return InvalidField("enrolment", "address", "host:port", "nothing");
  BARAZA_RETURN_IF_ERROR(
      CheckSize("credential", enrolment.credential().size(), kMaxCredentialBytes));
  BARAZA_RETURN_IF_ERROR(CheckSize("address", address.size(), kMaxAddressBytes));
  return CheckSize("ca_certificate", ca_certificate.size(), kMaxCaCertificateBytes);
}

}  // namespace

Client::Client(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Client::~Client() = default;

absl::StatusOr<std::unique_ptr<Client>> Client::Open(Options options) {
  Clock& clock = options.clock != nullptr ? *options.clock : MachineClock();
  Random& random = options.random != nullptr ? *options.random : MachineRandom();
  if (options.software_version.size() > kMaxSoftwareVersionBytes) {
    options.software_version.resize(kMaxSoftwareVersionBytes);
  }
  auto impl = std::make_unique<Impl>(std::move(options), clock, random);
  {
    MutexLock lock(impl->mutex);
    DeviceStore::Options store_options;
    store_options.path = impl->options.path;
    store_options.vfs = impl->options.vfs;
    BARAZA_ASSIGN_OR_RETURN(impl->store,
                            DeviceStore::Open(store_options, impl->minter, impl->random));
    impl->transport = impl->options.transport;
  }
  return std::unique_ptr<Client>(new Client(std::move(impl)));
}

// --- Enrolment
// -------------------------------------------------------------------------------------

std::string Client::DeviceId() const {
  MutexLock lock(impl_->mutex);
  return impl_->store->identity().device_id;
}

absl::Status Client::Bind(const v1::EnrolResponse& enrolment, absl::string_view address,
                          absl::string_view ca_certificate) {
  BARAZA_RETURN_IF_ERROR(CheckEnrolment(enrolment, address, ca_certificate));
  {
    MutexLock lock(impl_->mutex);
    if (impl_->syncing) return absl::FailedPreconditionError("enrol: a sync is under way");
    BARAZA_RETURN_IF_ERROR(impl_->store->Bind(enrolment, address, ca_certificate));
    impl_->phase = v1::SYNC_PHASE_IDLE;
    impl_->last_error.clear();
  }
  impl_->Notify({});
  return absl::OkStatus();
}

std::optional<Connection> Client::GetConnection() const {
  MutexLock lock(impl_->mutex);
  if (!impl_->store->identity().enrolled) return std::nullopt;
  return impl_->store->connection();
}

void Client::SetTransport(SyncTransport* transport) {
  MutexLock lock(impl_->mutex);
  impl_->transport = transport;
}

// --- Status
// ----------------------------------------------------------------------------------------

absl::StatusOr<v1::ClientStatus> Client::Impl::StatusNow() {
  v1::ClientStatus status;
  const Identity& identity = store->identity();
  status.set_device_id(identity.device_id);
  *status.mutable_membership() = identity.membership;
  status.set_enrolled(identity.enrolled);
  BARAZA_ASSIGN_OR_RETURN(const StoreCounts counts, store->Counts());
  status.set_drafts(counts.drafts);
  status.set_outbox(counts.outbox);
  status.set_quarantined(counts.quarantined);
  status.set_returned_reports(counts.returned_reports);
  status.set_conflicts(counts.conflicts);
  status.set_oldest_pending_ms(counts.oldest_pending_ms);
  BARAZA_ASSIGN_OR_RETURN(const std::vector<v1::FollowUpEntry> follow_ups, FollowUps());
  status.set_open_questions(static_cast<uint32_t>(
      std::count_if(follow_ups.begin(), follow_ups.end(),
                    [](const v1::FollowUpEntry& entry) { return !entry.answered(); })));
  status.set_last_sync_ms(store->sync_marks().last_sync_ms);
  status.set_clock_skew_ms(store->sync_marks().clock_skew_ms);
  status.set_phase(phase);
  status.set_read_only(store->read_only());
  status.set_last_error(last_error);
  status.set_server_address(store->connection().address);
  return status;
}

absl::StatusOr<v1::ClientStatus> Client::Status() {
  MutexLock lock(impl_->mutex);
  return impl_->StatusNow();
}

// --- Observers
// -------------------------------------------------------------------------------------

void Client::AddObserver(std::shared_ptr<ClientObserver> observer) {
  if (observer == nullptr) return;
  MutexLock lock(impl_->observers_mutex);
  impl_->observers.push_back(std::move(observer));
}

void Client::RemoveObserver(const std::shared_ptr<ClientObserver>& observer) {
  MutexLock lock(impl_->observers_mutex);
  auto& observers = impl_->observers;
  observers.erase(std::remove(observers.begin(), observers.end(), observer), observers.end());
}

void Client::Impl::Notify(absl::Span<const std::string> record_ids) {
  std::vector<std::shared_ptr<ClientObserver>> told;
  {
    MutexLock lock(observers_mutex);
    told = observers;
  }
  if (told.empty()) return;
  v1::ClientStatus status;
  {
    MutexLock lock(mutex);
    absl::StatusOr<v1::ClientStatus> now = StatusNow();
    // Without a status there is nothing to tell; whoever asks for it gets the error.
    if (!now.ok()) return;
    status = *std::move(now);
  }
  for (const std::shared_ptr<ClientObserver>& observer : told) {
    if (!record_ids.empty()) observer->OnRecordsChanged(record_ids);
    observer->OnStatusChanged(status);
  }
}

absl::StatusOr<v1::ClientRecord> Client::Impl::Notified(absl::StatusOr<v1::ClientRecord> result) {
  if (result.ok()) Notify({result->state().record_id()});
  return result;
}

}  // namespace baraza::client
