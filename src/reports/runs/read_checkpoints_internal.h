// The checkpoint operations of a run, out of the <rank>_per_epoch_stats.json of all ranks that are there.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "mlperf/rules/run.h"

namespace stoker::reports::internal {

// Nullopt when there is no such file. Adds to `notes` when files of ranks are missing or ranks disagree about what
// was done; an operation that some rank did not end is left out. checkpoint_size_gib is not set.
[[nodiscard]] Result<std::optional<rules::CheckpointOutcome>> read_checkpoints(const std::filesystem::path& directory,
                                                                               std::int64_t processes,
                                                                               std::vector<std::string>& notes);

}  // namespace stoker::reports::internal
