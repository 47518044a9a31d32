#include "sync_server/commands/program.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <functional>
#include <iostream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "core/base/clock.h"
#include "core/base/random.h"
#include "core/base/status.h"
#include "core/match/model.h"
#include "sync_server/commands/backup.h"
#include "sync_server/commands/config_file.h"
#include "sync_server/commands/exit_code.h"
#include "sync_server/commands/maintain.h"
#include "sync_server/commands/match.h"
#include "sync_server/commands/model.h"
#include "sync_server/commands/prior.h"
#include "sync_server/commands/serve.h"
#include "sync_server/commands/setup.h"

namespace baraza::server {
namespace {

constexpr char kAbout[] =
    "Baraza's server: takes in what phones captured, finds out which reports describe the same "
    "session,\nand counts.";

// Everything that flags, environment and file can say.
struct Settings {
  std::string data;
  std::string config;
  bool json = false;
  // init, programme create
  std::string title;
  std::string administrator;
  std::string language = "en";
  std::string address = kDefaultListen;
  bool no_tls = false;
  std::vector<std::string> tls_hosts;
  // enrol-code
  CodeOptions code;
  int64_t lifetime_seconds = 0;
  // serve
  ServerOptions server;
  std::string port_file;
  int watch_seconds = 30;
  // backup, restore
  std::string to;
  std::string from;
  bool replace = false;
  // match
  MatchOptions match;
  bool strict = false;
  // model fit, model evaluate
  ModelFitOptions fit;
  ModelEvaluateOptions evaluate;
  // model prior
  std::string programme;
};

class Program {
 public:
  Program() : app_(kAbout, "baraza-server") { Declare(); }

  int Run(int argc, const char* const* argv) {
    try {
      app_.parse(argc, argv);
    } catch (const CLI::CallForHelp& help) {
      return app_.exit(help);
    } catch (const CLI::CallForAllHelp& help) {
      return app_.exit(help);
    } catch (const CLI::ParseError& error) {
      app_.exit(error);
      return kExitUsage;
    }
    CLI::App* command = app_.get_subcommands().front();
    // "programme create": the inner one has the options.
    if (!command->get_subcommands().empty()) command = command->get_subcommands().front();
    // Commands share settings, and CLI11 gives the environment's values to all commands, also those
    // that were not called: the called one has the last word.
    for (CLI::Option* option : command->get_options()) {
      if (option->count() > 0) option->run_callback();
    }
    if (!settings_.config.empty()) {
      if (const absl::Status read = ApplyConfigFile(settings_.config, app_, *command); !read.ok()) {
        return Fail(read);
      }
    }
    for (const auto& [declared, run] : commands_) {
      if (declared == command) return run();
    }
    return kExitInternal;
  }

 private:
  int Fail(const absl::Status& status) {
    std::cerr << "baraza-server: " << status.message() << "\n";
    return ExitCodeOf(status);
  }
  int Finish(const absl::Status& status) { return status.ok() ? kExitOk : Fail(status); }

  absl::Status Need(const std::string& value, const char* flag) {
    if (!value.empty()) return absl::OkStatus();
    return absl::InvalidArgumentError(absl::StrCat(flag, " is missing; see --help"));
  }

  CLI::App* Command(CLI::App& parent, const char* name, const char* about, std::function<int()> run,
                    bool with_data = true) {
    CLI::App* command = parent.add_subcommand(name, about);
    command->add_option("--config", settings_.config, "Configuration file (TOML)")
        ->envname("BARAZA_CONFIG");
    if (with_data) {
      command->add_option("--data,--data-dir", settings_.data, "The server's data directory")
          ->envname("BARAZA_DATA");
    }
    commands_.emplace_back(command, std::move(run));
    return command;
  }

  void AddCodeOptions(CLI::App* command) {
    command
        ->add_option("--address", settings_.address,
                     "host:port that the device dials, for the enrolment code")
        ->envname("BARAZA_PUBLIC_ADDRESS")
        ->capture_default_str();
    command->add_flag("--json", settings_.json, "Print one JSON object");
  }

  void Declare() {
    app_.require_subcommand(1);
    app_.footer(absl::StrCat(
        "Settings: a flag comes before its environment variable (shown as Env:), that before the\n"
        "file of --config: TOML, keys are the flags' long names, those of one command in a table "
        "of\nits name ([serve]), others at the top.\n",
        ExitCodeHelp()));

    CLI::App* init = Command(app_, "init", "Make a data directory", [this] { return Init(); });
    init->add_option("--programme", settings_.title, "Title of the first programme");
    init->add_option("--admin", settings_.administrator, "Name of its first administrator");
    init->add_option("--language", settings_.language, "Language of the title (BCP 47)")
        ->capture_default_str();
    init->add_flag("--no-tls", settings_.no_tls,
                   "No certificates: the server will listen on loopback addresses only");
    init->add_option("--tls-host", settings_.tls_hosts,
                     "DNS name or address that devices dial; may be given several times");
    AddCodeOptions(init);

    CLI::App* certificate = Command(
        app_, "certificate", "Make a server certificate (and the authority when there is none)",
        [this] { return Certificate(); });
    certificate->add_option("--tls-host", settings_.tls_hosts,
                            "DNS name or address that devices dial; may be given several times");

    CLI::App* programme = app_.add_subcommand("programme", "Programmes of this server");
    programme->require_subcommand(1);
    CLI::App* create = Command(*programme, "create", "Make a programme and its first administrator",
                               [this] { return CreateProgrammeCommand(); });
    create->add_option("title", settings_.title, "Title");
    create->add_option("--admin", settings_.administrator, "Name of its first administrator");
    create->add_option("--language", settings_.language, "Language of the title (BCP 47)")
        ->capture_default_str();
    AddCodeOptions(create);

    CLI::App* code =
        Command(app_, "enrol-code", "Make an enrolment code for a person, while no server runs",
                [this] { return EnrolCode(); });
    code->add_option("--programme", settings_.code.programme_id,
                     "Programme id; may be left out when there is one only");
    code->add_option("--person", settings_.code.person_id, "Person id");
    code->add_option("--lifetime", settings_.lifetime_seconds, "Seconds; default 7 days");
    AddCodeOptions(code);

    CLI::App* serve =
        Command(app_, "serve", "Serve until SIGTERM or SIGINT", [this] { return Serve(); });
    settings_.server.listen = kDefaultListen;
    serve->add_option("--listen", settings_.server.listen, "host:port; port 0: any free one")
        ->envname("BARAZA_LISTEN")
        ->capture_default_str();
    serve
        ->add_option("--port-file", settings_.port_file,
                     "File to write the port to, once the server listens")
        ->envname("BARAZA_PORT_FILE");
    serve
        ->add_option("--public-address", settings_.server.public_address,
                     "host:port for enrolment codes; default: where it listens")
        ->envname("BARAZA_PUBLIC_ADDRESS");
    serve
        ->add_option("--tls-cert", settings_.server.tls_certificate,
                     "PEM chain; default: the data directory's")
        ->envname("BARAZA_TLS_CERT");
    serve->add_option("--tls-key", settings_.server.tls_key, "PEM key of --tls-cert")
        ->envname("BARAZA_TLS_KEY");
    serve
        ->add_option(
            "--tls-ca", settings_.server.tls_ca,
            "PEM of the authority behind --tls-cert, for enrolment codes; with --plaintext: behind "
            "the certificate of what ends TLS before this server")
        ->envname("BARAZA_TLS_CA");
    serve->add_flag("--plaintext", settings_.server.plaintext,
                    "Without TLS although there are certificates; loopback only");
    serve
        ->add_option("--watch-seconds", settings_.watch_seconds,
                     "How often to check that it still answers; it ends when it does not")
        ->envname("BARAZA_WATCH_SECONDS")
        ->check(CLI::Range(1, 3600))
        ->capture_default_str();
    serve->add_option("--workers", settings_.server.workers, "Threads that read feeds")
        ->envname("BARAZA_WORKERS")
        ->check(CLI::Range(1, 64))
        ->capture_default_str();

    CLI::App* backup =
        Command(app_, "backup", "Copy everything, also while serving", [this] { return Backup(); });
    backup->add_option("--to,--out", settings_.to, "New folder for the backup");

    CLI::App* restore =
        Command(app_, "restore", "Make a data directory of a backup", [this] { return Restore(); });
    restore->add_option("--from", settings_.from, "Folder of the backup");
    restore->add_flag("--replace", settings_.replace, "Replace what the data directory holds");

    Command(app_, "rebuild", "Make all sessions and figures anew from the log",
            [this] { return Rebuild(); });
    Command(app_, "verify", "Check files, hashes, and the projection against one made anew",
            [this] { return Verify(); });

    CLI::App* match = Command(
        app_, "match", "Run the matcher over files, without a server", [this] { return Match(); },
        /*with_data=*/false);
    match->add_option("--reports", settings_.match.reports,
                      "JSON lines of SessionReport in proto3 JSON");
    match->add_option("--register", settings_.match.register_file,
                      "JSON lines of teams, issues, sources ...: {\"team\": {...}} or the bare "
                      "record, told by its id");
    match->add_option("--clusters", settings_.match.clusters, "CSV to write: report_id,session_id");
    match->add_option("--pairs", settings_.match.pairs,
                      "CSV to write: left_report_id,right_report_id,score_milli_nats,together");
    match->add_option("--model", settings_.match.model, "Match model (protobuf text)");
    match->add_flag("--strict", settings_.strict, "Exit with 8 when a line could not be taken");
    match->add_flag("--json", settings_.json, "Print the summary as one JSON object");

    CLI::App* model = app_.add_subcommand("model", "Match models: fit one, see how one does");
    model->require_subcommand(1);
    CLI::App* fit = Command(
        *model, "fit", "Fit a match model on labelled reports", [this] { return FitModel(); },
        /*with_data=*/false);
    fit->add_option(
        "--labelled", settings_.fit.data,
        "Folder with reports.jsonl, register.jsonl and truth.csv; may be given several times");
    fit->add_option("--toward", settings_.fit.toward,
                    "Match model (protobuf text) that the weights are pulled toward");
    fit->add_option("--pull", settings_.fit.pull,
                    "How many pairs' worth of evidence its weights are")
        ->check(CLI::Range(0.0, 1e6))
        ->capture_default_str();
    fit->add_option("--lean", settings_.fit.lean_milli_nats,
                    "Milli-nats to add to the prior, toward joining")
        ->check(CLI::Range(-5000, 5000))
        ->capture_default_str();
    fit->add_option("--version", settings_.fit.version, "Version of the new model");
    fit->add_option("--out", settings_.fit.out, "Match model to write");
    fit->add_flag("--check", settings_.fit.check,
                  "Write nothing; fail unless --out holds what would be written");
    CLI::App* evaluate = Command(
        *model, "evaluate", "Hold a match model against labelled reports",
        [this] { return EvaluateModel(); }, /*with_data=*/false);
    evaluate->add_option(
        "--labelled", settings_.evaluate.data,
        "Folder with reports.jsonl, register.jsonl and truth.csv; may be given several times");
    evaluate->add_option("--model", settings_.evaluate.model,
                         "Match model (protobuf text); default: the one of this binary");
    evaluate->add_option(
        "--mistakes", settings_.evaluate.mistakes,
        "CSV to write: the pairs that came out wrong, with the weight of every field");
    CLI::App* prior = Command(
        *model, "prior",
        "Estimate a programme's own prior from its reports, to be adopted by its office; while no "
        "server runs on the folder",
        [this] { return EstimatePrior(); });
    prior->add_option("--programme", settings_.programme,
                      "The programme's id; may be left out when there is one only");
  }

  MaintenanceProgress Progress(const char* verb) {
    // For people only: a script has no use for it.
    if (isatty(STDERR_FILENO) == 0) return {};
    return [verb, last = int64_t{-1}](const std::string& programme, int64_t done,
                                      int64_t all) mutable {
      const int64_t percent = all > 0 ? done * 100 / all : 100;
      if (percent == last) return;
      last = percent;
      std::fprintf(stderr, "\r%s %s: %3d %%%s", verb, programme.c_str(), static_cast<int>(percent),
                   percent >= 100 ? "\n" : "");
    };
  }

  int PrintMade(const absl::StatusOr<ProgrammeMade>& made) {
    if (!made.ok()) return Fail(made.status());
    if (settings_.json) {
      // Ids, codes and numbers are of fixed alphabets: nothing to escape.
      std::cout << "{\"programme_id\":\"" << made->programme_id << "\",\"person_id\":\""
                << made->person_id << "\",\"code\":\"" << made->code
                << "\",\"expires_ms\":" << made->expires_ms << "}\n";
      return kExitOk;
    }
    std::cout << "programme: " << made->programme_id << "\nperson: " << made->person_id
              << "\nenrolment code (shown once, good for one device until "
              << absl::FormatTime("%Y-%m-%d %H:%M UTC", absl::FromUnixMillis(made->expires_ms),
                                  absl::UTCTimeZone())
              << "):\n"
              << made->code << "\n";
    return kExitOk;
  }

  int Init() {
    if (const absl::Status data = Need(settings_.data, "--data"); !data.ok()) return Fail(data);
    if (settings_.title.empty() != settings_.administrator.empty()) {
      return Fail(absl::InvalidArgumentError("--programme and --admin go together"));
    }
    absl::Status status = InitDataDir(settings_.data);
    if (status.ok() && !settings_.no_tls) {
      status = MakeCertificates(settings_.data, settings_.tls_hosts, random_);
    }
    if (!status.ok()) return Fail(status);
    if (settings_.title.empty()) {
      std::cout << "made " << settings_.data
                << "; next: baraza-server programme create TITLE --admin NAME\n";
      return kExitOk;
    }
    return CreateProgrammeCommand();
  }

  int CreateProgrammeCommand() {
    if (const absl::Status data = Need(settings_.data, "--data"); !data.ok()) return Fail(data);
    ProgrammeRequest request;
    request.title = settings_.title;
    request.language = settings_.language;
    request.administrator = settings_.administrator;
    request.address = settings_.address;
    return PrintMade(CreateProgramme(settings_.data, request, clock_, random_));
  }

  int Certificate() {
    if (const absl::Status data = Need(settings_.data, "--data"); !data.ok()) return Fail(data);
    return Finish(MakeCertificates(settings_.data, settings_.tls_hosts, random_));
  }

  int EnrolCode() {
    absl::Status status = Need(settings_.data, "--data");
    if (status.ok()) status = Need(settings_.code.person_id, "--person");
    if (!status.ok()) return Fail(status);
    settings_.code.address = settings_.address;
    settings_.code.lifetime = absl::Seconds(settings_.lifetime_seconds);
    return PrintMade(CreateCode(settings_.data, settings_.code, clock_, random_));
  }

  int Serve() {
    if (const absl::Status data = Need(settings_.data, "--data"); !data.ok()) return Fail(data);
    settings_.server.data_dir = settings_.data;
    return Finish(ServeUntilSignal(settings_.server, settings_.port_file,
                                   absl::Seconds(settings_.watch_seconds)));
  }

  int Backup() {
    absl::Status status = Need(settings_.data, "--data");
    if (status.ok()) status = Need(settings_.to, "--to");
    if (status.ok()) status = BackupDataDir(settings_.data, settings_.to, Progress("backup"));
    return Finish(status);
  }

  int Restore() {
    absl::Status status = Need(settings_.data, "--data");
    if (status.ok()) status = Need(settings_.from, "--from");
    if (!status.ok()) return Fail(status);
    const absl::StatusOr<RestoredRegistry> restored =
        RestoreDataDir(settings_.from, settings_.data, settings_.replace, clock_, random_);
    if (!restored.ok()) return Fail(restored.status());
    if (restored->restrictions_kept) {
      std::cout << "Restored. Of credentials and codes that were revoked, suspended or used after "
                   "the backup, "
                << restored->restricted << " stay so. Phones enrolled after it enrol again.\n";
    } else {
      std::cout
          << "Restored. What was revoked or suspended after the backup is not known here for "
             "everybody: a phone that\nwas lost since may connect again. Let only the office "
             "reach the server at first (a firewall), go through\n`baraza credentials list` and "
             "revoke, and only then let others connect.\n";
    }
    return kExitOk;
  }

  int Rebuild() {
    absl::Status status = Need(settings_.data, "--data");
    if (status.ok()) {
      status = RebuildProgrammes(settings_.data, clock_, random_, Progress("rebuild"));
    }
    return Finish(status);
  }

  int Verify() {
    absl::Status status = Need(settings_.data, "--data");
    if (status.ok()) status = VerifyDataDir(settings_.data, clock_, random_, Progress("verify"));
    return Finish(status);
  }

  int Match() {
    absl::Status status = Need(settings_.match.reports, "--reports");
    if (status.ok()) status = Need(settings_.match.clusters, "--clusters");
    if (!status.ok()) return Fail(status);
    const absl::StatusOr<MatchSummary> summary = MatchFiles(settings_.match, ComplainToStderr);
    if (!summary.ok()) return Fail(summary.status());
    if (settings_.json) {
      std::cout << "{\"reports\":" << summary->reports << ",\"sessions\":" << summary->sessions
                << ",\"bad_lines\":" << summary->bad_lines << "}\n";
    } else {
      std::cout << summary->reports << " reports describe " << summary->sessions << " sessions";
      if (summary->bad_lines > 0) {
        std::cout << "; " << summary->bad_lines << " lines could not be taken";
      }
      std::cout << "\n";
    }
    return settings_.strict && summary->bad_lines > 0 ? kExitBadInput : kExitOk;
  }

  static void ComplainToStderr(absl::string_view complaint) {
    std::cerr << std::string(complaint) << "\n";
  }

  int FitModel() {
    absl::Status status = Need(settings_.fit.toward, "--toward");
    if (status.ok()) status = Need(settings_.fit.out, "--out");
    if (status.ok()) status = Need(settings_.fit.version, "--version");
    if (status.ok() && settings_.fit.data.empty()) status = Need("", "--labelled");
    if (!status.ok()) return Fail(status);
    const absl::StatusOr<ModelFitSummary> summary = FitModelFiles(settings_.fit, ComplainToStderr);
    if (!summary.ok()) return Fail(summary.status());
    std::cout << summary->reports << " reports, " << summary->pairs << " compared pairs, "
              << summary->same_pairs << " of them on one session\n";
    return kExitOk;
  }

  int EvaluateModel() {
    if (settings_.evaluate.data.empty()) return Fail(Need("", "--labelled"));
    const absl::StatusOr<ModelEvaluation> found =
        EvaluateModelFiles(settings_.evaluate, ComplainToStderr);
    if (!found.ok()) return Fail(found.status());
    std::printf(
        "%lld reports, %lld compared pairs (%.2f a report), log loss %.5f\n",
        static_cast<long long>(found->reports), static_cast<long long>(found->compared_pairs),
        found->reports > 0
            ? static_cast<double>(found->compared_pairs) / static_cast<double>(found->reports)
            : 0.0,
        found->log_loss);
    std::printf(
        "%lld pairs on one session: %lld compared, %lld missed; %lld put together wrongly\n",
        static_cast<long long>(found->true_pairs),
        static_cast<long long>(found->compared_true_pairs),
        static_cast<long long>(found->missed_pairs), static_cast<long long>(found->wrong_pairs));
    std::printf("%12s %9s %9s %11s\n", "nats from", "pairs", "same", "expected");
    for (const CalibrationBin& bin : found->calibration) {
      std::printf("%+12d %9lld %9lld %11.1f\n", bin.from_milli_nats / 1000,
                  static_cast<long long>(bin.pairs), static_cast<long long>(bin.same),
                  bin.expected);
    }
    return kExitOk;
  }

  int EstimatePrior() {
    if (const absl::Status status = Need(settings_.data, "--data"); !status.ok()) {
      return Fail(status);
    }
    const absl::StatusOr<PriorEstimate> found = EstimateProgrammePrior(
        settings_.data, settings_.programme, clock_, random_, Progress("project"));
    if (!found.ok()) return Fail(found.status());
    const v1::MatchModel& model = ShippedModel();
    std::printf(
        "%lld compared pairs; about %.2f %% of them on one session (%s was fitted where %.2f %% "
        "were)\nprior: %d milli-nats instead of %d\nto adopt it, as a member of the office:\n"
        "  echo '{\"modelAdoption\": {\"modelVersion\": \"%s\", \"priorMilliNats\": %d}}' | "
        "baraza programme create\n",
        static_cast<long long>(found->pairs), 100 * found->same_share, model.version().c_str(),
        100 * found->fitted_same_share, static_cast<int>(found->prior_milli_nats),
        static_cast<int>(model.prior_milli_nats()), model.version().c_str(),
        static_cast<int>(found->prior_milli_nats));
    return kExitOk;
  }

  CLI::App app_;
  Settings settings_;
  SystemClock clock_;
  SystemRandom random_;
  std::vector<std::pair<CLI::App*, std::function<int()>>> commands_;
};

}  // namespace

int RunProgram(int argc, const char* const* argv) {
  Program program;
  return program.Run(argc, argv);
}

}  // namespace baraza::server
