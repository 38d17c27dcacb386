// Trees of /proc and /sys/fs/cgroup with limits on CPUs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>

#include <algorithm>
#include <string>
#include <vector>

#include "cluster/host/proc.h"
#include "cluster/host/testing/machine.h"

namespace stoker::host {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

class CpuLimitTest : public ::testing::Test, public testing::Machine {
 protected:
  // With the controller of CPUs.
  void put_v1(const std::string& group) const { Machine::put_v1("cpu,cpuacct", "cpu,cpuacct", group); }
  void expect_limit(double cpus, const std::string& file) const {
    const auto limit = proc().cpu_limit();
    ASSERT_TRUE(limit.has_value());
    EXPECT_DOUBLE_EQ(limit->cpus, cpus);
    EXPECT_EQ(limit->file, file);
  }
};

TEST_F(CpuLimitTest, WithoutALimitThereIsNone) {
  EXPECT_FALSE(proc().cpu_limit().has_value());
  EXPECT_TRUE(proc().throttled_times().empty());
  put_v2("/job");
  for (const char* none : {"max 100000\n", "max\n", "", "100000\n", "100000 0\n", "-1 100000\n"}) {
    put("sys/fs/cgroup/job/cpu.max", none);
    EXPECT_FALSE(proc().cpu_limit().has_value()) << none;
  }
  put_v1("/job");
  put("sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_quota_us", "-1\n");
  put("sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_period_us", "100000\n");
  EXPECT_FALSE(proc().cpu_limit().has_value());
}

TEST_F(CpuLimitTest, TheTightestGroupAboveCounts) {
  put_v2("/a/b");
  put("sys/fs/cgroup/a/b/cpu.max", "150000 100000\n");
  expect_limit(1.5, "/sys/fs/cgroup/a/b/cpu.max");
  put("sys/fs/cgroup/a/cpu.max", "3000 100000\n");
  expect_limit(0.03, "/sys/fs/cgroup/a/cpu.max");
  put("sys/fs/cgroup/a/b/cpu.max", "2000 100000\n");
  expect_limit(0.02, "/sys/fs/cgroup/a/b/cpu.max");
}

TEST_F(CpuLimitTest, VersionOneHasOtherNames) {
  put_v1("/job");
  put("sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_quota_us", "50000\n");
  EXPECT_FALSE(proc().cpu_limit().has_value()) << "of no known period";
  put("sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_period_us", "200000\n");
  expect_limit(0.25, "/sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_quota_us");
}

TEST_F(CpuLimitTest, ThrottlingIsCountedByGroup) {
  put_v2("/a/b");
  put("sys/fs/cgroup/a/b/cpu.stat", "usage_usec 9\nnr_throttled 3\nthrottled_usec 2500000\n");
  put("sys/fs/cgroup/a/cpu.stat", "throttled_usec 4000000\n");
  put("sys/fs/cgroup/cpu.stat", "usage_usec 9\n");
  EXPECT_THAT(proc().throttled_times(), ElementsAre(Pair("/sys/fs/cgroup/a", 4.0), Pair("/sys/fs/cgroup/a/b", 2.5)));
  put_v1("/job");
  put("sys/fs/cgroup/cpu,cpuacct/job/cpu.stat", "nr_periods 5\nnr_throttled 3\nthrottled_time 1500000000\n");
  EXPECT_THAT(proc().throttled_times(), ElementsAre(Pair("/sys/fs/cgroup/cpu,cpuacct/job", 1.5)));
}

// A group above may have been held back for days before, and a run's own only now.
TEST(ThrottledBetween, IsOfTheGroupThatWasHeldBackLongestMeanwhile) {
  EXPECT_EQ(throttled_between({}, {}), 0);
  EXPECT_DOUBLE_EQ(throttled_between({{"/a", 5000}, {"/a/b", 1}}, {{"/a", 5000}, {"/a/b", 301}}), 300);
  EXPECT_DOUBLE_EQ(throttled_between({{"/a", 5000}, {"/a/b", 1}}, {{"/a", 5002}, {"/a/b", 2}}), 2);
  EXPECT_DOUBLE_EQ(throttled_between({}, {{"/a", 3}}), 3);
  EXPECT_EQ(throttled_between({{"/a", 3}}, {{"/a", 2}}), 0) << "made anew";
  EXPECT_EQ(throttled_between({{"/a", 3}}, {}), 0);
}

TEST(AllowedCpus, AreThoseOfTheMask) {
  const std::vector<int> all = allowed_cpus();
  ASSERT_FALSE(all.empty());
  EXPECT_TRUE(std::ranges::is_sorted(all));
  cpu_set_t before, one;
  ASSERT_EQ(::sched_getaffinity(0, sizeof before, &before), 0);
  CPU_ZERO(&one);
  CPU_SET(all.back(), &one);
  ASSERT_EQ(::sched_setaffinity(0, sizeof one, &one), 0);
  EXPECT_THAT(allowed_cpus(), ElementsAre(all.back()));
  EXPECT_EQ(usable_cpu_count(), 1);
  ASSERT_EQ(::sched_setaffinity(0, sizeof before, &before), 0);
  EXPECT_EQ(allowed_cpus(), all);
  EXPECT_LE(usable_cpu_count(), static_cast<std::int64_t>(all.size()));
}

}  // namespace
}  // namespace stoker::host
