// Free text: folding, titles taken apart, features and their packed form, the comparison of two
// reports. Lines of the input are title, topic, place, team, passage and title of the other report.

#include <algorithm>

#include "absl/strings/str_split.h"
#include "core/base/text.h"
#include "core/match/features.h"
#include "core/match/model.h"
#include "core/match/packed_features.h"
#include "core/match/score.h"
#include "core/match/title.h"
#include "core/model/register.h"
#include "tests/fuzz/target.h"

namespace baraza::fuzz {
namespace {

// FoldText may make one character into several ("㍿" is four).
constexpr size_t kMostGrowth = 40;

void CheckFolding(absl::string_view text) {
  const std::string folded = FoldText(text);
  FUZZ_CHECK(IsValidUtf8(folded));
  FUZZ_CHECK(FoldText(text) == folded);
  FUZZ_CHECK(FoldText(folded) == folded, +folded);
  FUZZ_CHECK(folded.size() <= kMostGrowth * text.size());
  FUZZ_CHECK(folded.empty() || (folded.front() != ' ' && folded.back() != ' '));
  FUZZ_CHECK(folded.find("  ") == std::string::npos);
  std::string joined;
  for (const std::string& token : FoldedTokens(text)) {
    FUZZ_CHECK(!token.empty() && token.find(' ') == std::string::npos);
    joined += joined.empty() ? token : " " + token;
  }
  FUZZ_CHECK(joined == folded);
}

void CheckTitle(absl::string_view title, const std::vector<std::string>& place) {
  const TitleFeatures read = ReadTitle(title, place);
  for (size_t i = 1; i < read.words.size(); ++i) {
    FUZZ_CHECK(read.words[i - 1].hash < read.words[i].hash);
  }
  for (size_t i = 1; i < read.markers.size(); ++i) {
    FUZZ_CHECK(!(read.markers[i] < read.markers[i - 1]));
  }
  const WordOverlap self = Overlap(read.words, read.words);
  FUZZ_CHECK(self.common == self.left && self.left == self.right);
  FUZZ_CHECK(self.common_subjects == self.left_subjects);
}

v1::SessionReport ReportOf(const std::vector<std::string>& lines, size_t title) {
  const auto line = [&lines](size_t i) { return i < lines.size() ? lines[i] : std::string(); };
  v1::SessionReport report;
  report.set_id("rep_0000000000000000000000000" + std::to_string(1 + title % 2));
  report.mutable_title()->set_text(line(title));
  report.add_topics()->set_text(line(1));
  report.mutable_venue()->set_locality(line(2));
  report.mutable_venue()->set_name(line(2));
  v1::ParticipatingTeam& team = *report.add_participating_teams();
  team.set_element_id("a");
  team.set_unregistered_name(line(3));
  v1::Citation& citation = *report.add_citations();
  citation.set_element_id("c");
  citation.set_source_id("src_00000000000000000000000001");
  citation.mutable_passage()->set_text(line(4));
  citation.set_locator(line(4));
  report.mutable_dates()->set_earliest("2026-03-05");
  return report;
}

void OneInput(absl::string_view bytes) {
  const std::vector<std::string> lines = absl::StrSplit(bytes, '\n');
  for (const std::string& line : lines) CheckFolding(line);
  std::vector<std::string> place;
  if (lines.size() > 2) place = FoldedTokens(lines[2]);
  std::sort(place.begin(), place.end());
  CheckTitle(lines[0], place);
  ReadWords(lines[0]);

  const Register reg;
  const ReportFeatures a = MakeFeatures(ReportOf(lines, 0), reg, {});
  const ReportFeatures b = MakeFeatures(ReportOf(lines, 5), reg, {});
  FUZZ_CHECK(MakeFeatures(ReportOf(lines, 0), reg, {}) == a);
  FUZZ_CHECK(ScorePair(a, b, ShippedModel()) == ScorePair(b, a, ShippedModel()));
  ReportFeatures unpacked = UnpackFeatures(PackFeatures(a));
  unpacked.register_keys = a.register_keys;
  unpacked.source_ids = a.source_ids;
  FUZZ_CHECK(unpacked == a);
  for (const std::string* shown : {&a.shown.title, &a.shown.topics, &a.shown.passages}) {
    FUZZ_CHECK(shown->size() <= 1024 + 8);
  }
}

std::vector<std::string> Seeds() {
  return {
      "Land rights forum, Session B\nland\nMombasa\nTeam Pwani\npage 4\nForum on land rights #2",
      "Forum sur le droit foncier – 2e séance\nfoncier\nLomé\nÉquipe Sahel\np. 3\nLand forum",
      "Taller 3: agua y tierra (5/3/2026)\nagua\nQuito\nAndes\n\nTaller III",
      "Setkání o právech k půdě\npůda\nŁódź\nx\n\n",
      "会議 第2回\n土地\n東京\n\n\n\xE3\x8D\xBF",
      "\xE2\x80\x8F\xD8\xA7\xD8\xB1\xD8\xB6 1\n\n\n\n\n",
      "\xFF\xC0\xAF bad \xED\xA0\x80 bytes\n",
      "1 2 3 a b c I II III iv 1st 2nd third #4 no 5\n",
  };
}

const Registration registration({"title", &OneInput, &Seeds});

}  // namespace
}  // namespace baraza::fuzz
