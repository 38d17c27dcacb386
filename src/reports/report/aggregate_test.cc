#include "reports/report/aggregate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "reports/runs/testing/run_files.h"

namespace stoker::reports {
namespace {

using results::Json;
using ::testing::DoubleNear;
using ::testing::ElementsAre;

// Two ranks, two checkpoints of 8 GiB, the second rank of the second one slow.
std::vector<rules::CheckpointOperation> two_checkpoints() {
  return {{.start = {100, 101}, .end = {104, 104}, .duration = {4, 3}, .throughput = {2, 8.0 / 3}},
          {.start = {200, 200}, .end = {202, 208}, .duration = {2, 8}, .throughput = {4, 1}}};
}

TEST(OperationFigures, SlowestRankDecides) {
  const auto operations = two_checkpoints();
  const OperationFigures figures = operation_figures(operations, 8);
  EXPECT_EQ(figures.count, 2);
  EXPECT_DOUBLE_EQ(figures.mean_of_max_duration_seconds, 6);  // (4 + 8) / 2
  EXPECT_THAT(figures.min_throughput_gib_per_second, ElementsAre(2, 1));
  EXPECT_DOUBLE_EQ(figures.mean_of_min_throughput_gib_per_second, 1.5);  // (2 + 1) / 2
  ASSERT_TRUE(figures.strict_throughput_gib_per_second);
  EXPECT_DOUBLE_EQ(*figures.strict_throughput_gib_per_second, 1.5);  // (8/4 + 8/8) / 2
}

TEST(OperationFigures, NoSizeNoStrictThroughput) {
  const auto operations = two_checkpoints();
  EXPECT_FALSE(operation_figures(operations, 0).strict_throughput_gib_per_second);
  EXPECT_EQ(operation_figures({}, 8).count, 0);
  EXPECT_FALSE(operation_figures({}, 8).strict_throughput_gib_per_second);
}

// Clocks of hosts that disagree can make an operation end before it began; the mean is then unknown, not rosier.
TEST(OperationFigures, ClocksThatRanBackwards) {
  auto operations = two_checkpoints();
  operations[1].end = {190, 190};
  EXPECT_FALSE(operation_figures(operations, 8).strict_throughput_gib_per_second);
}

TEST(WorkloadMetrics, OfACheckpointingRun) {
  const stoker::testing::TempDir dir;
  testing::write_checkpointing(dir.path(), {});
  const auto record = read_run(dir.path());
  ASSERT_OK(record);
  const Json json = workload_metrics(*record);
  EXPECT_EQ(json["num_save_ops"], 10);
  EXPECT_EQ(json["num_load_ops"], 10);
  EXPECT_NEAR(json["mean_of_max_save_duration"].get<double>(), 10, 1e-9);
  EXPECT_NEAR(json["mean_of_min_save_throughput"].get<double>(), 10.5, 1e-9);  // 105 GiB in 10 s
  EXPECT_EQ(json["min_throughput_list_load"].size(), 10U);
  EXPECT_NEAR(json["mean_of_min_load_throughput"].get<double>(), 21, 1e-9);
  // Rank 0 is first to begin and last to end: no rank begins more than 0.7 s later, each takes 0.2 s less.
  EXPECT_NEAR(json["calculated_mean_save_throughput_from_strict_times"].get<double>(), 10.5, 1e-6);
  EXPECT_EQ(reported_metrics(*record)["checkpoint_size_GB"], 105.0);
}

TEST(WorkloadMetrics, OfATrainingRun) {
  const stoker::testing::TempDir dir;
  testing::write_training(dir.path(), {});
  const auto record = read_run(dir.path());
  ASSERT_OK(record);
  const Json json = workload_metrics(*record);
  EXPECT_EQ(json["num_accelerators"], 4);
  EXPECT_EQ(json["processes_per_host"], 4.0);
  EXPECT_EQ(json["train_au_mean_percentage"], 95);
  EXPECT_EQ(json["train_au_meet_expectation"], "success");
  EXPECT_FALSE(json.contains("train_au_percentage"));  // a run's own list stays in the run's metrics
}

TEST(MeanOverRuns, NumbersListsAndVerdicts) {
  const std::vector<Json> runs{
      Json::parse(R"({"a": 1, "list": [1, 3], "train_au_meet_expectation": "success", "num_save_ops": 10})"),
      Json::parse(R"({"a": 3, "list": [4, 6], "train_au_meet_expectation": "fail", "num_load_ops": 10})"),
      Json::parse(R"({"only_here": 5, "text": "x", "num_save_ops": 2})")};
  const Json means = mean_over_runs(runs);
  EXPECT_EQ(means["mean_a"], 2.0);
  EXPECT_EQ(means["mean_list"], 3.5);
  EXPECT_EQ(means["mean_only_here"], 5.0);
  EXPECT_EQ(means["train_au_meet_expectation"], "fail");
  EXPECT_EQ(means["total_num_save_ops"], 12);
  EXPECT_EQ(means["total_num_load_ops"], 10);
  EXPECT_FALSE(means.contains("mean_text"));
  EXPECT_TRUE(mean_over_runs({}).empty());
}

TEST(BandwidthOf, TrainingReadsAndCheckpointingDoesBoth) {
  const Bandwidth training = bandwidth(Json::parse(R"({"mean_train_io_mean_MB_per_second": 6144})"));
  EXPECT_EQ(training.read_gib_per_second, 6);
  EXPECT_FALSE(training.write_gib_per_second);
  const Bandwidth checkpoint =
      bandwidth(Json::parse(R"({"mean_mean_of_min_save_throughput": 10.5, "mean_mean_of_max_load_duration": 5})"));
  EXPECT_EQ(checkpoint.write_gib_per_second, 10.5);
  EXPECT_EQ(checkpoint.read_seconds, 5);
  EXPECT_FALSE(checkpoint.read_gib_per_second);
}

// docs/faults.md: TB became TiB by 1000^3/2^30.
TEST(CapacityTib, DecimalAndBinaryUnits) {
  EXPECT_THAT(*capacity_tib("100 TB"), DoubleNear(100e12 / 1099511627776.0, 1e-9));
  EXPECT_THAT(*capacity_tib("100 TB"), DoubleNear(90.9495, 1e-4));
  EXPECT_EQ(capacity_tib("90.5TiB"), 90.5);
  EXPECT_EQ(capacity_tib("12"), 12.0);
  EXPECT_EQ(capacity_tib("1,024 GiB"), 1.0);
  EXPECT_EQ(capacity_tib("2 PiB"), 2048.0);
  EXPECT_FALSE(capacity_tib("much"));
  EXPECT_FALSE(capacity_tib("3 apples"));
  EXPECT_FALSE(capacity_tib(""));
}

}  // namespace
}  // namespace stoker::reports
