#include "tests/simulation/plan.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/base/random.h"

namespace baraza::sim {
namespace {

constexpr int64_t kMinute = 60'000;
constexpr int64_t kHour = 60 * kMinute;
constexpr int64_t kDay = 24 * kHour;

class Generator {
 public:
  explicit Generator(uint64_t seed) : random_(seed ^ 0x706c616e), plan_{} {
    plan_.seed = seed;
    plan_.phones = 1 + static_cast<int>(Below(4));
    plan_.length_ms = kDay * static_cast<int64_t>(2 + Below(20));
  }

  Plan Make() {
    Work();
    if (Half()) Network();
    if (Half()) PhoneDeaths();
    if (Half()) ServerDeaths();
    if (Half()) Disks();
    if (Half()) Clocks();
    if (Third()) Backups();
    if (Third()) Copies();
    if (Third()) Credentials();
    Again();
    if (Third()) Spoiled();
    if (Third()) Narrow();
    if (Half()) RestoredAgain();
    if (plan_.phones > 2 && Half()) Colleagues();
    if (Third()) InVain();
    if (Third()) KilledInCommits();
    if (Third()) ServerClock();
    if (Third()) LaterTeams();
    if (Third()) Sensitive();
    std::stable_sort(plan_.steps.begin(), plan_.steps.end(),
                     [](const Step& a, const Step& b) { return a.at_ms < b.at_ms; });
    return std::move(plan_);
  }

 private:
  int64_t Below(int64_t bound) {
    return static_cast<int64_t>(random_.Uniform(static_cast<uint64_t>(bound)));
  }
  bool Half() { return Below(2) == 0; }
  bool Third() { return Below(3) == 0; }
  int64_t AnyTime() { return Below(plan_.length_ms); }
  std::string AnyPhone() { return absl::StrCat("phone", 1 + Below(plan_.phones)); }

  void Add(int64_t at_ms, std::string verb, std::string node,
           std::map<std::string, int64_t> arguments = {}) {
    plan_.steps.push_back({at_ms, std::move(verb), std::move(node), std::move(arguments)});
  }

  void Work() {
    const int64_t captures = 3 + Below(12);
    for (int64_t i = 0; i < captures; ++i) {
      std::map<std::string, int64_t> arguments = {{"session", Below(8)}};
      if (Third()) arguments["draft"] = 1;
      Add(AnyTime(), "capture", AnyPhone(), std::move(arguments));
    }
    const int64_t changes = Below(8);
    for (int64_t i = 0; i < changes; ++i) {
      static constexpr const char* kChanges[] = {"void", "edit", "edit", "edit_any", "edit_any"};
      Add(AnyTime(), kChanges[Below(5)], AnyPhone(), {{"pick", Below(100)}});
    }
    const int64_t syncs = 4 + Below(14);
    for (int64_t i = 0; i < syncs; ++i) {
      const int64_t at = AnyTime();
      // A capture or a change while one runs is where it gets interesting.
      if (Third()) Add(at + Below(500), "capture", AnyPhone(), {{"session", Below(8)}});
      Add(at, "sync", AnyPhone());
    }
    const int64_t registered = Below(3);
    for (int64_t i = 0; i < registered; ++i) {
      Add(AnyTime(), "organisation", "server", {{"number", i}});
    }
  }

  // A time at which something is likely to be under way.
  int64_t BusyTime() {
    if (plan_.steps.empty() || Third()) return AnyTime();
    const Step& step =
        plan_.steps[static_cast<size_t>(Below(static_cast<int64_t>(plan_.steps.size())))];
    return step.at_ms + Below(3) * Below(2000);
  }

  void Network() {
    const int64_t windows = 1 + Below(5);
    for (int64_t i = 0; i < windows; ++i) {
      const int64_t at = BusyTime();
      const int64_t length = Half() ? kMinute * (1 + Below(60)) : kHour * (1 + Below(48));
      std::map<std::string, int64_t> arguments = {{"until", at + length}};
      if (Half()) arguments["drop_up"] = Below(700);
      if (Half()) arguments["drop_down"] = Below(700);
      if (Half()) arguments["double"] = Below(500);
      if (Half()) arguments["delay_ms"] = Below(120'000);
      if (Third()) arguments["reset"] = Below(500);
      Add(at, "net", AnyPhone(), std::move(arguments));
    }
    if (Third()) {
      // All go down, and come up one after the other.
      const int64_t at = BusyTime();
      for (int i = 1; i <= plan_.phones; ++i) {
        Add(at + Below(kHour), "net", absl::StrCat("phone", i),
            {{"until", at + kHour + Below(6 * kHour)}, {"drop_up", 1000}, {"drop_down", 1000}});
      }
    }
  }

  void PhoneDeaths() {
    const int64_t deaths = 1 + Below(4);
    for (int64_t i = 0; i < deaths; ++i) {
      if (Half()) {
        Add(BusyTime(), "kill", AnyPhone());
      } else {
        Add(BusyTime(), "power", AnyPhone(), {{"how", Below(4)}});
      }
    }
  }

  void ServerDeaths() {
    const int64_t deaths = 1 + Below(3);
    for (int64_t i = 0; i < deaths; ++i) {
      if (Half()) {
        Add(BusyTime(), "kill", "server");
      } else {
        Add(BusyTime(), "power", "server", {{"how", Below(4)}});
      }
    }
  }

  void Disks() {
    const int64_t faults = 1 + Below(4);
    for (int64_t i = 0; i < faults; ++i) {
      const std::string node = Third() ? "server" : AnyPhone();
      const int64_t at = BusyTime();
      // 1 an error, 2 no room, 3 a kill, 4 a power cut
      std::map<std::string, int64_t> arguments = {
          {"kind", 1 + Below(4)}, {"after", Below(60)}, {"how", Below(4)}};
      if (arguments["kind"] <= 2 && Third()) {
        arguments["persistent"] = 1;
        Add(at + kHour + Below(kDay), "heal", node);
      }
      Add(at, "disk", node, std::move(arguments));
    }
    if (Third()) {
      const std::string node = Third() ? "server" : AnyPhone();
      const int64_t at = BusyTime();
      Add(at, "fill", node, {{"bytes", Below(60'000)}});
      Add(at + kHour + Below(kDay), "heal", node);
    }
  }

  void Clocks() {
    const int64_t jumps = 1 + Below(3);
    for (int64_t i = 0; i < jumps; ++i) {
      const int64_t kind = Below(4);
      if (kind == 0) {
        Add(AnyTime(), "clock", AnyPhone(), {{"to_year", 1970}});
      } else if (kind == 1) {
        Add(AnyTime(), "clock", AnyPhone(), {{"to_year", 2099}});
      } else {
        Add(AnyTime(), "clock", AnyPhone(), {{"by_ms", Below(4 * kDay) - 2 * kDay}});
      }
    }
    if (Third()) Add(AnyTime(), "clock", "server", {{"by_ms", Below(4 * kHour) - 2 * kHour}});
  }

  void Backups() {
    const int64_t backed_up = AnyTime();
    Add(backed_up, "backup", "server");
    const int64_t restores = 1 + Below(2);
    for (int64_t i = 0; i < restores; ++i) {
      Add(backed_up + Below(plan_.length_ms - backed_up) + 1, "restore", "server");
    }
  }

  void Copies() {
    const int64_t copies = 1 + Below(2);
    for (int64_t i = 0; i < copies; ++i) {
      const std::string phone = AnyPhone();
      const int64_t at = BusyTime();
      switch (Below(3)) {
        case 0: {
          // A second phone from a copy of the first; both go on.
          Add(at, "clone", phone, {{"number", i}});
          const std::string clone = absl::StrCat("clone", i);
          const int64_t works = 1 + Below(4);
          for (int64_t j = 0; j < works; ++j) {
            const int64_t when =
                at + 1 + Below(plan_.length_ms - std::min(at, plan_.length_ms - 1));
            if (Half()) {
              Add(when, "capture", clone, {{"session", Below(8)}});
            } else {
              Add(when, "sync", clone);
            }
          }
          break;
        }
        case 1:
          Add(at, "image", phone);
          Add(at + Below(3 * kDay), "put_back", phone);
          break;
        default:
          Add(at, "wipe", phone);
          break;
      }
    }
  }

  void Credentials() {
    const std::string phone = AnyPhone();
    const int64_t at = BusyTime();
    switch (Below(3)) {
      case 0:
        Add(at, "suspend", phone);
        if (Half()) Add(at + Below(3 * kDay), "resume", phone);
        break;
      case 1:
        Add(at, "revoke", phone);
        if (Half()) Add(at + Below(3 * kDay), "enrol", phone);
        break;
      default:
        Add(at, "outdated", phone, {{"on", 1}});
        Add(at + Below(3 * kDay), "outdated", phone, {{"on", 0}});
        break;
    }
  }

  // The office asks for the same once more, since it has not heard the answer.
  void Again() {
    const std::vector<Step> steps = plan_.steps;
    for (const Step& step : steps) {
      if (step.verb != "organisation" || !Half()) continue;
      const int64_t later = Half() ? Below(50) : Below(kDay);
      Add(step.at_ms + later, step.verb, step.node, step.arguments);
    }
  }

  void Spoiled() {
    const int64_t times = 1 + Below(3);
    for (int64_t i = 0; i < times; ++i) Add(BusyTime(), "spoil", AnyPhone());
  }

  void Narrow() {
    for (int i = 1; i <= plan_.phones; ++i) {
      if (Half()) Add(AnyTime() / 2, "narrow", absl::StrCat("phone", i));
    }
  }

  // The office finds that something is still missing and restores once more, when some phones have
  // synced and some have not heard the answer.
  void RestoredAgain() {
    const std::vector<Step> steps = plan_.steps;
    for (const Step& step : steps) {
      if (step.verb != "restore" || !Half()) continue;
      const int64_t again = step.at_ms + kMinute + Below(3 * kHour);
      for (int i = 1; i <= plan_.phones; ++i) {
        const std::string phone = absl::StrCat("phone", i);
        const int64_t at = step.at_ms + Below(again - step.at_ms);
        if (Half()) Add(at, "net", phone, {{"until", at + 30'000}, {"drop_down", Below(1001)}});
        Add(at + 1, "sync", phone);
        if (Half()) Add(at + 2 + Below(20'000), "kill", phone);
        if (Half()) Add(at + 40'000 + Below(kHour), "sync", phone);
        if (Half()) Add(again + Below(kHour), "capture", phone, {{"session", Below(8)}});
        if (Half()) Add(again + Below(kHour), "sync", phone);
      }
      Add(again, "restore", "server");
    }
  }

  // Somebody asks the office's desk for what he may not have, while others send.
  void InVain() {
    const std::vector<Step> steps = plan_.steps;
    for (const Step& step : steps) {
      if (step.verb == "sync" && Half()) Add(step.at_ms + 20 + Below(430), "in_vain", "server");
    }
  }

  // A commit of the server takes some 30 calls of its disk, the last of which makes it durable.
  void KilledInCommits() {
    const std::vector<Step> steps = plan_.steps;
    for (const Step& step : steps) {
      if (Below(4) != 0) continue;
      const int64_t after = Below(40);
      if (step.verb == "sync") {
        Add(step.at_ms + 20 + Below(430), "disk", "server", {{"kind", 3}, {"after", after}});
      } else if (step.verb == "capture") {
        Add(step.at_ms - 1, "disk", step.node, {{"kind", 3}, {"after", after}});
      }
    }
  }

  // The server's clock is put right, or wrong, while it is used.
  void ServerClock() {
    const int64_t times = 1 + Below(2);
    for (int64_t i = 0; i < times; ++i) {
      const int64_t at = BusyTime();
      Add(at > 0 ? at - 1 : 0, "clock", "server", {{"by_ms", Below(5 * kHour) - 4 * kHour}});
    }
  }

  // Two of a team, phone1 and phone3, change what both have, neither knowing of the other.
  void Colleagues() {
    const int64_t times = 1 + Below(3);
    for (int64_t i = 0; i < times; ++i) {
      const int64_t at = AnyTime();
      Add(at, "capture", "phone1", {{"session", Below(8)}});
      Add(at + kMinute, "sync", "phone1");
      Add(at + 2 * kMinute, "sync", "phone3");
      if (Half()) Add(at + 3 * kMinute, "sync", "phone1");
      const int64_t pick = Below(100);
      Add(at + 10 * kMinute, "edit_any", "phone1", {{"pick", pick}});
      Add(at + 10 * kMinute + Below(kMinute), Third() ? "void" : "edit_any", "phone3",
          {{"pick", pick}});
      Add(at + kHour, "sync", Half() ? "phone1" : "phone3");
    }
  }

  // Some reports are for the team's and the office's eyes only.
  void Sensitive() {
    for (Step& step : plan_.steps) {
      if (step.verb == "capture" && Third()) step.arguments["sensitive"] = 1;
    }
  }

  // Reports name teams that the office registers only later, merges into one another, in chains and
  // circles too, and finds to be none. Their organisations go as well.
  void LaterTeams() {
    const int64_t teams = 1 + Below(4);
    for (Step& step : plan_.steps) {
      if (step.verb == "capture" && Half()) step.arguments["team"] = Below(teams);
    }
    for (int64_t i = 0; i < teams; ++i) {
      const int64_t made = AnyTime() / 3;
      Add(made, "organisation", "server", {{"number", i}});
      Add(made + kMinute + Below(kDay), "team", "server", {{"number", i}});
      // A chain of them, whose middle may change.
      if (Half()) Add(AnyTime(), "merge_team", "server", {{"number", i}, {"into", i + 1}});
    }
    const int64_t changes = 1 + Below(6);
    for (int64_t i = 0; i < changes; ++i) {
      const int64_t at = AnyTime();
      const int64_t number = Below(teams);
      switch (Below(5)) {
        case 0:
          Add(at, "void_team", "server", {{"number", number}});
          break;
        case 1:
          Add(at, "void_organisation", "server", {{"number", number}});
          break;
        default:
          Add(at, "merge_team", "server", {{"number", number}, {"into", Below(teams + 1) - 1}});
      }
    }
  }

  SeededRandom random_;
  Plan plan_;
};

}  // namespace

int64_t Step::Get(absl::string_view name, int64_t otherwise) const {
  const auto found = arguments.find(std::string(name));
  return found == arguments.end() ? otherwise : found->second;
}

Plan Plan::FromSeed(uint64_t seed) { return Generator(seed).Make(); }

std::string Plan::ToText() const {
  std::string text =
      absl::StrCat("seed ", seed, "\nphones ", phones, "\nlength_ms ", length_ms, "\n");
  for (const Step& step : steps) {
    absl::StrAppend(&text, step.at_ms, " ", step.verb, " ", step.node);
    for (const auto& [name, value] : step.arguments) absl::StrAppend(&text, " ", name, "=", value);
    text += "\n";
  }
  return text;
}

absl::StatusOr<Plan> Plan::Parse(absl::string_view text) {
  Plan plan;
  int number = 0;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    const std::vector<std::string> words =
        absl::StrSplit(absl::string_view(line.substr(0, line.find('#'))), ' ', absl::SkipEmpty());
    if (words.empty()) continue;
    const absl::Status bad = absl::InvalidArgumentError(
        absl::StrCat("plan: line ", number, ": expected a setting or a step, got \"", line, "\""));
    if (words.size() == 2) {
      if (words[0] == "seed" && absl::SimpleAtoi(words[1], &plan.seed)) continue;
      if (words[0] == "phones" && absl::SimpleAtoi(words[1], &plan.phones)) continue;
      if (words[0] == "length_ms" && absl::SimpleAtoi(words[1], &plan.length_ms)) continue;
      return bad;
    }
    Step step;
    if (words.size() < 3 || !absl::SimpleAtoi(words[0], &step.at_ms)) return bad;
    step.verb = words[1];
    step.node = words[2];
    for (size_t i = 3; i < words.size(); ++i) {
      const std::pair<std::string, std::string> argument =
          absl::StrSplit(words[i], absl::MaxSplits('=', 1));
      if (!absl::SimpleAtoi(argument.second, &step.arguments[argument.first])) return bad;
    }
    plan.steps.push_back(std::move(step));
  }
  return plan;
}

}  // namespace baraza::sim
