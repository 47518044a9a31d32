#include "core/base/brotli.h"

#include <brotli/decode.h>
#include <brotli/encode.h>

#include <algorithm>
#include <cstdint>
#include <memory>

#include "absl/strings/str_cat.h"

namespace baraza {
namespace {

constexpr int kQuickQuality = 5;
constexpr int kSmallestQuality = 10;  // 11 takes twice as long for one percent.

// A window no larger than what is in it: both sides allocate as much.
int WindowBits(size_t bytes) {
  int bits = BROTLI_MIN_WINDOW_BITS;
  while (bits < BROTLI_DEFAULT_WINDOW && (size_t{1} << bits) < bytes) ++bits;
  return bits;
}

}  // namespace

std::string BrotliCompress(absl::string_view bytes, BrotliEffort effort) {
  const int quality = effort == BrotliEffort::kQuick ? kQuickQuality : kSmallestQuality;
  // The bound holds for these qualities; the library falls back to storing the bytes within it.
  size_t size = BrotliEncoderMaxCompressedSize(bytes.size());
  std::string stream(size, '\0');
  const bool done =
      BrotliEncoderCompress(quality, WindowBits(bytes.size()), BROTLI_MODE_GENERIC, bytes.size(),
                            reinterpret_cast<const uint8_t*>(bytes.data()), &size,
                            reinterpret_cast<uint8_t*>(stream.data())) == BROTLI_TRUE;
  stream.resize(done ? size : 0);
  return stream;
}

absl::StatusOr<std::string> BrotliDecompress(absl::string_view stream, size_t max_bytes) {
  const std::unique_ptr<BrotliDecoderState, decltype(&BrotliDecoderDestroyInstance)> decoder(
      BrotliDecoderCreateInstance(nullptr, nullptr, nullptr), &BrotliDecoderDestroyInstance);
  if (decoder == nullptr) return absl::ResourceExhaustedError("brotli: out of memory");
  size_t left = stream.size();
  const uint8_t* next = reinterpret_cast<const uint8_t*>(stream.data());
  std::string bytes;
  while (true) {
    size_t no_room = 0;
    uint8_t* nowhere = nullptr;
    const BrotliDecoderResult result =
        BrotliDecoderDecompressStream(decoder.get(), &left, &next, &no_room, &nowhere, nullptr);
    if (result == BROTLI_DECODER_RESULT_ERROR) {
      return absl::InvalidArgumentError("brotli: expected a stream, got other bytes");
    }
    size_t made = 0;
    const uint8_t* piece = BrotliDecoderTakeOutput(decoder.get(), &made);
    if (made > max_bytes - bytes.size()) {
      return absl::ResourceExhaustedError(
          absl::StrCat("brotli: expected at most ", max_bytes, " bytes, got more"));
    }
    bytes.append(reinterpret_cast<const char*>(piece), made);
    if (result == BROTLI_DECODER_RESULT_SUCCESS) break;
    if (result == BROTLI_DECODER_RESULT_NEEDS_MORE_INPUT) {
      return absl::InvalidArgumentError("brotli: expected a whole stream, got its beginning");
    }
  }
  if (left > 0 || BrotliDecoderHasMoreOutput(decoder.get()) == BROTLI_TRUE) {
    return absl::InvalidArgumentError(
        absl::StrCat("brotli: expected one stream, got ", left, " bytes after it"));
  }
  return bytes;
}

}  // namespace baraza
