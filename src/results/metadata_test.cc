#include "results/metadata.h"

#include <gtest/gtest.h>

#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"

namespace stoker::results {
namespace {

using stoker::testing::TempDir;

RunMetadata some_metadata() {
  RunMetadata m{.id = {BenchmarkType::kTraining, "unet3d", "run", "20250111_143022"},
                .num_processes = 8,
                .accelerator = "h100",
                .result_dir = "/r"};
  m.parameters = Json::parse(R"({"dataset": {"num_files_train": 168}, "reader": {"odirect": false}})");
  m.override_parameters = Json::parse(R"({"dataset.num_files_train": 168})");
  m.system_info = SystemInfo{.hosts = {{.hostname = "a", .memory = {.total = 1}}}, .collection_method = "local"};
  m.cluster_snapshots = ClusterSnapshots{.start = *m.system_info, .end = m.system_info, .collection_method = "local"};
  m.timeseries = TimeseriesInfo{.file = "t.json", .num_samples = 3, .interval_seconds = 10, .hosts_collected = {"a"}};
  m.started = "2025-01-11T14:30:22.000000";
  m.ended = "2025-01-11T14:30:40.000000";
  m.exit_code = 6;
  m.engine_exit_code = 137;
  m.runtime_seconds = 12.5;
  m.verification = "CLOSED";
  m.executed_command = "mpirun stoker";
  m.command_outputs = {{"mpirun stoker", "o.log", "e.log"}};
  m.args = Json::parse(R"({"num_accelerators": 8})");
  m.extra = Json::parse(R"({"kvcache_model": "x"})");
  return m;
}

TEST(Metadata, FilesGoThereAndBack) {
  const TempDir dir;
  const RunMetadata m = some_metadata();
  ASSERT_OK(write_metadata({.path = dir.path(), .id = m.id}, m));
  EXPECT_TRUE(std::filesystem::exists(dir.path() / "training_20250111_143022_metadata.json"));
  const Result<RunMetadata> back = read_metadata(dir.path());
  ASSERT_OK(back);
  EXPECT_EQ(to_json(*back), to_json(m));
  EXPECT_EQ(back->id, m.id);
  EXPECT_EQ(back->extra.dump(), R"({"kvcache_model":"x"})");
  ASSERT_TRUE(back->cluster_snapshots);
  EXPECT_EQ(back->cluster_snapshots->end, m.system_info);
}

TEST(Metadata, UnknownsAreNullAndUncollectedIsLeftOut) {
  const Json json = to_json(RunMetadata{});
  for (const char* key : {"accelerator", "system_info", "verification", "executed_command"}) {
    EXPECT_TRUE(json[key].is_null()) << key;
  }
  EXPECT_FALSE(json.contains("cluster_snapshots"));
  EXPECT_FALSE(json.contains("timeseries_data"));
  EXPECT_TRUE(json["command_output_files"].is_array());
  const Result<RunMetadata> back = metadata_from_json(json, "m");
  ASSERT_OK(back);
  EXPECT_FALSE(back->verification);
  EXPECT_FALSE(back->system_info);
}

TEST(Metadata, ARunThatHasBegunHasNoEnd) {
  RunMetadata m;
  m.started = "2025-01-11T14:30:22.000000";
  const Json json = to_json(m);
  for (const char* key : {"end_time", "exit_code", "engine_exit_code"}) {
    ASSERT_TRUE(json.contains(key)) << key;
    EXPECT_TRUE(json[key].is_null()) << key;
  }
  const Result<RunMetadata> back = metadata_from_json(json, "m");
  ASSERT_OK(back);
  EXPECT_EQ(back->started, m.started);
  EXPECT_FALSE(back->ended || back->exit_code || back->engine_exit_code);
  // Other programs know nothing of it.
  EXPECT_FALSE(to_json(RunMetadata{}).contains("end_time"));
}

TEST(Metadata, ErrorsNameFileAndKey) {
  const auto read = [](const char* text) { return metadata_from_json(*parse_json(text, "m.json"), "m.json"); };
  EXPECT_ERROR(read("[]"), Code::kCorrupt, "m.json: found [], expected an object");
  EXPECT_ERROR(read("{}"), Code::kCorrupt, "m.json: key 'benchmark_type' is missing; expected a text");
  EXPECT_ERROR(read(R"({"benchmark_type": "training", "run_datetime": "x"})"), Code::kCorrupt,
               "'num_processes' is missing");
  EXPECT_ERROR(read(R"({"benchmark_type": "baking", "run_datetime": "x", "num_processes": 1, "parameters": {}})"),
               Code::kCorrupt, "found 'baking', expected training, checkpointing");
  EXPECT_ERROR(read(R"({"benchmark_type": "training", "run_datetime": "x", "num_processes": 1})"), Code::kCorrupt,
               "key 'parameters'");
  EXPECT_ERROR(read(R"({"benchmark_type": "training", "run_datetime": "x", "num_processes": 1, "parameters": 7})"),
               Code::kCorrupt, "key 'parameters': found 7, expected an object");
}

TEST(HostRecord, GoesThereAndBack) {
  const TempDir dir;
  HostRecord record;
  record.snapshots.start = {.hosts = {{.hostname = "a"}}, .collection_method = "mpi"};
  record.snapshots.collection_method = "mpi";
  ASSERT_OK(write_host_record(dir.path() / "r.json", record));
  auto back = read_host_record(dir.path() / "r.json");
  ASSERT_OK(back);
  EXPECT_EQ(back->snapshots.start, record.snapshots.start);
  EXPECT_FALSE(back->snapshots.end) << "the run has not come to its end";
  EXPECT_FALSE(back->timeseries);

  record.snapshots.end = record.snapshots.start;
  record.timeseries = TimeseriesInfo{"series.json", 3, 0.5, {"a"}};
  ASSERT_OK(write_host_record(dir.path() / "r.json", record));
  back = read_host_record(dir.path() / "r.json");
  ASSERT_OK(back);
  EXPECT_EQ(back->snapshots.end, record.snapshots.start);
  ASSERT_TRUE(back->timeseries);
  EXPECT_EQ(back->timeseries->num_samples, 3);
  EXPECT_EQ(back->timeseries->hosts_collected, std::vector<std::string>{"a"});

  ASSERT_OK(write_file_atomic(dir.path() / "r.json", "{}"));
  EXPECT_ERROR(read_host_record(dir.path() / "r.json"), Code::kCorrupt, "key 'cluster_snapshots' is missing");
  EXPECT_ERROR(read_host_record(dir.path() / "none.json"), Code::kNotFound, "none.json");
}

TEST(Metadata, OneFileIsExpected) {
  const TempDir dir;
  EXPECT_ERROR(read_metadata(dir.path()), Code::kNotFound, "has no *_metadata.json");
  EXPECT_ERROR(read_metadata(dir.path() / "absent"), Code::kNotFound, "absent: cannot be listed");
  ASSERT_OK(write_file_atomic(dir.path() / "a_metadata.json", "{}"));
  EXPECT_ERROR(read_metadata(dir.path()), Code::kCorrupt, "a_metadata.json: key 'benchmark_type'");
  ASSERT_OK(write_file_atomic(dir.path() / "b_metadata.json", "{}"));
  EXPECT_ERROR(read_metadata(dir.path()), Code::kCorrupt, "has 2 files");
}

}  // namespace
}  // namespace stoker::results
