// A report and a source with a marked word in every text, by the class of its field, go through the
// real programs. Then everything that a viewer can lay hands on (answers to every read, exports,
// what sync brings to a device) is searched for marks of classes that the viewer may not see, and
// the server's own log and files for what must not be there.

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "baraza/v1/options.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/e2e/cli.h"
#include "tests/e2e/coalition.h"
#include "tests/e2e/field_phone.h"
#include "tests/e2e/snapshot.h"
#include "tests/testing/temp_dir.h"

namespace baraza::e2e {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using Answer = FieldPhone::Answer;

constexpr char kProgrammeMark[] = "MarkProgramme";
constexpr char kTeamMark[] = "MarkTeam";
constexpr char kDeviceMark[] = "MarkDevice";

std::string MarkOf(v1::Privacy privacy) {
  switch (privacy) {
    case v1::PRIVACY_PROGRAMME:
      return kProgrammeMark;
    case v1::PRIVACY_TEAM:
      return kTeamMark;
    case v1::PRIVACY_DEVICE:
      return kDeviceMark;
    default:
      return "MarkPublic";
  }
}

// Texts of a fixed form, where a mark would not be valid.
bool HasForm(const FieldDescriptor& field) {
  static const std::set<std::string>* const names = new std::set<std::string>{
      "language", "date", "withdrawn_on", "period_start", "period_end", "locator"};
  return names->count(field.name()) > 0 || field.options().HasExtension(v1::refers_to) ||
         field.options().GetExtension(v1::merge) == v1::MERGE_RULE_DERIVED;
}

// Puts a mark into every string and LocalText of the record, one for each of its fields. Returns
// how many.
int Mark(Message& record) {
  const google::protobuf::Reflection& reflection = *record.GetReflection();
  int marked = 0;
  for (int i = 0; i < record.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor& field = *record.GetDescriptor()->field(i);
    const std::string mark =
        absl::StrCat(MarkOf(field.options().GetExtension(v1::privacy)), "X", field.name());
    if (HasForm(field) || field.name() == "void_mark") continue;
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_STRING && !field.is_repeated() &&
        field.type() != FieldDescriptor::TYPE_BYTES) {
      reflection.SetString(&record, &field, mark);
      ++marked;
    } else if (field.message_type() == v1::LocalText::descriptor()) {
      v1::LocalText text;
      text.set_text(mark);
      text.set_language("en");
      Message* target = field.is_repeated() ? reflection.AddMessage(&record, &field)
                                            : reflection.MutableMessage(&record, &field);
      target->CopyFrom(text);
      ++marked;
    }
  }
  return marked;
}

// What one viewer got, by where it came from.
using Catch = std::map<std::string, std::string>;

class PrivacyTest : public ::testing::Test {
 protected:
  PrivacyTest() : coalition_(directory_.path()) {}

  ServerProcess& server() { return coalition_.server(); }
  Desk& office() { return coalition_.desk(); }

  template <typename Service, typename Request, typename Response>
  static void Ask(Desk& desk,
                  grpc::Status (Service::Stub::*method)(grpc::ClientContext*, const Request&,
                                                        Response*),
                  const Request& request, Catch& all) {
    const auto answer = desk.Call<Service>(method, request);
    // An error is an answer too.
    all[absl::StrCat("answer ", Request::descriptor()->name(), " ", all.size())] =
        answer.ok() ? absl::StrCat(answer->SerializeAsString(), answer->DebugString())
                    : std::string(answer.status().message());
  }

  // Everything that a person of `role` in `team` (empty: of the programme) can lay hands on.
  Catch EverythingFor(const std::string& team, v1::Role role) {
    const std::string name = absl::StrCat(v1::Role_Name(role), "-", team);
    const std::string person = coalition_.AddPerson(team, role);
    Catch all;
    Desk desk(server().address(), "", "");
    const auto enrolled = desk.Enrol(office().NewCode(person), NewDeviceId());
    EXPECT_TRUE(enrolled.ok()) << enrolled.status();
    if (!enrolled.ok()) return all;

    using v1::EnrolmentService;
    using v1::IndicatorService;
    using v1::ProgrammeService;
    using v1::ReviewService;
    using v1::SessionService;
    for (int type = v1::RECORD_TYPE_PROGRAMME; type <= v1::RecordType_MAX; ++type) {
      v1::ListRecordsRequest records;
      records.set_parent(desk.Programme());
      records.set_type(static_cast<v1::RecordType>(type));
      records.set_show_voided(true);
      Ask<ProgrammeService>(desk, &ProgrammeService::Stub::ListRecords, records, all);
    }
    for (const std::string& id : {report_, source_}) {
      v1::GetRecordRequest get;
      get.set_name(desk.RecordName(id));
      Ask<ProgrammeService>(desk, &ProgrammeService::Stub::GetRecord, get, all);
    }
    v1::ListQuarantineRequest quarantine;
    quarantine.set_parent(desk.Programme());
    Ask<ProgrammeService>(desk, &ProgrammeService::Stub::ListQuarantine, quarantine, all);
    v1::GetSessionRequest session;
    session.set_name(desk.SessionName(report_));
    Ask<SessionService>(desk, &SessionService::Stub::GetSession, session, all);
    v1::ListSessionsRequest sessions;
    sessions.set_parent(desk.Programme());
    Ask<SessionService>(desk, &SessionService::Stub::ListSessions, sessions, all);
    v1::ExplainSessionRequest explain;
    explain.set_name(desk.SessionName(report_));
    Ask<SessionService>(desk, &SessionService::Stub::ExplainSession, explain, all);
    v1::ExplainPairRequest pair;
    pair.set_parent(desk.Programme());
    pair.set_left_report_id(report_);
    pair.set_right_report_id(twin_);
    Ask<SessionService>(desk, &SessionService::Stub::ExplainPair, pair, all);
    v1::GetFigureRequest figure;
    figure.set_name(desk.FigureName(coalition_.id("indicator"), "2026"));
    figure.set_as_of("2027-01-31");
    Ask<IndicatorService>(desk, &IndicatorService::Stub::GetFigure, figure, all);
    v1::ListFiguresRequest figures;
    figures.set_parent(desk.Programme());
    figures.set_period("2026");
    Ask<IndicatorService>(desk, &IndicatorService::Stub::ListFigures, figures, all);
    v1::ListReviewQueueRequest queue;
    queue.set_parent(desk.Programme());
    Ask<ReviewService>(desk, &ReviewService::Stub::ListReviewQueue, queue, all);
    v1::ListFollowUpsRequest follow_ups;
    follow_ups.set_parent(desk.Programme());
    Ask<ReviewService>(desk, &ReviewService::Stub::ListFollowUps, follow_ups, all);
    v1::ListCredentialsRequest credentials;
    credentials.set_parent(desk.Programme());
    Ask<EnrolmentService>(desk, &EnrolmentService::Stub::ListCredentials, credentials, all);

    // The command line: exports, and what sync leaves on the disk.
    const CommandLine device(name, directory_.path());
    device.Enrol(office().NewCode(person), server().address());
    if (role != v1::ROLE_AUDITOR) device.Ok({"sync"});
    all["database"] =
        test::ReadFile(device.database()) + test::ReadFile(device.database() + "-wal");
    for (const char* format : {"csv", "json"}) {
      const RunResult exported = device.Run({"export", "sessions", "--format", format});
      all[absl::StrCat("export sessions ", format)] = exported.out + exported.err;
      const RunResult trace =
          device.Run({"export", "figure", "--indicator", coalition_.id("indicator"), "--period",
                      "2026", "--as-of", "2027-01-31", "--format", format});
      all[absl::StrCat("export figure ", format)] = trace.out + trace.err;
    }
    const RunResult explained = device.Run({"explain", report_});
    all["explain"] = explained.out + explained.err;
    const RunResult counted = device.Run({"count", "--indicator", coalition_.id("indicator"),
                                          "--period", "2026", "--as-of", "2027-01-31"});
    all["count"] = counted.out + counted.err;
    return all;
  }

  static void ExpectNone(const std::string& viewer, const Catch& all, const std::string& mark) {
    for (const auto& [where, bytes] : all) {
      const size_t at = bytes.find(mark);
      EXPECT_EQ(at, std::string::npos) << viewer << ", " << where << ": " << bytes.substr(at, 60);
    }
  }

  static bool Any(const Catch& all, const std::string& mark) {
    for (const auto& [where, bytes] : all) {
      if (absl::StrContains(bytes, mark)) return true;
    }
    return false;
  }

  test::TempDir directory_;
  Coalition coalition_;
  std::string report_;
  std::string twin_;
  std::string source_;
};

TEST_F(PrivacyTest, NobodySeesWhatIsNotForThem) {
  coalition_.SetUp();
  ASSERT_FALSE(HasFailure());
  FieldPhone phone("author", directory_.path());
  phone.Start();
  phone.Enrol(office().NewCode(coalition_.AddPerson("pwani")), server().address());
  ASSERT_EQ(phone.Sync(server().address()), Answer::kDone) << phone.error();

  v1::Record source;
  ASSERT_GE(Mark(*source.mutable_source()), 7);
  source.mutable_source()->set_kind(v1::SOURCE_KIND_KEY_INFORMANT_INTERVIEW);
  ASSERT_EQ(phone.Capture("source", source), Answer::kDone) << phone.error();
  source_ = *phone.acknowledged().at("source").begin();

  v1::Record record = ReportOn(coalition_, 3, 0, "pwani");
  v1::SessionReport& report = *record.mutable_session_report();
  ASSERT_GE(Mark(report), 11);
  report.mutable_venue()->set_name(absl::StrCat(kProgrammeMark, "Xvenue"));
  v1::Citation& citation = *report.add_citations();
  citation.set_element_id("c1");
  citation.set_source_id(source_);
  citation.mutable_passage()->set_text(absl::StrCat(kTeamMark, "Xpassage"));
  citation.mutable_passage()->set_language("en");
  citation.set_locator(absl::StrCat(kTeamMark, "Xlocator"));
  v1::MeansOfVerification& proof = *report.add_means_of_verification();
  proof.set_element_id("m1");
  proof.set_kind(v1::MeansOfVerification::KIND_ATTENDANCE_LIST);
  proof.set_sensitive(true);
  proof.set_description(absl::StrCat(kTeamMark, "Xattendance"));
  ASSERT_EQ(phone.Capture("report", record), Answer::kDone) << phone.error();
  report_ = *phone.acknowledged().at("report").begin();
  ASSERT_EQ(phone.Capture("twin", ReportOn(coalition_, 3, 1, "pwani")), Answer::kDone);
  twin_ = *phone.acknowledged().at("twin").begin();

  // One that is for the team alone, whatever its fields say.
  v1::Record secret = ReportOn(coalition_, 40, 0, "pwani");
  secret.mutable_session_report()->set_sensitivity(v1::PRIVACY_TEAM);
  secret.mutable_session_report()->mutable_title()->set_text(absl::StrCat(kTeamMark, "Xsecret"));
  secret.mutable_session_report()->mutable_venue()->set_locality(
      absl::StrCat(kTeamMark, "Xhideout"));
  ASSERT_EQ(phone.Capture("secret", secret), Answer::kDone) << phone.error();

  ASSERT_EQ(phone.Sync(server().address()), Answer::kDone) << phone.error();
  ASSERT_EQ(phone.Status().quarantined(), 0u);
  const int64_t position = LiveInt(server().ProgrammeFile(), "SELECT max(position) FROM log");
  ASSERT_TRUE(office().Figure(coalition_.id("indicator"), "2026", position).ok());

  struct Viewer {
    const char* team;
    v1::Role role;
    bool sees_team;
  };
  const Viewer viewers[] = {
      {"pwani", v1::ROLE_COLLECTOR, true},   {"pwani", v1::ROLE_TEAM_LEAD, true},
      {"sahel", v1::ROLE_COLLECTOR, false},  {"delta", v1::ROLE_TEAM_LEAD, false},
      {"sahel", v1::ROLE_ME_OFFICER, false}, {"", v1::ROLE_ME_OFFICER, true},
      {"", v1::ROLE_ADMINISTRATOR, true},    {"", v1::ROLE_AUDITOR, true},
  };
  for (const Viewer& viewer : viewers) {
    const std::string name = absl::StrCat(v1::Role_Name(viewer.role), " ", viewer.team);
    SCOPED_TRACE(name);
    const Catch all = EverythingFor(viewer.team, viewer.role);
    ExpectNone(name, all, kDeviceMark);
    if (viewer.sees_team) {
      // The search has power: what may be seen is found.
      EXPECT_TRUE(Any(all, kTeamMark)) << name;
    } else {
      ExpectNone(name, all, kTeamMark);
    }
    EXPECT_TRUE(Any(all, kProgrammeMark)) << name;
  }

  // What stays on the device is on the device and in no file of the server's.
  phone.Quit();
  EXPECT_EQ(server().Stop().code, 0);
  EXPECT_TRUE(absl::StrContains(
      test::ReadFile(phone.database()) + test::ReadFile(phone.database() + "-wal"), kDeviceMark));
  int files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(server().data())) {
    if (!entry.is_regular_file()) continue;
    ++files;
    EXPECT_FALSE(absl::StrContains(test::ReadFile(entry.path().string()), kDeviceMark))
        << entry.path().filename();
  }
  EXPECT_GE(files, 2);

  // The log has no content at all, and nobody's name or secret.
  const std::string log = server().Log();
  ASSERT_FALSE(log.empty());
  for (const char* content : {"Mark", "A person", "Bearer", "baraza1:"}) {
    EXPECT_FALSE(absl::StrContains(log, content)) << content;
  }
}

}  // namespace
}  // namespace baraza::e2e
