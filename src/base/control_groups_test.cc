#include "base/control_groups.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace stoker {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr const char* kMounts =
    "30 1 0:26 / /sys/fs/cgroup rw,relatime - cgroup2 cgroup2 rw\n"
    "31 1 0:27 / /mnt/with\\040blank rw - cgroup cgroup rw,cpu,pids\n"
    "32 1 0:28 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n";
constexpr const char* kGroups = "5:cpu,pids:/batch/job\n4:memory:/\n0::/a/b\n";

TEST(ControlGroupFolders, AreTheOwnAndAllAboveIt) {
  EXPECT_THAT(control_group_folders(kMounts, kGroups, GroupVersion::k2, "pids"),
              ElementsAre("/sys/fs/cgroup/a/b", "/sys/fs/cgroup/a", "/sys/fs/cgroup"));
  EXPECT_THAT(control_group_folders(kMounts, kGroups, GroupVersion::k1, "pids"),
              ElementsAre("/mnt/with blank/batch/job", "/mnt/with blank/batch", "/mnt/with blank"));
  EXPECT_THAT(control_group_folders(kMounts, kGroups, GroupVersion::k1, "memory"),
              ElementsAre("/sys/fs/cgroup/memory"));
}

TEST(ControlGroupFolders, AreNoneWithoutGroupOrFileSystem) {
  EXPECT_THAT(control_group_folders("", kGroups, GroupVersion::k2, "pids"), IsEmpty());
  EXPECT_THAT(control_group_folders(kMounts, "", GroupVersion::k2, "pids"), IsEmpty());
  EXPECT_THAT(control_group_folders(kMounts, "0:\n:::\nnothing", GroupVersion::k2, "pids"), IsEmpty());
  EXPECT_THAT(control_group_folders(kMounts, kGroups, GroupVersion::k1, "pid"), IsEmpty()) << "a part of a name";
}

TEST(ControlGroupFolders, OfAContainerBeginAtWhatItSees) {
  const char* own = "30 1 0:26 /docker/x /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n";
  EXPECT_THAT(control_group_folders(own, "0::/docker/x/y", GroupVersion::k2, "pids"),
              ElementsAre("/sys/fs/cgroup/y", "/sys/fs/cgroup"));
  EXPECT_THAT(control_group_folders(own, "0::/docker/xy", GroupVersion::k2, "pids"), ElementsAre("/sys/fs/cgroup"));
  EXPECT_THAT(control_group_folders(own, "0::/../other", GroupVersion::k2, "pids"), ElementsAre("/sys/fs/cgroup"));
}

TEST(ControlGroupFolders, LinesThatLackFieldsArePassedOver) {
  for (const char* line : {"- cgroup2 a / /x", "30 1 0:26 / /x rw", "30 1 0:26 / /x -", "30 1 0:26 / /x - cgroup2",
                           "30 1 0:26 / /x - cgroup2 none", "30 1 0:26 / x - cgroup2 none rw"}) {
    EXPECT_THAT(control_group_folders(std::string(line) + "\n", kGroups, GroupVersion::k2, "pids"), IsEmpty()) << line;
  }
  EXPECT_THAT(control_group_folders("30 1 0:26 / /x - cgroup2 none rw\n", "0::/\n", GroupVersion::k2, "pids"),
              ElementsAre("/x"));
}

}  // namespace
}  // namespace stoker
