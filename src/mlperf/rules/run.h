// One benchmark run as the rules see it: planned by a command, or read back from disk. The same functions judge both
// (mlperf/rules/judge.h), so that a run cannot be CLOSED before it starts and OPEN in the report.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "results/json.h"
#include "results/run_directory.h"
#include "results/timestamp.h"

namespace stoker::rules {

// What the rules need to know of a client host.
struct HostFacts {
  std::string hostname;
  std::uint64_t memory_bytes = 0;                 // MemTotal
  std::optional<std::uint64_t> page_cache_bytes;  // meminfo's Cached when the run began
  std::optional<std::int64_t> cores;
};

// Of a finished training run; lists have one entry for each epoch that was measured.
struct TrainingOutcome {
  std::vector<double> au_percent;
  std::optional<double> au_mean_percent;
  std::optional<bool> au_meets_expectation;
  std::vector<double> samples_per_second;
  std::optional<double> mean_samples_per_second;
  std::optional<double> mean_io_mib_per_second;
};

// One checkpoint written or read: an operation of each rank. Times are seconds since the epoch, throughput GiB/s.
struct CheckpointOperation {
  std::vector<double> start, end, duration, throughput;  // by rank; the same length
};

struct CheckpointOutcome {
  double checkpoint_size_gib = 0;
  std::vector<CheckpointOperation> saves, loads;
};

struct Run {
  results::RunId id;
  std::filesystem::path directory;  // empty: planned
  std::string accelerator;          // "" : none
  std::int64_t processes = 0;
  // Nested effective workload, without the node `workload`. Of kvcache and vectordb: their options by their names in
  // the metadata (num_users, duration, gpu_mem_gb, cpu_mem_gb, generation_mode, performance_profile; runtime, queries).
  results::Json parameters = results::Json::object();
  results::Json overrides = results::Json::object();  // flat: dotted key -> typed value; user's and derived ones
  std::vector<HostFacts> hosts;                       // empty: unknown
  std::string hosts_from;  // mpi, local, args, dlio_summary, local_fallback: results::SystemInfo::collection_method
  // Hosts the user asked for; more than hosts.size() when facts of some are missing. 0: unknown.
  std::int64_t num_hosts = 0;
  // Ranks that each host runs (launch::ranks_by_host), in the order of the hosts. Empty, or of another length than
  // there are hosts: not known, taken to be dealt evenly.
  std::vector<int> ranks_by_host;

  // Of a run that was executed.
  bool finished = false;  // ended well: it has a summary, which does not say that it failed
  std::optional<results::WallTime> start, end;
  std::optional<std::string> recorded_category;  // what the metadata says was found before the run
  std::optional<TrainingOutcome> training;
  std::optional<CheckpointOutcome> checkpointing;

  [[nodiscard]] bool planned() const { return directory.empty(); }
};

}  // namespace stoker::rules
