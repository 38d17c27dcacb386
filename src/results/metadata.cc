#include "results/metadata.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/errno_error.h"
#include "results/fields_internal.h"

namespace stoker::results {

namespace {

using internal::Fields;

// Keys that have members of their own; all others are kept in `extra`.
constexpr std::array<std::string_view, 21> kKnown{"benchmark_type",
                                                  "model",
                                                  "command",
                                                  "run_datetime",
                                                  "num_processes",
                                                  "accelerator",
                                                  "result_dir",
                                                  "parameters",
                                                  "override_parameters",
                                                  "system_info",
                                                  "cluster_snapshots",
                                                  "timeseries_data",
                                                  "start_time",
                                                  "end_time",
                                                  "exit_code",
                                                  "engine_exit_code",
                                                  "runtime",
                                                  "verification",
                                                  "executed_command",
                                                  "command_output_files",
                                                  "args"};

template <class T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json snapshots_json(const ClusterSnapshots& snapshots) {
  Json json = Json::object();
  json["start"] = to_json(snapshots.start);
  json["end"] = snapshots.end ? to_json(*snapshots.end) : Json(nullptr);
  json["collection_method"] = snapshots.collection_method;
  return json;
}

// Objects of free form are taken as they are.
void get_object(Fields& fields, const char* key, Json& out) {
  if (const Json* const json = fields.object(key)) out = *json;
}

Status get_snapshots(Fields& fields, const std::string& name, std::optional<ClusterSnapshots>& out) {
  const Json* const json = fields.object("cluster_snapshots");
  if (json == nullptr) return fields.status();
  ClusterSnapshots snapshots;
  Fields parts(*json, name, "cluster_snapshots");
  parts.get("collection_method", snapshots.collection_method);
  const Json* const start = parts.object("start");
  const Json* const end = parts.object("end");
  STOKER_TRY(parts.status());
  if (start != nullptr) {
    STOKER_ASSIGN(snapshots.start, system_info_from_json(*start, name));
  }
  if (end != nullptr) {
    STOKER_ASSIGN(snapshots.end, system_info_from_json(*end, name));
  }
  out = std::move(snapshots);
  return {};
}

void get_timeseries(Fields& fields, const std::string& name, std::optional<TimeseriesInfo>& out) {
  const Json* const json = fields.object("timeseries_data");
  if (json == nullptr) return;
  Fields parts(*json, name, "timeseries_data");
  TimeseriesInfo info;
  parts.get("file", info.file);
  parts.get("num_samples", info.num_samples);
  parts.get("interval_seconds", info.interval_seconds);
  parts.get("hosts_collected", info.hosts_collected);
  fields.take(parts.status());
  out = std::move(info);
}

Json timeseries_json(const TimeseriesInfo& info) {
  return {{"file", info.file},
          {"num_samples", info.num_samples},
          {"interval_seconds", info.interval_seconds},
          {"hosts_collected", info.hosts_collected}};
}

void get_outputs(Fields& fields, const std::string& name, std::vector<CommandOutput>& out) {
  const Json* const json = fields.list("command_output_files");
  if (json == nullptr) return;
  for (const Json& entry : *json) {
    Fields parts(entry, name, "command_output_files");
    CommandOutput& output = out.emplace_back();
    parts.get("command", output.command);
    parts.get("stdout", output.stdout_file);
    parts.get("stderr", output.stderr_file);
    fields.take(parts.status());
  }
}

}  // namespace

Json to_json(const RunMetadata& m) {
  Json json = Json::object();
  json["benchmark_type"] = to_string(m.id.type);
  json["model"] = m.id.model.empty() ? Json(nullptr) : Json(m.id.model);
  json["command"] = m.id.command;
  json["run_datetime"] = m.id.datetime;
  json["num_processes"] = m.num_processes;
  json["accelerator"] = or_null(m.accelerator);
  json["result_dir"] = m.result_dir;
  json["parameters"] = m.parameters;
  json["override_parameters"] = m.override_parameters;
  json["system_info"] = m.system_info ? to_json(*m.system_info) : Json(nullptr);
  if (m.cluster_snapshots) json["cluster_snapshots"] = snapshots_json(*m.cluster_snapshots);
  if (m.timeseries) json["timeseries_data"] = timeseries_json(*m.timeseries);
  if (m.started) {
    json["start_time"] = *m.started;
    json["end_time"] = or_null(m.ended);
    json["exit_code"] = or_null(m.exit_code);
    json["engine_exit_code"] = or_null(m.engine_exit_code);
  }
  json["runtime"] = m.runtime_seconds;
  json["verification"] = or_null(m.verification);
  json["executed_command"] = or_null(m.executed_command);
  json["command_output_files"] = Json::array();
  for (const CommandOutput& output : m.command_outputs) {
    json["command_output_files"].push_back(
        {{"command", output.command}, {"stdout", output.stdout_file}, {"stderr", output.stderr_file}});
  }
  json["args"] = m.args;
  for (const auto& [key, value] : m.extra.items()) json[key] = value;
  return json;
}

Result<RunMetadata> metadata_from_json(const Json& json, const std::string& name) {
  RunMetadata m;
  Fields fields(json, name);
  std::string type;
  fields.require("benchmark_type", type);
  fields.require("run_datetime", m.id.datetime);
  fields.require("num_processes", m.num_processes);
  STOKER_TRY(fields.status());
  const std::optional<BenchmarkType> known_type = parse_benchmark_type(type);
  if (!known_type)
    fields.fail("benchmark_type", "'" + type + "'", "training, checkpointing, vector_database or kv_cache");
  if (!fields.has("parameters")) fields.fail("parameters", "nothing", "an object");
  STOKER_TRY(fields.status());
  m.id.type = *known_type;
  fields.get("model", m.id.model);
  fields.get("command", m.id.command);
  fields.get("accelerator", m.accelerator);
  fields.get("result_dir", m.result_dir);
  get_object(fields, "parameters", m.parameters);
  get_object(fields, "override_parameters", m.override_parameters);
  if (const Json* const system = fields.object("system_info")) {
    STOKER_ASSIGN(m.system_info, system_info_from_json(*system, name));
  }
  STOKER_TRY(get_snapshots(fields, name, m.cluster_snapshots));
  get_timeseries(fields, name, m.timeseries);
  fields.get("start_time", m.started);
  fields.get("end_time", m.ended);
  fields.get("exit_code", m.exit_code);
  fields.get("engine_exit_code", m.engine_exit_code);
  fields.get("runtime", m.runtime_seconds);
  fields.get("verification", m.verification);
  fields.get("executed_command", m.executed_command);
  get_outputs(fields, name, m.command_outputs);
  get_object(fields, "args", m.args);
  STOKER_TRY(fields.status());
  for (const auto& [key, value] : json.items()) {
    if (std::find(kKnown.begin(), kKnown.end(), key) == kKnown.end()) m.extra[key] = value;
  }
  return m;
}

Status write_host_record(const std::filesystem::path& path, const HostRecord& record) {
  Json json = Json::object();
  json["cluster_snapshots"] = snapshots_json(record.snapshots);
  if (record.timeseries) json["timeseries_data"] = timeseries_json(*record.timeseries);
  return write_file_atomic(path, dump(json));
}

Result<HostRecord> read_host_record(const std::filesystem::path& path) {
  STOKER_ASSIGN(const Json json, read_json(path));
  HostRecord record;
  Fields fields(json, path.string());
  std::optional<ClusterSnapshots> snapshots;
  STOKER_TRY(get_snapshots(fields, path.string(), snapshots));
  if (!snapshots) return make_error(Code::kCorrupt, "{}: key 'cluster_snapshots' is missing", path.string());
  record.snapshots = std::move(*snapshots);
  get_timeseries(fields, path.string(), record.timeseries);
  STOKER_TRY(fields.status());
  return record;
}

Status write_metadata(const RunDirectory& run, const RunMetadata& metadata) {
  return write_file_atomic(run.metadata_file(), dump(to_json(metadata)));
}

Result<RunMetadata> read_metadata(const std::filesystem::path& run_directory) {
  std::error_code error;
  std::vector<std::filesystem::path> found;
  for (std::filesystem::directory_iterator it(run_directory, error), end; !error && it != end; it.increment(error)) {
    if (it->path().filename().string().ends_with("_metadata.json")) found.push_back(it->path());
  }
  if (error) return errno_error(run_directory, "cannot be listed", error.value());
  if (found.empty()) return make_error(Code::kNotFound, "{}: has no *_metadata.json", run_directory.string());
  if (found.size() > 1) {
    return make_error(Code::kCorrupt, "{}: has {} files *_metadata.json, expected one", run_directory.string(),
                      found.size());
  }
  STOKER_ASSIGN(const Json json, read_json(found.front()));
  return metadata_from_json(json, found.front().string());
}

}  // namespace stoker::results
