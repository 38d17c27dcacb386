#include "workloads/training/progress.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "base/testing/fake_clock.h"

namespace stoker::training {
namespace {

TEST(Progress, TellsDoneRateAndTimeLeft) {
  testing::FakeClock clock;
  Progress progress(clock, ProgressMode::kOff);
  progress.begin("generating", "files", 2000);
  clock.advance(Nanos{10'000'000'000});
  progress.add(500, std::uint64_t{5} << 30);
  EXPECT_EQ(progress.line(clock.now()), "generating: 500 of 2,000 files, 512.0 MiB/s, 30.0 s left");
}

TEST(Progress, TellsStepsAndUtilisation) {
  testing::FakeClock clock;
  Progress progress(clock, ProgressMode::kOff);
  progress.begin("epoch 2", "steps", 10);
  clock.advance(Nanos{2'000'000'000});
  progress.add(5, 0);
  progress.set_au(91.26);
  EXPECT_EQ(progress.line(clock.now()), "epoch 2: 5 of 10 steps, 2.5 steps/s, 2.0 s left, AU 91.3 %");
}

TEST(Progress, PrintsPlainLinesNowAndThenAndNothingWhenOff) {
  testing::FakeClock clock;
  for (const auto mode : {ProgressMode::kLines, ProgressMode::kOff}) {
    Progress progress(clock, mode);
    ::testing::internal::CaptureStderr();
    progress.begin("epoch 1", "steps", 100);
    progress.add(1, 0);  // too early
    clock.advance(Nanos{6'000'000'000});
    progress.add(1, 0);
    progress.add(1, 0);  // too soon after the last line
    clock.advance(Nanos{15'000'000'000});
    progress.add(1, 0);
    progress.end();
    const std::string text = ::testing::internal::GetCapturedStderr();
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), mode == ProgressMode::kLines ? 2 : 0) << text;
    EXPECT_THAT(text, ::testing::Not(::testing::HasSubstr("\r")));
  }
}

TEST(Progress, LiveLinesAreReplacedAndRemoved) {
  testing::FakeClock clock;
  Progress progress(clock, ProgressMode::kLive);
  ::testing::internal::CaptureStderr();
  progress.begin("epoch 1", "steps", 100);
  clock.advance(Nanos{300'000'000});
  progress.add(1, 0);
  progress.end();
  const std::string text = ::testing::internal::GetCapturedStderr();
  EXPECT_THAT(text, ::testing::StartsWith("\repoch 1: 1 of 100 steps"));
  EXPECT_THAT(text, ::testing::EndsWith("\r\x1b[K"));
}

TEST(ProgressMode, QuietIsOffAndAParentDecides) {
  ::setenv("STOKER_PROGRESS", "live", 1);
  EXPECT_EQ(progress_mode(true), ProgressMode::kOff);
  EXPECT_EQ(progress_mode(false), ProgressMode::kLive);
  ::setenv("STOKER_PROGRESS", "lines", 1);
  EXPECT_EQ(progress_mode(false), ProgressMode::kLines);
  ::unsetenv("STOKER_PROGRESS");
}

}  // namespace
}  // namespace stoker::training
