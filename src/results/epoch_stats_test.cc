#include "results/epoch_stats.h"

#include <gtest/gtest.h>

#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"

namespace stoker::results {
namespace {

std::vector<EpochStats> some_epochs() {
  EpochStats epoch{.epoch = 1, .start = "s", .end = "e", .duration_seconds = 8.3};
  epoch.phases = {{block_name(1), "a", "b", 7.6, std::nullopt},
                  {save_checkpoint_name(1), "c", "d", 0.52, 28.7},
                  {"eval", "f", "g", 1.5, std::nullopt}};
  return {epoch};
}

TEST(EpochStats, CheckpointsAreNumbersTheRestText) {
  EXPECT_EQ(dump(to_json(some_epochs())), R"({
    "1": {
        "start": "s",
        "block1": {
            "start": "a",
            "end": "b",
            "duration": "7.60"
        },
        "save_ckpt1": {
            "start": "c",
            "end": "d",
            "duration": 0.52,
            "throughput": 28.7
        },
        "eval": {
            "start": "f",
            "end": "g",
            "duration": "1.50"
        },
        "end": "e",
        "duration": "8.30"
    }
})");
}

TEST(EpochStats, CheckpointOnlyRunsHaveNoDuration) {
  EpochStats epoch{.epoch = 1};
  epoch.phases = {{load_checkpoint_name(2), "c", "d", 1, 2.5}};
  EXPECT_EQ(to_json(std::vector{epoch}).dump(),
            R"({"1":{"load_ckpt2":{"start":"c","end":"d","duration":1.0,"throughput":2.5}}})");
}

TEST(EpochStats, FilesGoThereAndBack) {
  const testing::TempDir dir;
  ASSERT_OK(write_epoch_stats(dir.path(), 0, some_epochs()));
  ASSERT_OK(write_epoch_stats(dir.path(), 1, some_epochs()));
  const Result<std::vector<EpochStats>> back = read_epoch_stats(dir.path(), 1);
  ASSERT_OK(back);
  EXPECT_EQ(*back, some_epochs());
  const Result<std::string> own = read_file(dir.path() / "0_per_epoch_stats.json");
  const Result<std::string> old_name = read_file(dir.path() / "per_epoch_stats.json");
  ASSERT_OK(own);
  ASSERT_OK(old_name);
  EXPECT_EQ(*own, *old_name);
}

TEST(EpochStats, OnlyRankZeroWritesTheOldName) {
  const testing::TempDir dir;
  ASSERT_OK(write_epoch_stats(dir.path(), 1, some_epochs()));
  EXPECT_FALSE(std::filesystem::exists(dir.path() / "per_epoch_stats.json"));
}

TEST(EpochStats, ErrorsNameFileAndKey) {
  const auto read = [](const char* text) { return epoch_stats_from_json(*parse_json(text, "f"), "f"); };
  EXPECT_ERROR(read("[]"), Code::kCorrupt, "f: found [], expected an object");
  EXPECT_ERROR(read(R"({"one": {}})"), Code::kCorrupt, "f: found key 'one', expected the number of an epoch");
  EXPECT_ERROR(read(R"({"1": {"start": 3}})"), Code::kCorrupt, "f: key '1.start': found 3, expected a text");
  EXPECT_ERROR(read(R"({"1": {"duration": "soon"}})"), Code::kCorrupt,
               "f: key '1.duration': found 'soon', expected a number of seconds");
  EXPECT_ERROR(read(R"({"1": {"block1": {"duration": []}}})"), Code::kCorrupt, "f: key '1.block1.duration'");
}

}  // namespace
}  // namespace stoker::results
