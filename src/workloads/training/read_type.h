// reader.read_type: whether what was read once is kept in memory, and read from there in later epochs.
#pragma once

#include "base/status.h"
#include "data/io/cached_storage.h"
#include "workloads/training/context.h"

namespace stoker::training {

// Where the epochs of a run read. The context outlives it.
class ReadTypeStorage {
 public:
  // Memory may take half of what the host has available, shared by its ranks.
  explicit ReadTypeStorage(Context& context);

  [[nodiscard]] bool keeps() const { return c_.workload.reader.read_type == config::ReadType::kMemory; }
  [[nodiscard]] io::Storage& storage() { return keeps() ? memory_ : c_.environment.storage; }
  // After the last epoch: says what was kept, and warns when memory was not enough. Collective.
  [[nodiscard]] Status report();

 private:
  Context& c_;
  io::CachedStorage memory_;
};

}  // namespace stoker::training
