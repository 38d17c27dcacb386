// How large the checkpoints of the benchmark's models are, and what of them each rank holds.
//
// Parameters of a transformer with L layers, hidden size h, feed-forward size f, kv key/value heads of width
// d = floor(h / heads), and a vocabulary of v:
//
//   P = L * (2 h^2 + 2 h kv d + 3 h f + 2 h) + 2 v h + h
//
// The model takes P elements of model.model_datatype; the optimizer keeps three values per parameter (master weights
// and two moments) of model.optimizer_datatype: 2 and 12 bytes per parameter with fp16 and fp32. The rules name rounded
// sizes, for one model (1t) another one than its workload file gives: what is computed counts, theirs is shown beside
// it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "config/workload.h"

namespace stoker::mlperf {

// What the rules fix about a model beyond its workload file.
struct CheckpointModel {
  std::string_view name;                     // "llama3-8b"
  std::int64_t closed_processes = 0;         // of a CLOSED run of the whole model
  std::int64_t instance_processes = 0;       // ranks that hold the model once: OPEN runs have a multiple of it
  bool has_subset = true;                    // may be run by its first 8 ranks alone
  std::string_view nominal, nominal_subset;  // checkpoint sizes as the rules state them
};
inline constexpr std::int64_t kSubsetProcesses = 8;

[[nodiscard]] std::span<const CheckpointModel> checkpoint_models();
// Null when there is no such model.
[[nodiscard]] const CheckpointModel* find_checkpoint_model(std::string_view name);
// Code::kInvalidArgument with the known names.
[[nodiscard]] Result<CheckpointModel> checkpoint_model(std::string_view name);
// "llama3_8b": the workload file's name.
[[nodiscard]] std::string checkpoint_workload(std::string_view model);

[[nodiscard]] double transformer_parameters(const config::Model& model);

// What is dealt out to the ranks of a job.
struct CheckpointJob {
  double model_bytes = 0, optimizer_bytes = 0;
  std::int64_t zero_stage = 0;
  std::int64_t instance_ranks = 1;  // tensor * pipeline: the ranks that write the model (unless ZeRO 3 shards it)
  std::int64_t ranks = 1;           // of the whole job, of which a subset may be run

  [[nodiscard]] double total_bytes() const { return model_bytes + optimizer_bytes; }
};

// `ranks`: of the job. Code::kConfig when the workload describes no transformer.
[[nodiscard]] Result<CheckpointJob> checkpoint_job(const config::Workload& workload, std::int64_t ranks);

// The job of a run with `processes` ranks: with fewer than the model's closed count they are the first ranks of the
// closed job (checkpoint.mode subset), not a smaller job.
[[nodiscard]] std::int64_t job_ranks(const CheckpointModel& model, std::int64_t processes);

// Bytes of rank r in one checkpoint. ZeRO 3: everything over all ranks. ZeRO 1 and 2: the optimizer over all ranks, and
// the model over the first instance_ranks. ZeRO 0: both over the first instance_ranks.
[[nodiscard]] double rank_bytes(const CheckpointJob& job, std::int64_t rank);

// Of the first `processes` ranks.
[[nodiscard]] std::vector<double> bytes_by_rank(const CheckpointJob& job, std::int64_t processes);

// What each host holds of one checkpoint, when ranks are dealt a rank to each host in turn, as many as `ranks_by_host`
// gives it. At least one host.
[[nodiscard]] std::vector<double> bytes_by_host(std::span<const double> by_rank, std::span<const int> ranks_by_host);

// `processes` dealt evenly over `hosts` (at least one), the first getting one more.
[[nodiscard]] std::vector<int> even_ranks(std::int64_t processes, std::int64_t hosts);

// Whether a host could serve the reads of a checkpoint from its page cache, so that caches must be cleared between
// writing and reading: its memory is more than three times its share.
inline constexpr double kCacheMultiple = 3;
[[nodiscard]] inline bool must_clear_caches(double memory_bytes, double share_bytes) {
  return memory_bytes > kCacheMultiple * share_bytes;
}

}  // namespace stoker::mlperf
