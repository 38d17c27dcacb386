// Figures over the checkpoints of a run and over the runs of a workload. Pure.
//
// Formulas (rules 8.1: a checkpoint takes as long as its slowest process, and its throughput is the least of all
// processes'); `op` is save or load:
//
//   mean_of_max_<op>_duration          mean over checkpoints of max over ranks of duration                     s
//   min_throughput_list_<op>           per checkpoint, min over ranks of throughput                            GiB/s
//   mean_of_min_<op>_throughput        mean of that list                                                       GiB/s
//   calculated_mean_<op>_throughput_from_strict_times
//                                      mean over checkpoints of checkpoint_size_GB / (latest end - earliest start)
//   num_<op>_ops                       checkpoints
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "reports/runs/read_run.h"
#include "results/json.h"

namespace stoker::reports {

struct OperationFigures {
  std::int64_t count = 0;
  double mean_of_max_duration_seconds = 0;
  std::vector<double> min_throughput_gib_per_second;
  double mean_of_min_throughput_gib_per_second = 0;
  std::optional<double> strict_throughput_gib_per_second;  // unknown without a size or with clocks that ran backwards
};
[[nodiscard]] OperationFigures operation_figures(std::span<const rules::CheckpointOperation> operations,
                                                 double checkpoint_size_gib);

// The figures of one run that a workload is made of, by the names above. Training: train_au_mean_percentage,
// train_au_meet_expectation, train_throughput_samples_per_second, train_io_mean_MB_per_second, num_accelerators and
// processes_per_host (left out where the hosts are not known). Empty for other benchmarks and for runs that measured
// nothing.
[[nodiscard]] results::Json workload_metrics(const RunRecord& record);

// What a report says a run measured: the summary's `metric`, and for checkpointing the figures above.
[[nodiscard]] results::Json reported_metrics(const RunRecord& record);

// Mean over runs of every number, under "mean_<key>"; a list counts with the mean of its numbers. A key that only some
// runs have (reads and writes done apart) is the mean over those. num_<op>_ops are summed instead, as
// total_num_<op>_ops. train_au_meet_expectation is "success" when it is in every run.
[[nodiscard]] results::Json mean_over_runs(std::span<const results::Json> runs);

// Read and write bandwidth and duration of a workload, out of mean_over_runs.
struct Bandwidth {
  std::optional<double> read_gib_per_second, write_gib_per_second, read_seconds, write_seconds;
};
[[nodiscard]] Bandwidth bandwidth(const results::Json& means);

// "100 TB", "90.9TiB", "512 GB" or a plain number (TiB) in TiB, 1 TB being 1000^4/2^40 of one; nullopt for other text.
[[nodiscard]] std::optional<double> capacity_tib(const std::string& text);

}  // namespace stoker::reports
