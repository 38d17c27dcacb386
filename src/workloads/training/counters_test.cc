#include "workloads/training/counters.h"

#include <gtest/gtest.h>

#include <mutex>
#include <vector>

#include "base/testing/status_matchers.h"
#include "cluster/dist/local.h"

namespace stoker::training {
namespace {

ProcessCounters counters(double busy, double queue, double cpu, double io) {
  ProcessCounters c;
  c.device = host::DeviceTimes{.busy_seconds = busy, .queue_seconds = queue};
  c.pressure = host::Pressure{.cpu_seconds = cpu, .io_seconds = io};
  c.cpus = host::HostCpuTimes{.total_seconds = 2 * queue, .busy_seconds = queue};
  return c;
}

TEST(HostLoad, IsWhatWasAddedToTheKernelsSums) {
  const HostLoad load = load_between(counters(10, 20, 30, 40), counters(14, 36, 31, 43), std::chrono::seconds(8));
  ASSERT_TRUE(load.device());
  EXPECT_DOUBLE_EQ(load.device()->busy, 0.5);
  EXPECT_DOUBLE_EQ(load.device()->in_flight, 2);
  ASSERT_TRUE(load.pressure());
  EXPECT_DOUBLE_EQ(load.pressure()->cpu, 0.125);
  EXPECT_DOUBLE_EQ(load.pressure()->io, 0.375);
  ASSERT_TRUE(load.cpus_busy());
  EXPECT_DOUBLE_EQ(*load.cpus_busy(), 0.5);
}

// 1.01 of the time is a look at the counters that came late, not a host with more than all of its time.
TEST(HostLoad, NothingIsBusyForLongerThanTheTime) {
  const HostLoad load = load_between(counters(10, 0, 10, 10), counters(18.1, 100, 18.1, 18.2), std::chrono::seconds(8));
  EXPECT_DOUBLE_EQ(load.device()->busy, 1);
  EXPECT_DOUBLE_EQ(load.device()->in_flight, 12.5) << "of these there may be more at a time";
  EXPECT_DOUBLE_EQ(load.pressure()->cpu, 1);
  EXPECT_DOUBLE_EQ(load.pressure()->io, 1);
}

TEST(HostLoad, IsUnknownWhereTheKernelDoesNotTell) {
  EXPECT_FALSE(HostLoad().device());
  EXPECT_FALSE(HostLoad().pressure());
  EXPECT_FALSE(HostLoad().cpus_busy());
  for (const auto& [before, after] :
       {std::pair(ProcessCounters(), counters(1, 1, 1, 1)), std::pair(counters(1, 1, 1, 1), ProcessCounters())}) {
    const HostLoad load = load_between(before, after, std::chrono::seconds(1));
    EXPECT_FALSE(load.device());
    EXPECT_FALSE(load.pressure());
    EXPECT_FALSE(load.cpus_busy());
  }
}

// Hosts that tell nothing are not in the mean.
TEST(HostLoad, IsTheMeanOfHostsAndEpochs) {
  std::mutex mutex;
  std::vector<HostLoad> seen;
  static_cast<void>(dist::run_local(3, [&](dist::Communicator& comm) {
    const auto mine =
        comm.rank() == 0   ? load_between(counters(0, 0, 0, 0), counters(2, 6, 1, 1), std::chrono::seconds(4))
        : comm.rank() == 1 ? load_between(counters(0, 0, 0, 0), counters(4, 2, 0, 3), std::chrono::seconds(4))
                           : HostLoad();
    const auto all = over_hosts(comm, mine);
    EXPECT_OK(all);
    const std::lock_guard lock(mutex);
    seen.push_back(*all);
    return 0;
  }));
  ASSERT_EQ(seen.size(), 3U);
  for (HostLoad& load : seen) {
    EXPECT_DOUBLE_EQ(load.device()->busy, 6.0 / 8);
    EXPECT_DOUBLE_EQ(load.device()->in_flight, 1);
    EXPECT_DOUBLE_EQ(load.pressure()->cpu, 1.0 / 8);
    EXPECT_DOUBLE_EQ(load.pressure()->io, 0.5);
    EXPECT_DOUBLE_EQ(load.cpu_total, 16);
    EXPECT_DOUBLE_EQ(load.cpu_busy, 8);
    load += load_between(counters(0, 0, 0, 0), counters(0, 8, 0, 0), std::chrono::seconds(8));
    EXPECT_DOUBLE_EQ(load.device()->busy, 6.0 / 16);
    EXPECT_DOUBLE_EQ(load.device()->in_flight, 1);
  }
}

// CPU and bytes of all processes, the longest time of any host, and what no host hides.
TEST(CountedUse, IsPutTogetherOverRanksAndTime) {
  for (const bool all_tell : {true, false}) {
    static_cast<void>(dist::run_local(2, [&](dist::Communicator& comm) {
      const bool first = comm.rank() == 0;
      ProcessCounters before = counters(0, 0, 0, 0), after = counters(2, 4, 1, 1);
      before.cpu_seconds = 10;
      after.cpu_seconds = first ? 13 : 14;
      before.device_bytes = 100;
      after.device_bytes = first ? 150 : 170;
      after.device_known = first || all_tell;
      before.throttled = {{"/group", 5}};
      after.throttled = {{"/group", first ? 5.5 : 7}};
      before.suspended_seconds = 3600;
      after.suspended_seconds = first ? 3602 : 3601;
      auto counted = counted_between(comm, before, after, std::chrono::seconds(4));
      EXPECT_OK(counted);
      EXPECT_DOUBLE_EQ(counted->cpu_seconds, 7);
      EXPECT_DOUBLE_EQ(counted->throttled_seconds, 2);
      EXPECT_DOUBLE_EQ(counted->suspended_seconds, 2);
      EXPECT_EQ(counted->device_bytes, all_tell ? std::optional<std::uint64_t>(120) : std::nullopt);
      EXPECT_DOUBLE_EQ(counted->host_load.device_wall, 8);
      EXPECT_DOUBLE_EQ(counted->host_load.device_queue, 8);
      // A later epoch: times are summed, and bytes as far as they are known.
      *counted += {.cpu_seconds = 1,
                   .throttled_seconds = 2,
                   .suspended_seconds = 3,
                   .device_bytes = 5,
                   .host_load = {.device_wall = 4}};
      *counted += {};
      EXPECT_DOUBLE_EQ(counted->cpu_seconds, 8);
      EXPECT_DOUBLE_EQ(counted->throttled_seconds, 4);
      EXPECT_DOUBLE_EQ(counted->suspended_seconds, 5);
      EXPECT_EQ(counted->device_bytes, all_tell ? 125U : 5U);
      EXPECT_DOUBLE_EQ(counted->host_load.device_wall, 12);
      return 0;
    }));
  }
}

}  // namespace
}  // namespace stoker::training
