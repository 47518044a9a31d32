#ifndef BARAZA_CORE_INDICATOR_CODED_TEXT_H_
#define BARAZA_CORE_INDICATOR_CODED_TEXT_H_

#include <initializer_list>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "baraza/v1/types.pb.h"

namespace baraza {

// A statement in code form; its arguments come out sorted by key.
v1::CodedText Coded(
    absl::string_view code,
    std::initializer_list<std::pair<absl::string_view, std::string>> arguments = {});

}  // namespace baraza

#endif  // BARAZA_CORE_INDICATOR_CODED_TEXT_H_
