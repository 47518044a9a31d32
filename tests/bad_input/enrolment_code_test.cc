// Enrolment codes that are none, as the phone reads them and as the server does.

#include <gtest/gtest.h>

#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "baraza/v1/enrolment_service.pb.h"
#include "client_lib/sync/grpc/enrolment_client.h"
#include "google/protobuf/stubs/logging.h"
#include "sync_server/auth/secret.h"
#include "tests/bad_input/inputs.h"

namespace baraza::bad_input {
namespace {

const google::protobuf::LogSilencer silence;

// What the phone says it got.
constexpr char kBeginning[] = "another beginning";
constexpr char kCharacters[] = "other characters";
constexpr char kMistyped[] = "a part of it, or a mistyped one";
constexpr char kPart[] = "a part of it";

v1::EnrolmentCode Good() {
  v1::EnrolmentCode code;
  code.set_address("baraza.example.org:7443");
  code.set_secret(std::string(32, 's'));
  code.set_ca_certificate("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n");
  return code;
}

std::string Encoded(const std::string& bytes) {
  std::string text = absl::WebSafeBase64Escape(bytes);
  while (!text.empty() && text.back() == '=') text.pop_back();
  return absl::StrCat("baraza1:", text);
}

// Bad code -> what the phone got. Some ten rules: its beginning, base64url, protobuf's encoding and
// what it must hold.
std::map<std::string, std::string> BadCodes() {
  std::map<std::string, std::string> table;
  const std::string good = server::EncodeEnrolmentCode(Good());
  const std::string bytes = Good().SerializeAsString();
  for (size_t at = 0; at < 8; ++at) {
    for (const char c : std::string("x_-0:=B/")) {
      if (good[at] == c) continue;
      std::string bad = good;
      bad[at] = c;
      table[bad] = kBeginning;
    }
    table[good.substr(0, at)] = kBeginning;
    std::string missing = good;
    table[missing.erase(at, 1)] = kBeginning;
  }
  for (const char* scheme :
       {"", "baraza2:", "baraza10:", "BARAZA1:", "https://", "baraza1;", "baraza 1:"}) {
    table[absl::StrCat(scheme, good.substr(8))] = kBeginning;
  }
  // Every byte that base64url has no use for, at a place of its own. White space and padding it
  // passes over.
  for (int c = 0; c < 256; ++c) {
    const auto byte = static_cast<unsigned char>(c);
    if (absl::ascii_isalnum(byte) || absl::ascii_isspace(byte) || c == '-' || c == '_' ||
        c == '=' || c == '.') {
      continue;
    }
    for (const size_t at : {size_t{8} + c % 40, size_t{9} + c % 100}) {
      std::string bad = good;
      bad[at] = static_cast<char>(c);
      table[bad] = kCharacters;
    }
  }
  // Cut off after each byte: within a field it does not parse, between fields one is missing.
  const std::string address = [] {
    v1::EnrolmentCode only;
    only.set_address(Good().address());
    return only.SerializeAsString();
  }();
  for (size_t size = 0; size < bytes.size(); ++size) {
    v1::EnrolmentCode rest;
    const bool parses = rest.ParseFromString(bytes.substr(0, size));
    if (parses && !rest.address().empty() && !rest.secret().empty()) continue;
    table[Encoded(bytes.substr(0, size))] = parses ? kPart : kMistyped;
  }
  // One base64 character alone stands for no byte.
  for (size_t size = 9; size < good.size(); size += 4) table[good.substr(0, size)] = kCharacters;
  // Without a field that it needs.
  v1::EnrolmentCode part = Good();
  part.clear_address();
  table[Encoded(part.SerializeAsString())] = kPart;
  part = Good();
  part.clear_secret();
  table[Encoded(part.SerializeAsString())] = kPart;
  table[Encoded(address)] = kPart;
  table["baraza1:"] = kPart;
  // A length that says more than there is, an address that is not UTF-8, a field number 0, each
  // wire type that is none.
  for (int extra = 1; extra < 60; ++extra) {
    std::string bad = bytes;
    bad[1] = static_cast<char>(bytes.size() + extra);
    table[Encoded(bad)] = kMistyped;
  }
  for (size_t at = 2; at < 2 + Good().address().size(); ++at) {
    std::string bad = bytes;
    bad[at] = '\xFF';
    table[Encoded(bad)] = kMistyped;
  }
  for (const char tag : {'\0', '\1', '\6', '\7', '\16', '\17'}) {
    table[Encoded(std::string(1, tag) + bytes)] = kMistyped;
  }
  return table;
}

TEST(BadEnrolmentCodeTest, ThePhoneSaysWhatIsWrongWithoutRepeatingIt) {
  const auto table = BadCodes();
  Inputs inputs;
  for (const auto& [code, got] : table) {
    inputs.Add(code);
    EXPECT_EQ(
        client::DecodeEnrolmentCode(code).status(),
        absl::InvalidArgumentError(absl::StrCat(
            "enrolment code: expected \"baraza1:\" and base64url, as the office gave it, got ",
            got)))
        << absl::CHexEscape(code);
  }
  inputs.ExpectEnough();
}

TEST(BadEnrolmentCodeTest, TheServerRefusesThemToo) {
  const absl::Status refused = absl::InvalidArgumentError(
      "enrolment code: expected \"baraza1:...\" as the server printed it");
  Inputs inputs;
  for (const auto& [code, got] : BadCodes()) {
    // It asks for no address.
    v1::EnrolmentCode without_address = Good();
    without_address.clear_address();
    if (code == Encoded(without_address.SerializeAsString())) continue;
    inputs.Add(code);
    EXPECT_EQ(server::DecodeEnrolmentCode(code).status(), refused) << absl::CHexEscape(code);
  }
  for (size_t size = 0; size < 100; ++size) {
    if (size == 32) continue;
    v1::EnrolmentCode code = Good();
    code.set_secret(std::string(size, 's'));
    EXPECT_EQ(server::DecodeEnrolmentCode(server::EncodeEnrolmentCode(code)).status(), refused)
        << size;
  }
  inputs.ExpectEnough();
}

}  // namespace
}  // namespace baraza::bad_input
