#include "tests/e2e/snapshot.h"

#include <sqlite3.h>
#include <unistd.h>

#include <filesystem>
#include <functional>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace baraza::e2e {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSuffixes[] = {"", "-wal"};

void ForEachRow(sqlite3* handle, const std::string& sql,
                const std::function<void(const std::string&)>& visit) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(handle, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK) {
    ADD_FAILURE() << sql << ": " << sqlite3_errmsg(handle);
    return;
  }
  int code = SQLITE_ROW;
  while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
    const void* bytes = sqlite3_column_blob(statement, 0);
    const auto size = static_cast<size_t>(sqlite3_column_bytes(statement, 0));
    visit(bytes == nullptr ? std::string() : std::string(static_cast<const char*>(bytes), size));
  }
  EXPECT_EQ(code, SQLITE_DONE) << sql << ": " << sqlite3_errmsg(handle);
  sqlite3_finalize(statement);
}

}  // namespace

Snapshot::Snapshot(const std::string& database, const std::string& scratch) {
  static int copies = 0;
  path_ = absl::StrCat(scratch, "/snapshot-", getpid(), "-", ++copies, ".db");
  for (const char* suffix : kSuffixes) {
    std::error_code missing;
    fs::copy_file(absl::StrCat(database, suffix), absl::StrCat(path_, suffix), missing);
  }
  EXPECT_EQ(sqlite3_open_v2(path_.c_str(), &handle_, SQLITE_OPEN_READWRITE, nullptr), SQLITE_OK)
      << database;
}

Snapshot::~Snapshot() {
  sqlite3_close(handle_);
  std::error_code ignored;
  for (const char* suffix : {"", "-wal", "-shm"}) {
    fs::remove(absl::StrCat(path_, suffix), ignored);
  }
}

int64_t Snapshot::Int(const std::string& sql) {
  const std::string text = Text(sql);
  return text.empty() ? 0 : std::stoll(text);
}

std::string Snapshot::Text(const std::string& sql) {
  std::string first;
  int rows = 0;
  ForEachRow(handle_, sql, [&](const std::string& value) {
    if (rows++ == 0) first = value;
  });
  EXPECT_GT(rows, 0) << sql;
  return first;
}

std::set<std::string> Snapshot::Strings(const std::string& sql) {
  std::set<std::string> all;
  ForEachRow(handle_, sql, [&](const std::string& value) { all.insert(value); });
  return all;
}

std::string Snapshot::Integrity() {
  std::string found;
  ForEachRow(handle_, "PRAGMA integrity_check",
             [&](const std::string& line) { found += found.empty() ? line : "; " + line; });
  return found;
}

int64_t LiveInt(const std::string& database, const std::string& sql) {
  sqlite3* handle = nullptr;
  int64_t value = 0;
  EXPECT_EQ(sqlite3_open_v2(database.c_str(), &handle, SQLITE_OPEN_READONLY, nullptr), SQLITE_OK)
      << database;
  sqlite3_busy_timeout(handle, 5000);
  ForEachRow(handle, sql, [&](const std::string& text) {
    if (!text.empty()) value = std::stoll(text);
  });
  sqlite3_close(handle);
  return value;
}

}  // namespace baraza::e2e
