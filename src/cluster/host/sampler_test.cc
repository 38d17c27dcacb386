#include "cluster/host/sampler.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "base/host_name.h"
#include "base/testing/fake_clock.h"
#include "cluster/host/samples.h"
#include "cluster/host/testing/machine.h"

namespace stoker::host {
namespace {

using namespace std::chrono_literals;

class SamplesTest : public ::testing::Test, public testing::Machine {
 protected:
  void put_all() {
    put("proc/diskstats", " 8 0 sda 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17\n");
    put("proc/vmstat", "pgpgin 100\npgpgout 200\n");
    put("proc/loadavg", "0.10 0.20 0.30 2/345 6789\n");
    put("proc/meminfo", "MemTotal:  1000 kB\nHugePages_Total: 3\n");
    put("proc/net/dev", "h\nh\n eth0: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n");
  }
  const Proc proc_ = proc();
  const results::WallTime now_{std::chrono::seconds(1'748'764'800)};
};

TEST_F(SamplesTest, HaveTheirDocumentedShape) {
  put_all();
  Samples samples(10);
  samples.add(proc_, now_);
  ASSERT_EQ(samples.size(), 1U);
  auto expected = results::Json::parse(R"({"timestamp": "2025-06-01T08:00:00Z", "hostname": "",
      "diskstats": [{"device_name": "sda", "reads_completed": 1, "reads_merged": 2, "sectors_read": 3,
        "time_reading_ms": 4, "writes_completed": 5, "writes_merged": 6, "sectors_written": 7, "time_writing_ms": 8,
        "ios_in_progress": 9, "time_doing_ios_ms": 10, "weighted_time_doing_ios_ms": 11, "discards_completed": 12,
        "discards_merged": 13, "sectors_discarded": 14, "time_discarding_ms": 15, "flush_requests_completed": 16,
        "time_flushing_ms": 17}],
      "vmstat": {"pgpgin": 100, "pgpgout": 200},
      "loadavg": {"load_1min": 0.1, "load_5min": 0.2, "load_15min": 0.3, "running_processes": 2,
        "total_processes": 345},
      "meminfo": {"MemTotal": 1000, "HugePages_Total": 3},
      "netdev": [{"interface_name": "eth0", "rx_bytes": 1, "rx_packets": 2, "rx_errors": 3, "rx_dropped": 4,
        "rx_fifo": 5, "rx_frame": 6, "rx_compressed": 7, "rx_multicast": 8, "tx_bytes": 9, "tx_packets": 10,
        "tx_errors": 11, "tx_dropped": 12, "tx_fifo": 13, "tx_collisions": 14, "tx_carrier": 15,
        "tx_compressed": 16}],
      "errors": {}})");
  expected["hostname"] = host_name();
  EXPECT_EQ(samples.json(0), expected);
}

TEST_F(SamplesTest, DevicesMayComeAndGo) {
  put_all();
  Samples samples(10);
  samples.add(proc_, now_);
  put("proc/diskstats", " 8 0 sda 1 2 3 4 5 6 7 8 9 10 11\n 8 1 sdb 21 2 3 4 5 6 7 8 9 10 11\n");
  samples.add(proc_, now_ + 1s);
  put("proc/vmstat", "pgpgin 101\n");
  samples.add(proc_, now_ + 2s);
  EXPECT_EQ(samples.json(0)["diskstats"].size(), 1U);
  EXPECT_EQ(samples.json(1)["diskstats"][1]["reads_completed"], 21);
  EXPECT_EQ(samples.json(1)["vmstat"]["pgpgout"], 200);
  EXPECT_FALSE(samples.json(2)["vmstat"].contains("pgpgout"));
  EXPECT_EQ(samples.json(2)["netdev"][0]["tx_compressed"], 16) << "the last of the values";
}

TEST_F(SamplesTest, WhatCannotBeReadIsNamed) {
  put_all();
  remove("proc/vmstat");
  Samples samples(10);
  samples.add(proc_, now_);
  const results::Json json = samples.json(0);
  EXPECT_TRUE(json["vmstat"].empty());
  EXPECT_EQ(json["meminfo"]["MemTotal"], 1000);
  ASSERT_EQ(json["errors"].size(), 1U);
  EXPECT_NE(json["errors"]["vmstat"].get<std::string>().find("proc/vmstat"), std::string::npos);
}

TEST_F(SamplesTest, LaterOnesAreDroppedAtTheLimit) {
  put_all();
  Samples samples(2);
  for (int i = 0; i < 5; ++i) samples.add(proc_, now_ + i * 1s);
  EXPECT_EQ(samples.size(), 2U);
  EXPECT_TRUE(samples.full());
  EXPECT_EQ(samples.json(1)["timestamp"], "2025-06-01T08:00:01Z");
}

TEST_F(SamplesTest, AreKeptAsNumbers) {
  put_all();
  Samples samples(3600);
  for (int i = 0; i < 3600; ++i) samples.add(proc_, now_);
  // 17 + 2 + 2 + 16 numbers of 8 bytes, and what belongs to a sample once.
  EXPECT_LT(samples.memory_bytes(), 3600U * (37 * 8 + 256));
}

TEST_F(SamplesTest, ASamplerBeginsAtOnceAndStopsPromptly) {
  put_all();
  const stoker::testing::FakeClock clock;
  Sampler sampler(proc_, clock, 1h, 10);
  std::this_thread::sleep_for(20ms);
  const auto begin = std::chrono::steady_clock::now();
  const Samples& samples = sampler.stop();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s) << "an hour is not waited for";
  EXPECT_EQ(samples.size(), 1U);
  EXPECT_EQ(&sampler.stop(), &samples);
}

TEST_F(SamplesTest, ASamplerKeepsItsInterval) {
  put_all();
  const SteadyClock clock;
  Sampler sampler(proc_, clock, 20ms, 1000);
  std::this_thread::sleep_for(500ms);
  const std::size_t taken = sampler.stop().size();
  EXPECT_LE(taken, 27U);
  EXPECT_GE(taken, 3U) << "on a busy machine instants are left out, but not all of them";
}

TEST_F(SamplesTest, ASamplerEndsAtTheLimit) {
  put_all();
  const SteadyClock clock;
  Sampler sampler(proc_, clock, 1ms, 3);
  std::this_thread::sleep_for(200ms);
  EXPECT_EQ(sampler.stop().size(), 3U);
}

TEST(ThisHost, ASampleHasEverySource) {
  Samples samples(1);
  samples.add(Proc(), {});
  const results::Json json = samples.json(0);
  EXPECT_FALSE(json["vmstat"].empty());
  EXPECT_GT(json["meminfo"]["MemTotal"], 0);
  EXPECT_FALSE(json["netdev"].empty());
}

}  // namespace
}  // namespace stoker::host
