// Before each epoch the kernel forgets what it holds of the files, so that reads come from the storage.
#pragma once

#include <chrono>
#include <functional>

#include "base/status.h"
#include "data/dataset/listing.h"
#include "data/dataset/plan.h"
#include "workloads/training/context.h"

namespace stoker::training {

// Collective. Makes the coming epoch's reads come from the storage and not from memory, as far as this process may.
// Forgetting the epoch's own files is always allowed and disturbs nobody else; the host's whole cache is emptied, if
// permitted, only when that was not enough or there are very many files. What could not be done is a warning of the
// run: it changes what the numbers mean.
Status drop_caches(Context& context, const dataset::FileTable& files, const dataset::EpochPlan& plan);

// DLIO_DROP_CACHES_TIMEOUT, in seconds: how long emptying the host's cache may take. 30 when absent or no number, at
// least 1.
[[nodiscard]] std::chrono::seconds drop_caches_timeout();

// Runs `work` on a thread of its own and waits for it, but no longer than `limit`: nullopt when it is not done by then.
// It is then left to itself, since the kernel's writing back of dirty pages cannot be interrupted.
[[nodiscard]] std::optional<Status> within(std::chrono::milliseconds limit, std::function<Status()> work);

}  // namespace stoker::training
