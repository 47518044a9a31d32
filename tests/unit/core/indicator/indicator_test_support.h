#ifndef BARAZA_TESTS_UNIT_CORE_INDICATOR_INDICATOR_TEST_SUPPORT_H_
#define BARAZA_TESTS_UNIT_CORE_INDICATOR_INDICATOR_TEST_SUPPORT_H_

#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "baraza/v1/figure.pb.h"
#include "baraza/v1/record.pb.h"
#include "baraza/v1/session.pb.h"
#include "core/indicator/consolidate.h"
#include "core/indicator/figure.h"
#include "core/indicator/qualify.h"
#include "core/model/register.h"

namespace baraza {

// A register of three organisations: tem_a and tem_d of org_1, tem_b of org_2, tem_c of org_3,
// tem_e of none; tem_old was merged into tem_a. iss_land counts iss_water as related; iss_meals
// stands apart.
Register SmallRegister();

template <typename T>
void PutRecord(Register& reg, v1::RecordType type, const T& record) {
  v1::RecordState state;
  state.set_record_id(record.id());
  state.set_type(type);
  state.set_created(true);
  state.set_record(record.SerializeAsString());
  reg.Apply(state);
}

v1::Source SourceOf(const std::string& id, v1::SourceKind kind);

// A report of tem_a that says nothing, citing a source "src_<id>" of `kind` (UNSPECIFIED: none).
MemberReport Report(const std::string& id, v1::SourceKind kind,
                    const std::function<void(v1::SessionReport&)>& fill = nullptr);

// Adds a team to the list of participants.
void AddTeam(v1::SessionReport& report, const std::string& team_id,
             v1::YesNo present = v1::YES_NO_YES);
void AddName(v1::SessionReport& report, const std::string& name,
             v1::YesNo present = v1::YES_NO_YES);
void SetDay(v1::SessionReport& report, const std::string& day, const std::string& last = "");
void SetRange(v1::SessionReport& report, const std::string& first, const std::string& last,
              v1::DatePrecision precision = v1::DATE_PRECISION_MONTH);

// Everything that the default definition asks for, by tem_a with tem_b, on iss_land, on `day`.
void FillGood(v1::SessionReport& report, const std::string& day = "2026-07-15");

v1::Session Consolidate(const std::vector<MemberReport>& members, const Register& reg,
                        const std::vector<SessionRuling>& rulings = {},
                        const std::vector<FollowUpAnswer>& answers = {});

SessionRuling Ruling(const std::string& id, v1::RulingKind kind, const std::string& report_id,
                     uint64_t lamport = 1);
SessionRuling Override(const std::string& id, const std::string& report_id,
                       const std::function<void(v1::SessionReport&)>& fill, uint64_t lamport = 1);
FollowUpAnswer Answer(const std::string& id, const std::string& report_id,
                      const v1::CodedText& question,
                      const std::function<void(v1::FollowUp::Answer&)>& fill,
                      const std::string& team_id = "tem_a", uint64_t lamport = 1);

// An indicator on iss_land with the default definition.
IndicatorContext LandContext();

Period PeriodOf(absl::string_view text, int fiscal_year_start_month = 1);

// An input for the period with a register; as of the end of 2027.
FigureInput InputFor(const IndicatorContext& context, absl::string_view period,
                     const Register& reg);
// Adds sessions, each qualified by the input's context.
void AddSessions(FigureInput& input, const std::vector<v1::Session>& sessions,
                 const std::vector<SessionRuling>& rulings = {});

// As FigureInput takes them.
std::vector<std::shared_ptr<const v1::DoubtfulPair>> Shared(
    const std::vector<v1::DoubtfulPair>& pairs);

// ComputeFigure's answer.
v1::Figure FigureOf(const FigureInput& input);

std::vector<std::string> CodesOf(const google::protobuf::RepeatedPtrField<v1::CodedText>& texts);
std::vector<std::string> QuestionCodes(
    const google::protobuf::RepeatedPtrField<v1::OpenQuestion>& questions);
std::vector<std::string> IdsOf(
    const google::protobuf::RepeatedPtrField<v1::FigureSession>& sessions);
std::vector<std::string> Strings(const google::protobuf::RepeatedPtrField<std::string>& strings);

}  // namespace baraza

#endif  // BARAZA_TESTS_UNIT_CORE_INDICATOR_INDICATOR_TEST_SUPPORT_H_
