#include "base/recent_thread_times.h"

#include <gtest/gtest.h>

#include "base/testing/fake_clock.h"

namespace stoker {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

class CountingClock final : public testing::FakeClock {
 public:
  [[nodiscard]] ThreadTimes thread_times() const override {
    ++asked;
    return FakeClock::thread_times();
  }
  mutable int asked = 0;
};

TEST(RecentThreadTimes, AreReadAgainWhenAMomentHasPassed) {
  CountingClock clock;
  clock.set_thread_times({.cpu = milliseconds(5), .runnable = milliseconds(2)});
  RecentThreadTimes recent(clock);
  EXPECT_EQ(recent.now().cpu, milliseconds(5));
  clock.set_thread_times({.cpu = milliseconds(6), .runnable = milliseconds(3)});
  clock.advance(microseconds(4));
  EXPECT_EQ(recent.now().cpu, milliseconds(5) + microseconds(4)) << "it has run since";
  clock.advance(microseconds(6));
  EXPECT_EQ(recent.now().cpu, milliseconds(5) + microseconds(10));
  EXPECT_EQ(recent.now().runnable, milliseconds(2));
  EXPECT_EQ(clock.asked, 1);
  clock.advance(Nanos{1});
  EXPECT_EQ(recent.now().cpu, milliseconds(6));
  EXPECT_EQ(recent.now().runnable, milliseconds(3));
  EXPECT_EQ(clock.asked, 2);
}

TEST(RecentThreadTimes, NeverGoBackButForAnotherThread) {
  CountingClock clock;
  clock.set_thread_times({.cpu = milliseconds(5), .runnable = milliseconds(2)});
  RecentThreadTimes recent(clock);
  static_cast<void>(recent.now());
  clock.advance(microseconds(9));
  static_cast<void>(recent.now());
  // It did not run, after all.
  clock.advance(microseconds(9));
  EXPECT_EQ(recent.now().cpu, milliseconds(5) + microseconds(9));
  clock.advance(microseconds(11));
  clock.set_thread_times({.cpu = milliseconds(4), .runnable = milliseconds(1)});
  EXPECT_EQ(recent.now().cpu, milliseconds(5) + microseconds(9));
  EXPECT_EQ(recent.now().runnable, milliseconds(2));
  recent.reset();
  EXPECT_EQ(recent.now().cpu, milliseconds(4));
  EXPECT_EQ(recent.now().runnable, milliseconds(1));
}

TEST(RecentThreadTimes, AreExactWhereAWaitBeginsAndEnds) {
  CountingClock clock;
  clock.set_thread_times({.cpu = milliseconds(5), .runnable = milliseconds(2)});
  RecentThreadTimes recent(clock);
  EXPECT_EQ(recent.exact().cpu, milliseconds(5));
  clock.advance(microseconds(5));  // all of it waited
  EXPECT_EQ(recent.exact().cpu, milliseconds(5));
  EXPECT_EQ(recent.exact().runnable, milliseconds(2));
  EXPECT_EQ(clock.asked, 3);
  clock.advance(microseconds(5));
  EXPECT_EQ(recent.now().cpu, milliseconds(5) + microseconds(5));
  EXPECT_EQ(clock.asked, 3);
}

}  // namespace
}  // namespace stoker
