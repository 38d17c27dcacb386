#include "mlperf/plan/checkpoint_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error_number.h"
#include "base/testing/status_matchers.h"

namespace stoker::mlperf {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(PlanCheckpointing, DerivesFolderCountsAndSubset) {
  CheckpointArgs args;
  args.model = "llama3-405b";
  args.processes = 8;
  args.reads = 0;
  args.folder = "/mnt/my checkpoints";
  const auto plan = plan_checkpointing(args, "");
  ASSERT_OK(plan);
  EXPECT_TRUE(plan->is_subset());
  EXPECT_THAT(plan->overrides, Contains("++workload.checkpoint.mode=subset"));
  EXPECT_THAT(plan->overrides, Contains("++workload.model.parallelism.data=2"));
  EXPECT_EQ(plan->loaded.workload.checkpoint.checkpoint_folder, "/mnt/my checkpoints/llama3-405b");
  EXPECT_EQ(plan->loaded.workload.checkpoint.num_checkpoints_read, 0);
  EXPECT_EQ(plan->override_parameters["checkpoint.num_checkpoints_write"], 10);
  EXPECT_EQ(plan->parameters["checkpoint"]["num_checkpoints_write"], 10);

  args.processes = 512;
  const auto whole = plan_checkpointing(args, "");
  ASSERT_OK(whole);
  EXPECT_FALSE(whole->is_subset());
  EXPECT_THAT(whole->overrides, Not(Contains("++workload.checkpoint.mode=subset")));
}

CheckpointArgs args_of(std::string model, std::int64_t processes, std::vector<std::string> params) {
  CheckpointArgs args;
  args.model = std::move(model);
  args.processes = processes;
  args.folder = "/mnt/c";
  args.params = std::move(params);
  return args;
}

TEST(PlanCheckpointing, AnOverrideWinsOverWhatNobodyTyped) {
  const auto counts = plan_checkpointing(
      args_of("llama3-8b", 8, {"checkpoint.num_checkpoints_write=5", "checkpoint.num_checkpoints_read=0"}), "");
  ASSERT_OK(counts);
  EXPECT_EQ(counts->writes, 5);
  EXPECT_EQ(counts->reads, 0);
  EXPECT_EQ(counts->override_parameters["checkpoint.num_checkpoints_write"], 5);
  EXPECT_THAT(counts->overrides, Not(Contains(HasSubstr("num_checkpoints_write=10"))));

  // As a section, too.
  const auto section = plan_checkpointing(
      args_of("llama3-8b", 8, {"checkpoint={num_checkpoints_write: 3, num_checkpoints_read: 2}"}), "");
  ASSERT_OK(section);
  EXPECT_EQ(section->writes, 3);
  EXPECT_EQ(section->reads, 2);

  // Eight ranks of a whole job of eight, instead of the subset.
  const auto whole = plan_checkpointing(args_of("llama3-70b", 8, {"checkpoint.mode=default"}), "");
  ASSERT_OK(whole);
  EXPECT_FALSE(whole->is_subset());
  EXPECT_EQ(whole->job.ranks, 8);
  EXPECT_EQ(whole->loaded.workload.checkpoint.mode, "default");
  EXPECT_THAT(whole->overrides, Not(Contains(HasSubstr("parallelism.data"))));

  const auto data = plan_checkpointing(args_of("llama3-70b", 8, {"model.parallelism.data=4"}), "");
  ASSERT_OK(data);
  EXPECT_EQ(data->loaded.workload.model.parallelism.data, 4);
  const auto subset = plan_checkpointing(args_of("llama3-70b", 64, {"checkpoint.mode=subset"}), "");
  ASSERT_OK(subset);
  EXPECT_EQ(subset->loaded.workload.model.parallelism.data, 8);
}

TEST(PlanCheckpointing, AnOptionAndAnOverrideMustAgree) {
  CheckpointArgs args = args_of("llama3-8b", 8, {"checkpoint.num_checkpoints_write=5"});
  args.writes = 7;
  args.reads = 0;
  const auto refused = plan_checkpointing(args, "");
  EXPECT_ERROR(refused, Code::kInvalidArgument,
               "--num-checkpoints-write 7 and --params checkpoint.num_checkpoints_write=5 contradict each other");
  EXPECT_EQ(refused.error().number, ErrorNumber::kIncompatible);
  args.writes = 5;
  EXPECT_OK(plan_checkpointing(args, ""));

  EXPECT_ERROR(plan_checkpointing(args_of("llama3-8b", 8, {"checkpoint.checkpoint_folder=/mnt/d"}), ""),
               Code::kInvalidArgument, "--checkpoint-folder /mnt/c/llama3-8b and --params");
  const auto elsewhere = plan_checkpointing(args_of("llama3-8b", 8, {"checkpoint.checkpoint_folder=/mnt/c"}), "");
  ASSERT_FALSE(elsewhere);
  EXPECT_THAT(elsewhere.error().hint, HasSubstr("<model> is appended"));
  EXPECT_OK(plan_checkpointing(args_of("llama3-8b", 8, {"checkpoint.checkpoint_folder=/mnt/c/llama3-8b/"}), ""));
}

// More reads than writes are refused; the file's 10 reads are not these.
TEST(PlanCheckpointing, OverridesAreJudgedTogetherWithTheOptions) {
  CheckpointArgs args = args_of("llama3-8b", 8, {"checkpoint.num_checkpoints_write=5"});
  args.reads = 0;
  EXPECT_OK(plan_checkpointing(args, ""));
  args.reads = 6;
  EXPECT_ERROR(plan_checkpointing(args, ""), Code::kConfig, "num_checkpoints_read: found 6, expected at most");
}

TEST(PlanCheckpointing, AnUnknownModelNamesTheNearest) {
  CheckpointArgs args;
  args.model = "llama3-8";
  const auto plan = plan_checkpointing(args, "");
  EXPECT_ERROR(plan, Code::kInvalidArgument, "did you mean 'llama3-8b'?");
  EXPECT_THAT(plan.error().hint, HasSubstr("llama3-405b"));
}

}  // namespace
}  // namespace stoker::mlperf
