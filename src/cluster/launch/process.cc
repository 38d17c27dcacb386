// The caller's thread polls the two output pipes, the child's end, and the stop request. The child is reaped last, so
// that its number, which is also its group's, cannot come to mean another process while signals are sent to it.
#include "cluster/launch/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/auxv.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <iterator>
#include <optional>
#include <system_error>

#include "base/check.h"
#include "base/errno_error.h"
#include "base/error_number.h"
#include "base/fd.h"
#include "base/interrupt.h"
#include "cluster/launch/guardian_internal.h"
#include "cluster/launch/output_relay_internal.h"

extern char** environ;

namespace stoker::launch {
namespace {

using Time = std::chrono::steady_clock;

// After the child's end its output is read to the end of the stream, but a descendant that lives on may hold that open.
constexpr auto kDrain = std::chrono::seconds(1);

// Something that poll() can wait for and another thread can set off.
class Event {
 public:
  static Result<Event> make() {
    Fd fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!fd.valid()) return errno_error("eventfd", "create", errno);
    return Event(std::move(fd));
  }
  void set() const {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(fd_.get(), &one, sizeof one);
  }
  [[nodiscard]] int fd() const { return fd_.get(); }

 private:
  explicit Event(Fd fd) : fd_(std::move(fd)) {}
  Fd fd_;
};

// Writing to a terminal that has gone (`stoker ... | head`) shall be an error here, not the end of the process and of
// the run with it.
class SigpipeBlock {
 public:
  SigpipeBlock() {
    ::sigemptyset(&pipe_);
    ::sigaddset(&pipe_, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~SigpipeBlock() {
    if (::sigismember(&before_, SIGPIPE) == 0) {
      // One that came meanwhile is taken away, or it would strike now.
      const timespec at_once{};
      while (::sigtimedwait(&pipe_, nullptr, &at_once) < 0 && errno == EINTR) {
      }
      ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    }
  }
  SigpipeBlock(const SigpipeBlock&) = delete;
  SigpipeBlock& operator=(const SigpipeBlock&) = delete;

 private:
  sigset_t pipe_{};
  sigset_t before_{};
};

std::vector<std::string> child_environment(const ProcessSpec& spec) {
  std::vector<std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const std::string_view name = text.substr(0, text.find('='));
    const bool replaced = std::any_of(spec.environment.begin(), spec.environment.end(),
                                      [name](const auto& own) { return own.first == name; });
    if (!replaced) all.emplace_back(text);
  }
  for (const auto& [name, value] : spec.environment) all.push_back(fmt::format("{}={}", name, value));
  return all;
}

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> out;
  out.reserve(words.size() + 1);
  for (std::string& word : words) out.push_back(word.data());
  out.push_back(nullptr);
  return out;
}

Error not_started(const std::string& program, int reason) {
  const Code code = reason == ENOENT                      ? Code::kNotFound
                    : reason == EACCES || reason == EPERM ? Code::kPermission
                                                          : Code::kFailed;
  Error error = make_error(code, "cannot start '{}': {}", program, std::strerror(reason));
  if (reason == ENOENT) {
    error.number = ErrorNumber::kDependency;
    error.hint =
        program.find('/') == std::string::npos ? "is it installed, and its folder in PATH?" : "is the path right?";
  }
  return error;
}

Result<pid_t> spawn(const ProcessSpec& spec, int out, int err) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawnattr_init(&attributes);
  ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&actions, out, 1);
  ::posix_spawn_file_actions_adddup2(&actions, err, 2);
  // A fresh start whatever this process has blocked, ignored or handles.
  sigset_t none;
  sigset_t usual;
  ::sigemptyset(&none);
  ::sigemptyset(&usual);
  for (int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGCHLD}) ::sigaddset(&usual, number);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setsigdefault(&attributes, &usual);
  ::posix_spawnattr_setpgroup(&attributes, 0);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);

  std::vector<std::string> words = spec.command;
  std::vector<std::string> variables = child_environment(spec);
  pid_t pid = -1;
  const int failure = ::posix_spawnp(&pid, words.front().c_str(), &actions, &attributes, pointers(words).data(),
                                     pointers(variables).data());
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&actions);
  if (failure != 0) return not_started(spec.command.front(), failure);
  return pid;
}

enum class End { kNotYet, kExit, kSignal };

// Without reaping it.
End end_of(pid_t pid) {
  siginfo_t info{};
  if (::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOWAIT | WNOHANG) != 0 || info.si_pid != pid)
    return End::kNotYet;
  return info.si_code == CLD_EXITED ? End::kExit : End::kSignal;
}

Result<int> reap(pid_t pid) {
  int state = 0;
  while (::waitpid(pid, &state, 0) < 0) {
    if (errno != EINTR)
      return make_error(Code::kInternal, "cannot learn how the program ended: {}", std::strerror(errno));
  }
  return WIFSIGNALED(state) ? 128 + WTERMSIG(state) : WEXITSTATUS(state);
}

constexpr auto kNever = Time::time_point::max();

// Where the kernel does not tell of a child's end it is asked for so often.
constexpr std::int64_t kAskMs = 20;

int poll_timeout_ms(Time::time_point deadline, bool asks) {
  if (deadline == kNever) return asks ? static_cast<int>(kAskMs) : -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Time::now());
  return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, asks ? kAskMs : 60'000));
}

// Stays with the running child until it has ended and its output is passed on. Returns whether it ran out of time.
bool attend(pid_t pid, const ProcessSpec& spec, OutputRelay& out, OutputRelay& err, const Event& stopped) {
  const Fd process = open_process(pid);
  bool ended = false;
  bool stopping = false;
  bool late = false;
  // Of the drain once it has ended, of the grace once it is to stop, else of its time.
  Time::time_point deadline = spec.timeout.count() > 0 ? Time::now() + spec.timeout : kNever;
  while (!ended || out.fd() >= 0 || err.fd() >= 0) {
    std::array<pollfd, 4> ready{pollfd{.fd = out.fd(), .events = POLLIN, .revents = 0},
                                pollfd{.fd = err.fd(), .events = POLLIN, .revents = 0},
                                pollfd{.fd = ended ? -1 : process.get(), .events = POLLIN, .revents = 0},
                                pollfd{.fd = ended || stopping ? -1 : stopped.fd(), .events = POLLIN, .revents = 0}};
    const int polled = ::poll(ready.data(), ready.size(), poll_timeout_ms(deadline, !process.valid() && !ended));
    if (polled < 0 && errno == EINTR) continue;
    if (polled < 0) {
      // Out of kernel memory: the child cannot be looked after, and would wait for its output to be read.
      ::kill(-pid, SIGKILL);
      return late;
    }
    // The child erases its progress on stderr before it prints a line on stdout.
    if (ready[1].revents != 0) err.forward();
    if (ready[0].revents != 0) out.forward();
    const End end = ended || (process.valid() && ready[2].revents == 0) ? End::kNotYet : end_of(pid);
    if (end != End::kNotYet) {
      ended = true;
      deadline = Time::now() + kDrain;
      // Whoever the child left behind had not been told.
      if (stopping || end == End::kSignal) ::kill(-pid, SIGKILL);
    }
    const bool over = !ended && !stopping && Time::now() >= deadline;
    if ((ready[3].revents != 0 && !ended) || over) {
      late = over;
      stopping = true;
      deadline = Time::now() + spec.grace;
      // To the child alone: a launcher tells its own children, and hearing it twice they would end at once.
      ::kill(pid, SIGTERM);
      ::kill(pid, SIGCONT);  // one that is stopped would not hear it
    }
    if (Time::now() >= deadline) {
      if (ended) return late;
      ::kill(-pid, SIGKILL);
      deadline = kNever;
    }
  }
  return late;
}

}  // namespace

Result<int> ProcessLauncher::run(const ProcessSpec& spec, const std::stop_token& stop) {
  STOKER_CHECK(!spec.command.empty());
  if (stop.stop_requested())
    return make_error(Code::kInterrupted, "stopped before '{}' was started", spec.command.front());
  STOKER_ASSIGN(OutputRelay out, OutputRelay::make(spec.terminal_out, spec.stdout_log));
  STOKER_ASSIGN(OutputRelay err, OutputRelay::make(spec.terminal_err, spec.stderr_log));
  const SigpipeBlock no_sigpipe;
  STOKER_ASSIGN(const Event stopped, Event::make());

  STOKER_ASSIGN(std::optional<Guardian> guardian, Guardian::make(spec.grace));
  STOKER_ASSIGN(const pid_t pid, spawn(spec, out.child_end(), err.child_end()));
  guardian->watch(pid);
  out.close_child_end();
  err.close_child_end();
  bool late = false;
  {
    const ChildGroup group(pid);
    const std::stop_callback on_stop(stop, [&stopped] { stopped.set(); });
    late = attend(pid, spec, out, err, stopped);
  }
  out.finish();
  err.finish();
  guardian.reset();  // before the child's number can mean another process
  STOKER_ASSIGN(const int code, reap(pid));
  if (late) {
    return make_error(Code::kTimeout, "'{}' did not end within {:g} s and was stopped", spec.command.front(),
                      std::chrono::duration<double>(spec.timeout).count());
  }
  return code;
}

Result<Answer> ask(Launcher& launcher, ProcessSpec spec, const std::stop_token& stop) {
  std::error_code unusable;
  const std::filesystem::path place = std::filesystem::temp_directory_path(unusable);
  if (unusable) {
    Error error = make_error(Code::kNotFound, "no folder for temporary files: {}", unusable.message());
    error.hint = "set TMPDIR to a folder that exists";
    return error;
  }
  std::string folder = (place / "stoker-XXXXXX").string();
  if (::mkdtemp(folder.data()) == nullptr)
    return make_error(Code::kIo, "{}: cannot create a temporary folder: {}", folder, std::strerror(errno));
  spec.terminal_out = -1;
  spec.terminal_err = -1;
  spec.stdout_log = std::filesystem::path(folder) / "out";
  spec.stderr_log = std::filesystem::path(folder) / "err";
  const auto content = [](const std::filesystem::path& path) {
    std::ifstream file(path);
    return std::string(std::istreambuf_iterator<char>(file), {});
  };
  auto code = launcher.run(spec, stop);
  Answer answer{.out = content(spec.stdout_log), .err = content(spec.stderr_log)};
  // What was made here, by name: a recursive removal would take whatever else somebody put there.
  std::error_code ignored;
  for (const std::filesystem::path& made : {spec.stdout_log, spec.stderr_log, std::filesystem::path(folder)})
    std::filesystem::remove(made, ignored);
  if (code) {
    answer.exit_code = *code;
    return answer;
  }
  Error error = std::move(code).error();
  if (error.code == Code::kTimeout) {
    while (!answer.err.empty() && answer.err.back() == '\n') answer.err.pop_back();
    if (!answer.err.empty()) error.message += "; its last words: " + answer.err.substr(answer.err.rfind('\n') + 1);
  }
  return error;
}

std::string exit_code_hint(int exit_code) {
  switch (exit_code) {
    case 126: return "the program was found but could not be executed: check its permissions";
    case 127: return "program not found: is it installed, and its folder in PATH on every host?";
    case 128 + SIGKILL:
      return "the program was killed, most often because the host was out of memory: use fewer processes or threads "
             "per host, and "
             "see the kernel's log (dmesg)";
    case 128 + SIGSEGV: return "the program crashed";
    case 128 + SIGABRT: return "the program stopped itself because of an internal error";
    default: return "";
  }
}

std::filesystem::path current_executable() {
  std::error_code error;
  std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", error);
  if (!program.empty()) return program;
  // Without /proc: the name that it was started by.
  const auto name = ::getauxval(AT_EXECFN);
  if (name == 0) return {};
  return std::filesystem::absolute(reinterpret_cast<const char*>(name), error);
}

}  // namespace stoker::launch
