#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "core/base/random.h"
#include "core/model/limits.h"
#include "core/model/schema_rules.h"
#include "core/model/validate.h"
#include "tests/unit/core/model/operation_factory.h"
#include "tests/unit/core/model/random_record.h"

namespace baraza {
namespace {

using testing::Author;
using testing::Collector;
using testing::FullReport;
using testing::GrantOf;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::Officer;
using testing::RecordWriter;
using testing::TestId;

using Report = v1::SessionReport;

// A good operation that a test spoils.
class JudgeTest : public ::testing::Test {
 protected:
  JudgeTest() : created_(writer_.Create(Collector(), FullReport())) {}

  // The verdict on the creating operation with another header.
  std::optional<Rejection> WithHeader(const std::function<void(v1::Header&)>& spoil) {
    v1::Header header = created_.header;
    spoil(header);
    v1::WireOperation wire = created_.wire;
    wire.set_header(header.SerializeAsString());
    return Judge(wire);
  }

  // The verdict on an edit by `author` with these parts.
  std::optional<Rejection> WithParts(const std::vector<std::pair<v1::Privacy, v1::Delta>>& parts,
                                     const Author& author = Collector(),
                                     v1::RecordType type = v1::RECORD_TYPE_SESSION_REPORT) {
    v1::Header header = created_.header;
    header.set_record_type(type);
    header.set_record_id(TestId(IdPrefixOf(type), 1));
    header.set_op_id(TestId("op", 1));
    header.add_parent_op_ids(header.record_id());
    header.set_team_id(author.team_id);
    header.set_author_id(author.person_id);
    header.set_author_role(author.role);
    v1::WireOperation wire;
    wire.set_header(header.SerializeAsString());
    for (const auto& [privacy, delta] : parts) {
      v1::Part* part = wire.add_parts();
      part->set_privacy(privacy);
      part->set_delta(delta.SerializeAsString());
    }
    return Judge(wire, GrantOf(author));
  }

  static v1::Delta DeltaOf(const google::protobuf::Message& record) {
    v1::Delta delta;
    delta.set_record(record.SerializeAsString());
    return delta;
  }

  std::optional<Rejection> Judge(const v1::WireOperation& wire) {
    return Judge(wire, GrantOf(Collector()));
  }

  std::optional<Rejection> Judge(const v1::WireOperation& wire, const AuthorGrant& grant) {
    Operation parsed;
    return JudgeOperation(wire, grant, &parsed);
  }

  RecordWriter<Report> writer_;
  const Operation created_;
};

#define EXPECT_REJECTED(verdict, want_reason, want_field)                           \
  do {                                                                              \
    const std::optional<Rejection> got = (verdict);                                 \
    ASSERT_TRUE(got.has_value());                                                   \
    EXPECT_EQ(v1::RejectionReason_Name(got->reason), #want_reason) << got->message; \
    EXPECT_EQ(got->field, want_field) << got->message;                              \
  } while (false)

TEST_F(JudgeTest, TakesWhatBuildOperationMakes) {
  Operation parsed;
  EXPECT_FALSE(JudgeOperation(created_.wire, GrantOf(Collector()), &parsed).has_value());
  EXPECT_EQ(parsed.hash, created_.hash);
  EXPECT_EQ(parsed.header.op_id(), writer_.record_id());
  EXPECT_EQ(parsed.deltas.size(), 2u);

  Report after = testing::RecordIn<Report>(MergeOperations({created_}));
  after.clear_participating_teams();
  after.clear_title();
  const Operation edit = writer_.Edit(Collector(), {created_}, after);
  EXPECT_FALSE(Judge(edit.wire).has_value());
  const Operation redaction =
      writer_.Redact(Officer(), {created_}, writer_.record_id(), {v1::PRIVACY_TEAM});
  EXPECT_FALSE(Judge(redaction.wire, GrantOf(Officer())).has_value());
  // Re-sent by a device on which it was redacted meanwhile.
  v1::WireOperation erased = created_.wire;
  EraseParts(erased, {v1::PRIVACY_TEAM});
  EXPECT_FALSE(Judge(erased).has_value());
}

// What holds by construction need not be looked at: the verdict on what was just built, from any
// valid record, is that on its bytes.
TEST(JudgeBuiltOperationTest, SaysWhatJudgeOperationSays) {
  const std::vector<Author> authors = {Collector(), testing::Lead(), Officer(),
                                       testing::Administrator(), testing::Auditor()};
  SeededRandom random(1);
  int taken = 0;
  int rejected = 0;
  for (const v1::RecordType type : AllRecordTypes()) {
    const MessageRules& rules = *RulesOfType(type);
    for (int round = 0; round < 150; ++round) {
      SCOPED_TRACE(absl::StrCat(RecordTypeName(type), " ", round));
      const Author& author = authors[random.Uniform(authors.size())];
      AuthorGrant grant = GrantOf(random.Uniform(8) == 0 ? testing::Stranger() : author);
      const std::unique_ptr<google::protobuf::Message> before = NewRecord(type);
      testing::FillRandomly(random, *before);
      const std::unique_ptr<google::protobuf::Message> after = NewRecord(type);
      testing::FillRandomly(random, *after);
      const bool creates = random.Uniform(2) == 0;
      if (!creates) {
        // Nobody edits these.
        for (const FieldRules& field : rules.fields) {
          if (field.merge != v1::MERGE_RULE_IMMUTABLE) continue;
          rules.reflection->ClearField(before.get(), field.field);
          rules.reflection->ClearField(after.get(), field.field);
        }
      }
      if (!ValidateRecord(*after).ok()) continue;
      const std::string id = TestId(IdPrefixOf(type), 1);
      OperationStamp stamp = testing::StampFor(author, type, id, id, 1);
      std::vector<RestatedField> restated;
      if (!creates) {
        stamp.op_id = TestId("op", 1);
        stamp.parent_op_ids = {id};
        const FieldRules& field = rules.fields[random.Uniform(rules.fields.size())];
        if (random.Uniform(2) == 0 && field.merge != v1::MERGE_RULE_IMMUTABLE) {
          // An id is what the caller makes of it.
          const char* const ids[] = {"a", "gone", "too long a one", "!"};
          const bool element = field.merge == v1::MERGE_RULE_ELEMENTS;
          restated.push_back(
              {static_cast<int>(field.number), element ? ids[random.Uniform(4)] : std::string()});
        }
      }
      switch (random.Uniform(24)) {
        case 0:
          stamp.programme_id = TestId("prg", 2);
          break;
        case 1:
          stamp.team_id = "tem_1";
          break;
        case 2:
          stamp.author_id = "nobody";
          break;
        default:
          break;
      }
      const absl::StatusOr<Operation> built =
          BuildOperation(stamp, creates ? nullptr : before.get(), *after, restated);
      if (!built.ok()) continue;
      Operation parsed;
      const std::optional<Rejection> expected = JudgeOperation(built->wire, grant, &parsed);
      const std::optional<Rejection> got = JudgeBuiltOperation(*built, grant);
      ++(expected.has_value() ? rejected : taken);
      ASSERT_EQ(got.has_value(), expected.has_value())
          << (got.has_value() ? got : expected)->message;
      if (!got.has_value()) continue;
      EXPECT_EQ(got->reason, expected->reason);
      EXPECT_EQ(got->field, expected->field);
      EXPECT_EQ(got->message, expected->message);
      EXPECT_EQ(got->op_id, expected->op_id);
    }
  }
  EXPECT_GT(taken, 300);
  EXPECT_GT(rejected, 300);
}

// What single values do not tell: how many there are, and which elements are gone.
TEST(JudgeBuiltOperationTest, KnowsWhatTheRecordDoesNotTell) {
  RecordWriter<Report> writer;
  const auto verdicts_agree = [](const absl::StatusOr<Operation>& built, bool taken) {
    ASSERT_TRUE(built.ok()) << built.status();
    Operation parsed;
    const AuthorGrant grant = GrantOf(Collector());
    EXPECT_EQ(JudgeOperation(built->wire, grant, &parsed).has_value(), !taken);
    EXPECT_EQ(JudgeBuiltOperation(*built, grant).has_value(), !taken);
  };
  const auto stamp = testing::StampFor(Collector(), writer.type(), writer.record_id(),
                                       TestId("op", 1), 2, {writer.record_id()});
  for (const int elements : {kMaxRepeated, kMaxRepeated + 1}) {
    Report many = FullReport();
    many.clear_participating_teams();
    Report none = many;
    for (int i = 0; i < elements; ++i) {
      many.add_participating_teams()->set_element_id(absl::StrCat(10'000 + i));
    }
    verdicts_agree(BuildOperation(stamp, &many, none), elements == kMaxRepeated);
  }
  // Of an element that is gone, anything may stand for its id.
  for (const char* const id : {"gone", "too long a one", "\xff"}) {
    const Report before = FullReport();
    Report after = before;
    after.mutable_title()->set_text("Another");
    verdicts_agree(
        BuildOperation(stamp, &before, after, {{Report::kParticipatingTeamsFieldNumber, id}}),
        absl::string_view(id) == "gone");
  }
  for (const int fields : {kMaxRepeated, kMaxRepeated + 1}) {
    Report report = FullReport();
    for (int i = 0; i < fields; ++i) {
      report.GetReflection()->MutableUnknownFields(&report)->AddVarint(1'000 + i, 1);
    }
    const Report before = FullReport();
    verdicts_agree(BuildOperation(stamp, &before, report), fields == kMaxRepeated);
  }
}

// Bytes that a parser takes though no serializer writes them are judged by what they come to.
TEST_F(JudgeTest, BytesInAnotherOrder) {
  const auto bytes = [](const Report& report) { return report.SerializeAsString(); };
  const auto judge = [this](const std::string& record) {
    v1::Delta delta;
    delta.set_record(record);
    return WithParts({{v1::PRIVACY_TEAM, delta}});
  };
  Report title;
  title.mutable_title()->set_text("t");
  Report early;
  early.mutable_dates()->set_earliest("2026-05-05");
  Report late;
  late.mutable_dates()->set_latest("2026-01-01");
  Report no_language;
  no_language.mutable_title()->set_language("?");
  Report english;
  english.mutable_title()->set_language("en");
  Report no_date;
  no_date.mutable_dates()->set_earliest("soon");

  EXPECT_FALSE(judge(bytes(early) + bytes(title)).has_value());
  // Two halves of one message, each possible by itself.
  EXPECT_FALSE(judge(bytes(early)).has_value());
  EXPECT_FALSE(judge(bytes(late)).has_value());
  EXPECT_REJECTED(judge(bytes(early) + bytes(late)), REJECTION_REASON_INVALID_VALUE,
                  "dates.latest");
  // The last value counts.
  EXPECT_FALSE(judge(bytes(no_language) + bytes(english)).has_value());
  EXPECT_REJECTED(judge(bytes(english) + bytes(no_language)), REJECTION_REASON_INVALID_VALUE,
                  "title.language");
  // The first problem is that of the lower field, wherever it stands.
  EXPECT_REJECTED(judge(bytes(no_date) + bytes(no_language)), REJECTION_REASON_INVALID_VALUE,
                  "title.language");
  // Behind what is unknown here, and behind groups nested too deep to be read through.
  std::string unknown;
  for (int i = 0; i < 50; ++i) unknown += "\xfb\x3e";
  for (int i = 0; i < 50; ++i) unknown += "\xfc\x3e";
  EXPECT_REJECTED(judge(unknown + bytes(no_date)), REJECTION_REASON_INVALID_VALUE,
                  "dates.earliest");
}

TEST_F(JudgeTest, Header) {
  const std::string record = writer_.record_id();
  EXPECT_REJECTED(WithHeader([](v1::Header& h) { h.set_op_id(TestId("rep", 9)); }),
                  REJECTION_REASON_INVALID_VALUE, "header.op_id");
  EXPECT_REJECTED(WithHeader([](v1::Header& h) { h.set_op_id(TestId("op", 1)); }),
                  REJECTION_REASON_INVALID_VALUE, "header.parent_op_ids");
  EXPECT_REJECTED(WithHeader([](v1::Header& h) {
                    h.set_record_id(TestId("src", 1));
                    h.set_op_id(TestId("src", 1));
                  }),
                  REJECTION_REASON_INVALID_VALUE, "header.record_id");
  EXPECT_REJECTED(WithHeader([](v1::Header& h) { h.clear_record_type(); }),
                  REJECTION_REASON_INVALID_VALUE, "header.record_type");
  EXPECT_REJECTED(WithHeader([](v1::Header& h) { h.set_programme_id("prg_x"); }),
                  REJECTION_REASON_INVALID_VALUE, "header.programme_id");
  EXPECT_REJECTED(WithHeader([](v1::Header& h) { h.set_author_id(TestId("tem", 1)); }),
                  REJECTION_REASON_INVALID_VALUE, "header.author_id");
  EXPECT_REJECTED(WithHeader([](v1::Header& h) { h.set_team_id("tem"); }),
                  REJECTION_REASON_INVALID_VALUE, "header.team_id");
  EXPECT_REJECTED(WithHeader([](v1::Header& h) { h.set_lamport(0); }),
                  REJECTION_REASON_INVALID_VALUE, "header.lamport");
  EXPECT_REJECTED(WithHeader([](v1::Header& h) { h.set_lamport(kMaxLamport + 1); }),
                  REJECTION_REASON_INVALID_VALUE, "header.lamport");
  EXPECT_FALSE(WithHeader([](v1::Header& h) { h.set_lamport(kMaxLamport); }).has_value());
  EXPECT_REJECTED(WithHeader([](v1::Header& h) { h.clear_schema_level(); }),
                  REJECTION_REASON_INVALID_VALUE, "header.schema_level");
  EXPECT_REJECTED(WithHeader([](v1::Header& h) { h.add_parent_op_ids(TestId("op", 1)); }),
                  REJECTION_REASON_INVALID_VALUE, "header.parent_op_ids");
  const auto edit_with = [&](std::vector<std::string> parents) {
    return WithHeader([&](v1::Header& h) {
      h.set_op_id(TestId("op", 500));
      for (const std::string& parent : parents) h.add_parent_op_ids(parent);
    });
  };
  EXPECT_FALSE(edit_with({record}).has_value());
  EXPECT_FALSE(edit_with({TestId("op", 1), record}).has_value());
  EXPECT_REJECTED(edit_with({record, TestId("op", 1)}), REJECTION_REASON_INVALID_VALUE,
                  "header.parent_op_ids");
  EXPECT_REJECTED(edit_with({record, record}), REJECTION_REASON_INVALID_VALUE,
                  "header.parent_op_ids");
  EXPECT_REJECTED(edit_with({TestId("op", 500)}), REJECTION_REASON_INVALID_VALUE,
                  "header.parent_op_ids");
  EXPECT_REJECTED(edit_with({TestId("rep", 77)}), REJECTION_REASON_INVALID_VALUE,
                  "header.parent_op_ids");
  std::vector<std::string> many;
  for (int i = 1; i <= kMaxParents + 1; ++i) many.push_back(TestId("op", i));
  EXPECT_REJECTED(edit_with(many), REJECTION_REASON_TOO_LARGE, "header.parent_op_ids");
  many.pop_back();
  EXPECT_FALSE(edit_with(many).has_value());
}

TEST_F(JudgeTest, TheClockOfTheDeviceIsDataOnly) {
  for (const int64_t ms :
       {int64_t{0}, int64_t{-1}, int64_t{4'102'444'800'000}, std::numeric_limits<int64_t>::max()}) {
    EXPECT_FALSE(WithHeader([ms](v1::Header& h) { h.set_device_time_ms(ms); }).has_value());
  }
}

TEST_F(JudgeTest, AProgrammeHasOneRecordOfItself) {
  const auto judge = [&](const std::string& id) {
    const auto built = BuildOperation(
        testing::StampFor(testing::Administrator(), v1::RECORD_TYPE_PROGRAMME, id, id, 1), nullptr,
        v1::Programme());
    EXPECT_TRUE(built.ok()) << built.status();
    return Judge(built->wire, GrantOf(testing::Administrator()));
  };
  EXPECT_FALSE(judge(TestId("prg", 1)).has_value());
  EXPECT_REJECTED(judge(TestId("prg", 2)), REJECTION_REASON_INVALID_VALUE, "header.record_id");
}

TEST_F(JudgeTest, TheCredentialMustBeTheAuthors) {
  const auto with_grant = [&](const std::function<void(AuthorGrant&)>& spoil) {
    AuthorGrant grant = GrantOf(Collector());
    spoil(grant);
    return Judge(created_.wire, grant);
  };
  EXPECT_REJECTED(with_grant([](AuthorGrant& g) { g.programme_id = TestId("prg", 2); }),
                  REJECTION_REASON_NOT_AUTHORISED, "header.programme_id");
  EXPECT_REJECTED(with_grant([](AuthorGrant& g) { g.person_id = TestId("per", 2); }),
                  REJECTION_REASON_NOT_AUTHORISED, "header.author_id");
  EXPECT_REJECTED(with_grant([](AuthorGrant& g) { g.team_ids = {TestId("tem", 2)}; }),
                  REJECTION_REASON_NOT_AUTHORISED, "header.team_id");
  EXPECT_REJECTED(with_grant([](AuthorGrant& g) { g.roles = {v1::ROLE_TEAM_LEAD}; }),
                  REJECTION_REASON_NOT_AUTHORISED, "header.author_role");
  // A team or role of the past still holds for what was written then.
  EXPECT_FALSE(with_grant([](AuthorGrant& g) {
                 g.team_ids.insert(TestId("tem", 8));
                 g.roles.insert(v1::ROLE_TEAM_LEAD);
               }).has_value());
  // Without a team there is only the office.
  EXPECT_REJECTED(WithHeader([](v1::Header& h) { h.clear_team_id(); }),
                  REJECTION_REASON_NOT_AUTHORISED, "header.team_id");
  RecordWriter<v1::Team> team;
  EXPECT_FALSE(Judge(team.Create(Officer(), v1::Team()).wire, GrantOf(Officer())).has_value());
  // Auditors read only.
  EXPECT_REJECTED(
      Judge(writer_.Create(testing::Auditor(), Report()).wire, GrantOf(testing::Auditor())),
      REJECTION_REASON_NOT_AUTHORISED, "header.author_role");
}

TEST_F(JudgeTest, PrivacyClasses) {
  Report report;
  report.mutable_narrative()->set_text("secret passage");
  auto verdict = WithParts({{v1::PRIVACY_PROGRAMME, DeltaOf(report)}});
  EXPECT_REJECTED(verdict, REJECTION_REASON_PRIVACY_CLASS, "narrative");
  EXPECT_THAT(verdict->message, Not(HasSubstr("secret")));
  EXPECT_EQ(verdict->op_id, TestId("op", 1));
  EXPECT_FALSE(WithParts({{v1::PRIVACY_TEAM, DeltaOf(report)}}).has_value());

  // A stricter part is fine, a looser one never.
  Report title;
  title.mutable_title()->set_text("x");
  EXPECT_FALSE(WithParts({{v1::PRIVACY_TEAM, DeltaOf(title)}}).has_value());
  EXPECT_REJECTED(WithParts({{v1::PRIVACY_PUBLIC, DeltaOf(title)}}), REJECTION_REASON_PRIVACY_CLASS,
                  "title");

  Report device;
  device.mutable_private_notes()->set_text("secret");
  EXPECT_REJECTED(WithParts({{v1::PRIVACY_TEAM, DeltaOf(device)}}), REJECTION_REASON_PRIVACY_CLASS,
                  "private_notes");

  v1::Delta clear;
  clear.add_cleared_fields(Report::kNarrativeFieldNumber);
  EXPECT_REJECTED(WithParts({{v1::PRIVACY_PROGRAMME, clear}}), REJECTION_REASON_PRIVACY_CLASS,
                  "narrative");
  v1::Delta remove;
  remove.add_removed_elements()->set_field_number(Report::kCitationsFieldNumber);
  remove.mutable_removed_elements(0)->set_element_id("c");
  EXPECT_REJECTED(WithParts({{v1::PRIVACY_PROGRAMME, remove}}), REJECTION_REASON_PRIVACY_CLASS,
                  "citations");
  EXPECT_FALSE(WithParts({{v1::PRIVACY_TEAM, remove}}).has_value());
}

TEST_F(JudgeTest, SensitivityRaisesTheClass) {
  Report report;
  v1::MeansOfVerification* photo = report.add_means_of_verification();
  photo->set_element_id("p");
  EXPECT_FALSE(WithParts({{v1::PRIVACY_PROGRAMME, DeltaOf(report)}}).has_value());
  photo->set_sensitive(true);
  EXPECT_REJECTED(WithParts({{v1::PRIVACY_PROGRAMME, DeltaOf(report)}}),
                  REJECTION_REASON_PRIVACY_CLASS, "means_of_verification");
  EXPECT_FALSE(WithParts({{v1::PRIVACY_TEAM, DeltaOf(report)}}).has_value());

  Report title;
  title.mutable_title()->set_text("x");
  Report sensitive;
  sensitive.set_sensitivity(v1::PRIVACY_TEAM);
  EXPECT_REJECTED(
      WithParts({{v1::PRIVACY_PROGRAMME, DeltaOf(title)}, {v1::PRIVACY_TEAM, DeltaOf(sensitive)}}),
      REJECTION_REASON_PRIVACY_CLASS, "title");

  // Device fields of a record inside a record.
  v1::Ruling ruling;
  ruling.mutable_override_values()->mutable_private_notes()->set_text("secret");
  EXPECT_REJECTED(
      WithParts({{v1::PRIVACY_TEAM, DeltaOf(ruling)}}, Officer(), v1::RECORD_TYPE_RULING),
      REJECTION_REASON_PRIVACY_CLASS, "override_values.private_notes");
}

TEST_F(JudgeTest, ValuesNameFieldAndWhatIsWrong) {
  Report report;
  report.mutable_dates()->set_earliest("2026-02-31");
  const auto verdict = WithParts({{v1::PRIVACY_PROGRAMME, DeltaOf(report)}});
  EXPECT_REJECTED(verdict, REJECTION_REASON_INVALID_VALUE, "dates.earliest");
  EXPECT_EQ(verdict->message, TestId("rep", 1) +
                                  ": dates.earliest: expected a date of the calendar as "
                                  "yyyy-mm-dd, got \"2026-02-31\"");
  Report prose;
  prose.mutable_dates()->set_earliest("the day we buried John");
  EXPECT_THAT(WithParts({{v1::PRIVACY_PROGRAMME, DeltaOf(prose)}})->message,
              Not(HasSubstr("John")));

  Report derived;
  derived.set_team_id(TestId("tem", 2));
  EXPECT_REJECTED(WithParts({{v1::PRIVACY_TEAM, DeltaOf(derived)}}), REJECTION_REASON_INVALID_VALUE,
                  "team_id");
  Report without_id;
  without_id.add_participating_teams()->set_unregistered_name("x");
  EXPECT_REJECTED(WithParts({{v1::PRIVACY_PROGRAMME, DeltaOf(without_id)}}),
                  REJECTION_REASON_INVALID_VALUE, "participating_teams.element_id");
  Report twice;
  twice.add_participating_teams()->set_element_id("a");
  twice.add_participating_teams()->set_element_id("a");
  EXPECT_REJECTED(WithParts({{v1::PRIVACY_PROGRAMME, DeltaOf(twice)}}),
                  REJECTION_REASON_INVALID_VALUE, "participating_teams.element_id");
}

TEST_F(JudgeTest, Sizes) {
  Report report;
  report.mutable_title()->set_text(std::string(kDefaultMaxStringBytes, 'x'));
  EXPECT_FALSE(WithParts({{v1::PRIVACY_PROGRAMME, DeltaOf(report)}}).has_value());
  report.mutable_title()->mutable_text()->append("x");
  EXPECT_REJECTED(WithParts({{v1::PRIVACY_PROGRAMME, DeltaOf(report)}}), REJECTION_REASON_TOO_LARGE,
                  "title.text");
  Report long_story;
  long_story.mutable_narrative()->set_text(std::string(32768, 'x'));
  EXPECT_FALSE(WithParts({{v1::PRIVACY_TEAM, DeltaOf(long_story)}}).has_value());
  Report many;
  for (int i = 0; i <= kMaxRepeated; ++i) many.add_topics();
  EXPECT_REJECTED(WithParts({{v1::PRIVACY_PROGRAMME, DeltaOf(many)}}), REJECTION_REASON_TOO_LARGE,
                  "topics");
  v1::WireOperation huge = created_.wire;
  huge.mutable_parts(1)->mutable_delta()->append(std::string(10 << 20, 'x'));
  EXPECT_REJECTED(Judge(huge), REJECTION_REASON_TOO_LARGE, "");
  Report unknown;
  for (int i = 0; i <= kMaxRepeated; ++i) {
    unknown.GetReflection()->MutableUnknownFields(&unknown)->AddVarint(1000 + i, 1);
  }
  EXPECT_REJECTED(WithParts({{v1::PRIVACY_TEAM, DeltaOf(unknown)}}), REJECTION_REASON_TOO_LARGE,
                  "delta.record");
}

TEST_F(JudgeTest, BytesThatAreNoRecord) {
  v1::Delta delta;
  delta.set_record("\x0a\x7f truncated");
  EXPECT_REJECTED(WithParts({{v1::PRIVACY_TEAM, delta}}), REJECTION_REASON_MALFORMED,
                  "delta.record");
  // The device's time is the last field of the header, and the only one that may be missing.
  v1::Header timeless = created_.header;
  timeless.clear_device_time_ms();
  for (size_t keep = 0; keep < created_.wire.header().size(); ++keep) {
    v1::WireOperation wire = created_.wire;
    wire.mutable_header()->resize(keep);
    EXPECT_EQ(Judge(wire).has_value(), wire.header() != timeless.SerializeAsString()) << keep;
  }
}

TEST_F(JudgeTest, InvalidUtf8NamesTheField) {
  // Field 12 (title) { field 1 (text): "\xff" }.
  v1::Delta delta;
  delta.set_record(std::string("\x62\x03\x0a\x01\xff", 5));
  EXPECT_REJECTED(WithParts({{v1::PRIVACY_PROGRAMME, delta}}), REJECTION_REASON_INVALID_UTF8,
                  "title.text");
  // In an element id that is removed, inside the delta itself.
  v1::WireOperation wire = created_.wire;
  wire.mutable_parts(0)->set_delta(std::string("\x1a\x05\x08\x15\x12\x01\xff", 7));
  EXPECT_REJECTED(Judge(wire), REJECTION_REASON_INVALID_UTF8, "delta.removed_elements.element_id");
  wire = created_.wire;
  wire.mutable_header()->append(std::string("\x0a\x01\xff", 3));
  EXPECT_REJECTED(Judge(wire), REJECTION_REASON_INVALID_UTF8, "header.op_id");
}

TEST_F(JudgeTest, EachRegisterOnceInAnOperation) {
  Report report;
  report.mutable_title()->set_text("x");
  v1::Delta both = DeltaOf(report);
  both.add_cleared_fields(Report::kTitleFieldNumber);
  EXPECT_REJECTED(WithParts({{v1::PRIVACY_PROGRAMME, both}}), REJECTION_REASON_INVALID_VALUE,
                  "title");
  EXPECT_REJECTED(
      WithParts({{v1::PRIVACY_PROGRAMME, DeltaOf(report)}, {v1::PRIVACY_TEAM, DeltaOf(report)}}),
      REJECTION_REASON_INVALID_VALUE, "title");
  v1::Delta clear_elements;
  clear_elements.add_cleared_fields(Report::kParticipatingTeamsFieldNumber);
  EXPECT_REJECTED(WithParts({{v1::PRIVACY_PROGRAMME, clear_elements}}),
                  REJECTION_REASON_INVALID_VALUE, "participating_teams");
  v1::Delta remove;
  remove.add_removed_elements()->set_field_number(Report::kTitleFieldNumber);
  remove.mutable_removed_elements(0)->set_element_id("a");
  EXPECT_REJECTED(WithParts({{v1::PRIVACY_PROGRAMME, remove}}), REJECTION_REASON_INVALID_VALUE,
                  "title");
  remove.mutable_removed_elements(0)->set_element_id("too long an id");
  EXPECT_REJECTED(WithParts({{v1::PRIVACY_PROGRAMME, remove}}), REJECTION_REASON_INVALID_VALUE,
                  "delta.removed_elements.element_id");
  EXPECT_REJECTED(WithParts({}), REJECTION_REASON_INVALID_VALUE, "parts");
}

TEST_F(JudgeTest, ReviewStages) {
  const auto stage_by = [&](const Author& author, v1::ReportStage stage) {
    Report report;
    report.mutable_review()->set_stage(stage);
    return WithParts({{v1::PRIVACY_TEAM, DeltaOf(report)}}, author);
  };
  EXPECT_FALSE(stage_by(Collector(), v1::REPORT_STAGE_SUBMITTED).has_value());
  EXPECT_FALSE(stage_by(testing::Lead(), v1::REPORT_STAGE_SUBMITTED).has_value());
  EXPECT_FALSE(stage_by(Officer(), v1::REPORT_STAGE_RETURNED).has_value());
  EXPECT_FALSE(stage_by(Officer(), v1::REPORT_STAGE_ENDORSED).has_value());
  EXPECT_REJECTED(stage_by(Collector(), v1::REPORT_STAGE_ENDORSED), REJECTION_REASON_NOT_AUTHORISED,
                  "review.stage");
  EXPECT_REJECTED(stage_by(testing::Lead(), v1::REPORT_STAGE_RETURNED),
                  REJECTION_REASON_NOT_AUTHORISED, "review.stage");
  EXPECT_REJECTED(stage_by(Officer(), v1::REPORT_STAGE_SUBMITTED), REJECTION_REASON_NOT_AUTHORISED,
                  "review.stage");
  EXPECT_REJECTED(stage_by(Collector(), v1::REPORT_STAGE_UNSPECIFIED),
                  REJECTION_REASON_NOT_AUTHORISED, "review.stage");
  v1::Delta clear;
  clear.add_cleared_fields(Report::kReviewFieldNumber);
  EXPECT_REJECTED(WithParts({{v1::PRIVACY_TEAM, clear}}), REJECTION_REASON_NOT_AUTHORISED,
                  "review");
  // A report of the office's own.
  EXPECT_FALSE(Judge(writer_.Create(Officer(), FullReport()).wire, GrantOf(Officer())).has_value());
}

TEST_F(JudgeTest, Redactions) {
  const Operation good =
      writer_.Redact(Officer(), {created_}, writer_.record_id(), {v1::PRIVACY_TEAM});
  const auto spoiled = [&](const std::function<void(v1::Header&, v1::WireOperation&)>& spoil) {
    v1::Header header = good.header;
    v1::WireOperation wire = good.wire;
    spoil(header, wire);
    wire.set_header(header.SerializeAsString());
    return Judge(wire, GrantOf(Officer()));
  };
  EXPECT_FALSE(spoiled([](v1::Header&, v1::WireOperation&) {}).has_value());
  EXPECT_REJECTED(spoiled([&](v1::Header&, v1::WireOperation& wire) {
                    *wire.mutable_parts() = created_.wire.parts();
                  }),
                  REJECTION_REASON_INVALID_VALUE, "header.redactions");
  EXPECT_REJECTED(spoiled([](v1::Header& header, v1::WireOperation&) {
                    header.mutable_redactions(0)->set_classes(0, v1::PRIVACY_DEVICE);
                  }),
                  REJECTION_REASON_INVALID_VALUE, "header.redactions.classes");
  EXPECT_REJECTED(spoiled([](v1::Header& header, v1::WireOperation&) {
                    header.mutable_redactions(0)->set_op_id("x");
                  }),
                  REJECTION_REASON_INVALID_VALUE, "header.redactions.op_id");
  EXPECT_REJECTED(
      Judge(writer_.Redact(Collector(), {created_}, writer_.record_id(), {v1::PRIVACY_TEAM}).wire),
      REJECTION_REASON_NOT_AUTHORISED, "header.redactions");
}

TEST_F(JudgeTest, WhatANewerSchemaWritesIsTakenUnread) {
  Report newer;
  newer.GetReflection()->MutableUnknownFields(&newer)->AddLengthDelimited(900, "\xff anything");
  newer.set_modality(static_cast<v1::Modality>(42));
  v1::Delta delta = DeltaOf(newer);
  delta.add_cleared_fields(901);
  delta.add_removed_elements()->set_field_number(902);
  delta.mutable_removed_elements(0)->set_element_id("a");
  EXPECT_FALSE(WithParts({{v1::PRIVACY_PROGRAMME, delta}}).has_value());

  const auto unknown_type = [&](uint32_t level, const std::string& id) {
    return WithHeader([&](v1::Header& h) {
      h.set_record_type(static_cast<v1::RecordType>(99));
      h.set_record_id(id);
      h.set_op_id(id);
      h.set_schema_level(level);
    });
  };
  EXPECT_FALSE(unknown_type(kSchemaLevel + 1, TestId("new", 1)).has_value());
  EXPECT_REJECTED(unknown_type(kSchemaLevel, TestId("new", 1)), REJECTION_REASON_SCHEMA_LEVEL,
                  "header.record_type");
  EXPECT_REJECTED(unknown_type(kSchemaLevel + 1, TestId("rep", 1)), REJECTION_REASON_INVALID_VALUE,
                  "header.record_id");
}

TEST_F(JudgeTest, TheSameBytesGetTheSameVerdict) {
  Report report;
  report.mutable_dates()->set_earliest("2026-02-31");
  const auto first = WithParts({{v1::PRIVACY_PROGRAMME, DeltaOf(report)}});
  const auto second = WithParts({{v1::PRIVACY_PROGRAMME, DeltaOf(report)}});
  EXPECT_EQ(first->message, second->message);
}

}  // namespace
}  // namespace baraza
