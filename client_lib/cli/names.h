#ifndef BARAZA_CLIENT_LIB_CLI_NAMES_H_
#define BARAZA_CLIENT_LIB_CLI_NAMES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "baraza/v1/types.pb.h"
#include "core/model/register.h"

namespace baraza::client {

// Names as a person types them -> ids of the register. An id is taken as it is; a name is compared
// by FoldText: the whole name first, then a part of it that fits one record alone. NOT_FOUND lists
// what there is, INVALID_ARGUMENT what a part fits.
absl::StatusOr<std::string> IssueByName(const Register& reg, absl::string_view name);
absl::StatusOr<std::string> ProjectByName(const Register& reg, absl::string_view name);
// With no name: the only one there is.
absl::StatusOr<std::string> IndicatorByName(const Register& reg, absl::string_view name,
                                            absl::string_view language);
absl::StatusOr<std::string> TeamByTypedName(const Register& reg, absl::string_view name);
absl::StatusOr<std::string> OrganisationByName(const Register& reg, absl::string_view name);
absl::StatusOr<std::string> PersonByName(const Register& reg, absl::string_view name);

// The text in `language`, else in English, else any; "" when there is none.
std::string InLanguage(const v1::MultilingualText& text, absl::string_view language);

// What people call the record with this id: a title of the register, else the id.
std::string NameOf(const Register& reg, absl::string_view id, absl::string_view language);

}  // namespace baraza::client

#endif  // BARAZA_CLIENT_LIB_CLI_NAMES_H_
