#include "tests/e2e/field_test.h"

#include "absl/strings/str_cat.h"
#include "tests/e2e/snapshot.h"

namespace baraza::e2e {

using Answer = FieldPhone::Answer;

FieldPhone& FieldTest::AddPhone(const std::string& name, const std::string& team,
                                const std::string& directory) {
  phones_.push_back(std::make_unique<FieldPhone>(name, directory));
  FieldPhone& phone = *phones_.back();
  phone.Start();
  if (HasFailure()) return phone;
  phone.Enrol(coalition_.desk().NewCode(coalition_.AddPerson(team)), server().address());
  EXPECT_EQ(phone.Sync(server().address()), Answer::kDone) << phone.error();
  return phone;
}

std::string FieldTest::Key(int session, int variant) { return absl::StrCat(session, "/", variant); }

void FieldTest::Capture(FieldPhone& phone, const std::string& team, int session, int variant) {
  EXPECT_EQ(phone.Capture(Key(session, variant), ReportOn(coalition_, session, variant, team)),
            Answer::kDone)
      << phone.error();
}

void FieldTest::SyncUntilDone(FieldPhone& phone, const std::string& address) {
  for (int attempt = 0; attempt < 5; ++attempt) {
    if (phone.Sync(address) == Answer::kDone && phone.Status().outbox() == 0) return;
  }
  ADD_FAILURE() << phone.name() << " does not sync: " << phone.error();
}

void FieldTest::CheckTheEnd() {
  EXPECT_EQ(server().Stop().code, 0);
  int64_t position = 0;
  std::set<int> sessions;
  {
    Snapshot files(server().ProgrammeFile(), directory_.path());
    EXPECT_EQ(files.Integrity(), "ok");
    position = files.Int("SELECT max(position) FROM log");
    const std::set<std::string> log = files.Strings("SELECT op_id FROM log");
    size_t acknowledged = 0;
    for (const auto& phone : phones_) {
      for (const auto& [key, ids] : phone->acknowledged()) {
        acknowledged += ids.size();
        sessions.insert(std::stoi(key));
        for (const std::string& id : ids) EXPECT_EQ(log.count(id), 1u) << key;
      }
    }
    EXPECT_EQ(files.Int(absl::StrCat("SELECT count(*) FROM log WHERE record_type = ",
                                     v1::RECORD_TYPE_SESSION_REPORT)),
              static_cast<int64_t>(acknowledged));
    EXPECT_EQ(files.Int("SELECT count(*) FROM quarantine"), 0);
  }
  EXPECT_EQ(server().Command({"verify"}).ending.code, 0);
  ASSERT_TRUE(server().Start());
  coalition_.Redial();
  const auto figure = coalition_.desk().Figure(coalition_.id("indicator"), "2026", position);
  ASSERT_TRUE(figure.ok()) << figure.status();
  EXPECT_EQ(figure->value(), sessions.size());
}

}  // namespace baraza::e2e
