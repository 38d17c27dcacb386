#include "base/interrupt.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <thread>

namespace stoker {
namespace {

using Time = std::chrono::steady_clock;

bool await_stop(const std::stop_token& token) {
  const auto deadline = Time::now() + std::chrono::seconds(20);
  while (!token.stop_requested() && Time::now() < deadline) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  return token.stop_requested();
}

TEST(InterruptGuard, TurnsTheFirstSignalIntoAStop) {
  for (int number : {SIGINT, SIGTERM}) {
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
  const auto deadline = Time::now() + std::chrono::seconds(20);
  while (!heard && Time::now() < deadline) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  EXPECT_TRUE(heard);
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

TEST(InterruptGuardDeathTest, ASecondSignalEndsTheProcess) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        const InterruptGuard guard;
        ::raise(SIGINT);
        await_stop(guard.token());
        ::raise(SIGTERM);
        std::this_thread::sleep_for(std::chrono::seconds(20));
      },
      ::testing::KilledBySignal(SIGTERM), "");
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
