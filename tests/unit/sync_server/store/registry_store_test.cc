#include "sync_server/store/registry_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/base/clock.h"
#include "core/base/ids.h"
#include "core/base/random.h"
#include "tests/testing/fault_vfs.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace baraza::server {
namespace {

using ::baraza::test::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

class RegistryStoreTest : public ::testing::Test {
 protected:
  void SetUp() override {
    Open();
    programme_ = MintId("prg", clock_, random_);
    person_ = MintId("per", clock_, random_);
    ASSERT_OK(registry_->AddProgramme({programme_, MintId("per", clock_, random_), 5}));
    ASSERT_OK(registry_->PutPerson(Grant(person_, "tem_a", v1::ROLE_COLLECTOR)));
  }
  void Open() {
    registry_.reset();
    RegistryStore::Options options;
    options.create = true;
    auto opened = RegistryStore::Open(dir_.File("registry.db"), options);
    ASSERT_OK(opened);
    registry_ = *std::move(opened);
  }
  PersonGrant Grant(const std::string& person, const std::string& team, v1::Role role) {
    PersonGrant grant;
    grant.membership.set_programme_id(programme_);
    grant.membership.set_person_id(person);
    grant.membership.set_team_id(team);
    grant.membership.set_role(role);
    grant.membership.mutable_scope()->set_team_id(team);
    grant.team_ids = {team};
    grant.roles = {role};
    return grant;
  }
  void AddCode(const std::string& secret, int64_t expires_ms = 1'000) {
    ASSERT_OK(
        registry_->AddEnrolmentCode(Sha256(secret), {programme_, person_, "per_x", 1, expires_ms}));
  }
  RegistryStore::Redemption Redemption(const std::string& secret, const std::string& device,
                                       const std::string& token) {
    RegistryStore::Redemption redemption;
    redemption.secret_hash = Sha256(secret);
    redemption.device_id = device;
    redemption.label = "phone";
    redemption.credential_id = MintId("crd", clock_, random_);
    redemption.token_hash = Sha256(token);
    redemption.now_ms = 100;
    return redemption;
  }

  test::TempDir dir_;
  FakeClock clock_;
  SeededRandom random_{7};
  std::unique_ptr<RegistryStore> registry_;
  std::string programme_, person_;
};

TEST_F(RegistryStoreTest, GrantsOnlyGrowWhileTheMembershipIsReplaced) {
  ASSERT_OK_AND_ASSIGN(const bool changed,
                       registry_->PutPerson(Grant(person_, "tem_b", v1::ROLE_TEAM_LEAD)));
  EXPECT_TRUE(changed);
  Open();
  ASSERT_OK_AND_ASSIGN(const PersonGrant grant, registry_->GetPerson(programme_, person_));
  EXPECT_EQ(grant.membership.team_id(), "tem_b");
  EXPECT_EQ(grant.membership.role(), v1::ROLE_TEAM_LEAD);
  EXPECT_EQ(grant.membership.scope().team_id(), "tem_b");
  EXPECT_THAT(grant.team_ids, UnorderedElementsAre("tem_a", "tem_b"));
  EXPECT_THAT(grant.roles, UnorderedElementsAre(v1::ROLE_COLLECTOR, v1::ROLE_TEAM_LEAD));
  ASSERT_OK_AND_ASSIGN(const bool again,
                       registry_->PutPerson(Grant(person_, "tem_b", v1::ROLE_TEAM_LEAD)));
  EXPECT_FALSE(again);
}

TEST_F(RegistryStoreTest, ACodeIsGoodOnceAndItsCredentialIsFoundByItsToken) {
  AddCode("secret");
  ASSERT_OK_AND_ASSIGN(const CredentialEntry credential,
                       registry_->Redeem(Redemption("secret", "dev_1", "token")));
  EXPECT_EQ(credential.person_id, person_);
  EXPECT_EQ(credential.state, v1::CREDENTIAL_STATE_ACTIVE);
  EXPECT_THAT(credential.device_ids, ElementsAre("dev_1"));
  EXPECT_THAT(registry_->Redeem(Redemption("secret", "dev_2", "other")),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("used already")));
  Open();
  EXPECT_THAT(registry_->Redeem(Redemption("secret", "dev_2", "other")),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  ASSERT_OK_AND_ASSIGN(const CredentialEntry found, registry_->FindCredential(Sha256("token")));
  EXPECT_EQ(found.credential_id, credential.credential_id);
  EXPECT_THAT(registry_->FindCredential(Sha256("other")), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(RegistryStoreTest, OfManyAtOnceOneRedeemsACode) {
  AddCode("secret");
  std::vector<RegistryStore::Redemption> redemptions;
  for (int i = 0; i < 8; ++i) {
    redemptions.push_back(Redemption("secret", absl::StrCat("dev_", i), absl::StrCat("token", i)));
  }
  std::vector<absl::Status> results(redemptions.size());
  std::vector<std::thread> threads;
  for (size_t i = 0; i < redemptions.size(); ++i) {
    threads.emplace_back([&, i] { results[i] = registry_->Redeem(redemptions[i]).status(); });
  }
  for (std::thread& thread : threads) thread.join();
  int redeemed = 0;
  for (const absl::Status& result : results) {
    if (result.ok()) {
      ++redeemed;
    } else {
      EXPECT_THAT(result, StatusIs(absl::StatusCode::kFailedPrecondition));
    }
  }
  EXPECT_EQ(redeemed, 1);
  ASSERT_OK_AND_ASSIGN(const auto credentials, registry_->ListCredentials(programme_, "", 100));
  EXPECT_EQ(credentials.size(), 1u);
}

TEST_F(RegistryStoreTest, ACodeExpiresAndAnUnknownOneIsNoCode) {
  AddCode("secret", 100);
  EXPECT_THAT(registry_->Redeem(Redemption("secret", "dev_1", "token")),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("expired")));
  EXPECT_THAT(registry_->Redeem(Redemption("guess", "dev_1", "token")),
              StatusIs(absl::StatusCode::kUnauthenticated));
  EXPECT_THAT(registry_->FindCredential(Sha256("token")), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(RegistryStoreTest, ADeviceIsOnePersonsAndReEnrollingRevokesWhatItHeld) {
  AddCode("first");
  AddCode("second");
  ASSERT_OK_AND_ASSIGN(const CredentialEntry first,
                       registry_->Redeem(Redemption("first", "dev_1", "token1")));
  ASSERT_OK_AND_ASSIGN(const CredentialEntry second,
                       registry_->Redeem(Redemption("second", "dev_1", "token2")));
  EXPECT_NE(first.credential_id, second.credential_id);
  ASSERT_OK_AND_ASSIGN(const CredentialEntry old, registry_->GetCredential(first.credential_id));
  EXPECT_EQ(old.state, v1::CREDENTIAL_STATE_REVOKED);

  const std::string other = MintId("per", clock_, random_);
  ASSERT_OK(registry_->PutPerson(Grant(other, "tem_a", v1::ROLE_COLLECTOR)));
  ASSERT_OK(registry_->AddEnrolmentCode(Sha256("third"), {programme_, other, "", 1, 1'000}));
  EXPECT_THAT(registry_->Redeem(Redemption("third", "dev_1", "token3")),
              StatusIs(absl::StatusCode::kAlreadyExists));
  // Nothing of it happened: the code is still good for a device of one's own.
  ASSERT_OK(registry_->Redeem(Redemption("third", "dev_2", "token3")));
}

TEST_F(RegistryStoreTest, WhoHasLeftCannotEnrol) {
  AddCode("secret");
  PersonGrant left = Grant(person_, "tem_a", v1::ROLE_COLLECTOR);
  left.active = false;
  ASSERT_OK(registry_->PutPerson(left));
  EXPECT_THAT(registry_->Redeem(Redemption("secret", "dev_1", "token")),
              StatusIs(absl::StatusCode::kPermissionDenied));
}

TEST_F(RegistryStoreTest, RevocationIsFinalAndSuspensionIsNot) {
  AddCode("secret");
  ASSERT_OK_AND_ASSIGN(const CredentialEntry credential,
                       registry_->Redeem(Redemption("secret", "dev_1", "token")));
  const std::string& id = credential.credential_id;
  for (const auto state : {v1::CREDENTIAL_STATE_SUSPENDED, v1::CREDENTIAL_STATE_ACTIVE,
                           v1::CREDENTIAL_STATE_REVOKED, v1::CREDENTIAL_STATE_REVOKED}) {
    ASSERT_OK_AND_ASSIGN(const CredentialEntry changed, registry_->SetCredentialState(id, state));
    EXPECT_EQ(changed.state, state);
  }
  EXPECT_THAT(registry_->SetCredentialState(id, v1::CREDENTIAL_STATE_ACTIVE),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(registry_->SetCredentialState("crd_none", v1::CREDENTIAL_STATE_ACTIVE),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(RegistryStoreTest, TheFileHoldsHashesOnly) {
  const std::string secret = "0123456789abcdef0123456789abcdef";
  const std::string token = "dG9rZW50b2tlbnRva2VudG9rZW4";
  AddCode(secret);
  ASSERT_OK(registry_->Redeem(Redemption(secret, "dev_1", token)));
  std::string bytes;
  for (const char* suffix : {"", "-wal"}) {
    bytes += test::ReadFile(dir_.File(absl::StrCat("registry.db", suffix)));
  }
  EXPECT_EQ(bytes.find(secret), std::string::npos);
  EXPECT_EQ(bytes.find(token), std::string::npos);
  // The search has power: their hashes are there.
  EXPECT_NE(bytes.find(std::string(Sha256(secret).AsBytes())), std::string::npos);
  EXPECT_NE(bytes.find(std::string(Sha256(token).AsBytes())), std::string::npos);
}

TEST_F(RegistryStoreTest, CredentialsAreListedInPages) {
  for (int i = 0; i < 3; ++i) {
    AddCode(absl::StrCat("secret", i));
    clock_.Advance(absl::Seconds(1));
    ASSERT_OK(registry_->Redeem(
        Redemption(absl::StrCat("secret", i), absl::StrCat("dev_", i), absl::StrCat("token", i))));
  }
  ASSERT_OK_AND_ASSIGN(const auto first, registry_->ListCredentials(programme_, "", 2));
  ASSERT_EQ(first.size(), 2u);
  ASSERT_OK_AND_ASSIGN(const auto rest,
                       registry_->ListCredentials(programme_, first[1].credential_id, 2));
  ASSERT_EQ(rest.size(), 1u);
  EXPECT_THAT(rest[0].device_ids, ElementsAre("dev_2"));
  ASSERT_OK_AND_ASSIGN(const auto foreign, registry_->ListCredentials("prg_other", "", 2));
  EXPECT_TRUE(foreign.empty());
}

TEST_F(RegistryStoreTest, AReadOnlyLookNeitherWritesNorBlocks) {
  RegistryStore::Options options;
  options.read_only = true;
  ASSERT_OK_AND_ASSIGN(const auto look, RegistryStore::Open(dir_.File("registry.db"), options));
  ASSERT_OK_AND_ASSIGN(const auto programmes, look->ListProgrammes());
  EXPECT_EQ(programmes.size(), 1u);
  EXPECT_THAT(look->PutPerson(Grant(MintId("per", clock_, random_), "tem_a", v1::ROLE_COLLECTOR)),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  ASSERT_OK(look->BackupTo(dir_.File("copy.db")));
  ASSERT_OK_AND_ASSIGN(const auto copy, RegistryStore::Open(dir_.File("copy.db"), {}));
  ASSERT_OK(copy->CheckIntegrity());
  ASSERT_OK(copy->GetPerson(programme_, person_));
}

TEST_F(RegistryStoreTest, OpensOnAFullDiskReadsAndWritesOnceThereIsRoom) {
  AddCode("secret");
  ASSERT_OK_AND_ASSIGN(const CredentialEntry credential,
                       registry_->Redeem(Redemption("secret", "dev_1", "token")));
  AddCode("another");
  registry_.reset();
  test::FaultVfs vfs;
  vfs.FailAfter(0, test::FaultVfs::Fault::kDiskFull);
  ASSERT_OK_AND_ASSIGN(auto full,
                       RegistryStore::Open(dir_.File("registry.db"), {.vfs = vfs.name()}));
  EXPECT_TRUE(vfs.triggered());
  ASSERT_OK_AND_ASSIGN(const CredentialEntry found, full->FindCredential(Sha256("token")));
  EXPECT_EQ(found.credential_id, credential.credential_id);
  // As at every start: nothing to change.
  ASSERT_OK_AND_ASSIGN(const bool changed,
                       full->PutPerson(Grant(person_, "tem_a", v1::ROLE_COLLECTOR)));
  EXPECT_FALSE(changed);
  const auto is_full = StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("make room"));
  EXPECT_THAT(full->PutPerson(Grant(person_, "tem_b", v1::ROLE_COLLECTOR)), is_full);
  EXPECT_THAT(full->Redeem(Redemption("another", "dev_1", "token 2")), is_full);
  EXPECT_THAT(full->AddEnrolmentCode(Sha256("x"), {programme_, person_, "per_x", 1, 1'000}),
              is_full);
  EXPECT_THAT(full->TouchCredential(credential.credential_id, 500), is_full);
  EXPECT_THAT(full->Restrict({}), is_full);
  // What a killed process left visible may not be durable, and is not called done.
  EXPECT_THAT(full->SetCredentialState(credential.credential_id, v1::CREDENTIAL_STATE_ACTIVE),
              is_full);
  vfs.Heal();
  ASSERT_OK(full->Redeem(Redemption("another", "dev_1", "token 2")));
  full.reset();
  Open();
  ASSERT_OK(registry_->FindCredential(Sha256("token 2")));
}

}  // namespace
}  // namespace baraza::server
