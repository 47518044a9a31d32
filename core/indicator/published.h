#ifndef BARAZA_CORE_INDICATOR_PUBLISHED_H_
#define BARAZA_CORE_INDICATOR_PUBLISHED_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "core/indicator/figure.h"

namespace baraza {

// What earlier publications of an indicator mean for the figure of one period. Internal to
// core/indicator. Sessions are named by their index in FigureInput::sessions.
class PublishedView {
 public:
  explicit PublishedView(const FigureInput& input);

  // The publication that holds for this very period, or nullptr.
  const v1::PublishedFigure* own() const { return own_; }

  // The other period whose publication counts the session; nullptr: none.
  const std::string* CountedElsewhere(size_t session) const;
  // Whether this period's publication counts it.
  bool InOwn(size_t session) const { return !own_owner_.empty() && own_owner_[session]; }
  // The earlier published period that lacks the session, which therefore counts in this one;
  // nullptr: none. `first` and `last` are its start bounds, days since 1970-01-01.
  const std::string* CarriedFrom(size_t session, int32_t first, int32_t last) const;
  // Whether this period is closed to sessions that its publication lacks.
  bool ClosedToLate() const { return carry_forward_ && own_ != nullptr; }

  // Published session ids of this period that no counted session stands for, each published session
  // standing for one at most. `counted` by session index. Sorted.
  std::vector<std::string> Withdrawn(const std::vector<bool>& counted) const;

 private:
  struct Other {
    const v1::PublishedFigure* figure;
    Period period;
    // The period is the first unpublished one after it.
    bool precedes_directly = false;
  };

  // The session that now stands for a published one; nullopt: none, or none of the input.
  std::optional<size_t> OwnerOf(const v1::PublishedSession& published) const;
  void IndexSessions();
  bool PrecedesDirectly(const Period& earlier, int fiscal_year_start_month) const;

  const FigureInput& input_;
  const bool carry_forward_;
  const v1::PublishedFigure* own_ = nullptr;
  std::vector<Other> others_;
  // Empty when there is no publication at all.
  std::vector<bool> own_owner_;
  std::vector<const std::string*> elsewhere_;
  absl::flat_hash_map<absl::string_view, size_t> by_session_id_;
  absl::flat_hash_map<absl::string_view, size_t> by_report_id_;
};

}  // namespace baraza

#endif  // BARAZA_CORE_INDICATOR_PUBLISHED_H_
