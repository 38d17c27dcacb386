// Runs a program and stays with it: shows and keeps what it prints, passes a stop on, tells how it ended.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"

namespace stoker::launch {

struct ProcessSpec {
  std::vector<std::string> command;  // program (looked for in PATH unless it has a '/') and arguments
  std::vector<std::pair<std::string, std::string>> environment;  // on top of ours
  // What the child prints goes to these descriptors as it comes...
  int terminal_out = 1;
  int terminal_err = 2;
  // ...and into these files (replaced; none if empty) without live progress: see cluster/launch/log_filter.h.
  std::filesystem::path stdout_log;
  std::filesystem::path stderr_log;
  // Between SIGTERM and SIGKILL. Longer than a program of ours takes to give up by itself (base/interrupt.h), shorter
  // than the 5 s within which everything is down.
  std::chrono::milliseconds grace{3500};
  std::chrono::milliseconds timeout{0};  // after which the program is stopped as by `stop`; 0: never
};

// Seam between a command and the machine. Not for use by two threads at a time.
class Launcher {
 public:
  virtual ~Launcher() = default;
  // Runs the program to its end and returns its exit code, 128 + signal number if a signal ended it. When `stop` is
  // requested the child gets SIGTERM, and its whole process group SIGKILL after the grace; the exit code is returned
  // all the same. An error when it could not be started (kNotFound, kPermission), and kTimeout when its time was over.
  virtual Result<int> run(const ProcessSpec& spec, const std::stop_token& stop) = 0;
};

// The child has a process group of its own (so that Ctrl-C reaches it through `stop` only) and no standard input. It
// does not outlive this process, however that ends, and is stopped and continued with it (base/interrupt.h).
class ProcessLauncher final : public Launcher {
 public:
  Result<int> run(const ProcessSpec& spec, const std::stop_token& stop) override;
};

// What a short program answered.
struct Answer {
  int exit_code = 0;
  std::string out, err;
};
// Runs it with its output kept instead of shown. Errors as of Launcher::run; those of a program that ran out of time
// hold the last line that it wrote to stderr.
[[nodiscard]] Result<Answer> ask(Launcher& launcher, ProcessSpec spec, const std::stop_token& stop);

// What an exit code of a launched program usually means and what to do, "" where nothing is known.
[[nodiscard]] std::string exit_code_hint(int exit_code);

// The file of the running program; empty if the system does not tell.
[[nodiscard]] std::filesystem::path current_executable();

}  // namespace stoker::launch
