// Trees of /proc and /sys/fs/cgroup with limits on CPUs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "base/testing/temp_dir.h"
#include "host/proc.h"
#include "results/json.h"

namespace stoker::host {
namespace {

class CpuLimitTest : public ::testing::Test {
 protected:
  void put(const std::string& path, const std::string& text) {
    const auto file = dir_.path() / path;
    std::filesystem::create_directories(file.parent_path());
    ASSERT_TRUE(results::write_file_atomic(file, text).has_value());
  }
  void put_v2(const std::string& group) {
    put("proc/self/cgroup", "0::" + group + "\n");
    put("proc/self/mountinfo", "30 22 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw\n");
  }
  void put_v1(const std::string& group) {
    put("proc/self/cgroup", "4:cpu,cpuacct:" + group + "\n0::/x\n");
    put("proc/self/mountinfo", "32 30 0:28 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n");
  }
  [[nodiscard]] Proc proc() const { return Proc(dir_.path()); }
  void expect_limit(double cpus, const std::string& file) const {
    const auto limit = proc().cpu_limit();
    ASSERT_TRUE(limit.has_value());
    EXPECT_DOUBLE_EQ(limit->cpus, cpus);
    EXPECT_EQ(limit->file, file);
  }

 private:
  stoker::testing::TempDir dir_;
};

TEST_F(CpuLimitTest, WithoutALimitTheHostsCpusAreUsable) {
  const double cpus = proc().usable_cpus();
  EXPECT_GE(cpus, 1);
  EXPECT_FALSE(proc().cpu_limit().has_value());
  EXPECT_EQ(proc().throttled_seconds(), 0);
  put_v2("/job");
  for (const char* none : {"max 100000\n", "max\n", "", "100000\n", "100000 0\n", "-1 100000\n"}) {
    put("sys/fs/cgroup/job/cpu.max", none);
    EXPECT_FALSE(proc().cpu_limit().has_value()) << none;
  }
  put_v1("/job");
  put("sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_quota_us", "-1\n");
  put("sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_period_us", "100000\n");
  EXPECT_FALSE(proc().cpu_limit().has_value());
  EXPECT_EQ(proc().usable_cpus(), cpus);
}

TEST_F(CpuLimitTest, TheTightestGroupAboveCounts) {
  put_v2("/a/b");
  put("sys/fs/cgroup/a/b/cpu.max", "150000 100000\n");
  expect_limit(1.5, "/sys/fs/cgroup/a/b/cpu.max");
  put("sys/fs/cgroup/a/cpu.max", "3000 100000\n");
  expect_limit(0.03, "/sys/fs/cgroup/a/cpu.max");
  EXPECT_DOUBLE_EQ(proc().usable_cpus(), 0.03);
  put("sys/fs/cgroup/a/cpu.max", "900000000 100000\n");
  put("sys/fs/cgroup/a/b/cpu.max", "800000000 100000\n");
  EXPECT_GE(proc().usable_cpus(), 1);
  EXPECT_LT(proc().usable_cpus(), 8000) << "a limit above what there is";
}

TEST_F(CpuLimitTest, VersionOneHasOtherNames) {
  put_v1("/job");
  put("sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_quota_us", "50000\n");
  EXPECT_FALSE(proc().cpu_limit().has_value()) << "of no known period";
  put("sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_period_us", "200000\n");
  expect_limit(0.25, "/sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_quota_us");
}

TEST_F(CpuLimitTest, ThrottlingIsOfTheGroupThatWasHeldBackLongest) {
  put_v2("/a/b");
  put("sys/fs/cgroup/a/b/cpu.stat", "usage_usec 9\nnr_throttled 3\nthrottled_usec 2500000\n");
  EXPECT_DOUBLE_EQ(proc().throttled_seconds(), 2.5);
  put("sys/fs/cgroup/a/cpu.stat", "throttled_usec 4000000\n");
  EXPECT_DOUBLE_EQ(proc().throttled_seconds(), 4);
  put_v1("/job");
  put("sys/fs/cgroup/cpu,cpuacct/job/cpu.stat", "nr_periods 5\nnr_throttled 3\nthrottled_time 1500000000\n");
  EXPECT_DOUBLE_EQ(proc().throttled_seconds(), 1.5);
}

}  // namespace
}  // namespace stoker::host
