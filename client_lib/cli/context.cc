#include "client_lib/cli/context.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client_lib/cli/office.h"
#include "core/base/status.h"
#include "core/model/record_types.h"
#include "google/protobuf/util/json_util.h"

namespace baraza::client {

namespace {

namespace fs = std::filesystem;

// Makes the missing folders of `path`, each for its owner alone.
absl::Status MakePrivateFolder(const fs::path& folder) {
  if (folder.empty()) return absl::OkStatus();
  std::error_code error;
  if (fs::exists(folder, error)) return absl::OkStatus();
  BARAZA_RETURN_IF_ERROR(MakePrivateFolder(folder.parent_path()));
  if (mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
    return absl::FailedPreconditionError(
        absl::StrCat("cannot make the folder ", folder.string(), ": ", std::strerror(errno)));
  }
  return absl::OkStatus();
}

}  // namespace

Cli::Cli(const CliEnvironment& environment) : env_(environment) {}
Cli::~Cli() = default;

std::string Cli::Language() const {
  if (!language_option.empty()) return language_option;
  for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
    const std::optional<std::string> value = env_.variable(name);
    if (value.has_value() && !value->empty()) {
      const std::string language = value->substr(0, value->find_first_of("_.@"));
      return language == "C" || language == "POSIX" ? "en" : language;
    }
  }
  return "en";
}

absl::StatusOr<std::string> Cli::DatabasePath() const {
  if (!db_option.empty()) return db_option;
  if (std::optional<std::string> path = env_.variable("BARAZA_DB"); path && !path->empty()) {
    return *path;
  }
  if (std::optional<std::string> data = env_.variable("XDG_DATA_HOME"); data && !data->empty()) {
    return absl::StrCat(*data, "/baraza/baraza.db");
  }
  if (std::optional<std::string> home = env_.variable("HOME"); home && !home->empty()) {
    return absl::StrCat(*home, "/.local/share/baraza/baraza.db");
  }
  return absl::InvalidArgumentError(
      "no database: give --db FILE or set BARAZA_DB (HOME is not set either)");
}

absl::StatusOr<Client*> Cli::Device() {
  if (client_ != nullptr) return client_.get();
  BARAZA_ASSIGN_OR_RETURN(const std::string path, DatabasePath());
  const fs::path folder = fs::path(path).parent_path();
  BARAZA_RETURN_IF_ERROR(MakePrivateFolder(folder));
  // It holds names of informants and the credential. SQLite gives its side files the same mode.
  const int file = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0 && errno != ENOSPC && errno != EROFS) {
    return absl::FailedPreconditionError(
        absl::StrCat("cannot open the database ", path, ": ", std::strerror(errno)));
  }
  if (file >= 0) close(file);
  Client::Options options;
  options.path = path;
  options.clock = &env_.clock;
  options.random = &env_.random;
  options.software_version = std::string(SoftwareVersion());
  BARAZA_ASSIGN_OR_RETURN(client_, Client::Open(std::move(options)));
  return client_.get();
}

absl::StatusOr<Client*> Cli::EnrolledDevice() {
  BARAZA_ASSIGN_OR_RETURN(Client * client, Device());
  if (!client->GetConnection().has_value()) return NotEnrolledError();
  return client;
}

absl::StatusOr<Office*> Cli::Desk() {
  if (office_ != nullptr) return office_.get();
  BARAZA_ASSIGN_OR_RETURN(Client * client, EnrolledDevice());
  const std::optional<Connection> connection = client->GetConnection();
  if (!connection.has_value()) return NotEnrolledError();
  BARAZA_ASSIGN_OR_RETURN(const v1::ClientStatus status, client->Status());
  BARAZA_ASSIGN_OR_RETURN(
      office_, Office::Connect(*connection, status.membership(), absl::Seconds(timeout_seconds)));
  return office_.get();
}

absl::StatusOr<const Register*> Cli::LocalRegister() {
  if (register_read_) return &register_;
  BARAZA_ASSIGN_OR_RETURN(Client * client, Device());
  Register fresh;
  for (const v1::RecordType type :
       {v1::RECORD_TYPE_PROGRAMME, v1::RECORD_TYPE_ORGANISATION, v1::RECORD_TYPE_TEAM,
        v1::RECORD_TYPE_PERSON, v1::RECORD_TYPE_PROJECT, v1::RECORD_TYPE_DONOR,
        v1::RECORD_TYPE_ISSUE, v1::RECORD_TYPE_SESSION_DEFINITION, v1::RECORD_TYPE_INDICATOR,
        v1::RECORD_TYPE_TARGET}) {
    v1::ListRequest request;
    request.set_type(type);
    request.set_page_size(kMaxPageSize);
    do {
      BARAZA_ASSIGN_OR_RETURN(const v1::ListResult page, client->List(request));
      for (const v1::ClientRecord& record : page.records()) fresh.Apply(record.state());
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
  }
  register_ = std::move(fresh);
  register_read_ = true;
  return &register_;
}

void Cli::PrintJson(const google::protobuf::Message& message) const {
  env_.out << JsonLine(message);
}

void Cli::Heading(absl::string_view text) const {
  if (env_.out_is_terminal) {
    env_.out << "\x1b[1m" << text << "\x1b[0m\n";
  } else {
    env_.out << text << "\n";
  }
}

void Cli::Note(absl::string_view text) const {
  if (!json) env_.err << text << "\n";
}

std::string JsonLine(const google::protobuf::Message& message) {
  std::string text;
  // Fails for messages of types that we have none of (Any of an unknown type).
  (void)google::protobuf::util::MessageToJsonString(message, &text);
  text += '\n';
  return text;
}

absl::StatusOr<std::string> ReadInput(const Cli& cli, const std::string& path) {
  std::ifstream file;
  std::istream* stream = &cli.env().in;
  if (path != "-") {
    std::error_code error;
    if (fs::is_directory(path, error)) {
      return absl::InvalidArgumentError(absl::StrCat(path, " is a folder, expected a file"));
    }
    file.open(path, std::ios::binary);
    if (!file) {
      return absl::NotFoundError(absl::StrCat("cannot read ", path, ": ", std::strerror(errno)));
    }
    stream = &file;
  }
  std::string content;
  char buffer[1 << 16];
  while (stream->read(buffer, sizeof(buffer)) || stream->gcount() > 0) {
    content.append(buffer, static_cast<size_t>(stream->gcount()));
    if (content.size() > kMaxInputBytes) {
      return absl::InvalidArgumentError(
          absl::StrCat(path, ": expected at most ", kMaxInputBytes, " bytes, got more"));
    }
  }
  return content;
}

absl::Status WritePrivateFile(const std::string& path, absl::string_view content) {
  const std::string temporary = absl::StrCat(path, ".new");
  const int file = open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) {
    return absl::FailedPreconditionError(
        absl::StrCat("cannot write ", temporary, ": ", std::strerror(errno)));
  }
  size_t written = 0;
  while (written < content.size()) {
    const ssize_t n = write(file, content.data() + written, content.size() - written);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) {
      const int reason = errno;
      close(file);
      unlink(temporary.c_str());
      return absl::ResourceExhaustedError(
          absl::StrCat("cannot write ", temporary, ": ", std::strerror(reason)));
    }
    written += static_cast<size_t>(n);
  }
  if (fsync(file) != 0 || close(file) != 0 || rename(temporary.c_str(), path.c_str()) != 0) {
    return absl::ResourceExhaustedError(
        absl::StrCat("cannot write ", path, ": ", std::strerror(errno)));
  }
  return absl::OkStatus();
}

absl::string_view SoftwareVersion() { return "baraza-cli 0.1"; }

}  // namespace baraza::client
