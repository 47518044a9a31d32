// Questions to the own team and their answers.

#include <algorithm>
#include <utility>

#include "absl/container/btree_map.h"
#include "absl/strings/str_cat.h"
#include "client_lib/client_impl.h"
#include "core/base/status.h"
#include "core/model/merge.h"

namespace baraza::client {
namespace {

// The same question to the same team, whether the server derived it or somebody asked it.
std::string KeyOf(absl::string_view report_id, const v1::CodedText& question,
                  absl::string_view team_id) {
  std::string key = absl::StrCat(report_id, "\n", team_id, "\n", question.code());
  for (const v1::CodedText::Argument& argument : question.arguments()) {
    absl::StrAppend(&key, "\n", argument.key(), "=", argument.value());
  }
  return key;
}

v1::OpenQuestion QuestionOf(const v1::FollowUp& follow_up, const std::string& record_id) {
  v1::OpenQuestion question;
  question.set_id(record_id);
  question.set_report_id(follow_up.report_id());
  *question.mutable_question() = follow_up.question();
  question.set_addressed_team_id(follow_up.addressed_team_id());
  question.set_follow_up_id(record_id);
  return question;
}

bool IsAnswered(const v1::FollowUp& follow_up) {
  return follow_up.has_answer() && follow_up.answer().ByteSizeLong() > 0;
}

}  // namespace

absl::StatusOr<std::vector<v1::FollowUpEntry>> Client::Impl::FollowUps() {
  const std::string& team = store->identity().membership.team_id();
  std::vector<v1::FollowUpEntry> entries;
  // Entries by record id and by what they ask.
  absl::btree_map<std::string, size_t> by_id;
  absl::btree_map<std::string, size_t> by_key;

  BARAZA_ASSIGN_OR_RETURN(
      std::vector<v1::ClientRecord> records,
      store->ListRecords(v1::RECORD_TYPE_FOLLOW_UP, "", kMaxFollowUps, false, ""));
  for (v1::ClientRecord& record : records) {
    const v1::FollowUp& follow_up = record.record().follow_up();
    if (!record.state().created() || team.empty() || follow_up.addressed_team_id() != team) {
      continue;
    }
    by_id[record.state().record_id()] = entries.size();
    // Of two records that ask the same the answered one speaks.
    const std::string key = KeyOf(follow_up.report_id(), follow_up.question(), team);
    const auto [known, is_new] = by_key.emplace(key, entries.size());
    if (!is_new && !entries[known->second].answered()) known->second = entries.size();
    v1::FollowUpEntry& entry = entries.emplace_back();
    *entry.mutable_question() = QuestionOf(follow_up, record.state().record_id());
    entry.set_answered(IsAnswered(follow_up));
    *entry.mutable_follow_up() = std::move(record);
  }

  BARAZA_ASSIGN_OR_RETURN(std::vector<v1::OpenQuestion> questions, store->Questions());
  for (v1::OpenQuestion& question : questions) {
    auto known = by_id.find(question.follow_up_id());
    if (known == by_id.end()) {
      known = by_key.find(
          KeyOf(question.report_id(), question.question(), question.addressed_team_id()));
      if (known == by_key.end()) {
        *entries.emplace_back().mutable_question() = std::move(question);
        continue;
      }
    }
    // The server's id stands, so that what an app remembers goes on to name the question.
    v1::FollowUpEntry& entry = entries[known->second];
    question.set_follow_up_id(entry.follow_up().state().record_id());
    *entry.mutable_question() = std::move(question);
  }
  std::sort(entries.begin(), entries.end(),
            [](const v1::FollowUpEntry& a, const v1::FollowUpEntry& b) {
              if (a.answered() != b.answered()) return b.answered();
              return a.question().id() < b.question().id();
            });
  return entries;
}

absl::StatusOr<std::vector<v1::FollowUpEntry>> Client::FollowUps() {
  MutexLock lock(impl_->mutex);
  return impl_->FollowUps();
}

absl::StatusOr<v1::ClientRecord> Client::AnswerFollowUp(absl::string_view id,
                                                        const v1::FollowUp::Answer& answer) {
  return impl_->Notified([&]() -> absl::StatusOr<v1::ClientRecord> {
    MutexLock lock(impl_->mutex);
    BARAZA_ASSIGN_OR_RETURN(const std::vector<v1::FollowUpEntry> entries, impl_->FollowUps());
    const auto entry =
        std::find_if(entries.begin(), entries.end(), [&](const v1::FollowUpEntry& candidate) {
          return absl::string_view(candidate.question().id()) == id ||
                 absl::string_view(candidate.follow_up().state().record_id()) == id;
        });
    if (id.empty() || entry == entries.end()) {
      return RecordError(absl::StatusCode::kNotFound, id, "", "a question to this team", "none");
    }
    if (entry->has_follow_up()) {
      v1::Record after = entry->follow_up().record();
      *after.mutable_follow_up()->mutable_answer() = answer;
      return impl_->Modify(entry->follow_up().state().record_id(), after, EditOptions(), {});
    }
    v1::Record record;
    v1::FollowUp& follow_up = *record.mutable_follow_up();
    follow_up.set_report_id(entry->question().report_id());
    *follow_up.mutable_question() = entry->question().question();
    follow_up.set_addressed_team_id(entry->question().addressed_team_id());
    *follow_up.mutable_answer() = answer;
    return impl_->Create(record, "", {});
  }());
}

}  // namespace baraza::client
