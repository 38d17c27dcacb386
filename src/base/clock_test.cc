#include "base/clock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <time.h>

#include <fstream>
#include <limits>
#include <thread>

#include "base/testing/fake_clock.h"

namespace stoker {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(Instant, DifferencesAndOrder) {
  const Instant a{Nanos{100}};
  const Instant b = a + Nanos{50};
  EXPECT_EQ(b - a, Nanos{50});
  EXPECT_LT(a, b);
  EXPECT_DOUBLE_EQ(to_seconds(milliseconds(1500)), 1.5);
  EXPECT_EQ(from_seconds(0.000375), microseconds(375));
}

TEST(FromSeconds, Saturates) {
  EXPECT_EQ(from_seconds(-1.5), milliseconds(-1500));
  EXPECT_EQ(from_seconds(9.2e9), seconds(9'200'000'000));
  EXPECT_EQ(from_seconds(-9.2e9), seconds(-9'200'000'000));
  for (const double much : {9.3e9, 1e18, 1e300, std::numeric_limits<double>::infinity()}) {
    EXPECT_EQ(from_seconds(much), Nanos::max()) << much;
    EXPECT_EQ(from_seconds(-much), Nanos::min()) << much;
  }
  EXPECT_EQ(from_seconds(std::numeric_limits<double>::quiet_NaN()), Nanos{0});
}

TEST(SteadyClock, NeverGoesBack) {
  const SteadyClock clock;
  Instant last = clock.now();
  for (int i = 0; i < 1000; ++i) {
    const Instant now = clock.now();
    ASSERT_GE(now, last);
    last = now;
  }
  const auto off = clock.wall() - std::chrono::system_clock::now();
  EXPECT_LT(std::chrono::abs(off), seconds(5));
}

TEST(SteadyClock, NeverWakesEarly) {
  const SteadyClock clock;
  for (const Nanos length :
       {Nanos{0}, Nanos{microseconds(5)}, Nanos{microseconds(70)}, Nanos{microseconds(375)}, Nanos{milliseconds(3)}}) {
    const Instant deadline = clock.now() + length;
    clock.sleep_until(deadline, {});
    EXPECT_GE(clock.now(), deadline);
  }
}

TEST(SteadyClock, ADeadlineInThePastIsNotWaitedFor) {
  const SteadyClock clock;
  const Instant begin = clock.now();
  clock.sleep_until(Instant{begin.since_start - seconds(1)}, {});
  EXPECT_LT(clock.now() - begin, seconds(1));
}

TEST(SteadyClock, AStopEndsTheSleep) {
  const SteadyClock clock;
  std::stop_source source;
  const Instant begin = clock.now();
  const std::jthread stopper([&] {
    std::this_thread::sleep_for(milliseconds(20));
    source.request_stop();
  });
  clock.sleep_until(begin + seconds(60), source.get_token());
  EXPECT_LT(clock.now() - begin, seconds(20));
  EXPECT_TRUE(source.stop_requested());
}

TEST(SteadyClock, AThreadsTimesAreItsOwn) {
  const SteadyClock clock;
  std::jthread busy([&](const std::stop_token& stop) {
    const ThreadTimes before = clock.thread_times();
    const Instant end = clock.now() + from_seconds(0.05);
    while (clock.now() < end && !stop.stop_requested()) {
    }
    const ThreadTimes after = clock.thread_times();
    // On a machine that others use, too, it had a core for a part of the time, and wanted one for all of it.
    EXPECT_GT(after.cpu, before.cpu);
    EXPECT_GE(after.runnable, before.runnable);
  });
  busy.join();
  const ThreadTimes before = clock.thread_times();
  clock.sleep_until(clock.now() + from_seconds(0.05), {});
  EXPECT_LT(clock.thread_times().cpu - before.cpu, from_seconds(0.02)) << "a sleeper has no core";
}

TEST(FakeClock, SleepMovesItToTheDeadlineAndIsRecorded) {
  const testing::FakeClock clock;
  const Instant begin = clock.now();
  clock.sleep_until(begin + seconds(5), {});
  EXPECT_EQ(clock.now() - begin, seconds(5));
  clock.sleep_until(begin + seconds(2), {});  // already past
  EXPECT_EQ(clock.now() - begin, seconds(5));
  EXPECT_THAT(clock.sleeps(), ::testing::ElementsAre(Nanos(seconds(5))));
}

TEST(FakeClock, IsMovedByTheTestToo) {
  testing::FakeClock clock;
  const Instant begin = clock.now();
  const auto wall = clock.wall();
  clock.advance(milliseconds(3));
  EXPECT_EQ(clock.now() - begin, milliseconds(3));
  EXPECT_EQ(clock.wall() - wall, milliseconds(3));
  EXPECT_THAT(clock.sleeps(), ::testing::IsEmpty());
}

TEST(FakeClock, DoesNotMoveAfterAStop) {
  const testing::FakeClock clock;
  std::stop_source source;
  source.request_stop();
  const Instant begin = clock.now();
  clock.sleep_until(begin + seconds(5), source.get_token());
  EXPECT_EQ(clock.now(), begin);
}

// A virtual machine cannot be suspended from inside: what it was already does not change.
TEST(SteadyClock, IsNotSuspendedWhileItRuns) {
  const Nanos first = SteadyClock().suspended();
  EXPECT_GE(first, Nanos{0});
  EXPECT_LT(SteadyClock().suspended() - first, from_seconds(0.1));
  // By so much more time has passed than the clock counts.
  const auto read = [](clockid_t clock) {
    timespec now{};
    ::clock_gettime(clock, &now);
    return std::chrono::seconds(now.tv_sec) + Nanos(now.tv_nsec);
  };
  const Nanos running = read(CLOCK_MONOTONIC);
  const Nanos suspended = SteadyClock().suspended();
  EXPECT_LE(suspended, read(CLOCK_BOOTTIME) - running);
}

TEST(SteadyClock, IsTheClockOfTheSystem) {
  const auto system_now = [] {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return std::chrono::seconds(now.tv_sec) + Nanos(now.tv_nsec);
  };
  const Nanos before = system_now();
  const Nanos now = SteadyClock().now().since_start;
  EXPECT_GE(now, before);
  EXPECT_LE(now, system_now());
}

// What the kernel says that this thread has waited for a core so far.
TEST(SteadyClock, RunnableTimeIsTheKernels) {
  const auto told = [] {
    std::int64_t cpu = -1, runnable = -1;
    std::ifstream("/proc/thread-self/schedstat") >> cpu >> runnable;
    return Nanos{runnable};
  };
  const Nanos before = told();
  if (before < Nanos{0}) GTEST_SKIP() << "the kernel does not tell";
  // Until it has waited for one at all.
  for (int i = 0; i < 10'000 && told() == Nanos{0}; ++i) std::this_thread::sleep_for(microseconds(10));
  const Nanos least = told();
  const Nanos runnable = SteadyClock().thread_times().runnable;
  EXPECT_GE(runnable, least);
  EXPECT_LE(runnable, told());
}

}  // namespace
}  // namespace stoker
