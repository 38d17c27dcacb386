#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/errno_error.h"
#include "cluster/launch/guardian_internal.h"

namespace stoker::launch {
namespace {

constexpr int kNoSignals = 0;
constexpr int kTickMs = 20;

// All but this descriptor: who waits for the end of this process's output must not wait for the guardian.
void close_others(int kept) {
  // As far as a process has them by default; the kernel may lack close_range (before 5.9).
  constexpr int kMost = 4096;
#ifdef SYS_close_range
  const auto number = static_cast<unsigned>(kept);
  if ((kept == 0 || ::syscall(SYS_close_range, 0U, number - 1, 0U) == 0) &&
      ::syscall(SYS_close_range, number + 1, ~0U, 0U) == 0)
    return;
#endif
  for (int fd = 0; fd < kMost; ++fd) {
    if (fd != kept) ::close(fd);
  }
}

// Waits until the child has ended, or so long.
void wait_for_end(pid_t child, std::chrono::milliseconds time) {
  const int process = open_process(child).release();
  if (process >= 0) {
    pollfd end{.fd = process, .events = POLLIN, .revents = 0};
    ::poll(&end, 1, static_cast<int>(time.count()));
    return;
  }
  for (auto waited = std::chrono::milliseconds(0); waited < time; waited += std::chrono::milliseconds(kTickMs)) {
    if (::kill(child, kNoSignals) != 0) return;
    const timespec tick{.tv_sec = 0, .tv_nsec = kTickMs * 1'000'000};
    ::nanosleep(&tick, nullptr);
  }
}

// As many bytes as `into` has; false at the end of the stream.
bool read_all(int line, void* into, std::size_t size) {
  for (std::size_t got = 0; got < size;) {
    const ssize_t count = ::read(line, static_cast<char*>(into) + got, size - got);
    if (count == 0 || (count < 0 && errno != EINTR)) return false;
    if (count > 0) got += static_cast<std::size_t>(count);
  }
  return true;
}

// In a copy of a process that has threads: async-signal-safe calls only.
[[noreturn]] void stand_guard(int line, std::chrono::milliseconds grace) {
  ::setpgid(0, 0);  // what is sent to the terminal's group is not for it
  ::prctl(PR_SET_NAME, "stoker guardian");
  close_others(line);
  pid_t child = 0;
  char dismissed = 0;
  if (!read_all(line, &child, sizeof child) || child <= 0) ::_exit(0);  // none was started
  if (read_all(line, &dismissed, 1)) ::_exit(0);
  ::kill(child, SIGTERM);
  ::kill(child, SIGCONT);
  wait_for_end(child, grace);
  ::kill(-child, SIGKILL);
  ::_exit(0);
}

}  // namespace

Fd open_process(pid_t pid) {
#ifdef SYS_pidfd_open
  return Fd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0U)));
#else
  static_cast<void>(pid);
  return {};
#endif
}

Result<Guardian> Guardian::make(std::chrono::milliseconds grace) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return errno_error("pipe", "create", errno);
  Fd read_end(ends[0]);
  Fd write_end(ends[1]);
  // Blocked over the fork, so that none of them finds this process's handlers in the guardian.
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  const pid_t pid = ::fork();
  if (pid == 0) stand_guard(read_end.get(), grace);
  const int failure = errno;
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (pid < 0) {
    Error error = make_error(failure == EAGAIN || failure == ENOMEM ? Code::kLimit : Code::kFailed,
                             "cannot start a process that looks after the program: {}", std::strerror(failure));
    error.hint = "raise the limit of processes (ulimit -u, the container's pids limit)";
    return error;
  }
  ::setpgid(pid, pid);
  return Guardian(pid, std::move(write_end));
}

Guardian::Guardian(Guardian&& other) noexcept : pid_(std::exchange(other.pid_, -1)), line_(std::move(other.line_)) {}

void Guardian::watch(pid_t child) const {
  while (::write(line_.get(), &child, sizeof child) < 0 && errno == EINTR) {
  }
}

Guardian::~Guardian() {
  if (pid_ < 0) return;
  const char dismissed = 'x';
  while (::write(line_.get(), &dismissed, 1) < 0 && errno == EINTR) {
  }
  static_cast<void>(line_.close());  // of one that watched nobody, too
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

}  // namespace stoker::launch
