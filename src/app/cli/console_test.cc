#include "app/cli/console.h"

#include <gtest/gtest.h>
#include <spdlog/spdlog.h>

#include <cstdlib>
#include <string>

#include "results/timestamp.h"

namespace stoker::cli {
namespace {

class ConsoleTest : public ::testing::Test {
 protected:
  ConsoleTest() : logger_(spdlog::default_logger()) { ::unsetenv("MLPS_DEBUG"); }
  ~ConsoleTest() override {
    init_console({});
    spdlog::set_default_logger(logger_);
  }

 private:
  std::shared_ptr<spdlog::logger> logger_;
};

TEST(Levels, HaveMlpstoragesNamesAndOrder) {
  EXPECT_EQ(level_names(),
            "CRITICAL, ERROR, RESULT, WARNING, STATUS, INFO, VERBOSE, VERBOSER, VERBOSEST, DEBUG, RIDICULOUS, "
            "LUDICROUS, PLAID");
  const struct {
    const char* name;
    int value;
  } cases[] = {{"critical", 50}, {"Error", 40},     {"RESULT", 35},   {"warn", 30},     {"WARNING", 30},
               {"status", 25},   {"INFO", 20},      {"verbose", 19},  {"VERBOSER", 18}, {"verbosest", 17},
               {"debug", 10},    {"ridiculous", 7}, {"ludicrous", 5}, {"plaid", 3}};
  for (const auto& c : cases) {
    const auto level = parse_level(c.name);
    ASSERT_TRUE(level.has_value()) << c.name;
    EXPECT_EQ(static_cast<int>(*level), c.value) << c.name;
  }
  EXPECT_FALSE(parse_level("loud").has_value());
  EXPECT_FALSE(parse_level("").has_value());
}

TEST(Print, SpellsOutWhatIsNotPrintable) {
  ::testing::internal::CaptureStdout();
  print("{}: {}\n", "a\x1b[2J\xff", 4);
  EXPECT_EQ(::testing::internal::GetCapturedStdout(), "a\\x1b[2J\\xff: 4\n");
}

TEST(FormatLine, HasTimeLevelAndOnRequestThePlace) {
  const auto time = results::parse_timestamp("2026-05-01T10:00:09.999999");
  ASSERT_TRUE(time.has_value());
  Line line{.level = Level::kStatus, .text = "Stage 1/4: x", .time = *time, .module = "training", .line = 214};
  EXPECT_EQ(format_line(line, {}), "2026-05-01 10:00:09|STATUS: Stage 1/4: x");
  EXPECT_EQ(format_line(line, {.location = true}), "2026-05-01 10:00:09|STATUS:training:214: Stage 1/4: x");
  EXPECT_EQ(format_line(line, {.colours = true}), "2026-05-01 10:00:09|\x1b[1;34mSTATUS: Stage 1/4: x\x1b[0m");
  line.level = Level::kInfo;
  EXPECT_EQ(format_line(line, {.colours = true}), "2026-05-01 10:00:09|INFO: Stage 1/4: x");
}

TEST(Colours, AreThoseOfTheLevels) {
  EXPECT_EQ(colour_of(Level::kError), "\x1b[1;31m");
  EXPECT_EQ(colour_of(Level::kWarning), "\x1b[33m");
  EXPECT_EQ(colour_of(Level::kResult), "\x1b[32m");
  EXPECT_EQ(colour_of(Level::kPlaid), "\x1b[1;95m");
  EXPECT_EQ(colour_of(Level::kDebug), "");
}

TEST_F(ConsoleTest, OptionsDecideTheLevel) {
  EXPECT_EQ(console_options(false, false, {}).level, Level::kInfo);
  EXPECT_EQ(console_options(false, true, {}).level, Level::kVerbose);
  EXPECT_EQ(console_options(true, true, {}).level, Level::kDebug);
  EXPECT_TRUE(console_options(true, false, {}).location);
  // A level that was named is meant.
  EXPECT_EQ(console_options(true, true, Level::kError).level, Level::kError);
  EXPECT_TRUE(console_options(true, true, Level::kError).location);
  EXPECT_FALSE(console_options(false, true, {}).location);
  ::setenv("MLPS_DEBUG", "true", 1);
  EXPECT_EQ(console_options(false, false, {}).level, Level::kDebug);
  ::setenv("MLPS_DEBUG", "false", 1);
  EXPECT_EQ(console_options(false, false, {}).level, Level::kInfo);
}

TEST_F(ConsoleTest, ShowsTheLevelAndAboveOnStderrOnly) {
  init_console({.level = Level::kStatus});
  ::testing::internal::CaptureStdout();
  ::testing::internal::CaptureStderr();
  log(Level::kInfo, "not shown");
  log(Level::kStatus, "shown");
  log(Level::kWarning, "shown too");
  const std::string text = ::testing::internal::GetCapturedStderr();
  EXPECT_EQ(text.find("not shown"), std::string::npos);
  EXPECT_NE(text.find("|STATUS: shown\n"), std::string::npos) << text;
  EXPECT_NE(text.find("|WARNING: shown too\n"), std::string::npos) << text;
  EXPECT_EQ(::testing::internal::GetCapturedStdout(), "");
}

TEST_F(ConsoleTest, LibrariesSpeakTheSameForm) {
  init_console({.level = Level::kInfo, .location = true});
  ::testing::internal::CaptureStderr();
  spdlog::debug("hidden");
  spdlog::warn("two of {}", 3);
  log(Level::kInfo, "with a place");
  const std::string text = ::testing::internal::GetCapturedStderr();
  EXPECT_EQ(text.find("hidden"), std::string::npos);
  EXPECT_NE(text.find("|WARNING:library:0: two of 3\n"), std::string::npos) << text;
  EXPECT_NE(text.find("|INFO:console_test:"), std::string::npos) << text;
}

TEST_F(ConsoleTest, LinesGoAboveTheLiveOne) {
  init_console({});
  ::testing::internal::CaptureStderr();
  set_live_line("[=  ] 1/3");
  print_above("text\n");
  set_live_line("");
  set_live_line("");
  print_above("after\n");
  EXPECT_EQ(::testing::internal::GetCapturedStderr(),
            "\r\x1b[2K[=  ] 1/3"
            "\r\x1b[2Ktext\n[=  ] 1/3"
            "\r\x1b[2K"
            "after\n");
}

}  // namespace
}  // namespace stoker::cli
