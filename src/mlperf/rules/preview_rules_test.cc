#include <gtest/gtest.h>

#include "mlperf/rules/judge.h"
#include "mlperf/rules/testing/finding_matchers.h"

namespace stoker::rules {
namespace {

using testing::broken;
using ::testing::Contains;
using ::testing::ElementsAre;
using testing::of_rule;

Run kvcache() {
  rules::Run run;
  run.id = {results::BenchmarkType::kKvCache, "llama3.1-8b", "run", ""};
  run.parameters = {{"num_users", 100},
                    {"duration", 60},
                    {"gpu_mem_gb", 0},
                    {"cpu_mem_gb", 0},
                    {"generation_mode", "realistic"},
                    {"performance_profile", "latency"}};
  return run;
}

TEST(JudgeKvCache, IsAPreview) {
  EXPECT_THAT(broken(judge(kvcache())), ElementsAre("kvcache.preview"));
  EXPECT_EQ(judge(kvcache()).category(), Category::kOpen);
}

struct Row {
  const char* key;
  results::Json good, open, bad;  // null: there is no such value
  const char* rule;
};

TEST(JudgeKvCache, TheTable) {
  const Row rows[] = {{"num_users", 10, 9, 0, "kvcache.users"},
                      {"duration", 60, 59, 29, "kvcache.duration"},
                      {"gpu_mem_gb", 16, nullptr, -1, "kvcache.memory"},
                      {"cpu_mem_gb", 0, nullptr, -1, "kvcache.memory"},
                      {"generation_mode", "fast", "none", "slow", "kvcache.mode"},
                      {"performance_profile", "throughput", nullptr, "both", "kvcache.profile"}};
  for (const Row& row : rows) {
    SCOPED_TRACE(row.key);
    rules::Run run = kvcache();
    run.parameters[row.key] = row.good;
    EXPECT_THAT(broken(judge(run)), ElementsAre("kvcache.preview"));
    if (!row.open.is_null()) {
      run.parameters[row.key] = row.open;
      EXPECT_THAT(broken(judge(run)), ElementsAre("kvcache.preview", row.rule));
      EXPECT_EQ(judge(run).category(), Category::kOpen);
    }
    run.parameters[row.key] = row.bad;
    EXPECT_THAT(broken(judge(run)), ElementsAre("kvcache.preview", row.rule));
    EXPECT_EQ(judge(run).category(), Category::kInvalid);
  }
  rules::Run run = kvcache();
  run.id.model = "gpt-2";
  EXPECT_THAT(broken(judge(run)), Contains("kvcache.model"));
  run.id.model.clear();
  ASSERT_EQ(of_rule(judge(run), "kvcache.model").size(), 1U);
  EXPECT_EQ(of_rule(judge(run), "kvcache.model")[0].actual, "none");
}

TEST(JudgeVectorDb, IsAPreviewOfAtLeastHalfAMinute) {
  rules::Run run;
  run.id.type = results::BenchmarkType::kVectorDatabase;
  run.id.command = "run";
  EXPECT_THAT(broken(judge(run)), ElementsAre("vectordb.preview")) << "without a time it runs a minute";
  run.parameters["runtime"] = 30;
  EXPECT_THAT(broken(judge(run)), ElementsAre("vectordb.preview"));
  run.parameters["runtime"] = 29;
  EXPECT_THAT(broken(judge(run)), ElementsAre("vectordb.preview", "vectordb.runtime"));
  run.parameters = {{"queries", 1000}};
  EXPECT_THAT(broken(judge(run)), ElementsAre("vectordb.preview"));
}

}  // namespace
}  // namespace stoker::rules
