// What the kernel counts while a run trains: of this process, and of its host.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "base/status.h"
#include "cluster/dist/communicator.h"
#include "cluster/host/proc.h"
#include "metrics/verdict.h"
#include "workloads/training/context.h"

namespace stoker::training {

// On the rank that speaks for its process, or for its host; nothing on the others, so that sums over ranks count each
// once.
struct ProcessCounters {
  double cpu_seconds = 0;
  double device_bytes = 0;
  bool device_known = true;
  host::ThrottledTimes throttled{};
  double suspended_seconds = 0;  // of the host
  // Of the host: devices below the data, its threads, and its CPUs.
  std::optional<host::DeviceTimes> device;
  std::optional<host::Pressure> pressure;
  std::optional<host::HostCpuTimes> cpus;
};
[[nodiscard]] ProcessCounters read_counters(const Context&);

// What hosts' devices, threads and CPUs did, in seconds, summed over the hosts that tell; and for how long that was.
struct HostLoad {
  double device_wall = 0, device_busy = 0, device_queue = 0;
  double pressure_wall = 0, cpu_pressure = 0, io_pressure = 0;
  double cpu_total = 0, cpu_busy = 0;

  static constexpr std::array<double HostLoad::*, 8> parts() {
    return {&HostLoad::device_wall,  &HostLoad::device_busy, &HostLoad::device_queue, &HostLoad::pressure_wall,
            &HostLoad::cpu_pressure, &HostLoad::io_pressure, &HostLoad::cpu_total,    &HostLoad::cpu_busy};
  }
  HostLoad& operator+=(const HostLoad& o);
  // Means over hosts and time; nullopt where no host tells.
  [[nodiscard]] std::optional<metrics::DeviceLoad> device() const;
  [[nodiscard]] std::optional<metrics::PressureShares> pressure() const;
  // 0..1 of the CPUs' time, whichever program had them.
  [[nodiscard]] std::optional<double> cpus_busy() const;
};
[[nodiscard]] HostLoad load_between(const ProcessCounters& before, const ProcessCounters& after, Nanos wall);
// What training used, over all ranks.
struct CountedUse {
  double cpu_seconds = 0;  // of all processes
  // A limit on CPUs held threads back; of the process whose group it held longest.
  double throttled_seconds = 0;
  double suspended_seconds = 0;               // of the host that was for longest
  std::optional<std::uint64_t> device_bytes;  // read by devices; nullopt when a host cannot say
  HostLoad host_load;                         // of all hosts

  // Adds a later stretch of time.
  CountedUse& operator+=(const CountedUse& o);
};
// Between two looks at the counters of this rank; `wall` is the time that passed. Collective.
[[nodiscard]] Result<CountedUse> counted_between(dist::Communicator& comm, const ProcessCounters& before,
                                                 const ProcessCounters& after, Nanos wall);

// Collective.
[[nodiscard]] Result<HostLoad> over_hosts(dist::Communicator& comm, const HostLoad& mine);

}  // namespace stoker::training
