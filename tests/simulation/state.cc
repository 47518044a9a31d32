#include "tests/simulation/state.h"

#include <algorithm>
#include <limits>
#include <map>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/base/status.h"
#include "core/model/operation.h"
#include "sync_server/ingest/audience.h"
#include "sync_server/ingest/group_commit.h"
#include "tests/simulation/disk/sim_disk.h"
#include "tests/simulation/sim_server.h"

namespace baraza::sim {

absl::StatusOr<std::string> StateOf(server::ProgrammeStore& store,
                                    const server::Projection& projection) {
  std::string text;
  const auto add = [&](absl::string_view what, const google::protobuf::Message& message) {
    absl::StrAppend(&text, what, " ", message.ShortDebugString(), "\n");
  };
  BARAZA_RETURN_IF_ERROR(
      store.ForEachRecordState(v1::RECORD_TYPE_UNSPECIFIED, [&](const v1::RecordState& record) {
        add("record", record);
        return absl::OkStatus();
      }));
  BARAZA_RETURN_IF_ERROR(store.ForEachSession([&](const v1::Session& session) -> absl::Status {
    add("session", session);
    // What the matcher has of the reports shows in what it says of their pairs.
    BARAZA_ASSIGN_OR_RETURN(const v1::Session explained,
                            projection.ExplainSession(session.session_id()));
    for (const v1::PairExplanation& pair : explained.pairs()) add("pair", pair);
    return absl::OkStatus();
  }));
  const Foundation& foundation = Foundation::Get();
  server::FeedQuery query;
  query.audiences = {server::kOfficeAudience, server::kProgrammeAudience,
                     server::IssueAudience(foundation.issue_id)};
  for (const std::string& team : foundation.team_ids) {
    query.audiences.push_back(server::TeamAudience(team));
  }
  query.max_dated_per_audience = 100'000;
  query.max_bytes = 64 << 20;
  query.max_rows = 1'000'000;
  BARAZA_ASSIGN_OR_RETURN(const server::FeedPage page, store.ReadFeed(query));
  std::map<std::string, std::string> feed;
  for (const server::FeedRow& row : page.rows) {
    if (row.action != v1::FeedItem::ACTION_UPSERT) continue;
    v1::FeedPayload payload;
    if (!payload.ParseFromString(row.payload)) return absl::DataLossError("feed");
    // Where the device that brought it first has it is a matter of arrival.
    if (payload.has_operation()) payload.mutable_operation()->clear_device_seq();
    feed[absl::StrCat(row.audience, " ", row.object, " ", row.day)] = payload.ShortDebugString();
  }
  for (const auto& [key, payload] : feed) absl::StrAppend(&text, "feed ", key, " ", payload, "\n");
  v1::Figure figure;
  BARAZA_RETURN_IF_ERROR(projection.GetFigure(foundation.indicator_id, "2026-Q3",
                                              absl::CivilDay(2026, 10, 1), figure));
  figure.clear_log_position();
  add("figure", figure);
  return text;
}

absl::StatusOr<std::string> StateOf(absl::Span<const v1::WireOperation> operations, uint64_t seed) {
  SimDisk disk(seed);
  FakeClock clock(StartOfRun());
  SeededRandom random(seed);
  server::ProgrammeStoreOptions options;
  options.vfs = disk.name();
  options.create = true;
  options.programme_id = Foundation::Get().programme_id;
  BARAZA_ASSIGN_OR_RETURN(
      const std::unique_ptr<server::ProgrammeStore> store,
      server::ProgrammeStore::Open(SimServer::kProgrammeFile, options, clock, random));
  server::GroupCommit commit(*store);
  server::Projection projection(*store, commit);
  BARAZA_RETURN_IF_ERROR(projection.Load().status());
  size_t next = 0;
  for (bool more = true; more;) {
    // A few at a time, so that the projection meets what is not complete yet.
    absl::Status written;
    commit.Submit(
        [&](server::StoreWriter& writer) -> absl::Status {
          BARAZA_ASSIGN_OR_RETURN(const server::DeviceRow device,
                                  writer.EnsureDevice("dev_other", "per_other", "", "incarnation"));
          for (size_t end = std::min(operations.size(), next + 1 + random.Uniform(12)); next < end;
               ++next) {
            BARAZA_ASSIGN_OR_RETURN(const Operation operation, ParseOperation(operations[next]));
            BARAZA_RETURN_IF_ERROR(writer.AppendOperation(operation, device, 0).status());
          }
          return absl::OkStatus();
        },
        [&](const absl::Status& status) { written = status; });
    commit.Flush();
    BARAZA_RETURN_IF_ERROR(written);
    absl::StatusOr<bool> stepped = absl::UnknownError("not answered");
    projection.Step([&](absl::StatusOr<bool> done) { stepped = std::move(done); });
    while (commit.Flush() > 0) {
    }
    BARAZA_RETURN_IF_ERROR(stepped.status());
    more = *stepped || next < operations.size();
  }
  return StateOf(*store, projection);
}

std::string FirstDifference(absl::string_view a, absl::string_view b) {
  const std::vector<absl::string_view> left = absl::StrSplit(a, '\n');
  const std::vector<absl::string_view> right = absl::StrSplit(b, '\n');
  for (size_t i = 0; i < std::max(left.size(), right.size()); ++i) {
    const absl::string_view one = i < left.size() ? left[i] : "(nothing)";
    const absl::string_view other = i < right.size() ? right[i] : "(nothing)";
    if (one == other) continue;
    size_t same = 0;
    while (same < std::min(one.size(), other.size()) && one[same] == other[same]) ++same;
    const size_t from = same < 40 ? 0 : same - 40;
    return absl::StrCat("line ", i + 1, " \"", one.substr(0, 30), "\": ...", one.substr(from, 160),
                        "... against ...", other.substr(from, 160), "...");
  }
  return "none";
}

}  // namespace baraza::sim
