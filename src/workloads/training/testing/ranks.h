// Ranks as threads, each with what a run gives it, over a storage in memory.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>

#include "cluster/dist/local.h"
#include "data/io/testing/mem_storage.h"
#include "workloads/training/context.h"

namespace stoker::training::testing {

// What a rank of a test needs of a session.
struct Rank {
  Rank(dist::Communicator& comm, const Environment& environment, const config::Workload& workload,
       const format::Format& format)
      : reporter(environment.clock, comm.rank(), comm.size(), true), context{environment, loaded, loaded.workload,
                                                                             format,      comm,   reporter,
                                                                             {}} {
    loaded.workload = workload;
  }
  config::Loaded loaded;
  Reporter reporter;
  Context context;
};

// Where ranks run; what is not said is as in a run by itself. All of it outlives the ranks.
struct Place {
  // Of each rank.
  std::function<io::Storage&(int rank)> storage;
  const Clock& clock;
  const host::Proc& proc;
  const format::Format& format;
  std::filesystem::path output_dir{};
  std::stop_token stop{};
  // What a rank calls in the place of its communicator; null: that one itself.
  std::function<std::unique_ptr<dist::Communicator>(dist::Communicator&)> communicator{};
};

// Runs body on each of n ranks.
inline void on_ranks(int n, const Place& place, const config::Workload& workload,
                     const std::function<void(Context&)>& body) {
  Progress progress(place.clock, ProgressMode::kOff);
  static_cast<void>(dist::run_local(n, [&](dist::Communicator& comm) {
    const Environment environment{place.storage(comm.rank()), place.clock, progress, place.proc, place.stop, n};
    const auto other = place.communicator ? place.communicator(comm) : nullptr;
    Rank rank(other ? *other : comm, environment, workload, place.format);
    rank.context.output_dir = place.output_dir;
    body(rank.context);
    return 0;
  }));
}

// The same over one storage, in real time.
inline void on_ranks(int n, io::Storage& storage, const config::Workload& workload,
                     const std::function<void(Context&)>& body, std::stop_token stop = {}) {
  const SteadyClock clock;
  const host::Proc proc;
  const format::Format format{};
  on_ranks(n,
           {.storage = [&](int) -> io::Storage& { return storage; },
            .clock = clock,
            .proc = proc,
            .format = format,
            .stop = std::move(stop)},
           workload, body);
}

}  // namespace stoker::training::testing
