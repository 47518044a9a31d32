#ifndef BARAZA_CORE_SQLITE_STATEMENT_H_
#define BARAZA_CORE_SQLITE_STATEMENT_H_

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

struct sqlite3_stmt;

namespace baraza {

class Database;

// Marks a parameter as bytes rather than text.
struct Blob {
  absl::string_view bytes;
};

// A prepared statement on loan from its database's cache: the destructor resets it and gives it
// back. It must not outlive the database, and lives in the database's thread. Parameters count from
// 1, columns from 0.
//
//   BARAZA_ASSIGN_OR_RETURN(Statement find, db.Prepare("SELECT id, body FROM op WHERE seq > ?1"));
//   find.Bind(1, seq);
//   while (true) {
//     BARAZA_ASSIGN_OR_RETURN(const bool row, find.Step());
//     if (!row) break;
//     Use(find.Text(0), find.BlobView(1));
//   }
class Statement {
 public:
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&& other) noexcept;
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  ~Statement();

  // Binds a parameter; the value is copied. A failure (no such parameter, value too big, an
  // unsigned number past 2^63) is kept and returned by the next Step or Run.
  void Bind(int index, int64_t value);
  void Bind(int index, absl::string_view text);
  void Bind(int index, Blob blob);
  void Bind(int index, std::nullptr_t);
  void Bind(int index, const char* text) { Bind(index, absl::string_view(text)); }
  void Bind(int index, const std::string& text) { Bind(index, absl::string_view(text)); }
  template <std::integral T>
  requires(!std::is_same_v<T, int64_t>) void Bind(int index, T value) {
    if constexpr (sizeof(T) == sizeof(int64_t) && std::is_unsigned_v<T>) {
      if (value > static_cast<T>(std::numeric_limits<int64_t>::max())) return BindOutOfRange(index);
    }
    Bind(index, static_cast<int64_t>(value));
  }
  template <typename T>
  void Bind(int index, const std::optional<T>& value) {
    if (value.has_value()) {
      Bind(index, *value);
    } else {
      Bind(index, nullptr);
    }
  }

  // Binds the parameters 1, 2, ... and returns *this.
  template <typename... Values>
  Statement& BindAll(const Values&... values) {
    int index = 0;
    (Bind(++index, values), ...);
    return *this;
  }

  // Runs to the next row: true with a row, false at the end. After an error or the end, Reset
  // before using it again.
  absl::StatusOr<bool> Step();

  // Runs to the end, discarding rows, and resets. For statements that return nothing.
  absl::Status Run();

  // Runs to the first row: NOT_FOUND if there is none.
  absl::Status StepToOnlyRow();

  // Makes the statement ready to run again, with no parameters bound.
  void Reset();

  // The current row's columns. Views live until the next Step, Reset or destruction. NULL reads as
  // 0 or "".
  int ColumnCount() const;
  bool IsNull(int column) const;
  int64_t Int64(int column) const;
  absl::string_view TextView(int column) const;
  absl::string_view BlobView(int column) const;
  std::string Text(int column) const { return std::string(TextView(column)); }
  std::string BlobString(int column) const { return std::string(BlobView(column)); }

 private:
  friend class Database;
  Statement(Database* database, sqlite3_stmt* statement)
      : database_(database), statement_(statement) {}
  void Release();
  void Note(int code);
  void BindOutOfRange(int index);
  absl::Status Error(int code) const;

  Database* database_;
  sqlite3_stmt* statement_;
  absl::Status bind_status_;
};

}  // namespace baraza

#endif  // BARAZA_CORE_SQLITE_STATEMENT_H_
