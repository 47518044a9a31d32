#ifndef BARAZA_SYNC_SERVER_SERVICES_VIEWING_H_
#define BARAZA_SYNC_SERVER_SERVICES_VIEWING_H_

#include <memory>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "baraza/v1/figure.pb.h"
#include "baraza/v1/programme_service.pb.h"
#include "baraza/v1/record.pb.h"
#include "baraza/v1/review_service.pb.h"
#include "baraza/v1/session.pb.h"
#include "core/model/privacy.h"
#include "core/model/register.h"
#include "sync_server/consolidation/projection.h"
#include "sync_server/ingest/caller.h"

namespace baraza::server {

// What of the programme's knowledge an answer to one caller may hold. Decides which class applies;
// core/model/privacy does the rest. A snapshot: one object serves one call.
class Viewing {
 public:
  Viewing(const Caller& caller, const Projection& projection);

  // The strictest class that the caller may see of what this team owns.
  v1::Privacy ClassFor(absl::string_view owner_team_id) const;

  // Whether the caller's own scope holds what this team owns, to decide on it.
  bool InScope(absl::string_view owner_team_id) const;

  // The team to whose members a record is close: a person's own, else the record's.
  std::string OwnerOf(const v1::RecordState& state) const;

  // The record as the caller may see it; nullopt: not at all, since it is marked as more sensitive
  // than that.
  std::optional<v1::RecordView> ViewOf(const v1::RecordState& state) const;

  // A session likewise: the class is the least over the teams of its reports, since its values come
  // from all of them.
  std::optional<v1::Session> ViewOf(v1::Session session) const;

  // Leaves of a figure's trace what the caller may see of its sessions in words. Its numbers are
  // the same for everybody.
  void Filter(v1::Figure& figure) const;

  // The explanation of a pair, without what hangs on values that the caller may not see, the score
  // included; nullopt: one of the reports' sessions is too sensitive, or no session holds it.
  std::optional<v1::PairExplanation> ViewOf(v1::PairExplanation explanation) const;

  // Whether the caller may see the question: its words may quote the report that it is about.
  bool MaySee(const v1::OpenQuestion& question) const;

  // A ruling, and what was done with it, as the caller may see it; nullopt: it is marked as more
  // sensitive than that, or a report that it names is.
  std::optional<v1::RulingHistory> ViewOf(v1::RulingHistory history) const;

  // An item of the review queue; nullopt: its question or the ruling that it is about is hidden.
  std::optional<v1::ReviewItem> ViewOf(v1::ReviewItem item) const;

  const Register& reg() const { return *register_; }

 private:
  v1::Privacy ClassOf(const v1::Session& session) const;
  // Makes the texts beside the number anew from the sessions that the caller may see.
  void HideSensitiveTexts(v1::Figure& figure) const;
  // Whether the session that holds the report is too sensitive for the caller.
  bool IsHidden(absl::string_view report_id) const;
  // Whether the caller may know that it stands and what it says of which reports.
  bool MaySeeRuling(absl::string_view ruling_id) const;
  // Leaves of an explanation what may be told to who sees both reports up to this class.
  void Filter(v1::PairExplanation& explanation, v1::Privacy greatest) const;

  const Projection& projection_;
  const std::shared_ptr<const Register> register_;
  Viewer viewer_;
};

}  // namespace baraza::server

#endif  // BARAZA_SYNC_SERVER_SERVICES_VIEWING_H_
