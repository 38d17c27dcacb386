#include <algorithm>
#include <array>
#include <span>

#include "base/proc_text.h"
#include "cluster/host/parse_internal.h"

namespace stoker::host::internal {

namespace {

using proc_text::lines;
using proc_text::number;
using proc_text::trim;
using proc_text::unescape;
using proc_text::words;

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

}  // namespace

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

std::vector<std::pair<std::string, std::uint64_t>> vmstat(std::string_view text) {
  std::vector<std::pair<std::string, std::uint64_t>> values;
  for (const std::string_view line : lines(text)) {
    const auto fields = words(line);
    if (fields.size() == 2) values.emplace_back(fields[0], number(fields[1]));
  }
  return values;
}

std::vector<std::pair<std::string, std::uint64_t>> meminfo_kb(std::string_view text) {
  std::vector<std::pair<std::string, std::uint64_t>> values;
  for (const std::string_view line : lines(text)) {
    const auto colon = line.find(':');
    if (colon != std::string_view::npos)
      values.emplace_back(trim(line.substr(0, colon)), number(line.substr(colon + 1)));
  }
  return values;
}

Load load(std::string_view text) {
  Load l;
  const auto fields = words(text);
  if (fields.size() < 4) return l;
  l.load_1min = number<double>(fields[0]);
  l.load_5min = number<double>(fields[1]);
  l.load_15min = number<double>(fields[2]);
  const auto slash = fields[3].find('/');
  if (slash == std::string_view::npos) return l;
  l.running_processes = number<std::int64_t>(fields[3].substr(0, slash));
  l.total_processes = number<std::int64_t>(fields[3].substr(slash + 1));
  return l;
}

std::vector<results::Mount> mounts(std::string_view text) {
  std::vector<results::Mount> found;
  for (const std::string_view line : lines(text)) {
    const auto fields = words(line);
    if (fields.size() < 4) continue;
    found.push_back({.device = unescape(fields[0]),
                     .mount_point = unescape(fields[1]),
                     .fs_type = std::string(fields[2]),
                     .options = std::string(fields[3]),
                     .dump_freq = fields.size() > 4 ? number<std::int64_t>(fields[4]) : 0,
                     .pass_num = fields.size() > 5 ? number<std::int64_t>(fields[5]) : 0});
  }
  return found;
}

std::vector<results::Cgroup> cgroups(std::string_view text) {
  std::vector<results::Cgroup> found;
  for (const std::string_view line : lines(text)) {
    const auto fields = words(line);
    if (fields.size() < 4 || line.starts_with('#')) continue;
    found.push_back({.subsys_name = std::string(fields[0]),
                     .hierarchy = number<std::int64_t>(fields[1]),
                     .num_cgroups = number<std::int64_t>(fields[2]),
                     .enabled = number<std::int64_t>(fields[3]) != 0});
  }
  return found;
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

// Pairs of the lines with exactly one colon; a later one takes the place of an earlier one with the same key.
results::KeyValues pairs(std::string_view text, std::string_view left_out) {
  results::KeyValues values;
  for (const std::string_view line : lines(text)) {
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || line.find(':', colon + 1) != std::string_view::npos) continue;
    const std::string_view key = trim(line.substr(0, colon));
    if (key.empty() || key == left_out) continue;
    const std::string_view value = trim(line.substr(colon + 1));
    const auto same = std::find_if(values.begin(), values.end(), [key](const auto& pair) { return pair.first == key; });
    if (same != values.end()) {
      same->second = value;
    } else {
      values.emplace_back(key, value);
    }
  }
  return values;
}

}  // namespace stoker::host::internal
