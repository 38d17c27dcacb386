#include "base/testing/virtual_clock.h"

#include <gtest/gtest.h>

#include <vector>

namespace stoker::testing {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(VirtualClock, PassesWhileAllSleep) {
  const VirtualClock clock;
  const Instant begin = clock.now();
  std::vector<Instant> ends(3);
  {
    std::vector<std::jthread> sleepers;
    for (std::size_t i = 0; i < ends.size(); ++i) {
      sleepers.emplace_back([&, i] {
        for (int k = 0; k < 10; ++k) clock.sleep_until(clock.now() + hours(i + 1), {});
        ends[i] = clock.now();
      });
    }
  }
  for (std::size_t i = 0; i < ends.size(); ++i) EXPECT_EQ(ends[i] - begin, hours(10 * (i + 1)));
}

// A thread that waits for another one by a condition variable waits for as long as that one sleeps.
TEST(VirtualClock, KnowsWhoWaitsForOthers) {
  const VirtualClock clock;
  std::mutex mutex;
  std::condition_variable changed;
  bool done = false;
  const Instant begin = clock.now();
  const std::jthread worker([&] {
    clock.sleep_until(begin + seconds(5), {});
    const std::lock_guard lock(mutex);
    done = true;
    changed.notify_one();
  });
  std::unique_lock lock(mutex);
  changed.wait(lock, [&] { return done; });
  EXPECT_EQ(clock.now() - begin, seconds(5));
}

TEST(VirtualClock, AStopEndsASleep) {
  const VirtualClock clock;
  std::stop_source stop;
  const Instant begin = clock.now();
  const std::jthread stopper([&] {
    clock.sleep_until(begin + milliseconds(20), {});
    stop.request_stop();
  });
  clock.sleep_until(begin + seconds(5), stop.get_token());
  EXPECT_EQ(clock.now() - begin, milliseconds(20));
}

TEST(VirtualClock, TellsWhatAThreadWasPlantedToDo) {
  const VirtualClock clock;
  const Instant begin = clock.now();
  clock.work(milliseconds(3));
  clock.starve(milliseconds(2));
  EXPECT_EQ(clock.now() - begin, milliseconds(5));
  EXPECT_EQ(clock.thread_times().cpu, milliseconds(3));
  EXPECT_EQ(clock.thread_times().runnable, milliseconds(2) + Nanos{2}) << "and a nanosecond for each time it woke";
  std::jthread([&] { EXPECT_EQ(clock.thread_times().cpu, Nanos{0}); }).join();
}

}  // namespace
}  // namespace stoker::testing
