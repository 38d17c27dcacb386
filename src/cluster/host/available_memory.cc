// What may still be taken of memory: the least of what the host has and of what the control groups above this process
// leave, version 1 and 2.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "cluster/host/group_text_internal.h"
#include "cluster/host/proc.h"

namespace stoker::host {

namespace {

using internal::group_text;
using internal::stat_value;
using proc_text::number;

// The names of one version.
struct Version {
  const char* limit;
  const char* usage;
  std::array<std::string_view, 3> reclaimable;  // keys of memory.stat: pages that the kernel drops before it kills
  std::string_view limit_above;  // key of memory.stat: the least of the groups above, also of unseen ones
};
constexpr Version kV2{"memory.max", "memory.current", {"inactive_file", "active_file", "slab_reclaimable"}, ""};
constexpr Version kV1{"memory.limit_in_bytes",
                      "memory.usage_in_bytes",
                      {"total_inactive_file", "total_active_file", ""},
                      "hierarchical_memory_limit"};

// Version 1 says "no limit" with the largest number of pages.
constexpr std::uint64_t kNoLimit = std::uint64_t{1} << 60U;

// What the group whose files are in `folder` leaves; nullopt without a limit.
std::optional<AvailableMemory> left_by(const Proc& proc, const std::string& folder, const Version& version) {
  const std::string stat = group_text(proc, folder + "/memory.stat");
  AvailableMemory left{.limit = kNoLimit, .limit_file = fmt::format("{}/{}", folder, version.limit)};
  const std::string limit = group_text(proc, left.limit_file);
  if (!limit.empty() && limit.front() >= '0' && limit.front() <= '9') left.limit = number(limit);
  if (const auto above = stat_value(stat, version.limit_above); above && *above < left.limit) {
    left.limit = *above;
    left.limit_file = fmt::format("{} of {}/memory.stat", version.limit_above, folder);
  }
  if (left.limit >= kNoLimit) return std::nullopt;
  const std::uint64_t usage = number(group_text(proc, fmt::format("{}/{}", folder, version.usage)));
  std::uint64_t reclaimable = 0;
  for (const std::string_view key : version.reclaimable) reclaimable += stat_value(stat, key).value_or(0);
  const std::uint64_t held = usage - std::min(usage, reclaimable);
  left.bytes = left.limit > held ? left.limit - held : 1;
  return left;
}

}  // namespace

AvailableMemory Proc::available_memory() const {
  AvailableMemory least;
  for (const auto& [key, value] : meminfo()) {
    if (key == "MemAvailable") least.bytes = number(value) * 1024;
  }
  internal::for_each_group(*this, "memory", [&](const std::string& folder, GroupVersion version) {
    const auto left = left_by(*this, folder, version == GroupVersion::k2 ? kV2 : kV1);
    if (left && (least.bytes == 0 || left->bytes < least.bytes)) least = *left;
  });
  return least;
}

}  // namespace stoker::host
