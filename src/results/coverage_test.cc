#include "results/coverage.h"

#include <gtest/gtest.h>

#include "base/testing/status_matchers.h"
#include "results/fields_internal.h"
#include "results/summary.h"

namespace stoker::results {
namespace {

constexpr const char* kDigest = "0123456789abcdef";

EpochCoverage epoch(std::uint64_t read, std::uint64_t left_out, std::string digest = kDigest) {
  return {.planned = read, .read = read, .read_more_than_once = 0, .left_out = left_out, .digest = std::move(digest)};
}

TEST(CoverageText, OneEpoch) {
  EXPECT_EQ(coverage_text({}), "");
  EXPECT_EQ(coverage_text({epoch(350, 0)}), "350 of 350 samples read, none more than once; digest 0123456789abcdef");
  EXPECT_EQ(coverage_text({epoch(1, 0)}), "1 of 1 sample read, none more than once; digest 0123456789abcdef");
}

TEST(CoverageText, EpochsThatAreAlikeAreSaidOnce) {
  EXPECT_EQ(coverage_text({epoch(4000, 96), epoch(4000, 96), epoch(4000, 96)}),
            "4,000 of 4,096 samples read in each of 3 epochs, none more than once; digest 0123456789abcdef");
}

TEST(CoverageText, OthersSayWhatDiffers) {
  EXPECT_EQ(coverage_text({epoch(40, 6), epoch(40, 6, "fedcba9876543210")}),
            "40 of 46 samples read in each of 2 epochs, none more than once; the epochs read different rows, with "
            "digests of their own");
  EpochCoverage other = epoch(30, 16);
  other.read_more_than_once = 2;
  EXPECT_EQ(coverage_text({epoch(40, 6), other}),
            "70 of 92 samples read in 2 epochs, 2 more than once; digest 0123456789abcdef");
}

TEST(CoverageJson, RoundTrip) {
  CoverageFacts facts;
  facts.train = {epoch(40, 6), epoch(41, 5)};
  facts.train[1].planned = 42;
  facts.train[1].read_more_than_once = 1;
  facts.eval = {epoch(7, 0)};
  Summary summary;
  summary.coverage = facts;
  const Json json = to_json(summary);
  EXPECT_EQ(json["coverage"]["train"][1],
            (Json{{"planned", 42}, {"read", 41}, {"read_more_than_once", 1}, {"left_out", 5}, {"digest", kDigest}}));
  const auto read = summary_from_json(json, "s.json");
  ASSERT_OK(read);
  EXPECT_EQ(read->coverage, facts);
}

TEST(CoverageJson, WithoutItThereIsNone) {
  EXPECT_FALSE(to_json(Summary{}).contains("coverage"));
  EXPECT_EQ(summary_from_json(Json::object(), "s.json")->coverage, std::nullopt);
  CoverageFacts training_only;
  training_only.train = {epoch(1, 0)};
  EXPECT_FALSE(to_json(training_only).contains("eval"));
}

TEST(CoverageJson, MistakesAreToldWithTheirPlace) {
  const auto read = [](const char* text) { return summary_from_json(Json::parse(text), "s.json"); };
  EXPECT_ERROR(read(R"({"coverage": 3})"), Code::kCorrupt, "s.json: key 'coverage': found 3, expected an object");
  EXPECT_ERROR(read(R"({"coverage": {"train": {}}})"), Code::kCorrupt, "coverage.train': found {}, expected a list");
  EXPECT_ERROR(read(R"({"coverage": {"train": [{"read": -1}]}})"), Code::kCorrupt,
               "key 'coverage.train.read': found -1, expected a whole number, 0 or more");
  EXPECT_ERROR(read(R"({"coverage": {"eval": [{"digest": 7}]}})"), Code::kCorrupt, "'coverage.eval.digest'");
  EXPECT_ERROR(read(R"({"coverage": {"eval": [7]}})"), Code::kCorrupt, "expected an object");
}

}  // namespace
}  // namespace stoker::results
