#include "results/run_directory.h"

#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "base/testing/bound_by_permissions.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "results/json.h"

namespace stoker::results {
namespace {

using stoker::testing::TempDir;

const WallTime kNow{std::chrono::seconds(1'748'764'800)};

TEST(RunDirectory, EachProgramHasItsLayout) {
  const TempDir dir;
  const std::string stamp = run_stamp(kNow);
  const auto made = [&](BenchmarkType type, const char* model, const char* command) {
    const Result<RunDirectory> run = create_run_directory(dir.path(), type, model, command, kNow);
    EXPECT_OK(run);
    EXPECT_TRUE(std::filesystem::is_directory(run->path));
    return run->path.lexically_relative(dir.path()).string();
  };
  EXPECT_EQ(made(BenchmarkType::kTraining, "unet3d", "run"), "training/unet3d/run/" + stamp);
  EXPECT_EQ(made(BenchmarkType::kCheckpointing, "llama3-8b", "run"), "checkpointing/llama3-8b/" + stamp);
  EXPECT_EQ(made(BenchmarkType::kVectorDatabase, "", "run"), "vector_database/run/" + stamp);
  EXPECT_EQ(made(BenchmarkType::kKvCache, "llama3-8b", "run"), "kv_cache/llama3-8b/run/" + stamp);
}

TEST(RunDirectory, RunsOfOneSecondNeverMeet) {
  const TempDir dir;
  std::vector<std::string> names(8);
  {
    std::vector<std::jthread> threads;
    for (std::string& name : names) {
      threads.emplace_back([&name, &dir] {
        const auto run = create_run_directory(dir.path(), BenchmarkType::kTraining, "unet3d", "run", kNow);
        if (run) name = run->id.datetime;
      });
    }
  }
  const std::string stamp = run_stamp(kNow);
  std::set<std::string> expected{stamp};
  for (int n = 1; n < 8; ++n) expected.insert(stamp + "_" + std::to_string(n));
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()), expected);
}

TEST(RunDirectory, AThousandRunsOfOneSecondAreTheMost) {
  const TempDir dir;
  const auto made = [&] { return create_run_directory(dir.path(), BenchmarkType::kTraining, "unet3d", "run", kNow); };
  const auto first = made();
  ASSERT_OK(first);
  for (int n = 1; n < 999; ++n) std::filesystem::create_directory(first->path.string() + "_" + std::to_string(n));
  const auto last = made();
  ASSERT_OK(last);
  EXPECT_EQ(last->id.datetime, run_stamp(kNow) + "_999");
  EXPECT_ERROR(made(), Code::kFailed, "1000 run directories of the same second exist");
}

TEST(RunDirectory, NamesOfFiles) {
  const RunDirectory run{.path = "r", .id = {BenchmarkType::kTraining, "unet3d", "run", "20250111_143022_1"}};
  EXPECT_EQ(run.metadata_file(), "r/training_20250111_143022_1_metadata.json");
  EXPECT_EQ(run.timeseries_file(), "r/training_20250111_143022_1_timeseries.json");
  EXPECT_EQ(run.stdout_log(), "r/training_run.stdout.log");
  EXPECT_EQ(run.stderr_log(), "r/training_run.stderr.log");
  EXPECT_EQ(run.config_dir(), "r/dlio_config");
}

TEST(RunDirectory, IdsLeaveEmptyPartsOut) {
  EXPECT_EQ(to_string(RunId{BenchmarkType::kTraining, "unet3d", "run", "20250111_143022"}),
            "training_run_unet3d_20250111_143022");
  EXPECT_EQ(to_string(RunId{BenchmarkType::kVectorDatabase, "", "run", "20250111_143022"}),
            "vector_database_run_20250111_143022");
}

TEST(RunDirectory, RefusesNamesThatLeadElsewhere) {
  const TempDir dir;
  for (const char* name : {"", ".", "..", "a/b"}) {
    EXPECT_ERROR(create_run_directory(dir.path(), BenchmarkType::kTraining, name, "run", kNow), Code::kInvalidArgument,
                 "model '" + std::string(name) + "' cannot be");
  }
  EXPECT_ERROR(create_run_directory(dir.path(), BenchmarkType::kTraining, "unet3d", "../x", kNow),
               Code::kInvalidArgument, "command");
}

TEST(RunDirectory, AFileInTheWayIsAnError) {
  const TempDir dir;
  ASSERT_OK(write_file_atomic(dir.path() / "training", "x"));
  EXPECT_ERROR(create_run_directory(dir.path(), BenchmarkType::kTraining, "unet3d", "run", kNow), Code::kNotFound,
               "create folder");
}

TEST(ParseRunPath, IsTheInverseOfTheLayout) {
  for (const RunId& id : {RunId{BenchmarkType::kTraining, "unet3d", "run", "20250111_143022"},
                          RunId{BenchmarkType::kCheckpointing, "llama3-8b", "", "20250111_143022_2"},
                          RunId{BenchmarkType::kVectorDatabase, "", "run", "20250111_143022"},
                          RunId{BenchmarkType::kKvCache, "llama3-8b", "run", "20250111_143022"}}) {
    SCOPED_TRACE(to_string(id));
    EXPECT_EQ(parse_run_path("/some/results" / relative_path(id)), id);
    EXPECT_EQ(parse_run_path(relative_path(id).string() + "/"), id);
  }
}

TEST(ParseRunPath, ACommandLevelOfCheckpointing) {
  const RunId id{BenchmarkType::kCheckpointing, "llama3-8b", "run", "20250111_143022"};
  EXPECT_EQ(parse_run_path("r/checkpointing/llama3-8b/run/20250111_143022"), id);
}

TEST(ParseRunPath, KnowsWhatIsNone) {
  for (const char* path : {"", "20250111_143022", "training/unet3d/run/yesterday", "training/unet3d/20250111_143022",
                           "elsewhere/unet3d/run/20250111_143022", "checkpointing/run/20250111_143022/logs"}) {
    EXPECT_EQ(parse_run_path(path), std::nullopt) << path;
  }
}

TEST(ScanRuns, FindsRunsAtAnyDepthSorted) {
  const TempDir dir;
  const auto b = create_run_directory(dir.path(), BenchmarkType::kTraining, "unet3d", "run", kNow);
  const auto a = create_run_directory(dir.path(), BenchmarkType::kCheckpointing, "llama3-8b", "run", kNow);
  const auto empty = create_run_directory(dir.path(), BenchmarkType::kTraining, "retinanet", "run", kNow);
  ASSERT_OK(b);
  ASSERT_OK(a);
  ASSERT_OK(empty);
  ASSERT_OK(write_file_atomic(b->path / "summary.json", "{}"));
  ASSERT_OK(write_file_atomic(a->metadata_file(), "{}"));
  std::filesystem::create_directory_symlink(dir.path() / "training", dir.path() / "link");
  const Result<Scan> scan = scan_runs(dir.path());
  ASSERT_OK(scan);
  EXPECT_EQ(scan->runs, (std::vector<std::filesystem::path>{a->path, b->path}));
  EXPECT_TRUE(scan->unreadable.empty());
  const Result<Scan> one = scan_runs(a->path);
  ASSERT_OK(one);
  EXPECT_EQ(one->runs, std::vector<std::filesystem::path>{a->path});
}

TEST(ScanRuns, UnreadableFoldersAreReported) {
  const stoker::testing::BoundByPermissions bound;
  const TempDir dir;
  std::filesystem::create_directory(dir.path() / "closed");
  std::filesystem::permissions(dir.path() / "closed", std::filesystem::perms::none);
  const Result<Scan> scan = scan_runs(dir.path());
  std::filesystem::permissions(dir.path() / "closed", std::filesystem::perms::owner_all);
  ASSERT_OK(scan);
  ASSERT_EQ(scan->unreadable.size(), 1U);
  EXPECT_EQ(scan->unreadable.front().path, dir.path() / "closed");
  EXPECT_EQ(scan->unreadable.front().error.code, Code::kPermission);
  EXPECT_FALSE(scan->unreadable.front().error.hint.empty());
}

TEST(ScanRuns, NoFolderIsNotFound) {
  EXPECT_ERROR(scan_runs("/no/such/folder"), Code::kNotFound, "is not a folder");
}

}  // namespace
}  // namespace stoker::results
