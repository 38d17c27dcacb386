// From `stoker training datasize` to its answer: how many files, and the command that writes them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/status.h"
#include "mlperf/plan/sizing.h"
#include "mlperf/plan/training_plan.h"

namespace stoker::mlperf {

struct DatasizeArgs {
  TrainingArgs training;  // `processes` are the accelerators of the run to come
  std::int64_t memory_gib = 0;
  std::int64_t client_hosts = 1;
  std::vector<std::string> hosts;  // as typed
  std::string exec_type = "auto";  // the datagen command has both in places of their own
};

struct DatasizePlan {
  TrainingPlan run;  // the training run that is sized for
  DatasetShape shape;
  std::uint64_t memory_bytes = 0;  // of all hosts
  TrainingSize size;
  std::vector<std::string> datagen_command;  // words; launch::shell_line makes the line to be pasted
  TrainingPlan datagen;                      // what that command plans
};

inline constexpr std::string_view kDataDirPlaceholder = "<data-dir>";

// Whether an item of --params sets dataset.num_files_train.
[[nodiscard]] bool sets_num_files(const std::string& param);

// The datagen command repeats the user's overrides, and adds what it takes to write files as the run reads them: some
// datagen workloads differ from the runs' in format, samples per file or columns.
[[nodiscard]] Result<DatasizePlan> plan_datasize(const DatasizeArgs& args, const std::filesystem::path& config_dir);

// A few files like those of `plan.datagen`, to measure how fast a storage takes them: enough to keep `threads` writers
// busy for a moment, some hundreds of MiB unless a single sample is larger.
struct ProbeFiles {
  std::int64_t files = 1, samples_per_file = 1;
};
[[nodiscard]] ProbeFiles probe_files(const DatasetShape& shape, unsigned threads);
// The engine's arguments that write them into `folder`; workload=NAME first.
[[nodiscard]] std::vector<std::string> probe_overrides(const DatasizePlan& plan, const ProbeFiles& files,
                                                       const std::filesystem::path& folder);

}  // namespace stoker::mlperf
