// What a host's kernel counted at some instants of a run, kept small: of hundreds of counters per sample only the
// numbers are stored, 8 bytes each, and their names once.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cluster/host/proc.h"
#include "results/json.h"
#include "results/timestamp.h"

namespace stoker::host {

// Not thread-safe.
class Samples {
 public:
  // At most `max_samples` are kept; add() does nothing after that.
  explicit Samples(std::size_t max_samples);
  ~Samples();
  Samples(const Samples&) = delete;
  Samples& operator=(const Samples&) = delete;

  // Reads diskstats, vmstat, loadavg, meminfo and net/dev below `proc`'s root. What cannot be read is named in the
  // sample's `errors`.
  void add(const Proc& proc, results::WallTime now);
  [[nodiscard]] bool full() const { return size() >= max_samples_; }
  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] std::size_t memory_bytes() const;

  // {timestamp, hostname, diskstats, vmstat, loadavg, meminfo (kB), netdev, errors}
  [[nodiscard]] results::Json json(std::size_t index) const;

 private:
  struct Shape;
  struct Sample;
  std::size_t max_samples_;
  std::vector<Shape> shapes_;  // the last one is the current one; devices and interfaces come and go seldom
  std::vector<Sample> samples_;
};

}  // namespace stoker::host
