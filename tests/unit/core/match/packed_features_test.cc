#include "core/match/packed_features.h"

#include <gtest/gtest.h>

#include "tests/unit/core/match/report_builder.h"

namespace baraza {
namespace {

// Something in every field that there is.
Rep Full() {
  Rep rep("rep_1");
  rep.Title("Second coast forum on land rights, session B, March", "en")
      .Dates("2026-03-05", "2026-03-06")
      .Place("Mombasa", "Town Hall", "KE")
      .Teams({"tem_a", "tem_b", "Amis du Lac"})
      .By("tem_c", "per_1")
      .Issue("iss_land")
      .Total(40)
      .Topic("water and seeds")
      .Cite("src_1", "p. 4", "They met in March.")
      .Hint("rep_2", v1::HintAnswer::ANSWER_DIFFERENT)
      .PartOf("rep_3", "National conference on water");
  v1::SessionReport& report = rep.report();
  report.set_modality(v1::MODALITY_HYBRID);
  report.mutable_venue()->set_p_code("KE001");
  report.mutable_venue()->mutable_coordinates()->set_latitude(-4.04);
  report.mutable_venue()->mutable_coordinates()->set_longitude(39.66);
  report.mutable_organiser()->set_organisation_id("org_2");
  report.add_facilitated_by()->set_team_id("tem_d");
  v1::MeansOfVerification& proof = *report.add_means_of_verification();
  proof.set_kind(v1::MeansOfVerification::KIND_MINUTES);
  proof.set_sha256("0123");
  proof.set_description("minutes");
  return rep;
}

ReportFeatures FullFeatures() {
  v1::Source source;
  source.set_id("src_1");
  source.set_kind(v1::SOURCE_KIND_DOCUMENT);
  source.set_document_reference("KFN/2026/17");
  return Full().Features(TestRegister(), {{"src_1", source}});
}

TEST(PackedFeatures, ComeOutAsTheyWentIn) {
  ReportFeatures features = FullFeatures();
  const std::string packed = PackFeatures(features);
  EXPECT_EQ(PackedReportId(packed), "rep_1");
  // Not kept.
  features.register_keys.clear();
  features.source_ids.clear();
  EXPECT_EQ(UnpackFeatures(packed), features);
  const ReportFeatures empty = Rep("").Features();
  EXPECT_EQ(UnpackFeatures(PackFeatures(empty)), empty);
}

TEST(PackedFeatures, UnpackingOverAnotherRecordLeavesNothingOfIt) {
  ReportFeatures room = FullFeatures();
  ReportFeatures plain = Rep("rep_9").Day("2026-03-05").Features();
  UnpackScored(PackFeatures(plain), room);
  room.shown = plain.shown;
  room.register_keys = plain.register_keys;
  room.source_ids = plain.source_ids;
  EXPECT_EQ(room, plain);
}

}  // namespace
}  // namespace baraza
