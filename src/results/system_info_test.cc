#include "results/system_info.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/testing/status_matchers.h"

namespace stoker::results {
namespace {

constexpr std::uint64_t kGiB = std::uint64_t{1} << 30;

HostInfo host(const std::string& name, std::uint64_t memory) {
  return {.hostname = name,
          .memory = {.total = memory,
                     .available = 7,
                     .used = 6,
                     .free = 5,
                     .active = 4,
                     .inactive = 3,
                     .buffers = 2,
                     .cached = 1,
                     .shared = 9},
          .collection_timestamp = "2025-06-01T10:00:00Z",
          .cpu = HostCpu{.num_cores = 8, .num_logical_cores = 16, .model = "A CPU", .architecture = "x86_64"},
          .disks = {{"sda", {{"reads_completed", 12}, {"sectors_read", 34}}}},
          .network = {{"eth0", {{"rx_bytes", 5}}}},
          .system = HostSystem{.hostname = name,
                               .kernel_version = "Linux version 6.1.0-13-amd64 (builder) #1 SMP",
                               .os_release = {{"ID", "debian"}, {"VERSION_ID", "12"}},
                               .uptime_seconds = 100.5,
                               .load_average_1min = 0.5,
                               .running_processes = 2,
                               .total_processes = 300},
          .vmstat = {{"nr_free_pages", 1}, {"pgpgin", 2}},
          .mounts = {{"/dev/sda1", "/mnt/with space", "ext4", "rw,relatime", 0, 2}},
          .cgroups = {{"cpuset", 3, 14, true}, {"memory", 0, 1, false}},
          .errors = {{"diskstats", "permission denied"}}};
}

SystemInfo two_hosts() {
  return {.hosts = {host("a", 100 * kGiB), host("b", 104 * kGiB)},
          .collection_method = "mpi",
          .collection_timestamp = "2025-06-01T10:00:01Z",
          .host_consistency_issues = {"something"},
          .missing_hosts = {{"c", "no route to host"}}};
}

TEST(SystemInfo, JsonGoesThereAndBack) {
  const Result<SystemInfo> back = system_info_from_json(to_json(two_hosts()), "m");
  ASSERT_OK(back);
  EXPECT_EQ(*back, two_hosts());
  const Result<SystemInfo> empty = system_info_from_json(to_json(SystemInfo{}), "m");
  ASSERT_OK(empty);
  EXPECT_EQ(*empty, SystemInfo{});
}

TEST(SystemInfo, TotalsAreComputed) {
  const Json json = to_json(two_hosts());
  EXPECT_EQ(json["total_memory_bytes"].get<std::uint64_t>(), 204 * kGiB);
  EXPECT_EQ(json["min_memory_bytes"].get<std::uint64_t>(), 100 * kGiB);
  EXPECT_EQ(json["max_memory_bytes"].get<std::uint64_t>(), 104 * kGiB);
  EXPECT_EQ(json["total_cores"].get<int>(), 16);
  EXPECT_EQ(json["num_hosts"].get<int>(), 2);
  EXPECT_EQ(json["hosts"][1]["disks"][0]["device_name"], "sda");
  EXPECT_EQ(json["hosts"][1]["network"][0]["interface_name"], "eth0");
  EXPECT_EQ(json["hosts"][0]["vmstat"]["pgpgin"], 2);
  EXPECT_EQ(json["hosts"][0]["mounts"][0]["mount_point"], "/mnt/with space");
  EXPECT_EQ(json["hosts"][0]["cgroups"][0], Json::parse(R"({"subsys_name": "cpuset", "hierarchy": 3,
      "num_cgroups": 14, "enabled": true})"));
  EXPECT_EQ(json["hosts"][0]["errors"]["diskstats"], "permission denied");
  EXPECT_EQ(json["missing_hosts"][0], Json::parse(R"({"host": "c", "reason": "no route to host"})"));
  EXPECT_EQ(to_json(SystemInfo{})["min_memory_bytes"].get<int>(), 0);
}

TEST(SystemInfo, ErrorsNameFileAndKey) {
  const auto read = [](const char* text) { return system_info_from_json(*parse_json(text, "m"), "m"); };
  EXPECT_ERROR(read(R"({"hosts": 1})"), Code::kCorrupt, "m: key 'hosts': found 1, expected a list");
  EXPECT_ERROR(read(R"({"hosts": [{"memory": {"total": -1}}]})"), Code::kCorrupt,
               "m: key 'host.memory.total': found -1");
  EXPECT_ERROR(read(R"({"hosts": [{"hostname": 1}]})"), Code::kCorrupt, "key 'host.hostname': found 1");
  EXPECT_ERROR(read(R"({"hosts": [{"cpu": {"num_cores": "x"}}]})"), Code::kCorrupt, "key 'host.cpu.num_cores'");
  EXPECT_ERROR(read(R"({"missing_hosts": [{"host": 1}]})"), Code::kCorrupt, "key 'missing_hosts.host'");
}

// One odd counter of one host must not cost the memory of all of them.
TEST(SystemInfo, DetailsOfAWrongTypeAreLeftOut) {
  const Result<SystemInfo> system = system_info_from_json(*parse_json(R"({"collection_timestamp": 5, "hosts": [{
      "hostname": "a", "memory": {"total": 7, "free": "x"}, "cpu": {"num_cores": 4, "model": 1},
      "disks": [{}, {"device_name": "sda", "reads": -1, "writes": 2}], "network": {"rx_bytes": 1},
      "system": {"kernel_version": "6.1", "uptime_seconds": "12 days", "os_release": []}, "vmstat": {"a": -1, "b": 2},
      "mounts": [7, {"device": 1, "mount_point": "/"}],
      "cgroups": [{"subsys_name": "cpu", "enabled": 1}], "errors": 3}]})",
                                                                      "m"),
                                                          "m");
  ASSERT_OK(system);
  ASSERT_EQ(system->hosts.size(), 1U);
  const HostInfo& host = system->hosts[0];
  EXPECT_EQ(host.memory.total, 7U);
  EXPECT_EQ(host.cpu->num_cores, 4);
  EXPECT_EQ(host.system->kernel_version, "6.1");
  EXPECT_EQ(host.disks, (std::vector<Counters>{{"sda", {{"writes", 2}}}}));
  EXPECT_EQ(host.vmstat.size(), 1U);
  EXPECT_EQ(host.mounts.size(), 1U);
  EXPECT_EQ(host.cgroups.size(), 1U);
  using ::testing::HasSubstr;
  EXPECT_THAT(host.left_out,
              ::testing::ElementsAre(
                  HasSubstr("'host.memory.free': found \"x\""), HasSubstr("host.cpu.model"),
                  HasSubstr("without 'device_name'"), HasSubstr("host.disks.reads"), HasSubstr("host.network"),
                  HasSubstr("host.system.os_release"), HasSubstr("host.system.uptime_seconds"),
                  HasSubstr("host.vmstat.a"), HasSubstr("found 7, expected an object"), HasSubstr("host.mounts.device"),
                  HasSubstr("'host.cgroups.enabled': found 1, expected true or false"), HasSubstr("host.errors")));
  EXPECT_THAT(system->left_out, ::testing::ElementsAre(HasSubstr("collection_timestamp")));
}

TEST(ConsistencyIssues, AlikeHostsHaveNone) {
  EXPECT_TRUE(consistency_issues(two_hosts().hosts).empty());
  EXPECT_TRUE(consistency_issues({host("a", 1)}).empty());
}

TEST(ConsistencyIssues, NameEachDifference) {
  HostInfo other = host("b", 112 * kGiB);
  other.cpu->num_cores = 4;
  other.system->os_release = {{"VERSION_ID", "11"}};
  other.system->kernel_version = "Linux version 5.10.0 (other)";
  EXPECT_THAT(consistency_issues({host("a", 100 * kGiB), other}),
              ::testing::ElementsAre("memory differs by 12 % between hosts (100.0 GiB to 112.0 GiB)",
                                     "CPU core counts differ between hosts: 4, 8",
                                     "operating system versions differ between hosts: 11, 12",
                                     "kernels differ between hosts: 5.10.0, 6.1.0-13-amd64"));
}

TEST(SystemInfo, TotalsWithoutAListAreSharedOut) {
  const Result<Json> json = parse_json(
      R"({"total_memory_bytes": 1001, "total_cores": 5, "num_hosts": 2, "collection_method": "mpi"})", "m.json");
  ASSERT_OK(json);
  const Result<SystemInfo> system = system_info_from_json(*json, "m.json");
  ASSERT_OK(system);
  ASSERT_EQ(system->hosts.size(), 2U);
  EXPECT_EQ(system->total_memory_bytes(), 1001U);
  EXPECT_EQ(system->max_memory_bytes(), 501U);
  EXPECT_EQ(system->total_cores(), 5);
  EXPECT_EQ(system->collection_method, "mpi");
}

TEST(SystemInfo, HostsThatAreNamesOnly) {
  const Result<Json> json =
      parse_json(R"({"total_memory_bytes": 64, "num_hosts": 2, "hosts": ["node-a", "node-b"]})", "m.json");
  ASSERT_OK(json);
  const Result<SystemInfo> system = system_info_from_json(*json, "m.json");
  ASSERT_OK(system);
  ASSERT_EQ(system->hosts.size(), 2U);
  EXPECT_EQ(system->hosts[1].hostname, "node-b");
  EXPECT_EQ(system->hosts[1].memory.total, 32U);
}

TEST(SystemInfo, HostsUnderTheNameOfTheReader) {
  const Result<Json> json =
      parse_json(R"({"num_hosts": 1, "host_info_list": [{"hostname": "a", "memory": {"total": 7}}]})", "m.json");
  ASSERT_OK(json);
  const Result<SystemInfo> system = system_info_from_json(*json, "m.json");
  ASSERT_OK(system);
  ASSERT_EQ(system->hosts.size(), 1U);
  EXPECT_EQ(system->hosts[0].memory.total, 7U);
}

// Hosts are shared out of a file that may say anything.
TEST(SystemInfo, SumsMayBeOfAnyNumberOfHosts) {
  const auto read = [](const std::string& text) {
    const Result<SystemInfo> system = system_info_from_json(*parse_json(text, "m"), "m");
    EXPECT_OK(system);
    return system->hosts;
  };
  const auto named = read(R"({"total_memory_bytes": 64, "total_cores": 1, "hosts": ["node-a", "node-b"]})");
  ASSERT_EQ(named.size(), 2U) << "the names count them";
  EXPECT_EQ(named[0].cpu->num_cores, 1);
  EXPECT_EQ(named[1].cpu->num_cores, 0);
  const auto more = read(R"({"total_memory_bytes": 64, "num_hosts": 2, "hosts": ["node-a"]})");
  ASSERT_EQ(more.size(), 2U);
  EXPECT_EQ(more[1].hostname, "host 1");
  EXPECT_FALSE(more[1].cpu.has_value()) << "nothing is known of cores";
  EXPECT_TRUE(read(R"({"total_cores": 4, "num_hosts": 2})").empty());
  EXPECT_TRUE(read(R"({"total_memory_bytes": 64, "num_hosts": -1})").empty());
  EXPECT_EQ(read(R"({"total_memory_bytes": 64, "num_hosts": 65536})").size(), 65536U);
  EXPECT_TRUE(read(R"({"total_memory_bytes": 64, "num_hosts": 65537})").empty());
}

TEST(ConsistencyIssues, ATenthOfTheMemoryMayDiffer) {
  EXPECT_TRUE(consistency_issues({host("a", 100 * kGiB), host("b", 110 * kGiB)}).empty());
  EXPECT_EQ(consistency_issues({host("a", 100 * kGiB), host("b", 110 * kGiB + 1)}).size(), 1U);
}

TEST(ConsistencyIssues, WhatIsUnknownIsNotDifferent) {
  EXPECT_TRUE(consistency_issues({host("a", 100 * kGiB), host("b", 0)}).empty());
  HostInfo sparse{.hostname = "b", .memory = {.total = 100 * kGiB}};
  EXPECT_TRUE(consistency_issues({host("a", 100 * kGiB), sparse}).empty());
}

}  // namespace
}  // namespace stoker::results
