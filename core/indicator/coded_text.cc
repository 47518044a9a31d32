#include "core/indicator/coded_text.h"

#include <map>

namespace baraza {

v1::CodedText Coded(absl::string_view code,
                    std::initializer_list<std::pair<absl::string_view, std::string>> arguments) {
  v1::CodedText text;
  text.set_code(std::string(code));
  std::map<absl::string_view, absl::string_view> sorted;
  for (const auto& [key, value] : arguments) sorted.emplace(key, value);
  for (const auto& [key, value] : sorted) {
    v1::CodedText::Argument* argument = text.add_arguments();
    argument->set_key(std::string(key));
    argument->set_value(std::string(value));
  }
  return text;
}

}  // namespace baraza
