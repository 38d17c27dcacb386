#include "reports/runs/read_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "mlperf/rules/judge.h"
#include "reports/runs/config_copy.h"
#include "reports/runs/testing/run_files.h"

namespace stoker::reports {
namespace {

namespace fs = std::filesystem;
using results::Json;
using stoker::testing::TempDir;
using testing::CheckpointFiles;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::TrainingFiles;

constexpr std::uint64_t kGib = 1ULL << 30;

// docs/faults.md: a report from metadata lost the hosts and the metrics, so that every run was INVALID.
TEST(ReadRun, MetadataAndSummaryAreReadBoth) {
  const TempDir dir;
  const fs::path path = dir.path() / "training/unet3d/run/20250601_100000";
  testing::write_training(path, {.verification = "CLOSED"});
  const auto record = read_run(path);
  ASSERT_OK(record);
  const rules::Run& run = record->run;
  EXPECT_EQ(results::to_string(run.id), "training_run_unet3d_20250601_100000");
  EXPECT_EQ(run.accelerator, "h100");
  EXPECT_EQ(run.processes, 4);
  ASSERT_EQ(run.hosts.size(), 1U);
  EXPECT_EQ(run.hosts[0].memory_bytes, 64 * kGib);
  EXPECT_EQ(run.hosts[0].cores, 32);
  EXPECT_EQ(run.hosts[0].page_cache_bytes, 1048576U);
  EXPECT_EQ(run.hosts_from, "mpi");
  EXPECT_EQ(run.num_hosts, 1);
  EXPECT_TRUE(run.finished);
  EXPECT_TRUE(record->counts());
  ASSERT_TRUE(run.training);
  EXPECT_EQ(run.training->au_mean_percent, 95);
  EXPECT_THAT(run.training->samples_per_second, ElementsAre(40.0, 44.0));
  EXPECT_EQ(run.training->mean_io_mib_per_second, 6144);
  EXPECT_EQ(run.recorded_category, "CLOSED");
  EXPECT_TRUE(run.start && run.end && *run.start < *run.end);
  EXPECT_EQ(rules::to_string(rules::judge(run).category()), "CLOSED");
  EXPECT_TRUE(record->notes.empty());
  EXPECT_EQ(record->metrics["train_io_mean_MB_per_second"], 6144);
}

TEST(ReadRun, WhichSamplesWereReadIsKeptAsALine) {
  const TempDir dir;
  testing::write_training(dir.path(), {});
  EXPECT_EQ(read_run(dir.path())->coverage, "");
  Json summary = testing::summary_json({});
  summary["coverage"]["train"] = Json::parse(R"([{"planned": 40, "read": 40, "read_more_than_once": 0, "left_out": 2,
                                                   "digest": "08a60b0eb38bfb85"}])");
  testing::write_json(dir.path() / "summary.json", summary);
  const auto record = read_run(dir.path());
  ASSERT_OK(record);
  EXPECT_EQ(record->coverage, "40 of 42 samples read, none more than once; digest 08a60b0eb38bfb85");
}

// docs/faults.md: the cluster object that is written is the one that is read, hosts and all.
TEST(ReadRun, ClusterObjectsKeepTheirHosts) {
  const TempDir dir;
  testing::write_training(dir.path(), {});
  const auto record = read_run(dir.path());
  ASSERT_OK(record);
  ASSERT_TRUE(record->system_info.is_object());
  const results::Json& host = record->system_info["hosts"][0];
  EXPECT_EQ(host["disks"][0]["reads_completed"], 7);
  EXPECT_EQ(host["network"][1]["interface_name"], "ib0");
  EXPECT_EQ(host["system"]["os_release"]["VERSION_ID"], "12");
  EXPECT_EQ(record->system_info["total_memory_bytes"], 64 * kGib);
  // What was read is written in the same shape, and read again.
  const auto again = results::system_info_from_json(record->system_info, "again");
  ASSERT_OK(again);
  EXPECT_EQ(results::to_json(*again), record->system_info);
}

TEST(ReadRun, PythonKeepsOverridesAsText) {
  const TempDir dir;
  testing::write_training(dir.path(), {.overrides = {{"dataset.num_files_train", "14000"},
                                                     {"reader.odirect", "True"},
                                                     {"reader.prefetch_size", "2"},
                                                     {"reader.file_shuffle", "seed"}}});
  const auto record = read_run(dir.path());
  ASSERT_OK(record);
  EXPECT_EQ(record->run.overrides["dataset.num_files_train"], 14000);
  EXPECT_EQ(record->run.overrides["reader.odirect"], true);
  EXPECT_EQ(record->run.overrides["reader.file_shuffle"], "seed");
  EXPECT_EQ(record->run.parameters["dataset"]["num_files_train"], 14000);
}

TEST(ReadRun, WithoutMetadataTheConfigurationSpeaks) {
  const TempDir dir;
  const fs::path path = dir.path() / "20250601_100000";
  testing::write_training_v2(path, {});
  const auto record = read_run(path);
  ASSERT_OK(record);
  const rules::Run& run = record->run;
  EXPECT_EQ(results::to_string(run.id), "training_run_unet3d_20250601_100000");
  EXPECT_EQ(run.accelerator, "h100");
  EXPECT_EQ(run.processes, 4);
  EXPECT_EQ(run.overrides["dataset.num_files_train"], 14000);
  EXPECT_EQ(run.hosts_from, "dlio_summary");
  ASSERT_EQ(run.hosts.size(), 1U);
  EXPECT_EQ(run.hosts[0].memory_bytes, 64 * kGib);
  EXPECT_EQ(run.hosts[0].page_cache_bytes, 2048U * 1024);
  EXPECT_FALSE(run.recorded_category);
  EXPECT_TRUE(record->counts());
  EXPECT_EQ(rules::to_string(rules::judge(run).category()), "CLOSED");
}

// DLIO's list has a 0 for each host whose ranks did not tell: those are not hosts without memory.
TEST(ReadRun, HostsThatDidNotTellAreMissingAndNotEmpty) {
  const TempDir dir;
  testing::write_training_v2(dir.path(), {});
  auto summary = *results::read_json(dir.path() / "summary.json");
  summary["num_hosts"] = 4;
  summary["host_memory_GB"] = results::Json::array({64.0, 64.0, 0.0, 0.0});
  testing::write_json(dir.path() / "summary.json", summary);
  const auto record = read_run(dir.path());
  ASSERT_OK(record);
  EXPECT_EQ(record->run.hosts.size(), 2U);
  EXPECT_EQ(record->run.num_hosts, 4);
}

// v1.0 wrote no list of memories and named the model in one word.
TEST(ReadRun, TheOldestLayout) {
  const TempDir dir;
  const fs::path path = dir.path() / "unet3d-h100/runs/run1/node1";
  testing::write_training_v2(path, {});
  fs::rename(path / ".hydra_config", path / "configs");
  testing::write_text(path / "configs/config.yaml",
                      "workload:\n  model: unet3d\n  workflow: {generate_data: false, train: true}\n"
                      "  dataset: {num_files_train: 14000, record_length: 146600628}\n");
  auto summary = *results::read_json(path / "summary.json");
  summary.erase("host_memory_GB");
  testing::write_json(path / "summary.json", summary);
  const auto record = read_run(path);
  ASSERT_OK(record);
  EXPECT_EQ(results::to_string(record->run.id), "training_run_unet3d_20250601_100000");  // by summary's start
  ASSERT_EQ(record->run.hosts.size(), 1U);
  EXPECT_EQ(record->run.hosts[0].memory_bytes, 64 * kGib);
}

TEST(ReadRun, CommandLineMemoryIsTheLastResort) {
  const TempDir dir;
  auto metadata = testing::metadata_json({.system_info = false});
  metadata["args"] = {{"hosts", "node1:2,node2:2"}, {"client_host_memory_in_gb", 16}};
  testing::write_json(dir.path() / "training_20250601_100000_metadata.json", metadata);
  const auto record = read_run(dir.path());
  ASSERT_OK(record);
  EXPECT_EQ(record->run.hosts_from, "args");
  EXPECT_EQ(record->run.num_hosts, 2);
  ASSERT_EQ(record->run.hosts.size(), 2U);
  EXPECT_EQ(record->run.hosts[1].memory_bytes, 16 * kGib);
  EXPECT_FALSE(record->run.finished);
  EXPECT_THAT(record->notes, ElementsAre("no summary.json: the run did not end well"));
}

// Slots may be uneven, and then so are the ranks: a text with commas or a list, as the launcher takes them.
TEST(ReadRun, RanksAreThoseOfTheSlots) {
  const TempDir dir;
  auto metadata = testing::metadata_json({.system_info = false});
  for (const results::Json& hosts : {results::Json("node1:3,node2:1"), results::Json({"node1:3", "node2:1"})}) {
    metadata["args"] = {{"hosts", hosts}, {"client_host_memory_in_gb", 16}};
    testing::write_json(dir.path() / "training_20250601_100000_metadata.json", metadata);
    const auto record = read_run(dir.path());
    ASSERT_OK(record);
    EXPECT_THAT(record->run.ranks_by_host, ElementsAre(3, 1));
  }
  metadata["args"] = {{"hosts", "no host: at all"}};
  testing::write_json(dir.path() / "training_20250601_100000_metadata.json", metadata);
  EXPECT_THAT(read_run(dir.path())->run.ranks_by_host, ::testing::IsEmpty());
}

// Counted as the command counts them before the run: names of this machine are one host, an address is not cut at its
// colons.
TEST(ReadRun, DistinctHostsAreCountedWhereTheCountIsMissing) {
  const TempDir dir;
  auto metadata = testing::metadata_json({.system_info = false});
  const std::pair<const char*, int> cases[] = {{"localhost,127.0.0.1", 1}, {"node1 node2,node1", 2},
                                               {"fe80::1,fe80::2", 2},     {"[fe80::1]:2,[fe80::2]:2", 2},
                                               {"node1:4,node2", 2},       {"node1:1,node1:2", 1}};
  for (const auto& [hosts, count] : cases) {
    metadata["args"] = {{"hosts", hosts}, {"client_host_memory_in_gb", 16}};
    testing::write_json(dir.path() / "training_20250601_100000_metadata.json", metadata);
    const auto record = read_run(dir.path());
    ASSERT_OK(record);
    EXPECT_EQ(record->run.num_hosts, count) << hosts;
  }
}

// A list of so many hosts would not fit into memory, and all other runs of the report would go with it.
TEST(ReadRun, AnAbsurdNumberOfHostsIsNotBelieved) {
  const TempDir dir;
  auto metadata = testing::metadata_json({.system_info = false});
  metadata["args"] = {{"num_client_hosts", 1000000000000000}, {"client_host_memory_in_gb", 9000000000000000000}};
  testing::write_json(dir.path() / "training_20250601_100000_metadata.json", metadata);
  const auto record = read_run(dir.path());
  ASSERT_OK(record);
  ASSERT_EQ(record->run.hosts.size(), 1U);
  EXPECT_EQ(record->run.hosts[0].memory_bytes, (1U << 20) * kGib);
}

TEST(ReadRun, CheckpointsOfAllRanks) {
  const TempDir dir;
  const fs::path path = dir.path() / "checkpointing/llama3-8b/20250601_120000";
  testing::write_checkpointing(path, {});
  const auto record = read_run(path);
  ASSERT_OK(record);
  EXPECT_EQ(results::to_string(record->run.id), "checkpointing_run_llama3-8b_20250601_120000");
  EXPECT_EQ(record->run.accelerator, "");
  ASSERT_TRUE(record->run.checkpointing);
  const rules::CheckpointOutcome& outcome = *record->run.checkpointing;
  EXPECT_EQ(outcome.checkpoint_size_gib, 105);
  ASSERT_EQ(outcome.saves.size(), 10U);
  ASSERT_EQ(outcome.loads.size(), 10U);
  ASSERT_EQ(outcome.saves[9].duration.size(), 8U);
  EXPECT_EQ(outcome.saves[9].duration[0], 10);
  EXPECT_NEAR(outcome.saves[9].duration[7], 8.6, 1e-9);
  // In order of their numbers, not of their names: 10 comes after 9.
  EXPECT_GT(outcome.saves[9].start[0], outcome.saves[8].start[0]);
  EXPECT_TRUE(record->run.finished);
}

TEST(ReadRun, OnlyTheFirstNodesRanksAreThere) {
  const TempDir dir;
  testing::write_checkpointing(dir.path(), {});
  fs::remove(dir.path() / "6_per_epoch_stats.json");
  fs::remove(dir.path() / "7_per_epoch_stats.json");
  const auto record = read_run(dir.path());
  ASSERT_OK(record);
  EXPECT_EQ(record->run.checkpointing->saves[0].duration.size(), 6U);
  EXPECT_THAT(record->notes, ElementsAre(HasSubstr("6 of 8 ranks")));
}

TEST(ReadRun, ACheckpointThatARankDidNotEndIsNotCounted) {
  const TempDir dir;
  testing::write_checkpointing(dir.path(), {});
  auto stats = *results::read_json(dir.path() / "3_per_epoch_stats.json");
  stats["1"]["load_ckpt10"].erase("end");
  testing::write_json(dir.path() / "3_per_epoch_stats.json", stats);
  const auto record = read_run(dir.path());
  ASSERT_OK(record);
  EXPECT_EQ(record->run.checkpointing->loads.size(), 9U);
  EXPECT_THAT(record->notes, ElementsAre(HasSubstr("1 of 10 checkpoint reads did not end on all ranks")));
}

TEST(ReadRun, BrokenMetadataIsReplacedByTheSummary) {
  const TempDir dir;
  testing::write_training(dir.path(), {});
  testing::write_text(dir.path() / "training_20250601_100000_metadata.json", R"({"benchmark_type": "training", )");
  const auto record = read_run(dir.path());
  ASSERT_OK(record);
  EXPECT_FALSE(record->has_metadata);
  EXPECT_TRUE(record->counts());
  EXPECT_THAT(record->notes, ElementsAre(HasSubstr("metadata cannot be used")));
}

TEST(ReadRun, BrokenMetadataAloneIsAnError) {
  const TempDir dir;
  testing::write_text(dir.path() / "training_x_metadata.json", R"({"benchmark_type": "training"})");
  EXPECT_ERROR(read_run(dir.path()), Code::kCorrupt, "key 'run_datetime' is missing");
}

TEST(ReadRun, HalfASummaryIsAnError) {
  const TempDir dir;
  testing::write_training(dir.path(), {});
  testing::write_text(dir.path() / "summary.json", R"({"start": "2025-06-01T10:00:00.0)");
  EXPECT_ERROR(read_run(dir.path()), Code::kCorrupt, "summary.json");
}

TEST(ReadRun, NothingToGoBy) {
  const TempDir dir;
  EXPECT_ERROR(read_run(dir.path()), Code::kNotFound, "neither a *_metadata.json nor summary.json");
  EXPECT_ERROR(read_run(dir.path() / "absent"), Code::kNotFound, "is not a folder");
  testing::write_json(dir.path() / "summary.json", testing::summary_json({}));
  EXPECT_ERROR(read_run(dir.path()), Code::kNotFound, "dlio_config/config.yaml");
}

TEST(ReadRun, RunsThatDidNotEndWell) {
  const TempDir dir;
  testing::write_training(dir.path(), {});
  auto summary = testing::summary_json({});
  summary["status"] = "failed";
  summary["error"] = "rank 3: no space left on device";
  testing::write_json(dir.path() / "summary.json", summary);
  auto record = read_run(dir.path());
  ASSERT_OK(record);
  EXPECT_FALSE(record->counts());
  EXPECT_THAT(record->notes, ElementsAre(HasSubstr("rank 3: no space left")));

  summary = testing::summary_json({});
  summary["metric"] = results::Json::object();
  testing::write_json(dir.path() / "summary.json", summary);
  record = read_run(dir.path());
  ASSERT_OK(record);
  EXPECT_FALSE(record->counts());
  EXPECT_THAT(record->notes, ElementsAre(HasSubstr("no training metrics")));
}

// docs/faults.md: the figures of a key/value cache run are in its result file's `summary`; the same names beside it do
// not count, nor does what a reader of those wrote into the metadata.
// A summary that says "success" does not outweigh how the engine and the command ended.
TEST(ReadRun, HowTheEngineEndedIsBelieved) {
  const TempDir dir;
  testing::write_training(dir.path(), {});
  const fs::path file = testing::metadata_file(dir.path());
  Json metadata = *results::read_json(file);
  const auto ended = [&](const Json& end, const Json& engine, const Json& code) {
    metadata["start_time"] = "2025-06-01T10:00:00.000000";
    metadata["end_time"] = end;
    metadata["engine_exit_code"] = engine;
    metadata["exit_code"] = code;
    testing::write_json(file, metadata);
    auto record = read_run(dir.path());
    EXPECT_OK(record);
    return *std::move(record);
  };
  EXPECT_TRUE(ended("2025-06-01T11:00:00.000000", 0, 0).run.finished);
  const RunRecord open = ended(nullptr, nullptr, nullptr);
  EXPECT_FALSE(open.run.finished);
  EXPECT_THAT(open.notes, ElementsAre("the metadata have no end: the run is under way, or was killed"));
  EXPECT_THAT(ended("2025-06-01T11:00:00.000000", 137, 137).notes,
              ElementsAre("the engine ended with exit code 137 (SIGKILL)"));
  EXPECT_THAT(ended("2025-06-01T11:00:00.000000", 1, 1).notes, ElementsAre("the engine ended with exit code 1"));
  const RunRecord interrupted = ended("2025-06-01T11:00:00.000000", 0, 130);
  EXPECT_FALSE(interrupted.run.finished);
  EXPECT_THAT(interrupted.notes, ElementsAre("the command ended with exit code 130"));
}

TEST(ReadRun, OfAKeyValueCacheTheSummaryInItsResultFileCounts) {
  const TempDir dir;
  const fs::path path = dir.path() / "kv_cache/llama3.1-8b/run/20250601_100000";
  Json metadata = Json::parse(R"({
    "benchmark_type": "kv_cache", "model": "llama3.1-8b", "command": "run", "run_datetime": "20250601_100000",
    "num_processes": 1, "accelerator": null, "parameters": {}, "num_users": 5, "duration": "60",
    "kvcache_metrics": {"total_requests": 0}, "args": {"num_users": 7, "generation_mode": "fast"}})");
  testing::write_json(path / "kv_cache_20250601_100000_metadata.json", metadata);
  auto record = read_run(path);
  ASSERT_OK(record);
  EXPECT_FALSE(record->counts());
  EXPECT_THAT(record->notes, ElementsAre(HasSubstr("has no kvcache_results_*.json: the run did not end well")));

  const fs::path file = path / "kvcache_results_20250601_100000.json";
  testing::write_text(file, R"({"total_requests": 0})");
  record = read_run(path);
  ASSERT_OK(record);
  EXPECT_FALSE(record->counts());
  EXPECT_THAT(record->notes, ElementsAre(HasSubstr("key 'summary' is missing")));
  testing::write_text(file, R"([1])");
  EXPECT_FALSE(read_run(path)->counts());

  testing::write_text(file, R"({"total_requests": 0, "end_to_end_latencies": [1, 2],
                                "summary": {"total_requests": 812, "storage_io_latency_ms": {"p95": 3.5}}})");
  record = read_run(path);
  ASSERT_OK(record);
  EXPECT_TRUE(record->counts());
  EXPECT_TRUE(record->notes.empty());
  EXPECT_EQ(record->metrics["total_requests"], 812);
  EXPECT_EQ(record->metrics["storage_io_latency_ms"]["p95"], 3.5);
  EXPECT_FALSE(record->metrics.contains("end_to_end_latencies"));
  EXPECT_EQ(record->run.parameters.dump(), R"({"num_users":5,"duration":60,"generation_mode":"fast"})");
  EXPECT_EQ(rules::to_string(rules::judge(record->run).category()), "OPEN");
}

TEST(ReadRun, OfAVectorDatabaseTheOptionsAreJudged) {
  const TempDir dir;
  const fs::path path = dir.path() / "vector_database/run/20250601_100000";
  Json metadata = Json::parse(R"({"benchmark_type": "vector_database", "model": "default", "command": "run",
    "run_datetime": "20250601_100000", "num_processes": 1, "parameters": {}, "runtime": 61.5,
    "args": {"runtime": "20", "queries": null}})");
  testing::write_json(path / "vector_database_20250601_100000_metadata.json", metadata);
  auto record = read_run(path);
  ASSERT_OK(record);
  EXPECT_EQ(record->run.parameters.dump(), R"({"runtime":20})") << "and not how long it took";
  metadata["args"] = {{"queries", 1000}};
  testing::write_json(path / "vector_database_20250601_100000_metadata.json", metadata);
  record = read_run(path);
  ASSERT_OK(record);
  EXPECT_EQ(record->run.parameters.dump(), R"({"queries":1000})");
  EXPECT_FALSE(record->counts()) << "nothing says how it ended";
}

TEST(ReadRun, AFolderThatWasRenamedIsSaid) {
  const TempDir dir;
  testing::write_training(dir.path() / "20250601_230000", {});
  const auto record = read_run(dir.path() / "20250601_230000");
  ASSERT_OK(record);
  EXPECT_THAT(record->notes, ElementsAre(HasSubstr("metadata is of run 20250601_100000")));
}

// docs/reports.md: files that contradict each other are told.
TEST(ReadRun, FilesThatContradictEachOther) {
  const TempDir dir;
  const auto texts = [&dir] {
    const auto record = read_run(dir.path());
    EXPECT_OK(record);
    std::vector<std::string> all;
    for (const Contradiction& c : record->contradictions) {
      EXPECT_EQ(c.kind, Contradiction::Kind::kFigures);
      all.push_back(c.text);
    }
    for (const std::string& note : record->notes) all.push_back("note: " + note);
    return all;
  };
  const auto with_summary = [&dir](const char* key, const Json& value) {
    testing::write_training(dir.path(), {});
    auto summary = testing::summary_json({});
    summary[key] = value;
    testing::write_json(dir.path() / "summary.json", summary);
  };
  testing::write_training(dir.path(), {});
  EXPECT_THAT(texts(), ElementsAre());
  with_summary("num_files_train", 100);
  EXPECT_THAT(texts(), ElementsAre("dataset.num_files_train is judged as 14000, summary.json says 100"));
  with_summary("num_files_train", 15000);
  EXPECT_THAT(texts(), ElementsAre("note: dataset.num_files_train is judged as 14000, summary.json says 15000"));
  with_summary("epochs", 1);
  EXPECT_THAT(texts(), ElementsAre("train.epochs is judged as 5, summary.json says 1"));
  with_summary("num_samples_per_file", 0);
  EXPECT_THAT(texts(), ElementsAre("dataset.num_samples_per_file is judged as 1, summary.json says 0"));
  with_summary("num_accelerators", 2);
  EXPECT_THAT(texts(), ElementsAre("num_processes is judged as 4, summary.json says 2"));

  // The copy of the configuration, and the overrides in it.
  const auto with_copy = [&dir](const testing::TrainingFiles& files) {
    testing::write_training(dir.path(), {});
    testing::write_json(dir.path() / "dlio_config/config.yaml", Json{{"workload", testing::unet3d_parameters(files)}});
    testing::write_text(dir.path() / "dlio_config/overrides.yaml", testing::overrides_text(files));
  };
  with_copy({.overrides = {{"dataset.num_files_train", "168"}}});
  EXPECT_THAT(texts(), ElementsAre("overrides.yaml sets dataset.num_files_train=168, the metadata say 14000",
                                   "dataset.num_files_train is judged as 14000, config.yaml says 168"));
  with_copy({.overrides = {{"dataset.num_files_train", "14000"}, {"reader.batch_size", "1"}}});
  EXPECT_THAT(texts(), ElementsAre("overrides.yaml sets reader.batch_size=1, which the metadata do not have"));
  with_copy({.overrides = {{"dataset.num_files_train", "14000"}, {"dataset.data_folder", "/x"}}});
  EXPECT_THAT(texts(), ElementsAre()) << "where the data lay may be left out";
  with_copy({.overrides = {}});
  testing::write_json(dir.path() / "dlio_config/config.yaml", Json{{"workload", testing::unet3d_parameters({})}});
  EXPECT_THAT(texts(), ElementsAre("note: the metadata say dataset.num_files_train=14000, which overrides.yaml does "
                                   "not set"));
  // A copy that is damaged is no reason not to read the run; one that is not there is none to speak of it.
  testing::write_text(dir.path() / "dlio_config/config.yaml", "a: [");
  EXPECT_THAT(texts(), ElementsAre(HasSubstr("note: the copy of the configuration cannot be read: ")));
  fs::remove_all(dir.path() / "dlio_config");
  EXPECT_THAT(texts(), ElementsAre());
}

TEST(ReadRun, FoldersThatNameAnotherRun) {
  const TempDir dir;
  const auto place = [&dir](const std::string& folder) {
    testing::write_training(dir.path() / folder, {});
    const auto record = read_run(dir.path() / folder);
    EXPECT_OK(record);
    return record->contradictions.empty() ? "" : record->contradictions[0].text;
  };
  EXPECT_EQ(place("training/unet3d/run/20250601_100000"), "");
  EXPECT_EQ(place("anywhere/20250601_100000"), "");
  EXPECT_EQ(place("training/resnet50/run/20250601_100000"),
            "lies where runs of training resnet50 run belong, its own files say training unet3d run");
  EXPECT_EQ(place("training/unet3d/datagen/20250601_100000"),
            "lies where runs of training unet3d datagen belong, its own files say training unet3d run");
  EXPECT_EQ(place("checkpointing/llama3-8b/20250601_100000"),
            "lies where runs of checkpointing llama3-8b belong, its own files say training unet3d run");
}

// One odd counter of a host must not cost the whole metadata.
TEST(ReadRun, DetailsOfHostsThatAreWrongAreLeftOut) {
  const TempDir dir;
  testing::write_training(dir.path(), {});
  auto metadata = testing::metadata_json({});
  metadata["system_info"]["hosts"][0]["cgroups"] = Json::array({{{"subsys_name", "cpu"}, {"enabled", 1}}});
  metadata["system_info"]["hosts"][0]["network"][0]["rx_bytes"] = -1;
  testing::write_json(dir.path() / "training_20250601_100000_metadata.json", metadata);
  const auto record = read_run(dir.path());
  ASSERT_OK(record);
  EXPECT_TRUE(record->has_metadata);
  EXPECT_EQ(record->run.hosts.size(), 1U);
  EXPECT_EQ(record->run.hosts_from, "mpi");
  EXPECT_THAT(record->notes,
              ElementsAre(HasSubstr("host node1: key 'host.network.rx_bytes': found -1"),
                          HasSubstr("host node1: key 'host.cgroups.enabled': found 1, expected true or false")));
  EXPECT_EQ(rules::to_string(rules::judge(record->run).category()), "CLOSED");
}

TEST(ReadHosts, FromMetadataOrSummary) {
  const TempDir dir;
  testing::write_training(dir.path() / "v3", {});
  const auto v3 = read_hosts(dir.path() / "v3");
  ASSERT_OK(v3);
  EXPECT_EQ(v3->hosts[0].system->os_release[1].second, "12");
  testing::write_training_v2(dir.path() / "v2", {});
  const auto v2 = read_hosts(dir.path() / "v2");
  ASSERT_OK(v2);
  EXPECT_EQ(v2->hosts[0].hostname, "node1");
}

TEST(ModelOfWorkload, NamesOfResults) {
  EXPECT_EQ(model_of_workload("llama_8b"), "llama3-8b");
  EXPECT_EQ(model_of_workload("llama3_405b"), "llama3-405b");
  EXPECT_EQ(model_of_workload("unet3d"), "unet3d");
  EXPECT_EQ(model_of_workload("a_b"), "a-b");
}

TEST(Typed, OnlyWhatIsWhollyANumber) {
  const results::Json in =
      results::Json::parse(R"({"a": "1", "b": "1.5", "c": "True", "d": "1.5x", "e": ["2"], "f": ""})");
  EXPECT_EQ(typed(in).dump(), R"({"a":1,"b":1.5,"c":true,"d":"1.5x","e":[2],"f":""})");
}

}  // namespace
}  // namespace stoker::reports
