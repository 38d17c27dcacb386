#include "workloads/training/counters.h"

#include <algorithm>

#include "data/dataset/layout.h"

namespace stoker::training {

ProcessCounters read_counters(const Context& c) {
  ProcessCounters counters;
  if (c.comm.node().local_rank == 0) {
    if (!is_generated(c.workload))
      counters.device = c.environment.proc.device_times(dataset::Layout(c.workload).root());
    counters.pressure = c.environment.proc.pressure();
    counters.cpus = c.environment.proc.host_cpu_times();
  }
  if (!c.comm.node().process_leader) return counters;
  counters.cpu_seconds = host::process_cpu_times().total();
  counters.throttled = c.environment.proc.throttled_times();
  counters.suspended_seconds = to_seconds(c.clock().suspended());
  // Whatever devices did, it was not for these bytes.
  const auto bytes = is_generated(c.workload) ? std::nullopt : c.environment.proc.device_read_bytes();
  counters.device_known = bytes.has_value();
  counters.device_bytes = static_cast<double>(bytes.value_or(0));
  return counters;
}

HostLoad& HostLoad::operator+=(const HostLoad& o) {
  for (double HostLoad::*part : parts()) this->*part += o.*part;
  return *this;
}

std::optional<metrics::DeviceLoad> HostLoad::device() const {
  if (device_wall <= 0) return std::nullopt;
  return metrics::DeviceLoad{.busy = device_busy / device_wall, .in_flight = device_queue / device_wall};
}

std::optional<metrics::PressureShares> HostLoad::pressure() const {
  if (pressure_wall <= 0) return std::nullopt;
  return metrics::PressureShares{.cpu = cpu_pressure / pressure_wall, .io = io_pressure / pressure_wall};
}

std::optional<double> HostLoad::cpus_busy() const {
  // The kernel may take back what it counted as waiting for I/O.
  return cpu_total > 0 ? std::optional(std::clamp(cpu_busy / cpu_total, 0.0, 1.0)) : std::nullopt;
}

HostLoad load_between(const ProcessCounters& before, const ProcessCounters& after, Nanos wall) {
  HostLoad load;
  // The counters are read before the time begins and after it has ended, later yet where this thread waits for a core:
  // what was busy all the while was so for longer than the time.
  const auto of_wall = [&](double seconds) { return std::min(seconds, to_seconds(wall)); };
  if (before.device && after.device) {
    load.device_wall = to_seconds(wall);
    load.device_busy = of_wall(after.device->busy_seconds - before.device->busy_seconds);
    load.device_queue = after.device->queue_seconds - before.device->queue_seconds;
  }
  if (before.pressure && after.pressure) {
    load.pressure_wall = to_seconds(wall);
    load.cpu_pressure = of_wall(after.pressure->cpu_seconds - before.pressure->cpu_seconds);
    load.io_pressure = of_wall(after.pressure->io_seconds - before.pressure->io_seconds);
  }
  if (before.cpus && after.cpus) {
    load.cpu_total = after.cpus->total_seconds - before.cpus->total_seconds;
    load.cpu_busy = after.cpus->busy_seconds - before.cpus->busy_seconds;
  }
  return load;
}

Result<HostLoad> over_hosts(dist::Communicator& comm, const HostLoad& mine) {
  std::array<double, HostLoad::parts().size()> sums{};
  for (std::size_t i = 0; i < sums.size(); ++i) sums[i] = mine.*HostLoad::parts()[i];
  STOKER_TRY(comm.all_reduce(sums, dist::Op::kSum));
  HostLoad all;
  for (std::size_t i = 0; i < sums.size(); ++i) all.*HostLoad::parts()[i] = sums[i];
  return all;
}

CountedUse& CountedUse::operator+=(const CountedUse& o) {
  cpu_seconds += o.cpu_seconds;
  throttled_seconds += o.throttled_seconds;
  suspended_seconds += o.suspended_seconds;
  if (o.device_bytes) device_bytes = device_bytes.value_or(0) + *o.device_bytes;
  host_load += o.host_load;
  return *this;
}

Result<CountedUse> counted_between(dist::Communicator& comm, const ProcessCounters& before,
                                   const ProcessCounters& after, Nanos wall) {
  std::array<double, 2> process{after.cpu_seconds - before.cpu_seconds, after.device_bytes - before.device_bytes};
  std::array<double, 1> known{after.device_known ? 1.0 : 0.0};
  STOKER_TRY(comm.all_reduce(process, dist::Op::kSum));
  STOKER_TRY(comm.all_reduce(known, dist::Op::kMin));
  CountedUse counted;
  STOKER_ASSIGN(counted.host_load, over_hosts(comm, load_between(before, after, wall)));
  std::array<double, 2> held_up{host::throttled_between(before.throttled, after.throttled),
                                after.suspended_seconds - before.suspended_seconds};
  STOKER_TRY(comm.all_reduce(held_up, dist::Op::kMax));
  counted.cpu_seconds = process[0];
  if (known[0] == 1.0) counted.device_bytes = static_cast<std::uint64_t>(process[1]);
  counted.throttled_seconds = held_up[0];
  counted.suspended_seconds = held_up[1];
  return counted;
}

}  // namespace stoker::training
