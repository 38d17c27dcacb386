// Our files against those of real DLIO runs (tests/data/dlio_outputs): every key it has, with the same JSON type, in
// the same order.
#include <gtest/gtest.h>

#include <filesystem>
#include <vector>

#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "results/epoch_stats.h"
#include "results/rank_output.h"
#include "results/summary.h"
#include "results/testing/sample_summary.h"

namespace stoker::results {
namespace {

using stoker::testing::TempDir;

class DlioOutputs : public ::testing::TestWithParam<const char*> {
 protected:
  [[nodiscard]] std::filesystem::path directory() const {
    return std::filesystem::path(STOKER_SOURCE_DIR) / "tests/data/dlio_outputs" / GetParam();
  }
  [[nodiscard]] Json read(const char* file) const {
    Result<Json> json = read_json(directory() / file);
    EXPECT_OK(json);
    return json ? std::move(*json) : Json();
  }
};

const char* kind(const Json& json) {
  if (json.is_number_integer()) return "integer";
  if (json.is_number_float()) return "float";
  return json.type_name();
}

// Facts about the host differ from host to host; only their being an object counts.
bool is_host_map(const std::string& key) {
  return key == "host_cpuinfo" || key == "host_meminfo";
}

void expect_covers(const Json& reference, const Json& ours, const std::string& path) {
  SCOPED_TRACE(path);
  ASSERT_STREQ(kind(reference), kind(ours));
  if (reference.is_array() && !reference.empty()) {
    ASSERT_FALSE(ours.empty());
    expect_covers(reference.front(), ours.front(), path + "[]");
  }
  if (!reference.is_object()) return;
  std::vector<std::string> order;
  std::vector<std::string> expected_order;
  for (const auto& item : reference.items()) expected_order.push_back(item.key());
  for (const auto& item : ours.items()) {
    if (reference.contains(item.key())) order.push_back(item.key());
  }
  EXPECT_EQ(order, expected_order);
  for (const auto& [key, value] : reference.items()) {
    if (!ours.contains(key) || is_host_map(key)) continue;  // a missing key has failed above
    expect_covers(value, ours[key], path + "." + key);
  }
}

TEST_P(DlioOutputs, SummaryHasTheSameKeysTypesAndOrder) {
  const Json reference = read("summary.json");
  Summary ours = testing::full_summary();
  expect_covers(reference, to_json(ours), "summary");
}

TEST_P(DlioOutputs, SummaryReadsBackValueForValue) {
  const Json reference = read("summary.json");
  const Result<Summary> summary = summary_from_json(reference, "summary.json");
  ASSERT_OK(summary);
  const Json ours = to_json(*summary);
  for (const auto& [key, value] : reference.items()) EXPECT_EQ(ours[key], value) << key;
}

TEST_P(DlioOutputs, RankOutputHasTheSameKeysTypesAndOrder) {
  const Json reference = read("0_output.json");
  const TempDir dir;
  Result<RankOutputWriter> writer =
      RankOutputWriter::create(dir.path(), 0, {.cpuinfo = {{"a", "b"}}, .meminfo = {{"c", "d"}}});
  ASSERT_OK(writer);
  std::int64_t epochs = 0;
  while (reference.contains(std::to_string(epochs + 1))) {
    const Json& epoch = reference[std::to_string(++epochs)];
    std::vector<metrics::StepRecord> steps;
    for (std::size_t i = 0; i < epoch["load"]["block1"].size(); ++i) {
      steps.push_back({.load = from_seconds(epoch["load"]["block1"][i].get<double>()),
                       .compute = from_seconds(epoch["compute"]["block1"][i].get<double>())});
    }
    ASSERT_OK(writer->add({.epoch = epochs,
                           .blocks = {{"block1", steps, epoch["throughput"]["block1"].get<double>(),
                                       epoch["au"]["block1"].get<double>()}},
                           .end = epoch["end"].get<std::string>()}));
  }
  ASSERT_GE(epochs, 2);
  ASSERT_OK(writer->finish("vm"));
  const Result<Json> ours = read_json(dir.path() / "0_output.json");
  ASSERT_OK(ours);
  expect_covers(reference, *ours, "output");
  for (std::int64_t e = 1; e <= epochs; ++e) {
    const std::string key = std::to_string(e);
    EXPECT_NEAR((*ours)[key]["au"]["block1"].get<double>(), reference[key]["au"]["block1"].get<double>(), 1e-6);
    const Json& theirs = reference[key]["load"]["block1"];
    const Json& load = (*ours)[key]["load"]["block1"];
    ASSERT_EQ(load.size(), theirs.size());
    for (std::size_t i = 0; i < theirs.size(); ++i) EXPECT_NEAR(load[i].get<double>(), theirs[i].get<double>(), 1e-6);
  }
}

TEST_P(DlioOutputs, EpochStatsReadBackByteForByte) {
  const Result<std::vector<EpochStats>> epochs = read_epoch_stats(directory(), 0);
  ASSERT_OK(epochs);
  ASSERT_GE(epochs->size(), 2U);
  const Result<std::string> theirs = read_file(directory() / "0_per_epoch_stats.json");
  ASSERT_OK(theirs);
  EXPECT_EQ(dump(to_json(*epochs)), *theirs);
}

INSTANTIATE_TEST_SUITE_P(Runs, DlioOutputs, ::testing::Values("unet3d", "dlrm"),
                         [](const auto& param) { return std::string(param.param); });

}  // namespace
}  // namespace stoker::results
