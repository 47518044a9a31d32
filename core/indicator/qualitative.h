#ifndef BARAZA_CORE_INDICATOR_QUALITATIVE_H_
#define BARAZA_CORE_INDICATOR_QUALITATIVE_H_

#include <array>
#include <vector>

#include "baraza/v1/figure.pb.h"
#include "baraza/v1/session.pb.h"
#include "core/indicator/brief_session.h"

namespace baraza {

// The most texts of one kind that stand beside a figure; the sessions hold them all.
inline constexpr int kMaxQualitativeTexts = 1000;

// The kinds of texts that stand beside a figure: where a session has them, and where they go.
struct TextKind {
  using Texts = google::protobuf::RepeatedPtrField<v1::LocalText>;
  const Texts& (v1::SessionReport::*texts)() const;
  Texts* (v1::QualitativeSide::*mutable_side)();
};
inline constexpr std::array kTextKinds = {
    TextKind{&v1::SessionReport::topics, &v1::QualitativeSide::mutable_topics},
    TextKind{&v1::SessionReport::learning_outcomes,
             &v1::QualitativeSide::mutable_learning_outcomes},
    TextKind{&v1::SessionReport::benefits, &v1::QualitativeSide::mutable_benefits},
    TextKind{&v1::SessionReport::training_needs, &v1::QualitativeSide::mutable_training_needs},
    TextKind{&v1::SessionReport::collective_successes,
             &v1::QualitativeSide::mutable_collective_successes},
    TextKind{&v1::SessionReport::individual_successes,
             &v1::QualitativeSide::mutable_individual_successes},
};

// What stands beside the number: over `counted` sessions, in their order, each text once.
void FillQualitativeSide(const std::vector<const BriefSession*>& counted,
                         v1::QualitativeSide& side);

}  // namespace baraza

#endif  // BARAZA_CORE_INDICATOR_QUALITATIVE_H_
