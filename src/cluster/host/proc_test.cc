#include "cluster/host/proc.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>

#include "base/host_name.h"
#include "base/testing/temp_dir.h"

namespace stoker::host {
namespace {

using stoker::testing::TempDir;

// A root of our own.
class ProcTest : public ::testing::Test {
 protected:
  void put(const std::string& path, const std::string& text) {
    const auto file = dir_.path() / path;
    std::filesystem::create_directories(file.parent_path());
    ASSERT_TRUE(results::write_file_atomic(file, text).has_value());
  }
  [[nodiscard]] Proc proc() const { return Proc(dir_.path()); }

 private:
  TempDir dir_;
};

constexpr const char* kCpuinfo =
    "processor\t: 0\nmodel name\t: First\ncore id\t\t: 0\nodd : line : here\nno colon\npower management:\n\n"
    "processor\t: 1\nmodel name\t: Second\ncore id\t\t: 1\npower management:\n\n";

TEST_F(ProcTest, CpuinfoKeepsTheLastCpuInTheFirstOnesOrder) {
  put("proc/cpuinfo", kCpuinfo);
  const results::KeyValues expected{{"model name", "Second"}, {"core id", "1"}, {"power management", ""}};
  EXPECT_EQ(proc().cpuinfo(), expected);
  EXPECT_EQ(proc().cpu_count(), 2);
  EXPECT_EQ(proc().cpu_model(), "Second");
}

TEST_F(ProcTest, MeminfoIsTextAndBytes) {
  put("proc/meminfo", "MemTotal:       24684096 kB\nMemAvailable:   18816768 kB\nHugePages_Total:       0\n");
  const results::KeyValues expected{
      {"MemTotal", "24684096 kB"}, {"MemAvailable", "18816768 kB"}, {"HugePages_Total", "0"}};
  EXPECT_EQ(proc().meminfo(), expected);
  EXPECT_EQ(proc().memory_total_bytes(), 24684096ULL * 1024);
}

TEST_F(ProcTest, MissingFilesGiveEmptyAnswers) {
  EXPECT_TRUE(proc().cpuinfo().empty());
  EXPECT_TRUE(proc().meminfo().empty());
  EXPECT_EQ(proc().memory_total_bytes(), 0U);
  EXPECT_EQ(proc().cpu_count(), 1) << "there is always one";
  EXPECT_EQ(proc().kernel_release(), "");
  EXPECT_EQ(proc().file_system_type("/"), "");
  EXPECT_EQ(proc().peak_rss_bytes(), 0U);
  EXPECT_EQ(proc().device_read_bytes(), std::nullopt);
}

TEST_F(ProcTest, ProcessFacts) {
  put("proc/self/status", "Name:\tstoker\nVmPeak:\t   9000 kB\nVmHWM:\t    1948 kB\n");
  put("proc/self/io", "rchar: 6976\nsyscr: 10\nread_bytes: 40960\nwrite_bytes: 0\n");
  put("proc/sys/kernel/osrelease", "6.1.0-13-amd64\n");
  EXPECT_EQ(proc().peak_rss_bytes(), 1948U * 1024);
  EXPECT_EQ(proc().device_read_bytes(), 40960U);
  EXPECT_EQ(proc().kernel_release(), "6.1.0-13-amd64");
}

TEST_F(ProcTest, FileSystemIsThatOfTheLongestMountPoint) {
  put("proc/mounts",
      "rootfs / rootfs rw 0 0\n/dev/vda / ext4 rw 0 0\nnas:/x /no_such_mnt nfs4 rw 0 0\n"
      "tmpfs /no_such_mnt/with\\040blank tmpfs rw 0 0\nbroken\n");
  EXPECT_EQ(proc().file_system_type("/etc"), "ext4") << "the later mount on / hides the earlier one";
  EXPECT_EQ(proc().file_system_type("/no_such_mnt/a/b"), "nfs4");
  EXPECT_EQ(proc().file_system_type("/no_such_mnt"), "nfs4");
  EXPECT_EQ(proc().file_system_type("/no_such_mnt2/a"), "ext4") << "a common prefix is not a common folder";
  EXPECT_EQ(proc().file_system_type("/no_such_mnt/with blank/x"), "tmpfs");
}

// On the machine the test runs on, whichever it is.
TEST(ThisHost, FactsArePlausible) {
  const Proc proc;
  EXPECT_GT(proc.memory_total_bytes(), proc.available_memory().bytes);
  EXPECT_GT(proc.available_memory().bytes, 1U);
  EXPECT_GT(proc.peak_rss_bytes(), 100'000U);
  EXPECT_FALSE(proc.cpuinfo().empty());
  EXPECT_NE(proc.file_system_type("/proc/self"), "");
  EXPECT_FALSE(host_name().empty());
  EXPECT_FALSE(architecture().empty());
  EXPECT_GE(usable_cpu_count(), 1);
  EXPECT_LE(usable_cpu_count(), ::sysconf(_SC_NPROCESSORS_CONF));
}

TEST(ThisHost, CpuTimeGrowsWithWork) {
  const CpuTimes before = process_cpu_times();
  double sum = 0;
  volatile double sink = 0;
  while (process_cpu_times().total() < before.total() + 0.02) {
    for (int i = 0; i < 10'000; ++i) sum += i;
    sink = sum;
  }
  EXPECT_GT(process_cpu_times().user_seconds + process_cpu_times().system_seconds, before.total());
  EXPECT_GT(sink, 0);
}

}  // namespace
}  // namespace stoker::host
