#include "client_lib/cli/render.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"

namespace baraza::client {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Render, AReportIsShownWholeWithoutWhatAHintAsked) {
  Register reg;
  v1::RecordState team;
  team.set_record_id("tem_a");
  team.set_type(v1::RECORD_TYPE_TEAM);
  team.set_created(true);
  v1::Team record;
  record.set_id("tem_a");
  record.set_title("Kilifi team");
  team.set_record(record.SerializeAsString());
  reg.Apply(team);

  v1::SessionReport report;
  report.set_id("rep_1");
  report.set_team_id("tem_a");
  report.set_held_status(v1::HELD_STATUS_HELD);
  report.mutable_dates()->set_earliest("2026-08-04");
  report.mutable_dates()->set_precision(v1::DATE_PRECISION_DAY);
  report.mutable_dates()->set_duration_minutes(90);
  report.mutable_venue()->set_name("Social Hall");
  report.mutable_venue()->set_locality("Kilifi");
  report.set_modality(v1::MODALITY_IN_PERSON);
  report.set_experiences_shared(v1::YES_NO_NOT_RECORDED);
  report.mutable_participants()->set_total(31);
  report.mutable_participants()->set_women(0);
  v1::ParticipatingTeam& there = *report.add_participating_teams();
  there.set_element_id("e1");
  there.set_team_id("tem_a");
  there.set_present(v1::YES_NO_YES);
  report.add_participating_teams()->set_unregistered_name("Marafiki");
  v1::Citation& citation = *report.add_citations();
  citation.set_source_id("src_1");
  citation.set_locator("p. 12");
  v1::HintAnswer& hint = *report.add_hint_answers();
  hint.set_other_report_id("rep_2");
  hint.set_answer(v1::HintAnswer::ANSWER_SAME);
  // Every text, whichever there are.
  const google::protobuf::Descriptor& descriptor = *report.GetDescriptor();
  for (int i = 0; i < descriptor.field_count(); ++i) {
    const google::protobuf::FieldDescriptor& field = *descriptor.field(i);
    if (field.message_type() != v1::LocalText::descriptor()) continue;
    v1::LocalText text;
    text.set_text(absl::StrCat("text of ", field.name()));
    text.set_language("sw");
    (field.is_repeated() ? report.GetReflection()->AddMessage(&report, &field)
                         : report.GetReflection()->MutableMessage(&report, &field))
        ->CopyFrom(text);
  }

  const std::string shown = ReportText(report, Reader{reg, "en"}, "  ");
  for (int i = 0; i < descriptor.field_count(); ++i) {
    const google::protobuf::FieldDescriptor& field = *descriptor.field(i);
    if (field.message_type() != v1::LocalText::descriptor()) continue;
    EXPECT_THAT(shown, HasSubstr(absl::StrCat(": text of ", field.name(), "  [sw]\n")));
  }
  for (const char* line :
       {"  team id: Kilifi team\n", "  held status: held\n",
        "  dates: 2026-08-04, duration minutes 90\n",
        "  venue: name Social Hall, locality Kilifi\n", "  modality: in person\n",
        "  experiences shared: not recorded\n", "  participants: total 31, women 0\n",
        "  participating teams: Kilifi team, present yes\n", "  participating teams: Marafiki\n",
        "  citations: source id src_1, locator p. 12\n"}) {
    EXPECT_THAT(shown, HasSubstr(line));
  }
  EXPECT_THAT(shown, Not(HasSubstr("rep_")));
  EXPECT_THAT(shown, Not(HasSubstr("hint")));
}

TEST(Render, AListDoesNotSayWhatTheMatcherThinksOfADrawnPair) {
  const Register reg;
  v1::Record record;
  record.mutable_review_sample()->set_stratum("apart_near");
  record.mutable_review_sample()->add_report_ids("rep_1");
  record.mutable_review_sample()->add_report_ids("rep_2");
  EXPECT_EQ(TitleOf(record, Reader{reg, "en"}), "rep_1 rep_2");
}

}  // namespace
}  // namespace baraza::client
