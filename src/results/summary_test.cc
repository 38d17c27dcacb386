#include "results/summary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "results/testing/sample_summary.h"

namespace stoker::results {
namespace {

using stoker::testing::TempDir;
using testing::full_summary;

std::vector<std::string> keys(const Json& object) {
  std::vector<std::string> names;
  for (const auto& item : object.items()) names.push_back(item.key());
  return names;
}

TEST(Summary, FilesGoThereAndBack) {
  const TempDir dir;
  for (const Summary& s : {Summary{}, full_summary()}) {
    ASSERT_OK(write_summary(dir.path(), s));
    const Result<Summary> back = read_summary(dir.path());
    ASSERT_OK(back);
    EXPECT_EQ(*back, s);
  }
}

TEST(Summary, CeilingsGoThereAndBackWithWhatIsKnownOfThem) {
  const TempDir dir;
  Summary s = full_summary();
  s.ceilings = CeilingShares{.bytes_per_second = 100, .client_bytes_per_second = 400, .client_share = 0.25};
  s.ceilings->files = {"/results/ceilings.json"};
  ASSERT_OK(write_summary(dir.path(), s));
  const Result<Summary> back = read_summary(dir.path());
  ASSERT_OK(back);
  EXPECT_EQ(*back, s);
  EXPECT_TRUE(to_json(s)["ceilings"]["storage_share"].is_null());
  EXPECT_FALSE(to_json(full_summary()).contains("ceilings"));
}

TEST(Summary, CheckpointOnlyHasNoTrainKeys) {
  Summary s;
  s.save_checkpoint = metrics::CheckpointMetrics{2.5, 0.5, 1.25, 0.25};
  s.checkpoint_size_gib = 3.5;
  const Json json = to_json(s);
  EXPECT_EQ(keys(json["metric"]),
            (std::vector<std::string>{"save_checkpoint_io_mean_GB_per_second", "save_checkpoint_io_stdev_GB_per_second",
                                      "save_checkpoint_duration_mean_seconds", "save_checkpoint_duration_stdev_seconds",
                                      "checkpoint_size_GB"}));
  EXPECT_EQ(json["epochs"].get<int>(), 0);
}

TEST(Summary, EvalHasTheSameNineKeys) {
  const Json metric = to_json(full_summary())["metric"];
  int found = 0;
  for (const std::string& key : keys(metric)) {
    if (!key.starts_with("train_au") && !key.starts_with("train_throughput") && !key.starts_with("train_io")) continue;
    ++found;
    EXPECT_TRUE(metric.contains("eval" + key.substr(5))) << key;
  }
  EXPECT_EQ(found, 9);
}

TEST(Summary, IsFiniteWhateverItIsGiven) {
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  constexpr double kInf = std::numeric_limits<double>::infinity();
  Summary s = full_summary();
  s.train->au_percent = {kNan, 1};
  s.train->au_mean_percent = kInf;
  s.read->latency.max = -kInf;
  s.host_memory_gib = {kNan};
  s.peak_rss_mib = kNan;
  s.save_checkpoint->io_mean_gib_per_second = kInf;
  const Json json = to_json(s);
  EXPECT_EQ(json["metric"]["train_au_percentage"].dump(), "[null,1.0]");
  EXPECT_TRUE(json["metric"]["train_au_mean_percentage"].is_null());
  EXPECT_EQ(json["metric"]["read_latency_ms"]["max"].get<double>(), 0);
  EXPECT_EQ(json["metric"]["save_checkpoint_io_mean_GB_per_second"].get<double>(), 0);
  EXPECT_THAT(dump(json), ::testing::Not(::testing::AnyOf(::testing::HasSubstr("nan"), ::testing::HasSubstr("inf,"))));
}

TEST(Summary, WhatWasNotMeasuredIsNullAndComesBackAsThat) {
  Summary s = full_summary();
  s.train = metrics::RateMetrics{
      .au_percent = {std::nullopt, 90}, .samples_per_second = {std::nullopt, std::nullopt}, .measured_steps = {0, 17}};
  const Json json = to_json(s);
  EXPECT_EQ(json["metric"]["train_au_percentage"].dump(), "[null,90.0]");
  EXPECT_EQ(json["metric"]["train_measured_steps"].dump(), "[0,17]");
  for (const char* key :
       {"train_au_mean_percentage", "train_au_stdev_percentage", "train_throughput_mean_samples_per_second",
        "train_throughput_stdev_samples_per_second", "train_io_mean_MB_per_second", "train_io_stdev_MB_per_second"}) {
    EXPECT_TRUE(json["metric"].at(key).is_null()) << key;
  }
  EXPECT_EQ(json["metric"]["train_au_meet_expectation"], "fail");
  const auto back = summary_from_json(json, "summary.json");
  ASSERT_OK(back);
  EXPECT_EQ(*back, s);
}

TEST(Summary, UnknownsAreNullAndErrorsOnlyWhereTheyAre) {
  Summary s = full_summary();
  s.read->device_bytes.reset();
  s.read->cache_share.reset();
  s.parquet_decode = "";
  Json json = to_json(s);
  EXPECT_TRUE(json["metric"]["device_bytes_read"].is_null());
  EXPECT_TRUE(json["metric"]["cache_share"].is_null());
  EXPECT_TRUE(json["parquet_decode"].is_null());
  EXPECT_TRUE(json["decode_images"].is_null());
  EXPECT_EQ(json["status"], "success");
  EXPECT_FALSE(json.contains("error"));
  s.status = "failed";
  s.error = "rank 1: a file is missing";
  json = to_json(s);
  EXPECT_EQ(json["status"], "failed");
  EXPECT_EQ(json["error"], "rank 1: a file is missing");
}

TEST(Summary, OfImagesSaysWhetherTheyWereDecoded) {
  Summary s = full_summary();
  for (const bool decoded : {false, true}) {
    s.decode_images = decoded;
    const Json json = to_json(s);
    EXPECT_EQ(json["decode_images"], decoded);
    EXPECT_EQ(summary_from_json(json, "summary.json")->decode_images, decoded);
  }
}

TEST(Summary, ErrorsNameFileAndKey) {
  const auto read = [](const char* text) {
    return summary_from_json(*parse_json(text, "r/summary.json"), "r/summary.json");
  };
  EXPECT_ERROR(read("3"), Code::kCorrupt, "r/summary.json: found 3, expected an object");
  EXPECT_ERROR(read(R"({"num_accelerators": "two"})"), Code::kCorrupt,
               "r/summary.json: key 'num_accelerators': found \"two\", expected a whole number");
  EXPECT_ERROR(read(R"({"num_hosts": 1.5})"), Code::kCorrupt, "found 1.5, expected a whole number");
  EXPECT_ERROR(read(R"({"metric": []})"), Code::kCorrupt, "key 'metric': found [], expected an object");
  EXPECT_ERROR(read(R"({"metric": {"train_au_percentage": [1, "x"]}})"), Code::kCorrupt,
               "key 'metric.train_au_percentage': found [1,\"x\"], expected a list in which each entry is a number");
  EXPECT_ERROR(read(R"({"metric": {"train_bytes_read": [-1]}})"), Code::kCorrupt, "a whole number, 0 or more");
  EXPECT_ERROR(read(R"({"metric": {"train_bytes_read": [1], "read_latency_ms": {"p50": "fast"}}})"), Code::kCorrupt,
               "key 'metric.read_latency_ms.p50'");
  EXPECT_ERROR(read(R"({"client": {"cpus": true}})"), Code::kCorrupt, "key 'client.cpus': found true");
  EXPECT_OK(read("{}"));
}

TEST(Summary, MissingFileIsNotFound) {
  const TempDir dir;
  EXPECT_ERROR(read_summary(dir.path()), Code::kNotFound, "summary.json");
}

TEST(DataSizePerHost, CountsWholeSamples) {
  // The two runs of tests/data/dlio_outputs.
  EXPECT_DOUBLE_EQ(data_size_per_host_gib(2, 2, 8, 245760, 761), 1.3934326171875);
  EXPECT_DOUBLE_EQ(data_size_per_host_gib(1, 1, 14, 1, 146600628), 1.9114546403288841);
  EXPECT_DOUBLE_EQ(data_size_per_host_gib(1, 3, 10, 1, 1 << 30), 3);
  EXPECT_EQ(data_size_per_host_gib(1, 0, 10, 1, 1), 0);
}

}  // namespace
}  // namespace stoker::results
