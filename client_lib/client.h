#ifndef BARAZA_CLIENT_LIB_CLIENT_H_
#define BARAZA_CLIENT_LIB_CLIENT_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "baraza/v1/client.pb.h"
#include "baraza/v1/enrolment_service.pb.h"
#include "baraza/v1/record.pb.h"
#include "baraza/v1/review.pb.h"
#include "baraza/v1/sync_service.pb.h"
#include "client_lib/limits.h"
#include "client_lib/store/device_store.h"
#include "client_lib/sync/sync_engine.h"
#include "client_lib/sync/transport.h"
#include "core/base/clock.h"
#include "core/base/random.h"

namespace baraza::client {

// Told of changes, without any lock held, in the thread that made them. A callback may call the
// client, but not Sync.
class ClientObserver {
 public:
  virtual ~ClientObserver() = default;
  virtual void OnStatusChanged(const v1::ClientStatus& status) { (void)status; }
  // `record_ids` is sorted.
  virtual void OnRecordsChanged(absl::Span<const std::string> record_ids) { (void)record_ids; }
};

class SyncRun;

// What an app embeds: capture without a network, sync when there is one.
//
// Invariants: what Capture, Edit, Void and SaveDraft answered OK survives a power cut; nothing is
// lost on any error; a value of class DEVICE never leaves the database. Thread-safe; no threads of
// its own: Sync blocks its caller, the other calls wait for short transactions only.
class Client {
 public:
  struct Options {
    // The database file; its folder must exist.
    std::string path;
    // Name of a registered SQLite VFS; empty: the default one.
    std::string vfs;
    // Must outlive the client. Null: the machine's own.
    Clock* clock = nullptr;
    Random* random = nullptr;
    // May be null, or set later by SetTransport. Must outlive the client.
    SyncTransport* transport = nullptr;
    // Told to the server, e.g. "baraza 0.1 linux". <= 64 bytes.
    std::string software_version;
    // How Sync waits between attempts; false: stop. Null: in real time, until CancelSync.
    std::function<bool(absl::Duration)> wait;
  };

  // Opens or makes the database. With a full disk it opens all the same, for reading: then the
  // calls that write return RESOURCE_EXHAUSTED until there is room (unless an older version's file
  // must be brought up to date first, which needs some). FAILED_PRECONDITION if the file
  // is not a device database or a newer version's; it is left as it was. UNAVAILABLE if another
  // program has it open: the file is for one client at a time.
  static absl::StatusOr<std::unique_ptr<Client>> Open(Options options);
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  // No call may be under way.
  ~Client();

  // --- Enrolment ---------------------------------------------------------------------------------

  // "dev_...", minted with the database; goes into EnrolRequest.
  std::string DeviceId() const;

  // Binds the database to the person of `enrolment` and keeps the server's address, CA certificate
  // (PEM; empty: plaintext on loopback) and the credential. The same person again (lost credential,
  // other address) keeps the device id and everything pending. Another person: FAILED_PRECONDITION
  // while the former one's operations, quarantine or drafts are here, else a new device id.
  absl::Status Bind(const v1::EnrolResponse& enrolment, absl::string_view address,
                    absl::string_view ca_certificate);

  // Where to sync to, for making a transport. nullopt before Bind.
  std::optional<Connection> GetConnection() const;

  // `transport` must outlive the client or the next SetTransport. Not during Sync.
  void SetTransport(SyncTransport* transport);

  // --- Drafts ------------------------------------------------------------------------------------

  // Stores a draft, in which anything may be missing or wrong, enrolled or not. An empty draft_id
  // makes a new one. Returns it with its id and time. INVALID_ARGUMENT if it is larger than
  // kMaxDraftBytes, names no record type or holds text that is not UTF-8.
  absl::StatusOr<v1::Draft> SaveDraft(v1::Draft draft);
  absl::StatusOr<v1::Draft> GetDraft(absl::string_view draft_id);
  absl::Status DeleteDraft(absl::string_view draft_id);
  absl::StatusOr<std::vector<v1::Draft>> ListDrafts();

  // --- Records -----------------------------------------------------------------------------------

  // Makes a record of what the message holds; its id, team and author are the client's to set.
  // Element ids are minted where missing; values of class DEVICE go to the local table. Errors:
  // FAILED_PRECONDITION (not enrolled), INVALID_ARGUMENT naming record and field (impossible value,
  // over 64 KiB), RESOURCE_EXHAUSTED (disk full).
  absl::StatusOr<v1::ClientRecord> Capture(const v1::Record& record);

  // Captures a draft and deletes it in the same transaction; on an error it stays.
  absl::StatusOr<v1::ClientRecord> CaptureDraft(absl::string_view draft_id);

  struct EditOptions {
    // The heads of the record that was edited (RecordState.heads), so that what others changed
    // meanwhile stays, or becomes a visible conflict. Empty: the record as it is now. ABORTED if
    // the device does not have them (any more): read again.
    std::vector<std::string> base_heads;
  };

  // Changes a record to `after`: only fields that differ from the base are written. A report is
  // submitted again. Values of class DEVICE that are set in `after` replace the local ones; absent
  // ones stay, empty ones clear. NOT_FOUND; FAILED_PRECONDITION if nothing changes;
  // PERMISSION_DENIED if the change would be without effect.
  absl::StatusOr<v1::ClientRecord> Edit(absl::string_view record_id, const v1::Record& after) {
    return Edit(record_id, after, EditOptions());
  }
  absl::StatusOr<v1::ClientRecord> Edit(absl::string_view record_id, const v1::Record& after,
                                        const EditOptions& options);

  // Takes a record out of use (a void is a register: later edits do not unvoid) and back.
  absl::StatusOr<v1::ClientRecord> Void(absl::string_view record_id, const v1::LocalText& reason);
  absl::StatusOr<v1::ClientRecord> Unvoid(absl::string_view record_id);

  // Settles one of the record's conflicts with the value that `op_id` gave, winner or loser.
  // NOT_FOUND if there is no such conflict or value.
  absl::StatusOr<v1::ClientRecord> ResolveConflict(absl::string_view record_id,
                                                   uint32_t field_number,
                                                   absl::string_view element_id,
                                                   absl::string_view op_id);

  // Any record the device has: own, the team's, the register. NOT_FOUND.
  absl::StatusOr<v1::ClientRecord> Get(absl::string_view record_id);

  // In the order of the ids. INVALID_ARGUMENT for a page token that did not come from here.
  absl::StatusOr<v1::ListResult> List(const v1::ListRequest& request);

  // The consolidated session that holds the report, as of the last sync. NOT_FOUND.
  absl::StatusOr<v1::Session> GetSession(absl::string_view report_id);
  // Indicator values as of the last sync.
  absl::StatusOr<std::vector<v1::FeedFigure>> Figures();

  // --- Help while capturing ----------------------------------------------------------------------

  // Reports and sessions known to the device that may be the same occasion, best first, at most
  // kMaxDuplicateHints. `record_id` names an own report that it should not be compared with.
  absl::StatusOr<std::vector<v1::DuplicateHint>> DuplicateHints(const v1::Record& record,
                                                                absl::string_view record_id = "");
  // The same for an id of a record or a draft.
  absl::StatusOr<std::vector<v1::DuplicateHint>> DuplicateHintsFor(absl::string_view id);

  // Whether a session known by this report alone would count, and what is missing, for the
  // indicator's definition (empty: the first indicator of the programme, or the default
  // definition).
  absl::StatusOr<v1::WillItCount> WillItCount(const v1::Record& record,
                                              absl::string_view indicator_id = "");
  absl::StatusOr<v1::WillItCount> WillItCountFor(absl::string_view id,
                                                 absl::string_view indicator_id = "");

  // --- Follow-ups --------------------------------------------------------------------------------

  // Questions to the own team: those the server derived and those that somebody asked, open ones
  // first, then by id.
  absl::StatusOr<std::vector<v1::FollowUpEntry>> FollowUps();

  // Answers a question by its id or by the id of its FollowUp record. NOT_FOUND.
  absl::StatusOr<v1::ClientRecord> AnswerFollowUp(absl::string_view id,
                                                  const v1::FollowUp::Answer& answer);

  // --- Sync --------------------------------------------------------------------------------------

  struct SyncOptions {
    // Called between round trips, in the thread of Sync, without a lock held.
    std::function<void(const v1::SyncProgress&)> progress;
    // Failures in a row before it gives up; 0: only CancelSync ends it.
    int max_attempts = kDefaultSyncAttempts;
  };

  // Pushes what is pending and pulls what is new; blocks. Capture goes on meanwhile. Errors keep
  // everything: FAILED_PRECONDITION (not enrolled, no transport, a sync under way, or the software
  // is too old), UNAUTHENTICATED (enrol again), PERMISSION_DENIED (suspended), UNAVAILABLE and
  // DEADLINE_EXCEEDED (no network; try later), CANCELLED, RESOURCE_EXHAUSTED (disk full).
  absl::StatusOr<v1::SyncSummary> Sync() { return Sync(SyncOptions()); }
  absl::StatusOr<v1::SyncSummary> Sync(const SyncOptions& options);

  // The same step by step, for an app that has an event loop or sends by means of its platform: see
  // SyncRun. `options.progress` is not called. FAILED_PRECONDITION: not enrolled, or a sync is
  // under way. The run must end before the client does.
  absl::StatusOr<std::unique_ptr<SyncRun>> StartSync(const SyncOptions& options);

  // Makes a running Sync return CANCELLED soon. From any thread; does not block. A run of StartSync
  // is cancelled by destroying it.
  void CancelSync();

  absl::StatusOr<v1::ClientStatus> Status();

  // --- Quarantine --------------------------------------------------------------------------------

  // Operations that the server rejected, with the reason, oldest first. Those with the reason
  // SUSPENDED stay in effect here and go again by themselves when the office lifts the suspension.
  absl::StatusOr<std::vector<v1::QuarantineEntry>> Quarantine();
  // Takes it out of the list for good. NOT_FOUND; FAILED_PRECONDITION for a SUSPENDED one.
  absl::Status DismissQuarantined(absl::string_view op_id);
  // Captures the content of a rejected operation as a new one, corrected if `corrected` is given
  // (the whole record), and dismisses the entry. A rejected creation becomes a new record.
  absl::StatusOr<v1::ClientRecord> RecaptureQuarantined(
      absl::string_view op_id, const std::optional<v1::Record>& corrected = std::nullopt);

  // --- Observers ---------------------------------------------------------------------------------

  // Until RemoveObserver; a call that is under way in another thread may still end after that.
  void AddObserver(std::shared_ptr<ClientObserver> observer);
  void RemoveObserver(const std::shared_ptr<ClientObserver>& observer);

 private:
  friend class SyncRun;
  class Impl;
  explicit Client(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// A sync under way that blocks nobody: it says what to do next and is told how that went.
//
//   while (true) {
//     const SyncEngine::Instruction next = run->Next();
//     // Send: send the request, then OnResponse or OnError. Wait: wait, then OnWaited.
//     // Done, Paused, Failed: the run is over.
//   }
//
// Capture goes on meanwhile, also in other threads; the run itself is for one thread at a time.
// Destroying it before it is over cancels it: everything is kept, and an answer that comes later is
// of no account.
class SyncRun {
 public:
  ~SyncRun();
  SyncRun(const SyncRun&) = delete;
  SyncRun& operator=(const SyncRun&) = delete;

  // See SyncEngine; times are those of the client's clock.
  SyncEngine::Instruction Next();
  void OnResponse(const v1::SyncResponse& response);
  void OnError(const absl::Status& status);
  void OnWaited();
  v1::SyncSummary summary() const;

 private:
  friend class Client;
  SyncRun(Client& client, SyncEngine::Options options);
  void End(const absl::Status& status);

  Client& client_;
  std::unique_ptr<SyncEngine> engine_;
  bool over_ = false;
};

}  // namespace baraza::client

#endif  // BARAZA_CLIENT_LIB_CLIENT_H_
