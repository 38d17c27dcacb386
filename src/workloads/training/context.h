// What every part of a run may use: one per rank, made by the session, passed by reference.
#pragma once

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/threads.h"
#include "cluster/dist/communicator.h"
#include "cluster/host/proc.h"
#include "config/formats.h"
#include "config/load.h"
#include "data/format/format.h"
#include "data/io/shared_lease_pool.h"
#include "data/io/storage.h"
#include "workloads/training/progress.h"
#include "workloads/training/reporter.h"
#include "workloads/training/shared_reader.h"

namespace stoker::training {

// What a process brings to a run; shared by the ranks that are its threads.
struct Environment {
  io::Storage& storage;
  const Clock& clock;
  Progress& progress;
  const host::Proc& proc;
  std::stop_token stop;
  int ranks_in_process = 1;  // threads of this process that are ranks
  std::unique_ptr<SharedReader> reader = std::make_unique<SharedReader>();
  std::unique_ptr<io::LeasePool> chunk_memory = io::make_shared_lease_pool();
};

using config::reads_nothing;

// Whether the bytes of the data set are computed: nothing is then listed or looked for, and no storage is read.
[[nodiscard]] inline bool is_generated(const config::Workload& w) {
  return w.storage.storage_type == config::StorageType::kGenerated;
}
// Whether there are files that a run reads, and that others may see and change.
[[nodiscard]] inline bool has_files(const config::Workload& w) {
  return !reads_nothing(w) && !is_generated(w);
}
struct KnownCeilings;  // ceiling_shares.h

struct Context {
  const Environment& environment;
  const config::Loaded& loaded;
  const config::Workload& workload;
  const format::Format& format;
  dist::Communicator& comm;
  Reporter& reporter;
  std::filesystem::path output_dir;  // results and log
  unsigned read_threads = 1, write_threads = 1;
  const std::vector<KnownCeilings>* ceilings = nullptr;  // rank 0's: what the run is compared with
  std::vector<std::string> warnings;  // what changes the meaning of the numbers; rank 0's end up in the summary

  [[nodiscard]] const Clock& clock() const { return environment.clock; }
  [[nodiscard]] bool root() const { return comm.rank() == 0; }
  // Remembers the text for the summary and prints it (rank 0).
  void warn(std::string text) {
    reporter.warning(text);
    warnings.push_back(std::move(text));
  }
  void warn_once(const std::string& text) {
    if (std::find(warnings.begin(), warnings.end(), text) == warnings.end()) warn(text);
  }
};

// Runs a part of the run. What is thrown in it ends the other ranks, too, and is its error: this rank cannot come to
// the next collective call.
template <class Part>
[[nodiscard]] Status contained(dist::Communicator& comm, Part&& part) {
  try {
    return part();
  } catch (...) {
    Error error = error_of_exception();
    comm.fail(error);
    return error;
  }
}

}  // namespace stoker::training
