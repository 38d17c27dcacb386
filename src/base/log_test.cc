#include "base/log.h"

#include <gtest/gtest.h>

namespace stoker {
namespace {

TEST(InitLog, KnowsTheLevelNames) {
  const auto before = spdlog::default_logger();
  const struct {
    const char* name;
    spdlog::level::level_enum level;
  } cases[] = {
      {"debug", spdlog::level::debug},        {"info", spdlog::level::info}, {"warning", spdlog::level::warn},
      {"warn", spdlog::level::warn},          {"error", spdlog::level::err}, {"critical", spdlog::level::critical},
      {"no such level", spdlog::level::warn}, {"", spdlog::level::warn},
  };
  for (const auto& c : cases) {
    init_log(c.name);
    EXPECT_EQ(spdlog::default_logger()->level(), c.level) << c.name;
  }
  spdlog::set_default_logger(before);
}

TEST(InitLog, WritesToStderrInDliosForm) {
  const auto before = spdlog::default_logger();
  ::testing::internal::CaptureStdout();
  ::testing::internal::CaptureStderr();
  init_log("info");
  spdlog::info("two files");
  spdlog::debug("not shown");
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "[info] two files\n");
  EXPECT_EQ(::testing::internal::GetCapturedStdout(), "");
  spdlog::set_default_logger(before);
}

TEST(InitLog, SpellsOutWhatIsNotPrintable) {
  const auto before = spdlog::default_logger();
  ::testing::internal::CaptureStderr();
  init_log("info");
  spdlog::info("column {}", "a\x1b[2J\n\xff");
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "[info] column a\\x1b[2J\\x0a\\xff\n");
  spdlog::set_default_logger(before);
}

}  // namespace
}  // namespace stoker
