// Result directories as mlpstorage writes them, small and made up, for tests.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "results/json.h"
#include "results/timestamp.h"

namespace stoker::reports::testing {

using results::Json;

inline void write_text(const std::filesystem::path& path, const std::string& text) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
  ASSERT_EQ(std::filesystem::file_size(path), text.size());
}
inline void write_json(const std::filesystem::path& path, const Json& json) {
  write_text(path, json.dump(2));
}

// A training run of unet3d on h100 that is CLOSED: 14000 files for 4 accelerators on a host of 64 GiB (spec of
// datasize).
struct TrainingFiles {
  std::string stamp = "20250601_100000";
  std::string model = "unet3d", accelerator = "h100", command = "run";
  int minute = 0;  // start, in minutes after 10 o'clock; a run takes 4
  int processes = 4;
  double memory_gib = 64;
  double au = 95;
  std::string verification;  // "" : null
  std::vector<std::pair<std::string, std::string>> overrides{{"dataset.num_files_train", "14000"}};
  bool texts = true;  // overrides as text, as Python keeps them
  bool system_info = true;
};

inline std::string minute_text(int minute) {
  return fmt::format("2025-06-01T{:02}:{:02}:00.000000", 10 + minute / 60, minute % 60);
}

// The workload file with the overrides.
inline Json unet3d_parameters(const TrainingFiles& files) {
  Json json = Json::parse(R"({
    "model": {"type": "cnn", "model_size": 499153191}, "framework": "pytorch",
    "workflow": {"generate_data": false, "train": true, "checkpoint": false},
    "dataset": {"data_folder": "data/unet3d/", "format": "npz", "num_files_train": 168, "num_samples_per_file": 1,
                "record_length_bytes": 146600628, "record_length_bytes_stdev": 68341808,
                "record_length_bytes_resize": 2097152},
    "reader": {"data_loader": "pytorch", "batch_size": 7, "read_threads": 4, "file_shuffle": "seed",
               "sample_shuffle": "seed"},
    "train": {"epochs": 5},
    "checkpoint": {"checkpoint_folder": "checkpoints/unet3d", "checkpoint_after_epoch": 5,
                   "epochs_between_checkpoints": 2},
    "metric": {"au": 0.9}})");
  json["model"]["name"] = files.model;
  json["train"]["computation_time"] = files.accelerator == "a100" ? 0.636 : 0.323;
  if (files.command == "datagen") json["workflow"] = {{"generate_data", true}, {"train", false}, {"checkpoint", false}};
  for (const auto& [key, value] : files.overrides) {
    const auto dot = key.find('.');
    Json& at = json[key.substr(0, dot)][key.substr(dot + 1)];
    at = value;
    if (!files.texts && Json::accept(value)) at = Json::parse(value);
  }
  return json;
}

inline std::filesystem::path metadata_file(const std::filesystem::path& run, const TrainingFiles& files = {}) {
  return run / ("training_" + files.stamp + "_metadata.json");
}

inline Json metadata_json(const TrainingFiles& files) {
  Json json = Json::object();
  json["benchmark_type"] = "training";
  json["model"] = files.model;
  json["command"] = files.command;
  json["run_datetime"] = files.stamp;
  json["num_processes"] = files.processes;
  json["accelerator"] = files.command == "run" ? Json(files.accelerator) : Json();
  json["result_dir"] = "/results";
  json["parameters"] = unet3d_parameters(files);
  json["override_parameters"] = Json::object();
  for (const auto& [key, value] : files.overrides)
    json["override_parameters"][key] = !files.texts && Json::accept(value) ? Json::parse(value) : Json(value);
  const auto bytes = static_cast<std::uint64_t>(files.memory_gib * 1073741824.0);
  json["system_info"] = nullptr;
  if (files.system_info) {
    json["system_info"] = {{"total_memory_bytes", bytes},
                           {"total_cores", 32},
                           {"num_hosts", 1},
                           {"collection_method", "mpi"},
                           {"collection_timestamp", "2025-06-01T10:00:00Z"}};
    json["system_info"]["hosts"] = Json::array(
        {{{"hostname", "node1"},
          {"memory", {{"total", bytes}, {"cached", 1048576}}},
          {"cpu", {{"num_cores", 32}, {"num_logical_cores", 64}, {"model", "A CPU"}, {"architecture", "x86_64"}}},
          {"disks", Json::array({{{"device_name", "nvme0n1"}, {"reads_completed", 7}}})},
          {"network",
           Json::array({{{"interface_name", "lo"}, {"rx_bytes", 5}}, {{"interface_name", "ib0"}, {"rx_bytes", 9}}})},
          {"system",
           {{"hostname", "node1"},
            {"kernel_version", "Linux version 6.1.0-13-amd64 (builder)"},
            {"os_release", {{"NAME", "Debian GNU/Linux"}, {"VERSION_ID", "12"}}}}}}});
  }
  json["runtime"] = 240.0;
  json["verification"] = files.verification.empty() ? Json() : Json(files.verification);
  json["executed_command"] = "dlio_benchmark";
  json["command_output_files"] = Json::array();
  json["args"] = {{"hosts", Json::array({"node1"})}, {"num_client_hosts", 1}};
  return json;
}

inline Json summary_json(const TrainingFiles& files) {
  Json json = Json::object();
  json["start"] = minute_text(files.minute);
  json["num_accelerators"] = files.processes;
  json["num_hosts"] = 1;
  json["hostname"] = "node1";
  json["metric"] = {{"train_au_percentage", Json::array({files.au, files.au})},
                    {"train_au_mean_percentage", files.au},
                    {"train_au_meet_expectation", files.au >= 90 ? "success" : "fail"},
                    {"train_au_stdev_percentage", 0.0},
                    {"train_throughput_samples_per_second", Json::array({40.0, 44.0})},
                    {"train_throughput_mean_samples_per_second", 42.0},
                    {"train_throughput_stdev_samples_per_second", 2.0},
                    {"train_io_mean_MB_per_second", 6144.0},
                    {"train_io_stdev_MB_per_second", 12.0}};
  json["num_files_train"] = 14000;
  json["num_samples_per_file"] = 1;
  json["host_cpu_count"] = Json::array({64});
  json["host_meminfo"] = {{"MemTotal", fmt::format("{:.0f} kB", files.memory_gib * 1048576)}, {"Cached", "2048 kB"}};
  json["host_memory_GB"] = Json::array({files.memory_gib});
  json["epochs"] = 5;
  json["end"] = minute_text(files.minute + 4);
  return json;
}

// Logs, rank files and copies of the configuration: what a package must have.
inline void write_engine_files(const std::filesystem::path& run, const std::string& prefix, const Json& parameters,
                               const std::string& overrides, const std::string& config_dir = "dlio_config") {
  write_text(run / (prefix + ".stdout.log"), "done\n");
  write_text(run / (prefix + ".stderr.log"), "");
  write_text(run / "dlio.log", "done\n");
  write_text(run / "0_output.json", "{}");
  write_json(run / config_dir / "config.yaml", Json{{"workload", parameters}});
  write_text(run / config_dir / "overrides.yaml", overrides);
  write_text(run / config_dir / "hydra.yaml", "hydra:\n  run:\n    dir: .\n");
}

inline std::string overrides_text(const TrainingFiles& files) {
  std::string text = fmt::format("- workload={}_{}\n", files.model, files.accelerator);
  for (const auto& [key, value] : files.overrides) text += fmt::format("- ++workload.{}={}\n", key, value);
  return text;
}

// v3: with metadata.
inline void write_training(const std::filesystem::path& run, const TrainingFiles& files) {
  write_json(metadata_file(run, files), metadata_json(files));
  if (files.command == "datasize") return;
  write_engine_files(run, "training_" + files.command, unet3d_parameters(files), overrides_text(files));
  if (files.command != "run") return;
  write_json(run / "summary.json", summary_json(files));
  write_json(run / "0_per_epoch_stats.json",
             Json::parse(R"({"1": {"start": "2025-06-01T10:00:00.000000", "end": "2025-06-01T10:01:00.000000",
                              "duration": "60.00"}})"));
}

// v2.0: the same without metadata, the configuration in a hidden folder.
inline void write_training_v2(const std::filesystem::path& run, const TrainingFiles& files) {
  write_engine_files(run, "training_run", unet3d_parameters(files), overrides_text(files), ".hydra_config");
  write_json(run / "summary.json", summary_json(files));
  write_json(run / "0_per_epoch_stats.json", Json::object());
}

// Five CLOSED runs in a row below `folder`, a minute apart.
inline void write_five(const std::filesystem::path& folder, TrainingFiles files = {}) {
  for (int i = 0; i < 5; ++i) {
    files.minute = 5 * i;
    files.stamp = fmt::format("20250601_10{:02}00", files.minute);
    write_training(folder / files.stamp, files);
  }
}

// A checkpointing run of llama3-8b on 8 ranks, without metadata: saves and loads that take 10 s and 5 s on the slowest
// rank, of 105 GiB.
struct CheckpointFiles {
  int ranks = 8;
  int saves = 10, loads = 10;
  int hour = 12;
  double memory_gib = 128;
};

inline Json checkpoint_stats(const CheckpointFiles& files, int rank) {
  using std::chrono::milliseconds;
  Json epoch = Json::object();
  const auto begin = *results::parse_timestamp(fmt::format("2025-06-01T{:02}:00:00.000000", files.hour));
  const auto stamp = [&begin](int ms) { return results::format_timestamp(begin + milliseconds(ms)); };
  epoch["start"] = stamp(0);
  const auto put = [&](const std::string& name, int at_ms, int duration_ms) {
    // Ranks begin one after the other, and every further rank is a little faster.
    const int start = at_ms + 100 * rank;
    const int took = duration_ms - 200 * rank;
    const double seconds = took / 1000.0;
    epoch[name] = {
        {"start", stamp(start)}, {"end", stamp(start + took)}, {"duration", seconds}, {"throughput", 105.0 / seconds}};
  };
  int at = 5000;
  for (int i = 1; i <= files.saves; ++i, at += 15000) put(fmt::format("save_ckpt{}", i), at, 10000);
  for (int i = 1; i <= files.loads; ++i, at += 15000) put(fmt::format("load_ckpt{}", i), at, 5000);
  epoch["end"] = stamp(at);
  Json json = Json::object();
  json["1"] = epoch;
  return json;
}

inline void write_checkpointing(const std::filesystem::path& run, const CheckpointFiles& files) {
  Json parameters = Json::parse(R"({
    "model": {"name": "llama_8b", "type": "transformer", "num_layers": 32, "model_datatype": "fp16",
              "optimizer_datatype": "fp32", "parallelism": {"tensor": 1, "pipeline": 1, "zero_stage": 3},
              "transformer": {"vocab_size": 128256, "hidden_size": 4096, "ffn_hidden_size": 14336,
                              "num_attention_heads": 32, "num_kv_heads": 8}},
    "framework": "pytorch",
    "workflow": {"generate_data": false, "train": false, "checkpoint": true},
    "checkpoint": {"checkpoint_folder": "ckpt/llama3-8b", "time_between_checkpoints": 5, "fsync": true}})");
  parameters["checkpoint"]["num_checkpoints_write"] = files.saves;
  parameters["checkpoint"]["num_checkpoints_read"] = files.loads;
  write_engine_files(run, "checkpointing_run", parameters,
                     fmt::format("- workload=llama3_8b\n- ++workload.checkpoint.num_checkpoints_read={}\n"
                                 "- ++workload.checkpoint.num_checkpoints_write={}\n",
                                 files.loads, files.saves));
  for (int rank = 0; rank < files.ranks; ++rank)
    write_json(run / fmt::format("{}_per_epoch_stats.json", rank), checkpoint_stats(files, rank));
  Json summary = Json::object();
  summary["start"] = fmt::format("2025-06-01T{:02}:00:00.000000", files.hour);
  summary["num_accelerators"] = files.ranks;
  summary["num_hosts"] = 1;
  summary["hostname"] = "node1";
  summary["metric"] = {{"checkpoint_size_GB", 105.0}};
  summary["host_memory_GB"] = Json::array({files.memory_gib});
  summary["host_meminfo"] = {{"Cached", "1048576 kB"}};
  summary["end"] = fmt::format("2025-06-01T{:02}:06:00.000000", files.hour);
  write_json(run / "summary.json", summary);
}

}  // namespace stoker::reports::testing
