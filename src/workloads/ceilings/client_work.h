// `stoker bench client`: what one core of this client does with a workload when nothing has to be waited for. All of it
// is CPU time, so that another program on the machine changes little.
#pragma once

#include <functional>
#include <stop_token>
#include <string>

#include "base/clock.h"
#include "base/status.h"
#include "config/workload.h"
#include "data/format/format.h"
#include "data/io/storage.h"
#include "results/ceilings.h"

namespace stoker::ceilings {

// CPU time that a piece of work took, and what it did.
struct Work {
  Nanos cpu{0};
  std::uint64_t bytes = 0, samples = 0;
};

// Runs the work three times and on, until three runs in a row differ by little or there were ten: the figure has the
// median, and the spread of all.
[[nodiscard]] Result<results::ClientFigure> repeat(std::string name, const std::function<Result<Work>()>& work);

struct ClientBench {
  const config::Workload& workload;
  const format::Format& format;
  io::Storage& storage;  // of which nothing is read or written
  const Clock& clock;
  std::function<Nanos()> process_cpu;  // of all threads
  double seconds = 0.2;                // of each run
  std::function<void(const std::string&)> say;
};

[[nodiscard]] Result<results::ClientCeiling> bench_client(const ClientBench&, const std::stop_token&);

// The mean of a duration's distribution, in seconds.
[[nodiscard]] double mean_seconds(const config::Duration&);

}  // namespace stoker::ceilings
