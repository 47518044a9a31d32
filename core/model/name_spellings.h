#ifndef BARAZA_CORE_MODEL_NAME_SPELLINGS_H_
#define BARAZA_CORE_MODEL_NAME_SPELLINGS_H_

#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace baraza {

// Finds folded names by a spelling that is one slip away, without looking at all of them: each name
// is filed under itself and under all it becomes when one byte is left out; two names within one
// slip have one of these in common. Depends on the set of names only.
class NameSpellings {
 public:
  // Of shorter names one letter makes another.
  static constexpr size_t kShortest = 8;
  // Each byte of a name costs a spelling of that length: longer ones would take time and room with
  // the square of what somebody chose to send.
  static constexpr size_t kLongest = 256;

  void Add(absl::string_view folded);
  void Remove(absl::string_view folded);

  // Names within one slip of `folded`, other than itself; sorted. Empty for a short or long one.
  std::vector<std::string> Like(absl::string_view folded) const;

 private:
  std::set<std::pair<uint64_t, std::string>> filed_;
};

}  // namespace baraza

#endif  // BARAZA_CORE_MODEL_NAME_SPELLINGS_H_
