#include "base/variables.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace stoker {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Variables : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const Variable& known : variables()) {
      if (known.is_understood != nullptr) ::unsetenv(std::string(known.name).c_str());
    }
  }
  static void set(const char* name, const char* value) { ::setenv(name, value, 1); }
};

std::string content(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

TEST_F(Variables, EmptyIsNotSet) {
  set("DLIO_OUTPUT_FOLDER", "");
  EXPECT_EQ(variable("DLIO_OUTPUT_FOLDER"), std::nullopt);
  set("DLIO_OUTPUT_FOLDER", "out");
  EXPECT_EQ(variable("DLIO_OUTPUT_FOLDER"), "out");
  ::unsetenv("DLIO_OUTPUT_FOLDER");
  EXPECT_EQ(variable("DLIO_OUTPUT_FOLDER"), std::nullopt);
}

TEST_F(Variables, Numbers) {
  set("DLIO_MAX_AUTO_THREADS", "12");
  EXPECT_EQ(number_variable("DLIO_MAX_AUTO_THREADS"), 12U);
  for (const char* none : {"0", "-1", "1.5", "x", "12 ", "99999999999999999999999"}) {
    set("DLIO_MAX_AUTO_THREADS", none);
    EXPECT_EQ(number_variable("DLIO_MAX_AUTO_THREADS"), std::nullopt) << none;
    EXPECT_EQ(misunderstood_variables().size(), 1U) << none;
  }
}

TEST_F(Variables, Flags) {
  EXPECT_FALSE(flag_variable("STOKER_KEEP_BINDING"));
  set("STOKER_KEEP_BINDING", "0");
  EXPECT_FALSE(flag_variable("STOKER_KEEP_BINDING"));
  set("STOKER_KEEP_BINDING", "1");
  EXPECT_TRUE(flag_variable("STOKER_KEEP_BINDING"));
}

TEST_F(Variables, WhatIsNotUnderstoodIsNamedWithWhatIsExpected) {
  EXPECT_THAT(misunderstood_variables(), IsEmpty());
  set("DLIO_LOG_LEVEL", "info");
  set("MLPS_DEBUG", "true");
  EXPECT_THAT(misunderstood_variables(), IsEmpty());
  set("DLIO_LOG_LEVEL", "lo\nud");
  set("MLPS_DEBUG", "yes");
  EXPECT_THAT(misunderstood_variables(),
              ElementsAre("DLIO_LOG_LEVEL=lo\\x0aud has no effect: expected debug, info, warning, error or critical",
                          "MLPS_DEBUG=yes has no effect: expected true or false"));
}

TEST_F(Variables, AllAreDocumented) {
  const std::string docs = content(std::filesystem::path(STOKER_SOURCE_DIR) / "docs/commands.md");
  for (const Variable& known : variables())
    EXPECT_THAT(docs, HasSubstr("`" + std::string(known.name))) << "docs/commands.md, Environment";
}

// Nobody reads the environment past the table, but for what launchers and batch systems set there.
TEST_F(Variables, AreReadHereOnly) {
  const std::filesystem::path source = std::filesystem::path(STOKER_SOURCE_DIR) / "src";
  for (const auto& entry : std::filesystem::recursive_directory_iterator(source)) {
    const std::string name = entry.path().lexically_relative(source).string();
    if (entry.path().extension() != ".cc" || name.ends_with("_test.cc") || name.find("testing/") != std::string::npos ||
        name == "base/variables.cc" || name == "cluster/dist/launch_variables.cc" ||
        name == "cluster/environment/launcher_settings.cc")
      continue;
    EXPECT_EQ(content(entry.path()).find("getenv("), std::string::npos) << name;
  }
}

}  // namespace
}  // namespace stoker
