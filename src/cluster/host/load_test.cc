#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <string>

#include "cluster/host/proc.h"
#include "cluster/host/testing/machine.h"

namespace stoker::host {
namespace {

// A machine of files, and the kernel's file of the device that holds them.
class LoadTest : public ::testing::Test, public testing::Machine {
 protected:
  [[nodiscard]] std::string stat_file() const {
    struct stat info {};
    EXPECT_EQ(::stat(root().c_str(), &info), 0);
    return "sys/dev/block/" + std::to_string(major(info.st_dev)) + ":" + std::to_string(minor(info.st_dev)) + "/stat";
  }
  [[nodiscard]] bool on_a_device() const { return !stat_file().starts_with("sys/dev/block/0:"); }
};

TEST_F(LoadTest, TheDeviceBelowAFolderTellsHowBusyItWas) {
  EXPECT_FALSE(proc().device_times(root()).has_value()) << "nothing tells of it";
  EXPECT_FALSE(proc().device_times(root() / "absent").has_value());
  put(stat_file(),
      " 495807 26443 74072530 564157 72885 204754 63130608 331675 3 73228 910686 27035 7 36122352 13056\n");
  const auto times = proc().device_times(root());
  if (!on_a_device()) {
    EXPECT_FALSE(times.has_value()) << "devices of number 0 are none";
    return;
  }
  ASSERT_TRUE(times.has_value());
  EXPECT_DOUBLE_EQ(times->busy_seconds, 73.228);
  EXPECT_DOUBLE_EQ(times->queue_seconds, 910.686);
  put(stat_file(), " 1 2 3 4 5 6 7 8 9 10\n");
  EXPECT_FALSE(proc().device_times(root()).has_value());
}

TEST_F(LoadTest, PressureIsTheTimeThatSomeThreadWaited) {
  EXPECT_FALSE(proc().pressure().has_value());
  put("proc/pressure/cpu", "some avg10=83.22 avg60=83.52 avg300=81.92 total=1813911943\nfull avg10=0.00 total=7\n");
  EXPECT_FALSE(proc().pressure().has_value()) << "half of it is none";
  put("proc/pressure/io",
      "full avg10=0.00 avg60=0.00 avg300=0.00 total=18039538\n"
      "some avg10=5.99 avg60=5.35 avg300=2.68 total=85682209\n");
  const auto pressure = proc().pressure();
  ASSERT_TRUE(pressure.has_value());
  EXPECT_DOUBLE_EQ(pressure->cpu_seconds, 1813.911943);
  EXPECT_DOUBLE_EQ(pressure->io_seconds, 85.682209);
  put("proc/pressure/io", "some avg10=5.99\n");
  EXPECT_FALSE(proc().pressure().has_value());
}

TEST_F(LoadTest, CpusAreAtWorkOrIdle) {
  const auto second = static_cast<double>(::sysconf(_SC_CLK_TCK));
  EXPECT_FALSE(proc().host_cpu_times().has_value());
  put("proc/stat", "cpu0 1 1 1 1 1 1 1 1 1 1\ncpu  100 20 30 400 50 6 7 8 90 10\ncpu1 1 1 1 1 1 1 1 1 1 1\n");
  const auto times = proc().host_cpu_times();
  ASSERT_TRUE(times.has_value());
  EXPECT_DOUBLE_EQ(times->total_seconds * second, 621) << "guests are counted with their hosts";
  EXPECT_DOUBLE_EQ(times->busy_seconds * second, 171);
  put("proc/stat", "cpu  100 20 30 400 50\n");
  ASSERT_TRUE(proc().host_cpu_times().has_value()) << "as old kernels tell";
  EXPECT_DOUBLE_EQ(proc().host_cpu_times()->busy_seconds * second, 150);
  put("proc/stat", "cpu  100 20 30 400\n");
  EXPECT_FALSE(proc().host_cpu_times().has_value());
}

}  // namespace
}  // namespace stoker::host
