#include "base/interrupt.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <fstream>
#include <functional>
#include <iterator>
#include <mutex>
#include <string>
#include <thread>

namespace stoker {
namespace {

using Time = std::chrono::steady_clock;

bool await(const std::function<bool()>& condition) {
  const auto deadline = Time::now() + std::chrono::seconds(20);
  while (!condition() && Time::now() < deadline) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  return condition();
}
bool await_stop(const std::stop_token& token) {
  return await([&token] { return token.stop_requested(); });
}

TEST(InterruptGuard, TurnsTheFirstSignalIntoAStop) {
  for (int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) {
    const InterruptGuard guard;
    EXPECT_FALSE(guard.token().stop_requested());
    EXPECT_EQ(guard.signal_number(), 0);
    ::raise(number);
    EXPECT_TRUE(await_stop(guard.token()));
    EXPECT_EQ(guard.signal_number(), number);
  }
}

TEST(InterruptGuard, ListenersMayTakeLocks) {
  const InterruptGuard guard;
  std::mutex mutex;
  std::atomic<bool> heard{false};
  const auto signalled = std::this_thread::get_id();
  const std::stop_callback listener(guard.token(), [&] {
    // Not inside the handler, which would have interrupted the thread that holds the lock.
    EXPECT_NE(std::this_thread::get_id(), signalled);
    const std::lock_guard lock(mutex);
    heard = true;
  });
  {
    const std::lock_guard lock(mutex);
    ::raise(SIGINT);
    EXPECT_TRUE(await_stop(guard.token()));
  }
  EXPECT_TRUE(await([&heard] { return heard.load(); }));
}

TEST(InterruptGuard, EndsWithoutASignalAndWithoutAStop) {
  std::stop_token token;
  {
    const InterruptGuard guard;
    token = guard.token();
  }
  EXPECT_FALSE(token.stop_requested());
}

void ignore(int) {}

TEST(InterruptGuard, PutsTheOldHandlersBack) {
  struct sigaction ours {};
  ours.sa_handler = ignore;
  struct sigaction before {};
  ::sigaction(SIGINT, &ours, &before);
  {
    const InterruptGuard guard;
    struct sigaction now {};
    ::sigaction(SIGINT, nullptr, &now);
    EXPECT_NE(now.sa_handler, ignore);
  }
  struct sigaction after {};
  ::sigaction(SIGINT, &before, &after);
  EXPECT_EQ(after.sa_handler, ignore);
}

TEST(InterruptGuard, LeavesAHangUpThatIsIgnored) {
  struct sigaction ignoring {};
  ignoring.sa_handler = SIG_IGN;
  struct sigaction before {};
  ::sigaction(SIGHUP, &ignoring, &before);
  {
    const InterruptGuard guard;
    ::raise(SIGHUP);
    EXPECT_EQ(guard.signal_number(), 0);
  }
  ::sigaction(SIGHUP, &before, nullptr);
}

TEST(InterruptGuard, ASecondSignalAtOnceIsTheSame) {
  const InterruptGuard guard;
  ::raise(SIGTERM);
  ::raise(SIGTERM);
  ::raise(SIGINT);
  EXPECT_TRUE(await_stop(guard.token()));
  EXPECT_EQ(guard.signal_number(), SIGTERM);
}

TEST(InterruptGuard, APipeWithoutAReaderIsAnError) {
  const InterruptGuard guard;
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  ::close(ends[0]);
  EXPECT_EQ(::write(ends[1], "x", 1), -1);
  EXPECT_EQ(errno, EPIPE);
  ::close(ends[1]);
}

TEST(InterruptGuard, NamesSignals) {
  EXPECT_EQ(signal_name(SIGHUP), "SIGHUP");
  EXPECT_EQ(signal_name(SIGKILL), "SIGKILL");
  EXPECT_EQ(signal_name(63), "signal 63");
}

// A process that stays until it is killed, in a group of its own.
pid_t sleeper() {
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::setpgid(0, 0);
    ::execl("/bin/sleep", "sleep", "60", nullptr);
    ::_exit(127);
  }
  ::setpgid(pid, pid);
  return pid;
}

char state_of(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  const std::string text(std::istreambuf_iterator<char>(file), {});
  const auto end = text.rfind(") ");
  return end == std::string::npos ? '?' : text[end + 2];
}

// Runs `body` in a process of its own, whose standard error is the returned pipe.
struct Forked {
  pid_t pid = -1;
  int err = -1;
};
Forked in_process(const std::function<void()>& body) {
  int ends[2];
  EXPECT_EQ(::pipe(ends), 0);
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::setpgid(0, 0);
    ::dup2(ends[1], 2);
    body();
    ::_exit(0);
  }
  ::setpgid(pid, pid);
  ::close(ends[1]);
  return {pid, ends[0]};
}
std::string all_of(int fd) {
  std::string text;
  char buffer[256];
  for (ssize_t n = 0; (n = ::read(fd, buffer, sizeof buffer)) > 0;) text.append(buffer, static_cast<std::size_t>(n));
  ::close(fd);
  return text;
}
int exit_code_of(pid_t pid) {
  int state = 0;
  EXPECT_EQ(::waitpid(pid, &state, 0), pid);
  return WIFEXITED(state) ? WEXITSTATUS(state) : -WTERMSIG(state);
}

TEST(InterruptGuard, ALaterSignalEndsEverythingAtOnce) {
  const pid_t child = sleeper();
  const Forked process = in_process([child] {
    const InterruptGuard guard(std::chrono::seconds(60));
    const ChildGroup group(child);
    ::raise(SIGINT);
    await_stop(guard.token());
    std::this_thread::sleep_for(std::chrono::milliseconds(1100));
    ::raise(SIGTERM);
    std::this_thread::sleep_for(std::chrono::seconds(20));
  });
  EXPECT_EQ(exit_code_of(process.pid), 130);
  EXPECT_EQ(all_of(process.err), "stoker: ended at once by SIGINT and another signal after it\n");
  EXPECT_EQ(exit_code_of(child), -SIGKILL);
}

TEST(InterruptGuard, WhatDoesNotStopIsEnded) {
  const pid_t child = sleeper();
  const pid_t other = sleeper();
  const Forked process = in_process([child, other] {
    const InterruptGuard guard(std::chrono::milliseconds(50));
    { const ChildGroup ended(other); }
    const ChildGroup group(child);
    ::raise(SIGHUP);
    std::this_thread::sleep_for(std::chrono::seconds(20));
  });
  EXPECT_EQ(exit_code_of(process.pid), 130);
  EXPECT_EQ(all_of(process.err), "stoker: ended at once by SIGHUP, since something did not stop\n");
  EXPECT_EQ(exit_code_of(child), -SIGKILL);
  EXPECT_EQ(state_of(other), 'S') << "it had left its group before";
  ::kill(other, SIGKILL);
  exit_code_of(other);
}

TEST(InterruptGuard, StopsTheChildrenWithTheProcess) {
  const pid_t child = sleeper();
  const Forked process = in_process([child] {
    const InterruptGuard guard;
    const ChildGroup group(child);
    if (::write(2, "r", 1) == 1) std::this_thread::sleep_for(std::chrono::seconds(20));
  });
  char ready = 0;
  ASSERT_EQ(::read(process.err, &ready, 1), 1);
  for (int time = 0; time < 2; ++time) {
    ::kill(process.pid, SIGTSTP);
    int state = 0;
    ASSERT_EQ(::waitpid(process.pid, &state, WUNTRACED), process.pid);
    ASSERT_TRUE(WIFSTOPPED(state));
    EXPECT_TRUE(await([&] { return state_of(child) == 'T'; }));
    ::kill(process.pid, SIGCONT);
    EXPECT_TRUE(await([&] { return state_of(child) == 'S'; }));
  }
  ::kill(process.pid, SIGKILL);
  exit_code_of(process.pid);
  all_of(process.err);
  ::kill(child, SIGKILL);
  exit_code_of(child);
}

TEST(StopWithParent, TheChildEndsWhenItsParentIsGone) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const Forked parent = in_process([&ends] {
    const pid_t child = ::fork();
    if (child == 0) {
      if (stop_with_parent(1) || !stop_with_parent(::getppid()) || !stop_with_parent()) ::_exit(2);
      const char ready = 'r';
      if (::write(ends[1], &ready, 1) == 1) ::sleep(60);
      ::_exit(1);
    }
    ::close(ends[1]);
    ::pause();
  });
  ::close(ends[1]);
  char ready = 0;
  ASSERT_EQ(::read(ends[0], &ready, 1), 1);
  ::kill(parent.pid, SIGKILL);
  exit_code_of(parent.pid);
  EXPECT_EQ(::read(ends[0], &ready, 1), 0) << "the child still holds its end of the pipe";
  ::close(ends[0]);
  all_of(parent.err);
}

TEST(InterruptGuardDeathTest, TwoAtATimeAreOurMistake) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        const InterruptGuard one;
        const InterruptGuard two;
      },
      "two InterruptGuards");
}

}  // namespace
}  // namespace stoker
