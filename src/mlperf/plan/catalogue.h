// Which models the benchmark knows, on which accelerators, and the workload files that belong to them.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace stoker::mlperf {

struct TrainingModel {
  std::string_view name;
  std::vector<std::string_view> accelerators;  // with a workload file each; the first is the current reference
};

[[nodiscard]] std::span<const TrainingModel> training_models();
[[nodiscard]] std::span<const std::string_view> accelerator_names();  // all that any model has

// The workload file of a training run: "unet3d_h100". Code::kInvalidArgument with the valid pairs for any other pair.
[[nodiscard]] Result<std::string> run_workload(std::string_view model, std::string_view accelerator);
// "unet3d_datagen".
[[nodiscard]] Result<std::string> datagen_workload(std::string_view model);
// The run workload whose data set the datagen of `model` writes: some datagen files disagree with the run files about
// samples per file and row groups, and following them leaves a run without enough data.
[[nodiscard]] Result<std::string> reference_run_workload(std::string_view model);

}  // namespace stoker::mlperf
