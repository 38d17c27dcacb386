// Hosts as the metadata describes them. Plain structs; host/ fills them from /proc.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "results/json.h"

namespace stoker::results {

struct HostMemory {  // bytes
  std::uint64_t total = 0, available = 0, used = 0, free = 0, active = 0, inactive = 0, buffers = 0, cached = 0,
                shared = 0;
  friend bool operator==(const HostMemory&, const HostMemory&) = default;
};

struct HostCpu {
  std::int64_t num_cores = 0;  // distinct (physical id, core id), or logical ones where the kernel does not say
  std::int64_t num_logical_cores = 0;
  std::string model, architecture;
  friend bool operator==(const HostCpu&, const HostCpu&) = default;
};

// A device's or an interface's counters under the names of the kernel's documentation, in the kernel's order.
struct Counters {
  std::string name;
  std::vector<std::pair<std::string, std::uint64_t>> values;
  friend bool operator==(const Counters&, const Counters&) = default;
};

struct HostSystem {
  std::string hostname, kernel_version;
  KeyValues os_release;
  double uptime_seconds = 0;
  double load_average_1min = 0, load_average_5min = 0, load_average_15min = 0;
  std::int64_t running_processes = 0, total_processes = 0;
  friend bool operator==(const HostSystem&, const HostSystem&) = default;
};

struct Mount {
  std::string device, mount_point, fs_type, options;
  std::int64_t dump_freq = 0, pass_num = 0;
  friend bool operator==(const Mount&, const Mount&) = default;
};

struct Cgroup {
  std::string subsys_name;
  std::int64_t hierarchy = 0, num_cgroups = 0;
  bool enabled = false;
  friend bool operator==(const Cgroup&, const Cgroup&) = default;
};

struct HostInfo {
  std::string hostname;
  HostMemory memory;
  std::string collection_timestamp;  // format_utc
  std::optional<HostCpu> cpu;
  std::vector<Counters> disks;    // key device_name
  std::vector<Counters> network;  // key interface_name
  std::optional<HostSystem> system;
  // Of a host that was read directly, without a launcher; else empty.
  std::vector<std::pair<std::string, std::uint64_t>> vmstat;
  std::vector<Mount> mounts;
  std::vector<Cgroup> cgroups;
  KeyValues errors;  // source (meminfo, diskstats, ...) -> why it could not be read; that source is then empty
  std::vector<std::string> left_out;  // details of a file that were no such thing; never written
  friend bool operator==(const HostInfo&, const HostInfo&) = default;
};

// A host of the run of which nothing is known.
struct MissingHost {
  std::string host, reason;
  friend bool operator==(const MissingHost&, const MissingHost&) = default;
};

// More hosts than a job has. A file or an option that says more is not believed.
inline constexpr std::int64_t kMostHosts = 1 << 16;

struct SystemInfo {
  std::vector<HostInfo> hosts;
  std::string collection_method;  // mpi, ssh, local, local_fallback, args, dlio_summary
  std::string collection_timestamp;
  std::vector<std::string> host_consistency_issues;
  std::vector<MissingHost> missing_hosts;  // asked, without an answer; not in `hosts` and in none of the sums
  std::vector<std::string> left_out;       // as HostInfo::left_out

  [[nodiscard]] std::uint64_t total_memory_bytes() const;
  [[nodiscard]] std::uint64_t min_memory_bytes() const;
  [[nodiscard]] std::uint64_t max_memory_bytes() const;
  [[nodiscard]] std::int64_t total_cores() const;
  friend bool operator==(const SystemInfo&, const SystemInfo&) = default;
};

// Memory spread above 10 %, differing core counts, OS versions or kernels; empty for fewer than two hosts.
[[nodiscard]] std::vector<std::string> consistency_issues(const std::vector<HostInfo>& hosts);

[[nodiscard]] Json to_json(const std::vector<Counters>& list, const char* name_key);
[[nodiscard]] Json to_json(const HostInfo& host);
[[nodiscard]] Json to_json(const SystemInfo& system);
// Absent keys keep their defaults. Names, memory, page cache and cores of a wrong type are Code::kCorrupt naming
// `name`, as are hosts that are none; of everything else, which describes a host and decides nothing, they are left out
// and told in `left_out`.
[[nodiscard]] Result<HostInfo> host_info_from_json(const Json& json, const std::string& name);
[[nodiscard]] Result<SystemInfo> system_info_from_json(const Json& json, const std::string& name);

}  // namespace stoker::results
