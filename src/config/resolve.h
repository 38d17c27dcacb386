// From the merged tree to the typed Workload: every known key is read through the field table, aliases are followed,
// unknown keys are found.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/status.h"
#include "config/load.h"
#include "config/node.h"

namespace stoker::config {

struct Resolved {
  Workload workload;
  std::map<std::string, Origin> origins;
  std::vector<std::string> warnings;
};

// Whose file it is: the workloads that are built in keep the benchmark's spelling, so that they can be compared with
// the published ones, and nobody is warned of old names in a file that is not theirs to change.
enum class FileOwner { kUser, kProgram };

// `root` is the content of the node `workload`; `overrides` are the texts that the places' precedences count.
[[nodiscard]] Result<Resolved> resolve(const Node& root, std::span<const std::string> overrides, FileOwner owner);

}  // namespace stoker::config
