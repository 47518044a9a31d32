#include "tests/e2e/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/testing/temp_dir.h"

extern char** environ;

namespace baraza::e2e {
namespace {

[[noreturn]] void Fail(const char* what) {
  std::perror(what);
  std::abort();
}

void MakePipe(int ends[2]) {
  if (pipe2(ends, O_CLOEXEC) != 0) Fail("pipe2");
}

std::vector<std::string> MergedEnvironment(const std::map<std::string, std::string>& added) {
  std::vector<std::string> merged;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    if (added.count(text.substr(0, text.find('='))) == 0) merged.push_back(text);
  }
  for (const auto& [name, value] : added) merged.push_back(absl::StrCat(name, "=", value));
  return merged;
}

std::vector<char*> Pointers(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (std::string& text : strings) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

std::unique_ptr<Process> Process::Start(const Options& options) {
  // A write to a process that died is an answer, not the end of the test.
  signal(SIGPIPE, SIG_IGN);
  int in[2];
  int out[2];
  MakePipe(in);
  MakePipe(out);
  int err = STDERR_FILENO;
  if (!options.error_file.empty()) {
    err = open(options.error_file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (err < 0) Fail(options.error_file.c_str());
  }
  std::vector<std::string> arguments = options.arguments;
  std::vector<std::string> environment = MergedEnvironment(options.environment);
  const std::vector<char*> argv = Pointers(arguments);
  const std::vector<char*> envp = Pointers(environment);
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid < 0) Fail("fork");
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(127);
    signal(SIGPIPE, SIG_DFL);
    dup2(in[0], STDIN_FILENO);
    dup2(out[1], STDOUT_FILENO);
    dup2(err, STDERR_FILENO);
    if (!options.directory.empty() && chdir(options.directory.c_str()) != 0) _exit(127);
    execve(argv[0], argv.data(), envp.data());
    _exit(127);
  }
  close(in[0]);
  close(out[1]);
  if (err != STDERR_FILENO) close(err);
  return std::unique_ptr<Process>(new Process(pid, in[1], out[0]));
}

Process::~Process() {
  if (!ending_.has_value()) Kill();
  CloseInput();
  close(out_);
}

bool Process::WriteLine(const std::string& line) {
  const std::string text = line + "\n";
  size_t written = 0;
  while (written < text.size()) {
    const ssize_t n = write(in_, text.data() + written, text.size() - written);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    written += static_cast<size_t>(n);
  }
  return true;
}

void Process::CloseInput() {
  if (in_ >= 0) close(in_);
  in_ = -1;
}

bool Process::FillBuffer(absl::Time deadline) {
  if (end_of_output_) return false;
  while (true) {
    const int64_t left = absl::ToInt64Milliseconds(deadline - absl::Now());
    if (left <= 0) return false;
    pollfd waiting{out_, POLLIN, 0};
    const int ready = poll(&waiting, 1, static_cast<int>(left));
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return false;
    char bytes[1 << 16];
    const ssize_t n = read(out_, bytes, sizeof(bytes));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) {
      end_of_output_ = true;
      return false;
    }
    buffer_.append(bytes, static_cast<size_t>(n));
    return true;
  }
}

std::optional<std::string> Process::ReadLine(absl::Duration timeout) {
  const absl::Time deadline = absl::Now() + timeout;
  while (true) {
    const size_t end = buffer_.find('\n');
    if (end != std::string::npos) {
      std::string line = buffer_.substr(0, end);
      buffer_.erase(0, end + 1);
      return line;
    }
    // What a killed process had written of a line is no line.
    if (!FillBuffer(deadline)) return std::nullopt;
  }
}

std::string Process::ReadAll(absl::Duration timeout) {
  const absl::Time deadline = absl::Now() + timeout;
  while (FillBuffer(deadline)) {
  }
  return std::exchange(buffer_, "");
}

void Process::Signal(int signal) {
  if (!ending_.has_value()) kill(pid_, signal);
}

bool Process::Ended() {
  if (ending_.has_value()) return true;
  int status = 0;
  const pid_t waited = waitpid(pid_, &status, WNOHANG);
  if (waited == 0 || (waited < 0 && errno == EINTR)) return false;
  Ending ending;
  if (waited == pid_ && WIFEXITED(status)) ending.code = WEXITSTATUS(status);
  if (waited == pid_ && WIFSIGNALED(status)) ending.signal = WTERMSIG(status);
  ending_ = ending;
  return true;
}

Ending Process::Wait(absl::Duration timeout) {
  const absl::Time deadline = absl::Now() + timeout;
  while (!Ended()) {
    if (absl::Now() > deadline) {
      Kill();
      return Ending{-2, SIGKILL};
    }
    absl::SleepFor(absl::Milliseconds(2));
  }
  return *ending_;
}

void Process::Kill() {
  Signal(SIGKILL);
  while (!Ended()) absl::SleepFor(absl::Milliseconds(1));
}

RunResult Run(const std::vector<std::string>& arguments, const std::string& scratch,
              const std::string& input, const std::map<std::string, std::string>& environment) {
  static int runs = 0;
  Process::Options options;
  options.arguments = arguments;
  options.environment = environment;
  options.error_file = absl::StrCat(scratch, "/run-", getpid(), "-", ++runs, ".err");
  auto process = Process::Start(options);
  // Inputs of tests are smaller than a pipe holds, so that writing first cannot block for ever.
  if (!input.empty()) process->WriteLine(input);
  process->CloseInput();
  RunResult result;
  result.out = process->ReadAll();
  result.ending = process->Wait();
  result.err = test::ReadFile(options.error_file);
  return result;
}

KillSwitch::KillSwitch(std::string path) : path_(std::move(path)) {
  const int fd = open(path_.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0 || ftruncate(fd, sizeof(BarazaKillControl)) != 0) Fail(path_.c_str());
  void* mapped =
      mmap(nullptr, sizeof(BarazaKillControl), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  close(fd);
  if (mapped == MAP_FAILED) Fail("mmap");
  control_ = static_cast<BarazaKillControl*>(mapped);
}

KillSwitch::~KillSwitch() { munmap(control_, sizeof(BarazaKillControl)); }

std::map<std::string, std::string> KillSwitch::Environment() const {
  const char* given = std::getenv("ASAN_OPTIONS");
  return {{"LD_PRELOAD", BARAZA_E2E_KILL_AT},
          {"BARAZA_KILL_CONTROL", path_},
          // With g++ AddressSanitizer is a library of its own and wants to be the first; ours comes
          // before it and calls nothing that it stands in for.
          {"ASAN_OPTIONS", absl::StrCat(given == nullptr ? "" : absl::StrCat(given, ":"),
                                        "verify_asan_link_order=0")}};
}

void KillSwitch::Arm(const std::string& path_end, const std::vector<BarazaKillStep>& steps) {
  ArmAt(control_->path_end, path_end, steps);
}

void KillSwitch::ArmFolder(const std::string& folder, const std::vector<BarazaKillStep>& steps) {
  ArmAt(control_->folder, folder, steps);
}

void KillSwitch::ArmAt(char* where, const std::string& path,
                       const std::vector<BarazaKillStep>& steps) {
  Disarm();
  std::memset(control_, 0, sizeof(*control_));
  std::strncpy(where, path.c_str(), BARAZA_KILL_PATH_BYTES - 1);
  for (size_t i = 0; i < steps.size() && i < BARAZA_KILL_MAX_STEPS; ++i) {
    control_->step[i] = steps[i];
    control_->step[i].seen = 0;
    control_->steps = static_cast<uint32_t>(i + 1);
  }
  __atomic_store_n(&control_->armed, 1, __ATOMIC_RELEASE);
}

void KillSwitch::Disarm() { __atomic_store_n(&control_->armed, 0, __ATOMIC_RELEASE); }

BarazaKillControl KillSwitch::Read() const {
  BarazaKillControl copy;
  std::memcpy(&copy, control_, sizeof(copy));
  return copy;
}

}  // namespace baraza::e2e
