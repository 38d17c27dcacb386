// `stoker bench storage`: reads and writes of a minimal client over a sweep of depths, past and through the page cache.
#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "config/workload.h"
#include "data/format/format.h"
#include "data/io/storage.h"
#include "results/ceilings.h"
#include "workloads/ceilings/fio.h"

namespace stoker::ceilings {

struct StorageBench {
  const config::Workload& workload;
  const format::Format& format;
  io::Storage& storage;
  const Clock& clock;
  std::vector<io::Path> files;  // to read from
  double seconds = 2;           // of each measurement
  std::vector<unsigned> depths{1, 2, 4, 8, 16, 32, 64, 128};
  unsigned cpus = 1;
  Fio* fio = nullptr;                           // none: not installed
  std::function<void(const std::string&)> say;  // what is done now
};

// Into `ceiling`: reads, notes, and how much was read from. Afterwards the kernel is made to forget the files.
Status bench_reads(const StorageBench&, results::StorageCeiling& ceiling, const std::stop_token&);

// Files of `file_bytes` in `folder`, which is there and the caller's; none are left. Code::kNoSpace when it has not
// room for them.
Status bench_writes(const StorageBench&, const io::Path& folder, std::uint64_t file_bytes,
                    results::StorageCeiling& ceiling, const std::stop_token&);

}  // namespace stoker::ceilings
