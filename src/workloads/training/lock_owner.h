// Who takes a folder for a run of several processes.
#pragma once

#include <string_view>

#include "base/status.h"
#include "cluster/dist/communicator.h"
#include "data/dataset/folder_lock.h"

namespace stoker::training {

// Collective. On rank 0 its process with the others of the run, which write with it; elsewhere the rank's own.
[[nodiscard]] Result<dataset::LockOwner> lock_owner(dist::Communicator& comm, std::string_view what);

}  // namespace stoker::training
