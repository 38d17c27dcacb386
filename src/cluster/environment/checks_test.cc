#include "cluster/environment/checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "base/exit_code.h"
#include "base/testing/bound_by_permissions.h"
#include "base/testing/temp_dir.h"
#include "results/json.h"

namespace stoker::environment {
namespace {

namespace fs = std::filesystem;
using stoker::testing::TempDir;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const Os kDebian{.id = "debian"};

class Checks : public ::testing::Test {
 protected:
  fs::path program(const std::string& name, ::mode_t mode = 0755) {
    const fs::path path = dir_.path() / name;
    fs::create_directories(path.parent_path());
    std::ofstream(path) << "#!/bin/sh\n";
    ::chmod(path.c_str(), mode);
    return path;
  }
  fs::path at(const std::string& name) const { return dir_.path() / name; }

  TempDir dir_;
};

// What one finding says; "" when there is none.
std::string said(const Findings& findings) {
  EXPECT_LE(findings.size(), 1U);
  return findings.empty() ? "" : fmt::format("{} {}", to_string(number_of(findings[0])), findings[0].message);
}

TEST_F(Checks, ProgramsAreFoundInPath) {
  const fs::path there = program("b/mpirun");
  program("a/mpirun", 0644);  // not to be run
  fs::create_directories(at("c/mpirun"));
  const std::string path =
      at("none").string() + ":" + at("a").string() + ":" + at("c").string() + ":" + at("b").string();
  EXPECT_EQ(find_program("mpirun", path), there);
  EXPECT_EQ(find_program("mpiexec", path), std::nullopt);
  EXPECT_EQ(find_program(there.string(), ""), there);
  EXPECT_EQ(find_program("", path), std::nullopt);
}

TEST_F(Checks, AMissingLauncherComesWithWhatToInstall) {
  program("mpirun");
  EXPECT_TRUE(check_launcher("mpirun", dir_.path().string(), kDebian).empty());
  const auto found = check_launcher("mpiexec", dir_.path().string(), kDebian);
  EXPECT_EQ(said(found), "E501 the MPI launcher 'mpiexec' was not found in PATH");
  EXPECT_THAT(found[0].hint, HasSubstr("sudo apt-get install openmpi-bin libopenmpi-dev"));
  EXPECT_EQ(exit_code(found[0]), ExitCode::kFailure);
  EXPECT_EQ(said(check_launcher("/opt/mpi/mpirun", "", kDebian)),
            "E501 the MPI launcher '/opt/mpi/mpirun' was not found");
}

TEST_F(Checks, OneOfTheRemoteShellsIsEnough) {
  EXPECT_THAT(said(check_ssh(dir_.path().string(), kDebian)), HasSubstr("E204 'ssh'"));
  EXPECT_EQ(check_ssh(dir_.path().string(), kDebian)[0].hint, "sudo apt-get install openssh-client");
  program("rsh");
  EXPECT_TRUE(check_ssh(dir_.path().string(), kDebian).empty());
}

TEST_F(Checks, NewFoldersNeedTheOneAbove) {
  EXPECT_TRUE(check_new_folder("--results-dir", dir_.path()).empty());
  EXPECT_TRUE(check_new_folder("--results-dir", at("new")).empty());
  EXPECT_TRUE(check_new_folder("--results-dir", at("new").string() + "/").empty());
  EXPECT_TRUE(check_new_folder("--results-dir", "new").empty()) << "in the working folder";
  const auto missing = check_new_folder("--results-dir", at("a/b/c"));
  EXPECT_EQ(said(missing), "E401 --results-dir: " + at("a/b/c").string() + " cannot be made: there is no folder " +
                               at("a/b").string());
  EXPECT_THAT(missing[0].hint, HasSubstr("mkdir -p " + at("a/b").string()));
  program("file");
  EXPECT_EQ(said(check_new_folder("--results-dir", at("file/new"))),
            "E404 --results-dir: " + at("file").string() + " is not a folder");
  EXPECT_EQ(said(check_new_folder("--results-dir", at("file/a/b"))),
            "E404 --results-dir: " + at("file").string() + " is not a folder")
      << "no advice to make folders in a file";
  EXPECT_TRUE(check_writable("--data-dir", at("a/b/c")).empty()) << "the folders between are made";
  EXPECT_FALSE(fs::exists(at("new"))) << "a check changes nothing";
}

TEST_F(Checks, WhatMayNotBeWrittenIsSaid) {
  const stoker::testing::BoundByPermissions bound;
  fs::create_directories(at("locked"));
  ::chmod(at("locked").c_str(), 0555);
  EXPECT_THAT(said(check_writable("--data-dir", at("locked/a/b"))),
              HasSubstr("E402 --data-dir: nothing can be written"));
  EXPECT_THAT(said(check_new_folder("--results-dir", at("locked/new"))),
              HasSubstr("E402 --results-dir: nothing can be written"));
  EXPECT_THAT(said(check_new_folder("--results-dir", at("locked/a/b"))),
              HasSubstr("E402 --results-dir: nothing can be written to " + at("locked").string()));
  ::chmod(at("locked").c_str(), 0755);
}

TEST_F(Checks, SpaceIsThatOfTheFileSystem) {
  const auto space = free_space(at("a/b/c"));
  ASSERT_TRUE(space.has_value());
  EXPECT_EQ(space->holds, dir_.path());
  EXPECT_GT(space->free_bytes, 0U);
  EXPECT_TRUE(check_space("--data-dir", at("a"), 1000, 1).empty());
  const auto full = check_space("--data-dir", at("a"), std::uint64_t{1} << 60, 1);
  EXPECT_THAT(said(full), HasSubstr("E403 --data-dir: "));
  EXPECT_THAT(said(full), HasSubstr("are needed at " + at("a").string() + ", but only "));
  EXPECT_EQ(full[0].code, Code::kNoSpace);
}

TEST_F(Checks, WhatWillBeReplacedCountsAsFree) {
  const auto space = free_space(dir_.path());
  ASSERT_TRUE(space.has_value());
  // A file with a hole: large, and without a block of its own.
  std::ofstream(at("old")) << 'x';
  fs::resize_file(at("old"), std::uint64_t{1} << 42);
  const std::uint64_t needed = space->free_bytes + (std::uint64_t{1} << 41);
  EXPECT_TRUE(check_space("--data-dir", dir_.path(), needed, 1).empty());
  EXPECT_FALSE(check_space("--data-dir", at("other"), needed, 1).empty());
}

TEST(Report, OneFindingStaysAsItIs) {
  const Error error = report({numbered(ErrorNumber::kMpiMissing, {Code::kFailed, "no launcher", "install it"})});
  EXPECT_EQ(error.message, "no launcher");
  EXPECT_EQ(error.hint, "install it");
}

TEST(Report, SeveralAreNumberedAndTheFirstDecides) {
  const Error error = report({{Code::kNotFound, "no folder", ""},
                              numbered(ErrorNumber::kMpiMissing, {Code::kFailed, "no launcher", "install it"}),
                              numbered(ErrorNumber::kHostUnreachable, {Code::kTimeout, "no answer", "look there"}),
                              {Code::kConfig, "bad key", "", SourcePos{"w.yaml", 3, 4}}});
  EXPECT_EQ(error.code, Code::kNotFound);
  EXPECT_EQ(error.number, ErrorNumber::kFileNotFound);
  EXPECT_EQ(error.message, "4 things stand in the way of a run");
  EXPECT_THAT(error.list,
              ElementsAre("1. [E401] no folder", "2. [E501] no launcher", "   hint: install it", "3. [E502] no answer",
                          "   hint: look there", "4. [E102] bad key", "   --> w.yaml:3:4"));
  EXPECT_THAT(error.hint, HasSubstr("--skip-validation"));
}

}  // namespace
}  // namespace stoker::environment
