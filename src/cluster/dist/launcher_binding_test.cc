#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "base/testing/temp_dir.h"
#include "cluster/dist/launcher_binding_internal.h"

namespace stoker::dist {
namespace {

class LauncherAncestor : public ::testing::Test {
 protected:
  void add_process(pid_t pid, const std::string& name, pid_t parent) {
    const auto dir = dir_.path() / std::to_string(pid);
    std::filesystem::create_directories(dir);
    std::ofstream(dir / "stat") << pid << " (" << name << ") S " << parent << " 1 1 0 -1 4194560\n";
  }
  std::optional<pid_t> find(pid_t pid) { return launcher_ancestor(dir_.path(), pid); }

  stoker::testing::TempDir dir_;
};

TEST_F(LauncherAncestor, IsTheParent) {
  add_process(7, "mpirun", 1);
  add_process(9, "stoker", 7);
  EXPECT_EQ(find(9), 7);
}

TEST_F(LauncherAncestor, IsFoundBehindAShell) {
  add_process(7, "hydra_pmi_proxy", 1);
  add_process(8, "bash", 7);
  add_process(9, "stoker", 8);
  EXPECT_EQ(find(9), 7);
}

TEST_F(LauncherAncestor, OddProcessNamesDoNotConfuse) {
  add_process(7, "orted", 1);
  add_process(8, "a) S 1 (b", 7);
  add_process(9, "stoker", 8);
  EXPECT_EQ(find(9), 7);
}

TEST_F(LauncherAncestor, IsNotTheProcessItself) {
  add_process(1, "init", 0);
  add_process(9, "mpirun", 1);
  EXPECT_EQ(find(9), std::nullopt);
}

TEST_F(LauncherAncestor, AShellOrSlurmIsNone) {
  add_process(1, "init", 0);
  add_process(6, "slurmstepd", 1);
  add_process(7, "bash", 6);
  add_process(9, "stoker", 7);
  EXPECT_EQ(find(9), std::nullopt);
}

TEST_F(LauncherAncestor, EndsWhereProcessesCannotBeRead) {
  add_process(9, "stoker", 7);
  EXPECT_EQ(find(9), std::nullopt);
  std::filesystem::create_directories(dir_.path() / "7");
  std::ofstream(dir_.path() / "7" / "stat") << "7 (mpirun";
  EXPECT_EQ(find(9), std::nullopt);
}

TEST_F(LauncherAncestor, LooksOnlyAFewGenerationsUp) {
  add_process(2, "mpirun", 1);
  for (pid_t pid = 3; pid <= 30; ++pid) add_process(pid, "sh", pid - 1);
  EXPECT_EQ(find(30), std::nullopt);
  EXPECT_EQ(find(6), 2);
}

}  // namespace
}  // namespace stoker::dist
