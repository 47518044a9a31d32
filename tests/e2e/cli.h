#ifndef BARAZA_TESTS_E2E_CLI_H_
#define BARAZA_TESTS_E2E_CLI_H_

#include <string>
#include <vector>

#include "google/protobuf/message.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"
#include "tests/e2e/process.h"

namespace baraza::e2e {

// A person at the command line: the real `baraza` on one database file.
class CommandLine {
 public:
  // Files are made in `directory`.
  CommandLine(const std::string& name, std::string directory)
      : directory_(std::move(directory)), database_(directory_ + "/" + name + ".db") {}

  const std::string& database() const { return database_; }

  RunResult Run(std::vector<std::string> arguments, const std::string& input = "") const {
    arguments.insert(arguments.begin(), {BARAZA_E2E_CLI, "--db", database_});
    return e2e::Run(arguments, directory_, input, {{"LC_ALL", "C.UTF-8"}});
  }

  // Runs and fails the test unless the exit code is 0; the output.
  std::string Ok(const std::vector<std::string>& arguments, const std::string& input = "") const {
    const RunResult result = Run(arguments, input);
    std::string line;
    for (const std::string& argument : arguments) line += " " + argument;
    EXPECT_EQ(result.ending.code, 0) << "baraza" << line << "\n" << result.err;
    return result.out;
  }

  // With a one-time code, at the address where the server listens now.
  void Enrol(const std::string& code, const std::string& address) const {
    Ok({"enrol", "--code-file", "-", "--address", address}, code);
  }

  // The same with --json, as messages, one a line.
  template <typename Message>
  std::vector<Message> Json(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "--json");
    std::vector<Message> messages;
    const std::string out = Ok(arguments);
    size_t begin = 0;
    for (size_t end = out.find('\n'); end != std::string::npos; end = out.find('\n', begin)) {
      messages.emplace_back();
      const auto status = google::protobuf::util::JsonStringToMessage(
          out.substr(begin, end - begin), &messages.back());
      EXPECT_TRUE(status.ok()) << status.ToString() << "\n" << out.substr(begin, end - begin);
      begin = end + 1;
    }
    return messages;
  }

 private:
  const std::string directory_;
  const std::string database_;
};

}  // namespace baraza::e2e

#endif  // BARAZA_TESTS_E2E_CLI_H_
