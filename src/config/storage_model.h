// storage.model: what stands between a run and its storage, in numbers.
#pragma once

#include "base/status.h"
#include "config/workload.h"

namespace stoker::config {

// 0: no limit.
struct StorageModel {
  double latency_seconds = 0, jitter_seconds = 0;
  double bytes_per_second = 0, requests_per_second = 0;
  friend bool operator==(const StorageModel&, const StorageModel&) = default;
};

// Code::kConfig names the key, what was found and what is expected.
[[nodiscard]] Result<StorageModel> storage_model(const Workload&);

}  // namespace stoker::config
