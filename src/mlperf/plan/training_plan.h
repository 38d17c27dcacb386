// From what a user asked of `stoker training ...` to what the engine is told: pure decisions over the workload file,
// the overrides and the data set's manifest. No I/O besides loading configuration text.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "config/load.h"
#include "results/dataset_manifest.h"
#include "results/json.h"

namespace stoker::mlperf {

struct TrainingArgs {
  std::string model;
  std::string accelerator;          // run only
  std::string dataset_format;       // "" : the workload's
  std::string compression;          // "" : the workload's
  std::vector<std::string> params;  // key=value as typed, in order
  std::filesystem::path data_dir;   // "" : the workload's data folder
  // For ready-to-paste commands: the folder of results, and the options by which they find the same hosts, launcher and
  // workload files.
  std::string results_dir;
  std::vector<std::string> repeated_options;
  int processes = 1;
  bool overwrite = false;  // datagen: replaces the data set that is there
};

struct TrainingPlan {
  std::string workload;                        // name of the workload file
  std::vector<std::string> user_overrides;     // "++workload.a.b=v": params, then the shorthands
  std::vector<std::string> derived_overrides;  // data folder, manifest, sizes taken from the run's workload
  std::vector<std::string> format_override;    // at most one: the data set's format, where the user's settings need it
  std::vector<std::string> notices;            // what was derived and why, for the user
  std::filesystem::path data_folder;           // "" when none was given
  config::Loaded loaded;                       // with all overrides
  // Metadata: nested effective workload of file and user overrides; flat map of all overridden keys with typed values.
  results::Json parameters, override_parameters;

  [[nodiscard]] std::vector<std::string> engine_overrides() const;  // workload=NAME first
};

// <data-dir>/<model>, or data-dir itself when its last component is the model's name already.
[[nodiscard]] std::filesystem::path data_folder(const std::filesystem::path& data_dir, const std::string& model);

[[nodiscard]] Result<TrainingPlan> plan_datagen(const TrainingArgs& args, const std::filesystem::path& config_dir);

// `manifest` is what the data folder holds, if anything. A data set that is incomplete or cannot serve this run is
// refused, with the datagen command that would mend it.
[[nodiscard]] Result<TrainingPlan> plan_run(const TrainingArgs& args, const std::filesystem::path& config_dir,
                                            const std::optional<results::DatasetManifest>& manifest);

// The effective configuration without touching any data (configview).
[[nodiscard]] Result<TrainingPlan> plan_view(const TrainingArgs& args, const std::filesystem::path& config_dir);

}  // namespace stoker::mlperf
