// The texts of /proc and /etc as structs. Lines of an unexpected form are left out.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "results/system_info.h"

namespace stoker::host::internal {

// Pairs of the lines with exactly one colon; a later one takes the place of an earlier one with the same key.
[[nodiscard]] results::KeyValues pairs(std::string_view text, std::string_view left_out = {});
[[nodiscard]] std::vector<results::Counters> disks(std::string_view text);    // /proc/diskstats
[[nodiscard]] std::vector<results::Counters> network(std::string_view text);  // /proc/net/dev
[[nodiscard]] std::vector<std::pair<std::string, std::uint64_t>> vmstat(std::string_view text);
// In the unit of the file: kB (KiB) nearly everywhere.
[[nodiscard]] std::vector<std::pair<std::string, std::uint64_t>> meminfo_kb(std::string_view text);

struct Load {
  double load_1min = 0, load_5min = 0, load_15min = 0;
  std::int64_t running_processes = 0, total_processes = 0;
};
[[nodiscard]] Load load(std::string_view text);  // "0.10 0.20 0.30 2/345 6789"

[[nodiscard]] std::vector<results::Mount> mounts(std::string_view text);
[[nodiscard]] std::vector<results::Cgroup> cgroups(std::string_view text);
[[nodiscard]] results::KeyValues os_release(std::string_view text);

}  // namespace stoker::host::internal
