// Trees of /proc and /sys/fs/cgroup as hosts, containers and batch jobs have them.
#include <gtest/gtest.h>

#include <string>

#include "cluster/host/proc.h"
#include "cluster/host/testing/machine.h"

namespace stoker::host {
namespace {

constexpr std::uint64_t kMiB = 1 << 20U;
constexpr std::uint64_t kHost = 1000 * kMiB;

class AvailableMemoryTest : public ::testing::Test, public testing::Machine {
 protected:
  AvailableMemoryTest() { put("proc/meminfo", "MemTotal: 2048000 kB\nMemAvailable: 1024000 kB\n"); }

  void put_limit(const std::string& folder, const std::string& limit, std::uint64_t used = 0,
                 const std::string& stat = "") {
    put("sys/fs/cgroup" + folder + "/memory.max", limit + "\n");
    put("sys/fs/cgroup" + folder + "/memory.current", std::to_string(used) + "\n");
    put("sys/fs/cgroup" + folder + "/memory.stat", stat);
  }
  // With the controller of memory.
  void put_v1(const std::string& group, const std::string& top = "/") const {
    Machine::put_v1("cpu,memory", "memory", group, top);
  }
  [[nodiscard]] AvailableMemory found() const { return proc().available_memory(); }
  void expect_host() const {
    EXPECT_EQ(found().bytes, kHost);
    EXPECT_EQ(found().limit, 0U);
    EXPECT_FALSE(found().limited());
  }
  void expect_limit(std::uint64_t bytes, std::uint64_t limit, const std::string& file) const {
    EXPECT_EQ(found().bytes, bytes);
    EXPECT_EQ(found().limit, limit);
    EXPECT_EQ(found().limit_file, file);
    EXPECT_TRUE(found().limited());
  }
};

TEST_F(AvailableMemoryTest, WithoutGroupsItIsTheHosts) {
  expect_host();
  put_v2("/user.slice");
  expect_host();
  put_limit("/user.slice", "max");
  expect_host();
}

TEST_F(AvailableMemoryTest, IsTheLeastOfHostAndGroup) {
  put_v2("/job");
  put_limit("/job", std::to_string(kHost));
  expect_host();
  put_limit("/job", std::to_string(kHost - 1));
  expect_limit(kHost - 1, kHost - 1, "/sys/fs/cgroup/job/memory.max");
}

TEST_F(AvailableMemoryTest, TheTightestGroupAboveCounts) {
  put_v2("/a/b/c");
  put_limit("/a/b/c", "max");
  put_limit("/a/b", std::to_string(300 * kMiB));
  put_limit("/a", std::to_string(200 * kMiB));
  put_limit("/a2", std::to_string(10 * kMiB));
  put_limit("/a/b/d", std::to_string(10 * kMiB));
  expect_limit(200 * kMiB, 200 * kMiB, "/sys/fs/cgroup/a/memory.max");
  // The other ranks of the job fill the group between.
  put_limit("/a/b", std::to_string(300 * kMiB), 250 * kMiB);
  expect_limit(50 * kMiB, 300 * kMiB, "/sys/fs/cgroup/a/b/memory.max");
}

TEST_F(AvailableMemoryTest, PagesOfFilesCanBeTaken) {
  put_v2("/job");
  put_limit("/job", std::to_string(100 * kMiB), 90 * kMiB,
            "anon 10485760\nfile 73400320\ninactive_file 41943040\nactive_file 20971520\nslab_reclaimable 2097152\n");
  expect_limit((100 - 90 + 40 + 20 + 2) * kMiB, 100 * kMiB, "/sys/fs/cgroup/job/memory.max");
  put_limit("/job", std::to_string(100 * kMiB), kMiB, "inactive_file 41943040\n");
  expect_limit(100 * kMiB, 100 * kMiB, "/sys/fs/cgroup/job/memory.max");
}

TEST_F(AvailableMemoryTest, NothingLeftIsNotUnknown) {
  put_v2("/job");
  put_limit("/job", std::to_string(100 * kMiB), 100 * kMiB);
  expect_limit(1, 100 * kMiB, "/sys/fs/cgroup/job/memory.max");
  put_limit("/job", std::to_string(100 * kMiB), 100 * kMiB - 2);
  expect_limit(2, 100 * kMiB, "/sys/fs/cgroup/job/memory.max");
  put_limit("/job", "0", 5);
  expect_limit(1, 0, "/sys/fs/cgroup/job/memory.max");
}

// A container that has a namespace of its own for groups is at the root of what it sees.
TEST_F(AvailableMemoryTest, AContainerSeesItsOwnGroupAsTheRoot) {
  put_v2("/");
  put_limit("", std::to_string(25 * kMiB), 5 * kMiB);
  expect_limit(20 * kMiB, 25 * kMiB, "/sys/fs/cgroup/memory.max");
  put_v2("/../other");
  expect_limit(20 * kMiB, 25 * kMiB, "/sys/fs/cgroup/memory.max");
}

// One without such a namespace is named as the host names it, and the mount shows its group only.
TEST_F(AvailableMemoryTest, AGroupIsLookedForBelowWhatIsMounted) {
  put_v2("/docker/1234", "/docker/1234");
  put_limit("", std::to_string(30 * kMiB));
  expect_limit(30 * kMiB, 30 * kMiB, "/sys/fs/cgroup/memory.max");
  put_v2("/docker/1234/sub", "/docker/1234");
  put_limit("/sub", std::to_string(20 * kMiB));
  expect_limit(20 * kMiB, 20 * kMiB, "/sys/fs/cgroup/sub/memory.max");
  put_v2("/docker/12345", "/docker/1234");
  expect_limit(30 * kMiB, 30 * kMiB, "/sys/fs/cgroup/memory.max");
}

TEST_F(AvailableMemoryTest, MountPointsWithBlanks) {
  put("proc/self/cgroup", "0::/job\n");
  put("proc/self/mountinfo", "30 22 0:26 / /my\\040groups rw - cgroup2 none rw\n");
  put("my groups/job/memory.max", "1048576\n");
  expect_limit(kMiB, kMiB, "/my groups/job/memory.max");
}

TEST_F(AvailableMemoryTest, VersionOneHasOtherNames) {
  put_v1("/job");
  expect_host();
  put("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
  put("sys/fs/cgroup/memory/job/memory.limit_in_bytes", std::to_string(100 * kMiB) + "\n");
  put("sys/fs/cgroup/memory/job/memory.usage_in_bytes", std::to_string(60 * kMiB) + "\n");
  put("sys/fs/cgroup/memory/job/memory.stat",
      "cache 1\ninactive_file 1\ntotal_inactive_file 10485760\ntotal_active_file 5242880\n"
      "hierarchical_memory_limit 104857600\n");
  expect_limit(55 * kMiB, 100 * kMiB, "/sys/fs/cgroup/memory/job/memory.limit_in_bytes");
}

TEST_F(AvailableMemoryTest, VersionOneTellsOfLimitsAboveWhatIsSeen) {
  put_v1("/docker/1", "/docker/1");
  put("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
  put("sys/fs/cgroup/memory/memory.stat", "hierarchical_memory_limit 52428800\n");
  expect_limit(50 * kMiB, 50 * kMiB, "hierarchical_memory_limit of /sys/fs/cgroup/memory/memory.stat");
  put("sys/fs/cgroup/memory/memory.stat", "hierarchical_memory_limit 9223372036854771712\n");
  expect_host();
}

TEST_F(AvailableMemoryTest, AHostThatDoesNotSayLeavesTheGroups) {
  remove("proc/meminfo");
  EXPECT_EQ(found().bytes, 0U);
  put_v1("/");
  put("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
  EXPECT_EQ(found().bytes, 0U);
  put("sys/fs/cgroup/memory/memory.limit_in_bytes", "4096\n");
  expect_limit(4096, 4096, "/sys/fs/cgroup/memory/memory.limit_in_bytes");
}

TEST_F(AvailableMemoryTest, OddFilesAreNoLimit) {
  put("proc/self/cgroup", "0\n0:\nx\n\n::/job\n3:freezer:/job\n");
  put("proc/self/mountinfo",
      "30\n30 22 0:26 / /sys/fs/cgroup rw - cgroup2\n- - -\n1 2 3 / relative rw - cgroup2 a b\n");
  put_limit("/job", "1");
  expect_host();
  put_v2("/job");
  put_limit("/job", "many");
  expect_host();
}

}  // namespace
}  // namespace stoker::host
