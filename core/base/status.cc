#include "core/base/status.h"

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"

namespace baraza {
namespace {

constexpr size_t kMaxShown = 80;

// Control characters would break a message's one line, and a cut must not split a UTF-8 sequence.
std::string Shortened(absl::string_view text) {
  size_t length = text.size();
  if (length > kMaxShown) {
    length = kMaxShown;
    while (length > 0 && (static_cast<unsigned char>(text[length]) & 0xC0) == 0x80) --length;
  }
  std::string shown(text.substr(0, length));
  for (char& c : shown) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  }
  if (length < text.size()) absl::StrAppend(&shown, "... (", text.size(), " bytes)");
  return shown;
}

}  // namespace

absl::Status RecordError(absl::StatusCode code, absl::string_view record, absl::string_view field,
                         absl::string_view expected, absl::string_view got) {
  std::string message;
  if (!record.empty()) absl::StrAppend(&message, Shortened(record), ": ");
  if (!field.empty()) absl::StrAppend(&message, field, ": ");
  absl::StrAppend(&message, "expected ", expected);
  if (!got.empty()) absl::StrAppend(&message, ", got ", Shortened(got));
  return absl::Status(code, message);
}

absl::Status InvalidField(absl::string_view record, absl::string_view field,
                          absl::string_view expected, absl::string_view got) {
  return RecordError(absl::StatusCode::kInvalidArgument, record, field, expected, got);
}

absl::Status Annotate(const absl::Status& status, absl::string_view context) {
  if (status.ok()) return status;
  absl::Status annotated(status.code(), absl::StrCat(context, ": ", status.message()));
  status.ForEachPayload([&annotated](absl::string_view url, const absl::Cord& payload) {
    annotated.SetPayload(url, payload);
  });
  return annotated;
}

}  // namespace baraza
