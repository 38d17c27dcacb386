// The hosts of a run at one instant, seen by its ranks.
#pragma once

#include <optional>
#include <string>

#include "base/status.h"
#include "cluster/dist/communicator.h"
#include "results/system_info.h"

namespace stoker::training {

// Collective. The description that the first rank of each host gives (nullopt on the other ranks), at rank 0 in host
// order, with what is not alike between hosts; empty elsewhere. `method` is that of the metadata: mpi, local.
[[nodiscard]] Result<results::SystemInfo> gather_snapshot(dist::Communicator& comm,
                                                          const std::optional<results::HostInfo>& mine,
                                                          const std::string& method);

}  // namespace stoker::training
