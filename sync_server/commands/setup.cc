#include "sync_server/commands/setup.h"

#include <algorithm>
#include <memory>

#include "absl/strings/str_cat.h"
#include "baraza/v1/register.pb.h"
#include "core/base/ids.h"
#include "core/base/status.h"
#include "core/model/merge.h"
#include "sync_server/auth/certificates.h"
#include "sync_server/auth/enrolment.h"
#include "sync_server/auth/grants.h"
#include "sync_server/commands/offline.h"
#include "sync_server/services/data_dir.h"
#include "sync_server/store/registry_store.h"

namespace baraza::server {
namespace {

constexpr size_t kMaxPemBytes = 1 << 20;

absl::StatusOr<std::string> CaOf(const DataDir& dir) {
  if (!dir.Exists(dir.CaCertificate())) return std::string();
  return ReadWholeFile(dir.CaCertificate(), kMaxPemBytes);
}

absl::StatusOr<ProgrammeMade> MakeCode(const DataDir& dir, RegistryStore& registry,
                                       const std::string& programme_id,
                                       const std::string& person_id, const std::string& created_by,
                                       absl::Duration lifetime, const std::string& address,
                                       Clock& clock, Random& random) {
  Enrolment enrolment(registry, clock, random);
  Enrolment::CodeRequest request;
  request.programme_id = programme_id;
  request.person_id = person_id;
  request.created_by = created_by;
  request.lifetime = lifetime;
  request.address = address;
  BARAZA_ASSIGN_OR_RETURN(request.ca_certificate, CaOf(dir));
  BARAZA_ASSIGN_OR_RETURN(const v1::CreateEnrolmentCodeResponse code,
                          enrolment.CreateCode(request));
  return ProgrammeMade{programme_id, person_id, code.code(), code.expires_ms()};
}

}  // namespace

absl::Status InitDataDir(const std::string& data_dir) {
  const DataDir dir(data_dir);
  BARAZA_RETURN_IF_ERROR(dir.Create());
  BARAZA_ASSIGN_OR_RETURN(const std::unique_ptr<DataDirLock> lock, DataDirLock::Take(dir));
  if (dir.Exists(dir.Registry())) {
    return absl::AlreadyExistsError(absl::StrCat(data_dir, " holds a registry already"));
  }
  RegistryStore::Options options;
  options.create = true;
  BARAZA_ASSIGN_OR_RETURN(const std::unique_ptr<RegistryStore> registry,
                          RegistryStore::Open(dir.Registry(), options));
  return registry->Checkpoint();
}

absl::Status MakeCertificates(const std::string& data_dir, const std::vector<std::string>& names,
                              Random& random) {
  const DataDir dir(data_dir);
  BARAZA_ASSIGN_OR_RETURN(const std::unique_ptr<DataDirLock> lock, DataDirLock::Take(dir));
  KeyPair authority;
  if (dir.Exists(dir.CaCertificate())) {
    BARAZA_ASSIGN_OR_RETURN(authority.certificate,
                            ReadWholeFile(dir.CaCertificate(), kMaxPemBytes));
    BARAZA_ASSIGN_OR_RETURN(authority.private_key, ReadWholeFile(dir.CaKey(), kMaxPemBytes));
  } else {
    BARAZA_ASSIGN_OR_RETURN(authority, MakeAuthority("Baraza authority", random));
    BARAZA_RETURN_IF_ERROR(WriteWholeFile(dir.CaKey(), authority.private_key, /*secret=*/true));
    BARAZA_RETURN_IF_ERROR(
        WriteWholeFile(dir.CaCertificate(), authority.certificate, /*secret=*/false));
  }
  std::vector<std::string> all = names;
  for (const char* name : {"localhost", "127.0.0.1", "::1"}) {
    if (std::find(all.begin(), all.end(), name) == all.end()) all.push_back(name);
  }
  BARAZA_ASSIGN_OR_RETURN(const KeyPair server, MakeServerCertificate(authority, all, random));
  BARAZA_RETURN_IF_ERROR(WriteWholeFile(dir.ServerKey(), server.private_key, /*secret=*/true));
  return WriteWholeFile(dir.ServerCertificate(), server.certificate, /*secret=*/false);
}

absl::StatusOr<ProgrammeMade> CreateProgramme(const std::string& data_dir,
                                              const ProgrammeRequest& request, Clock& clock,
                                              Random& random) {
  if (request.title.empty()) return InvalidField("", "programme", "a title", "nothing");
  if (request.administrator.empty()) return InvalidField("", "admin", "a name", "nothing");
  BARAZA_RETURN_IF_ERROR(ValidateAddress(request.address));
  const DataDir dir(data_dir);
  BARAZA_ASSIGN_OR_RETURN(const std::unique_ptr<DataDirLock> lock, DataDirLock::Take(dir));
  BARAZA_ASSIGN_OR_RETURN(const std::unique_ptr<RegistryStore> registry,
                          RegistryStore::Open(dir.Registry(), {}));
  ProgrammeEntry entry;
  entry.programme_id = MintId("prg", clock, random);
  entry.operator_person_id = MintId("per", clock, random);
  entry.created_ms = absl::ToUnixMillis(clock.Now());
  BARAZA_ASSIGN_OR_RETURN(
      const std::unique_ptr<OfflineProgramme> programme,
      OfflineProgramme::Open(dir.Programme(entry.programme_id), entry.programme_id,
                             /*create=*/true, clock, random));
  v1::Programme record;
  v1::LocalText& title = *record.mutable_title()->add_values();
  title.set_text(request.title);
  title.set_language(request.language);
  record.add_languages(request.language);
  BARAZA_RETURN_IF_ERROR(
      programme->Create(entry, v1::RECORD_TYPE_PROGRAMME, entry.programme_id, record).status());
  v1::Person person;
  person.set_display_name(request.administrator);
  person.set_role(v1::ROLE_ADMINISTRATOR);
  person.mutable_scope()->set_programme(true);
  BARAZA_ASSIGN_OR_RETURN(const v1::RecordState administrator,
                          programme->Create(entry, v1::RECORD_TYPE_PERSON, "", person));
  BARAZA_RETURN_IF_ERROR(programme->Project(/*rebuild=*/false, {}));
  // Last: a programme that is in the registry is complete.
  BARAZA_RETURN_IF_ERROR(registry->AddProgramme(entry));
  BARAZA_RETURN_IF_ERROR(ApplyPerson(administrator, programme->store(), *registry).status());
  return MakeCode(dir, *registry, entry.programme_id, administrator.record_id(),
                  entry.operator_person_id, absl::ZeroDuration(), request.address, clock, random);
}

absl::StatusOr<ProgrammeMade> CreateCode(const std::string& data_dir, const CodeOptions& options,
                                         Clock& clock, Random& random) {
  const DataDir dir(data_dir);
  BARAZA_ASSIGN_OR_RETURN(const std::unique_ptr<DataDirLock> lock, DataDirLock::Take(dir));
  BARAZA_ASSIGN_OR_RETURN(const std::unique_ptr<RegistryStore> registry,
                          RegistryStore::Open(dir.Registry(), {}));
  BARAZA_ASSIGN_OR_RETURN(const std::vector<ProgrammeEntry> programmes, registry->ListProgrammes());
  std::string programme_id = options.programme_id;
  if (programme_id.empty()) {
    if (programmes.size() != 1) {
      return InvalidField("", "programme", "the id of one of several",
                          absl::StrCat(programmes.size(), " programmes"));
    }
    programme_id = programmes.front().programme_id;
  }
  BARAZA_ASSIGN_OR_RETURN(const ProgrammeEntry entry, registry->GetProgramme(programme_id));
  BARAZA_RETURN_IF_ERROR(ValidateId(options.person_id, "per"));
  BARAZA_ASSIGN_OR_RETURN(const std::unique_ptr<OfflineProgramme> programme,
                          OfflineProgramme::Open(dir.Programme(programme_id), programme_id,
                                                 /*create=*/false, clock, random));
  // From the log: the registry may not have heard of the person yet.
  BARAZA_ASSIGN_OR_RETURN(const std::vector<Operation> operations,
                          programme->store().OperationsOf(options.person_id));
  if (operations.empty()) {
    return absl::NotFoundError(
        absl::StrCat("no person ", options.person_id, " in programme ", programme_id));
  }
  BARAZA_RETURN_IF_ERROR(
      ApplyPerson(MergeOperations(operations), programme->store(), *registry).status());
  return MakeCode(dir, *registry, programme_id, options.person_id, entry.operator_person_id,
                  options.lifetime, options.address, clock, random);
}

}  // namespace baraza::server
