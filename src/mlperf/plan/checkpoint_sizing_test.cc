#include "mlperf/plan/checkpoint_sizing.h"

#include <numeric>

#include "base/testing/status_matchers.h"
#include "base/units.h"
#include "config/load.h"
#include "mlperf/plan/checkpoint_plan.h"

namespace stoker::mlperf {
namespace {

constexpr auto kGib = static_cast<double>(kGiB);

config::Workload workload(std::string_view model) {
  config::LoadRequest request;
  request.workload = checkpoint_workload(model);
  auto loaded = config::load(request);
  EXPECT_OK(loaded);
  return loaded ? loaded->workload : config::Workload{};
}

TEST(TransformerParameters, MatchTheWorkloadFiles) {
  EXPECT_EQ(transformer_parameters(workload("llama3-8b").model), 8030261248);
  EXPECT_EQ(transformer_parameters(workload("llama3-70b").model), 69882617856);
  EXPECT_EQ(transformer_parameters(workload("llama3-405b").model), 405853388800);
  EXPECT_EQ(transformer_parameters(workload("llama3-1t").model), 1183035102480);
}

struct SizeRow {
  const char* model;
  double model_gib, optimizer_gib;
};

TEST(CheckpointJob, SizesFollowFromTheParameters) {
  for (const SizeRow& row : {SizeRow{"llama3-8b", 15.0, 89.7}, SizeRow{"llama3-70b", 130.2, 781.0},
                             SizeRow{"llama3-405b", 756.0, 4535.8}, SizeRow{"llama3-1t", 2203.6, 13221.4}}) {
    const auto job = checkpoint_job(workload(row.model), 8);
    ASSERT_OK(job);
    EXPECT_NEAR(job->model_bytes / kGib, row.model_gib, 0.06) << row.model;
    EXPECT_NEAR(job->optimizer_bytes / kGib, row.optimizer_gib, 0.06) << row.model;
  }
  EXPECT_ERROR(checkpoint_job(config::Workload{}, 8), Code::kConfig, "model.num_layers: found -1");
}

double sum(const std::vector<double>& bytes) {
  return std::accumulate(bytes.begin(), bytes.end(), 0.0);
}

// The shares of mlpstorage's rounded sizes, and the subsets as the rules have them.
struct ShareRow {
  const char* model;
  double model_gib, optimizer_gib;
  std::int64_t processes;
  double first, last, all;
};

TEST(RankBytes, MatchTheTableOfShares) {
  for (const ShareRow& row : {ShareRow{"llama3-8b", 15, 90, 8, 13.125, 13.125, 105.00},
                              ShareRow{"llama3-70b", 130, 781, 64, 14.23, 14.23, 911},
                              ShareRow{"llama3-405b", 755, 4533, 512, 11.80, 8.85, 5288},
                              ShareRow{"llama3-1t", 2571, 15426, 1024, 20.09, 15.06, 17997},
                              ShareRow{"llama3-70b", 130, 781, 8, 14.23, 14.23, 113.88},
                              ShareRow{"llama3-405b", 755, 4533, 8, 11.80, 11.80, 94.42},
                              ShareRow{"llama3-1t", 2571, 15426, 8, 20.09, 20.09, 160.69}}) {
    SCOPED_TRACE(std::string(row.model) + " " + std::to_string(row.processes));
    const CheckpointModel* model = find_checkpoint_model(row.model);
    ASSERT_NE(model, nullptr);
    auto job = checkpoint_job(workload(row.model), job_ranks(*model, row.processes));
    ASSERT_OK(job);
    job->model_bytes = row.model_gib * kGib;
    job->optimizer_bytes = row.optimizer_gib * kGib;
    const auto bytes = bytes_by_rank(*job, row.processes);
    EXPECT_NEAR(bytes.front() / kGib, row.first, 0.006);
    EXPECT_NEAR(bytes.back() / kGib, row.last, 0.006);
    EXPECT_NEAR(sum(bytes) / kGib, row.all, 0.006);
  }
}

// Ours: what the workload files come to.
TEST(RankBytes, AreComputedFromTheWorkloadFile) {
  struct Row {
    const char* model;
    std::int64_t processes;
    double first, last, all;
  };
  for (const Row& row : {Row{"llama3-1t", 1024, 17.22, 12.91, 15425.0}, Row{"llama3-1t", 8, 17.22, 17.22, 137.7},
                         Row{"llama3-8b", 8, 13.09, 13.09, 104.7}, Row{"llama3-405b", 512, 11.81, 8.86, 5291.73}}) {
    SCOPED_TRACE(row.model);
    CheckpointArgs args;
    args.model = row.model;
    args.processes = row.processes;
    args.folder = "/mnt/c";
    const auto plan = plan_checkpointing(args, "");
    ASSERT_OK(plan);
    EXPECT_NEAR(plan->by_rank.front() / kGib, row.first, 0.006);
    EXPECT_NEAR(plan->by_rank.back() / kGib, row.last, 0.006);
    EXPECT_NEAR(plan->checkpoint_bytes() / kGib, row.all, 0.06);
  }
}

TEST(RankBytes, OfTheOtherZeroStages) {
  CheckpointJob job{.model_bytes = 80, .optimizer_bytes = 160, .zero_stage = 0, .instance_ranks = 2, .ranks = 4};
  EXPECT_EQ(bytes_by_rank(job, 4), (std::vector<double>{120, 120, 0, 0}));
  job.zero_stage = 2;
  EXPECT_EQ(bytes_by_rank(job, 4), (std::vector<double>{80, 80, 40, 40}));
  job.zero_stage = 3;
  EXPECT_EQ(bytes_by_rank(job, 4), (std::vector<double>{60, 60, 60, 60}));
}

TEST(BytesByHost, DealsRanksRoundRobin) {
  const std::vector<double> ranks{1, 2, 4, 8, 16};
  EXPECT_EQ(bytes_by_host(ranks, even_ranks(5, 2)), (std::vector<double>{21, 10}));
  EXPECT_EQ(bytes_by_host(ranks, even_ranks(5, 1)), (std::vector<double>{31}));
  // A host that is full is passed over: rank 2 and all later ones are the second host's.
  EXPECT_EQ(bytes_by_host(ranks, std::vector<int>{1, 4}), (std::vector<double>{1, 30}));
  EXPECT_EQ(bytes_by_host(ranks, std::vector<int>{2, 0, 3}), (std::vector<double>{5, 0, 26}));
  EXPECT_EQ(even_ranks(8, 3), (std::vector<int>{3, 3, 2}));
  EXPECT_EQ(even_ranks(1, 2), (std::vector<int>{1, 0}));
}

// The rows that the rules work out.
TEST(MustClearCaches, HasTheFactorOnTheSideOfTheShare) {
  EXPECT_FALSE(must_clear_caches(1024 * kGib, 755 * kGib));
  EXPECT_TRUE(must_clear_caches(1024 * kGib, 89.8 * kGib));
}

}  // namespace
}  // namespace stoker::mlperf
