#include <algorithm>
#include <memory>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "client_lib/cli/commands.h"
#include "client_lib/cli/names.h"
#include "client_lib/cli/render.h"
#include "core/base/status.h"
#include "core/base/text.h"
#include "core/model/json.h"
#include "core/model/record_types.h"

namespace baraza::client {

namespace {

struct ListState {
  std::string type = "reports";
  bool own = false;
  bool voided = false;
  uint32_t limit = 0;
};

// "reports", "report", "session_report" and "SessionReport" all name the type.
absl::StatusOr<v1::RecordType> ParseType(absl::string_view text) {
  std::string wanted = absl::AsciiStrToLower(text);
  wanted.erase(std::remove_if(wanted.begin(), wanted.end(),
                              [](char c) { return c == '_' || c == '-' || c == ' '; }),
               wanted.end());
  std::string all;
  for (const v1::RecordType type : AllRecordTypes()) {
    const std::string name = absl::AsciiStrToLower(RecordTypeName(type));
    if (wanted == name || wanted == absl::StrCat(name, "s") ||
        (type == v1::RECORD_TYPE_SESSION_REPORT && (wanted == "report" || wanted == "reports"))) {
      return type;
    }
    absl::StrAppend(&all, all.empty() ? "" : ", ", name);
  }
  return absl::InvalidArgumentError(
      absl::StrCat("expected a kind of record, got \"", text.substr(0, 40), "\"; there is: ", all));
}

std::string Marks(const v1::ClientRecord& record) {
  std::string marks;
  const auto add = [&marks](absl::string_view mark) {
    absl::StrAppend(&marks, marks.empty() ? "" : ", ", mark);
  };
  if (record.pending()) add("not sent yet");
  if (record.state().voided()) add("void");
  if (record.state().conflicts_size() > 0) add("conflict");
  switch (record.record().session_report().review().stage()) {
    case v1::REPORT_STAGE_RETURNED:
      add("returned");
      break;
    case v1::REPORT_STAGE_ENDORSED:
      add("endorsed");
      break;
    default:
      break;
  }
  return marks.empty() ? "" : absl::StrCat("  [", marks, "]");
}

absl::Status List(Cli& cli, const ListState& state) {
  BARAZA_ASSIGN_OR_RETURN(const v1::RecordType type, ParseType(state.type));
  BARAZA_ASSIGN_OR_RETURN(Client * client, cli.Device());
  BARAZA_ASSIGN_OR_RETURN(const Register* reg, cli.LocalRegister());
  const Reader reader{*reg, cli.Language()};
  v1::ListRequest request;
  request.set_type(type);
  request.set_page_size(kMaxPageSize);
  request.set_show_voided(state.voided);
  request.set_own_team_only(state.own);
  uint32_t shown = 0;
  do {
    BARAZA_ASSIGN_OR_RETURN(const v1::ListResult page, client->List(request));
    for (const v1::ClientRecord& record : page.records()) {
      if (state.limit > 0 && shown == state.limit) return absl::OkStatus();
      ++shown;
      if (cli.json) {
        cli.PrintJson(record);
      } else {
        cli.out() << record.state().record_id() << "  " << TitleOf(record.record(), reader)
                  << Marks(record) << "\n";
      }
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  if (shown == 0) cli.Note("There is none on this device; baraza sync fetches what is new.");
  return absl::OkStatus();
}

absl::Status Show(Cli& cli, const std::string& id) {
  BARAZA_ASSIGN_OR_RETURN(Client * client, cli.Device());
  BARAZA_ASSIGN_OR_RETURN(const v1::ClientRecord record, client->Get(id));
  if (cli.json) {
    cli.PrintJson(record);
    return absl::OkStatus();
  }
  BARAZA_ASSIGN_OR_RETURN(const Register* reg, cli.LocalRegister());
  const Reader reader{*reg, cli.Language()};
  cli.Heading(absl::StrCat(RecordTypeName(record.state().type()), " ", record.state().record_id(),
                           Marks(record)));
  if (const google::protobuf::Message* member = Member(record.record()); member != nullptr) {
    cli.out() << RecordToJson(*member, true);
  }
  if (const google::protobuf::Message* local = Member(record.local());
      local != nullptr && local->ByteSizeLong() > 0) {
    cli.Heading("On this device only");
    cli.out() << RecordToJson(*local, true);
  }
  const v1::Review& review = record.record().session_report().review();
  if (review.stage() == v1::REPORT_STAGE_RETURNED) {
    cli.Heading("The office returned it");
    cli.out() << "  " << review.message().text() << "\n  Next: baraza edit " << id << " ...\n";
  }
  for (const v1::Conflict& conflict : record.state().conflicts()) {
    cli.Heading(absl::StrCat(
        "Conflict: ", conflict.field(),
        conflict.element_id().empty() ? "" : absl::StrCat(" ", conflict.element_id())));
    const auto print = [&](const v1::FieldValue& value, absl::string_view role) {
      const std::unique_ptr<google::protobuf::Message> parsed = NewRecord(record.state().type());
      std::string text = "(cleared)";
      if (!value.value().empty() && parsed != nullptr && parsed->ParseFromString(value.value())) {
        text = RecordToJson(*parsed);
      }
      cli.out() << "  " << role << " " << value.op_id() << " by "
                << NameOf(*reg, value.author_id(), reader.language) << ": " << text << "\n";
    };
    print(conflict.winner(), "stands:  ");
    for (const v1::FieldValue& loser : conflict.losers()) print(loser, "set aside:");
    cli.out() << "  Settle it: baraza edit " << id << " --field " << conflict.field()
              << (conflict.element_id().empty()
                      ? ""
                      : absl::StrCat(" --element ", conflict.element_id()))
              << " --choose op_...\n";
  }
  for (const v1::Finding& finding : record.state().findings()) {
    cli.out() << "  ! "
              << absl::AsciiStrToLower(
                     absl::StripPrefix(v1::Finding::Kind_Name(finding.kind()), "KIND_"))
              << (finding.field().empty() ? "" : absl::StrCat(" in ", finding.field())) << ": "
              << finding.detail() << (finding.blocks_count() ? "; it does not count" : "") << "\n";
  }
  if (record.record().has_session_report()) {
    BARAZA_ASSIGN_OR_RETURN(const v1::WillItCount answer, client->WillItCountFor(id));
    PrintWillItCount(cli, answer, reader);
    const absl::StatusOr<v1::Session> session = client->GetSession(id);
    if (session.ok() && session->members_size() > 1) {
      cli.out() << "It is one session with:\n";
      for (const v1::SessionMember& member : session->members()) {
        if (member.report_id() == id) continue;
        cli.out() << "  " << member.report_id() << "  "
                  << SessionLine(member.title(), member.dates(),
                                 NameOf(*reg, member.team_id(), reader.language))
                  << "\n";
      }
    }
  }
  return absl::OkStatus();
}

}  // namespace

void AddShowCommands(CLI::App& app, Cli& cli) {
  auto state = std::make_shared<ListState>();
  CLI::App* list = app.add_subcommand("list", "What is on this device")->group(kDeviceGroup);
  list->footer(
      "Examples:\n"
      "  baraza list                    (reports)\n"
      "  baraza list sources --own\n"
      "  baraza list teams");
  list->add_option("kind", state->type, "reports, sources, teams, issues, indicators, ...");
  list->add_flag("--own", state->own, "Of the own team only");
  list->add_flag("--voided", state->voided, "Also what was taken out of use");
  list->add_option("--limit", state->limit, "At most so many");
  list->callback([&cli, state] { cli.SetAction([&cli, state] { return List(cli, *state); }); });

  auto id = std::make_shared<std::string>();
  CLI::App* show = app.add_subcommand("show", "One record, with its conflicts and what is missing")
                       ->group(kDeviceGroup);
  show->footer("Example:\n  baraza show rep_...");
  show->add_option("id", *id, "Id of the record")->required();
  show->callback([&cli, id] { cli.SetAction([&cli, id] { return Show(cli, *id); }); });
}

}  // namespace baraza::client
