#include "tests/unit/client_lib/testing/sample.h"

#include "absl/strings/str_format.h"

namespace baraza::client {

v1::EnrolResponse Sample::Enrolment(const std::string& person, const std::string& epoch,
                                    v1::Role role) const {
  v1::EnrolResponse enrolment;
  enrolment.set_credential("secret-of-" + person);
  enrolment.set_credential_id("crd");
  enrolment.set_server_epoch(epoch);
  v1::Membership& membership = *enrolment.mutable_membership();
  membership.set_programme_id(programme);
  membership.set_person_id(person);
  membership.set_team_id(team);
  membership.set_organisation_id(organisation);
  membership.set_role(role);
  membership.mutable_scope()->set_team_id(team);
  return enrolment;
}

v1::Record Sample::Report(const std::string& title, int day) {
  v1::Record record;
  v1::SessionReport& report = *record.mutable_session_report();
  report.mutable_title()->set_text(title);
  report.mutable_title()->set_language("en");
  report.mutable_dates()->set_earliest(absl::StrFormat("2026-03-%02d", day));
  report.mutable_dates()->set_precision(v1::DATE_PRECISION_DAY);
  report.set_held_status(v1::HELD_STATUS_HELD);
  return record;
}

v1::Record Sample::Interview(const std::string& informant_name) {
  v1::Record record;
  v1::Source& source = *record.mutable_source();
  source.set_kind(v1::SOURCE_KIND_KEY_INFORMANT_INTERVIEW);
  source.set_date("2026-03-09");
  source.set_informant_reference("informant 7");
  source.set_informant_name(informant_name);
  return record;
}

}  // namespace baraza::client
