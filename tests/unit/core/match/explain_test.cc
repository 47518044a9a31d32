#include "core/match/explain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/base/random.h"
#include "core/match/model.h"
#include "core/model/privacy.h"
#include "tests/unit/core/match/report_builder.h"

namespace baraza {
namespace {

int32_t SumOf(const v1::PairExplanation& explanation) {
  int32_t sum = explanation.prior_milli_nats();
  for (const v1::FieldComparison& field : explanation.fields()) sum += field.milli_nats();
  return sum;
}

std::vector<std::string> CodesOf(const v1::PairExplanation& explanation) {
  std::vector<std::string> codes;
  for (const v1::CodedText& text : explanation.sentence()) codes.push_back(text.code());
  return codes;
}

TEST(Explain, EveryFieldHasAClass) {
  const auto& fields = *v1::MatchField_descriptor();
  for (int i = 0; i < fields.value_count(); ++i) {
    const auto field = static_cast<v1::MatchField>(fields.value(i)->number());
    if (field == v1::MATCH_FIELD_UNSPECIFIED) continue;
    EXPECT_NE(PrivacyOf(field), v1::PRIVACY_UNSPECIFIED)
        << fields.value(i)->name() << " needs a class: that of the strictest value that it reads";
  }
  EXPECT_EQ(PrivacyOf(v1::MATCH_FIELD_UNSPECIFIED), v1::PRIVACY_UNSPECIFIED);
}

TEST(Explain, WhatIsLeftSumsUpAndIsSaid) {
  const Rep a = Rep("rep_1")
                    .Title("Land forum", "en")
                    .Day("2026-03-05")
                    .By("tem_a", "per_1")
                    .Cite("src_1", "p. 1");
  const Rep b = Rep("rep_2")
                    .Title("Land forum", "en")
                    .Day("2026-03-06")
                    .By("tem_a", "per_1")
                    .Cite("src_1", "p. 1");
  const v1::PairExplanation whole = ExplainPair(a.Features(), b.Features(), ShippedModel());
  EXPECT_THAT(CodesOf(whole), ::testing::IsSupersetOf({"same_title", "dates_one_day_apart",
                                                       "same_passage", "same_author"}));
  v1::PairExplanation shown = whole;
  shown.set_never_compared(true);
  v1::PairExplanation all = shown;
  FilterExplanation(all, v1::PRIVACY_TEAM);
  EXPECT_EQ(all.SerializeAsString(), shown.SerializeAsString());
  FilterExplanation(shown, v1::PRIVACY_PROGRAMME);
  EXPECT_THAT(CodesOf(shown), ::testing::ElementsAre("same_title", "dates_one_day_apart"));
  EXPECT_EQ(shown.score_milli_nats(), SumOf(shown));
  EXPECT_NE(shown.score_milli_nats(), whole.score_milli_nats());
  // Keys are made of citations, files and answers too.
  EXPECT_FALSE(shown.never_compared());
  for (const v1::FieldComparison& field : shown.fields()) {
    EXPECT_LE(PrivacyOf(field.field()), v1::PRIVACY_PROGRAMME);
  }
}

TEST(Explain, WhoMayNotSeeWhatIsATeamsIsToldWhatReportsWithoutItWouldSay) {
  SeededRandom random(11);
  const auto pick = [&random](uint64_t bound) { return random.Uniform(bound); };
  const Register reg = TestRegister();
  std::map<std::string, v1::Source> sources;
  for (int i = 0; i < 3; ++i) {
    v1::Source& source = sources[absl::StrCat("src_", i)];
    source.set_id(absl::StrCat("src_", i));
    source.set_kind(v1::SOURCE_KIND_DOCUMENT);
    source.set_document_reference(absl::StrCat("CLF/2026/11", i / 2));
    source.set_document_title("Minutes of the coast forum no. 4");
  }
  std::vector<v1::SessionReport> reports;
  for (int i = 0; i < 40; ++i) {
    Rep rep(absl::StrCat("rep_", 10 + i));
    rep.Title(pick(2) ? "Coast forum on land rights" : "Water exchange #2", "en");
    rep.Day(absl::StrCat("2026-03-0", 3 + pick(3))).Place(pick(2) ? "Mombasa" : "Kisumu");
    rep.Teams({pick(2) ? "tem_a" : "tem_b", pick(2) ? "tem_c" : "tem_d"});
    rep.Total(static_cast<uint32_t>(30 + pick(3)));
    rep.By(pick(2) ? "tem_a" : "tem_b", absl::StrCat("per_", pick(2)));
    if (pick(2)) rep.Topic("water");
    for (uint64_t n = pick(3); n > 0; --n) {
      rep.Cite(absl::StrCat("src_", pick(3)), pick(2) ? absl::StrCat("p. ", pick(2)) : "",
               pick(2) ? absl::StrCat("passage ", pick(2)) : "");
    }
    if (pick(2)) {
      rep.Hint(absl::StrCat("rep_", 10 + pick(40)),
               static_cast<v1::HintAnswer::Answer>(1 + pick(3)));
    }
    if (pick(3) == 0) {
      v1::MeansOfVerification& proof = *rep.report().add_means_of_verification();
      proof.set_kind(v1::MeansOfVerification::KIND_MINUTES);
      proof.set_sha256(std::string(32, static_cast<char>('a' + pick(2))));
      proof.set_sensitive(true);
    }
    rep.report().mutable_narrative()->set_text(absl::StrCat("Told by ", pick(5)));
    rep.report().add_individual_successes()->set_text(absl::StrCat("Land, water ", pick(5)));
    reports.push_back(rep.report());
  }
  std::vector<ReportFeatures> whole;
  std::vector<ReportFeatures> open;
  for (v1::SessionReport report : reports) {
    whole.push_back(MakeFeatures(report, reg, sources));
    FilterMessage(report, v1::PRIVACY_PROGRAMME);
    open.push_back(MakeFeatures(report, reg, {}));
  }
  int differed = 0;
  for (size_t i = 0; i < reports.size(); ++i) {
    for (size_t j = i + 1; j < reports.size(); ++j) {
      v1::PairExplanation told = ExplainPair(whole[i], whole[j], ShippedModel());
      v1::PairExplanation expected = ExplainPair(open[i], open[j], ShippedModel());
      if (told.score_milli_nats() != expected.score_milli_nats()) ++differed;
      FilterExplanation(told, v1::PRIVACY_PROGRAMME);
      FilterExplanation(expected, v1::PRIVACY_PROGRAMME);
      EXPECT_EQ(told.DebugString(), expected.DebugString());
      EXPECT_EQ(told.score_milli_nats(), SumOf(told));
    }
  }
  EXPECT_GT(differed, 100);
}

}  // namespace
}  // namespace baraza
