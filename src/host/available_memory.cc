// What may still be taken of memory: the least of what the host has and of what the control groups above this process
// leave, version 1 and 2.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/control_groups.h"
#include "base/proc_text.h"
#include "host/parse_internal.h"
#include "host/proc.h"

namespace stoker::host {

namespace {

using proc_text::lines;
using proc_text::number;
using proc_text::words;

// The names of one version.
struct Version {
  GroupVersion number;
  const char* limit;
  const char* usage;
  std::array<std::string_view, 3> reclaimable;  // keys of memory.stat: pages that the kernel drops before it kills
  std::string_view limit_above;  // key of memory.stat: the least of the groups above, also of unseen ones
};
constexpr Version kV2{
    GroupVersion::k2, "memory.max", "memory.current", {"inactive_file", "active_file", "slab_reclaimable"}, ""};
constexpr Version kV1{GroupVersion::k1,
                      "memory.limit_in_bytes",
                      "memory.usage_in_bytes",
                      {"total_inactive_file", "total_active_file", ""},
                      "hierarchical_memory_limit"};

// Version 1 says "no limit" with the largest number of pages.
constexpr std::uint64_t kNoLimit = std::uint64_t{1} << 60U;

std::optional<std::uint64_t> stat_value(std::string_view stat, std::string_view key) {
  for (const std::string_view line : lines(stat)) {
    const auto fields = words(line);
    if (!key.empty() && fields.size() == 2 && fields[0] == key) return number(fields[1]);
  }
  return std::nullopt;
}

std::string text_of(const Proc& proc, const std::string& file) {
  auto text = proc.read(file.substr(1).c_str());
  return text ? std::move(*text) : std::string();
}

// What the group whose files are in `folder` leaves; nullopt without a limit.
std::optional<AvailableMemory> left_by(const Proc& proc, const std::string& folder, const Version& version) {
  const std::string stat = text_of(proc, folder + "/memory.stat");
  AvailableMemory left{.limit = kNoLimit, .limit_file = fmt::format("{}/{}", folder, version.limit)};
  const std::string limit = text_of(proc, left.limit_file);
  if (!limit.empty() && limit.front() >= '0' && limit.front() <= '9') left.limit = number(limit);
  if (const auto above = stat_value(stat, version.limit_above); above && *above < left.limit) {
    left.limit = *above;
    left.limit_file = fmt::format("{} of {}/memory.stat", version.limit_above, folder);
  }
  if (left.limit >= kNoLimit) return std::nullopt;
  const std::uint64_t usage = number(text_of(proc, fmt::format("{}/{}", folder, version.usage)));
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
  const std::string mountinfo = text("proc/self/mountinfo");
  const std::string cgroup = text("proc/self/cgroup");
  for (const Version* version : {&kV2, &kV1}) {
    for (const std::string& folder : control_group_folders(mountinfo, cgroup, version->number, "memory")) {
      const auto left = left_by(*this, folder, *version);
      if (left && (least.bytes == 0 || left->bytes < least.bytes)) least = *left;
    }
  }
  return least;
}

}  // namespace stoker::host
