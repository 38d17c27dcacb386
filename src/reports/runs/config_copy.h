// The configuration that a run left beside its results: config.yaml, overrides.yaml, hydra.yaml.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "results/json.h"

namespace stoker::reports {

struct ConfigCopy {
  std::filesystem::path directory;
  results::Json parameters = results::Json::object();  // the node `workload` of config.yaml
  results::Json overrides = results::Json::object();   // flat: of the entries ++workload.<key>=<value>
  bool has_overrides = false;                          // overrides.yaml was there
  std::string workload;  // of the entry workload=<name>, else hydra's choice; "" : unknown
};

// dlio_config/, .hydra_config/, .hydra/ or configs/ of a run directory, whichever holds a config.yaml, or cannot be
// looked into; empty: none.
[[nodiscard]] std::filesystem::path find_config_dir(const std::filesystem::path& run_directory);

// Code::kNotFound when there is none, Code::kCorrupt for YAML that cannot be read. overrides.yaml may be missing.
[[nodiscard]] Result<ConfigCopy> read_config_copy(const std::filesystem::path& run_directory);

// The model that results are filed under, from the name in a workload: llama_8b -> llama3-8b, other '_' -> '-'.
[[nodiscard]] std::string model_of_workload(const std::string& name);

}  // namespace stoker::reports
