#include "results/rank_output.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"

namespace stoker::results {
namespace {

using metrics::StepRecord;
using std::chrono::milliseconds;

const RankHost kHost{.memory_gib = 251.5,
                     .cpu_count = 64,
                     .processor_name = "x86_64",
                     .potential_caching = 1,
                     .cpuinfo = {{"model name", "A \"quoted\" CPU"}},
                     .meminfo = {{"MemTotal", "263716828 kB"}}};
const std::vector<StepRecord> kSteps{
    {.load = milliseconds(2000), .compute = milliseconds(1000), .barrier = milliseconds(5)},
    {.load = Nanos(100'000'400), .compute = milliseconds(1000)}};

TEST(RankOutput, GoldenText) {
  const testing::TempDir dir;
  Result<RankOutputWriter> writer = RankOutputWriter::create(dir.path(), 3, kHost);
  ASSERT_OK(writer);
  ASSERT_OK(writer->add({.epoch = 1,
                         .blocks = {{"block1", kSteps, 3.47826, 86.9565217}, {"eval", {}, {}, {}}},
                         .meminfo = {},
                         .end = "2025-06-01T10:01:00.000000"}));
  EXPECT_FALSE(std::filesystem::exists(dir.path() / "3_output.json")) << "appears only when it is whole";
  ASSERT_OK(writer->finish("node1"));
  const Result<std::string> text = read_file(dir.path() / "3_output.json");
  ASSERT_OK(text);
  EXPECT_EQ(*text, R"({
    "host_memory_GB": 251.500000,
    "host_cpu_count": 64,
    "host_processor_name": "x86_64",
    "potential_caching": 1,
    "host_cpuinfo": {
        "model name": "A \"quoted\" CPU"
    },
    "host_meminfo": {
        "MemTotal": "263716828 kB"
    },
    "1": {
        "load": {
            "block1": [
                2.000000,
                0.100000
            ],
            "eval": []
        },
        "proc": {
            "block1": [
                3.000000,
                1.100000
            ],
            "eval": []
        },
        "throughput": {
            "block1": 3.478260,
            "eval": null
        },
        "au": {
            "block1": 86.956522,
            "eval": null
        },
        "compute": {
            "block1": [
                1.000000,
                1.000000
            ],
            "eval": []
        },
        "host_meminfo": {},
        "end": "2025-06-01T10:01:00.000000"
    },
    "hostname": "node1"
})");
}

TEST(RankOutput, LongEpochsArriveWhole) {
  const testing::TempDir dir;
  std::vector<StepRecord> steps(100'000);
  for (std::size_t i = 0; i < steps.size(); ++i) steps[i].load = std::chrono::microseconds(i);
  {
    Result<RankOutputWriter> writer = RankOutputWriter::create(dir.path(), 0, kHost);
    ASSERT_OK(writer);
    for (std::int64_t epoch = 1; epoch <= 2; ++epoch) {
      ASSERT_OK(
          writer->add({.epoch = epoch, .blocks = {{"block1", steps, std::numeric_limits<double>::infinity(), 1}}}));
    }
    ASSERT_OK(writer->finish("node1"));
  }
  const Result<Json> json = read_json(dir.path() / "0_output.json");
  ASSERT_OK(json);
  for (const char* epoch : {"1", "2"}) {
    const Json& load = (*json)[epoch]["load"]["block1"];
    ASSERT_EQ(load.size(), steps.size());
    EXPECT_EQ(load[99'999].get<double>(), 0.099999);
    EXPECT_TRUE((*json)[epoch]["throughput"]["block1"].is_null()) << "never Infinity";
  }
}

TEST(RankOutput, LateStepsHaveASeries) {
  const testing::TempDir dir;
  Result<RankOutputWriter> writer = RankOutputWriter::create(dir.path(), 0, kHost);
  ASSERT_OK(writer);
  std::vector<StepRecord> steps = kSteps;
  ASSERT_OK(writer->add({.epoch = 1, .blocks = {{"block1", steps, 1, 1}}}));
  steps[1].late = milliseconds(250);
  ASSERT_OK(writer->add({.epoch = 2, .blocks = {{"block1", steps, 1, 1}}}));
  ASSERT_OK(writer->finish("node1"));
  const Result<Json> json = read_json(dir.path() / "0_output.json");
  ASSERT_OK(json);
  EXPECT_FALSE((*json)["1"].contains("late"));
  EXPECT_EQ((*json)["2"]["late"]["block1"].dump(), "[0.0,0.25]");
}

TEST(RankOutput, AnEpochWithoutBlocksIsValid) {
  const testing::TempDir dir;
  Result<RankOutputWriter> writer = RankOutputWriter::create(dir.path(), 0, {});
  ASSERT_OK(writer);
  ASSERT_OK(writer->add({.epoch = 1}));
  ASSERT_OK(writer->finish("h"));
  const Result<Json> json = read_json(dir.path() / "0_output.json");
  ASSERT_OK(json);
  EXPECT_TRUE((*json)["1"]["load"].is_object());
}

TEST(RankOutput, AbandonedLeavesNothing) {
  const testing::TempDir dir;
  { ASSERT_OK(RankOutputWriter::create(dir.path(), 0, kHost)); }
  EXPECT_TRUE(std::filesystem::is_empty(dir.path()));
}

TEST(RankOutput, ErrorsNameTheFile) {
  const testing::TempDir dir;
  EXPECT_ERROR(RankOutputWriter::create(dir.path() / "absent", 0, kHost), Code::kNotFound, "0_output.json.tmp: create");
  std::filesystem::create_directories(dir.path() / "0_output.json" / "inside");
  Result<RankOutputWriter> writer = RankOutputWriter::create(dir.path(), 0, kHost);
  ASSERT_OK(writer);
  EXPECT_ERROR(writer->finish("h"), Code::kIo, "0_output.json: rename");
}

TEST(RankOutput, AFullDiskIsAnError) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "no /dev/full here";
  const testing::TempDir dir;
  std::filesystem::create_symlink("/dev/full", dir.path() / "0_output.json.tmp");
  Result<RankOutputWriter> writer = RankOutputWriter::create(dir.path(), 0, kHost);
  ASSERT_OK(writer);
  EXPECT_ERROR(writer->finish("h"), Code::kNoSpace, "0_output.json.tmp: write");
  EXPECT_FALSE(std::filesystem::exists(dir.path() / "0_output.json"));
}

}  // namespace
}  // namespace stoker::results
