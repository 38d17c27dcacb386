// `<type>_<datetime>_metadata.json`: what the front end knows of a run, for reports and rules.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "results/json.h"
#include "results/run_directory.h"
#include "results/system_info.h"

namespace stoker::results {

struct ClusterSnapshots {
  SystemInfo start;
  std::optional<SystemInfo> end;
  std::string collection_method;
};

struct TimeseriesInfo {
  std::string file;
  std::int64_t num_samples = 0;
  double interval_seconds = 10;
  std::vector<std::string> hosts_collected;
};

struct CommandOutput {
  std::string command, stdout_file, stderr_file;
};

struct RunMetadata {
  RunId id;  // benchmark_type, model, command, run_datetime
  std::int64_t num_processes = 0;
  std::optional<std::string> accelerator;
  std::string result_dir;
  Json parameters = Json::object();           // nested effective workload, without the derived data folder
  Json override_parameters = Json::object();  // flat, dotted keys, values as typed
  std::optional<SystemInfo> system_info;
  std::optional<ClusterSnapshots> cluster_snapshots;
  std::optional<TimeseriesInfo> timeseries;
  // A record is made when a run begins, and again when it ends: one without an end was left by a run that is under way,
  // or was killed. Records of other programs have none of these.
  std::optional<std::string> started, ended;
  std::optional<std::int64_t> exit_code;         // of the command
  std::optional<std::int64_t> engine_exit_code;  // of the engine or its launcher; 128 + signal, as a shell has it
  double runtime_seconds = 0;                    // of the engine phase
  std::optional<std::string> verification;       // CLOSED, OPEN, INVALID
  std::optional<std::string> executed_command;
  std::vector<CommandOutput> command_outputs;
  Json args = Json::object();  // all options after normalisation, underscore names
  // Further keys of kvcache and vectordb runs, and what a newer version wrote; written last.
  Json extra = Json::object();
};

[[nodiscard]] Json to_json(const RunMetadata& metadata);
// Needs benchmark_type, run_datetime, num_processes and parameters; Code::kCorrupt names `name` and the key.
[[nodiscard]] Result<RunMetadata> metadata_from_json(const Json& json, const std::string& name);

// What the ranks of a run leave behind about their hosts, for the front end to put into the metadata.
struct HostRecord {
  ClusterSnapshots snapshots;
  std::optional<TimeseriesInfo> timeseries;
};
[[nodiscard]] Status write_host_record(const std::filesystem::path& path, const HostRecord& record);
[[nodiscard]] Result<HostRecord> read_host_record(const std::filesystem::path& path);

[[nodiscard]] Status write_metadata(const RunDirectory& run, const RunMetadata& metadata);
// The one *_metadata.json of a run directory. Code::kNotFound when there is none, Code::kCorrupt when there are
// several.
[[nodiscard]] Result<RunMetadata> read_metadata(const std::filesystem::path& run_directory);

}  // namespace stoker::results
