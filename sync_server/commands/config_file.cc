#include "sync_server/commands/config_file.h"

#include <toml++/toml.h>

#include <CLI/CLI.hpp>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"

namespace baraza::server {
namespace {

absl::StatusOr<std::string> Scalar(const std::string& key, const toml::node& node) {
  if (const auto* text = node.as_string(); text != nullptr) return text->get();
  if (const auto* number = node.as_integer(); number != nullptr) {
    return absl::StrCat(number->get());
  }
  if (const auto* flag = node.as_boolean(); flag != nullptr) {
    return std::string(flag->get() ? "true" : "false");
  }
  return InvalidField("configuration", key, "a string, a number, true or false", "another kind");
}

absl::Status SetOption(const std::string& key, const toml::node& node, CLI::App& command) {
  CLI::Option* option = command.get_option_no_throw("--" + key);
  if (option == nullptr || option->count() > 0) return absl::OkStatus();
  std::vector<std::string> values;
  if (const auto* list = node.as_array(); list != nullptr) {
    for (const toml::node& item : *list) {
      BARAZA_ASSIGN_OR_RETURN(values.emplace_back(), Scalar(key, item));
    }
  } else {
    BARAZA_ASSIGN_OR_RETURN(values.emplace_back(), Scalar(key, node));
  }
  try {
    // A flag set to false is a flag not given.
    if (option->get_expected_max() == 0) {
      if (values.size() == 1 && values[0] == "false") return absl::OkStatus();
      if (values.size() != 1 || values[0] != "true") {
        return InvalidField("configuration", key, "true or false", "another value");
      }
    }
    option->add_result(values);
    option->run_callback();
  } catch (const CLI::Error&) {
    return InvalidField("configuration", key, "a value as the flag takes it", "another");
  }
  return absl::OkStatus();
}

bool KnownAnywhere(const std::string& key, CLI::App& program) {
  const std::vector<CLI::App*> commands = program.get_subcommands([](CLI::App*) { return true; });
  for (CLI::App* command : commands) {
    if (command->get_option_no_throw("--" + key) != nullptr) return true;
  }
  return false;
}

}  // namespace

absl::Status ApplyConfigFile(const std::string& path, CLI::App& program, CLI::App& command) {
  toml::table root;
  try {
    root = toml::parse_file(path);
  } catch (const toml::parse_error& error) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ":", error.source().begin.line, ": ", Sv(error.description())));
  }
  for (const auto& [key_view, node] : root) {
    const std::string key(key_view.str());
    if (const auto* table = node.as_table(); table != nullptr) {
      // Debian's CLI11 2.1 has no search that does not throw.
      const std::vector<CLI::App*> found = program.get_subcommands(
          [&key](CLI::App* candidate) { return candidate->check_name(key); });
      CLI::App* named = found.empty() ? nullptr : found.front();
      if (named == nullptr) return InvalidField("configuration", key, "the name of a command", "");
      for (const auto& [inner_view, inner] : *table) {
        const std::string inner_key(inner_view.str());
        if (named->get_option_no_throw("--" + inner_key) == nullptr) {
          return InvalidField("configuration", absl::StrCat(key, ".", inner_key),
                              "an option of the command", "");
        }
        if (named == &command) BARAZA_RETURN_IF_ERROR(SetOption(inner_key, inner, command));
      }
      continue;
    }
    if (!KnownAnywhere(key, program)) {
      return InvalidField("configuration", key, "an option of a command", "");
    }
    // What a command's own table says comes before what the file says for all.
    const toml::table* own = root[command.get_name()].as_table();
    if (own == nullptr || !own->contains(key)) {
      BARAZA_RETURN_IF_ERROR(SetOption(key, node, command));
    }
  }
  return absl::OkStatus();
}

}  // namespace baraza::server
