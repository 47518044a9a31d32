#include "client_lib/cli/names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/clock.h"
#include "core/base/ids.h"
#include "core/base/random.h"
#include "tests/testing/status_matchers.h"

namespace baraza::client {
namespace {

using ::baraza::test::IsOkAndHolds;
using ::baraza::test::StatusIs;
using ::testing::AllOf;
using ::testing::HasSubstr;

class NamesTest : public ::testing::Test {
 protected:
  template <typename T>
  std::string Put(v1::RecordType type, const char* prefix, T record) {
    v1::RecordState state;
    state.set_record_id(MintId(prefix, clock_, random_));
    state.set_type(type);
    state.set_created(true);
    record.set_id(state.record_id());
    state.set_record(record.SerializeAsString());
    register_.Apply(state);
    return state.record_id();
  }

  std::string PutTeam(const char* title, const char* alias) {
    v1::Team team;
    team.set_title(title);
    team.add_aliases(alias);
    return Put(v1::RECORD_TYPE_TEAM, "tem", team);
  }

  FakeClock clock_;
  SeededRandom random_{7};
  Register register_;
};

TEST_F(NamesTest, FindsByTitleAliasPartAndId) {
  const std::string cauca = PutTeam("Equipo Cauca", "Tým Cauca");
  const std::string pwani = PutTeam("Pwani Land Desk", "Équipe Pwani");
  EXPECT_THAT(TeamByTypedName(register_, "equipo cauca"), IsOkAndHolds(cauca));
  EXPECT_THAT(TeamByTypedName(register_, "equipe pwani"), IsOkAndHolds(pwani));
  EXPECT_THAT(TeamByTypedName(register_, "land desk"), IsOkAndHolds(pwani));
  EXPECT_THAT(TeamByTypedName(register_, cauca), IsOkAndHolds(cauca));
}

TEST_F(NamesTest, SaysWhatThereIs) {
  PutTeam("Equipo Cauca", "Tým Cauca");
  PutTeam("Equipo Sur", "Sur");
  EXPECT_THAT(TeamByTypedName(register_, "Norte"),
              StatusIs(absl::StatusCode::kNotFound,
                       AllOf(HasSubstr("Equipo Cauca"), HasSubstr("Equipo Sur"))));
  EXPECT_THAT(TeamByTypedName(register_, "equipo"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("more than one")));
  EXPECT_THAT(IssueByName(register_, "land"),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("baraza sync")));
}

TEST_F(NamesTest, AnIndicatorIsAlsoItsDonors) {
  v1::Donor donor;
  donor.set_title("Nordlys Fund");
  const std::string donor_id = Put(v1::RECORD_TYPE_DONOR, "dnr", donor);
  v1::Indicator indicator;
  indicator.set_donor_id(donor_id);
  v1::LocalText& title = *indicator.mutable_title()->add_values();
  title.set_text("Sessions on land");
  title.set_language("en");
  const std::string id = Put(v1::RECORD_TYPE_INDICATOR, "ind", indicator);
  EXPECT_THAT(IndicatorByName(register_, "nordlys", "en"), IsOkAndHolds(id));
  EXPECT_THAT(IndicatorByName(register_, "sessions on land", "en"), IsOkAndHolds(id));
  EXPECT_THAT(IndicatorByName(register_, "", "en"), IsOkAndHolds(id)) << "the only one";
  EXPECT_EQ(NameOf(register_, id, "cs"), "Sessions on land");
  EXPECT_EQ(NameOf(register_, "tem_unknown", "cs"), "tem_unknown");
  title.set_text("Sessions on water");
  Put(v1::RECORD_TYPE_INDICATOR, "ind", indicator);
  EXPECT_THAT(IndicatorByName(register_, "", "en"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("Sessions on water")));
}

TEST_F(NamesTest, TextsComeInTheLanguageAskedForElseInEnglish) {
  v1::MultilingualText text;
  for (const auto& [language, value] : {std::pair("fr", "eau"), {"en", "water"}, {"cs", "voda"}}) {
    v1::LocalText& local = *text.add_values();
    local.set_language(language);
    local.set_text(value);
  }
  EXPECT_EQ(InLanguage(text, "cs"), "voda");
  EXPECT_EQ(InLanguage(text, "fr-SN"), "eau");
  EXPECT_EQ(InLanguage(text, "sw"), "water");
  EXPECT_EQ(InLanguage({}, "en"), "");
}

}  // namespace
}  // namespace baraza::client
