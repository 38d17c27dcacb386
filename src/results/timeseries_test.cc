#include "results/timeseries.h"

#include <gtest/gtest.h>

#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "results/json.h"

namespace stoker::results {
namespace {

using stoker::testing::TempDir;

TimeseriesHead head() {
  const WallTime start{std::chrono::seconds(1'748'764'800)};
  return {.interval_seconds = 2.5,
          .start = start,
          .end = start + std::chrono::seconds(60),
          .collection_method = "mpi",
          .hosts_requested = {"a", "b", "b"}};
}

TEST(Timeseries, HoldsTheSamplesOfEachHost) {
  const TempDir dir;
  const auto path = dir.path() / "series.json";
  auto writer = TimeseriesWriter::create(path, head());
  ASSERT_OK(writer);
  EXPECT_EQ(writer->begin_host("a"), "a");
  writer->add("{\"x\": 1},\n{\"x\": 2}", 2);
  writer->add("{\"x\": 3}", 1);
  EXPECT_EQ(writer->begin_host("b"), "b");
  writer->add("", 0);
  EXPECT_EQ(writer->begin_host("b"), "b#2") << "two containers of one name are two hosts";
  writer->add("{\"x\": 4}", 1);
  EXPECT_FALSE(std::filesystem::exists(path)) << "half a file has no name that a reader knows";
  ASSERT_OK(writer->finish());
  EXPECT_EQ(writer->num_samples(), 4);
  EXPECT_EQ(writer->hosts_collected(), (std::vector<std::string>{"a", "b#2"}));

  const auto json = read_json(path);
  ASSERT_OK(json);
  EXPECT_EQ(*json, Json::parse(R"({"collection_interval_seconds": 2.5, "start_time": "2025-06-01T08:00:00Z",
      "end_time": "2025-06-01T08:01:00Z", "collection_method": "mpi", "hosts_requested": ["a", "b", "b"],
      "samples_by_host": {"a": [{"x": 1}, {"x": 2}, {"x": 3}], "b": [], "b#2": [{"x": 4}]},
      "num_samples": 4, "hosts_collected": ["a", "b#2"]})"));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(dir.path()), {}), 1) << "no temporary file is left";
}

TEST(Timeseries, WithoutHostsIsStillADocument) {
  const TempDir dir;
  auto writer = TimeseriesWriter::create(dir.path() / "series.json", head());
  ASSERT_OK(writer);
  ASSERT_OK(writer->finish());
  const auto json = read_json(dir.path() / "series.json");
  ASSERT_OK(json);
  EXPECT_EQ((*json)["num_samples"], 0);
  EXPECT_TRUE((*json)["samples_by_host"].empty());
}

TEST(Timeseries, UnfinishedLeavesNothing) {
  const TempDir dir;
  {
    auto writer = TimeseriesWriter::create(dir.path() / "series.json", head());
    ASSERT_OK(writer);
    writer->begin_host("a");
  }
  EXPECT_TRUE(std::filesystem::is_empty(dir.path()));
}

TEST(Timeseries, AFullDeviceIsAnError) {
  EXPECT_ERROR(TimeseriesWriter::create("/nowhere/series.json", head()), Code::kIo, "/nowhere/series.json.tmp: write");
  const TempDir dir;
  std::filesystem::create_symlink("/dev/full", dir.path() / "series.json.tmp");
  auto writer = TimeseriesWriter::create(dir.path() / "series.json", head());
  ASSERT_OK(writer);
  EXPECT_ERROR(writer->finish(), Code::kNoSpace, "series.json: write: No space left on device");
  EXPECT_TRUE(std::filesystem::is_empty(dir.path()));
}

}  // namespace
}  // namespace stoker::results
