// The server's configuration file.

#include <CLI/CLI.hpp>
#include <fstream>

#include "sync_server/commands/config_file.h"
#include "tests/fuzz/target.h"
#include "tests/testing/temp_dir.h"

namespace baraza::fuzz {
namespace {

// As baraza-server has them: texts, a number, a flag, a list; an option that two commands have.
struct Program {
  Program() {
    serve->add_option("--data", data);
    serve->add_option("--listen", listen);
    serve->add_option("--port", port)->check(CLI::Range(1, 65535));
    serve->add_flag("--insecure", insecure);
    serve->add_option("--tls-host", hosts);
    backup->add_option("--data", data);
    backup->add_option("--to", to);
  }
  CLI::App app;
  CLI::App* serve = app.add_subcommand("serve");
  CLI::App* backup = app.add_subcommand("backup");
  std::string data, listen, to;
  int port = 7443;
  bool insecure = false;
  std::vector<std::string> hosts;
};

void OneInput(absl::string_view bytes) {
  static const auto* const folder = new test::TempDir();
  const std::string path = folder->File("baraza.toml");
  std::ofstream(path, std::ios::binary)
      .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  Program first;
  const absl::Status status = server::ApplyConfigFile(path, first.app, *first.serve);
  if (!status.ok()) {
    FUZZ_CHECK(status.code() == absl::StatusCode::kInvalidArgument, +status.ToString());
    FUZZ_CHECK(!status.message().empty());
  }
  FUZZ_CHECK(!status.ok() || (first.port >= 1 && first.port <= 65535));
  Program second;
  FUZZ_CHECK(server::ApplyConfigFile(path, second.app, *second.serve) == status);
  FUZZ_CHECK(second.data == first.data && second.hosts == first.hosts);
}

std::vector<std::string> Seeds() {
  return {
      "data = \"/var/lib/baraza\"\n[serve]\nport = 7443\ninsecure = true\ntls-host = [\"a\", "
      "\"b\"]\n",
      "[backup]\nto = '/backup'\n[serve]\ndata = \"\"\"\nx\"\"\"\n",
      "[serve]\nport = 70000\n",
      "[serve]\ninsecure = 3\n",
      "[serve]\nport = 1979-05-27T07:32:00Z\n",
      "unknown = 1\n",
      "[unknown]\n",
      "[[serve]]\nport = 1\n",
      "serve = 1\n",
      "tls-host = [1, [2]]\n",
      "serve.port = 0x1F\n",
      "data = 1\ndata = 2\n",
      "port = 1_000\nlisten = \"\\u00e9\"\n",
  };
}

const Registration registration({"config_file", &OneInput, &Seeds});

}  // namespace
}  // namespace baraza::fuzz
