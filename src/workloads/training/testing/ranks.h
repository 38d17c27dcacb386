// Ranks as threads, each with what a run gives it, over a storage in memory.
#pragma once

#include <functional>
#include <memory>

#include "cluster/dist/local.h"
#include "data/io/testing/mem_storage.h"
#include "workloads/training/context.h"

namespace stoker::training::testing {

// What a rank of a test needs of a session.
struct Rank {
  Rank(dist::Communicator& comm, const Environment& environment, const config::Workload& workload)
      : reporter(environment.clock, comm.rank(), comm.size(), true), context{environment, loaded, loaded.workload,
                                                                             format,      comm,   reporter,
                                                                             {}} {
    loaded.workload = workload;
  }
  config::Loaded loaded;
  format::Format format{};
  Reporter reporter;
  Context context;
};

// Runs body on each of n ranks, all over one storage.
inline void on_ranks(int n, io::Storage& storage, const config::Workload& workload,
                     const std::function<void(Context&)>& body, std::stop_token stop = {}) {
  const SteadyClock clock;
  const host::Proc proc;
  Progress progress(clock, ProgressMode::kOff);
  const Environment environment{storage, clock, progress, proc, std::move(stop), n};
  static_cast<void>(dist::run_local(n, [&](dist::Communicator& comm) {
    Rank rank(comm, environment, workload);
    body(rank.context);
    return 0;
  }));
}

}  // namespace stoker::training::testing
