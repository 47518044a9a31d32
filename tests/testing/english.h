#ifndef BARAZA_TESTS_TESTING_ENGLISH_H_
#define BARAZA_TESTS_TESTING_ENGLISH_H_

#include <string>

#include "baraza/v1/types.pb.h"

namespace baraza::test {

// A text of which there is one version, in English.
inline v1::MultilingualText InEnglish(const std::string& text) {
  v1::MultilingualText multilingual;
  v1::LocalText& value = *multilingual.add_values();
  value.set_text(text);
  value.set_language("en");
  return multilingual;
}

}  // namespace baraza::test

#endif  // BARAZA_TESTS_TESTING_ENGLISH_H_
