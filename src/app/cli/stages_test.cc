#include "app/cli/stages.h"

#include <gtest/gtest.h>

#include <string>

#include "app/cli/console.h"
#include "base/testing/fake_clock.h"

namespace stoker::cli {
namespace {

TEST(StageBar, ShowsHowFarItIs) {
  EXPECT_EQ(stage_bar(1, 4, "validating", 0), "[====            ] 1/4 validating");
  EXPECT_EQ(stage_bar(3, 4, "running", 61.4), "[============    ] 3/4 running (61 s)");
  EXPECT_EQ(stage_bar(4, 4, "done", 0.4), "[================] 4/4 done");
}

TEST(Stages, AreStatusLinesWithoutATerminal) {
  init_console({});
  const testing::FakeClock clock;
  ::testing::internal::CaptureStderr();
  {
    Stages stages(2, Stages::Show::kLines, clock);
    stages.begin("validating");
    stages.yield();
    stages.begin("running");
  }
  const std::string text = ::testing::internal::GetCapturedStderr();
  EXPECT_NE(text.find("|STATUS: Stage 1/2: validating\n"), std::string::npos) << text;
  EXPECT_NE(text.find("|STATUS: Stage 2/2: running\n"), std::string::npos) << text;
  EXPECT_EQ(text.find("......"), std::string::npos);
}

TEST(Stages, AreABarOnATerminalThatIsErased) {
  init_console({});
  const testing::FakeClock clock;
  ::testing::internal::CaptureStderr();
  {
    Stages stages(2, Stages::Show::kBar, clock);
    stages.begin("validating");
    log(Level::kInfo, "a line");
    stages.begin("running");
    stages.yield();
    log(Level::kInfo, "the engine's turn");
  }
  const std::string text = ::testing::internal::GetCapturedStderr();
  EXPECT_EQ(text.find("\r\x1b[2K[====    ] 1/2 validating"), 0U) << text;
  EXPECT_NE(text.find("a line\n[====    ] 1/2 validating"), std::string::npos) << text;
  EXPECT_NE(text.find("\r\x1b[2K[========] 2/2 running\r\x1b[2K"), std::string::npos) << text;
  // Nothing is drawn after the bar has been taken away.
  EXPECT_EQ(text.substr(text.size() - 18), "the engine's turn\n");
}

TEST(Stages, SayNothingBelowTheLevel) {
  init_console({.level = Level::kWarning});
  const testing::FakeClock clock;
  ::testing::internal::CaptureStderr();
  {
    Stages lines(1, Stages::Show::kLines, clock);
    lines.begin("validating");
    Stages bar(1, Stages::Show::kBar, clock);
    bar.begin("validating");
  }
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
  init_console({});
}

}  // namespace
}  // namespace stoker::cli
