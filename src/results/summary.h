// summary.json: what a run came to. DLIO's keys, types and order, then ours (docs/metrics.md lists every key).
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "metrics/run_metrics.h"
#include "results/coverage.h"
#include "results/json.h"

namespace stoker::results {

// Percentiles of the latency of storage requests, in milliseconds.
struct LatencyMs {
  double p50 = 0, p90 = 0, p99 = 0, p99_9 = 0, max = 0;
  std::uint64_t requests = 0;
  std::uint64_t seen_late = 0;  // of them, answered before the thread looked: their time is a bound
  friend bool operator==(const LatencyMs&, const LatencyMs&) = default;
};

// Where the time of the steps went, in seconds summed over ranks and epochs.
struct StepTimeSplit {
  double compute = 0;
  double late = 0;  // computed longer than told, not in `compute`
  double wait_storage = 0, wait_copy = 0, wait_core = 0, wait_decompress = 0, wait_decode = 0, wait_verify = 0,
         wait_preprocess = 0, wait_place = 0, wait_queue = 0;
  double barrier = 0;
  // Parts of barrier: the slowest rank of the step had waited for this longer.
  double barrier_storage = 0, barrier_client = 0, barrier_queue = 0, barrier_late = 0, barrier_core = 0;
  friend bool operator==(const StepTimeSplit&, const StepTimeSplit&) = default;
};

// What the reader threads did, in seconds summed over threads.
struct ReaderTimeSplit {
  double storage = 0, copy = 0, core = 0, decompress = 0, decode = 0, verify = 0, preprocess = 0, place = 0, other = 0,
         idle = 0;
  friend bool operator==(const ReaderTimeSplit&, const ReaderTimeSplit&) = default;
};

// What reader.verify compared with the generator, and what that cost.
struct VerificationFacts {
  std::uint64_t bytes = 0;  // of decoded values, all epochs and ranks
  double cpu_seconds = 0;
  double cpu_share = 0;  // 0..1 of the CPU time of all processes during training
  friend bool operator==(const VerificationFacts&, const VerificationFacts&) = default;
};

// The client side of the measurement.
struct ClientFacts {
  std::string ranks_as;     // "threads" or "mpi processes"
  std::string storage;      // "posix, buffered", "io_uring, O_DIRECT", ...
  std::string writing;      // of datagen: "posix, O_DIRECT, io_uring"; "" when nothing was written
  std::string file_system;  // type of the data folder's, "" when unknown
  std::string cpu_model, architecture, kernel;
  std::int64_t read_threads = 0;      // per rank
  std::int64_t prefetch_batches = 0;  // window of a rank
  double cpus = 0;                    // that the run may use, by affinity and quota, over all hosts
  double throttled_seconds = 0;  // a limit on CPUs held threads back, while training, on the host where it did most
  bool optimised_build = true;
  friend bool operator==(const ClientFacts&, const ClientFacts&) = default;
};

// Our measurements of reading; present when anything was read.
// Requests under way on average, and what bounds them.
struct DepthFacts {
  std::uint64_t per_thread = 0;       // that each reader thread may have
  double reached = 0;                 // of all threads together, by the sum of latencies
  std::optional<double> device;       // at the block device below the data, mean over hosts
  std::optional<double> device_busy;  // 0..1 of the time
  friend bool operator==(const DepthFacts&, const DepthFacts&) = default;
};

// For how much of the training threads of a host waited; nullopt where the kernel does not count it.
struct PressureFacts {
  double cpu = 0, io = 0;  // 0..1
  friend bool operator==(const PressureFacts&, const PressureFacts&) = default;
};

struct ReadFacts {
  std::vector<std::uint64_t> train_bytes_read;  // asked of the storage, one entry per epoch, all ranks
  std::uint64_t useful_bytes = 0;               // of the samples handed out, all epochs
  double storage_io_mean_mib_per_second = 0;    // train_bytes_read over the epochs' wall time, mean over epochs
  double cpu_seconds_per_gb = 0;                // user + system over 10^9 bytes asked for
  LatencyMs latency;
  DepthFacts depth;
  std::optional<PressureFacts> pressure;
  std::optional<double> hosts_busy;  // 0..1 of the time of all the hosts' CPUs, by whatever program
  StepTimeSplit step_time;
  std::uint64_t late_steps = 0;  // that step_time.late is of
  ReaderTimeSplit reader_time;
  std::optional<std::uint64_t> device_bytes;  // that devices read on behalf of the run, nullopt: unknown
  std::optional<double> cache_share;          // 0..1 of the bytes asked for
  std::optional<VerificationFacts> verified;  // with reader.verify
  friend bool operator==(const ReadFacts&, const ReadFacts&) = default;
};

// How much of what the storage and the client can give at most (results/ceilings.h) the run had; each side only where
// it is known. The bytes are those asked of the storage.
struct CeilingShares {
  double bytes_per_second = 0;  // of the run, all of training
  std::optional<double> storage_bytes_per_second, client_bytes_per_second;
  std::optional<double> storage_share, client_share;  // 1: as much
  std::string storage_how;                            // "depth 8, O_DIRECT"
  std::vector<std::string> files;                     // the documents
  friend bool operator==(const CeilingShares&, const CeilingShares&) = default;
};

struct Summary {
  std::string start, end;  // format_timestamp
  std::int64_t num_accelerators = 0;
  std::int64_t num_hosts = 0;
  std::string hostname;  // of rank 0

  std::optional<metrics::RateMetrics> train, eval;
  std::optional<metrics::CheckpointMetrics> save_checkpoint, load_checkpoint;
  std::optional<double> checkpoint_size_gib;
  std::optional<metrics::GenerationMetrics> generation;
  std::optional<ReadFacts> read;
  std::optional<CoverageFacts> coverage;  // when rows were read
  std::optional<CeilingShares> ceilings;  // when they were measured, for this host and these data

  std::int64_t num_files_train = 0, num_files_eval = 0;
  std::int64_t num_samples_per_file = 0;
  std::vector<std::int64_t> host_cpu_count;  // lists over hosts, in host order
  std::string host_processor_name;
  std::vector<std::int64_t> potential_caching;
  KeyValues host_cpuinfo, host_meminfo;  // of rank 0's host
  std::vector<double> host_memory_gib;
  double data_size_per_host_gib = 0;
  std::int64_t epochs = 0;  // 0: checkpoint-only or generate-only

  // Ours.
  std::string status = "success";  // or "failed"
  std::string error;               // the message when failed
  std::string program, version;
  std::string workload;               // name of the workload file
  std::string model;                  // model.name
  std::string format;                 // dataset.format
  std::string parquet_decode;         // "" unless the data is Parquet; then arrays, arrow, decompress or none
  std::optional<bool> decode_images;  // reader.decode_images; none unless the data are images
  bool odirect = false;
  double peak_rss_mib = 0;  // largest process
  double cpu_seconds = 0;   // user + system, all processes, whole run
  std::optional<ClientFacts> client;
  std::string verdict;                // one sentence
  std::vector<std::string> warnings;  // what changes the meaning of the numbers: caches not dropped, files missing, ...

  friend bool operator==(const Summary&, const Summary&) = default;
};

[[nodiscard]] Json to_json(const Summary& summary);
// Reads ours and DLIO's: absent keys keep their defaults, unknown ones are left alone, a key of the wrong type is
// Code::kCorrupt naming `name` and the key.
[[nodiscard]] Result<Summary> summary_from_json(const Json& json, const std::string& name);

[[nodiscard]] Status write_summary(const std::filesystem::path& directory,
                                   const Summary& summary);  // <directory>/summary.json
[[nodiscard]] Result<Summary> read_summary(const std::filesystem::path& directory);

// bytes of the data set per host in GiB: ranks_on_host * samples_per_file * files // ranks * record_bytes / 2^30.
[[nodiscard]] double data_size_per_host_gib(std::int64_t ranks_on_host, std::int64_t ranks, std::int64_t files,
                                            std::int64_t samples_per_file, double record_bytes);

}  // namespace stoker::results
