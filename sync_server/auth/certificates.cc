#include "sync_server/auth/certificates.h"

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <array>
#include <cstdint>
#include <functional>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/base/status.h"

namespace baraza::server {
namespace {

template <typename T, void (*kFree)(T*)>
struct Freer {
  void operator()(T* object) const { kFree(object); }
};
template <typename T, void (*kFree)(T*)>
using Owned = std::unique_ptr<T, Freer<T, kFree>>;

void FreeBio(BIO* bio) { BIO_free_all(bio); }

using OwnedBio = Owned<BIO, FreeBio>;
using OwnedKey = Owned<EVP_PKEY, EVP_PKEY_free>;
using OwnedCertificate = Owned<X509, X509_free>;
using OwnedExtension = Owned<X509_EXTENSION, X509_EXTENSION_free>;
using OwnedNumber = Owned<BIGNUM, BN_free>;
using OwnedStore = Owned<X509_STORE, X509_STORE_free>;
using OwnedStoreContext = Owned<X509_STORE_CTX, X509_STORE_CTX_free>;
using OwnedAddress = Owned<ASN1_OCTET_STRING, ASN1_OCTET_STRING_free>;

constexpr int kSerialBytes = 16;

absl::Status OpensslError(absl::string_view what) {
  const unsigned long code = ERR_get_error();
  const char* reason = ERR_reason_error_string(code);
  ERR_clear_error();
  return absl::InternalError(absl::StrCat("OpenSSL could not ", what, reason == nullptr ? "" : ": ",
                                          reason == nullptr ? "" : reason));
}

absl::StatusOr<std::string> ToPem(const std::function<int(BIO*)>& write) {
  OwnedBio bio(BIO_new(BIO_s_mem()));
  if (bio == nullptr || write(bio.get()) != 1) return OpensslError("write PEM");
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return std::string(data, static_cast<size_t>(size));
}

absl::StatusOr<OwnedCertificate> ParseCertificate(absl::string_view pem) {
  OwnedBio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  OwnedCertificate certificate(
      bio == nullptr ? nullptr : PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  if (certificate == nullptr) return OpensslError("read the certificate");
  return certificate;
}

absl::StatusOr<OwnedKey> ParseKey(absl::string_view pem) {
  OwnedBio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  OwnedKey key(bio == nullptr ? nullptr
                              : PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
  if (key == nullptr) return OpensslError("read the private key");
  return key;
}

absl::Status AddExtension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  OwnedExtension extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  if (extension == nullptr || X509_add_ext(certificate, extension.get(), -1) != 1) {
    return OpensslError("add a certificate extension");
  }
  return absl::OkStatus();
}

struct Blank {
  OwnedKey key;
  OwnedCertificate certificate;
};

// A new key and an unsigned certificate for it.
absl::StatusOr<Blank> MakeBlank(absl::string_view common_name, Random& random) {
  Blank blank;
  blank.key.reset(EVP_EC_gen("P-256"));
  blank.certificate.reset(X509_new());
  X509* certificate = blank.certificate.get();
  if (blank.key == nullptr || certificate == nullptr) return OpensslError("make a key");
  std::array<uint8_t, kSerialBytes> serial;
  random.Fill(absl::MakeSpan(serial));
  serial[0] = static_cast<uint8_t>((serial[0] & 0x7F) | 0x40);  // Positive, never zero.
  OwnedNumber number(BN_bin2bn(serial.data(), kSerialBytes, nullptr));
  X509_NAME* name = X509_get_subject_name(certificate);
  const std::string text(common_name);
  if (number == nullptr || X509_set_version(certificate, X509_VERSION_3) != 1 ||
      BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) == nullptr ||
      ASN1_TIME_set_string_X509(X509_getm_notBefore(certificate), "19700101000000Z") != 1 ||
      ASN1_TIME_set_string_X509(X509_getm_notAfter(certificate), "99991231235959Z") != 1 ||
      X509_set_pubkey(certificate, blank.key.get()) != 1 ||
      X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                                 reinterpret_cast<const unsigned char*>(text.data()),
                                 static_cast<int>(text.size()), -1, 0) != 1) {
    return OpensslError("make a certificate");
  }
  return blank;
}

absl::StatusOr<KeyPair> SignAndWrite(Blank blank, X509* issuer, EVP_PKEY* issuer_key) {
  X509* certificate = blank.certificate.get();
  if (X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) != 1 ||
      X509_sign(certificate, issuer_key, EVP_sha256()) == 0) {
    return OpensslError("sign a certificate");
  }
  KeyPair pair;
  BARAZA_ASSIGN_OR_RETURN(pair.certificate, ToPem([certificate](BIO* bio) {
                            return PEM_write_bio_X509(bio, certificate);
                          }));
  EVP_PKEY* key = blank.key.get();
  BARAZA_ASSIGN_OR_RETURN(pair.private_key, ToPem([key](BIO* bio) {
                            return PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr,
                                                            nullptr);
                          }));
  return pair;
}

bool IsAddress(const std::string& name) {
  const OwnedAddress address(a2i_IPADDRESS(name.c_str()));
  return address != nullptr;
}

// What may stand in a subjectAltName entry without being read as syntax of OpenSSL's.
bool IsDnsName(absl::string_view name) {
  if (name.empty() || name.size() > 253) return false;
  for (const char c : name) {
    const bool ok = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                    c == '.' || c == '-' || c == '*';
    if (!ok) return false;
  }
  return true;
}

}  // namespace

absl::StatusOr<KeyPair> MakeAuthority(absl::string_view common_name, Random& random) {
  BARAZA_ASSIGN_OR_RETURN(Blank blank, MakeBlank(common_name, random));
  X509* certificate = blank.certificate.get();
  EVP_PKEY* key = blank.key.get();
  BARAZA_RETURN_IF_ERROR(
      AddExtension(certificate, certificate, NID_basic_constraints, "critical,CA:TRUE,pathlen:0"));
  BARAZA_RETURN_IF_ERROR(
      AddExtension(certificate, certificate, NID_key_usage, "critical,keyCertSign,cRLSign"));
  BARAZA_RETURN_IF_ERROR(
      AddExtension(certificate, certificate, NID_subject_key_identifier, "hash"));
  return SignAndWrite(std::move(blank), certificate, key);
}

absl::StatusOr<KeyPair> MakeServerCertificate(const KeyPair& authority,
                                              absl::Span<const std::string> names, Random& random) {
  std::vector<std::string> entries;
  for (const std::string& name : names) {
    if (IsAddress(name)) {
      entries.push_back(absl::StrCat("IP:", name));
    } else if (IsDnsName(name)) {
      entries.push_back(absl::StrCat("DNS:", name));
    } else {
      return InvalidField("", "tls-host", "a DNS name or an IP address", name);
    }
  }
  if (entries.empty()) return absl::InvalidArgumentError("tls-host: expected at least one name");
  BARAZA_ASSIGN_OR_RETURN(const OwnedCertificate issuer, ParseCertificate(authority.certificate));
  BARAZA_ASSIGN_OR_RETURN(const OwnedKey issuer_key, ParseKey(authority.private_key));
  BARAZA_ASSIGN_OR_RETURN(Blank blank, MakeBlank("Baraza server", random));
  X509* certificate = blank.certificate.get();
  BARAZA_RETURN_IF_ERROR(
      AddExtension(certificate, issuer.get(), NID_basic_constraints, "critical,CA:FALSE"));
  BARAZA_RETURN_IF_ERROR(
      AddExtension(certificate, issuer.get(), NID_key_usage, "critical,digitalSignature"));
  BARAZA_RETURN_IF_ERROR(AddExtension(certificate, issuer.get(), NID_ext_key_usage, "serverAuth"));
  BARAZA_RETURN_IF_ERROR(
      AddExtension(certificate, issuer.get(), NID_subject_key_identifier, "hash"));
  BARAZA_RETURN_IF_ERROR(
      AddExtension(certificate, issuer.get(), NID_authority_key_identifier, "keyid:always"));
  BARAZA_RETURN_IF_ERROR(
      AddExtension(certificate, issuer.get(), NID_subject_alt_name, absl::StrJoin(entries, ",")));
  return SignAndWrite(std::move(blank), issuer.get(), issuer_key.get());
}

absl::Status VerifyServerCertificate(absl::string_view authority_certificate,
                                     absl::string_view certificate, absl::string_view name,
                                     absl::Time now) {
  BARAZA_ASSIGN_OR_RETURN(const OwnedCertificate authority,
                          ParseCertificate(authority_certificate));
  BARAZA_ASSIGN_OR_RETURN(const OwnedCertificate server, ParseCertificate(certificate));
  OwnedStore store(X509_STORE_new());
  OwnedStoreContext context(X509_STORE_CTX_new());
  if (store == nullptr || context == nullptr ||
      X509_STORE_add_cert(store.get(), authority.get()) != 1 ||
      X509_STORE_CTX_init(context.get(), store.get(), server.get(), nullptr) != 1) {
    return OpensslError("set up verification");
  }
  X509_VERIFY_PARAM* parameters = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_time(parameters, absl::ToTimeT(now));
  X509_VERIFY_PARAM_set_purpose(parameters, X509_PURPOSE_SSL_SERVER);
  const std::string host(name);
  const int named = IsAddress(host)
                        ? X509_VERIFY_PARAM_set1_ip_asc(parameters, host.c_str())
                        : X509_VERIFY_PARAM_set1_host(parameters, host.data(), host.size());
  if (named != 1) return OpensslError("set the name to verify");
  if (X509_verify_cert(context.get()) != 1) {
    return absl::FailedPreconditionError(
        absl::StrCat("the certificate does not hold for ", host, ": ",
                     X509_verify_cert_error_string(X509_STORE_CTX_get_error(context.get()))));
  }
  return absl::OkStatus();
}

}  // namespace baraza::server
