#include "reports/runs/read_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <set>

#include "base/interrupt.h"
#include "base/units.h"
#include "cluster/launch/mpirun_command.h"
#include "config/node.h"
#include "mlperf/rules/planned_run.h"
#include "reports/runs/config_copy.h"
#include "reports/runs/contradictions_internal.h"
#include "reports/runs/error_text.h"
#include "reports/runs/read_checkpoints_internal.h"
#include "reports/runs/read_previews_internal.h"
#include "results/metadata.h"
#include "results/summary.h"

namespace stoker::reports {

namespace {

namespace fs = std::filesystem;
using results::BenchmarkType;
using results::Json;
using results::RunMetadata;
using results::Summary;

// A file that says more is not believed: a slip there must not fill our memory.
using results::kMostHosts;
constexpr std::int64_t kMostProcesses = 1 << 20;
constexpr std::int64_t kMostMemoryGib = 1 << 20;

// The pieces a run directory is made of, as far as they are there.
struct Parts {
  std::optional<RunMetadata> metadata;
  std::optional<Summary> summary;
  std::optional<ConfigCopy> config;
  Json summary_json = Json::object();  // as it stands: `summary` does not tell 0 from absent
  Json metric = Json::object();
  std::vector<std::string> notes;
};

Result<Parts> read_parts(const fs::path& directory) {
  Parts parts;
  std::error_code ignored;
  if (!fs::is_directory(directory, ignored))
    return make_error(Code::kNotFound, "{}: is not a folder", directory.string());

  Result<RunMetadata> metadata = results::read_metadata(directory);
  std::optional<Error> unreadable;
  if (metadata) {
    parts.metadata = std::move(*metadata);
  } else if (metadata.error().code != Code::kNotFound) {
    unreadable = metadata.error();
  }

  const fs::path summary_file = directory / "summary.json";
  if (fs::exists(summary_file, ignored)) {
    STOKER_ASSIGN(Json json, results::read_json(summary_file));
    STOKER_ASSIGN(parts.summary, results::summary_from_json(json, summary_file.string()));
    if (const auto metric = json.find("metric"); metric != json.end() && metric->is_object()) parts.metric = *metric;
    parts.summary_json = std::move(json);
  }
  Result<ConfigCopy> config = read_config_copy(directory);
  if (config) {
    parts.config = std::move(*config);
  } else if (config.error().code != Code::kNotFound) {
    if (!parts.metadata) return config.error();
    parts.notes.push_back("the copy of the configuration cannot be read: " + internal::text_with_place(config.error()));
  }

  if (parts.metadata) return parts;
  const bool enough = parts.summary && parts.config;
  if (unreadable && !enough) return *unreadable;
  if (unreadable) {
    parts.notes.push_back("metadata cannot be used (" + internal::text_with_place(*unreadable) +
                          "); taken from summary.json and the copy of the configuration instead");
  }
  if (!enough) {
    Error error = make_error(Code::kNotFound, "{}: has neither a *_metadata.json nor {}", directory.string(),
                             parts.summary ? "a copy of the configuration (dlio_config/config.yaml) beside summary.json"
                             : parts.config ? "a summary.json beside the copy of the configuration"
                                            : "summary.json with dlio_config/config.yaml");
    error.hint = "the run ended before it wrote its results, or files were not copied along; run it again";
    return error;
  }
  return parts;
}

bool is_true(const Json& parameters, const char* section, const char* key) {
  const Json::json_pointer at(std::string("/") + section + "/" + key);
  return parameters.contains(at) && typed(parameters[at]) == Json(true);
}

// Who the run is, from the configuration: training if it generates or trains, else checkpointing if it checkpoints.
Result<results::RunId> id_from_config(const fs::path& directory, const ConfigCopy& config, const Summary& summary,
                                      std::vector<std::string>& notes) {
  results::RunId id;
  const bool generates = is_true(config.parameters, "workflow", "generate_data");
  const bool trains = is_true(config.parameters, "workflow", "train");
  if (generates || trains) {
    id.type = BenchmarkType::kTraining;
    id.command = trains ? "run" : "datagen";
  } else if (is_true(config.parameters, "workflow", "checkpoint")) {
    id.type = BenchmarkType::kCheckpointing;
    id.command = "run";
  } else {
    return make_error(Code::kCorrupt, "{}: workflow has none of generate_data, train and checkpoint",
                      (config.directory / "config.yaml").string());
  }

  const Json::json_pointer name("/model/name");
  std::string model;
  if (config.parameters.contains(name) && config.parameters[name].is_string()) {
    model = config.parameters[name].get<std::string>();
  } else if (const auto at = config.parameters.find("model"); at != config.parameters.end() && at->is_string()) {
    model = at->get<std::string>();  // v1.0's workloads have a name here
  } else {
    model = config.workload.substr(0, config.workload.rfind('_'));
    notes.push_back("the configuration names no model; taken from the workload's name '" + config.workload + "'");
  }
  id.model = model_of_workload(model);

  const std::string folder = directory.lexically_normal().filename().string();
  id.datetime = folder;
  if (!results::is_run_stamp(folder)) {
    if (const auto start = results::parse_timestamp(summary.start)) id.datetime = results::run_stamp(*start);
  }
  return id;
}

// "unet3d_h100" -> "h100".
std::string accelerator_of(const std::string& workload) {
  const auto at = workload.find('_');
  return at == std::string::npos ? "" : workload.substr(at + 1);
}

// "263716828 kB" -> bytes.
std::optional<std::uint64_t> kib_text(const results::KeyValues& meminfo, std::string_view key) {
  for (const auto& [name, text] : meminfo) {
    if (name != key) continue;
    std::uint64_t kib = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), kib);
    if (error != std::errc{} ||
        std::string_view(stop, text.data() + text.size()).find_first_not_of(" kKbB") != std::string_view::npos) {
      return std::nullopt;
    }
    return kib <= std::numeric_limits<std::uint64_t>::max() / kKiB ? std::optional(kib * kKiB) : std::nullopt;
  }
  return std::nullopt;
}

std::vector<rules::HostFacts> facts_of(const results::SystemInfo& system) {
  std::vector<rules::HostFacts> facts;
  for (const results::HostInfo& host : system.hosts) {
    if (host.memory.total == 0) continue;  // nothing was learned of it
    rules::HostFacts& fact = facts.emplace_back();
    fact.hostname = host.hostname;
    fact.memory_bytes = host.memory.total;
    if (host.memory.cached > 0) fact.page_cache_bytes = host.memory.cached;
    if (host.cpu && host.cpu->num_cores > 0) fact.cores = host.cpu->num_cores;
  }
  return facts;
}

// What DLIO's summary says of hosts: a list of memories in which hosts whose ranks did not answer stand with 0, and the
// name and page cache of rank 0's host.
results::SystemInfo system_of(const Summary& summary) {
  results::SystemInfo system;
  system.collection_method = "dlio_summary";
  std::vector<double> memories = summary.host_memory_gib;
  if (memories.empty()) {
    if (const auto total = kib_text(summary.host_meminfo, "MemTotal"))
      memories.push_back(static_cast<double>(*total) / static_cast<double>(kGiB));
  }
  for (std::size_t i = 0; i < memories.size(); ++i) {
    if (!(memories[i] > 0) || memories[i] > static_cast<double>(kMostMemoryGib)) continue;
    results::HostInfo& host = system.hosts.emplace_back();
    host.memory.total = static_cast<std::uint64_t>(std::llround(memories[i] * static_cast<double>(kGiB)));
    host.hostname = i == 0 ? summary.hostname : fmt::format("host {}", i);
    if (i == 0) host.memory.cached = kib_text(summary.host_meminfo, "Cached").value_or(0);
    if (i < summary.host_cpu_count.size() && summary.host_cpu_count[i] > 0) {
      results::HostCpu& cpu = host.cpu.emplace();
      cpu.num_logical_cores = summary.host_cpu_count[i];
      if (i == 0) {
        for (const auto& [key, value] : summary.host_cpuinfo) {
          if (key == "model name") cpu.model = value;
        }
      }
    }
  }
  return system;
}

// A whole number of the options that the metadata keeps, 0 if it is not there.
std::int64_t whole_arg(const Json& args, const char* key) {
  const auto at = args.find(key);
  if (at == args.end()) return 0;
  const Json value = typed(*at);
  return value.is_number_integer() ? value.get<std::int64_t>() : 0;
}

// The hosts of --hosts; none when they are not said, or are no hosts.
std::vector<launch::Host> hosts_asked_for(const Json& args) {
  const auto hosts = args.find("hosts");
  if (hosts == args.end()) return {};
  std::vector<std::string> words;
  for (const Json& entry : hosts->is_array() ? *hosts : Json::array({*hosts})) {
    if (entry.is_string()) words.push_back(entry.get<std::string>());
  }
  auto named = launch::parse_hosts(words);
  return named ? std::move(*named) : std::vector<launch::Host>{};
}

// What the command counted, else the distinct hosts, for metadata that lack the count.
std::int64_t host_count(const Json& args, const std::vector<launch::Host>& hosts) {
  const std::int64_t counted = whole_arg(args, "num_client_hosts");
  if (counted > 0 && counted <= kMostHosts) return counted;
  std::set<std::string_view> names;
  for (const launch::Host& host : hosts)
    names.insert(launch::is_local_host(host.name) ? std::string_view("localhost") : host.name);
  return static_cast<std::int64_t>(names.size());
}

// Details of hosts that were no such thing; a few of them, since a slip of a tool is in all hosts alike.
void note_left_out(const results::SystemInfo& system, std::vector<std::string>& notes) {
  constexpr std::size_t kMostNotes = 5;
  std::vector<std::string> all = system.left_out;
  for (const results::HostInfo& host : system.hosts) {
    for (const std::string& detail : host.left_out)
      all.push_back((host.hostname.empty() ? "" : "host " + host.hostname + ": ") + detail);
  }
  for (std::size_t i = 0; i < std::min(all.size(), kMostNotes); ++i)
    notes.push_back("a detail of the hosts is left out: " + all[i]);
  if (all.size() > kMostNotes) notes.push_back(fmt::format("{} more details are left out", all.size() - kMostNotes));
}

// Host facts in order of trust: collected on the hosts, counted by the engine, said by the user.
void put_hosts(const Parts& parts, RunRecord& record) {
  rules::Run& run = record.run;
  const RunMetadata* const metadata = parts.metadata ? &*parts.metadata : nullptr;
  std::optional<results::SystemInfo> system;
  if (metadata != nullptr && metadata->system_info) {
    system = metadata->system_info;
  } else if (metadata != nullptr && metadata->cluster_snapshots) {
    system = metadata->cluster_snapshots->start;
  }
  if (system && !facts_of(*system).empty()) {
    run.hosts = facts_of(*system);
    run.hosts_from = system->collection_method;
  } else if (parts.summary) {
    system = system_of(*parts.summary);
    run.hosts = facts_of(*system);
    run.hosts_from = run.hosts.empty() ? "" : system->collection_method;
  }
  if (metadata != nullptr) {
    const std::vector<launch::Host> hosts = hosts_asked_for(metadata->args);
    run.ranks_by_host = launch::ranks_by_host(hosts, static_cast<int>(run.processes));
    run.num_hosts = host_count(metadata->args, hosts);
  }
  if (parts.summary && parts.summary->num_hosts <= kMostHosts)
    run.num_hosts = std::max(run.num_hosts, parts.summary->num_hosts);
  const std::size_t unknown = system ? system->missing_hosts.size() : 0;
  run.num_hosts = std::max(run.num_hosts, static_cast<std::int64_t>(run.hosts.size() + unknown));
  if (run.hosts.empty() && metadata != nullptr) {
    const std::int64_t gib = std::min(whole_arg(metadata->args, "client_host_memory_in_gb"), kMostMemoryGib);
    for (std::int64_t i = 0; gib > 0 && i < std::max<std::int64_t>(1, run.num_hosts); ++i) {
      run.hosts.push_back({.hostname = "", .memory_bytes = static_cast<std::uint64_t>(gib) * kGiB});
      run.hosts_from = "args";
    }
  }
  if (system && !system->hosts.empty()) record.system_info = results::to_json(*system);
  if (system) note_left_out(*system, record.notes);
}

// The engine of the key/value cache writes no summary.json, but a file of its own.
void put_kvcache_end(RunRecord& record) {
  Result<Json> summary = internal::read_kvcache_summary(record.run.directory);
  if (summary) {
    record.metrics = std::move(*summary);
    record.run.finished = true;
  } else {
    record.notes.push_back(summary.error().message + ": the run did not end well");
  }
}

// What the summary says of how the run ended.
void put_summary_end(const Parts& parts, RunRecord& record) {
  rules::Run& run = record.run;
  if (!parts.summary) {
    if (run.id.command == "run") record.notes.emplace_back("no summary.json: the run did not end well");
    return;
  }
  const Summary& summary = *parts.summary;
  rules::add_outcome(run, summary);
  if (run.id.type != BenchmarkType::kTraining) run.training.reset();
  run.finished = false;
  if (summary.status != "success") {
    record.notes.push_back("summary.json says that the run failed" +
                           (summary.error.empty() ? "" : ": " + summary.error));
  } else if (run.id.command == "run" && run.id.type == BenchmarkType::kTraining && !run.training) {
    record.notes.emplace_back("summary.json has no training metrics: the run did not end well");
  } else if (run.id.type == BenchmarkType::kCheckpointing &&
             (!run.checkpointing || (run.checkpointing->saves.empty() && run.checkpointing->loads.empty()))) {
    record.notes.emplace_back("no checkpoint operation is recorded in *_per_epoch_stats.json");
  } else if (summary.end.empty()) {
    record.notes.emplace_back("summary.json has no end: the run did not end well");
  } else {
    run.finished = true;
  }
}

// What the front end knows of a bad end, however well the engine's own files look.
std::optional<std::string> bad_end(const RunMetadata& metadata) {
  if (metadata.started && !metadata.ended) return "the metadata have no end: the run is under way, or was killed";
  if (const std::int64_t code = metadata.engine_exit_code.value_or(0); code != 0) {
    constexpr std::int64_t kSignalled = 128;
    const bool by_signal = code > kSignalled && code < 2 * kSignalled;
    return fmt::format("the engine ended with exit code {}{}", code,
                       by_signal ? fmt::format(" ({})", signal_name(static_cast<int>(code - kSignalled))) : "");
  }
  if (metadata.exit_code.value_or(0) != 0)
    return fmt::format("the command ended with exit code {}", *metadata.exit_code);
  return std::nullopt;
}

// Whether the run ended well, and if not, why.
void put_end(const Parts& parts, RunRecord& record) {
  put_summary_end(parts, record);
  if (!parts.metadata) return;
  if (auto bad = bad_end(*parts.metadata)) {
    record.run.finished = false;
    record.notes.push_back(*std::move(bad));
  }
}

}  // namespace

Json typed(const Json& value) {
  if (value.is_object()) {
    Json map = Json::object();
    for (const auto& [key, entry] : value.items()) map[key] = typed(entry);
    return map;
  }
  if (value.is_array()) {
    Json list = Json::array();
    for (const Json& entry : value) list.push_back(typed(entry));
    return list;
  }
  if (!value.is_string()) return value;
  const std::string text = value.get<std::string>();
  switch (config::classify(text, config::Dialect::kOverride)) {
    case config::Node::Kind::kBool:
      if (const auto flag = config::parse_bool(text)) return *flag;
      break;
    case config::Node::Kind::kInt:
      if (const auto whole = config::parse_whole(text)) return *whole;
      break;
    case config::Node::Kind::kFloat:
      if (const auto number = config::parse_number(text)) return *number;
      break;
    default: break;
  }
  return value;
}

Result<RunRecord> read_run(const fs::path& directory) {
  STOKER_ASSIGN(Parts parts, read_parts(directory));
  RunRecord record;
  record.notes = std::move(parts.notes);
  record.has_metadata = parts.metadata.has_value();
  record.has_summary = parts.summary.has_value();
  record.metrics = parts.metric;
  if (parts.summary && parts.summary->coverage)
    record.coverage = results::coverage_text(parts.summary->coverage->train);
  rules::Run& run = record.run;
  run.directory = directory;

  if (parts.metadata) {
    const RunMetadata& metadata = *parts.metadata;
    run.id = metadata.id;
    run.accelerator = metadata.accelerator.value_or("");
    run.processes = metadata.num_processes;
    run.parameters = typed(metadata.parameters);
    run.overrides = typed(metadata.override_parameters);
    run.recorded_category = metadata.verification;
    const auto what_if = metadata.args.find("what_if");
    record.is_plan = what_if != metadata.args.end() && what_if->is_boolean() && what_if->get<bool>();
    if (run.id.command.empty()) run.id.command = run.id.type == BenchmarkType::kCheckpointing ? "run" : "";
    const std::string folder = directory.lexically_normal().filename().string();
    if (results::is_run_stamp(folder) && folder != run.id.datetime) {
      record.notes.push_back(fmt::format("the metadata is of run {}, the folder is named {}", run.id.datetime, folder));
    }
  } else {
    STOKER_ASSIGN(run.id, id_from_config(directory, *parts.config, *parts.summary, record.notes));
    if (run.id.type == BenchmarkType::kTraining && run.id.command == "run")
      run.accelerator = accelerator_of(parts.config->workload);
    run.processes = parts.summary->num_accelerators;
    run.parameters = parts.config->parameters;
  }
  if (const auto nested = run.parameters.find("workload"); nested != run.parameters.end() && nested->is_object()) {
    Json inner = *nested;
    run.parameters = std::move(inner);
  }
  if (run.overrides.empty() && parts.config) run.overrides = typed(parts.config->overrides);

  if (run.processes < 0 || run.processes > kMostProcesses) {
    return make_error(Code::kCorrupt, "{}: num_processes: found {}, expected at most {}", directory.string(),
                      run.processes, kMostProcesses);
  }
  put_hosts(parts, record);
  if (run.id.type == BenchmarkType::kCheckpointing) {
    STOKER_ASSIGN(run.checkpointing, internal::read_checkpoints(directory, run.processes, record.notes));
    if (run.checkpointing && parts.summary)
      run.checkpointing->checkpoint_size_gib = parts.summary->checkpoint_size_gib.value_or(0);
  }
  const internal::RunFiles files{parts.metadata ? &*parts.metadata : nullptr, parts.config ? &*parts.config : nullptr,
                                 parts.summary_json};
  internal::compare_overrides(files, record);  // before the end: the last note of a run that did not end well says why
  if (parts.metadata) internal::put_preview_options(*parts.metadata, run);
  if (run.id.type == BenchmarkType::kKvCache && !parts.summary) {
    if (run.id.command == "run") put_kvcache_end(record);
  } else {
    put_end(parts, record);
  }
  internal::compare_figures(files, record);
  if (auto misplaced = misplacement(directory, run.id)) record.contradictions.push_back(std::move(*misplaced));
  return record;
}

Result<results::SystemInfo> read_hosts(const fs::path& directory) {
  STOKER_ASSIGN(const Parts parts, read_parts(directory));
  if (parts.metadata) {
    if (parts.metadata->system_info && !parts.metadata->system_info->hosts.empty()) return *parts.metadata->system_info;
    if (parts.metadata->cluster_snapshots && !parts.metadata->cluster_snapshots->start.hosts.empty())
      return parts.metadata->cluster_snapshots->start;
  }
  if (parts.summary) {
    results::SystemInfo system = system_of(*parts.summary);
    if (!system.hosts.empty()) return system;
  }
  Error error = make_error(Code::kNotFound, "{}: records no host", directory.string());
  error.hint = "name the directory of a run that ended well, or leave --hosts-from out to describe this machine";
  return error;
}

}  // namespace stoker::reports
