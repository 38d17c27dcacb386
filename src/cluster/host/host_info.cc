// The description of a host that goes into the metadata of runs.
#include <algorithm>
#include <set>
#include <utility>

#include "base/host_name.h"
#include "base/proc_text.h"
#include "cluster/host/parse_internal.h"
#include "cluster/host/proc.h"

namespace stoker::host {

namespace {

using internal::disks;
using internal::network;
using internal::pairs;
using proc_text::lines;
using proc_text::number;
using proc_text::trim;

results::HostMemory memory(const results::KeyValues& meminfo) {
  const auto bytes = [&meminfo](std::string_view key) -> std::uint64_t {
    for (const auto& [name, value] : meminfo) {
      if (name == key) return number(value) * 1024;
    }
    return 0;
  };
  results::HostMemory m{.total = bytes("MemTotal"),
                        .available = bytes("MemAvailable"),
                        .free = bytes("MemFree"),
                        .active = bytes("Active"),
                        .inactive = bytes("Inactive"),
                        .buffers = bytes("Buffers"),
                        .cached = bytes("Cached"),
                        .shared = bytes("Shmem")};
  const std::uint64_t not_used = m.free + m.buffers + m.cached;
  m.used = m.total > not_used ? m.total - not_used : 0;
  return m;
}

// Cores are told apart by (physical id, core id); kernels that do not say (many ARM ones) count logical CPUs.
std::int64_t physical_cores(std::string_view cpuinfo, std::int64_t logical) {
  std::set<std::pair<std::string_view, std::string_view>> cores;
  std::string_view package;
  for (const std::string_view line : lines(cpuinfo)) {
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    const std::string_view key = trim(line.substr(0, colon));
    const std::string_view value = trim(line.substr(colon + 1));
    if (key == "processor") package = {};
    if (key == "physical id") package = value;
    if (key == "core id") cores.emplace(package, value);
  }
  return cores.empty() ? logical : static_cast<std::int64_t>(cores.size());
}

}  // namespace

results::HostInfo Proc::host_info(results::WallTime now, Detail detail) const {
  results::HostInfo host{.hostname = host_name(), .collection_timestamp = results::format_utc(now)};
  // A source that cannot be read is empty, and named.
  const auto source = [&](const char* name, const char* path) -> std::string {
    Result<std::string> text = read(path);
    if (text) return std::move(*text);
    host.errors.emplace_back(name, text.error().message);
    return {};
  };
  host.memory = memory(pairs(source("meminfo", "proc/meminfo")));
  const std::string cpus = source("cpuinfo", "proc/cpuinfo");
  const std::int64_t logical = cpu_count();
  host.cpu = results::HostCpu{.num_cores = physical_cores(cpus, logical),
                              .num_logical_cores = logical,
                              .model = cpu_model(),
                              .architecture = architecture()};
  host.disks = disks(source("diskstats", "proc/diskstats"));
  host.network = network(source("netdev", "proc/net/dev"));
  const std::string version = source("version", "proc/version");
  const std::string uptime = source("uptime", "proc/uptime");
  const internal::Load load = internal::load(source("loadavg", "proc/loadavg"));
  host.system = results::HostSystem{.hostname = host.hostname,
                                    .kernel_version = std::string(trim(version)),
                                    .os_release = internal::os_release(source("os_release", "etc/os-release")),
                                    .uptime_seconds = number<double>(uptime),
                                    .load_average_1min = load.load_1min,
                                    .load_average_5min = load.load_5min,
                                    .load_average_15min = load.load_15min,
                                    .running_processes = load.running_processes,
                                    .total_processes = load.total_processes};
  if (detail == Detail::kFull) {
    host.vmstat = internal::vmstat(source("vmstat", "proc/vmstat"));
    host.mounts = internal::mounts(source("mounts", "proc/mounts"));
    host.cgroups = internal::cgroups(source("cgroups", "proc/cgroups"));
  }
  return host;
}

}  // namespace stoker::host
