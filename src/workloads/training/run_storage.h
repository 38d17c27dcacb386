// Which storage a run has.
#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "base/status.h"
#include "config/workload.h"
#include "data/io/model/storage.h"
#include "data/io/storage.h"

namespace stoker::training {

// The storage that the workload names (data/storages/registry.h), seen through its model if it has one. `processes` of
// the run have one each. The clock outlives it.
[[nodiscard]] Result<std::unique_ptr<io::Storage>> open_storage(const config::Workload&, unsigned processes,
                                                                const Clock& clock);
// storage.model; nothing is limited where there is none.
[[nodiscard]] Result<io::ModelLimits> model_limits(const config::Workload&);

}  // namespace stoker::training
