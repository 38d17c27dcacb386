// What may still be taken of memory: the least of what the host has and of what the control groups above this process
// leave, version 1 and 2.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "host/parse_internal.h"
#include "host/proc.h"
#include "host/text_internal.h"

namespace stoker::host {

namespace {

using internal::lines;
using internal::number;
using internal::words;

// The names of one version.
struct Version {
  const char* file_system;
  const char* limit;
  const char* usage;
  std::array<std::string_view, 3> reclaimable;  // keys of memory.stat: pages that the kernel drops before it kills
  std::string_view limit_above;  // key of memory.stat: the least of the groups above, also of unseen ones
};
constexpr Version kV2{
    "cgroup2", "memory.max", "memory.current", {"inactive_file", "active_file", "slab_reclaimable"}, ""};
constexpr Version kV1{"cgroup",
                      "memory.limit_in_bytes",
                      "memory.usage_in_bytes",
                      {"total_inactive_file", "total_active_file", ""},
                      "hierarchical_memory_limit"};

// Version 1 says "no limit" with the largest number of pages.
constexpr std::uint64_t kNoLimit = std::uint64_t{1} << 60U;

struct CgroupMount {
  std::string root, point;  // which group is seen where
};

// From /proc/self/mountinfo: "36 35 0:30 <root> <point> <options> [optional fields] - <type> <source> <options>".
std::optional<CgroupMount> memory_mount(std::string_view mountinfo, const Version& version) {
  for (const std::string_view line : lines(mountinfo)) {
    const auto fields = words(line);
    const auto dash = std::ranges::find(fields, std::string_view("-"));
    if (fields.size() < 6 || fields.end() - dash < 4 || dash[1] != version.file_system) continue;
    const std::string options = fmt::format(",{},", dash[3]);
    if (&version == &kV1 && options.find(",memory,") == std::string::npos) continue;
    return CgroupMount{internal::unescape(fields[3]), internal::unescape(fields[4])};
  }
  return std::nullopt;
}

// From /proc/self/cgroup: "0::/path" of version 2, "4:cpu,memory:/path" of version 1.
std::optional<std::string> memory_group(std::string_view cgroup, const Version& version) {
  for (const std::string_view line : lines(cgroup)) {
    const auto first = line.find(':');
    const auto second = line.find(':', first == std::string_view::npos ? first : first + 1);
    if (second == std::string_view::npos) continue;
    const std::string controllers = fmt::format(",{},", line.substr(first + 1, second - first - 1));
    const bool wanted = &version == &kV2 ? line.substr(0, first) == "0" && controllers == ",,"
                                         : controllers.find(",memory,") != std::string::npos;
    if (wanted) return std::string(line.substr(second + 1));
  }
  return std::nullopt;
}

// Where the group lies below the mount. A container may see its own group as the mount and name it as the host does, or
// lie outside of what it sees ("/.."): then the mount is the nearest group that can be looked at.
std::string below_mount(const std::string& group, const std::string& root) {
  if (group.find("/..") != std::string::npos) return "";
  std::string below = group;
  if (root != "/") {
    if (!group.starts_with(root) || (group.size() > root.size() && group[root.size()] != '/')) return "";
    below = group.substr(root.size());
  }
  while (below.ends_with('/')) below.pop_back();
  return below;
}

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
    const auto mount = memory_mount(mountinfo, *version);
    const auto group = memory_group(cgroup, *version);
    if (!mount || !group || !mount->point.starts_with('/')) continue;
    std::string below = below_mount(*group, mount->root);
    while (true) {
      const auto left = left_by(*this, mount->point + below, *version);
      if (left && (least.bytes == 0 || left->bytes < least.bytes)) least = *left;
      if (below.empty()) break;
      below.resize(below.rfind('/'));
    }
  }
  return least;
}

}  // namespace stoker::host
