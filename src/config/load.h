// Text to a checked, typed Workload.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/status.h"
#include "config/workload.h"

namespace stoker::config {

// Where the value of a key came from.
struct Origin {
  enum class Kind { kDefault, kFile, kOverride } kind = Kind::kDefault;
  std::string text;   // "unet3d_h100.yaml:12:3", the override as it was typed, or ""
  SourcePos where{};  // the same for an Error; empty for a default
};

struct LoadRequest {
  std::string workload = "default";  // name of a file workload/<name>.yaml, or of an embedded one
  std::filesystem::path
      config_dir;  // empty: embedded files only. Searched as DIR/workload/<name>.yaml, then DIR/<name>.yaml
  // In order; later ones win. Hydra's grammar: a.b=v, +a.b=v, ++a.b=v, ~a.b; with or without the leading "workload.".
  std::vector<std::string> overrides;
};

struct Loaded {
  Workload workload;
  std::map<std::string, Origin> origins;  // by key path, for every key of the field table
  std::vector<std::string> warnings;      // to be printed once, by rank 0
  std::string merged_yaml;                // file merged with overrides, raw values, under the node `workload:`
  std::string source;                     // path of the file, or "embedded:<name>"
  std::vector<std::string> overrides;     // as given
};

// Reads, merges, checks every value against the field table and the rules that need several keys (validate.h).
// Errors carry file, line and column, or the text of the override.
[[nodiscard]] Result<Loaded> load(const LoadRequest&);
// The same for a text that is already in memory (tests, embedded files).
[[nodiscard]] Result<Loaded> load_text(std::string_view yaml, const std::string& file_name, const LoadRequest&);

// Names of the workloads that can be loaded, sorted: embedded ones and those of config_dir.
[[nodiscard]] std::vector<std::string> workload_names(const std::filesystem::path& config_dir);

// Every key of the field table that has an effect, with its effective value and origin, as aligned text (configview).
[[nodiscard]] std::string describe(const Loaded&);

// One effective value by its dotted YAML key, as text, or nullopt (the query tool, `workflow.query`).
[[nodiscard]] std::optional<std::string> value_of(const Loaded&, std::string_view key);

// docs/config.md, from the field table.
[[nodiscard]] std::string reference_markdown();

}  // namespace stoker::config
