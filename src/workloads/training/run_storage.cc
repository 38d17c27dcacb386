#include "workloads/training/run_storage.h"

#include <utility>

#include "config/storage_model.h"
#include "data/storages/registry.h"

namespace stoker::training {

Result<io::ModelLimits> model_limits(const config::Workload& w) {
  STOKER_ASSIGN(const config::StorageModel model, config::storage_model(w));
  return io::ModelLimits{.latency = from_seconds(model.latency_seconds),
                         .jitter = from_seconds(model.jitter_seconds),
                         .bytes_per_second = model.bytes_per_second,
                         .requests_per_second = model.requests_per_second};
}

Result<std::unique_ptr<io::Storage>> open_storage(const config::Workload& w, unsigned processes, const Clock& clock) {
  STOKER_ASSIGN(const io::ModelLimits limits, model_limits(w));
  STOKER_ASSIGN(auto storage, storages::open_storage(w));
  if (!limits.any()) return storage;
  return io::make_model_storage(std::move(storage), limits, processes, clock);
}

}  // namespace stoker::training
