// Configuration files that the server refuses: options with values of another kind or out of their
// range, names that are none, text that is no TOML.

#include "sync_server/commands/config_file.h"

#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <map>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/bad_input/inputs.h"
#include "tests/testing/temp_dir.h"

namespace baraza::bad_input {
namespace {

struct Program {
  Program() {
    serve->add_option("--data", data);
    serve->add_option("--port", port)->check(CLI::Range(1, 65535));
    serve->add_option("--workers", workers)->check(CLI::Range(1, 64));
    serve->add_flag("--insecure", insecure);
    serve->add_flag("--quiet", quiet);
    serve->add_option("--tls-host", hosts);
    backup->add_option("--to", to);
  }
  CLI::App app;
  CLI::App* serve = app.add_subcommand("serve");
  CLI::App* backup = app.add_subcommand("backup");
  std::string data, to;
  int port = 1, workers = 1;
  bool insecure = false, quiet = false;
  std::vector<std::string> hosts;
};

class BadConfigFileTest : public ::testing::Test {
 protected:
  absl::Status Apply(const std::string& text) {
    test::WriteFile(path_, text);
    Program program;
    return server::ApplyConfigFile(path_, program.app, *program.serve);
  }

  void ExpectMessage(const std::string& text, const std::string& message) {
    inputs_.Add(text);
    EXPECT_EQ(Apply(text), absl::InvalidArgumentError(message)) << text;
  }

  void AValueOfAnotherKindNamesTheOption();
  void ANameThatIsNoneIsShown();
  void TextThatIsNoTomlNamesItsLine();

  test::TempDir dir_;
  const std::string path_ = dir_.File("baraza.toml");
  Inputs inputs_;
};

void BadConfigFileTest::AValueOfAnotherKindNamesTheOption() {
  // Kinds of TOML that no option takes.
  const std::vector<std::string> none = {"1.5",         "-0.0",
                                         "1e10",        "inf",
                                         "nan",         "1979-05-27",
                                         "07:32:00",    "1979-05-27T07:32:00Z",
                                         "{ a = 1 }",   "[[1]]",
                                         "[1.5]",       "[1979-05-27]",
                                         "[{ a = 1 }]", "[\"a\", [\"b\"]]",
                                         "[\"a\", 2.5]"};
  // At the top, in the command's own table, and as a dotted key.
  for (const char* form : {"%s = %v\n", "[serve]\n%s = %v\n", "serve.%s = %v\n"}) {
    for (const char* option : {"data", "port", "workers", "insecure", "quiet", "tls-host"}) {
      for (const std::string& value : none) {
        const std::string text = absl::StrReplaceAll(form, {{"%s", option}, {"%v", value}});
        // A table at the top is a command's.
        if (absl::StartsWith(form, "%s") && value == "{ a = 1 }") {
          ExpectMessage(
              text, absl::StrCat("configuration: ", option, ": expected the name of a command"));
          continue;
        }
        ExpectMessage(
            text, absl::StrCat("configuration: ", option,
                               ": expected a string, a number, true or false, got another kind"));
      }
    }
    for (const char* option : {"port", "workers"}) {
      for (const char* value :
           {"0", "-1", "65536", "1000000", "9223372036854775807", "\"\"", "\"x\"", "\"1x\"",
            "\"1.5\"", "true", "[1, 2]", "[\"a\"]", "\" \""}) {
        ExpectMessage(absl::StrReplaceAll(form, {{"%s", option}, {"%v", value}}),
                      absl::StrCat("configuration: ", option,
                                   ": expected a value as the flag takes it, got another"));
      }
    }
    for (const char* option : {"insecure", "quiet"}) {
      for (const char* value :
           {"1", "0", "\"yes\"", "\"\"", "[true, true]", "[]", "[false, false]", "2"}) {
        ExpectMessage(
            absl::StrReplaceAll(form, {{"%s", option}, {"%v", value}}),
            absl::StrCat("configuration: ", option, ": expected true or false, got another value"));
      }
    }
  }
}

void BadConfigFileTest::ANameThatIsNoneIsShown() {
  for (const char* name : {"dta", "Data", "DATA", "data_", "tls_host", "--data", "-", "help-me",
                           "0", "version2", "to2"}) {
    ExpectMessage(absl::StrCat(name, " = 1\n"),
                  absl::StrCat("configuration: ", name, ": expected an option of a command"));
    ExpectMessage(
        absl::StrCat("[serve]\n", name, " = 1\n"),
        absl::StrCat("configuration: serve.", name, ": expected an option of the command"));
    ExpectMessage(
        absl::StrCat("[backup]\n", name, " = 1\n"),
        absl::StrCat("configuration: backup.", name, ": expected an option of the command"));
    ExpectMessage(absl::StrCat("[", name, "]\n"),
                  absl::StrCat("configuration: ", name, ": expected the name of a command"));
  }
  // Of another command.
  ExpectMessage("[serve]\nto = 'x'\n",
                "configuration: serve.to: expected an option of the command");
  ExpectMessage("[backup]\nport = 1\n",
                "configuration: backup.port: expected an option of the command");
}

void BadConfigFileTest::TextThatIsNoTomlNamesItsLine() {
  const std::vector<std::string> broken = {"data",
                                           "data =",
                                           "= 1",
                                           "data = ",
                                           "data = 'x",
                                           "data = \"x",
                                           "data = \"\\q\"",
                                           "data = \"\\u12\"",
                                           "data = 1 2",
                                           "data = 01",
                                           "data = 0x",
                                           "data = 1__0",
                                           "data = _1",
                                           "data = 1_",
                                           "data = +",
                                           "data = 1.",
                                           "data = .5",
                                           "data = 1e",
                                           "data = tru",
                                           "data = True",
                                           "data = [1",
                                           "data = [1,,2]",
                                           "data = [,]",
                                           "data = {",
                                           "data = {a=1",
                                           "data = {a=1,}",
                                           "data = {,}",
                                           "[serve",
                                           "[]",
                                           "[serve]]",
                                           "[[serve]",
                                           "[.serve]",
                                           "[serve.]",
                                           "a..b = 1",
                                           "a b = 1",
                                           "\"a = 1",
                                           "data = 2026-13-01",
                                           "data = 2026-02-30",
                                           "data = 25:00:00",
                                           "data = 07:61:00",
                                           "data = 2026-02-01T",
                                           "data = 1979-05-27T07:32:00+25:00",
                                           "data = \x01",
                                           "data = \"\x01\"",
                                           "data = \"\x7F\"",
                                           "data = '\xFF'",

                                           "data = \"\\xZZ\"",
                                           "data = 1 # \x02",
                                           "data = 99999999999999999999",
                                           "data = 'x\n'"};
  // What is noticed on the line after.
  const std::vector<std::string> later = {"a.b = 1\na = 2", "data = 'a'\ndata = 'b'",
                                          "[serve]\n[serve]", "data = [1\nport = 2"};
  const auto expect = [this](const std::string& text, size_t line) {
    inputs_.Add(text);
    const absl::Status status = Apply(text);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_TRUE(absl::StartsWith(status.message(), absl::StrCat(path_, ":", line, ": ")))
        << text << ": " << status;
  };
  // The same on another line is another message.
  for (size_t line = 1; line <= 4; ++line) {
    const std::string before(line - 1, '\n');
    for (const std::string& text : broken) expect(absl::StrCat(before, text, "\n"), line);
    for (const std::string& text : later) expect(absl::StrCat(before, text, "\n"), line + 1);
  }
}

// Some fifty rules: what an option takes by its kind, names that are none, and what TOML has to
// say. Most inputs break one for another option, in another form or on another line.
TEST_F(BadConfigFileTest, EachIsRefusedForItsRule) {
  AValueOfAnotherKindNamesTheOption();
  ANameThatIsNoneIsShown();
  TextThatIsNoTomlNamesItsLine();
  inputs_.ExpectEnough();
}

}  // namespace
}  // namespace baraza::bad_input
