#ifndef BARAZA_CORE_BASE_BROTLI_H_
#define BARAZA_CORE_BASE_BROTLI_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace baraza {

// Brotli (RFC 7932) by the library of its authors. Beside zlib it knows the commonest words of
// several languages beforehand, which is what short texts of people gain by.

// How hard to look for a shorter form.
enum class BrotliEffort {
  kQuick,     // quicker than zlib's default and somewhat smaller
  kSmallest,  // about 1 MB/s; for what goes over a line slower than that
};

// One stream that holds `bytes`. Any thread; the same bytes give the same stream.
std::string BrotliCompress(absl::string_view bytes, BrotliEffort effort);

// What the one stream in `stream` holds. INVALID_ARGUMENT: it is no complete stream, or something
// follows it. RESOURCE_EXHAUSTED: it holds more than `max_bytes`; no more than that is made of it.
absl::StatusOr<std::string> BrotliDecompress(absl::string_view stream, size_t max_bytes);

}  // namespace baraza

#endif  // BARAZA_CORE_BASE_BROTLI_H_
