// Configuration as results keep it: JSON instead of YAML.
#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "results/json.h"

namespace stoker::results {

// A configuration tree, scalars typed as YAML types them. `name` is for messages.
[[nodiscard]] Result<Json> yaml_to_json(const std::string& yaml, const std::string& name);

// Overrides ("++workload.a.b=v") as a flat map of dotted keys with typed values; later ones win.
[[nodiscard]] Result<Json> override_map(const std::vector<std::string>& overrides);

}  // namespace stoker::results
