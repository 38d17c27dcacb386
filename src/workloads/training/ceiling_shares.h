// How much of what a storage and a client can give at most a run had.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "config/workload.h"
#include "results/ceilings.h"
#include "results/summary.h"

namespace stoker::training {

struct KnownCeilings {
  std::filesystem::path file;
  results::Ceilings ceilings;
};

// What decides whether ceilings are those of a run of this workload on this host. Reads the manifest of its data set.
[[nodiscard]] Result<results::CeilingUse> ceiling_use(const config::Workload& workload);

// Reads them; Code::kConfig with the reason when one does not fit the run, or two tell of the same.
[[nodiscard]] Result<std::vector<KnownCeilings>> read_ceilings(const std::vector<std::filesystem::path>& files,
                                                               const config::Workload& workload);

// `bytes_per_second`: asked of the storage by all ranks together, which may use `cpus`. nullopt when there is nothing
// to compare with.
[[nodiscard]] std::optional<results::CeilingShares> ceiling_shares(const std::vector<KnownCeilings>& known, bool direct,
                                                                   double bytes_per_second, double cpus);

}  // namespace stoker::training
