#ifndef BARAZA_TESTS_E2E_SNAPSHOT_H_
#define BARAZA_TESTS_E2E_SNAPSHOT_H_

#include <cstdint>
#include <set>
#include <string>

struct sqlite3;

namespace baraza::e2e {

// A look into a database file without the product's code: the file and its write-ahead log are
// copied first, so that the look changes nothing and sees what a restart will find. The process
// that writes the file must be dead or at rest.
class Snapshot {
 public:
  // Copies into the folder `scratch`.
  Snapshot(const std::string& database, const std::string& scratch);
  ~Snapshot();
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;

  // Fail the test and give 0 or "" when the statement does not run or has no row.
  int64_t Int(const std::string& sql);
  std::string Text(const std::string& sql);
  // The first column of every row.
  std::set<std::string> Strings(const std::string& sql);

  // "ok", or what PRAGMA integrity_check found.
  std::string Integrity();

 private:
  std::string path_;
  sqlite3* handle_ = nullptr;
};

// The first value of a running program's file, read beside it as any reader would. Fails the test
// on an error.
int64_t LiveInt(const std::string& database, const std::string& sql);

}  // namespace baraza::e2e

#endif  // BARAZA_TESTS_E2E_SNAPSHOT_H_
