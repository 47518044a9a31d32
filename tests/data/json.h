#ifndef BARAZA_TESTS_DATA_JSON_H_
#define BARAZA_TESTS_DATA_JSON_H_

#include <cstdio>
#include <string>
#include <string_view>

namespace baraza::testdata {

// The text as a JSON string, quotes and all.
inline std::string JsonString(std::string_view value) {
  std::string json = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\') {
      json += '\\';
      json += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      char escaped[8];
      std::snprintf(escaped, sizeof escaped, "\\u%04x", c);
      json += escaped;
    } else {
      json += c;
    }
  }
  return json += '"';
}

// Writes one JSON object on one line, member by member. By hand, so that data and oracle share no
// code with what they judge.
class JsonObject {
 public:
  JsonObject() : text_("{") {}

  JsonObject& String(std::string_view name, std::string_view value) {
    return Raw(name, JsonString(value));
  }
  JsonObject& Int(std::string_view name, long long value) {
    return Raw(name, std::to_string(value));
  }
  JsonObject& Bool(std::string_view name, bool value) {
    return Raw(name, value ? "true" : "false");
  }
  JsonObject& Raw(std::string_view name, std::string_view json) {
    Name(name);
    text_ += json;
    return *this;
  }
  std::string Done() const { return text_ + "}"; }
  bool empty() const { return text_.size() == 1; }

 private:
  void Name(std::string_view name) {
    if (text_.size() > 1) text_ += ',';
    text_ += JsonString(name);
    text_ += ':';
  }

  std::string text_;
};

// A list out of ready JSON values.
class JsonList {
 public:
  void Add(std::string_view json) {
    if (!text_.empty()) text_ += ',';
    text_ += json;
  }
  bool empty() const { return text_.empty(); }
  std::string Done() const { return "[" + text_ + "]"; }

 private:
  std::string text_;
};

}  // namespace baraza::testdata

#endif  // BARAZA_TESTS_DATA_JSON_H_
