#include <gtest/gtest.h>

#include "base/host_name.h"
#include "cluster/host/proc.h"
#include "cluster/host/testing/machine.h"

namespace stoker::host {
namespace {

const results::WallTime kNow{std::chrono::seconds(1'748'764'800)};

TEST(HostInfo, IsReadFromItsFiles) {
  const testing::Machine machine;
  machine.put(
      "proc/meminfo",
      "MemTotal: 1000 kB\nMemFree: 300 kB\nMemAvailable: 600 kB\nBuffers: 50 kB\nCached: 150 kB\nActive: 20 kB\n"
      "Inactive: 10 kB\nShmem: 5 kB\n");
  // Two packages with two cores each, one with two threads: core ids repeat.
  machine.put(
      "proc/cpuinfo",
      "processor : 0\nmodel name : A CPU\nphysical id : 0\ncore id : 0\n\nprocessor : 1\nmodel name : A CPU\nphysical "
      "id : 0\n"
      "core id : 0\n\nprocessor : 2\nphysical id : 0\ncore id : 1\n\nprocessor : 3\nphysical id : 1\ncore id : 0\n\n"
      "processor : 4\nphysical id : 1\ncore id : 1\n");
  machine.put("proc/diskstats",
              "   8       0 sda 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17\n   8       1 sda1 1 2 3 4 5 6 7 8 9 10 "
              "11\nbroken\n");
  machine.put(
      "proc/net/dev",
      "Inter-|   Receive                                                |  Transmit\n"
      " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier "
      "compressed\n    lo:  1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\nveth0:12 0 0 0 0 0 0 0 13 0 0 0 0 0 0 0\n");
  machine.put("proc/version", "Linux version 6.1.0 (b) #1\n");
  machine.put("proc/loadavg", "0.10 0.20 0.30 2/345 6789\n");
  machine.put("proc/uptime", "3619.98 4993.10\n");
  machine.put("etc/os-release", "NAME=\"Debian GNU/Linux\"\n# comment\nVERSION_ID=\"12\"\nID=debian\n\n");

  const results::HostInfo host = Proc(machine.root()).host_info(kNow);
  EXPECT_EQ(host.memory, (results::HostMemory{.total = 1024000,
                                              .available = 614400,
                                              .used = 512000,
                                              .free = 307200,
                                              .active = 20480,
                                              .inactive = 10240,
                                              .buffers = 51200,
                                              .cached = 153600,
                                              .shared = 5120}));
  EXPECT_EQ(host.collection_timestamp, "2025-06-01T08:00:00Z");
  ASSERT_TRUE(host.cpu);
  EXPECT_EQ(host.cpu->num_cores, 4);
  EXPECT_EQ(host.cpu->num_logical_cores, 5);
  EXPECT_EQ(host.cpu->model, "A CPU");

  ASSERT_EQ(host.disks.size(), 2U);
  EXPECT_EQ(host.disks[0].name, "sda");
  ASSERT_EQ(host.disks[0].values.size(), 17U);
  EXPECT_EQ(host.disks[0].values[2], (std::pair<std::string, std::uint64_t>("sectors_read", 3)));
  EXPECT_EQ(host.disks[0].values[16], (std::pair<std::string, std::uint64_t>("time_flushing_ms", 17)));
  EXPECT_EQ(host.disks[1].values.size(), 11U) << "an old kernel's line";

  ASSERT_EQ(host.network.size(), 2U);
  EXPECT_EQ(host.network[0].name, "lo");
  EXPECT_EQ(host.network[0].values[8], (std::pair<std::string, std::uint64_t>("tx_bytes", 9)));
  EXPECT_EQ(host.network[1].name, "veth0");
  EXPECT_EQ(host.network[1].values[0], (std::pair<std::string, std::uint64_t>("rx_bytes", 12)));

  ASSERT_TRUE(host.system);
  EXPECT_EQ(host.system->kernel_version, "Linux version 6.1.0 (b) #1");
  EXPECT_EQ(host.system->os_release,
            (results::KeyValues{{"NAME", "Debian GNU/Linux"}, {"VERSION_ID", "12"}, {"ID", "debian"}}));
  EXPECT_DOUBLE_EQ(host.system->uptime_seconds, 3619.98);
  EXPECT_DOUBLE_EQ(host.system->load_average_5min, 0.2);
  EXPECT_EQ(host.system->running_processes, 2);
  EXPECT_EQ(host.system->total_processes, 345);
}

TEST(HostInfo, AnEmptyRootIsNoFailure) {
  const testing::Machine machine;
  const results::HostInfo host = Proc(machine.root()).host_info(kNow);
  EXPECT_EQ(host.memory, results::HostMemory{});
  ASSERT_TRUE(host.cpu);
  EXPECT_EQ(host.cpu->num_cores, 1);
  EXPECT_TRUE(host.disks.empty());
  EXPECT_TRUE(host.network.empty());
  EXPECT_FALSE(host.hostname.empty());
}

TEST(HostInfo, SourcesThatCannotBeReadAreNamed) {
  const testing::Machine machine;
  machine.put("proc/meminfo", "MemTotal: 1000 kB\n");
  const results::HostInfo host = Proc(machine.root()).host_info(kNow, Detail::kFull);
  EXPECT_EQ(host.memory.total, 1024000U);
  std::vector<std::string> names;
  for (const auto& [name, reason] : host.errors) {
    names.push_back(name);
    EXPECT_NE(reason.find(machine.root().string()), std::string::npos) << reason;
  }
  EXPECT_EQ(names, (std::vector<std::string>{"cpuinfo", "diskstats", "netdev", "version", "uptime", "loadavg",
                                             "os_release", "vmstat", "mounts", "cgroups"}));
}

TEST(HostInfo, InFullHasCountersMountsAndControlGroups) {
  const testing::Machine machine;
  machine.put("proc/vmstat", "nr_free_pages 12\npgpgin 34\nbroken\n");
  machine.put("proc/mounts", "/dev/sda1 /mnt/with\\040blank ext4 rw,relatime 0 2\nproc /proc proc rw 0 0\nbroken\n");
  machine.put("proc/cgroups", "#subsys_name\thierarchy\tnum_cgroups\tenabled\ncpuset\t3\t14\t1\nmemory\t0\t1\t0\n");
  const results::HostInfo host = Proc(machine.root()).host_info(kNow, Detail::kFull);
  EXPECT_EQ(host.vmstat, (std::vector<std::pair<std::string, std::uint64_t>>{{"nr_free_pages", 12}, {"pgpgin", 34}}));
  ASSERT_EQ(host.mounts.size(), 2U);
  EXPECT_EQ(host.mounts[0], (results::Mount{"/dev/sda1", "/mnt/with blank", "ext4", "rw,relatime", 0, 2}));
  ASSERT_EQ(host.cgroups.size(), 2U);
  EXPECT_EQ(host.cgroups[0], (results::Cgroup{"cpuset", 3, 14, true}));
  EXPECT_FALSE(host.cgroups[1].enabled);
  const results::HostInfo brief = Proc(machine.root()).host_info(kNow);
  EXPECT_TRUE(brief.vmstat.empty() && brief.mounts.empty() && brief.cgroups.empty());
}

TEST(HostInfo, CoresWithoutIdsCountAsLogical) {
  const testing::Machine machine;
  machine.put("proc/cpuinfo", "processor : 0\nBogoMIPS : 50\n\nprocessor : 1\nBogoMIPS : 50\n");
  const results::HostInfo host = Proc(machine.root()).host_info(kNow);
  EXPECT_EQ(host.cpu->num_cores, 2);
  EXPECT_EQ(host.cpu->model, "");
}

TEST(HostInfo, OfThisHostHasMemoryAndItsName) {
  const results::HostInfo host = Proc().host_info(kNow);
  EXPECT_EQ(host.hostname, host_name());
  EXPECT_GT(host.memory.total, host.memory.free);
  EXPECT_FALSE(host.system->kernel_version.empty());
}

}  // namespace
}  // namespace stoker::host
