// What a run records of its hosts: a description of each at its start and at its end, and in between a time series of
// their kernels' counters. The first rank of each host reads /proc; nothing is started on a host for it, and nothing is
// written there.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/status.h"
#include "cluster/dist/communicator.h"
#include "cluster/host/proc.h"
#include "cluster/host/sampler.h"
#include "results/metadata.h"

namespace stoker::training {

struct HostRecordRequest {
  std::filesystem::path record;      // of results::HostRecord; rank 0 writes it
  std::filesystem::path timeseries;  // "" : none is taken
  Nanos interval = std::chrono::seconds(10);
  std::size_t max_samples = 3600;  // per host
  std::string method = "local";    // how the ranks were started: local, mpi
};

// One per rank.
class HostRecorder {
 public:
  // Collective. Describes the hosts, leaves the record with its first half, so that a run that is killed has one too,
  // and starts the samplers. An error (of rank 0's file) is for a warning: facts never fail a run, and the recorder
  // works on.
  HostRecorder(HostRecordRequest request, const host::Proc& proc, const Clock& clock, dist::Communicator& comm);
  [[nodiscard]] const Status& status() const { return status_; }

  // Ends the sampler and describes this rank's host a second time. Not collective; before finish().
  void stop();
  // Collective. Completes the record and writes the time series. When other ranks cannot be met any more, rank 0 keeps
  // what it knows itself and names the hosts that are missing. The error is for a warning.
  [[nodiscard]] Status finish();

 private:
  [[nodiscard]] bool leader() const { return comm_.node().local_rank == 0; }
  [[nodiscard]] std::optional<results::HostInfo> describe() const;
  [[nodiscard]] Result<results::TimeseriesInfo> write_series();
  [[nodiscard]] Status write_record();
  void keep_own_end(const Error& reason);

  const HostRecordRequest request_;
  const host::Proc& proc_;
  const Clock& clock_;
  dist::Communicator& comm_;
  Status status_;
  results::HostRecord record_;  // complete on rank 0 only
  results::WallTime start_, end_;
  std::optional<results::HostInfo> my_end_;
  std::optional<host::Sampler> sampler_;
};

}  // namespace stoker::training
