// The description of a host that goes into the metadata of runs.
#include <algorithm>
#include <array>
#include <set>
#include <span>
#include <utility>

#include "host/proc.h"
#include "host/text_internal.h"

namespace stoker::host {

namespace {

using internal::lines;
using internal::number;
using internal::trim;
using internal::words;

// Fields of /proc/diskstats after major, minor and name. Kernels before 4.18 end after the first 11, before 5.5
// after 15.
constexpr std::array<const char*, 17> kDiskFields{"reads_completed",
                                                  "reads_merged",
                                                  "sectors_read",
                                                  "time_reading_ms",
                                                  "writes_completed",
                                                  "writes_merged",
                                                  "sectors_written",
                                                  "time_writing_ms",
                                                  "ios_in_progress",
                                                  "time_doing_ios_ms",
                                                  "weighted_time_doing_ios_ms",
                                                  "discards_completed",
                                                  "discards_merged",
                                                  "sectors_discarded",
                                                  "time_discarding_ms",
                                                  "flush_requests_completed",
                                                  "time_flushing_ms"};

// Columns of /proc/net/dev after the interface's name.
constexpr std::array<const char*, 16> kNetworkFields{
    "rx_bytes", "rx_packets", "rx_errors", "rx_dropped", "rx_fifo", "rx_frame",      "rx_compressed", "rx_multicast",
    "tx_bytes", "tx_packets", "tx_errors", "tx_dropped", "tx_fifo", "tx_collisions", "tx_carrier",    "tx_compressed"};

results::Counters counters(std::string_view name, std::span<const std::string_view> values,
                           std::span<const char* const> keys) {
  results::Counters c{.name = std::string(name)};
  for (std::size_t i = 0; i < std::min(values.size(), keys.size()); ++i)
    c.values.emplace_back(keys[i], number(values[i]));
  return c;
}

std::vector<results::Counters> disks(std::string_view text) {
  std::vector<results::Counters> found;
  for (const std::string_view line : lines(text)) {
    const auto fields = words(line);
    if (fields.size() < 14) continue;
    found.push_back(counters(fields[2], std::span(fields).subspan(3), kDiskFields));
  }
  return found;
}

std::vector<results::Counters> network(std::string_view text) {
  std::vector<results::Counters> found;
  for (const std::string_view line : lines(text)) {
    // "eth0:123" without a blank is what old kernels write.
    const auto colon = line.rfind(':');
    if (colon == std::string_view::npos) continue;
    found.push_back(counters(trim(line.substr(0, colon)), words(line.substr(colon + 1)), kNetworkFields));
  }
  return found;
}

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

// NAME=value or NAME="value" lines.
results::KeyValues os_release(std::string_view text) {
  results::KeyValues values;
  for (std::string_view line : lines(text)) {
    line = trim(line);
    const auto equals = line.find('=');
    if (equals == std::string_view::npos || line.front() == '#') continue;
    std::string_view value = line.substr(equals + 1);
    if (value.size() >= 2 && (value.front() == '"' || value.front() == '\'') && value.back() == value.front()) {
      value = value.substr(1, value.size() - 2);
    }
    values.emplace_back(line.substr(0, equals), value);
  }
  return values;
}

// "0.10 0.20 0.30 2/345 6789"
void put_load(std::string_view text, results::HostSystem& s) {
  const auto fields = words(text);
  if (fields.size() < 4) return;
  s.load_average_1min = number<double>(fields[0]);
  s.load_average_5min = number<double>(fields[1]);
  s.load_average_15min = number<double>(fields[2]);
  const auto slash = fields[3].find('/');
  if (slash == std::string_view::npos) return;
  s.running_processes = number<std::int64_t>(fields[3].substr(0, slash));
  s.total_processes = number<std::int64_t>(fields[3].substr(slash + 1));
}

}  // namespace

results::HostInfo Proc::host_info(results::WallTime now) const {
  results::HostInfo host{
      .hostname = hostname(), .memory = memory(meminfo()), .collection_timestamp = results::format_utc(now)};
  const std::string cpus = text("proc/cpuinfo");
  const std::int64_t logical = cpu_count();
  host.cpu = results::HostCpu{.num_cores = physical_cores(cpus, logical),
                              .num_logical_cores = logical,
                              .model = cpu_model(),
                              .architecture = architecture()};
  host.disks = disks(text("proc/diskstats"));
  host.network = network(text("proc/net/dev"));
  const std::string version = text("proc/version");
  const std::string uptime = text("proc/uptime");
  results::HostSystem system{.hostname = host.hostname,
                             .kernel_version = std::string(trim(version)),
                             .os_release = os_release(text("etc/os-release")),
                             .uptime_seconds = number<double>(uptime)};
  put_load(text("proc/loadavg"), system);
  host.system = std::move(system);
  return host;
}

}  // namespace stoker::host
