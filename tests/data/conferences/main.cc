#include <CLI/CLI.hpp>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tests/data/csv.h"
#include "tests/data/json.h"

namespace {

using baraza::testdata::JsonList;
using baraza::testdata::JsonObject;

// "V00042" as a valid id: its digits at the end of 26.
std::string ReportId(const std::string& listing) {
  std::string digits;
  for (const char c : listing) {
    if (std::isdigit(static_cast<unsigned char>(c)) != 0) digits += c;
  }
  return "rep_01j" + std::string(digits.size() < 23 ? 23 - digits.size() : 0, '0') + digits;
}

// ISO 3166-1 of names that the listings use; what is not here stays a part of the place.
std::string_view CountryCode(const std::string& name) {
  static const std::map<std::string_view, std::string_view> codes = {{"Argentina", "AR"},
                                                                     {"Australia", "AU"},
                                                                     {"Austria", "AT"},
                                                                     {"Belgium", "BE"},
                                                                     {"Brazil", "BR"},
                                                                     {"Bulgaria", "BG"},
                                                                     {"Canada", "CA"},
                                                                     {"Chile", "CL"},
                                                                     {"China", "CN"},
                                                                     {"Colombia", "CO"},
                                                                     {"Croatia", "HR"},
                                                                     {"Czech Republic", "CZ"},
                                                                     {"Denmark", "DK"},
                                                                     {"Estonia", "EE"},
                                                                     {"Finland", "FI"},
                                                                     {"France", "FR"},
                                                                     {"Germany", "DE"},
                                                                     {"Greece", "GR"},
                                                                     {"Hungary", "HU"},
                                                                     {"Iceland", "IS"},
                                                                     {"India", "IN"},
                                                                     {"Indonesia", "ID"},
                                                                     {"Ireland", "IE"},
                                                                     {"Israel", "IL"},
                                                                     {"Italy", "IT"},
                                                                     {"Japan", "JP"},
                                                                     {"Kenya", "KE"},
                                                                     {"Latvia", "LV"},
                                                                     {"Lithuania", "LT"},
                                                                     {"Malaysia", "MY"},
                                                                     {"Mexico", "MX"},
                                                                     {"Netherlands", "NL"},
                                                                     {"New Zealand", "NZ"},
                                                                     {"Nigeria", "NG"},
                                                                     {"Norway", "NO"},
                                                                     {"Poland", "PL"},
                                                                     {"Portugal", "PT"},
                                                                     {"Romania", "RO"},
                                                                     {"Russia", "RU"},
                                                                     {"Serbia", "RS"},
                                                                     {"Singapore", "SG"},
                                                                     {"Slovakia", "SK"},
                                                                     {"Slovenia", "SI"},
                                                                     {"South Africa", "ZA"},
                                                                     {"South Korea", "KR"},
                                                                     {"Spain", "ES"},
                                                                     {"Sweden", "SE"},
                                                                     {"Switzerland", "CH"},
                                                                     {"Taiwan", "TW"},
                                                                     {"Thailand", "TH"},
                                                                     {"Turkey", "TR"},
                                                                     {"U.K.", "GB"},
                                                                     {"United Arab Emirates", "AE"},
                                                                     {"Belarus", "BY"},
                                                                     {"Philippines", "PH"},
                                                                     {"Hong Kong", "HK"},
                                                                     {"Armenia", "AM"},
                                                                     {"Peru", "PE"},
                                                                     {"Egypt", "EG"},
                                                                     {"Nepal", "NP"},
                                                                     {"Cyprus", "CY"},
                                                                     {"Scotland", "GB"},
                                                                     {"Deutschland", "DE"},
                                                                     {"Korea", "KR"},
                                                                     {"U.S.A.", "US"},
                                                                     {"Ukraine", "UA"}};
  const auto found = codes.find(name);
  return found == codes.end() ? std::string_view() : found->second;
}

// Whether it is written as a day, or a month, of the calendar.
bool LooksLike(const std::string& date, std::string_view pattern) {
  if (date.size() != pattern.size()) return false;
  for (size_t i = 0; i < date.size(); ++i) {
    const bool digit = std::isdigit(static_cast<unsigned char>(date[i])) != 0;
    if (pattern[i] == 'd' ? !digit : date[i] != pattern[i]) return false;
  }
  const std::string month = date.substr(5, 2);
  return month >= "01" && month <= "12" && (date.size() < 10 || date.substr(8) <= "31");
}

// A few listings have just a month, or what is no date; an end in another year than the start's or
// the next is a slip.
std::string Dates(const std::string& start, const std::string& end) {
  JsonObject dates;
  if (LooksLike(start, "dddd-dd")) {
    return dates.String("earliest", start + "-01")
        .String("latest", start + "-28")
        .String("precision", "DATE_PRECISION_MONTH")
        .Done();
  }
  if (!LooksLike(start, "dddd-dd-dd")) return "";
  dates.String("earliest", start);
  const bool sane = LooksLike(end, "dddd-dd-dd") && end >= start &&
                    end.substr(0, 4) <= std::to_string(std::stoi(start) + 1) &&
                    (end.substr(0, 4) == start.substr(0, 4) || end.substr(5) < start.substr(5));
  if (sane) dates.String("latest", end);
  return dates.String("precision", "DATE_PRECISION_DAY").Done();
}

std::string Report(const std::map<std::string, std::string>& listing) {
  const auto value = [&](const char* column) {
    const auto found = listing.find(column);
    return found == listing.end() ? std::string() : found->second;
  };
  JsonObject report;
  report.String("id", ReportId(value("report_id"))).String("heldStatus", "HELD_STATUS_HELD");
  if (!value("title").empty())
    report.Raw("title",
               JsonObject().String("text", value("title")).String("language", "en").Done());
  if (const std::string dates = Dates(value("start_date"), value("end_date")); !dates.empty()) {
    report.Raw("dates", dates);
  }
  std::string place = value("place");
  const std::string_view country = CountryCode(value("country"));
  if (country.empty() && !value("country").empty())
    place += (place.empty() ? "" : ", ") + value("country");
  JsonObject venue;
  if (!place.empty()) venue.String("locality", place);
  if (!country.empty()) venue.String("country", country);
  if (!venue.empty()) report.Raw("venue", venue.Done());
  if (value("format") == "online") report.String("modality", "MODALITY_ONLINE");
  if (value("format") == "in person") report.String("modality", "MODALITY_IN_PERSON");
  if (value("format") == "hybrid") report.String("modality", "MODALITY_HYBRID");
  if (!value("topics").empty()) {
    JsonList topics;
    topics.Add(JsonObject().String("text", value("topics")).String("language", "en").Done());
    report.Raw("topics", topics.Done());
  }
  return report.Done();
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app(
      "Maps conference listings (reports.csv, truth.csv) onto session reports: writes "
      "reports.jsonl, and truth.csv\n"
      "and listings.csv (report_id,listing) with the reports' new ids.",
      "conference_reports");
  std::string from;
  std::string out;
  app.add_option("--from", from, "Folder with reports.csv and truth.csv")->required();
  app.add_option("--out", out, "Folder to write to")->required();
  CLI11_PARSE(app, argc, argv);
  std::filesystem::create_directories(out);
  std::ifstream listings(std::filesystem::path(from) / "reports.csv", std::ios::binary);
  std::ifstream truth(std::filesystem::path(from) / "truth.csv", std::ios::binary);
  std::vector<std::string> head, row;
  if (!listings || !truth || !baraza::testdata::ReadCsvRow(listings, head)) {
    std::cerr << "conference_reports: cannot read reports.csv and truth.csv in " << from << "\n";
    return 2;
  }
  std::ofstream reports(std::filesystem::path(out) / "reports.jsonl", std::ios::binary);
  std::ofstream ids(std::filesystem::path(out) / "listings.csv", std::ios::binary);
  std::ofstream new_truth(std::filesystem::path(out) / "truth.csv", std::ios::binary);
  ids << "report_id,listing\n";
  while (baraza::testdata::ReadCsvRow(listings, row)) {
    std::map<std::string, std::string> listing;
    for (size_t i = 0; i < row.size() && i < head.size(); ++i) listing[head[i]] = row[i];
    reports << Report(listing) << "\n";
    ids << ReportId(listing["report_id"]) << "," << listing["report_id"] << "\n";
  }
  baraza::testdata::ReadCsvRow(truth, row);
  new_truth << "report_id,session_id\n";
  while (baraza::testdata::ReadCsvRow(truth, row)) {
    if (row.size() >= 2) new_truth << ReportId(row[0]) << "," << row[1] << "\n";
  }
  reports.close();
  ids.close();
  new_truth.close();
  if (!reports.good() || !ids.good() || !new_truth.good()) {
    std::cerr << "conference_reports: cannot write to " << out << "\n";
    return 1;
  }
  return 0;
}
