#include "base/interrupt.h"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <thread>

#include "base/check.h"
#include "base/exit_code.h"

namespace stoker {
namespace {

// The signals that ask a process to end.
constexpr std::array kEndings{SIGINT, SIGTERM, SIGHUP, SIGQUIT};

struct Name {
  int number;
  const char* text;
};
constexpr std::array kNames{Name{SIGINT, "SIGINT"},   Name{SIGTERM, "SIGTERM"}, Name{SIGHUP, "SIGHUP"},
                            Name{SIGQUIT, "SIGQUIT"}, Name{SIGKILL, "SIGKILL"}, Name{SIGSEGV, "SIGSEGV"},
                            Name{SIGABRT, "SIGABRT"}, Name{SIGBUS, "SIGBUS"},   Name{SIGFPE, "SIGFPE"},
                            Name{SIGILL, "SIGILL"},   Name{SIGPIPE, "SIGPIPE"}, Name{SIGXCPU, "SIGXCPU"},
                            Name{SIGXFSZ, "SIGXFSZ"}};
constexpr std::int64_t kSameSignalNs = 1'000'000'000;

// Read and written by the handlers, where only async-signal-safe calls are allowed.
std::atomic<int> g_event_fd{-1};
std::atomic<const InterruptGuard*> g_current{nullptr};
std::atomic<int> g_signal{0};
std::atomic<std::int64_t> g_first_ns{0};
std::array<std::atomic<pid_t>, 16> g_groups{};

std::int64_t now_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

void signal_groups(int number) {
  for (const auto& group : g_groups) {
    if (const pid_t id = group.load(); id > 0) ::kill(-id, number);
  }
}

// nullptr where it has no name here.
const char* name_of(int number) {
  for (const Name& name : kNames) {
    if (name.number == number) return name.text;
  }
  return nullptr;
}

// Async-signal-safe. A terminal that is stopped (Ctrl-S) is not waited for.
void say(const char* text) {
  pollfd terminal{.fd = STDERR_FILENO, .events = POLLOUT, .revents = 0};
  if (::poll(&terminal, 1, 0) != 1) return;
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, text, std::strlen(text));
}

[[noreturn]] void end_at_once(const char* why) {
  signal_groups(SIGKILL);
  say("stoker: ended at once by ");
  say(name_of(g_signal.load()));
  say(why);
  ::_exit(static_cast<int>(ExitCode::kInterrupted));
}

void on_signal(int number) {
  const int saved = errno;
  int none = 0;
  if (g_signal.compare_exchange_strong(none, number)) {
    g_first_ns.store(now_ns());
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(g_event_fd.load(), &one, sizeof one);
  } else if (const std::int64_t first = g_first_ns.load(); first != 0 && now_ns() - first >= kSameSignalNs) {
    end_at_once(" and another signal after it\n");
  }
  errno = saved;
}

// The signal's default action is taken from in here, and not SIGSTOP: a process that no shell could continue is not
// stopped by it.
void on_terminal_stop(int) {
  const int saved = errno;
  signal_groups(SIGTSTP);
  struct sigaction usual {};
  usual.sa_handler = SIG_DFL;
  struct sigaction ours {};
  ours.sa_handler = on_terminal_stop;  // not the one that is found: two threads may be in here
  ours.sa_flags = SA_RESTART;
  ::sigaction(SIGTSTP, &usual, nullptr);
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTSTP);
  sigset_t before;
  ::raise(SIGTSTP);
  ::pthread_sigmask(SIG_UNBLOCK, &stop, &before);  // stopped here
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  ::sigaction(SIGTSTP, &ours, nullptr);
  signal_groups(SIGCONT);
  errno = saved;
}

}  // namespace

IgnoreBrokenPipes::IgnoreBrokenPipes() {
  struct sigaction ignoring {};
  ignoring.sa_handler = SIG_IGN;
  ::sigaction(SIGPIPE, &ignoring, &before_);
}

IgnoreBrokenPipes::~IgnoreBrokenPipes() {
  ::sigaction(SIGPIPE, &before_, nullptr);
}

struct InterruptGuard::Impl {
  struct Old {
    int number;
    struct sigaction action;
  };

  void install(int number, void (*handler)(int)) {
    struct sigaction action {};
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;  // a write that was cut short by Ctrl-Z is no lost output
    sigemptyset(&action.sa_mask);
    struct sigaction before {};
    ::sigaction(number, &action, &before);
    old[installed++] = {number, before};
  }
  [[nodiscard]] static bool is_ignored(int number) {
    struct sigaction now {};
    ::sigaction(number, nullptr, &now);
    return now.sa_handler == SIG_IGN;
  }

  // Until the guard goes: waits for the first signal, asks for a stop, and ends the process if that takes too long.
  void watch() {
    wait(-1);
    if (closing.load()) return;
    source.request_stop();
    wait(static_cast<int>(patience.count()));
    if (!closing.load()) end_at_once(", since something did not stop\n");
  }
  // For the descriptor, which is written to by the first signal and at the end.
  void wait(int milliseconds) const {
    const std::int64_t deadline = now_ns() + std::int64_t{milliseconds} * 1'000'000;
    pollfd event{.fd = fd, .events = POLLIN, .revents = 0};
    int left = milliseconds;
    while (::poll(&event, 1, left) < 0 && errno == EINTR) {
      if (milliseconds >= 0) left = static_cast<int>(std::max<std::int64_t>(0, (deadline - now_ns()) / 1'000'000));
    }
    if (event.revents == 0) return;
    std::uint64_t count = 0;
    [[maybe_unused]] const auto got = ::read(fd, &count, sizeof count);
  }

  const IgnoreBrokenPipes no_broken_pipes{};
  std::stop_source source;
  std::chrono::milliseconds patience{0};
  int fd = -1;
  std::array<Old, kEndings.size() + 1> old{};
  std::size_t installed = 0;
  std::thread watcher;
  std::atomic<bool> closing{false};
};

InterruptGuard::InterruptGuard(std::chrono::milliseconds patience) : impl_(std::make_unique<Impl>()) {
  impl_->patience = patience;
  STOKER_CHECK(g_current.load() == nullptr, "two InterruptGuards at a time");
  // Kept for good: a handler on another thread may still be about to write into it when a guard ends.
  if (g_event_fd.load() < 0) {
    const int made = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (made < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
    g_event_fd.store(made);
  }
  impl_->fd = g_event_fd.load();
  impl_->wait(0);  // what an earlier guard has left in it
  g_signal.store(0);
  g_first_ns.store(0);
  impl_->watcher = std::thread([impl = impl_.get()] { impl->watch(); });
  for (const int number : kEndings) {
    if (number == SIGHUP && Impl::is_ignored(SIGHUP)) continue;
    impl_->install(number, on_signal);
  }
  if (!Impl::is_ignored(SIGTSTP)) impl_->install(SIGTSTP, on_terminal_stop);
  g_current.store(this);
}

InterruptGuard::~InterruptGuard() {
  g_current.store(nullptr);
  for (std::size_t i = 0; i < impl_->installed; ++i) ::sigaction(impl_->old[i].number, &impl_->old[i].action, nullptr);
  impl_->closing.store(true);
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(impl_->fd, &one, sizeof one);
  impl_->watcher.join();
}

const InterruptGuard* InterruptGuard::current() {
  return g_current.load();
}

std::stop_token InterruptGuard::token() const {
  return impl_->source.get_token();
}
int InterruptGuard::last_signal() {
  return g_signal.load();
}
int InterruptGuard::signal_number() const {
  return g_signal.load();
}

std::string signal_name(int number) {
  const char* name = name_of(number);
  return name == nullptr ? fmt::format("signal {}", number) : name;
}

ChildGroup::ChildGroup(pid_t group) : slot_(0) {
  STOKER_CHECK(group > 0);
  for (pid_t none = 0; slot_ < g_groups.size(); ++slot_, none = 0) {
    if (g_groups[slot_].compare_exchange_strong(none, group)) return;
  }
  STOKER_CHECK(false, "too many children at a time");
}

ChildGroup::~ChildGroup() {
  g_groups[slot_].store(0);
}

bool stop_with_parent(pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  return parent == 0 || ::getppid() == parent;
}

}  // namespace stoker
