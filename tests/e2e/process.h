#ifndef BARAZA_TESTS_E2E_PROCESS_H_
#define BARAZA_TESTS_E2E_PROCESS_H_

#include <sys/types.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "tests/e2e/kill_control.h"

namespace baraza::e2e {

// Bounds of waiting. Generous, since the machine may be busy: they end a test that hangs, nothing
// is judged by them.
inline constexpr absl::Duration kStartTime = absl::Seconds(60);
inline constexpr absl::Duration kRunTime = absl::Seconds(120);

// How a process ended.
struct Ending {
  // Exit code, or -1 when a signal ended it.
  int code = -1;
  // The signal, or 0.
  int signal = 0;
};

// One child process with pipes to its input and output and its errors in a file. Ended by its pid,
// at the latest by the destructor; the kernel ends it too when the test program dies. One thread.
class Process {
 public:
  struct Options {
    std::vector<std::string> arguments;              // The first is the program's path.
    std::map<std::string, std::string> environment;  // Beside the test's own.
    std::string error_file;  // Appended to. Empty: the test's own standard error.
    std::string directory;   // Where it runs. Empty: where the test does.
  };

  static std::unique_ptr<Process> Start(const Options& options);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return pid_; }

  // Writes a line to its input. False when it is gone.
  bool WriteLine(const std::string& line);
  void CloseInput();

  // The next line of its output, without the end of line. nullopt: it ended, or the time is up.
  std::optional<std::string> ReadLine(absl::Duration timeout = kRunTime);
  // All that is left of its output.
  std::string ReadAll(absl::Duration timeout = kRunTime);

  void Signal(int signal);
  // Waits for its end; kills it when the time is up and then says signal 9 and code -2.
  Ending Wait(absl::Duration timeout = kRunTime);
  // kill -9, and waits.
  void Kill();
  // True once it has ended; does not wait.
  bool Ended();

 private:
  Process(pid_t pid, int in, int out) : pid_(pid), in_(in), out_(out) {}
  bool FillBuffer(absl::Time deadline);

  pid_t pid_;
  int in_;
  int out_;
  std::string buffer_;
  bool end_of_output_ = false;
  std::optional<Ending> ending_;
};

// What one run of a program gave.
struct RunResult {
  Ending ending;
  std::string out;
  std::string err;
};
// Runs to the end with `input`. `scratch` is a folder for its errors' file.
RunResult Run(const std::vector<std::string>& arguments, const std::string& scratch,
              const std::string& input = "",
              const std::map<std::string, std::string>& environment = {});

// The test's end of a control file of kill_at.c.
class KillSwitch {
 public:
  // Makes the file.
  explicit KillSwitch(std::string path);
  ~KillSwitch();
  KillSwitch(const KillSwitch&) = delete;
  KillSwitch& operator=(const KillSwitch&) = delete;

  // For Process::Options.
  std::map<std::string, std::string> Environment() const;

  // From now on the process dies as the steps say; paths are matched by their end.
  void Arm(const std::string& path_end, const std::vector<BarazaKillStep>& steps);
  // The same for all that is in a folder, which is given with its whole path.
  void ArmFolder(const std::string& folder, const std::vector<BarazaKillStep>& steps);
  void Disarm();
  // What the process had done since Arm.
  BarazaKillControl Read() const;

 private:
  void ArmAt(char* where, const std::string& path, const std::vector<BarazaKillStep>& steps);

  const std::string path_;
  BarazaKillControl* control_;
};

}  // namespace baraza::e2e

#endif  // BARAZA_TESTS_E2E_PROCESS_H_
