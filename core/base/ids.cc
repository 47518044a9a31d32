#include "core/base/ids.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace baraza {
namespace {

constexpr char kAlphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";
constexpr uint64_t kMaxMs = (uint64_t{1} << 48) - 1;
constexpr uint64_t kHighMask = (uint64_t{1} << 12) - 1;
constexpr uint64_t kLowMask = (uint64_t{1} << 62) - 1;

// The value of each character of the alphabet, or -1. Upper case and look-alikes are not accepted
// (TypeID spec).
constexpr std::array<int8_t, 256> kDigitValues = [] {
  std::array<int8_t, 256> values{};
  for (int8_t& value : values) value = -1;
  for (int digit = 0; digit < 32; ++digit) {
    values[static_cast<uint8_t>(kAlphabet[digit])] = static_cast<int8_t>(digit);
  }
  return values;
}();

uint64_t ClampedMs(absl::Time now) {
  const int64_t ms = absl::ToUnixMillis(now);
  if (ms < 0) return 0;
  return std::min(static_cast<uint64_t>(ms), kMaxMs);
}

// RFC 9562, section 5.7: 48 bits of milliseconds, version 7, 12 random bits, variant 2, 62 random
// bits.
Uuid MakeUuidV7(uint64_t ms, uint64_t high, uint64_t low) {
  const uint64_t first = (ms << 16) | 0x7000 | (high & kHighMask);
  const uint64_t second = (uint64_t{2} << 62) | (low & kLowMask);
  Uuid uuid;
  for (int i = 0; i < 8; ++i) {
    uuid[i] = static_cast<uint8_t>(first >> (56 - 8 * i));
    uuid[8 + i] = static_cast<uint8_t>(second >> (56 - 8 * i));
  }
  return uuid;
}

bool IsValidPrefix(absl::string_view prefix) {
  if (prefix.empty() || prefix.size() > kMaxIdPrefixLength) return false;
  if (prefix.front() == '_' || prefix.back() == '_') return false;
  return std::all_of(prefix.begin(), prefix.end(),
                     [](char c) { return absl::ascii_islower(c) || c == '_'; });
}

// An id may come from outside: shorten it and drop what is not printable before it goes into a
// message.
std::string Shown(absl::string_view id) {
  std::string shown;
  for (const char c : id.substr(0, 40)) shown.push_back(absl::ascii_isgraph(c) ? c : '?');
  if (id.size() > 40) absl::StrAppend(&shown, "... (", id.size(), " bytes)");
  return shown;
}

}  // namespace

std::string EncodeIdSuffix(const Uuid& uuid) {
  // 26 digits of 5 bits are 130 bits; the two on top are zero.
  std::string suffix(kIdSuffixLength, '0');
  unsigned buffer = 0;
  int bits = 2;
  size_t out = 0;
  for (const uint8_t byte : uuid) {
    buffer = (buffer << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      suffix[out++] = kAlphabet[(buffer >> bits) & 31];
    }
    buffer &= (1u << bits) - 1;
  }
  return suffix;
}

absl::StatusOr<Uuid> DecodeIdSuffix(absl::string_view suffix) {
  if (suffix.size() != kIdSuffixLength) {
    return absl::InvalidArgumentError(
        absl::StrCat("id suffix: expected 26 characters, got ", suffix.size()));
  }
  if (suffix[0] > '7') {
    return absl::InvalidArgumentError("id suffix: expected a first character of at most '7'");
  }
  Uuid uuid;
  unsigned buffer = 0;
  int bits = -2;
  size_t out = 0;
  for (const char c : suffix) {
    const int digit = kDigitValues[static_cast<uint8_t>(c)];
    if (digit < 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("id suffix: expected lower-case Crockford base32, got ", Shown(suffix)));
    }
    buffer = (buffer << 5) | static_cast<unsigned>(digit);
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      uuid[out++] = static_cast<uint8_t>(buffer >> bits);
      buffer &= (1u << bits) - 1;
    }
  }
  return uuid;
}

std::string MintId(absl::string_view prefix, Clock& clock, Random& random) {
  const uint64_t high = random.Next64();
  const uint64_t low = random.Next64();
  return absl::StrCat(prefix, "_", EncodeIdSuffix(MakeUuidV7(ClampedMs(clock.Now()), high, low)));
}

std::string IdMinter::Mint(absl::string_view prefix) {
  MutexLock lock(mutex_);
  const uint64_t ms = ClampedMs(clock_.Now());
  if (!minted_ || ms > last_ms_) {
    last_ms_ = ms;
    last_high_ = random_.Next64() & kHighMask;
    last_low_ = random_.Next64() & kLowMask;
    minted_ = true;
  } else {
    // A step of up to 2^32 leaves an id hard to guess from its neighbour.
    last_low_ += 1 + random_.Uniform(uint64_t{1} << 32);
    if (last_low_ > kLowMask) {
      last_low_ &= kLowMask;
      if (++last_high_ > kHighMask) {
        last_high_ = 0;
        last_ms_ = std::min(last_ms_ + 1, kMaxMs);
      }
    }
  }
  return absl::StrCat(prefix, "_", EncodeIdSuffix(MakeUuidV7(last_ms_, last_high_, last_low_)));
}

absl::Status ValidateId(absl::string_view id, absl::string_view prefix) {
  if (id.size() != prefix.size() + 1 + kIdSuffixLength || !absl::StartsWith(id, prefix) ||
      id[prefix.size()] != '_') {
    return absl::InvalidArgumentError(absl::StrCat("expected an id of the form ", prefix,
                                                   "_ and 26 characters, got ", Shown(id)));
  }
  if (auto uuid = DecodeIdSuffix(id.substr(prefix.size() + 1)); !uuid.ok()) return uuid.status();
  return absl::OkStatus();
}

absl::StatusOr<absl::string_view> IdPrefix(absl::string_view id) {
  const size_t separator = id.rfind('_');
  if (separator == absl::string_view::npos || !IsValidPrefix(id.substr(0, separator))) {
    return absl::InvalidArgumentError(
        absl::StrCat("expected an id of the form prefix_suffix, got ", Shown(id)));
  }
  if (auto uuid = DecodeIdSuffix(id.substr(separator + 1)); !uuid.ok()) return uuid.status();
  return id.substr(0, separator);
}

std::string MintElementId(Random& random) {
  uint64_t bits = random.Next64();
  std::string id(kMaxElementIdLength, '0');
  for (char& c : id) {
    c = kAlphabet[bits & 31];
    bits >>= 5;
  }
  return id;
}

absl::Status ValidateElementId(absl::string_view id) {
  const bool valid = !id.empty() && id.size() <= kMaxElementIdLength &&
                     std::all_of(id.begin(), id.end(), [](char c) {
                       return absl::ascii_isalnum(c) || c == '_' || c == '-';
                     });
  if (valid) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "expected an element id of 1 to 8 characters of [0-9A-Za-z_-], got ", Shown(id)));
}

}  // namespace baraza
