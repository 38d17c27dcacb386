// What a rank of a run takes of its host: memory while reading, and threads. Said before a run, and when one is
// planned.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/status.h"
#include "cluster/host/proc.h"
#include "config/workload.h"
#include "data/format/format.h"
#include "data/pipeline/data_loader.h"
#include "workloads/training/context.h"

namespace stoker::training {

// reader.read_threads and write_threads where the key is absent: the CPUs of this host that may be used, shared among
// its ranks, at least 1 and at most `cap` (or DLIO_MAX_AUTO_THREADS).
[[nodiscard]] unsigned automatic_threads(int ranks_on_host, unsigned cap);
inline constexpr unsigned kMostAutomaticReaders = 8, kMostAutomaticWriters = 32;

// As far as memory and depth hang on it.
[[nodiscard]] pipeline::LoaderOptions loader_shape(const config::Workload& workload, unsigned read_threads);

struct ReadingMemory {
  std::uint64_t workers = 1, worker_bytes = 0;
  std::uint64_t ahead_bytes = 0;    // of each worker, for chunks that it reads while it has another one in hand
  std::uint64_t batches = 0;        // of tensors, with reader.collate only
  std::uint64_t library_bytes = 0;  // that Arrow keeps for itself, with decode: arrow only
  std::uint64_t rank_bytes = 0;
};
[[nodiscard]] ReadingMemory reading_memory(const config::Workload& workload, std::uint64_t worker_bytes,
                                           unsigned read_threads);

// What a run will hold in memory at most, said before its first epoch. `worker_bytes` as the files of the data set told
// it on this rank, if they did. Collective; Code::kConfig when a host has not that much.
[[nodiscard]] Status check_memory(Context&, const format::Format&, std::optional<std::uint64_t> worker_bytes);

// The same before there is a run, with the threads that it would have on a host like this one. Code::kUnsupported when
// this build has no such format.
[[nodiscard]] Result<ReadingMemory> planned_reading_memory(const config::Workload& workload, int ranks_on_host);

// "1.5 GiB available", and which control group bounds it: " (/sys/fs/cgroup/job/memory.max is 2.0 GiB)".
[[nodiscard]] std::string to_string(const host::AvailableMemory& memory);

}  // namespace stoker::training
