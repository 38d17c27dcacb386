// config.yaml, overrides.yaml and hydra.yaml: the run's configuration, where tools that know DLIO look for it.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace stoker::results {

struct ConfigCopies {
  std::string config_yaml;  // file merged with overrides, below `workload:` (config::Loaded::merged_yaml)
  std::vector<std::string>
      overrides;         // in order, `workload=<name>` first; those that begin with `hydra.` are sorted out here
  std::string workload;  // runtime.choices.workload
  std::filesystem::path run_dir;  // hydra.run.dir, runtime.output_dir
  std::string subdir = ".hydra";  // hydra.output_subdir; "dlio_config" in run directories of the front end
  std::filesystem::path cwd;
  std::string job_name = "stoker";
  std::vector<std::string> config_sources;  // folders or "embedded"
};

// Texts of the two files that are made here.
[[nodiscard]] std::string overrides_yaml(const ConfigCopies& copies);
[[nodiscard]] std::string hydra_yaml(const ConfigCopies& copies);

// Writes the three files into <run_dir>/<subdir>, which it creates.
[[nodiscard]] Status write_config_copies(const ConfigCopies& copies);

// A YAML scalar for any text: plain where that reads back as the same string, else double-quoted.
[[nodiscard]] std::string yaml_scalar(std::string_view text);

}  // namespace stoker::results
