#include "client_lib/capture.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "baraza/v1/session_report.pb.h"
#include "baraza/v1/source.pb.h"
#include "tests/testing/status_matchers.h"

namespace baraza::client {
namespace {

TEST(CaptureTest, TakesDeviceFieldsOutAndNothingElse) {
  v1::Source source;
  source.set_informant_name("A");
  source.mutable_private_notes()->set_text("B");
  source.set_language("sw");
  const auto local = TakeLocalValues(source);
  v1::Source rest;
  rest.set_language("sw");
  EXPECT_EQ(source.SerializeAsString(), rest.SerializeAsString());
  v1::Source taken;
  taken.set_informant_name("A");
  taken.mutable_private_notes()->set_text("B");
  EXPECT_EQ(local->SerializeAsString(), taken.SerializeAsString());
}

TEST(CaptureTest, LaysLocalValuesOver) {
  v1::Source held;
  held.set_informant_name("A");
  held.set_informant_contact("c");
  held.mutable_private_notes()->set_text("long notes");
  v1::Source changed;
  changed.set_informant_name("");
  changed.mutable_private_notes()->set_language("en");
  LayLocalValues(changed, held);
  EXPECT_FALSE(held.has_informant_name());
  EXPECT_EQ(held.informant_contact(), "c");
  // A message is replaced, not merged.
  EXPECT_EQ(held.private_notes().text(), "");
  EXPECT_EQ(held.private_notes().language(), "en");
}

TEST(CaptureTest, MintsElementIdsThatAreMissing) {
  SeededRandom random(1);
  v1::SessionReport report;
  report.add_citations()->set_element_id("kept");
  for (int i = 0; i < 50; ++i) report.add_citations();
  report.add_participating_teams();
  // Not elements: no id is minted into it.
  report.add_facilitated_by();
  MintMissingElementIds(report, random);
  std::set<std::string> ids;
  for (const auto& citation : report.citations()) ids.insert(citation.element_id());
  EXPECT_EQ(ids.size(), 51u);
  EXPECT_EQ(ids.count(""), 0u);
  EXPECT_EQ(report.citations(0).element_id(), "kept");
  EXPECT_NE(report.participating_teams(0).element_id(), "");
}

TEST(CaptureTest, NumbersTheElementsOfANewRecordInTheirOrder) {
  v1::SessionReport report;
  for (int i = 0; i < 12; ++i) report.add_citations();
  report.mutable_citations(4)->set_element_id("02");
  report.add_participating_teams();
  NumberElements(report);
  std::vector<std::string> ids;
  for (const auto& citation : report.citations()) ids.push_back(citation.element_id());
  EXPECT_EQ(ids[4], "02");
  ids.erase(ids.begin() + 4);
  EXPECT_TRUE(std::is_sorted(ids.begin(), ids.end()));
  EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), 11u);
  EXPECT_EQ(std::count(ids.begin(), ids.end(), "02"), 0);
  EXPECT_LE(report.participating_teams(0).element_id().size(), 2u);
}

TEST(CaptureTest, NamesTheLargestField) {
  v1::SessionReport report;
  report.mutable_title()->set_text("short");
  report.mutable_narrative()->set_text(std::string(1000, 'n'));
  EXPECT_THAT(
      TooLarge("rep_1", report),
      test::StatusIs(absl::StatusCode::kInvalidArgument,
                     testing::AllOf(testing::HasSubstr("narrative"), testing::HasSubstr("rep_1"))));
}

}  // namespace
}  // namespace baraza::client
