#include "workloads/training/accelerator.h"

#include <gtest/gtest.h>

#include "base/testing/fake_clock.h"

namespace stoker::training {
namespace {

config::Duration constant(double seconds) {
  return {config::Duration::Kind::kConstant, seconds, 0};
}

// A clock whose sleeps end late by a fixed amount, as a kernel's do.
class LateClock final : public Clock {
 public:
  explicit LateClock(Nanos late) : late_(late) {}
  [[nodiscard]] Instant now() const override { return now_; }
  [[nodiscard]] std::chrono::system_clock::time_point wall() const override { return {}; }
  void sleep_until(Instant deadline, const std::stop_token&) const override {
    if (deadline > now_) now_ = deadline + late_;
  }

 private:
  const Nanos late_;
  mutable Instant now_{Nanos{1'000'000}};
};

TEST(Accelerator, ComputesForTheGivenTime) {
  const testing::FakeClock clock;
  Accelerator accelerator(clock, constant(0.25), 1);
  EXPECT_EQ(accelerator.compute({}), (Computed{Nanos{250'000'000}, Nanos{0}}));
  EXPECT_EQ(accelerator.compute({}), (Computed{Nanos{250'000'000}, Nanos{0}}));
}

TEST(Accelerator, WithoutATimeItDoesNotSleep) {
  const testing::FakeClock clock;
  Accelerator accelerator(clock, config::Duration{}, 1);
  EXPECT_EQ(accelerator.compute({}), Computed{});
  EXPECT_TRUE(clock.sleeps().empty());
}

TEST(Accelerator, OversleepingDoesNotAddUp) {
  const LateClock clock(Nanos{30'000});  // 30 us late each time
  Accelerator accelerator(clock, constant(0.001), 1);
  Nanos sum{0};
  for (int i = 0; i < 1000; ++i) sum += accelerator.compute({}).took;
  EXPECT_GE(sum, Nanos{1'000'000'000});
  EXPECT_LE(sum, Nanos{1'000'030'000});
}

TEST(Accelerator, ADebtOfMoreThanAStepIsNotCarried) {
  // A step that was late by ten times its length (a stopped process, say) must not make the following ones free.
  const LateClock clock(Nanos{10'000'000});
  Accelerator accelerator(clock, constant(0.001), 1);
  EXPECT_EQ(accelerator.compute({}).took, Nanos{11'000'000});
  EXPECT_EQ(accelerator.compute({}).took, Nanos{0});           // pays one step back
  EXPECT_EQ(accelerator.compute({}).took, Nanos{11'000'000});  // and no more
}

TEST(Accelerator, WhatNoStepMakesUpForIsLate) {
  constexpr Nanos kStep{1'000'000};
  const LateClock clock(Nanos{10'000'001});
  Accelerator accelerator(clock, constant(0.001), 1);
  EXPECT_EQ(accelerator.compute({}), (Computed{Nanos{11'000'001}, Nanos{9'000'001}})) << "one step of it is carried";
  EXPECT_EQ(accelerator.compute({}), Computed{});
  const LateClock by_a_step(kStep);
  EXPECT_EQ(Accelerator(by_a_step, constant(0.001), 1).compute({}).late, Nanos{0}) << "the next step pays it back";
  const LateClock by_more(kStep + Nanos{1});
  EXPECT_EQ(Accelerator(by_more, constant(0.001), 1).compute({}).late, Nanos{1});
  // Many short delays are as long together as they are.
  const LateClock often(kStep + Nanos{2'500'000});
  Accelerator many(often, constant(0.001), 1);
  Nanos told{0};
  for (int i = 0; i < 1000; ++i) {
    const Computed step = many.compute({});
    told += step.took - step.late;
  }
  EXPECT_EQ(told, Nanos{1'000'000'000}) << "as long as it was told";
}

TEST(Accelerator, DrawsAreReproducibleBySeedAndNeverNegative) {
  const testing::FakeClock clock;
  const config::Duration wild{config::Duration::Kind::kNormal, 0.001, 0.01};
  Accelerator a(clock, wild, 7);
  Accelerator b(clock, wild, 7);
  Accelerator other(clock, wild, 8);
  int different = 0;
  for (int i = 0; i < 100; ++i) {
    const Nanos t = a.compute({}).took;
    EXPECT_GE(t, Nanos{0});
    EXPECT_EQ(t, b.compute({}).took);
    if (t != other.compute({}).took) ++different;
  }
  EXPECT_GT(different, 50);
}

}  // namespace
}  // namespace stoker::training
